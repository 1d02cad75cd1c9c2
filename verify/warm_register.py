"""lemmata's own register, loaded once: workers that judge it are forked from the process that imported this."""

from __future__ import annotations

import gc

from lemmata.verify import warm
from lemmata.verify.catalogue import load_own_register

__all__ = ["warm"]

gc.disable()  # as there
load_own_register()
gc.enable()
