"""Files of claims that reproduce a whole table of a source: minutes to hours, for a larger budget, and not part of the register."""
