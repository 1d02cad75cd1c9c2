r"""Layout of LaTeX formulas as text: delimiters of the size that fits, and breaking a formula into rows.

Nothing here knows SymPy: a report rebuilt from stored records breaks its formulas with these functions alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lemmata.theory.printing.width import BINARY, RELATIONS, SIGNS, tokens, width

_OPENING = frozenset(["\\left", "\\bigl", "\\biggl"])
_CLOSING = frozenset(["\\right", "\\bigr", "\\biggr"])
_TALL = ("\\frac", "\\sum", "\\prod", "\\int", "\\begin", "\\left", "\\lim", "\\substack")


def tidy(latex: str) -> str:
    r"""Delimiters of the size that their content needs: plain ones around what is no taller than a line.

    >>> tidy(r"f{\left(x \right)} + \left(\frac{a}{b}\right)")
    'f(x) + \\left(\\frac{a}{b}\\right)'
    >>> tidy(r"C_{k}^{\left(\frac{d}{2} \right)}{\left(x \right)}")
    'C_{k}^{\\left(\\frac{d}{2}\\right)}(x)'
    """
    return _tidy(latex.replace("\\limits", ""))


def _tidy(latex: str) -> str:
    out: list[str] = []
    position = 0
    while (start := latex.find("\\left", position)) >= 0:
        if re.match(r"\\left[a-zA-Z]", latex[start:]):  # \leftarrow and the like
            out.append(latex[position : start + 5])
            position = start + 5
            continue
        opening, body_at = _delimiter(latex, start + 5)
        end = _matching_right(latex, body_at)
        if end is None:
            break
        closing, after = _delimiter(latex, end + 6)
        body = _unbraced(_tidy(latex[body_at:end]).strip())
        script = start >= 2 and latex[start - 2] in "^_"  # its braces belong to the script
        wrapped = latex[start - 1 : start] == "{" and latex[after : after + 1] == "}" and not script
        if wrapped and opening in "([":
            out.append(latex[position : start - 1])
            after += 1
        else:
            wrapped = False
            out.append(latex[position:start])
        out.append(_fenced(opening, body, closing, after_name=wrapped))
        position = after
    out.append(latex[position:])
    return "".join(out)


def _unbraced(body: str) -> str:
    """SymPy's |{x}| without the braces."""
    if body.startswith("{") and _group(body, 1)[1] == "":
        return body[1:-1]
    return body


def _fenced(opening: str, body: str, closing: str, *, after_name: bool) -> str:
    if opening == "." or closing == "." or any(command in body for command in _TALL):
        return f"{chr(92) + '!' if after_name else ''}\\left{opening}{body}\\right{closing}"
    if opening == "|":
        return f"|{body}|"
    return f"{opening}{body}{closing}" if not opening[-1].isalpha() else f"{opening} {body} {closing}"


def _delimiter(latex: str, position: int) -> tuple[str, int]:
    match = re.compile(r"\s*(\\[A-Za-z]+|\\.|.)", re.DOTALL).match(latex, position)
    return (match.group(1), match.end()) if match else (".", position)


def _matching_right(latex: str, position: int) -> int | None:
    depth = 1
    for match in re.compile(r"\\(left|right)(?![a-zA-Z])").finditer(latex, position):
        depth += 1 if match.group(1) == "left" else -1
        if depth == 0:
            return match.start()
    return None


def break_lines(latex: str, limit: float) -> list[str]:
    r"""A formula in rows of at most `limit` em where that is possible, each row after the first led by its operator.

    It breaks at relations and signs first, then between factors, then inside brackets (which lose `\left` and
    `\right`), then fractions and roots are rewritten so that their numerators can be broken.

    >>> break_lines("a + b + c", 4)
    ['a + b', '+ c']
    """
    if width(latex) <= limit:
        return [latex.strip()]
    rows = _fill(list(_split(latex, RELATIONS | SIGNS)), limit)
    return [row for long in rows for row in _break_product(long, limit)]


def _fill(parts: list[str], limit: float) -> list[str]:
    """Parts joined greedily into rows."""
    rows: list[str] = []
    for part in parts:
        if rows and width(rows[-1]) + width(part) <= limit:
            rows[-1] += " " + part
        else:
            rows.append(part)
    return rows


def _depths(found: list[str]) -> Iterator[tuple[int, str]]:
    """Every token with its nesting depth (an opening token has the depth outside it)."""
    depth = 0
    fence = False
    for token in found:
        closes = token in ("}", ")", "]", "\\}", "\\end", "\\rangle", "\\rfloor", "\\rceil") and not fence
        opens = token in ("{", "(", "[", "\\{", "\\begin", "\\langle", "\\lfloor", "\\lceil") and not fence
        if token in _CLOSING or closes:
            depth -= 1
        yield depth, token
        if token in _OPENING or opens:
            depth += 1
        fence = token in _OPENING or token in _CLOSING or token == "\\middle"


def _split(latex: str, operators: frozenset[str] | set[str]) -> Iterator[str]:
    """The parts between operators at depth 0; a part begins with its operator. A leading sign stays with its part."""
    current, meaningful = "", False
    for depth, token in _depths(tokens(latex)):
        if depth == 0 and token in operators and meaningful:
            yield current.strip()
            current, meaningful = "", False
        elif token.strip():
            meaningful = meaningful or token not in operators
        current += token
    if current.strip():
        yield current.strip()


def _factors(term: str) -> list[str]:
    """The factors of a product: split at spaces of depth 0; what cannot begin a row stays with what precedes it."""
    parts: list[str] = [""]
    found = list(_depths(tokens(term)))
    for index, (depth, token) in enumerate(found):
        following = next((text for level, text in found[index + 1 :] if not text.isspace()), "")
        if depth == 0 and token.isspace() and following != "\\," and not _needs_more(parts[-1]):
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts if part.strip()]


def _needs_more(part: str) -> bool:
    """Whether what follows belongs to this part: it ends in an operator, or is a big operator with its limits, or a thin space."""
    stripped = part.strip()
    if stripped in SIGNS | RELATIONS | BINARY or re.fullmatch(r"[-+=<>]?\s*\\[A-Za-z]+", stripped) or stripped.endswith("\\,"):
        return True
    if _DIFFERENTIAL.fullmatch(stripped):
        return True
    return bool(_BIG.match(stripped)) and _only_limits(_BIG.sub("", stripped, count=1))


_DIFFERENTIAL = re.compile(r"[-+=<>]?\s*(?:\\(?:quad|times)\s*)?\\frac\{(?:d|\\partial)(?:\^\{\d\})?\}\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
_BIG = re.compile(r"^[-+=<>]?\s*\\(?:sum|prod|int|lim|nabla)(?![A-Za-z])(?:\\limits)?")


def _only_limits(rest: str) -> bool:
    """Whether nothing but sub- and superscripts (and further big operators) follows a big operator."""
    rest = rest.strip()
    while rest:
        if match := re.match(r"[_^]\{", rest):
            rest = _group(rest, match.end())[1].strip()
        elif match := re.match(r"[_^](?:\\[A-Za-z]+|[^{])|\\(?:sum|prod|int|lim|nabla)(?![A-Za-z])", rest):
            rest = rest[match.end() :].strip()
        else:
            return False
    return True


def _break_product(term: str, limit: float) -> list[str]:
    if width(term) <= limit:
        return [term]
    rows = _fill(_factors(term), limit)
    out: list[str] = []
    for index, row in enumerate(rows):
        pieces = [row] if width(row) <= limit else _open_brackets(row, limit)
        needs_times = index and not re.match(r"([+\-=<>]|\\(le|ge|to|times|cdot)\b|\\,)", row)
        out += [f"\\times {pieces[0]}" if needs_times else pieces[0], *pieces[1:]]
    return out


_FRACTION = re.compile(r"(?P<sign>(?:[+\-=]|\\le|\\ge)?\s*)\\frac\{")
_ROOT = re.compile(r"(?P<sign>(?:[+\-=]|\\le|\\ge)?\s*)\\sqrt\{")


def _open_brackets(factor: str, limit: float) -> list[str]:
    """One wide factor, broken inside its widest bracket; a wide fraction or root is rewritten as a bracket first."""
    if match := _FRACTION.match(factor):
        numerator, rest = _group(factor, match.end())
        denominator, tail = _group(rest, 1)
        if width(numerator) > max(limit / 2, width(denominator)):
            return _open_brackets(f"{match['sign']}\\frac{{1}}{{{denominator}}} \\left[{numerator}\\right]{tail}", limit)
    if match := _ROOT.match(factor):
        inside, tail = _group(factor, match.end())
        return _open_brackets(f"{match['sign']}\\left({inside}\\right)^{{1/2}}{tail}", limit)
    found = list(_depths(tokens(factor)))
    best: tuple[float, int, int] | None = None
    start = -1
    for index, (depth, token) in enumerate(found):
        if depth == 0 and token in ("\\left", "(", "["):
            start = index
        elif depth == 0 and token in ("\\right", ")", "]") and start >= 0:
            inside_at = start + (2 if found[start][1] == "\\left" else 1)
            wide = width("".join(text for _, text in found[inside_at:index]))
            if best is None or wide > best[0]:
                best = (wide, start, index)
            start = -1
    if best is None or best[0] <= limit / 3:
        return [factor]
    return _broken_inside([text for _, text in found], best[1], best[2], limit)


def _broken_inside(found: list[str], start: int, end: int, limit: float) -> list[str]:
    step = 2 if found[start] == "\\left" else 1
    opening, closing = found[start + step - 1], found[end + step - 1]
    head, body, tail = "".join(found[:start]), "".join(found[start + step : end]), "".join(found[end + step :])
    rows = break_lines(body, limit - max(2.0, min(width(head), limit / 3)))
    if len(rows) == 1:
        return ["".join(found)]
    size = "bigg" if any(command in body for command in _TALL) else "big"
    rows[0] = f"{head}\\{size}l{opening}{rows[0]}"
    rows[-1] = f"{rows[-1]}\\{size}r{closing}{tail}"
    return [rows[0], *(f"\\quad {row}" for row in rows[1:])]


def _group(latex: str, position: int) -> tuple[str, str]:
    """The braced group that starts before `position` (its brace already read), and what follows it."""
    depth = 1
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(latex, position):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return latex[position : match.start()], latex[match.end() :]
    return latex[position:], ""
