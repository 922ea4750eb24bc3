"""The rules of differentiation in words, by operation.

A name of a value stands between backquotes, so that text can leave them out and LaTeX write the name as it writes it in
formulas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tracer.explanations.value_names import is_square
from tracer.ops.contraction import Contraction
from tracer.rules import Elementwise, Op
from tracer.shapes import Shape
from tracer.tensor import Tensor

NOUNS: Mapping[str, str] = {
    "add": "sum",
    "add_n": "sum",
    "subtract": "difference",
    "multiply": "product",
    "divide": "quotient",
    "pow": "power",
    "negative": "negative",
    "abs": "absolute value",
    "square": "square",
    "squared_difference": "squared difference",
    "sqrt": "square root",
    "rsqrt": "inverse square root",
    "where": "choice between two values",
    "reduce_sum": "sum of elements",
    "reduce_mean": "mean of elements",
    "reduce_max": "maximum",
    "reduce_min": "minimum",
    "reduce_prod": "product of all elements",
    "reduce_logsumexp": "log-sum-exp",
    "reduce_all": "test of all elements",
    "reduce_any": "test of any element",
    "segment_max": "maximum of each segment",
    "cumsum": "cumulative sum",
    "cumprod": "cumulative product",
    "cumulative_logsumexp": "cumulative log-sum-exp",
    "recurrence": "linear recurrence",
    "lgamma": "log-gamma function",
    "digamma": "digamma function",
    "polygamma": "polygamma function",
    "zeta": "zeta function",
    "erf": "error function",
    "erfc": "complementary error function",
    "erfcx": "scaled complementary error function",
    "erfinv": "inverse error function",
    "erfcinv": "inverse complementary error function",
    "ndtri": "normal quantile function",
    "clip_by_value": "clipping",
    "log_sigmoid": "log-sigmoid",
    "floordiv": "quotient rounded down",
    "mod": "remainder",
    "ceil": "ceiling",
    "rint": "rounding",
    "round": "rounding",
    "silu": "silu (swish)",
    "divide_no_nan": "quotient (0 where the divisor is 0)",
    "multiply_no_nan": "product (0 where the second factor is 0)",
    "reciprocal_no_nan": "reciprocal (0 at 0)",
    "xdivy": "quotient (0 where the numerator is 0)",
    "xlogy": "product of x and log y",
    "xlog1py": "product of x and log(1 + y)",
    "log1p": "logarithm of 1 plus it",
    "log2": "logarithm to the base 2",
    "log10": "logarithm to the base 10",
    "exp2": "power of 2",
    "expm1": "exponential minus 1",
    "gelu_approximate": "gelu (with tanh)",
    "cast": "conversion",
    "one_hot": "one-hot rows",
    "ones_like": "ones",
    "zeros_like": "zeros",
    "is_nan": "test for NaN",
    "is_inf": "test for infinity",
    "is_finite": "test for finite values",
    "identity": "copy",
    "stop_gradient": "constant: nothing is handed through it",
    "getitem": "chosen elements",
    "scatter": "elements put in their places",
    "reshape": "new shape",
    "concat": "concatenation",
    "stack": "stack",
    "pad": "padding",
    "expand_dims": "new axis",
    "squeeze": "axis taken away",
    "broadcast_to": "repetition",
    "band_part": "band of a matrix",
    "set_diag": "matrix with a new diagonal",
    "tensordot": "inner product",
    "matmul": "matrix product",
    "matvec": "product of a matrix and a vector",
    "outer": "outer product",
    "einsum": "sum of products",
    "transpose": "transpose",
    "matrix_transpose": "transpose",
    "trace": "trace",
    "diag": "diagonal matrix",
    "diag_part": "diagonal",
    "cross": "cross product",
    "inv": "inverse",
    "pinv": "pseudo-inverse",
    "det": "determinant",
    "logdet": "log-determinant",
    "slogdet_log": "logarithm of the absolute determinant",
    "slogdet_sign": "sign of the determinant",
    "adjugate": "adjugate",
    "solve": "solution of a linear system",
    "expm": "matrix exponential",
    "logm": "matrix logarithm",
    "sqrtm": "matrix square root",
    "matrix_power": "matrix power",
    "cholesky": "Cholesky factor",
    "eigvalsh": "eigenvalues",
    "eigenvectors": "eigenvectors",
    "svd": "singular values",
    "svd_left": "left singular vectors",
    "svd_right": "right singular vectors",
    "svd_full_left": "all left singular vectors",
    "svd_full_right": "all right singular vectors",
    "qr_q": "orthogonal factor (QR)",
    "lu": "triangular factors (LU)",
    "lu_permutation": "permutation (LU)",
    "argmax": "position of the maximum",
    "argmin": "position of the minimum",
    "argsort": "order of the elements",
}
"""What an operation makes, where its name, with blanks for underscores, does not say it."""

FUNCTIONS = {
    "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "atan2", "asinh", "acosh",
    "atanh", "sigmoid", "relu", "relu6", "elu", "selu", "silu", "gelu", "softplus", "softsign", "softmax", "leaky_relu",
    "log1p", "expm1", "erf", "erfc", "maximum", "minimum",
}  # fmt: skip
"""What people call by its name: the chain rule goes through ``tanh``, and through *the* square root."""

RULES: Mapping[str, tuple[str, ...]] = {
    "add": ("a sum hands its gradient to each summand",),
    "add_n": ("a sum hands its gradient to each summand",),
    "subtract": ("a difference hands its gradient on", "what is subtracted gets the negative of the gradient"),
    "multiply": ("product rule, times the other factor",),
    "divide": ("quotient rule, divided by the denominator", "quotient rule for the denominator"),
    "negative": ("a minus sign stays in front",),
    "matmul": (
        "matrix product rule, times the transpose of the right factor",
        "matrix product rule, the transpose of the left factor times it",
    ),
    "matvec": (
        "matrix-vector product rule, the outer product with the vector",
        "matrix-vector product rule, the transpose of the matrix times it",
    ),
    "tensordot": ("product rule, times the other factor",),
    "outer": ("product rule, times the other factor",),
    "reduce_sum": ("a sum hands its gradient to each element",),
    "reduce_mean": ("a mean hands each element its share of the gradient",),
    "transpose": ("a transpose is undone by a transpose",),
    "matrix_transpose": ("a transpose is undone by a transpose",),
    "trace": ("a trace hands its gradient to the diagonal",),
    "identity": ("a copy hands its gradient on",),
    "softmax": ("chain rule through softmax, whose Jacobian is diag(p) - p*p.T",),
    "reduce_logsumexp": ("chain rule through log-sum-exp, whose gradient is the softmax",),
    "inv": ("chain rule through the inverse, d inv(A) = -inv(A)*dA*inv(A)",),
    "det": ("Jacobi's formula for the determinant, times the transposed inverse",),
    "logdet": ("chain rule through the log-determinant, the transposed inverse",),
    "pow": ("power rule and chain rule", "derivative of an exponential by its exponent"),
    "where": ("only what was chosen gets the gradient",),
    "reduce_max": ("only the largest element gets the gradient",),
    "reduce_min": ("only the smallest element gets the gradient",),
    "cumsum": ("an element is in all later sums, so it gets the sum of their gradients",),
    "solve": (
        "derivative of a linear system by its matrix",
        "derivative of a linear system by its right side, solved with the transposed matrix",
    ),
}
"""What an operation does to the gradient on the way to each of its operands; the last entry stands for all others."""

_DERIVED = re.compile(r"(.*)_(?:grad\d*|factor|frechet)\Z")


def name_value(tensor: Tensor, names: Mapping[int, str] | None = None) -> str:
    """What an operation makes, its operand called by its name in sums over an axis.

    Examples
    --------
    >>> import tracer
    >>> X = tracer.placeholder("X", ("n", "m"))
    >>> name_value(X @ X.T), name_value(tracer.reduce_sum(X, axis=0), {X.node: "X"})
    ('matrix product', 'sum over the rows of `X`')
    """
    rule, operand = tensor.rule, tensor.args[0] if tensor.args else None
    if rule.name in ("reduce_sum", "reduce_mean") and type(operand) is Tensor and type(rule) is Contraction:
        known = (names or {}).get(operand.node, "")
        labels = tensor.params.inputs[0]
        axes = [k for k, label in enumerate(labels) if label not in tensor.params.output]
        over = _name_axes(axes, operand.shape)
        noun = "sum" if rule.name == "reduce_sum" else "mean"
        return f"{noun} over {over}" + (f" of `{known}`" if known else "")
    return "square" if is_square(tensor) else name_noun(rule)


def name_noun(rule: Op) -> str:
    """What an operation makes: ``"matrix product"``."""
    if rule.result == "bool" and rule.name not in NOUNS:
        return "comparison"
    return _noun(rule.name)


def name_rule(user: Tensor, position: int) -> str:
    """The rule by which a gradient comes to an operand of an operation.

    Examples
    --------
    >>> import tracer
    >>> x, b = tracer.placeholder("x", ("n", "m")), tracer.placeholder("b", ("m",))
    >>> name_rule(tracer.tanh(x), 0), name_rule(x + b, 1)
    ('chain rule through tanh', 'a sum hands its gradient to each summand, summed over the rows that share it')
    """
    rule = user.rule
    if rule.joint:
        return f"the rule that {rule.name.replace('_', ' ')} states"
    words = _words(user, position)
    operand = user.args[position]
    if not isinstance(rule, Elementwise) or type(operand) is not Tensor or operand.shape == user.shape:
        return words
    axes = _name_axes(_find_repeated_axes(operand.shape, user.shape), user.shape)
    return f"{words}, summed over {axes} that share it"


def _words(user: Tensor, position: int) -> str:
    """The rule, of an operation whose operand has the shape of the result."""
    rule = user.rule
    if is_square(user):
        return "chain rule through the square"
    known = RULES.get(rule.name)
    if known is not None:
        return known[min(position, len(known) - 1)]
    if rule.facts.moves:
        return "each gradient goes where its element came from"
    derived = _DERIVED.match(rule.name)
    if type(rule) is Contraction:
        return f"product rule for the {_noun(derived[1] if derived else rule.name)}, by the other factors"
    if derived:
        return f"chain rule through the derivative of {_call_function(derived[1])}"
    return f"chain rule through {_call_function(rule.name)}"


def _noun(name: str) -> str:
    derived = _DERIVED.match(name) if name not in NOUNS else None
    if derived:
        return f"derivative of the {_noun(derived[1])}"
    return NOUNS.get(name, name.replace("_", " ").strip())


def _call_function(name: str) -> str:
    """A function by its name where people call it so, else the noun."""
    return name.replace("_", " ") if name in FUNCTIONS else f"the {_noun(name)}"


def _name_axes(axes: list[int], shape: Shape) -> str:
    """What a sum over axes of a tensor goes over; the rows of a matrix are along its first axis."""
    if len(axes) == len(shape):
        return "all elements"
    if len(shape) == 2 and len(axes) == 1:
        return ("the rows", "the columns")[axes[0]]
    return f"the {'axis' if len(axes) == 1 else 'axes'} " + " and ".join(map(str, axes))


def _find_repeated_axes(operand: Shape, result: Shape) -> list[int]:
    """The axes of a result along which an operand was repeated."""
    missing = len(result) - len(operand)
    return [k for k, size in enumerate(result) if k < missing or (operand[k - missing] == 1 and size != 1)]
