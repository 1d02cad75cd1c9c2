"""Matrices in blocks: sums and products of block matrices whose cuts fit, block by block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

TURNED = (sp.Transpose, sp.Adjoint)


class NotInBlocks(ValueError):
    """An expression holds a matrix that is not cut where its neighbours are."""


@dataclass(frozen=True)
class Grid:
    """Blocks by rows, None for a block of zeros, with the heights of the rows and the widths of the columns."""

    heights: tuple[Any, ...]
    widths: tuple[Any, ...]
    blocks: tuple[tuple[Any, ...], ...]

    def transposed(self) -> Grid:
        turned = tuple(
            tuple(None if block is None else sp.Transpose(block) for block in column) for column in zip(*self.blocks, strict=True)
        )
        return Grid(self.widths, self.heights, turned)

    def scaled(self, factor: Any) -> Grid:
        rows = tuple(tuple(None if block is None else sp.MatMul(factor, block) for block in row) for row in self.blocks)
        return Grid(self.heights, self.widths, rows)

    def plus(self, other: Grid) -> Grid:
        if not (_fit(self.heights, other.heights) and _fit(self.widths, other.widths)):
            raise NotInBlocks("two terms of a sum are cut at different places")
        rows = tuple(tuple(_sum([a, b]) for a, b in zip(one, two, strict=True)) for one, two in zip(self.blocks, other.blocks, strict=True))
        return Grid(self.heights, self.widths, rows)

    def times(self, other: Grid) -> Grid:
        if not _fit(self.widths, other.heights):
            raise NotInBlocks("two factors are cut at different places")
        columns = tuple(zip(*other.blocks, strict=True))
        rows = tuple(
            tuple(
                _sum([None if a is None or b is None else sp.MatMul(a, b) for a, b in zip(row, column, strict=True)]) for column in columns
            )
            for row in self.blocks
        )
        return Grid(self.heights, other.widths, rows)

    @property
    def is_square(self) -> bool:
        """Whether rows and columns are cut at the same places, so that the blocks on the diagonal are square."""
        return _fit(self.heights, self.widths)

    def block(self, row: int, column: int) -> Any:
        """One block, zeros written out."""
        found = self.blocks[row][column]
        return sp.ZeroMatrix(self.heights[row], self.widths[column]) if found is None else found


def in_blocks(expr: Any, is_zero: Callable[[Any], bool]) -> Grid:
    r"""A matrix expression as the grid of its blocks, multiplied and added block by block.

    $$(A B)_{ij} = \sum_k A_{ik} B_{kj}, \qquad (A + B)_{ij} = A_{ij} + B_{ij}, \qquad (A^T)_{ij} = A_{ji}^T$$

    For sums, products and transposes of block matrices that are cut at the same places, of zeros and of identities; a matrix that is
    not cut is one block. Raises NotInBlocks where cuts do not fit. Source: Horn & Johnson (2013), Matrix Analysis, section 0.7.

    >>> A, b, x = sp.MatrixSymbol("A", 2, 3), sp.MatrixSymbol("b", 2, 1), sp.MatrixSymbol("x", 3, 1)
    >>> product = sp.BlockMatrix([[A, b]]) * sp.BlockMatrix([[x], [sp.Identity(1)]])
    >>> in_blocks(product, lambda matrix: False).blocks
    ((A*x + b*I,),)
    """
    if isinstance(expr, sp.BlockMatrix):
        return _cut(expr, is_zero)
    if isinstance(expr, TURNED):
        return in_blocks(expr.arg, is_zero).transposed()
    if isinstance(expr, sp.MatAdd):
        return _added(expr, is_zero)
    if isinstance(expr, sp.MatMul):
        scalar, factors = expr.as_coeff_matrices()
        return _multiplied(factors, is_zero).scaled(scalar) if scalar != 1 else _multiplied(factors, is_zero)
    return _whole(None if is_zero(expr) else expr, expr.shape)


def has_blocks(expr: Any) -> bool:
    """Whether an expression holds a block matrix."""
    return bool(expr.has(sp.BlockMatrix))


def _cut(expr: Any, is_zero: Callable[[Any], bool]) -> Grid:
    rows, columns = expr.blocks.shape
    blocks = tuple(tuple(None if is_zero(expr.blocks[i, j]) else expr.blocks[i, j] for j in range(columns)) for i in range(rows))
    return Grid(tuple(expr.rowblocksizes), tuple(expr.colblocksizes), blocks)


def _added(expr: Any, is_zero: Callable[[Any], bool]) -> Grid:
    grids = [in_blocks(arg, is_zero) for arg in expr.args if not is_zero(arg)]
    if not grids:
        return _whole(None, expr.shape)
    total = max(grids, key=lambda grid: len(grid.heights) * len(grid.widths))
    rest = [grid for grid in grids if grid is not total]
    for grid in rest:
        total = total.plus(_recut(grid, total.heights, total.widths))
    return total


def _multiplied(factors: Any, is_zero: Callable[[Any], bool]) -> Grid:
    grids = [in_blocks(factor, is_zero) for factor in factors if not isinstance(factor, sp.Identity)]
    if not grids:
        return _whole(factors[0], factors[0].shape)
    total = grids[0]
    for grid in grids[1:]:
        if len(total.widths) == 1:
            total = _recut(total, total.heights, grid.heights)
        else:
            grid = _recut(grid, total.widths, grid.widths)
        total = total.times(grid)
    return total


def _recut(grid: Grid, heights: tuple[Any, ...], widths: tuple[Any, ...]) -> Grid:
    """A grid of zeros, or an identity, cut at other places; any other as it is."""
    if _fit(grid.heights, heights) and _fit(grid.widths, widths):
        return grid
    if not (_fit((sum(grid.heights),), (sum(heights),)) and _fit((sum(grid.widths),), (sum(widths),))):
        raise NotInBlocks("two matrices have different sizes")
    blocks = {block for row in grid.blocks for block in row}
    if blocks == {None}:
        return Grid(heights, widths, tuple((None,) * len(widths) for _ in heights))
    if len(blocks) == 1 and isinstance(next(iter(blocks)), sp.Identity) and _fit(heights, widths):
        rows = tuple(tuple(sp.Identity(side) if i == j else None for j in range(len(widths))) for i, side in enumerate(heights))
        return Grid(heights, widths, rows)
    return grid


def _whole(block: Any, shape: Any) -> Grid:
    return Grid((shape[0],), (shape[1],), ((block,),))


def _sum(blocks: list[Any]) -> Any:
    found = [block for block in blocks if block is not None]
    return None if not found else found[0] if len(found) == 1 else sp.MatAdd(*found)


def _fit(one: tuple[Any, ...], two: tuple[Any, ...]) -> bool:
    return len(one) == len(two) and all(sp.expand(a - b) == 0 for a, b in zip(one, two, strict=True))
