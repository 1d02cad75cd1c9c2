"""Closed forms as source text: functions in NumPy or Torch that a reader can paste, and that keep their digits near c = 1 and c = -1.

Where a closed form is a sum of powers of the variances times functions of the correlation alone (all piecewise polynomials with kinks at
0), each such function is written with a proved series at either end and its derivatives as functions of their own: in Torch a
`torch.autograd.Function` calls them, so that gradients are as accurate as values and infinite where the derivative is. Other closed forms
are analytic at c = 1 and c = -1 or not separable; they are rewritten in d = 1 - c and e = 1 + c.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from lemmata.theory.kernels.duals import Q1, Q2, C
from lemmata.verify.derive_expression.answers import Answer
from lemmata.verify.derive_expression.end_series import HIGHEST, SERIES, functions
from lemmata.verify.derive_expression.printing import LANGUAGES, Language, NoCode, printed
from lemmata.verify.derive_expression.stable_forms import D, E, W, gradient, stable

HEADERS = {name: language.imports for name, language in LANGUAGES.items()}

AUTOGRAD = '''
class _Kappa(torch.autograd.Function):
    """functions[order](c), whose derivative is functions[order + 1](c)."""

    @staticmethod
    def forward(ctx, c, functions, order):
        ctx.save_for_backward(c)
        ctx.at = functions, order
        return functions[order](c)

    @staticmethod
    def backward(ctx, above):
        (c,), (functions, order) = ctx.saved_tensors, ctx.at
        if order + 1 == len(functions):
            raise NotImplementedError("no code was written for so high a derivative")
        return above * _Kappa.apply(c, functions, order + 1), None, None
'''

ANGLES = (sp.asin, sp.acos)


def helpers(language: str, answers: list[Answer]) -> str:
    """What the functions of `code` for these answers share, and the import of error functions where one is used."""
    chosen = LANGUAGES[language]
    closed = [answer.closed for answer in answers if answer.closed is not None]
    parts = []
    if language == "python" and any(one.has(sp.erf, sp.erfc) for one in closed):
        parts.append("import scipy.special")
    if any(_is_singular(one) and separated(one) is not None for one in closed):
        parts.append(SERIES.replace("{sqrt}", f"{chosen.name}.sqrt"))
        parts.extend([AUTOGRAD] if language == "torch" else [])
    return "\n".join(parts)


def code(answer: Answer, language: str) -> str:
    """A function of the answer's symbols in NumPy (`python`) or Torch; raises NoCode where a function has no counterpart.

    In NumPy a function `..._gradient` follows, with the derivatives in each symbol.
    """
    closed, chosen, name = answer.closed, LANGUAGES[language], answer.what.value
    if closed is None:
        raise NoCode(f"{name} has no closed form")
    if closed.atoms(sp.Integral):
        raise NoCode(f"{name} ends in a bivariate normal probability, an integral that has no one-line code")
    plain = {symbol: sp.Symbol(symbol.name.replace("_", ""), positive=symbol.is_positive, real=True) for symbol in answer.symbols}
    parts = separated(closed) if _is_singular(closed) else None
    if parts is not None:
        return _by_parts(name, parts, chosen)
    form = stable(closed)
    body = [f"def {name}({', '.join(str(plain[symbol]) for symbol in answer.symbols)}):"]
    if _has_angle(closed):
        body.append('    """A plain formula: near c = 1 and c = -1 it loses digits."""')
    body += _distances(chosen, form)
    text = "\n".join([*body, f"    return {_whole(form, answer, chosen, plain)}"])
    return text if language == "torch" else f"{text}\n\n\n{_gradient(form, answer, chosen, plain)}"


def _whole(form: Any, answer: Answer, language: Language, plain: dict[Any, Any]) -> str:
    """The formula, of the shape of its arguments even where it is constant."""
    text = printed(form.xreplace(plain), language)
    return text if form.free_symbols else f"{text} + 0*{plain[answer.symbols[-1]]}"


def _gradient(form: Any, answer: Answer, language: Language, plain: dict[Any, Any]) -> str:
    slopes = [gradient(form, symbol) for symbol in answer.symbols]
    named = ", ".join(str(plain[symbol]) for symbol in answer.symbols)
    lines = [f"def {answer.what.value}_gradient({named}):", *_distances(language, *slopes)]
    return "\n".join([*lines, f"    return {', '.join(_whole(slope, answer, language, plain) for slope in slopes)}"])


def _distances(language: Language, *forms: Any) -> list[str]:
    """The lines that define d, e and w where a form uses them; w has two forms, so that its derivative -2 c keeps its digits too."""
    used = set().union(*(form.free_symbols for form in forms))
    lines = ["    d, e = 1 - c, 1 + c"] if used & {D, E} else []
    return [*lines, f"    w = {language.name}.where(abs(c) < 0.5, 1 - c*c, (1 - c)*(1 + c))"] if W in used else lines


def separated(closed: Any) -> dict[Any, Any] | None:
    """Power of the variances -> function of c, adding up to the closed form; None where it is no such sum.

    >>> separated(sp.sqrt(Q1 * Q2) * (1 + sp.asin(C)) + Q1 * C)
    {q_1: c, sqrt(q_1)*sqrt(q_2): asin(c) + 1}
    """
    found: dict[Any, Any] = {}
    for term in sp.Add.make_args(sp.expand(closed)):
        lengths, rest = term.as_independent(C, as_Add=False)
        number, power = lengths.as_independent(Q1, Q2, as_Add=False)
        if rest.free_symbols - {C} or any(not _is_power(factor) for factor in sp.Mul.make_args(power)):
            return None
        found[power] = found.get(power, sp.S.Zero) + number * rest
    return dict(sorted(found.items(), key=str))


def _is_power(factor: Any) -> bool:
    base, exponent = factor.as_base_exp()
    return factor == 1 or (base in (Q1, Q2) and exponent.is_Rational)


def _has_angle(closed: Any) -> bool:
    """Whether a closed form has an angle that is singular at c = 1 or c = -1; powers of 1 - c^2 alone keep their digits as they are."""
    for node in closed.atoms(*ANGLES):
        inner = 1 - node.args[0] ** 2
        if node.has(C) and any(sp.simplify(inner.xreplace({C: end})) == 0 for end in (sp.S.One, sp.S.NegativeOne)):
            return True
    return False


def _is_singular(closed: Any) -> bool:
    """Whether a closed form has such an angle, or a root that vanishes at c = 1 or c = -1."""
    roots = [node.base for node in closed.atoms(sp.Pow) if node.has(C) and not node.exp.is_Integer and not isinstance(node, sp.exp)]
    return _has_angle(closed) or any(sp.simplify(base.xreplace({C: end})) == 0 for base in roots for end in (sp.S.One, sp.S.NegativeOne))


def _by_parts(name: str, parts: dict[Any, Any], language: Language) -> str:
    """One family of functions of c for each power of the variances, and their sum."""
    q1, q2 = sp.Symbol("q1", positive=True), sp.Symbol("q2", positive=True)
    plain = {Q1: q1, Q2: q2}
    blocks: list[str] = []
    value: list[str] = []
    slopes: dict[Any, list[str]] = {symbol: [] for symbol in (Q1, Q2, C)}
    for index, (power, kappa) in enumerate(parts.items()):
        own = f"_{name}" if len(parts) == 1 else f"_{name}_{index}"
        blocks.append(_family(own, kappa, language))
        calls = [f"_Kappa.apply(c, {own}, 0)"] if language.name == "torch" else [f"{own}[{order}](c)" for order in (0, 1)]
        value.append(_scaled(power, plain, calls[0], language))
        if language.name != "torch":
            slopes[C].append(_scaled(power, plain, calls[1], language))
            for symbol in (Q1, Q2):
                rate = sp.diff(power, symbol)
                slopes[symbol].append("0*c" if rate == 0 else _scaled(rate, plain, calls[0], language))
    arguments = "q1, q2, c"
    text = "\n\n\n".join([*blocks, f"def {name}({arguments}):\n    return {' + '.join(value)}"])
    if language.name == "torch":
        return text
    sums = ", ".join(" + ".join(dict.fromkeys(slopes[symbol])) for symbol in (Q1, Q2, C))
    return f"{text}\n\n\ndef {name}_gradient({arguments}):\n    return {sums}"


def _scaled(power: Any, plain: dict[Any, Any], call: str, language: Language) -> str:
    if power == 1:
        return call
    return f"{printed(power.xreplace(plain), language)}*{call}"


def _family(name: str, kappa: Any, language: Language) -> str:
    """The functions of one power and the tuple that names them."""
    own = ", ".join(f"{name}_{order}" for order in range(HIGHEST + 1))
    return f"{functions(name, kappa, _has_angle(kappa), language)}\n\n\n{name} = ({own})"
