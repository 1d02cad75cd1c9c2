"""Formulas for a page of HTML: LaTeX as MathML, which a browser sets by itself."""

from __future__ import annotations

import re
from functools import cache
from html import escape

_BOXES = re.compile(r"\\(?:fitinline|fit|displaystyle|allowbreak)(?![A-Za-z])(?:\{\})?")
_SIZES = re.compile(r"\\(?:[bB]igg?[lr]?)(?![A-Za-z])")


@cache
def mathml(formula: str, *, display: bool = False) -> str:
    r"""A formula as a `math` element; one that cannot be read is shown as it stands, as code.

    >>> mathml("x^{2}")
    '<math display="inline"><msup><mi>x</mi><mrow><mn>2</mn></mrow></msup></math>'
    """
    from latex2mathml import exceptions
    from latex2mathml.converter import convert

    faults = tuple(item for item in vars(exceptions).values() if isinstance(item, type) and issubclass(item, Exception))
    cleaned = _SIZES.sub("", _BOXES.sub("", formula)).replace("\\begin{psmallmatrix}", "\\begin{pmatrix}")
    cleaned = cleaned.replace("\\end{psmallmatrix}", "\\end{pmatrix}").replace("\\dfrac", "\\frac").strip()
    try:
        printed = convert(cleaned, display="block" if display else "inline")
    except faults:
        return f"<code>{escape(formula)}</code>"
    inner = re.sub(r'^<math[^>]*display="(\w+)"[^>]*><mrow>(.*)</mrow></math>$', r'<math display="\1">\2</math>', printed, flags=re.DOTALL)
    return inner if printed.count("<math") == 1 else printed
