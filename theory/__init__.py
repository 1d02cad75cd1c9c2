"""Questions: quantities, domains, rules and derivations, in SymPy alone. Names are imported on first use."""

from lemmata.theory.lazy import face

_QUANTITIES = {
    "experiment": ".experiments",
    "gradient": ".gradients",
    "descent": ".trajectory",
    "flow": ".trajectory",
    "grad_norm_squared": ".trajectory",
    "iterate": ".recursion",
    "minimum": ".minima",
    "gaussian_vector": ".gaussian_vector",
    "gaussian_pair": ".gaussian",
    "standard_normal": ".gaussian",
    "DataMatrix": ".data",
    "worst_case": ".worst_cases",
    "Smooth": ".function_classes",
    "SmoothConvex": ".function_classes",
    "SmoothStronglyConvex": ".function_classes",
}
_STATEMENTS = {
    "length_map": ".signal_propagation",
    "covariance_map": ".signal_propagation",
    "correlation_map": ".signal_propagation",
    "correlation_slope": ".signal_propagation",
    "length_slope": ".signal_propagation",
    "chi_1": ".signal_propagation",
    "LinearNetwork": ".linear_networks",
    "square_loss": ".linear_networks",
    "linear_path": ".paths",
    "arc_path": ".paths",
    "logistic": ".losses",
    "margin_loss": ".losses",
    "saturating": ".losses",
    "half_square": ".losses",
}
_ACTIVATIONS = dict.fromkeys(
    (
        *("Activation", "abs_", "activations", "cos_", "elu", "erf_", "exp_", "gaussian", "gelu", "hard_tanh", "hermite", "identity"),
        *("leaky_relu", "mish", "monomial", "normal_cdf", "polynomial", "rectified_monomial", "relu", "sigmoid", "sign_", "silu"),
        *("sin_", "softplus", "step", "tanh"),
    ),
    ".activations",
)
_KERNELS = dict.fromkeys(
    ("ActivationError", "Kernels", "Parametrisation", "dual", "eigenvalue", "expand_kernel", "hermite_coefficient"), ".kernels"
)
_RULES = {
    "affine_recurrence": ".rules.recurrence",
    "along_segment": ".rules.descent_lemma",
    "at_least": ".rules.inequality",
    "at_most": ".rules.inequality",
    "at_start": ".rules.descent_bound",
    "bounded_below_by": ".rules.descent_bound",
    "close_sum": ".rules.calculus",
    "complete_square": ".rules.complete_square",
    "covariance_algebra": ".rules.covariance_algebra",
    "density": ".rules.density",
    "density_integral": ".rules.laws",
    "descent_is_monotone": ".rules.descent_bound",
    "descent_lemma": ".rules.descent_lemma",
    "descent_lemma_at_every_step": ".rules.descent_bound",
    "determinant": ".rules.determinant",
    "differentiate": ".rules.calculus",
    "finite_law": ".rules.laws",
    "gaussian_parts": ".rules.gaussian_parts",
    "half_lines": ".rules.half_lines",
    "heat": ".rules.stein",
    "independence": ".rules.independence",
    "indicator": ".rules.laws",
    "integrate": ".rules.integrate",
    "integrate_step": ".rules.descent_lemma",
    "linear_flow": ".rules.linear_flow",
    "linear_recurrence": ".rules.descent_quadratic",
    "linearity": ".rules.linearity",
    "lipschitz_gradient": ".rules.descent_lemma",
    "matrix_calculus": ".rules.matrix_calculus",
    "minimum_at_most_mean": ".rules.descent_bound",
    "power_law": ".rules.recurrence",
    "price": ".rules.price",
    "rearrange": ".rules.rearrange",
    "same_gaussian": ".rules.same_gaussian",
    "scaling": ".rules.scaling",
    "second_moments": ".rules.linearity",
    "stein": ".rules.stein",
    "symmetry": ".rules.symmetry",
    "take_limit": ".rules.calculus",
    "telescoping": ".rules.descent_bound",
}
_MACHINERY = {
    "Derivation": ".derivation",
    "Domain": ".domain",
    "Link": ".derivation",
    "Rewrite": ".derivation",
    "Rule": ".derivation",
    "Source": ".source",
    "derive": ".automatic",
    "equal": ".exact.zero",
    "is_zero": ".exact.zero",
    "latex": ".printing",
}

__getattr__, __dir__, __all__ = face(__name__, _QUANTITIES | _STATEMENTS | _ACTIVATIONS | _KERNELS | _RULES | _MACHINERY)
