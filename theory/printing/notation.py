r"""How the field writes names: `sigma_w` is \(\sigma_w\), `q_star` is \(q^{*}\), `q1` is \(q_1\).

Pure text in, LaTeX (or plain text) out; nothing here knows about expressions.
"""

from __future__ import annotations

import re
import unicodedata

GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "vartheta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "varphi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Upsilon",
        "Phi",
        "Psi",
        "Omega",
    ]
)
_ALIASES = {"eps": "varepsilon", "epsilon": "varepsilon", "lamda": "lambda", "ell": "ell", "hbar": "hbar"}
_SUPERSCRIPTS = {"star": "*", "opt": "*", "prime": "\\prime", "plus": "+", "minus": "-", "top": "\\top", "dagger": "\\dagger"}
_ACCENTS = ("hat", "tilde", "bar", "dot", "ddot", "vec")
_OPERATORS = frozenset(["max", "min", "inf", "sup", "lim", "argmax", "argmin"])
FUNCTIONS = frozenset(
    [
        "arccos",
        "arcsin",
        "arctan",
        "cos",
        "cosh",
        "cot",
        "coth",
        "csc",
        "deg",
        "det",
        "dim",
        "exp",
        "gcd",
        "hom",
        "inf",
        "ker",
        "lg",
        "lim",
        "liminf",
        "limsup",
        "ln",
        "log",
        "max",
        "min",
        "Pr",
        "sec",
        "sin",
        "sinh",
        "sup",
        "tan",
        "tanh",
    ]
)
"""Function names that LaTeX itself sets upright."""

FUNCTION_ALIASES = {
    "acos": "arccos",
    "asin": "arcsin",
    "atan": "arctan",
    "acosh": "arcosh",
    "asinh": "arsinh",
    "atanh": "artanh",
}
"""SymPy's names of functions that the field calls otherwise."""


def escape(text: str) -> str:
    r"""Text that LaTeX prints as it stands, whatever it holds.

    >>> escape("50% of a_b & #1")
    '50\\% of a\\_b \\& \\#1'
    """
    return "".join(_ESCAPES.get(character, character) for character in text)


_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
}


def script(sign: str, content: str) -> str:
    """A sub- or superscript; braces only where they are needed."""
    bare = len(content) == 1 and content not in "*+-"
    return f"{sign}{content}" if bare else f"{sign}{{{content}}}"


def symbol_name(name: str) -> str:
    r"""A symbol's name as the field writes it; names that are LaTeX already are kept.

    >>> [symbol_name(name) for name in ("sigma_w", "q_star", "q1", "chi_1", "lambda_max", "w_hat", "batch_size", "W_{k+1}")]
    ['\\sigma_w', 'q^{*}', 'q_1', '\\chi_1', '\\lambda_{\\max}', '\\hat{w}', '\\mathrm{batch}_{\\mathrm{size}}', 'W_{k+1}']
    """
    name = greek_words(name)
    if is_latex(name):
        return name
    first, *rest = [piece for piece in re.split("_+", name) if piece] or [name]
    base, subscripts = _base(first)
    superscripts: list[str] = []
    for piece in rest:
        if piece in _SUPERSCRIPTS:
            superscripts.append(_SUPERSCRIPTS[piece])
        elif piece in _ACCENTS:
            base = f"\\{piece}{{{base}}}"
        else:
            subscripts.append(_script_piece(piece))
    if subscripts:
        base += script("_", ",".join(subscripts))
    if superscripts:
        base += script("^", "".join(superscripts))
    return base


def function_name(name: str) -> str:
    r"""A function's or an experiment's name: LaTeX's own, one letter, or upright words.

    >>> [function_name(name) for name in ("tanh", "f", "phi", "erf", "hinge_loss")]
    ['\\tanh', 'f', '\\phi', '\\operatorname{erf}', '\\operatorname{hinge\\text{-}loss}']
    """
    name = greek_words(name)
    if name in FUNCTIONS:
        return f"\\{name}"
    first, *rest = [piece for piece in name.split("_") if piece] or [name]
    if is_latex(name) or (_is_short(first) and all(len(piece) <= 1 or _is_short(piece) for piece in rest)):
        return symbol_name(name)
    return "\\operatorname{" + "\\text{-}".join(escape(piece) for piece in (first, *rest)) + "}"


def plain_name(name: str, *, unicode: bool = True) -> str:
    """A symbol's name for a terminal.

    >>> plain_name("sigma_w"), plain_name("q_star"), plain_name("sigma_w", unicode=False)
    ('σ_w', 'q⋆', 'sigma_w')
    """
    if not unicode:
        return name
    return re.sub(r"_star$", "⋆", "_".join(_greek_letter(piece) for piece in name.split("_")))


def is_latex(name: str) -> bool:
    """Whether a name is LaTeX already: a command or a group, braces balanced."""
    if not ("\\" in name or "{" in name):
        return False
    depth = 0
    for character in name:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


def _is_short(piece: str) -> bool:
    return len(piece) == 1 or piece in GREEK or piece in _ALIASES or bool(re.fullmatch(r"[A-Za-z]\d+", piece))


def _letter(piece: str) -> str | None:
    """One letter or one Greek word, as LaTeX; None for anything else."""
    piece = _ALIASES.get(piece, piece)
    if piece in GREEK or piece in ("ell", "hbar"):
        return f"\\{piece}"
    return piece if len(piece) == 1 and piece.isalnum() else None


def _base(piece: str) -> tuple[str, list[str]]:
    """The part of a name before its first underscore: the letter with its accent, and the digits that follow as subscript."""
    primes = len(piece) - len(piece.rstrip("'"))
    piece = piece.rstrip("'")
    tail = "'" * primes
    match = re.fullmatch(r"(.*?)(\d*)", piece)
    stem, digits = (match.group(1), match.group(2)) if match else (piece, "")
    if not stem:
        return escape(piece) + tail, []
    subscripts = [digits] if digits else []
    if (letter := _letter(stem)) is not None:
        return letter + tail, subscripts
    for accent in _ACCENTS:
        if stem.endswith(accent) and (letter := _letter(stem[: -len(accent)])) is not None:
            return f"\\{accent}{{{letter}}}{tail}", subscripts
    return f"\\mathrm{{{escape(stem)}}}{tail}", subscripts


def _script_piece(piece: str) -> str:
    if piece in _OPERATORS:
        return f"\\{piece}" if piece in FUNCTIONS else f"\\mathrm{{{piece}}}"
    if (letter := _letter(piece)) is not None:
        return letter
    match = re.fullmatch(r"([A-Za-z]+?)(\d+)", piece)
    if match and (letter := _letter(match.group(1))) is not None:
        return letter + script("_", match.group(2))
    if re.fullmatch(r"[\d,+\-]+", piece) or re.fullmatch(r"[A-Za-z]?([+\-,]?[A-Za-z0-9])?", piece):
        return piece
    return f"\\mathrm{{{escape(piece)}}}"


def greek_words(name: str) -> str:
    """Unicode Greek letters spelled out, so that one rule serves both spellings."""
    return "".join(_greek_word(character) for character in name) if not name.isascii() else name


def _greek_word(character: str) -> str:
    words = unicodedata.name(character, "").split()
    if words[:1] != ["GREEK"] or "LETTER" not in words:
        return character
    word = words[words.index("LETTER") + 1].lower().replace("lamda", "lambda")
    word = word if word in GREEK else "sigma" if "SIGMA" in words else word
    return word.capitalize() if "CAPITAL" in words else word


def _greek_letter(piece: str) -> str:
    """A Greek word (digits may follow) as its Unicode letter."""
    match = re.fullmatch(r"([A-Za-z]+)(\d*)", piece)
    if not match or match.group(1) not in GREEK:
        return piece
    word = match.group(1).replace("var", "").replace("lambda", "lamda").replace("Lambda", "Lamda")
    size = "CAPITAL" if word[0].isupper() else "SMALL"
    return unicodedata.lookup(f"GREEK {size} LETTER {word.upper()}") + match.group(2)
