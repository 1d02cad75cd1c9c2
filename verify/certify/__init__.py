"""Certificates: what holds over the whole domain, shown by enclosures that cover it. Names are imported on first use."""

from typing import TYPE_CHECKING

from lemmata.theory.lazy import face

if TYPE_CHECKING:
    from lemmata.verify.certify.boxes import boxed as boxed
    from lemmata.verify.certify.boxes import real_throughout as real_throughout
    from lemmata.verify.certify.boxes import value_certificate as value_certificate

_HOMES = dict.fromkeys(("boxed", "real_throughout", "value_certificate"), ".boxes")

__getattr__, __dir__, __all__ = face(__name__, _HOMES)
