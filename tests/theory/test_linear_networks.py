"""Deep linear networks: the builder, and the register's derivations, which reach the stated side exactly."""

from __future__ import annotations

import pytest
import sympy as sp

from lemmata.theory.derivation import Derivation, Link
from lemmata.theory.exact import equal
from lemmata.theory.linear_networks import LinearNetwork, square_loss
from lemmata.theory.quantity import quantities
from lemmata.verify.claim import Claim
from lemmata.verify.register import linear_networks

CLAIMS = [
    claim
    for value in vars(linear_networks).values()
    for claim in (value if isinstance(value, list) else [value])
    if isinstance(claim, Claim)
]


@pytest.mark.parametrize("depth", range(1, 7))
def test_a_layer_splits_the_network(depth: int) -> None:
    network = LinearNetwork(depth)
    assert network.product.shape == (network.widths[-1], network.widths[0])
    for layer in range(1, depth + 1):
        whole = network.above(layer) * network.weight(layer) * network.below(layer)
        assert equal(whole, network.product) is True
    assert network.loss == square_loss(network.product - network.target, network.moment)


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.derivation], ids=lambda claim: claim.name)
def test_a_derivation_reaches_the_stated_side(claim: Claim) -> None:
    found: Derivation = claim.derivation(Derivation(claim.lhs, claim.domain))
    assert found.link is Link.EQUAL
    assert not quantities(found.end)
    assert equal(found.end, claim.rhs, claim.domain) is True


def test_every_claim_is_sound_and_sourced() -> None:
    for claim in CLAIMS:
        assert claim.faults == () and claim.collapsed is None, claim.name
        assert claim.source.key and claim.source.locus and claim.about, claim.name
        assert (claim.expect == "refuted") is (claim.derivation is None), claim.name


def test_the_wrong_gradient_is_not_reached() -> None:
    wrong, right = linear_networks.gradient_without_moment, linear_networks.gradient_of_any_layer
    assert right.derivation is not None
    found = right.derivation(Derivation(wrong.lhs, wrong.domain))
    assert equal(found.end, wrong.rhs, wrong.domain) is False


def test_all_depths_are_there() -> None:
    names = {claim.name for claim in CLAIMS}
    assert {f"linear-gradient-depth-{depth}" for depth in range(1, 7)} <= names
    assert sp.Integer(len(CLAIMS)) == len(names)


@pytest.mark.parametrize("depth", [0, -1])
def test_a_network_without_layers_is_refused(depth):
    with pytest.raises(ValueError, match="one layer or more"):
        LinearNetwork(depth)


@pytest.mark.parametrize("layer", [0, 3])
def test_a_layer_that_a_network_does_not_have_is_named(layer):
    with pytest.raises(ValueError, match=f"there is no layer {layer}"):
        LinearNetwork(2).weight(layer)


def test_a_second_moment_of_other_inputs_is_refused():
    m, n, p = sp.symbols("m n p", integer=True, positive=True)
    for shape, sizes in (((n, p), "n x p"), ((p, p), "p x p"), ((3, 3), "3 x 3")):
        with pytest.raises(ValueError, match=f"not one of shape {sizes}"):
            square_loss(sp.MatrixSymbol("D", m, n), sp.MatrixSymbol("S", *shape))
