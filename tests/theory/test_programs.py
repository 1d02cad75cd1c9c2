"""Programs, their operations and the bounds on their gradients: what is derived, and what an altered table would be caught by."""

from dataclasses import replace

import pytest
import sympy as sp

from lemmata.theory import elementary
from lemmata.theory.derivation import Derivation, NotApplicable, NotDischarged, Rewrite
from lemmata.theory.domain import Domain
from lemmata.theory.elementary import ADJOINTS, Adjoint, Operation, Part
from lemmata.theory.programs import Cost, Sweep, program
from lemmata.theory.rules.cheap_gradient import adjoint_cost, first_contributions, per_operation, prove_adjoint, worst_cost
from lemmata.theory.rules.cost_in_sizes import cost_in_sizes, operations
from lemmata.theory.sample_programs import additive_line, continued_fraction, multilayer, repeated_squaring, straight_line

NOWHERE = Domain()
a, b = sp.symbols("a b", integer=True, positive=True)


@pytest.mark.parametrize("operation", list(Operation))
def test_every_adjoint_of_the_table_is_the_derivative(operation: Operation) -> None:
    prove_adjoint(operation)
    assert worst_cost(operation) <= 5
    assert 1 <= operation.inputs <= 2


@pytest.mark.parametrize("operation", [item for item in Operation if ADJOINTS[item].parts])
def test_a_wrong_adjoint_is_caught(operation: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    true = ADJOINTS[operation]
    turned = replace(true, parts=(replace(true.parts[0], sign=-true.parts[0].sign), *true.parts[1:]))
    monkeypatch.setitem(elementary.ADJOINTS, operation, turned)
    with pytest.raises(NotDischarged, match="is not its derivative"):
        prove_adjoint(operation)


def test_a_dear_adjoint_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    node = straight_line(2, 5, 1)
    cheap = per_operation.apply(node.gradient, domain=NOWHERE)
    dear = Adjoint((Part(1, lambda t, z, x: t * (1 - z * z) + (x - x)),))
    monkeypatch.setitem(elementary.ADJOINTS, Operation.TANH, dear)
    assert adjoint_cost(Operation.TANH) == 5
    with pytest.raises(NotDischarged, match="tanh costs more than 5"):
        per_operation.check(node.gradient, cheap, domain=NOWHERE)


def test_bounds_follow_from_the_operations_that_are_declared() -> None:
    ends = [
        Derivation(of.gradient, NOWHERE).by(rule).end / of.forward
        for of, rule in (
            (straight_line(2, 5, 1), per_operation),
            (multilayer(2, 2), per_operation),
            (multilayer(2, 2), first_contributions),
            (additive_line(2, 5, 1), first_contributions),
            (repeated_squaring(4), first_contributions),
        )
    ]
    assert ends == [5, 5, 4, 4, 4]
    for of in (straight_line(2, 5, 1), continued_fraction(3)):
        with pytest.raises(NotDischarged, match="subtracts"):
            Derivation(of.gradient, NOWHERE).by(first_contributions)
    with pytest.raises(NotDischarged):
        per_operation.check(straight_line(2, 5, 1).gradient, Rewrite(4 * straight_line(2, 5, 1).forward, ""), domain=NOWHERE)
    with pytest.raises(NotDischarged, match="whole multiple"):
        per_operation.check(straight_line(2, 5, 1).gradient, Rewrite(5 * straight_line(2, 5, 2).forward, ""), domain=NOWHERE)
    with pytest.raises(NotApplicable, match="cost of a program's gradient"):
        Derivation(multilayer(2, 2).forward, NOWHERE).by(per_operation)


def test_an_operation_that_is_not_declared_is_an_error() -> None:
    @program(uses=("add",))
    def product(graph, n):
        return graph.variable() * n

    with pytest.raises(ValueError, match="declares that it uses add, and it uses multiply"):
        product.graph(3)
    with pytest.raises(ValueError):
        program(uses=("cube",))(lambda graph: graph.variable())


def test_what_a_program_must_be_is_said() -> None:
    @program
    def nothing(graph, n):
        return n

    with pytest.raises(TypeError, match="it returns one scalar"):
        nothing.graph(3)
    with pytest.raises(TypeError, match="program nothing"):
        nothing(1, 2)

    @program
    def text(graph):
        return graph.variable() + "1"

    with pytest.raises(TypeError, match="with its scalars and with numbers"):
        text.graph()

    @program
    def strangers(graph):
        return graph.variable() + other.variable()

    other, _ = repeated_squaring.graph(1)
    with pytest.raises(TypeError, match="two graphs"):
        strangers.graph()


def test_constants_and_data_are_not_differentiated() -> None:
    @program
    def affine(graph):
        return 2 * graph.variable() - 1 / graph.datum() + (3 - graph.variable())

    assert operations(*affine.graph(), Sweep.FORWARD) == 5
    # one product for 2 x, one change of sign for the variable that is subtracted from 3
    assert operations(*affine.graph(), Sweep.GRADIENT) == 7


def test_a_result_that_is_not_used_costs_its_evaluation_alone() -> None:
    @program
    def idle(graph):
        x = graph.variable()
        _ = x * x
        return x.apply("exp")

    assert operations(*idle.graph(), Sweep.GRADIENT) == 2 + 1


def test_costs_in_sizes_are_the_counts_at_other_sizes() -> None:
    for sweep in ("forward", "gradient"):
        end = Derivation(getattr(multilayer(a, b), sweep), Domain((a, b))).by(cost_in_sizes).end
        for sizes in ((7, 9), (1, 12), (12, 1)):
            assert end.subs(dict(zip((a, b), sizes, strict=True))) == operations(*multilayer.graph(*sizes), Sweep(sweep))


def test_a_cost_that_is_not_affine_is_caught() -> None:
    @program
    def triangle(graph, n):
        x = total = graph.variable()
        for _ in range(n * (n - 1) // 2):
            total = total * x
        return total

    with pytest.raises(NotDischarged, match="the polynomial says otherwise"):
        Derivation(triangle(a).forward, Domain((a,))).by(cost_in_sizes)
    with pytest.raises(NotApplicable, match="different symbols"):
        Derivation(multilayer(a, a).forward, Domain((a,))).by(cost_in_sizes)


def test_costs_print_and_keep_their_parts() -> None:
    node = multilayer(a, 3).central_differences
    assert isinstance(node, Cost) and node.parameters == (a, 3) and node.sweep is Sweep.CENTRAL_DIFFERENCES
    assert str(node) == "cost(multilayer(a, 3), central_differences)" and node.label == "multilayer"
    assert sp.latex(node) == r"\operatorname{cost}_{\text{central differences}}\left(\operatorname{multilayer}(a, 3)\right)"
    assert node.func(*node.args) == node and node.free_symbols == {a}
