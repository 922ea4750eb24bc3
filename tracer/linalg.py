"""Linear algebra, by TensorFlow's names in ``tf.linalg``."""

from tracer.ops import contraction, matrix

globals().update(contraction.LINALG)
globals().update(matrix.LINALG)
