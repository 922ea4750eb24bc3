"""Linear algebra, by TensorFlow's names in ``tf.linalg``."""

from tracer.ops import contraction, diagonal, matrix, norms, spectral
from tracer.ops.contraction import matrix_transpose as adjoint
from tracer.ops.contraction import outer
from tracer.ops.creation import eye

for _family in (contraction, diagonal, matrix, norms, spectral):
    globals().update(_family.LINALG)

__all__ = sorted(name for name in globals() if not name.startswith("_"))
