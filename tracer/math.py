"""Mathematical functions, by TensorFlow's names in ``tf.math``."""

from tracer.backprop import add_n as add_n
from tracer.ops import contraction, elementwise, network, ordering, reduction, scan, segments

for _family in (elementwise, ordering, reduction, scan, segments):
    globals().update(_family.FUNCTIONS)
globals().update({name: f for name, f in contraction.FUNCTIONS.items() if name.startswith("reduce_")})
globals().update({name: network.NN[name] for name in ("softmax", "log_softmax", "l2_normalize")})
