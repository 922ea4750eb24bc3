"""Mathematical functions, by TensorFlow's names in ``tf.math``."""

from tracer.ops import contraction, elementwise

globals().update(elementwise.FUNCTIONS)
globals().update({name: f for name, f in contraction.FUNCTIONS.items() if name.startswith("reduce_")})
