"""Rows C: slides on Chen, Li & Lin (2024), random and mirrored initialisation in the theory of the tangent kernel."""

from lemmata.verify.rows.row import Audit, Row

TRUE, CONDITIONAL, FALSE, GARBLED, EMPIRICAL, HEURISTIC = Audit

ROWS = (
    Row(
        "C.1",
        CONDITIONAL,
        "Network (1), each layer divided by its own width: Var f = |x|^2 + 1 and NTK(x, x) = (L + 1)(|x|^2 + 1), for the ReLU.",
    ),
    Row(
        "C.2",
        GARBLED,
        "All widths m_0, ..., m_L grow together.",
        unclaimed="a condition and not a statement: m_0 is the inputs' dimension, which is fixed, so it must begin at m_1",
    ),
    Row("C.3", TRUE, "The data model y_i = f*(x_i) + epsilon_i.", unclaimed="a definition; the claims on rates carry its conditions"),
    Row("C.4", TRUE, "The loss sum (f - y)^2/(2n).", unclaimed="a definition; its factor 1/2 is stated wherever a claim uses it"),
    Row(
        "C.5", CONDITIONAL, "Training from a random start is training from the output 0 on shifted labels: on the residual labels y - f_0."
    ),
    Row("C.6", TRUE, "Mirrored initialisation: the output is exactly 0, the tangent kernel is unchanged."),
    Row("C.7", TRUE, "The flow of the network's outputs under gradient flow of its weights."),
    Row("C.8", CONDITIONAL, "The empirical tangent kernel tends to the deterministic one as the width grows."),
    Row("C.9", FALSE, "The kernel gradient flow, printed with a plus: it diverges; with a minus it is right."),
    Row("C.10", GARBLED, "The rate of kernel gradient flow: beta/(d + 1) as printed, s beta/(s beta + 1) when derived."),
    Row("C.11", TRUE, "The eigenvalue decay rate: lambda_i of the order of i^-beta."),
    Row("C.12", CONDITIONAL, "The tangent kernel's eigenvalues decay like i^(-(d + 1)/d): with a bias, or on the sphere S^d."),
    Row("C.13", TRUE, "At infinite width the function to be learnt is shifted by a Gaussian process with the random-feature kernel."),
    Row("C.14", TRUE, "Theorem 4.2: that process lies in [H]^s with probability 1 if s < 3/(d + 1), else with probability 0."),
    Row(
        "C.15",
        TRUE,
        "Assumption 1: the function to be learnt lies in [H]^s with s >= 3/(d + 1).",
        unclaimed="a definition: the claims on rates use it",
    ),
    Row("C.16", GARBLED, "The condition on the moments of the noise, printed with m for m!."),
    Row("C.17", CONDITIONAL, "The rate with mirrored initialisation, n^-(s(d+1)/(s(d+1)+d)): for the best time to stop."),
    Row("C.18", CONDITIONAL, "The rate with random initialisation, n^-(3/(d+3)): for the best time to stop, s >= 3/(d + 1)."),
    Row("C.19", CONDITIONAL, "For s near 1 the mirrored rate is n^-1/2: in the limit of large d."),
    Row("C.20", EMPIRICAL, "A figure, lost: the errors of both initialisations against n."),
    Row("C.21", EMPIRICAL, "On images 3/(d + 1) is nearly 0, and measured smoothness exceeds it."),
    Row(
        "C.22",
        HEURISTIC,
        "Mirrored initialisation is better, and the kernel regime does not explain networks.",
        unclaimed="a conclusion, no statement",
    ),
)
