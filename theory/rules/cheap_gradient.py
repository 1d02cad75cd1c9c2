r"""The cheap gradient principle: what a reverse sweep costs at most, operation by operation.

Let a program do N operations. The reverse sweep visits each at most once; at operation k it computes the partial derivatives and
products, $a_k$ operations, and adds them to what is known of the inputs, at most one addition, subtraction or change of sign for each
of the $e_k \le 2$ inputs. So output and gradient cost at most $\sum_k (1 + a_k + e_k) \le c N$, c the largest term of the table.

Where nothing is subtracted, the first contribution to a derivative is a copy and costs nothing. Each operation that the sweep
visits, the last one excepted, has received such a copy, and so has one of the variables at least: as many as there are operations
visited. Then output and gradient cost at most $\sum_k (a_k + e_k)$ plus 1 for each operation not visited: at most c' N with
$c' = \max_k (a_k + e_k, 1)$.

Sources: Baur & Strassen (1983), theorem 2; Griewank & Walther (2008), section 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import sympy as sp

from lemmata.theory import exact
from lemmata.theory.derivation import Link, NotApplicable, NotDischarged, Rewrite, Rule
from lemmata.theory.domain import Domain
from lemmata.theory.elementary import Operation
from lemmata.theory.programs import Cost, Priced, Sweep
from lemmata.theory.rules.descent_lemma import require

SOURCE = "Baur & Strassen (1983), theorem 2"

ON_HALF_LINE = (Operation.LOG, Operation.SQRT)
"""Operations whose argument is positive; all others are looked at for negative ones too."""


@dataclass(slots=True)
class Tally:
    """How many operations a formula did."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class Formal:
    """A formula that counts the operations by which it was written down."""

    expr: Any
    tally: Tally

    def _of(self, expr: Any) -> Formal:
        self.tally.count += 1
        return Formal(expr, self.tally)

    def __add__(self, other: Any) -> Formal:
        return self._of(self.expr + _expr(other))

    def __sub__(self, other: Any) -> Formal:
        return self._of(self.expr - _expr(other))

    def __rsub__(self, other: Any) -> Formal:
        return self._of(_expr(other) - self.expr)

    def __mul__(self, other: Any) -> Formal:
        return self._of(self.expr * _expr(other))

    def __truediv__(self, other: Any) -> Formal:
        return self._of(self.expr / _expr(other))

    def __neg__(self) -> Formal:
        return self._of(-self.expr)

    def apply(self, name: str) -> Formal:
        """A function of the table of elementary operations."""
        return self._of(_function(name, self.expr))


def _expr(scalar: Any) -> Any:
    return scalar.expr if isinstance(scalar, Formal) else sp.sympify(scalar)


def _function(name: str, x: Any) -> Any:
    match name:
        case "sigmoid":
            return 1 / (1 + sp.exp(-x))
        case "relu":
            return sp.Max(0, x)
        case "step":
            return sp.Heaviside(x)
        case _:
            return getattr(sp, name)(x)


def adjoint_cost(operation: Operation, wanted: tuple[bool, ...] | None = None) -> int:
    """a_k: the operations that the table's adjoint does for the inputs that are wanted (all of them), before anything is added up.

    >>> [adjoint_cost(item) for item in (Operation.ADD, Operation.MULTIPLY, Operation.DIVIDE, Operation.TANH)]
    [0, 2, 2, 3]
    """
    return _contributions(operation, True, wanted)[1].count


def worst_cost(operation: Operation) -> int:
    """1 + a_k + e_k: the operation itself, its adjoint, and adding up.

    >>> max((worst_cost(item), item.value) for item in Operation)
    (5, 'tanh')
    """
    return 1 + adjoint_cost(operation) + len(operation.adjoint.parts)


def prove_adjoint(operation: Operation) -> None:
    """The contributions of the table are bar z times the partial derivatives, by SymPy; raises NotDischarged."""
    for positive in (True,) if operation in ON_HALF_LINE else (True, False):
        found, _, x = _contributions(operation, positive)
        value = operation.compute(*(Formal(symbol, Tally()) for symbol in x)).expr
        given = {index: sign * amount.expr for index, sign, amount in found}
        for index, symbol in enumerate(x):
            true = sp.Symbol("z_bar", real=True) * sp.diff(value, symbol)
            require(exact.is_zero(given.get(index, sp.S.Zero) - true), f"the adjoint of {operation.value} is not its derivative")


def _contributions(
    operation: Operation, positive: bool, wanted: tuple[bool, ...] | None = None
) -> tuple[list[tuple[int, int, Any]], Tally, list[Any]]:
    """The table's contributions as formulas, what they cost, and the symbols of the inputs."""
    x = [sp.Symbol(name, positive=True) if positive else sp.Symbol(name, negative=True) for name in ("x", "y")[: operation.inputs]]
    tally = Tally()
    inputs = tuple(Formal(symbol, tally) for symbol in x)
    value = operation.compute(*inputs)
    tally.count = 0
    bar = Formal(sp.Symbol("z_bar", real=True), tally)
    everything = tuple(True for _ in operation.adjoint.parts)
    return operation.adjoint.contributions(bar, value, inputs, everything if wanted is None else wanted), tally, x


@final
class PerOperation(Rule):
    """Output and gradient of a program cost at most c evaluations, c the dearest of the operations that it may use.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.sample_programs import straight_line
    >>> Derivation(straight_line(3, 9, 1).gradient, Domain()).by(per_operation).end
    5*cost(straight_line(3, 9, 1), forward)
    """

    name = "per_operation"
    source = SOURCE

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, uses = _gradient(expr)
        most = max(worst_cost(item) for item in uses)
        because = rf"each of the {len(uses)} operations that it may use costs at most {most} with its part of the reverse sweep"
        return Rewrite(most * _forward(node), because, Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """Every adjoint of the table is the derivative, and none costs more than the constant in front."""
        node, uses = _gradient(before)
        constant = _multiple(rewrite.after, node)
        for operation in uses:
            prove_adjoint(operation)
            require(worst_cost(operation) <= constant, f"the operation {operation.value} costs more than {constant}")


@final
class FirstContributions(Rule):
    """The same less the copies: for programs whose adjoints subtract nothing, at most max(a_k + e_k, 1) evaluations.

    >>> from lemmata.theory.derivation import Derivation
    >>> from lemmata.theory.sample_programs import repeated_squaring
    >>> Derivation(repeated_squaring(3).gradient, Domain()).by(first_contributions).end
    4*cost(repeated_squaring(3), forward)
    """

    name = "first_contributions"
    source = SOURCE

    def apply(self, expr: Any, *args: Any, domain: Domain) -> Rewrite:
        node, uses = _gradient(expr)
        most = max(1, *(worst_cost(item) - 1 for item in uses))
        return Rewrite(most * _forward(node), "as many contributions are copies as the sweep visits operations", Link.AT_MOST)

    def check(self, before: Any, rewrite: Rewrite, *args: Any, domain: Domain) -> None:
        """As above, nothing is subtracted, and none costs more than the constant in front and the copy."""
        node, uses = _gradient(before)
        constant = _multiple(rewrite.after, node)
        require(constant >= 1, "an operation that the sweep does not visit costs 1")
        for operation in uses:
            prove_adjoint(operation)
            require(all(part.sign > 0 for part in operation.adjoint.parts), f"the adjoint of {operation.value} subtracts")
            require(worst_cost(operation) - 1 <= constant, f"the operation {operation.value} costs more than {constant}")


def _gradient(expr: Any) -> tuple[Cost, list[Operation]]:
    if not isinstance(expr, Cost) or expr.sweep is not Sweep.GRADIENT:
        raise NotApplicable("it takes the cost of a program's gradient, f(n).gradient")
    return expr, sorted(expr.program().uses, key=lambda item: item.value)


def _multiple(after: Any, node: Cost) -> int:
    """c of c times the cost of an evaluation."""
    constant = after / _forward(node)
    if not constant.is_Integer:
        raise NotDischarged("it is not a whole multiple of the cost of an evaluation")
    return int(constant)


def _forward(node: Cost) -> Cost:
    return Priced(node.program(), node.parameters).forward


per_operation = PerOperation()
first_contributions = FirstContributions()
