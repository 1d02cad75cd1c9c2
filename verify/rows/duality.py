"""Rows D: a summary of Daniely, Frostig & Singer (2016), random networks as kernels."""

from lemmata.verify.rows.row import Audit, Row

TRUE, CONDITIONAL, FALSE, GARBLED, EMPIRICAL, HEURISTIC = Audit

ROWS = (
    Row(
        "D.0",
        FALSE,
        "The summary's link leads to the paper it summarises.",
        unclaimed="a bibliography: the link given is that of a paper on the hardness of learning DNF formulas",
    ),
    Row("D.1", CONDITIONAL, "K(x, x') = E f(x; theta) f(x'; theta) for a network whose weights are all N(0, 1)."),
    Row(
        "D.2",
        FALSE,
        "A function is approximated by a random network of width m with error R^2/m if and only if its norm in H_K is at most R.",
    ),
    Row("D.3", FALSE, "Each further layer makes the kernel's Hilbert space larger, strictly and for every activation."),
    Row("D.4", TRUE, "The model f = v^T sigma(W_L ... sigma(W_1 x)): without biases it is positively homogeneous for the ReLU."),
    Row("D.5", TRUE, "The covariance recursion Sigma^(l) = E sigma(u) sigma(v) under N(0, Sigma^(l-1))."),
    Row(
        "D.6", CONDITIONAL, "The kernel of a random network of depth L is Sigma^(L): with weights of variance 1/fan-in, as the widths grow."
    ),
    Row("D.7", TRUE, "The ReLU's covariance recursion in closed form: (sin theta + (pi - theta) cos theta) sqrt(S S')/(2 pi)."),
    Row("D.8", CONDITIONAL, "The angle theta = arccos of the correlation: for inputs other than zero."),
    Row(
        "D.9",
        FALSE,
        "Theorem 1: a norm of at most R in H_K gives weights with a mean squared error of at most R^2/m, however K and D are scaled.",
    ),
    Row("D.10", FALSE, "Theorem 2: as L grows, functions of H_K(L) come uniformly close to every continuous function on a compact domain."),
    Row("D.11", GARBLED, "Theorem 3: some function has a norm O(1) for depth L and at least d^(L/2) for depth 1."),
    Row(
        "D.12",
        FALSE,
        "The listing `compute_random_network_kernel` computes the kernel: it calls itself without end at every depth from 1 on.",
    ),
    Row(
        "D.13",
        FALSE,
        "The same listing's update of the diagonal, once it ends: it stays that of the first layer, and is wrong from depth 3 on.",
    ),
    Row("D.14", FALSE, "The listing's closed form for erf: it is that of erf(z/sqrt(2))."),
    Row("D.15", CONDITIONAL, "The efficient listing, which adds 1e-10 under the root: right until the norms fall to that size."),
    Row("D.16", FALSE, "Depth makes the kernel better conditioned: true of the tangent kernel, false of the covariance."),
    Row(
        "D.17",
        HEURISTIC,
        "A table of wide against deep networks.",
        unclaimed="no hypothesis is stated that could be checked; its rate 1/m is row D.9",
    ),
    Row(
        "D.18",
        TRUE,
        "The law of the initial weights is a prior, and another law another kernel.",
    ),
)
