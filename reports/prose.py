r"""Sentences and values for LaTeX: free text with mathematics in it, points, numbers with their errors.

Records hold plain text beside LaTeX. Here a sentence keeps its `$...$` and `\(...\)`, names such as `sigma_w` become
mathematics, Unicode becomes commands, and everything else is escaped.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from itertools import groupby

from lemmata.reports.exact import exact, number
from lemmata.reports.inline import pieces
from lemmata.theory.printing.layout import break_lines, tidy
from lemmata.theory.printing.notation import escape, symbol_name
from lemmata.theory.printing.width import width

_MATH = re.compile(r"\$(?P<dollar>[^$]+)\$|\\\((?P<paren>.+?)\\\)", re.DOTALL)
_URL = re.compile(r"https?://[^\s<>{}\\^]+[^\s<>{}\\^.,;)]")
_SIGNS = {"<=": "\\le", ">=": "\\ge", "!=": "\\ne", "->": "\\to", "+-": "\\pm", "+/-": "\\pm", "<": "<", ">": ">", "=": "="}
_SIGN = re.compile(r"\+/-|<=|>=|!=|->|\+-|(?<=\d) - (?=\d)")
_SCIENTIFIC = re.compile(r"(?<![\w.])(?P<sign>[-+]?)(?P<digits>\d+(?:\.\d+)?)[eE](?P<power>[-+]?\d+)(?!\w)")
_BALL = re.compile(r"\[(?P<mid>[-+]?[\d.]+(?:e[-+]?\d+)?)\s*\+/-\s*(?P<rad>[\d.]+(?:e[-+]?\d+)?)\]", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"(?P<mid>[-+]?[\d.]+(?:e[-+]?\d+)?)\s*±\s*(?P<rad>[\d.]+(?:e[-+]?\d+)?)", re.IGNORECASE)
_DECIMAL = re.compile(r"[-+]?(?:\d+\.\d{10,}|\d{10,}\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_UNICODE = {
    "≤": "$\\le$", "≥": "$\\ge$", "≠": "$\\ne$", "→": "$\\to$", "±": "$\\pm$", "×": "$\\times$", "∞": "$\\infty$", "·": "$\\cdot$",
    "√": "$\\surd$", "∈": "$\\in$", "²": "$^2$", "³": "$^3$", "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''",
    "…": "\\ldots{}", "\u00a0": "~", "−": "$-$", "∇": "$\\nabla$", "∂": "$\\partial$", "∑": "$\\sum$", "∫": "$\\int$", "⋆": "$\\star$",
}  # fmt: skip


def prose(text: str) -> str:
    r"""A sentence as LaTeX: its mathematics kept or recognised, the rest escaped.

    >>> prose("sigma_w <= 1 & $q_1$ for 50% of the_cases")
    '$\\sigma_w \\le 1$ \\& $q_1$ for 50\\% of the\\_cases'
    """
    out, at = [], 0
    for match in _MATH.finditer(text):
        out.append(_words(text[at : match.start()]))
        out.append(_set(polished(match["dollar"] or match["paren"])))
        at = match.end()
    out.append(_words(text[at:]))
    return "".join(out)


WIDEST_INLINE, WIDEST_LINE = 24.0, 36.0
"""Em beyond which a formula in a sentence is one box that shrinks, and beyond which it is broken into lines of its own."""


def _set(formula: str) -> str:
    """A formula in a sentence: between dollars, unless TeX could not break it and it would stick out."""
    wide = width(formula) if "\\left" in formula or "\\frac" in formula else 0.0
    if wide <= WIDEST_INLINE:
        return f"${formula}$"
    if wide <= WIDEST_LINE:
        return f"\\fitinline{{{formula}}}"
    return "".join(f"\\newline\\fitinline{{{row}}}" for row in break_lines(formula, WIDEST_LINE)) + "\\newline "


LONGEST_REASON = 400
LARGEST_MATRIX = 3
"""Commas in a matrix that a sentence or a table still shows: 2 x 2."""

_FRACTION = re.compile(r"(?<![\w.])(?P<above>\d{19,}|\d+(?=/\d{19,}))(?:/(?P<below>\d+))?(?![\w.])")
_MEAN = re.compile(r"\bExpectation\(((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\)")
_MATRIX = re.compile(r"(?P<name>= )?(?P<matrix>\[\[.*?(?:\]\]|\.\.\.|$))")


def shortened(text: str, most: int = LONGEST_REASON) -> str:
    """A reason without the long expressions that an engine may quote: a matrix by its size, the rest cut at a word's end.

    >>> shortened("one two three", 8)
    'one two ...'
    >>> shortened("on $a + b$ and more", 6), shortened("on $a + b + c + d + e + f$", 6)
    ('on $a + b$ ...', 'on ...')
    """
    text = _FRACTION.sub(_decimal, _MATRIX.sub(_sized, _as_written(text)))
    quoted = re.search(r"\S*(?:Matrix|Trace|Expectation|Integral)\(", text)
    if quoted and quoted.start():
        return _outside(text, quoted.start()).rstrip(",;: ") + " an expression ..."
    if len(text) <= most:
        return text
    kept = _outside(text, len(text[:most].rsplit(" ", 1)[0]), most)
    return kept if kept == text else kept.rstrip(",;: ") + " ..."


def _decimal(match: re.Match[str]) -> str:
    """A fraction of very long integers as a number of nine digits."""
    above, below = int(match["above"]), int(match["below"] or 1)
    return _rounded(Decimal(above) / Decimal(below))


def _rounded(number: Decimal) -> str:
    mantissa, _, power = f"{number:.8e}".partition("e")
    return f"{mantissa}e{int(power)}" if abs(int(power)) > 5 else f"{number:.9g}"


def _outside(text: str, end: int, more: int = 0) -> str:
    """The text up to a place that lies in no formula: a formula that is cut there is kept whole if that takes few characters more."""
    if text[:end].count("$") % 2 == 0:
        return text[:end]
    closed = text.find("$", end)
    return text[: closed + 1] if 0 <= closed < end + more else text[:end].rpartition("$")[0]


def _as_written(text: str) -> str:
    """SymPy's words for what has a sign of its own: transposes, means, the larger of two."""
    text = re.sub(r"(?<=[\w)])\.T(?![\w(])", "^T", text)
    return re.sub(r"\b(Max|Min)\(", lambda match: f"{match[1].lower()}(", _MEAN.sub(r"E[\1]", text))


def _sized(match: re.Match[str]) -> str:
    """A matrix in a sentence: as it stands where it is small, else its size (which one that was cut does not tell)."""
    matrix = match["matrix"]
    if matrix.count(",") <= LARGEST_MATRIX and matrix.endswith("]]"):
        return match.group()
    size = f"{matrix.count('[') - 1} × {matrix.partition(']')[0].count(',') + 1} matrix" if matrix.endswith("]]") else "matrix"
    return f"{'some' if match['name'] else 'a'} {size}"


def spoken(text: str) -> str:
    """A reason in a reader's words: `lhs` is the left side.

    >>> spoken("lhs <= rhs fails: lhs is 2, rhs is 1")
    'the inequality fails: the left side is 2, the right side is 1'
    """
    text = re.sub(r"\blhs/rhs\b", "ratio of the sides", text)
    text = re.sub(r"\b(lhs|rhs) - (lhs|rhs)\b", r"\1 less \2", text)
    text = re.sub(r"\blhs = rhs\b", "the equality", text)
    text = re.sub(r"\blhs [<>]=? rhs\b", "the inequality", text)
    return re.sub(r"\b(lhs|rhs)\b", lambda match: "the left side" if match.group() == "lhs" else "the right side", text)


def polished(formula: str) -> str:
    r"""A formula that SymPy's own printer wrote, in the field's notation.

    >>> print(polished(r"W^T q_{star} \operatorname{acos}{\left(c \right)}"))
    W^\top q^{*} \arccos(c)
    """
    formula = re.sub(r"\^\{?T\}?(?![A-Za-z])", r"^\\top", formula.strip())
    formula = re.sub(r"_\{star\}|_star\b", "^{*}", formula)
    formula = re.sub(r"\\operatorname\{a(cos|sin|tan)\}", r"\\arc\1", formula)
    return tidy(formula)


def sentence(text: str) -> str:
    """`prose` as a sentence: a capital first letter and a full stop, where it has none."""
    text = spoken(shortened(text.strip()))
    if not text:
        return ""
    printed = prose(text)
    first = text.split()[0]
    if first.isalpha() and first.islower() and printed.startswith(first):
        printed = printed[0].upper() + printed[1:]
    return printed if text[-1] in ".!?:" else printed + "."


def _words(text: str) -> str:
    """A stretch without marked mathematics: its addresses and its formulas are found, the rest is escaped."""
    out, at = [], 0
    for match in _URL.finditer(text):
        out.append(_sentence(text[at : match.start()]))
        out.append(f"\\url{{{match.group()}}}")
        at = match.end()
    out.append(_sentence(text[at:]))
    return "".join(out)


def _sentence(text: str) -> str:
    stretches = groupby(pieces(text), key=lambda piece: piece.formula)
    return "".join(
        "".join(f"${piece.text}$" for piece in found) if formula else _signs("".join(p.text for p in found)) for formula, found in stretches
    )


def _signs(text: str) -> str:
    """Prose: signs that are two characters long and powers of ten, the rest escaped."""
    out, at = [], 0
    for match in re.finditer(f"{_DECIMAL.pattern}|{_SCIENTIFIC.pattern}|{_SIGN.pattern}", text):
        out.append(_plain(text[at : match.start()]))
        found = match.group()
        out.append("~$-$~" if found == " - " else f"${_SIGNS[found]}$" if found in _SIGNS else f"${number(_short(found))}$")
        at = match.end()
    out.append(_plain(text[at:]))
    return "".join(out)


def _plain(text: str) -> str:
    return re.sub(r"\S{25,}", lambda match: _breakable(match.group()), _printed(text))


def _breakable(word: str) -> str:
    """A path or a dotted name that may be broken after its marks."""
    return re.sub(r"(?<=[/.])(?=\w)|(?<=\\_)", r"\\allowbreak{}", word)


def _printed(text: str) -> str:
    if text.isascii():
        return escape(text)
    return "".join(escape(character) if character.isascii() else _beyond_ascii(character) for character in text)


def _beyond_ascii(character: str) -> str:
    if character in _UNICODE:
        return _UNICODE[character]
    printed = symbol_name(character)
    if printed.startswith("\\") and not printed.startswith("\\mathrm"):
        return f"${printed}$"
    if unicodedata.category(character).startswith("L") and ord(character) < 0x180:
        return character
    simpler = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return escape(simpler) if simpler else "?"


def value(text: str) -> str:
    r"""What a side came to, for a table: balls as value and radius, exact values as formulas, anything else as text.

    >>> value("[0.25 +/- 3e-17]"), value("sqrt(3)/2"), value("no value")
    ('$0.25 \\allowbreak \\pm 3 \\cdot 10^{-17}$', '$\\frac{\\sqrt{3}}{2}$', 'no value')
    """
    text = text.strip()
    if match := _BALL.fullmatch(text):
        return f"${number(_short(match['mid']))} \\allowbreak \\pm {number(match['rad'])}$"
    if match := _PLUS_MINUS.fullmatch(text):
        return f"${number(_short(match['mid']))} \\allowbreak \\pm {number(match['rad'])}$"
    if _DECIMAL.fullmatch(text):
        return f"${number(_short(text))}$"
    if re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", text):
        return f"${number(text if text.lstrip('+-').isdigit() else _short(text))}$"
    formula = exact(text)
    return f"${formula}$" if formula else prose(text)


DIGITS = 9
"""Significant digits that a reader is shown of a number; the records hold all."""


def _short(decimal: str) -> str:
    r"""A decimal number for the eye: nine significant digits, a power of ten where the number is very large or small.

    >>> _short("0.33333333333333333333"), _short("-34783857746708.286117"), _short("2.50000000000000000000")
    ('0.333333333\\ldots', '-3.47838577e13', '2.5')
    """
    bare = decimal.lstrip("-+")
    if not bare.lower().partition("e")[0].strip("0."):
        return "0"
    if "e" in decimal.lower() or len(bare.partition(".")[0]) >= DIGITS or (bare.startswith("0.000") and len(bare) > DIGITS):
        mantissa, _, power = f"{Decimal(decimal):.{DIGITS - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    digits = 0
    for index, character in enumerate(decimal):
        digits += character.isdigit() and (digits > 0 or character != "0")
        if digits == DIGITS and "." in decimal[: index + 1]:
            rest = decimal[index + 1 :]
            return decimal[: index + 1] + "\\ldots" if rest.strip("0") else decimal[: index + 1].rstrip("0").rstrip(".")
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
