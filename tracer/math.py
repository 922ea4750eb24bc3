"""Mathematical functions, by TensorFlow's names in ``tf.math``."""

from tracer.backprop import add_n as add_n
from tracer.ops import contraction, elementwise, gathering, network, ordering, reduction, scan

for _family in (elementwise, ordering, reduction, scan):
    globals().update(_family.FUNCTIONS)
globals().update({name: f for name, f in contraction.FUNCTIONS.items() if name.startswith("reduce_")})
globals().update({name: gathering.FUNCTIONS[name] for name in ("segment_sum", "unsorted_segment_sum")})
globals().update({name: network.NN[name] for name in ("softmax", "log_softmax", "l2_normalize")})
