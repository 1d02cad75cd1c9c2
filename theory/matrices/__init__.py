"""Matrix polynomials with symbolic shapes: words, an exact normal form, and checks entry by entry."""
