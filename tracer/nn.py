"""Neural-network functions, by TensorFlow's names in ``tf.nn``."""

from tracer.ops import convolution as _convolution
from tracer.ops import elementwise as _elementwise
from tracer.ops import network as _network
from tracer.ops import ordering as _ordering

_NAMES = ("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "softplus", "softsign", "sigmoid", "tanh")
globals().update({name: _elementwise.FUNCTIONS[name] for name in _NAMES})
globals().update(_network.NN)
globals().update(_convolution.NN)
top_k = _ordering.top_k

__all__ = sorted(name for name in globals() if not name.startswith("_"))
