"""The field's notation: expressions, statements and hypotheses as LaTeX and as plain text. Names are imported on first use.

`notation`, `layout` and `width` work on text alone, so that a report is rebuilt from records without SymPy.
"""

from typing import TYPE_CHECKING

from lemmata.theory.lazy import face

if TYPE_CHECKING:
    from lemmata.theory.printing.layout import break_lines as break_lines
    from lemmata.theory.printing.plain_text import text as text
    from lemmata.theory.printing.printer import FieldPrinter as FieldPrinter
    from lemmata.theory.printing.printer import latex as latex
    from lemmata.theory.printing.printer import latex_statement as latex_statement

_HOMES = {
    "FieldPrinter": ".printer",
    "break_lines": ".layout",
    "latex": ".printer",
    "latex_setting": ".hypotheses",
    "latex_statement": ".printer",
    "text": ".plain_text",
}

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
