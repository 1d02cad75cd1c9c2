"""Two-layer ReLU networks that learn one another: the objective, its derivatives, runs of descent, certified critical points."""
