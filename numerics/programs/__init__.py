"""Programs of elementary operations: run on counting scalars, forwards and backwards."""
