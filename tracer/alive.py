"""The traced tensors that are alive, by key."""

from __future__ import annotations

import sys
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracer.tensor import Tensor

live: dict[int, weakref.ref[Tensor]] = {}
"""In order of creation."""

keys = iter(range(sys.maxsize))
"""The keys of nodes to come."""
