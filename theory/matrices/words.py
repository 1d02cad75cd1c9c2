"""Words of matrix letters: what the normal form of a matrix polynomial is made of.

A letter is a matrix with two flags (transposed, inverse); a word is a product of letters. Everything here is
combinatorics on words, exact for real matrices of any size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import sympy as sp
from sympy.assumptions.assume import AppliedPredicate
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.matrices.matrixbase import MatrixBase
from sympy.stats.symbolic_multivariate_probability import VarianceMatrix


@lru_cache(maxsize=4096)
def _written(base: Any) -> tuple[str, str]:
    """A matrix and its shape as text, once each: SymPy negates a product of matrices to see where it needs brackets."""
    return str(base), str(base.shape)


@dataclass(frozen=True)
class Letter:
    """One factor of a word: a matrix, perhaps transposed, perhaps inverted (the two commute)."""

    base: Any
    transposed: bool = False
    inverse: bool = False

    @cached_property
    def key(self) -> tuple[str, str, bool, bool]:
        """The place in the alphabet."""
        symbol = isinstance(self.base, sp.MatrixSymbol)
        name, shape = (self.base.name, str(self.base.shape)) if symbol else _written(self.base)
        return name, shape, self.transposed, self.inverse

    @property
    def rows(self) -> Any:
        return self.base.shape[1 if self.transposed else 0]

    @property
    def columns(self) -> Any:
        return self.base.shape[0 if self.transposed else 1]

    @property
    def is_square(self) -> bool:
        return bool(sp.sympify(self.base.shape[0]) == sp.sympify(self.base.shape[1]))

    def transpose(self) -> Letter:
        return replace(self, transposed=not self.transposed)

    def invert(self) -> Letter:
        return replace(self, inverse=not self.inverse)


Word = tuple[Letter, ...]
Terms = dict[Word, Any]


@dataclass(frozen=True)
class Hypotheses:
    """What is known about the letters: which are symmetric, orthogonal, or zero."""

    symmetric: frozenset[Any] = frozenset()
    orthogonal: frozenset[Any] = frozenset()
    zero: frozenset[Any] = frozenset()

    @classmethod
    def of(cls, given: Iterable[Any]) -> Hypotheses:
        """Those of the hypotheses of a claim that speak about letters; the others say nothing here.

        >>> S = sp.MatrixSymbol("S", 2, 2)
        >>> Hypotheses.of([sp.Q.symmetric(S)]).symmetric
        frozenset({S})
        """
        symmetric, orthogonal, zero = set(), set(), set()
        for item in given:
            if isinstance(item, AppliedPredicate):
                if item.function in (sp.Q.symmetric, sp.Q.diagonal, sp.Q.positive_definite):
                    symmetric.add(item.arg)
                elif item.function == sp.Q.orthogonal:
                    orthogonal.add(item.arg)
            elif isinstance(item, sp.Equality):
                for symbol, value in ((item.lhs, item.rhs), (item.rhs, item.lhs)):
                    if isinstance(symbol, sp.MatrixSymbol) and _is_zero_matrix(value):
                        zero.add(symbol)
        return cls(frozenset(symmetric), frozenset(orthogonal), frozenset(zero))

    def normal(self, letter: Letter) -> Letter:
        """A letter with the flags that the hypotheses make equal removed."""
        if letter.base in self.orthogonal and letter.inverse:
            letter = replace(letter, inverse=False, transposed=not letter.transposed)
        if letter.transposed:
            if letter.base in self.symmetric or isinstance(letter.base, (VarianceMatrix, sp.DiagonalMatrix)):
                return replace(letter, transposed=False)
            if isinstance(letter.base, sp.BlockMatrix) and self._symmetric_blocks(letter.base):
                return replace(letter, transposed=False)
            if isinstance(letter.base, MatrixBase):
                return replace(letter, base=letter.base.T, transposed=False)
            if isinstance(letter.base, sp.OneMatrix):
                return replace(letter, base=sp.OneMatrix(letter.rows, letter.columns), transposed=False)
        return letter

    def _symmetric_blocks(self, matrix: Any) -> bool:
        """Whether a block matrix equals its transpose, block by block."""
        blocks = matrix.blocks
        return blocks.is_square and all(self._transposes(blocks[i, j], blocks[j, i]) for j in range(blocks.cols) for i in range(j + 1))

    def _transposes(self, one: Any, other: Any) -> bool:
        if isinstance(one, sp.ZeroMatrix) and isinstance(other, sp.ZeroMatrix):
            return tuple(one.shape) == tuple(reversed(other.shape))
        return other == (one if one in self.symmetric else one.T)

    def cancel(self, left: Letter, right: Letter) -> bool:
        """Whether two neighbours are each other's inverse."""
        if left.base != right.base:
            return False
        if left.transposed == right.transposed and left.inverse != right.inverse:
            return True
        return left.base in self.orthogonal and left.inverse == right.inverse and left.transposed != right.transposed


def _is_zero_matrix(value: Any) -> bool:
    return isinstance(value, sp.ZeroMatrix) or (isinstance(value, MatrixBase) and bool(value.is_zero_matrix))


def add_term(terms: Terms, word: Word, coefficient: Any) -> None:
    """Add a coefficient to a word, and forget the word when nothing is left of it."""
    total = sp.expand_mul(terms.get(word, sp.S.Zero) + coefficient)
    if total == 0:
        terms.pop(word, None)
    else:
        terms[word] = total


def normal_word(word: Iterable[Letter], hypotheses: Hypotheses) -> Word | None:
    """A word with inverse neighbours cancelled and explicit neighbours multiplied; None when it is zero."""
    done: list[Letter] = []
    for letter in word:
        if letter.base in hypotheses.zero and not letter.inverse:
            return None
        letter = hypotheses.normal(letter)
        if done and hypotheses.cancel(done[-1], letter):
            done.pop()
        elif done and _both_explicit(done[-1], letter):
            product = explicit(done.pop().base * letter.base)
            if product.is_zero_matrix:
                return None
            if not (product.is_square and product == sp.eye(product.rows)):
                done.append(Letter(product))
        else:
            done.append(letter)
        _cancel_products(done)
    return tuple(done)


def _cancel_products(done: list[Letter]) -> None:
    """Drop (A B)^(-1) A B, or A B (A B)^(-1), from the end of a word: the inverse of a product may exist where its factors have none."""
    if done and (factors := _inverted_product(done[-1])) and tuple(done[-1 - len(factors) : -1]) == factors:
        del done[-1 - len(factors) :]
    for place, letter in enumerate(done):
        factors = _inverted_product(letter)
        if factors and tuple(done[place + 1 :]) == factors:
            del done[place:]
            return


def _inverted_product(letter: Letter) -> Word:
    """The factors A, B, ... of a letter (A B ...)^(-1); empty for any other letter."""
    if not letter.inverse or not isinstance(letter.base, sp.MatMul) or letter.base.as_coeff_matrices()[0] != 1:
        return ()
    word = tuple(Letter(arg.arg, True) if isinstance(arg, sp.Transpose) else Letter(arg) for arg in letter.base.as_coeff_matrices()[1])
    return turned(word) if letter.transposed else word


def _both_explicit(left: Letter, right: Letter) -> bool:
    return all(isinstance(letter.base, MatrixBase) and not letter.inverse for letter in (left, right))


def cut_scalars(word: Word, hypotheses: Hypotheses) -> tuple[Word, list[Word]]:
    """Pull the 1 x 1 factors out of a word: x (x^T S x) x^T is (x^T S x) x x^T.

    Returns what is left (its 1 x 1 factors gone) and those factors, each in its normal order.
    """
    sides = [word[0].rows, *[letter.columns for letter in word]] if word else []
    cuts = [place for place, side in enumerate(sides) if side == 1]
    if len(cuts) < 2:
        return word, []
    parts = [word[first:last] for first, last in pairwise(cuts)]
    return word[: cuts[0]] + word[cuts[-1] :], [_least(list(_both_ways(part, hypotheses))) for part in parts]


def cyclic_parts(word: Word, hypotheses: Hypotheses) -> list[Word] | None:
    """The traces whose product is the trace of a word, each in normal order; None when the trace is zero.

    An empty part stands for the trace of an identity.
    """
    while len(word) > 1:
        joined = normal_word((word[-1], word[0]), hypotheses)
        if joined is None:
            return None
        if len(joined) == 2:
            break
        word = joined + word[1:-1]
        reduced = normal_word(word, hypotheses)
        if reduced is None:
            return None
        word = reduced
    if not word:
        return [()]
    cuts = [place for place, letter in enumerate(word) if letter.rows == 1]
    if not cuts:
        return [_least([form for start in range(len(word)) for form in _both_ways(word[start:] + word[:start], hypotheses)])]
    word = word[cuts[0] :] + word[: cuts[0]]
    ends = [cut - cuts[0] for cut in cuts] + [len(word)]
    parts = [word[first:last] for first, last in pairwise(ends)]
    return [_least(list(_both_ways(part, hypotheses))) for part in parts]


def _both_ways(word: Word, hypotheses: Hypotheses) -> tuple[Word, Word]:
    return word, tuple(hypotheses.normal(letter) for letter in turned(word))


def turned(word: Word) -> Word:
    """The transpose of a word."""
    return tuple(letter.transpose() for letter in reversed(word))


def _least(forms: list[Word]) -> Word:
    return min(forms, key=lambda form: tuple(letter.key for letter in form))


def letter_expression(letter: Letter) -> Any:
    """A letter as SymPy writes it."""
    base = letter.base
    if letter.inverse:
        base = sp.Inverse(base) if isinstance(base, MatrixExpr) else base.inv()
    if not letter.transposed:
        return base
    if isinstance(base, ElementwiseApplyFunction):  # SymPy writes f(X)^T as f(X^T) whenever it evaluates
        return sp.transpose(base)
    return sp.Transpose(base) if isinstance(base, MatrixExpr) else base.T


def explicit(matrix: Any) -> Any:
    """An explicit matrix, immutable."""
    return sp.ImmutableMatrix(matrix)
