"""The rules of differentiation in words, by operation."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.ops.contraction import Contraction
from tracer.rules import Elementwise
from tracer.tensor import Tensor

NOUNS: Mapping[str, str] = {
    "add": "sum",
    "subtract": "difference",
    "multiply": "product",
    "divide": "quotient",
    "pow": "power",
    "negative": "negative",
    "square": "square",
    "sqrt": "square root",
    "rsqrt": "inverse square root",
    "reciprocal": "reciprocal",
    "exp": "exponential",
    "log": "logarithm",
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "tanh": "hyperbolic tangent",
    "abs": "absolute value",
    "relu": "relu",
    "where": "choice",
    "matmul": "matrix product",
    "matvec": "product of matrix and vector",
    "tensordot": "inner product",
    "outer": "outer product",
    "einsum": "einsum",
    "reduce_sum": "sum over elements",
    "reduce_mean": "mean",
    "transpose": "transpose",
    "matrix_transpose": "transpose",
    "trace": "trace",
    "diag": "diagonal matrix",
    "diag_part": "diagonal",
    "inv": "inverse",
    "det": "determinant",
    "concat": "concatenation",
    "stack": "stack",
    "getitem": "chosen elements",
    "reshape": "reshaped tensor",
    "expand_dims": "tensor with a new axis",
    "squeeze": "tensor without the axis",
    "broadcast_to": "broadcast tensor",
    "reduce_logsumexp": "log-sum-exp",
    "identity": "copy",
    "stop_gradient": "constant",
}
"""What an operation makes, where its name does not say it."""

RULES: Mapping[str, tuple[str, ...]] = {
    "add": ("a sum passes its gradient on",),
    "subtract": ("a difference passes its gradient on", "what is subtracted gets the negative"),
    "multiply": ("product rule: times the other factor",),
    "divide": ("quotient rule: divided by the denominator", "quotient rule, by the denominator"),
    "negative": ("a minus sign passes on",),
    "matmul": (
        "matrix product: times the transpose of the right factor",
        "matrix product: the transpose of the left factor times it",
    ),
    "matvec": (
        "product of matrix and vector: the outer product with the vector",
        "product of matrix and vector: the transpose of the matrix times it",
    ),
    "reduce_sum": ("a sum gives its gradient to every summand",),
    "reduce_mean": ("a mean gives every element its share",),
    "transpose": ("a transpose is undone by a transpose",),
    "matrix_transpose": ("a transpose is undone by a transpose",),
    "trace": ("a trace gives its gradient to the diagonal",),
    "identity": ("a copy passes its gradient on",),
}
"""What an operation does to the gradient on the way to each of its operands; the last entry stands for all others."""


def name_value(tensor: Tensor) -> str:
    """What an operation makes: ``"a matrix product"``."""
    noun = NOUNS.get(tensor.rule.name, tensor.rule.name)
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def name_rule(user: Tensor, position: int) -> str:
    """The rule by which a gradient comes to an operand of an operation.

    Examples
    --------
    >>> import tracer
    >>> x, b = tracer.placeholder("x", ("n", "m")), tracer.placeholder("b", ("m",))
    >>> name_rule(tracer.tanh(x), 0), name_rule(x + b, 1)
    ('chain rule through tanh', 'a sum passes its gradient on, summed over what was broadcast')
    """
    rule = user.rule
    if rule.joint:
        return f"the rule that {rule.name} states"
    known = RULES.get(rule.name)
    if known is not None:
        words = known[min(position, len(known) - 1)]
    elif rule.facts.moves:
        words = "elements that were moved take their gradients along"
    elif type(rule) is Contraction:
        words = f"{rule.name} is linear: by the other factors"
    else:
        words = f"chain rule through {rule.name if rule.name not in NOUNS else _the(NOUNS[rule.name], rule.name)}"
    operand = user.args[position]
    spread = isinstance(rule, Elementwise) and type(operand) is Tensor and operand.shape != user.shape
    return f"{words}, summed over what was broadcast" if spread else words


def _the(noun: str, name: str) -> str:
    """A function by its name where people call it so, else the noun."""
    return name if name in ("sin", "cos", "tan", "tanh", "exp", "log", "relu") else f"the {noun}"
