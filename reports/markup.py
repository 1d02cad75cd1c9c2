"""Sentences for a page of HTML: the LaTeX that the views hold, of which only a few commands occur, as elements and MathML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from types import MappingProxyType

from lemmata.reports.bibliography import WORKS, Work
from lemmata.reports.mathml import mathml

_ELEMENTS = {
    "textsl": ("<em>", "</em>"),
    "textit": ("<em>", "</em>"),
    "emph": ("<em>", "</em>"),
    "textbf": ("<strong>", "</strong>"),
    "texttt": ("<code>", "</code>"),
    "text": ("", ""),
    "url": ('<span class="url">', "</span>"),
}
_WORDS = {
    "allowbreak": "<wbr>",
    "newline": "<br>",
    "ldots": "…",
    "surd": "√",
    "textbackslash": "\\",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textless": "&lt;",
    "textgreater": "&gt;",
    "textbar": "|",
    "enspace": " ",
    "quad": " ",
    "L": "Ł",
    "l": "ł",
    "o": "ø",
    "ss": "ß",
    "raggedright": "",
}
_ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "c": "\u0327", "v": "\u030c", "H": "\u030b"}
_TOKEN = re.compile(
    r"\$(?P<math>[^$]*)\$"
    r"|\\(?P<word>[A-Za-z]+)\s*"
    r"|\\(?P<sign>[^A-Za-z])"
    r"|(?P<open>\{)|(?P<close>\})"
    r"|(?P<special>---|--|``|''|~)"
    r"|(?P<plain>[^$\\{}~`'-]+|.)",
    re.DOTALL,
)
_SPECIAL = {"---": "—", "--": "–", "``": "“", "''": "”", "~": "\u00a0"}


def markup(fragment: str, numbers: Mapping[str, str] = MappingProxyType({})) -> str:
    r"""A fragment of LaTeX as HTML.

    >>> markup(r"\textsl{Search}: 50\% of a\_b -- \verdict{proved}")
    '<em>Search</em>: 50% of a_b – <span class="verdict proved">proved</span>'
    """
    return _Reader(fragment, numbers).read()


class _Reader:
    """Reads a fragment from left to right."""

    def __init__(self, text: str, numbers: Mapping[str, str]) -> None:
        self._text = text
        self._numbers = numbers
        self._at = 0

    def read(self) -> str:
        out: list[str] = []
        while self._at < len(self._text):
            match = _TOKEN.match(self._text, self._at)
            if match is None:
                break
            self._at = match.end()
            out.append(self._token(match))
        return "".join(out)

    def _token(self, match: re.Match[str]) -> str:
        match match.lastgroup:
            case "math":
                return mathml(match["math"])
            case "word":
                return self._command(match["word"])
            case "sign":
                return self._accent(match["sign"]) if match["sign"] in _ACCENTS else _plain(match["sign"].replace(",", "\u202f"))
            case "special":
                return _SPECIAL[match["special"]]
            case "plain":
                return _plain(match["plain"])
        return ""

    def _command(self, word: str) -> str:
        if word in _ELEMENTS:
            before, after = _ELEMENTS[word]
            return f"{before}{markup(self._argument(), self._numbers)}{after}"
        if word in _WORDS:
            return _WORDS[word]
        match word:
            case "fitinline":
                return mathml(self._argument())
            case "verdict":
                verdict = _plain(self._argument())
                return f'<span class="verdict {verdict}">{verdict}</span>'
            case "hyperref":
                label = self._option()
                inner = markup(self._argument(), self._numbers)
                return f'<a href="#{escape(label)}">{inner}</a>'
            case "ref":
                label = self._argument()
                return f'<a href="#{escape(label)}">{self._numbers.get(label, "?")}</a>'
            case "citet" | "citep":
                return self._citation(word)
            case "hspace":
                self._argument()
                return " "
            case "c" | "v" | "H":
                return self._accent(word)
        return _plain(word)

    def _citation(self, word: str) -> str:
        place = self._option()
        key = self._argument()
        where = markup(place, self._numbers)
        if key not in WORKS:
            return _plain(key)
        authors, year = _who(WORKS[key]), WORKS[key].year
        link = f'<a href="#work-{key}">{authors}</a>'
        inside = ", ".join(part for part in (year, where) if part)
        if word == "citep":
            return f"({', '.join(part for part in (link, inside) if part)})"
        return f"{link} ({inside})" if inside else link

    def _accent(self, mark: str) -> str:
        letter = self._argument() or " "
        return f"{_plain(letter[0])}{_ACCENTS[mark]}{_plain(letter[1:])}"

    def _option(self) -> str:
        if not self._text.startswith("[", self._at):
            return ""
        depth, start = 0, self._at + 1
        for index in range(start, len(self._text)):
            character = self._text[index]
            depth += (character == "{") - (character == "}")
            if character == "]" and depth == 0:
                self._at = index + 1
                return self._text[start:index].removeprefix("{").removesuffix("}")
        return ""

    def _argument(self) -> str:
        """The group that follows, or one character; brackets inside count, escaped ones do not."""
        if not self._text.startswith("{", self._at):
            found = self._text[self._at : self._at + 1]
            self._at += 1
            return found
        depth, index = 0, self._at
        while index < len(self._text):
            character = self._text[index]
            if character == "\\":
                index += 2
                continue
            depth += (character == "{") - (character == "}")
            if depth == 0:
                break
            index += 1
        found = self._text[self._at + 1 : index]
        self._at = index + 1
        return found


def _who(work: Work) -> str:
    return markup(work.authors)


def _plain(text: str) -> str:
    return escape(text, quote=False)
