"""Confidence sequences for the mean of independent units: intervals that hold at every look at once, with probability 1 - alpha.

One method a file, each proved for every number of samples and resting on a named condition, never on a limit theorem:

- `binomial`: units that are 0 or 1; no condition.
- `self_normalised`: a bound of the variance, certified, declared, or learned by `learned_variance` from a bound of the
  units or of their fourth moment.
- `cumulant`: bounds of the cumulant function of the centred unit at a few arguments.
"""
