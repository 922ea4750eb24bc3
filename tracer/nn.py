"""Neural-network functions, by TensorFlow's names in ``tf.nn``."""

from tracer.ops import network as _network
from tracer.ops.elementwise import FUNCTIONS as _ELEMENTWISE
from tracer.ops.ordering import top_k as top_k

_NAMES = ("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "softplus", "softsign", "sigmoid", "tanh")
globals().update({name: _ELEMENTWISE[name] for name in _NAMES})
globals().update(_network.NN)
