"""Closed-form gradients of differentiable programs, with the reason where there is none."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from tracer import assembly as _assembly  # noqa: F401
from tracer import linalg, math, nn, random
from tracer import namespaces as _namespaces
from tracer.backends import compile, emit_c
from tracer.checking import check
from tracer.curvature_products import gnvp, hvp
from tracer.draw import render, to_graphviz
from tracer.dtypes import boolean as bool
from tracer.dtypes import float32, float64, int32, int64
from tracer.formulas.assuming import Eq, assuming
from tracer.formulas.reading import formula
from tracer.forward import ForwardAccumulator, autodiff
from tracer.function import TensorSpec, function
from tracer.module import Module
from tracer.operations import OPERATIONS as _OPERATIONS
from tracer.printing import print
from tracer.tape import GradientTape, UnconnectedGradients, gradients, hessians
from tracer.tensor import Tensor, constant, convert_to_tensor, placeholder, symbols
from tracer.tensor_array import TensorArray
from tracer.tensor_shape import TensorShape
from tracer.transforms import grad, hessian, jacobian, jvp, value_and_grad, vjp
from tracer.variable import Variable

if _TYPE_CHECKING:
    from tracer.comparison.verdicts import Comparison, Verdict, compare
    from tracer.explanations.conditions import Condition, conditions
    from tracer.explanations.connections import Connection, explain
    from tracer.explanations.derivation import derivation
    from tracer.explanations.diagnosis import Diagnosis, diagnose
    from tracer.explanations.domains import Kind
    from tracer.explanations.ways import Reason
    from tracer.grammars import Parsed, parse
    from tracer.sparse_jacobians.sparsity_patterns import Sparsity, SymbolicSparsity, sparsity

globals().update(_namespaces.functions(__name__, _OPERATIONS))
globals().update(
    _namespaces.functions(
        __name__,
        {
            f.__name__: f
            for f in (
                check, compile, constant, convert_to_tensor, emit_c, formula, function, gnvp, grad, gradients, hessian,
                hessians, hvp, jacobian, jvp, placeholder, render, symbols, to_graphviz, value_and_grad, vjp,
            )
        },
    )
)  # fmt: skip

__version__ = "0.1.0"

newaxis = None

_LATE = dict.fromkeys(("Connection", "explain"), "explanations.connections")
_LATE |= dict.fromkeys(("Condition", "conditions"), "explanations.conditions")
_LATE |= dict.fromkeys(("Diagnosis", "diagnose"), "explanations.diagnosis")
_LATE |= dict.fromkeys(("Comparison", "Verdict", "compare"), "comparison.verdicts")
_LATE |= dict.fromkeys(("Parsed", "parse"), "grammars")
_LATE |= dict.fromkeys(("Sparsity", "SymbolicSparsity", "sparsity"), "sparse_jacobians.sparsity_patterns")
_LATE.update(Kind="explanations.domains", Reason="explanations.ways", derivation="explanations.derivation")
"""The public names that are imported when they are first asked for."""


def __getattr__(name: str) -> _Any:
    """The packages imported when they are first asked for; type checkers take it for the operations too."""
    if name in _LATE:
        answer = globals()[name] = getattr(_import_module(f"tracer.{_LATE[name]}"), name)
        return answer
    if name in ("array_api", "debugging", "testing"):
        return _import_module(f"tracer.{name}")
    return _namespaces.refuse(__name__, name)


def __dir__() -> list[str]:
    return _namespaces.listed(__name__)


__all__ = [
    "Comparison",
    "Condition",
    "Connection",
    "Diagnosis",
    "Eq",
    "ForwardAccumulator",
    "GradientTape",
    "Kind",
    "Module",
    "Parsed",
    "Reason",
    "Sparsity",
    "SymbolicSparsity",
    "Tensor",
    "TensorArray",
    "TensorShape",
    "TensorSpec",
    "UnconnectedGradients",
    "Variable",
    "Verdict",
    "array_api",
    "assuming",
    "autodiff",
    "bool",
    "check",
    "compare",
    "compile",
    "conditions",
    "constant",
    "convert_to_tensor",
    "debugging",
    "derivation",
    "diagnose",
    "emit_c",
    "explain",
    "float32",
    "float64",
    "formula",
    "function",
    "gnvp",
    "grad",
    "gradients",
    "hessian",
    "hessians",
    "hvp",
    "int32",
    "int64",
    "jacobian",
    "jvp",
    "linalg",
    "math",
    "newaxis",
    "nn",
    "parse",
    "placeholder",
    "print",
    "random",
    "render",
    "sparsity",
    "symbols",
    "testing",
    "to_graphviz",
    "value_and_grad",
    "vjp",
]
__all__ += sorted(_OPERATIONS)
