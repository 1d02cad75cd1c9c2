"""Events of signs that decide the value of a basin, for many starts at once."""

from __future__ import annotations

from typing import Any


def serves(active: Any, outputs: Any, wanted: Any) -> Any:
    """Whether each point is served: some neuron that is active there has an output of the sign wanted there (+1 or -1).

    For data of full row rank (rank m) and for the half-axes of singletons this is Bas = inf L, where the optima are not 0: each
    prediction of a cell is then a free multiple of what its neurons offer at that point.

    >>> import torch
    >>> active = torch.tensor([[[True, False], [True, True]]])
    >>> serves(active, torch.tensor([[1.0, -1.0]]), torch.tensor([1, -1])).tolist()
    [True]
    """
    import torch

    positive = outputs > 0
    served = torch.ones(len(outputs), dtype=torch.bool, device=outputs.device)
    for place, sign in enumerate(wanted.tolist()):  # point by point: reductions over the last axis are the fast ones
        offers = active[:, :, place] & (positive if sign > 0 else ~positive)
        served &= offers.view(torch.uint8).sum(1) > 0
    return served


def serves_clusters(active: Any, outputs: Any, wanted: Any, cluster: Any) -> Any:
    """Whether each cluster has a neuron that is active on all of it, has the sign wanted there, and splits no cluster.

    `cluster` numbers the cluster of each point from 0 on, `wanted` holds a sign for each cluster.

    >>> import torch
    >>> active = torch.tensor([[[True, True, False], [False, True, True]]])
    >>> serves_clusters(active, torch.tensor([[1.0, 1.0]]), torch.tensor([1]), torch.tensor([0, 0, 0])).tolist()
    [False]
    """
    import torch

    inside = [active[:, :, cluster == number] for number in range(len(wanted))]
    whole = torch.stack([part.all(2) for part in inside], 2)
    unsplit = (whole | torch.stack([~part.any(2) for part in inside], 2)).all(2)
    right = (outputs[:, :, None] > 0) == (wanted > 0)
    return (whole & right & unsplit[:, :, None]).any(1).all(1)


def reaches(weights: Any, outputs: Any, teachers: Any, signs: Any, cosine: Any) -> Any:
    """Whether each teacher has a student with weights within the angle of that cosine, and an output of its sign.

    >>> import torch
    >>> reaches(torch.tensor([[[2.0, 0.1]]]), torch.tensor([[3.0]]), torch.tensor([[1.0, 0.0]]), torch.tensor([1.0]), 0.9).tolist()
    [True]
    """
    size, neurons, dimension = weights.shape
    flat = weights.permute(2, 1, 0).reshape(dimension, -1)  # starts side by side, as they are drawn
    least = cosine * flat.square().sum(0).sqrt()
    positive = (outputs.T > 0).reshape(-1)
    found = []
    for teacher, sign in zip(teachers, signs.tolist(), strict=True):
        near = (teacher / teacher.norm()) @ flat >= least
        found.append((near & (positive if sign > 0 else ~positive)).view(neurons, size).any(0))
    reached = found[0]
    for one in found[1:]:
        reached = reached & one
    return reached


def reach_shares(weights: Any, teachers: Any, cosine: Any) -> Any:
    """The chance that two teachers, of signs + and -, are reached, given each neuron up to the signs of its weights and of its output.

    Of a neuron's four signs one serves the first teacher if its line is within the angle, one other the second: no output has both signs.
    With A and B neurons near the two lines and C near both, the chance is 1 - (3/4)^A - (3/4)^B + (3/4)^(A + B - 2 C) (1/2)^C.
    Raises ValueError for more or fewer teachers, and for an angle above pi/2.

    >>> import torch
    >>> reach_shares(torch.tensor([[[2.0, 0.1], [0.1, -1.0]]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 0.9).tolist()
    [0.0625]
    """
    if len(teachers) != 2:
        raise ValueError(f"the signs are summed over for two teachers, not for {len(teachers)}")
    if cosine < 0:
        raise ValueError("an angle around a line is at most pi/2")
    size, neurons, dimension = weights.shape
    flat = weights.permute(2, 1, 0).reshape(dimension, -1)
    least = cosine**2 * flat.square().sum(0)
    # 1 within the angle, else 0: sums of numbers are faster than counts of booleans
    first, second = (((teacher / teacher.norm() @ flat).square() - least).sign().clamp(min=0) for teacher in teachers)
    a, b, both = (near.view(neurons, size).sum(0).double() for near in (first, second, first * second))
    return 1 - 0.75**a - 0.75**b + 0.75 ** (a + b - 2 * both) * 0.5**both
