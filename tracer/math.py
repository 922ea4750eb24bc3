"""Mathematical functions, by TensorFlow's names in ``tf.math``."""

from typing import TYPE_CHECKING

from tracer import namespaces
from tracer.backprop import add_n
from tracer.operations import with_name
from tracer.ops import contraction, elementwise, layers, ordering, reduction, scan, segments

_FUNCTIONS = {
    **elementwise.FUNCTIONS, **ordering.FUNCTIONS, **reduction.FUNCTIONS, **scan.FUNCTIONS, **segments.FUNCTIONS,
    **{name: f for name, f in contraction.FUNCTIONS.items() if name.startswith("reduce_")},
    **{name: layers.NN[name] for name in ("softmax", "log_softmax", "l2_normalize")},
    "add_n": add_n,
}  # fmt: skip
globals().update(namespaces.functions(__name__, {name: with_name(f) for name, f in _FUNCTIONS.items()}))

__all__ = sorted(_FUNCTIONS)

if not TYPE_CHECKING:  # Checkers know what is here.
    __getattr__, __dir__ = namespaces.lookups(__name__)
