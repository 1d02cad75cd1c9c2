"""What a row is called in a picture, where there is room for two or three words."""

from __future__ import annotations

ROW_NAMES = {
    "D.1": "random network", "D.2": "norm and width", "D.3": "inclusion by depth", "D.6": "kernel in the limit",
    "D.7": "ReLU kernel", "D.9": "width bound", "D.10": "universality", "D.11": "separation by depth", "D.14": "erf kernel",
    "D.16": "conditioning",
    "C.1": "network and NTK", "C.5": "residual labels", "C.8": "NTK limit", "C.9": "kernel flow", "C.10": "rate of the flow",
    "C.12": "eigenvalue decay", "C.13": "initial process", "C.14": "0-1 law", "C.17": "mirrored rate", "C.18": "standard rate",
    "C.19": "rate near s = 1",
    "Y.4": "heavy ball", "Y.7": "backpropagation", "Y.10": "descent bound", "Y.11": "descent lemma", "Y.12": "stopping time",
    "Y.13": "best step", "Y.14": "end at no minimum", "Y.19": "linearisation", "Y.20": "eigenvalues", "Y.21": "saddles evaded",
    "Y.27": "spurious minimum", "Y.28": "they exist", "Y.29": "table n = k", "Y.30": "table n = k + 1", "Y.32": "mean field",
    "Y.33": "permutations", "Y.34": "path of measures", "Y.35": "line and arc",
    "Y.40": "near-identities", "Y.41": "determinant", "Y.42": "polar proof", "Y.43": "Euler's axis", "Y.44": "linear gradient",
    "Y.45": "square layers", "Y.46": "vanishing layers", "Y.47": "polynomials in R", "Y.48": "flow in 1-D", "Y.49": "its limits",
    "Y.50": "descent from 1", "Y.51": "modes decouple", "Y.53": "convex losses", "Y.54": "l1 example", "Y.56": "product map",
    "Y.60": "nonlinear gradient", "Y.61": "agreement", "Y.62": "pyramidal", "Y.65": "variance of a layer", "Y.66": "length map",
    "Y.67": "ReLU lengths", "Y.68": "stability of 0", "Y.69": "tanh lengths", "Y.70": "covariance map", "Y.71": "c = 1 is fixed",
    "Y.72": "slope chi_1", "Y.73": "two phases", "Y.74": "ReLU c-map", "Y.75": "depth scale of q", "Y.76": "depth scale of c",
    "Y.77": "matrices T_k", "Y.78": "squares of delta", "Y.79": "one layer back", "Y.80": "growth of gradients",
    "S.3": "fair signs", "S.5": "decreasing path", "S.6": "prescribed values", "S.7": "end of the path", "S.8": "first condition",
    "S.9": "second condition", "S.12": "convex in u = v w", "S.13": "cells", "S.14": "minima on a cell", "S.15": "theorem 2: axes",
    "S.16": "lemma 2: parts", "S.18": "theorem 3: width", "S.20": "theorem 4: rank", "S.22": "theorem 5: clusters",
    "S.23": "cone condition",
}  # fmt: skip
"""Every row that rests on another, or on which one rests."""
