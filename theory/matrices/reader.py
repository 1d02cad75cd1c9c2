"""Reading matrix expressions into words with coefficients, and writing them back as SymPy expressions."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr
from sympy.matrices.matrixbase import MatrixBase

from lemmata.theory.matrices.entrywise import entrywise_product
from lemmata.theory.matrices.words import (
    Hypotheses,
    Letter,
    Terms,
    Word,
    add_term,
    cut_scalars,
    cyclic_parts,
    explicit,
    letter_expression,
    normal_word,
)
from lemmata.theory.quantity import is_quantity, outermost

ADJOINTS = (sp.Transpose, sp.Adjoint)
MADE_OF_MATRICES = (sp.Trace, sp.Determinant, MatrixElement)


class MatrixReader:
    """Reads expressions into terms (word -> coefficient) under fixed hypotheses."""

    def __init__(self, hypotheses: Hypotheses, expand: bool) -> None:
        self.hypotheses = hypotheses
        self.expand = expand

    def matrix(self, expr: Any) -> Terms:
        """The words of a matrix expression."""
        if isinstance(expr, MatrixBase):
            return self._explicit(expr)
        if isinstance(expr, sp.ZeroMatrix):
            return {}
        if isinstance(expr, sp.Identity):
            return {(): sp.S.One}
        if isinstance(expr, sp.MatAdd):
            total: Terms = {}
            for arg in expr.args:
                for word, coefficient in self.matrix(arg).items():
                    add_term(total, word, coefficient)
            return total
        if isinstance(expr, sp.MatMul):
            return self._product(expr)
        if isinstance(expr, ADJOINTS):
            return self._transposed(self.matrix(expr.arg))
        if isinstance(expr, sp.Inverse):
            return self._inverse(expr.arg)
        if isinstance(expr, sp.MatPow) and expr.exp.is_Integer:
            base = expr.base if expr.exp > 0 else sp.Inverse(expr.base)
            return self._product(sp.MatMul(*[base] * abs(int(expr.exp)), evaluate=False)) if expr.exp != 0 else {(): sp.S.One}
        return self._letter(expr)

    def scalar(self, expr: Any) -> Any:
        """A scalar with its traces, elements and determinants in normal form, expanded."""
        return expand_scalar(self._rebuild(expr))

    def _rebuild(self, expr: Any) -> Any:
        if isinstance(expr, sp.Trace):
            return sp.Add(*[coefficient * self._trace(word, expr.arg.shape[0]) for word, coefficient in self.matrix(expr.arg).items()])
        if isinstance(expr, MatrixElement):
            return self._element(expr)
        if isinstance(expr, sp.Determinant):
            return self._determinant(expr)
        if not expr.args or is_quantity(expr) or not expr.has(MatrixExpr):
            return expr
        return expr.func(*[self._rebuild(arg) for arg in expr.args])

    def _explicit(self, expr: Any) -> Terms:
        if expr.is_zero_matrix:
            return {}
        if expr.is_square and expr == sp.eye(expr.rows):
            return {(): sp.S.One}
        return self._words((Letter(explicit(expr)),))

    def _product(self, expr: Any) -> Terms:
        scalars, factors = _flat(expr)
        total: Terms = {(): self.scalar(sp.Mul(*scalars))}
        for factor in factors:
            following = self.matrix(factor) if self.expand or len(factors) == 1 else self._folded(factor)
            step: Terms = {}
            for left, first in total.items():
                for right, second in following.items():
                    for word, coefficient in self._words(left + right).items():
                        add_term(step, word, first * second * coefficient)
            total = step
        return total

    def _folded(self, factor: Any) -> Terms:
        """A factor that is a sum of several words, as one letter; of it and its transpose the one with fewer transposes."""
        terms = self.matrix(factor)
        inner = factor
        while isinstance(inner, ADJOINTS):
            inner = inner.arg
        if not isinstance(inner, sp.MatAdd) or len(terms) < 2:
            return terms
        content = sp.gcd_list([sp.Abs(coefficient.as_coeff_Mul()[0]) for coefficient in terms.values()])
        primitive = {word: coefficient / content for word, coefficient in terms.items()}
        turned = self._transposed(primitive)
        transposed = _transposes(turned) < _transposes(primitive)
        shape = tuple(reversed(factor.shape)) if transposed else factor.shape
        letter = Letter(matrix_expression(turned if transposed else primitive, shape), transposed)
        return {word: content * coefficient for word, coefficient in self._words((letter,)).items()}

    def _transposed(self, terms: Terms) -> Terms:
        total: Terms = {}
        for word, coefficient in terms.items():
            for turned, factor in self._words(tuple(letter.transpose() for letter in reversed(word))).items():
                add_term(total, turned, coefficient * factor)
        return total

    def _inverse(self, arg: Any) -> Terms:
        terms = self.matrix(arg)
        if len(terms) == 1:
            ((word, coefficient),) = terms.items()
            if all(letter.is_square for letter in word):
                return {
                    inverted: factor / coefficient for inverted, factor in self._words(tuple(x.invert() for x in reversed(word))).items()
                }
        return self._words((Letter(matrix_expression(terms, arg.shape), inverse=True),))

    def _letter(self, expr: Any) -> Terms:
        if isinstance(expr, ElementwiseApplyFunction):
            return self._entrywise(expr)
        if isinstance(expr, sp.HadamardProduct):
            return self._hadamard(expr)
        if isinstance(expr, sp.BlockMatrix):
            return self._blocks(expr)
        if not is_quantity(expr) and not isinstance(expr, sp.MatrixSymbol) and any(isinstance(arg, MatrixExpr) for arg in expr.args):
            args = [matrix_expression(self.matrix(a), a.shape) if isinstance(a, MatrixExpr) else a for a in expr.args]
            expr = expr.func(*args)
        return self._words((Letter(expr),))

    def _blocks(self, expr: Any) -> Terms:
        """A block matrix or the transpose of one, whichever has fewer transposes inside; one that equals its transpose has neither."""
        forms = []
        for form in (expr, expr.transpose()):
            parts = [[self.matrix(form.blocks[i, j]) for j in range(form.blocks.cols)] for i in range(form.blocks.rows)]
            shapes = [[form.blocks[i, j].shape for j in range(form.blocks.cols)] for i in range(form.blocks.rows)]
            cells = [
                [matrix_expression(part, shape) for part, shape in zip(*both, strict=True)] for both in zip(parts, shapes, strict=True)
            ]
            forms.append((sum(_transposes(part) for row in parts for part in row), sp.BlockMatrix(cells)))
        (count, straight), (turned_count, turned) = forms
        transposed = (turned_count, str(turned)) < (count, str(straight))
        return self._words((Letter(turned if transposed else straight, transposed),))

    def _hadamard(self, expr: Any) -> Terms:
        """A product entry by entry: linear in each of its factors."""
        products: list[tuple[Any, list[Any]]] = [(sp.S.One, [])]
        for arg in expr.args:
            terms = self.matrix(arg) if self.expand else self._folded(arg)
            words = [(matrix_expression({word: sp.S.One}, arg.shape), coefficient) for word, coefficient in terms.items()]
            products = [(scalar * coefficient, [*factors, word]) for scalar, factors in products for word, coefficient in words]
        total: Terms = {}
        for scalar, factors in products:
            product = entrywise_product(factors)
            terms = self._words((Letter(product),)) if isinstance(product, (sp.HadamardProduct, sp.OneMatrix)) else self.matrix(product)
            for word, coefficient in terms.items():
                add_term(total, word, scalar * coefficient)
        return total

    def _entrywise(self, expr: Any) -> Terms:
        """f applied to each entry: f(X) or f(X^T)^T, whichever has fewer transposes inside."""
        (variable,), value = expr.function.variables, expr.function.expr
        if not value.has(variable):
            return (
                {} if value == 0 else {word: value * factor for word, factor in self._words((Letter(sp.OneMatrix(*expr.shape)),)).items()}
            )
        if not (value / variable).has(variable):
            return {word: value / variable * factor for word, factor in self.matrix(expr.expr).items()}
        inner = self.matrix(expr.expr)
        if composed := _composed(expr.function, inner):
            return self.matrix(composed)
        turned = self._transposed(inner)
        transposed = _transposes(turned) < _transposes(inner)
        shape = tuple(reversed(expr.shape)) if transposed else expr.shape
        base = ElementwiseApplyFunction(_renamed(expr.function), matrix_expression(turned if transposed else inner, shape))
        return self._words((Letter(base, transposed),))

    def _words(self, word: Word) -> Terms:
        """A product of letters as terms: reduced, with its 1 x 1 factors pulled out as traces."""
        reduced = normal_word(word, self.hypotheses)
        if reduced is None:
            return {}
        rest, scalars = cut_scalars(reduced, self.hypotheses)
        coefficient = sp.Mul(*[self._trace_atom(part) for part in scalars])
        return {} if coefficient == 0 else {rest: coefficient}

    def _trace(self, word: Word, size: Any) -> Any:
        if not word:
            return size
        parts = cyclic_parts(word, self.hypotheses)
        if parts is None:
            return sp.S.Zero
        return sp.Mul(*[self._trace_atom(part) if part else size for part in parts])

    def _trace_atom(self, word: Word) -> Any:
        product = _word_expression(word)
        return sum((product[i, i] for i in range(product.rows)), sp.S.Zero) if isinstance(product, MatrixBase) else sp.Trace(product)

    def _element(self, expr: Any) -> Any:
        matrix, row, column = expr.args
        terms = self.matrix(matrix)
        if terms == {(): sp.S.One}:
            return sp.KroneckerDelta(row, column)
        if tuple(matrix.shape) == (1, 1):
            return terms.get((), sp.S.Zero)
        total = sp.S.Zero
        for word, coefficient in terms.items():
            if len(word) == 1 and word[0].transposed and not word[0].inverse:
                total += coefficient * word[0].base[column, row]
            else:
                total += coefficient * (_word_expression(word)[row, column] if word else sp.KroneckerDelta(row, column))
        return total

    def _determinant(self, expr: Any) -> Any:
        terms = self.matrix(expr.arg)
        size = expr.arg.shape[0]
        if len(terms) == 1:
            ((word, coefficient),) = terms.items()
            if all(letter.is_square for letter in word):
                factors = [sp.Determinant(letter.base) ** (-1 if letter.inverse else 1) for letter in word]
                return coefficient**size * sp.Mul(*factors)
        return sp.Determinant(matrix_expression(terms, expr.arg.shape)) if terms else sp.S.Zero


def _flat(product: Any) -> tuple[list[Any], list[Any]]:
    """Scalar and matrix factors of a product, nested products opened, identities left out."""
    scalars: list[Any] = []
    factors: list[Any] = []
    for arg in product.args:
        if isinstance(arg, sp.MatMul):
            inner_scalars, inner_factors = _flat(arg)
            scalars += inner_scalars
            factors += inner_factors
        elif not isinstance(arg, (MatrixExpr, MatrixBase)):
            scalars.append(arg)
        elif not isinstance(arg, sp.Identity):
            factors.append(arg)
    return scalars, factors


def expand_scalar(expr: Any) -> Any:
    """SymPy's expand that leaves matrices inside traces and quantities alone."""
    hidden, shown = hide(expr)
    return sp.expand(hidden).xreplace(shown)


def hide(expr: Any) -> tuple[Any, dict[Any, Any]]:
    """Scalars made of matrices as dummies, and the way back."""
    nodes = dict.fromkeys(outermost(expr, lambda node: isinstance(node, MADE_OF_MATRICES) or is_quantity(node)))
    names = {node: sp.Dummy(f"s{index}", real=True) for index, node in enumerate(nodes)}
    return expr.xreplace(names), {dummy: node for node, dummy in names.items()}


def _renamed(function: Any) -> Any:
    """A function of one variable with its variable called u, so that equal functions are equal expressions."""
    u = sp.Symbol("u", real=True)
    if not isinstance(function, sp.Lambda) or len(function.variables) != 1 or u in function.free_symbols:
        return function
    return sp.Lambda(u, function.expr.xreplace({function.variables[0]: u}))


def _composed(function: Any, inner: Terms) -> Any:
    """u -> f(c g(u)) entry by entry, where the matrix inside is c g(Z) itself; None for any other."""
    if len(inner) != 1:
        return None
    ((word, factor),) = inner.items()
    if len(word) != 1 or word[0].inverse or not isinstance(word[0].base, ElementwiseApplyFunction):
        return None
    u, base = sp.Symbol("u", real=True), word[0].base
    if any(u in part.free_symbols for part in (function, base.function, factor)) or factor.has(MatrixExpr):
        return None
    whole = ElementwiseApplyFunction(sp.Lambda(u, function(factor * base.function(u))), base.expr)
    return sp.Transpose(whole) if word[0].transposed else whole


def _word_expression(word: Word) -> Any:
    """A non-empty word as a product, powers gathered."""
    factors: list[Any] = []
    for letter in word:
        base = letter_expression(letter)
        if factors and factors[-1][0] == base and letter.is_square:
            factors[-1] = (base, factors[-1][1] + 1)
        else:
            factors.append((base, 1))
    powers = [base if power == 1 else sp.MatPow(base, power) for base, power in factors]
    return powers[0] if len(powers) == 1 else sp.MatMul(*powers, evaluate=False)


def matrix_expression(terms: Terms, shape: Any) -> Any:
    """Terms as a SymPy matrix expression, the same for equal terms."""
    parts = []
    for word in sorted(terms, key=lambda word: (len(word), tuple(letter.key for letter in word))):
        coefficient = terms[word]
        product = _word_expression(word) if word else sp.Identity(shape[0])
        factors = product.args if isinstance(product, sp.MatMul) else (product,)
        parts.append(product if coefficient == 1 else sp.MatMul(coefficient, *factors))
    if not parts:
        return sp.ZeroMatrix(*shape)
    return parts[0] if len(parts) == 1 else sp.MatAdd(*parts)


def _transposes(terms: Terms) -> int:
    return sum(letter.transposed for word in terms for letter in word)
