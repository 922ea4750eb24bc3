"""Linear algebra, by TensorFlow's names in ``tf.linalg``."""

from tracer.ops import contraction

globals().update(contraction.LINALG)
