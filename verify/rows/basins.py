"""Rows S: slides on Safran & Shamir (2016), the quality of the initial basin."""

from lemmata.verify.rows.row import Audit, Row

TRUE, CONDITIONAL, FALSE, GARBLED, EMPIRICAL, HEURISTIC = Audit

ROWS = (
    Row("S.1", TRUE, "The network, layer by layer.", unclaimed="a definition; the second part drops the biases without a word"),
    Row("S.2", TRUE, "The loss over m points as a function of the matrix P of predictions.", unclaimed="a definition"),
    Row(
        "S.3",
        TRUE,
        "Assumption 1, spherical symmetry: signs of the last layer are uniform, and a neuron is active on a point half of the time.",
    ),
    Row("S.4", CONDITIONAL, "With a convex loss a strictly decreasing path leads to the global minimum: under the two conditions of S.5."),
    Row("S.5", TRUE, "Theorem 1: under its two conditions a strictly decreasing path reaches the value of the end of a given path."),
    Row("S.6", TRUE, "The values v^(lambda) that the proof prescribes lie in the order that it needs."),
    Row("S.7", FALSE, "The path of the proof ends at the value of the given path's end: it stops above, a last segment is missing."),
    Row("S.8", CONDITIONAL, "The first condition holds for losses that grow: not for the logistic loss at a separating point."),
    Row(
        "S.9",
        CONDITIONAL,
        "The second condition holds with probability at least (1 - 2^-n)/2: strictly convex losses, and biases when deep.",
    ),
    Row("S.10", TRUE, "The network of two layers and its loss.", unclaimed="a definition"),
    Row("S.11", GARBLED, "Definition 1, a basin and its value.", unclaimed="a definition; its '<' should be '<=', its minimum an infimum"),
    Row("S.12", TRUE, "Where signs are fixed the loss is convex in u = v w on a polyhedral cone."),
    Row("S.13", FALSE, "Definition 2, the partition by sign patterns, printed n x d for n x m; their number is bounded."),
    Row("S.14", FALSE, "Every local minimum on such a set is global: not where some v_j = 0 and w_j is not."),
    Row("S.15", TRUE, "Theorem 2: on singletons the basin's value is optimal with probability at least 1 - 2 d (3/4)^n."),
    Row("S.16", TRUE, "Lemma 2: the value of a network's basin is at most that of a part of it."),
    Row("S.17", TRUE, "Wider networks start in better basins: monotone, not strictly."),
    Row(
        "S.18",
        CONDITIONAL,
        "Theorem 3: a width of c n/p_epsilon gives a basin of value epsilon with probability 1 - e^(-c n/4): for rank at least 2.",
    ),
    Row(
        "S.19",
        TRUE,
        "The probability p_epsilon of a cap, and its order in epsilon: the power is rank - 1.",
        as_printed="the printed power, rank, is true as a lower bound, only weaker; rank 1, which divides by 0, is left to a hypothesis",
    ),
    Row("S.20", TRUE, "Theorem 4: for data of full rank the basin is optimal with probability at least 1 - m (3/4)^n."),
    Row(
        "S.21",
        HEURISTIC,
        "When there are fewer examples than dimensions the network overfits, else think of clusters.",
        unclaimed="a heuristic",
    ),
    Row("S.22", CONDITIONAL, "Theorem 5: on k clusters the value is O(delta^2) with probability 1 - d (7/8)^n: for independent centres."),
    Row("S.23", TRUE, "The condition on the clusters' cones makes a split of any cluster unlikely."),
    Row("S.24", GARBLED, "Limitations: one layer only; stochastic descent need not follow the path.", unclaimed="remarks on the scope"),
)
