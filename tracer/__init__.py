"""Closed-form gradients of differentiable programs, with the reason where there is none."""

from tracer.ops import contraction, elementwise
from tracer.tape import GradientTape, UnconnectedGradients, gradients
from tracer.tensor import Tensor, Variable, constant, convert_to_tensor, placeholder, symbols

globals().update(elementwise.FUNCTIONS, **contraction.FUNCTIONS)
