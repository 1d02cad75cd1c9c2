"""Rows Y.1 to Y.36: Yarotsky's lecture, optimisation, spurious minima, connectivity."""

from lemmata.verify.rows.row import Audit, Row

TRUE, CONDITIONAL, FALSE, GARBLED, EMPIRICAL, HEURISTIC = Audit

ROWS = (
    Row("Y.1", TRUE, "The loss of a network as an integral over the data.", unclaimed="a definition"),
    Row("Y.2", CONDITIONAL, "The squared loss and cross-entropy; the second for predictions in (0, 1), where it is convex."),
    Row("Y.3", TRUE, "A step of gradient descent; its limit for small steps is the flow."),
    Row("Y.4", FALSE, "The heavy ball, printed with the old velocity: another recurrence with another region of stability."),
    Row("Y.5", TRUE, "Exercise: what step and momentum mean; the memory 1/(1 - beta), the effective step alpha/(1 - beta), the best pair."),
    Row(
        "Y.6", CONDITIONAL, "The gradient of a mean loss is the mean of the gradients: where differentiation under the integral is allowed."
    ),
    Row("Y.7", TRUE, "Backpropagation: the gradient is a product of Jacobians, layer by layer."),
    Row("Y.8", TRUE, "Exercise: backpropagation costs O(N), finite differences O(W N)."),
    Row(
        "Y.9",
        TRUE,
        "Minima, stationary points, spurious minima.",
    ),
    Row("Y.10", CONDITIONAL, "Proposition: for steps in (0, 2/M) the gradient tends to 0 and the least of N is O(N^-1/2)."),
    Row("Y.11", TRUE, "The chain of its proof: the descent lemma, summed."),
    Row("Y.12", TRUE, "Descent until the gradient is below epsilon takes O(Delta/epsilon^2) steps."),
    Row("Y.13", TRUE, "Exercise: the best step for the bound is 1/M; for the exact worst case 2/(sqrt(3) M)."),
    Row("Y.14", TRUE, "Exercise: descent may converge to a point that is no minimum, and may do so from an open set."),
    Row("Y.15", TRUE, "Nothing guarantees that the iterates converge."),
    Row("Y.16", TRUE, "How descent fails: bad minima, iterates without bound, flat regions."),
    Row("Y.17", TRUE, "Exercise: the failures of descent on shallow networks of one input."),
    Row("Y.18", TRUE, "Satisfiability of 3-SAT is whether the minimum of a concave quadratic over a polytope is 0."),
    Row("Y.19", TRUE, "Near a critical point the gradient is the Hessian's linear map."),
    Row("Y.20", FALSE, "Positive eigenvalues attract, negative ones repel: only with 0 < alpha lambda < 2."),
    Row("Y.21", CONDITIONAL, "Saddles are evaded from almost every start: for alpha < 1/M, not up to 2/M."),
    Row("Y.22", FALSE, "With the ReLU local minima are points where the loss is not differentiable."),
    Row("Y.23", EMPIRICAL, "Losses of wide networks at the end of training lie in a narrow band."),
    Row("Y.24", TRUE, "Pictures of landscapes: (w_2 - w_1^2)^2 + epsilon w_1^2 has one critical point, of condition number 1/epsilon."),
    Row("Y.25", FALSE, "Wide shallow networks and pyramidal ones have no spurious minima."),
    Row(
        "Y.26",
        EMPIRICAL,
        "Minima of large networks are connected by paths of low loss.",
        unclaimed="an experiment on large image networks, for which neither data nor networks are at hand",
    ),
    Row(
        "Y.27",
        CONDITIONAL,
        "The definition of a spurious minimum, strict: legitimate where output weights are fixed.",
        unclaimed="a definition",
    ),
    Row("Y.28", TRUE, "Theorem (Safran & Shamir 2018): spurious minima exist for n = k from 6 to 20, and for pairs up to (19, 20)."),
    Row("Y.29", EMPIRICAL, "A table of runs for n = k: how many end in spurious minima, their least eigenvalue and objective."),
    Row(
        "Y.30",
        EMPIRICAL,
        "The same for n = k + 1.",
        as_printed="its objective lacks the same factor 1/2 as that of Y.29, where a proved minimum shows it",
    ),
    Row(
        "Y.31",
        GARBLED,
        "The mean-field network, the mean of c_i sigma(w_i x + b_i) over N neurons, printed with a weight inside itself.",
    ),
    Row("Y.32", CONDITIONAL, "A convex loss is convex in the measure of neurons: not in finitely many neurons."),
    Row("Y.33", HEURISTIC, "Minima are unique up to permutations of neurons: false for the ReLU, by scaling."),
    Row(
        "Y.34",
        GARBLED,
        "The equation that says a path keeps the measure.",
        as_printed="a requirement and not a statement: its delta stands at the minimum's neurons, which do not move",
    ),
    Row("Y.35", TRUE, "A linear path between independent normal weights halves their variance midway, an arc keeps it."),
    Row("Y.36", EMPIRICAL, "A table: the lowest accuracies along linear and arc connections; its line on CIFAR10 trains below its test."),
)
