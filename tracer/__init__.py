"""Closed-form gradients of differentiable programs, with the reason where there is none."""

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from tracer import linalg, math, nn
from tracer import protocols as _protocols
from tracer.checking import check
from tracer.draw import render, to_graphviz
from tracer.emit import evaluation as _evaluation
from tracer.emit.compilation import compile
from tracer.formulas import description as _description
from tracer.formulas.reading import formula
from tracer.forward import ForwardAccumulator, autodiff
from tracer.operations import OPERATIONS as _OPERATIONS
from tracer.tape import GradientTape, UnconnectedGradients, gradients
from tracer.tensor import Tensor, constant, convert_to_tensor, placeholder, symbols
from tracer.transforms import grad, hessian, jacobian, jvp, value_and_grad, vjp
from tracer.variable import Variable

globals().update(_OPERATIONS)

__version__ = "0.1.0"

float32, float64, int32, int64, bool = "float32", "float64", "int32", "int64", "bool"
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
    "check",
    "compile",
    "constant",
    "convert_to_tensor",
    "float32",
    "float64",
    "formula",
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
