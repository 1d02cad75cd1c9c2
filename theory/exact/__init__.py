"""Is it zero, which sign has it: answers that are proved, with exact arithmetic alone. Names are imported on first use.

`constants` and `order` are about numbers, `signs` about expressions on a domain, `zero` about identities. The domain of
a claim stands on the first two and the last two stand on the domain, so this face must not import them at once.
"""

from typing import TYPE_CHECKING

from lemmata.theory.lazy import face

if TYPE_CHECKING:
    from lemmata.theory.exact.zero import equal as equal
    from lemmata.theory.exact.zero import is_zero as is_zero
    from lemmata.theory.exact.zero import nonnegative as nonnegative
    from lemmata.theory.exact.zero import positive as positive

_HOMES = dict.fromkeys(("equal", "is_zero", "nonnegative", "positive"), ".zero")

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
