r"""Formulas in plain sentences: `1 - M alpha`, `|grad L| < epsilon`, `w^2/(1 + w^2)` are found and set as mathematics.

A sentence is split at blanks. Words that can only be mathematics (powers, indices, Greek names, single letters) carry a
formula; numbers, operators and brackets join it when they stand beside such a word. Everything else is prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lemmata.reports.exact import exact
from lemmata.theory.printing.notation import FUNCTION_ALIASES, FUNCTIONS, GREEK, function_name, greek_words, symbol_name

_FUNCTIONS = frozenset(
    [*FUNCTIONS, *FUNCTION_ALIASES, "erf", "relu", "tr", "Var", "Cov"],
)
_NABLA = frozenset(["grad", "nabla"])
_TWO_LETTERS = frozenset(
    [
        "In",
        "On",
        "No",
        "Of",
        "Is",
        "It",
        "At",
        "As",
        "By",
        "To",
        "If",
        "So",
        "We",
        "Or",
        "An",
        "Be",
        "Do",
        "He",
        "Me",
        "My",
        "Up",
        "Us",
        "Go",
    ]
)
_WORDS = frozenset(["a", "A", "I"])
"""Single letters that are English words: mathematics only beside an operator."""
_OPERATORS = {
    "<=": "\\le", ">=": "\\ge", "!=": "\\ne", "->": "\\to", "+-": "\\pm", "+/-": "\\pm", "~": "\\sim", "*": "\\cdot", "==": "=",
}  # fmt: skip
_ASCII = str.maketrans({"≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "±": "+/-", "·": "*", "−": "-"})
_PLAIN_OPERATORS = frozenset(["=", "<", ">", "+", "-", "/"])
_THIN = "\ue000"
"""Stands for a blank inside an exponent while words are split."""
_POWER = re.compile(r"\^-?\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
    r"|(?P<dots>\.\.\.)"
    r"|(?P<name>[A-Za-z]+'*(?:_(?:[A-Za-z0-9]+|\*|\{[^{}]*\}|\([^()]*\)))*\d*'*(?P<adjoint>\*(?=[\s)]|$))?)"
    r"|(?P<operator>\+/-|<=|>=|!=|->|\+-|==|[-+*/=<>~])"
    r"|(?P<power>\^(?:\{[^{}]*\}|-?\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|-?\d+|-?[A-Za-z]|\*))"
    r"|(?P<bracket>\|\||[()\[\]|{},!])"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence: prose as it stands, or a formula in LaTeX."""

    text: str
    formula: bool


def pieces(sentence: str) -> list[Piece]:
    r"""The stretches of a sentence in order.

    >>> [piece.text for piece in pieces("the step 1/M gains 1 - M alpha, not w^2") if piece.formula]
    ['1/M', '1 - M \\alpha', 'w^{2}']
    """
    text = _POWER.sub(lambda match: match.group().replace(" ", _THIN), sentence.translate(_ASCII).replace("**", "^"))
    words = re.split(r"(\s+)", greek_words(text))
    kinds = [_kind(word) if index % 2 == 0 else "" for index, word in enumerate(words)]
    out: list[Piece] = []
    index = 0
    while index < len(words):
        end = _end(kinds, words, index)
        if end is None:
            out.append(Piece(words[index].replace(_THIN, " "), False))
            index += 1
        else:
            out.extend(_formula("".join(words[index:end])))
            index = end
    return out


def _end(kinds: list[str], words: list[str], start: int) -> int | None:
    """Where the formula that begins at this word ends (exclusive), or None where none begins."""
    if start % 2 or kinds[start] in ("prose", ""):
        return None
    end, strong = start, False
    for index in range(start, len(words), 2):
        if kinds[index] in ("prose", ""):
            break
        if kinds[index] == "word" and not _beside_operator(kinds, words, index):
            break
        strong = strong or kinds[index] == "strong"
        end = index + 1
        if re.search(r"[.;:]$|,$", words[index]) and _balance(words[start : index + 1]) == 0:
            break
    while end > start and kinds[end - 1] == "operator":
        end -= 2
    return end if strong and end > start else None


def _balance(words: list[str]) -> int:
    joined = "".join(words)
    return joined.count("(") + joined.count("[") - joined.count(")") - joined.count("]")


def _beside_operator(kinds: list[str], words: list[str], index: int) -> bool:
    return any(0 <= at < len(words) and kinds[at] == "operator" for at in (index - 2, index + 2))


def _kind(word: str) -> str:
    """strong (mathematics by itself), weak (a number or bracket), operator, word (a or I), or prose."""
    bare = word.strip(".,;:").lstrip("(")
    bare = bare[:-1] if bare.endswith(")") and bare.count(")") > bare.count("(") else bare
    if not bare or word in ("p.", "v.", "s."):
        return "prose"
    if bare in _OPERATORS or bare in _PLAIN_OPERATORS:
        return "operator"
    if bare in _WORDS:
        return "word"
    if "--" in bare or bare.endswith("-") or "://" in bare:
        return "prose"
    found = list(_TOKEN.finditer(bare))
    if "".join(match.group() for match in found) != bare:
        return "prose"
    names = [match for match in found if match.lastgroup == "name"]
    if not all(_is_mathematical(match.group().rstrip("*"), bare[match.end() : match.end() + 1]) for match in names):
        return "prose"
    if any(match.lastgroup == "power" for match in found):
        return "strong"
    if re.fullmatch(r"\d-[A-Z]", bare):
        return "prose"
    if not names:
        return "weak" if any(match.lastgroup == "number" for match in found) or set(bare) <= set("()[]|") else "prose"
    hyphenated = re.search(r"[A-Za-z]-[A-Za-z]", bare)
    return "prose" if hyphenated and len(names) > 1 and all(len(match.group()) > 1 for match in names) else "strong"


def _is_mathematical(name: str, following: str) -> bool:
    first, *rest = name.rstrip("'").split("_", 1)
    stem = first.rstrip("'").rstrip("0123456789")
    short = len(stem) == 1 or stem in GREEK
    if rest:
        return short and all(_is_index(piece) for piece in rest[0].split("_"))
    if stem in _FUNCTIONS or stem in ("E", "P", "sqrt"):
        return following in tuple("([|^") or len(stem) == 1
    product = len(stem) == 2 and stem[0].isupper() != stem[1].isupper() and stem not in _TWO_LETTERS
    return short or stem in _NABLA or product


def _is_index(piece: str) -> bool:
    return len(piece) <= 3 or piece in GREEK or piece in ("star", "max", "min") or piece[0] in "({"


def _formula(text: str) -> list[Piece]:
    """A formula with the punctuation and the unbalanced brackets around it left to the prose."""
    before, after = "", ""
    while text and (text[-1] in ".,;:" or (text[-1] in ")]" and _balance([text]) < 0)):
        text, after = text[:-1], text[-1] + after
    while text and text[0] in "([" and _balance([text]) > 0:
        before, text = before + text[0], text[1:]
    printed = to_latex(text)
    found = [Piece(before, False), Piece(printed, True), Piece(after, False)]
    return [piece for piece in found if piece.text]


def to_latex(formula: str) -> str:
    r"""A formula typed on one line, in LaTeX; what SymPy has printed is read as such.

    >>> print(to_latex("N >= (L(w_0) - L_*)/(c epsilon^2)"), to_latex("2*asin(c*sqrt(q1))/pi"))
    N \ge (L(w_0) - L_{*})/(c \varepsilon^{2}) \frac{2 \arcsin(c \sqrt{q_1})}{\pi}
    """
    if re.search(r"[\w)]\*[\w(]", formula) and (read := exact(formula.replace("^", "**"))) is not None:
        return read
    out, at = [], 0
    for match in _TOKEN.finditer(formula):
        out.append(formula[at : match.start()])
        out.append(_token(match, formula[match.end() : match.end() + 1]))
        at = match.end()
    printed = "".join(out) + formula[at:]
    printed = re.sub(r"(?<=[\dnmdk]) x (?=[\dnmdk])", r" \\times ", printed)
    printed = re.sub(r"(?<![\w)}/.])1/2 (?=[A-Za-z\\|(])", r"\\tfrac{1}{2} ", printed)
    return re.sub(r"\\sqrt\(([^()]*)\)", r"\\sqrt{\1}", printed)


def _token(match: re.Match[str], following: str) -> str:
    text = match.group()
    match match.lastgroup:
        case "dots":
            return " \\cdots "
        case "operator":
            return _OPERATORS.get(text, text) + (" " if text in _OPERATORS and following.isalpha() else "")
        case "power":
            return _power(text[1:])
        case "name" if match["adjoint"]:
            return f"{_name(text[:-1], following)}^{{*}}"
        case "name":
            return _name(text, following)
        case "bracket" if text == "||":
            return "\\|"
        case "bracket" if text in ("{", "}"):  # of a set: those of a power or an index belong to it
            return f"\\{text}"
        case "number":
            mantissa, mark, power = text.lower().partition("e")
            return f"{mantissa} \\cdot 10^{{{int(power)}}}" if mark else _round_integer(text)
    return text


def _power(exponent: str) -> str:
    r"""An exponent; brackets around a sign or a quotient go, those around an index of iteration stay.

    >>> print(_power("(-q)"), _power("(n)"), _power("T"), _power("(1 - 2/K)"))
    ^{-q} ^{(n)} ^\top ^{1 - 2/K}
    """
    inside = exponent.replace(_THIN, " ").strip("{}")
    if inside == "T":
        return "^\\top"
    if inside.startswith("(") and (inside[1] == "-" or "/" in inside):
        inside = inside[1:-1]
    plain = re.fullmatch(r"[-()\w* ]*", inside) and not re.search(r"[A-Za-z]{2,}", inside)
    return f"^{{{inside if plain else to_latex(inside)}}}"


def _round_integer(digits: str) -> str:
    """An integer with many zeros at its end as a power of ten."""
    match = re.fullmatch(r"(?P<lead>[1-9]\d{0,3}?)(?P<zeros>0{7,})", digits)
    if match is None:
        return digits
    lead = "" if match["lead"] == "1" else f"{match['lead']} \\cdot "
    return f"{lead}10^{{{len(match['zeros'])}}}"


def _name(name: str, following: str) -> str:
    if name in _NABLA:
        return "\\nabla" + (" " if following.isalnum() else "")
    if name in ("E", "P") and following and following in "[|":
        return f"\\mathbb{{{name}}}"
    if name == "sqrt":
        return "\\sqrt"
    if name in _FUNCTIONS:
        return function_name(FUNCTION_ALIASES.get(name, name)) if name not in ("Var", "Cov", "tr") else f"\\operatorname{{{name}}}"
    base, _, index = name.partition("_")
    if index and base.endswith("'"):
        bare = base.rstrip("'")
        return _name(f"{bare}_{index}", following).replace("_", f"{base[len(bare) :]}_", 1)
    if index and (index == "*" or index[0] in "({"):
        return f"{symbol_name(base)}_{{{index.strip('(){}')}}}"
    if len(name) == 2 and name.isalpha() and name not in GREEK:
        return f"{name[0]} {name[1]}"
    return symbol_name(name)
