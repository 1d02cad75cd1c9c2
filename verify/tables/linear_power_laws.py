"""How gradient flow of deep linear networks with r < 0 decays, as limits along the flow: K = 3, 4, 5, ... layers at once.

    lemmata check verify/tables/linear_power_laws.py

The register has bounds from both sides with the same limit; here the limit itself is measured, which takes long runs.
"""

from sympy import Eq, Ge, Le, Limit, oo

from lemmata.theory.rules.power_flow import power_law_decay
from lemmata.verify.claim import Claim
from lemmata.verify.register.linear_flow_every_depth import STUCK, K, rho, stuck, t

decay = Claim(
    "linear-flow-stuck-limit-every-depth",
    Eq(Limit(t ** (1 / K) * stuck, t, oo), (K * rho) ** (-1 / K)),
    given=[Ge(rho, 1), Le(rho, 2), Le(K, 4)],
    source=STUCK,
    about="For r = -rho < 0 and K + 2 >= 3 layers w tends to 0 like (rho K t)^(-1/K), for every K (row Y.49).",
    derivation=lambda lhs: lhs.by(power_law_decay),
)
