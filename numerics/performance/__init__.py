"""Performance estimation: the worst case of descent over a class of functions, as a semidefinite programme with certificates."""
