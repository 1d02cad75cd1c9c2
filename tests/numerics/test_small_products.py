"""Products of small matrices over a batch: what they give, when they are used, and that no run depends on its neighbours."""

import pytest
import torch

from lemmata.numerics.descent.batch_loss import SMALL, innermost, of_function, small_products
from lemmata.numerics.descent.table import runs
from lemmata.numerics.streams import Stream

EPS = torch.finfo(torch.float64).eps


def drawn(*shape, name="matrices"):
    return torch.randn(*shape, generator=Stream(3, ("small products", name)).torch(), dtype=torch.float64)


def network(first, second, third):
    return ((third @ second @ first - torch.eye(third.shape[0], first.shape[1], dtype=torch.float64)) ** 2).sum() / 2


def starts(count):
    shapes = {"W_1": (3, 4), "W_2": (5, 3), "W_3": (2, 5)}
    return {name: drawn(count, *shape, name=name) / 2 for name, shape in shapes.items()}


@pytest.mark.parametrize("shapes", [((5, 5), (5, 5)), ((2, 3), (3, 4)), ((1, 8), (8, 1)), ((3, 1), (1, 3))])
@pytest.mark.parametrize("count", [1, 3, 64, 1000])
def test_products_are_those_of_matrices(shapes, count):
    a, b = drawn(count, *shapes[0], name="a"), drawn(count, *shapes[1], name="b")
    bound = 2 * shapes[0][1] * EPS * (a.abs() @ b.abs())
    for left, right in ((innermost(a), innermost(b)), (innermost(a), b), (a, innermost(b)), (innermost(a.mT.contiguous()).mT, b)):
        assert bool(((small_products(left, right) - a @ b).abs() <= bound).all())
    assert torch.equal(small_products(a, b), torch.bmm(a, b)) or count == 1


def test_a_layout_changes_no_number_and_large_matrices_none():
    a = drawn(7, 3, 2)
    assert torch.equal(innermost(a), a) and innermost(a).stride(0) == 1
    large = drawn(7, SMALL + 1, 2)
    assert innermost(large) is large


def test_only_losses_of_small_products_ask_for_it():
    small = of_function(network, ["W_1", "W_2", "W_3"])
    small.value_and_gradient(list(starts(4).values()), [])
    assert small.runs_last()
    data = drawn(4, SMALL + 1, name="data")
    large = of_function(lambda w: ((w @ data) ** 2).sum(), ["W"])
    large.value_and_gradient([drawn(3, 2, 4)], [])
    none = of_function(lambda w: (w * w).sum(), ["W"])
    none.value_and_gradient([drawn(3, 2, 4)], [])
    assert not large.runs_last() and not none.runs_last()


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_no_run_depends_on_its_neighbours(momentum):
    method = "heavy_ball" if momentum else "gradient"
    whole = runs(network, starts(100), 0.05, 100, momentum=momentum, method=method)
    some = {name: tensor[[3, 50, 99]] for name, tensor in starts(100).items()}
    alone = runs(network, some, 0.05, 100, momentum=momentum, method=method)
    chunks = runs(network, starts(100), 0.05, 100, momentum=momentum, method=method, threads=2, memory=1 << 20)
    for name, final in whole.final.items():
        assert torch.equal(final[[3, 50, 99]], alone.final[name])
        assert torch.equal(final, chunks.final[name])
    assert torch.equal(whole.loss, chunks.loss) and bool((whole.loss < 2.0**-10).any())


def test_a_matrix_that_all_runs_share_is_met_in_either_layout():
    moment = torch.diag(torch.tensor([1.0, 0.75, 0.5, 0.25], dtype=torch.float64))

    def weighted(first, second):
        deviation = second @ first - torch.eye(2, 4, dtype=torch.float64)
        return ((deviation @ moment) * deviation).sum() / 2

    loss = of_function(weighted, ["W_1", "W_2"])
    layers = [drawn(50, 3, 4, name="first"), drawn(50, 2, 3, name="second")]
    value, slopes = loss.value_and_gradient(layers, [])
    again, others = loss.value_and_gradient([innermost(x) for x in layers], [])
    assert loss.runs_last()
    sizes = 1 + torch.stack([x.abs().amax(dim=(1, 2)) for x in layers]).amax(dim=0)
    bound = 2**10 * EPS * sizes**4  # some hundred products of at most four entries each
    assert bool(((value - again).abs() <= bound).all())
    assert all(bool(((a - b).abs() <= bound[:, None, None]).all()) for a, b in zip(slopes, others, strict=True))


def test_a_loss_that_reads_places_in_memory_keeps_its_layout():
    def corner(w):
        return ((w @ w).as_strided((2, 2), (1, 2)) ** 2).sum()

    loss, w = of_function(corner, ["W"]), drawn(4, 3, 3)
    loss.value_and_gradient([w], [])
    assert not loss.runs_last()
    values, _ = loss.value_and_gradient([w], [])
    assert values.tolist() == [float(corner(one)) for one in w]
