"""Rows Y.37 to Y.80: Yarotsky's lecture, linear networks, nonlinear ones, random wide ones."""

from lemmata.verify.rows.row import Audit, Row

TRUE, CONDITIONAL, FALSE, GARBLED, EMPIRICAL, HEURISTIC = Audit

ROWS = (
    Row("Y.37", TRUE, "The deep linear network y = W_K ... W_1 x.", unclaimed="a definition"),
    Row("Y.38", FALSE, "The loss is the squared distance to the projected target: half of it."),
    Row("Y.39", TRUE, "The loss is tr(D* D Sigma)/2 with the second moment Sigma of the inputs."),
    Row("Y.40", TRUE, "Proposition (Hardt & Ma): det A > 0 makes A a product of K near-identities, each within O(1/K)."),
    Row("Y.41", TRUE, "Exercise: a positive determinant is necessary."),
    Row("Y.42", CONDITIONAL, "The proof by polar decomposition: it uses 2K factors where K are allowed."),
    Row("Y.43", TRUE, "Exercise (Euler): a rotation of an odd dimension has an axis."),
    Row("Y.44", TRUE, "The gradient of a deep linear network in one layer."),
    Row("Y.45", TRUE, "Theorem (Hardt & Ma): a local minimum with nondegenerate square layers is global."),
    Row("Y.46", TRUE, "Exercise: where two layers vanish the gradient is 0, and what the Hessian is there."),
    Row("Y.47", TRUE, "From W_k = 1 all layers stay one polynomial in R."),
    Row("Y.48", TRUE, "The flow of a deep linear network of one dimension, its invariants and closed forms."),
    Row("Y.49", TRUE, "Exercise: for r > 0 it tends to r, for r <= 0 it is stuck: the flow is, descent with odd depth need not be."),
    Row("Y.50", CONDITIONAL, "Theorem (Bartlett, Helmbold & Long): descent from the identity converges: for a small enough step."),
    Row("Y.51", TRUE, "Exercise (Saxe): in the common basis the modes decouple, for rectangular layers too."),
    Row("Y.52", HEURISTIC, "What happens from generic starts: an open question, answered by runs alone."),
    Row("Y.53", TRUE, "Theorem 1 (Laurent & von Brecht): convex differentiable losses leave linear networks no spurious minima."),
    Row("Y.54", TRUE, "Theorem 2: a convex loss that is not differentiable may leave some."),
    Row(
        "Y.55",
        GARBLED,
        "The two minimisation problems of its proof, one over matrices of the wrong shape.",
        unclaimed="definitions with a slip in an index",
    ),
    Row("Y.56", TRUE, "The lemma, why it gives theorem 1, and that the product map need not be open."),
    Row(
        "Y.57", GARBLED, "The lemma's proof.", unclaimed="steps of a proof with slips in the order of factors; what they prove is row Y.53"
    ),
    Row(
        "Y.58",
        GARBLED,
        "Exercise (Zhang et al.): a network with 2n + d weights fits any n labels: with one hidden layer.",
        as_printed="printed with two hidden layers, which is true as well where the samples differ",
    ),
    Row("Y.59", TRUE, "Biases as weights of a constant input: for representation, not for the rank condition of row Y.62."),
    Row("Y.60", TRUE, "The gradient of a nonlinear network in one layer."),
    Row("Y.61", TRUE, "Exercise: for the identity it is that of the linear network."),
    Row(
        "Y.62",
        CONDITIONAL,
        "Theorem (Gori & Tesi): pyramidal networks have no bad stationary points of full rank: rank without the biases.",
    ),
    Row("Y.63", TRUE, "Its proof, and feature maps in place of inputs."),
    Row("Y.64", CONDITIONAL, "The law of large numbers, the central limit theorem, large deviations: each under its moments."),
    Row("Y.65", CONDITIONAL, "The variance of a layer; its preactivations are normal only if the biases are."),
    Row("Y.66", TRUE, "The length map of a wide random network; printed with a variance q^2 for q in its proof."),
    Row("Y.67", TRUE, "Exercise: the ReLU's length map and its fixed points."),
    Row("Y.68", TRUE, "Exercise: when the length 0 is fixed, and when it is stable."),
    Row(
        "Y.69",
        FALSE,
        "Exercise: with tanh a stable positive fixed length exists: if sigma_b > 0 or sigma_w > 1.",
        as_printed="a length is said to exist; that none does at sigma_w = 9/10 without biases is the claim tanh-no-positive-fixed-length",
    ),
    Row(
        "Y.70",
        TRUE,
        "The covariance map.",
        as_printed="the slip is in the name of a layer's index, which the claims write out; no number changes",
    ),
    Row("Y.71", CONDITIONAL, "Exercise: c = 1 is a fixed point of the correlation map at the fixed length."),
    Row("Y.72", TRUE, "Exercise: the slope of the correlation map is chi_1 at c = 1, by Price's theorem."),
    Row("Y.73", CONDITIONAL, "The two phases: chi_1 < 1 ordered, chi_1 > 1 chaotic with a stable c* < 1."),
    Row("Y.74", TRUE, "Exercise: the ReLU's correlation map; c = 1 is its only fixed point."),
    Row("Y.75", TRUE, "Exercise: the depth scale xi_q of lengths; printed sqrt(q s) for sqrt(q) s."),
    Row(
        "Y.76",
        TRUE,
        "Exercise: the depth scale xi_c of correlations.",
        as_printed="the slip is in the name of a layer's index: at the fixed length all layers share one, and no number changes",
    ),
    Row("Y.77", TRUE, "Backpropagation of preactivation gradients by T_k = F'_k W_{k+1}^T; a slip of an index in what follows."),
    Row("Y.78", CONDITIONAL, "The recursion of squared gradients: if gradients are independent of activations."),
    Row(
        "Y.79",
        TRUE,
        "|delta_k|^2 = chi_1 |delta_(k+1)|^2 in mean: equal widths are not needed.",
        as_printed="true as printed, of fewer networks than it could be: the assumption of equal widths is not needed",
    ),
    Row("Y.80", TRUE, "Gradients vanish or explode like chi_1^(K-k)."),
)
