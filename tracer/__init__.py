"""Closed-form gradients of differentiable programs, with the reason where there is none."""

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from tracer import linalg, math, nn
from tracer.draw import render, to_graphviz
from tracer.emit import evaluation as _evaluation
from tracer.emit.compilation import compile
from tracer import control as _control
from tracer import custom as _custom
from tracer.forward import ForwardAccumulator, autodiff
from tracer.ops import contraction as _contraction
from tracer.ops import creation as _creation
from tracer.ops import elementwise as _elementwise
from tracer.ops import gathering as _gathering
from tracer.ops import indexing as _indexing
from tracer.ops import ordering as _ordering
from tracer.ops import reduction as _reduction
from tracer.ops import scan as _scan
from tracer.ops import structure as _structure
from tracer.ops import matrix as _matrix
from tracer.tape import GradientTape, UnconnectedGradients, gradients
from tracer.tensor import Tensor, Variable, constant, convert_to_tensor, placeholder, symbols
from tracer.transforms import grad, hessian, jacobian, jvp, value_and_grad, vjp

_OPERATIONS: dict[str, _Any] = {}
for _family in (_elementwise, _contraction, _creation, _gathering, _indexing, _ordering, _reduction, _scan, _structure, _matrix, _custom, _control):
    _OPERATIONS.update(_family.FUNCTIONS)
globals().update(_OPERATIONS)

__version__ = "0.1.0"

float32, float64, int32, int64 = "float32", "float64", "int32", "int64"
newaxis = None

if _TYPE_CHECKING:

    def __getattr__(name: str) -> _Any:
        """The operations, which come from tables."""


__all__ = [
    "ForwardAccumulator",
    "GradientTape",
    "Tensor",
    "UnconnectedGradients",
    "Variable",
    "autodiff",
    "compile",
    "constant",
    "convert_to_tensor",
    "float32",
    "float64",
    "grad",
    "gradients",
    "hessian",
    "int32",
    "int64",
    "jacobian",
    "jvp",
    "linalg",
    "math",
    "newaxis",
    "nn",
    "placeholder",
    "render",
    "symbols",
    "to_graphviz",
    "value_and_grad",
    "vjp",
]
__all__ += sorted(_OPERATIONS)
