"""The usual ways to write a layer; they have the same functions at initialisation or differ by a power of the width."""

from __future__ import annotations

from enum import Enum


class Parametrisation(Enum):
    """How weights, biases and the output are scaled; a layer has n inputs, x are its activations.

    STANDARD    z = W x + b, W ~ N(0, sigma_w^2/n), b ~ N(0, sigma_b^2), trained as they are
    NTK         z = sigma_w/sqrt(n) W x + sigma_b b, W and b ~ N(0, 1) (Jacot, Gabriel & Hongler 2018, eq. (1))
    MEAN_FIELD  as NTK, and the output is divided by sqrt(n) of the last hidden layer once more: its functions and
                tangent kernel are those of NTK over sqrt(n) and n (Mei, Montanari & Nguyen 2018, with step n)
    """

    STANDARD = "standard"
    NTK = "ntk"
    MEAN_FIELD = "mean-field"
