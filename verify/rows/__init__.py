"""The statements of the founding sources, row by row, and the claims of the register that speak for them."""
