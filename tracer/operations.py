"""Every operation by its name, gathered from the tables of the families."""

from __future__ import annotations

from typing import Any

from tracer import backprop, control, custom
from tracer.ops import (
    assertions,
    contraction,
    creation,
    diagonal,
    elementwise,
    gathering,
    indexing,
    matrix,
    network,
    norms,
    ordering,
    reduction,
    scan,
    scattering,
    segments,
    spectral,
    structure,
)

FAMILIES = (
    elementwise,
    assertions,
    contraction,
    creation,
    gathering,
    indexing,
    ordering,
    reduction,
    scan,
    scattering,
    segments,
    structure,
    diagonal,
    matrix,
    norms,
    spectral,
    network,
    backprop,
    custom,
    control,
)


def namespace(name: str) -> dict[str, Any]:
    """The functions of ``FUNCTIONS`` (top level), ``LINALG``, ``NN`` or ``MATH``; a family need not have any there."""
    return {key: f for family in FAMILIES for key, f in getattr(family, name, {}).items()}


OPERATIONS = namespace("FUNCTIONS")
