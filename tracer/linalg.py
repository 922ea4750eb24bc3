"""Linear algebra, by TensorFlow's names in ``tf.linalg``."""

from typing import TYPE_CHECKING

from tracer import namespaces
from tracer.operations import with_name
from tracer.ops import (
    contraction,
    creation,
    decompositions,
    diagonal,
    inverses,
    lu,
    matrix_functions,
    norms,
    powers,
    spectral,
    systems,
)

_FUNCTIONS = {
    **contraction.LINALG, **diagonal.LINALG, **inverses.LINALG, **systems.LINALG, **powers.LINALG,
    **norms.LINALG, **spectral.LINALG,
    **decompositions.LINALG, **lu.LINALG, **matrix_functions.LINALG,
    "adjoint": contraction.adjoint, "outer": contraction.outer, "eye": creation.eye,
}  # fmt: skip
globals().update(namespaces.functions(__name__, {name: with_name(f) for name, f in _FUNCTIONS.items()}))

__all__ = sorted(_FUNCTIONS)

if not TYPE_CHECKING:  # Checkers know what is here.
    __getattr__, __dir__ = namespaces.lookups(__name__)
