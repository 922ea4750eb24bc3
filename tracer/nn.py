"""Neural-network functions, by TensorFlow's names in ``tf.nn``."""

from typing import TYPE_CHECKING

from tracer import namespaces
from tracer.operations import with_name
from tracer.ops import convolution, elementwise, layers, losses, ordering

_NAMES = (
    "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "softplus", "softsign", "sigmoid", "tanh",
)  # fmt: skip
_FUNCTIONS = {
    **{name: elementwise.FUNCTIONS[name] for name in _NAMES}, **layers.NN, **losses.NN, **convolution.NN,
    "top_k": ordering.top_k,
}  # fmt: skip
globals().update(namespaces.functions(__name__, {name: with_name(f) for name, f in _FUNCTIONS.items()}))

__all__ = sorted(_FUNCTIONS)

if not TYPE_CHECKING:  # Checkers know what is here.
    __getattr__, __dir__ = namespaces.lookups(__name__)
