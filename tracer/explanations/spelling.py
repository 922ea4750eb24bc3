"""Programs as one Python expression, in tracer's names and those of their sources."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import sympy

from tracer.explanations.expression_tracing import Unspellable, find_function
from tracer.ops.selection import Slice
from tracer.reader import Reader
from tracer.shapes import Literal, Subscripts
from tracer.tensor import SOURCES, Tensor
from tracer.walk import collect

MOST = 600
"""How many parts an expression may have; a program repeats what it uses twice."""

LARGEST = 16
"""How many numbers of a constant are written that has no name."""

OPERATORS: Mapping[str, type[ast.operator]] = {
    "add": ast.Add,
    "subtract": ast.Sub,
    "multiply": ast.Mult,
    "divide": ast.Div,
    "pow": ast.Pow,
    "matmul": ast.MatMult,
}
COMPARISONS: Mapping[str, type[ast.cmpop]] = {
    "less": ast.Lt,
    "less_equal": ast.LtE,
    "greater": ast.Gt,
    "greater_equal": ast.GtE,
}
MODULES = {
    **dict.fromkeys(
        ("xlogy", "xlog1py", "divide_no_nan", "multiply_no_nan", "reciprocal_no_nan", "xdivy", "is_finite", "is_nan",
         "is_inf", "log_sigmoid"), "math",
    ),
    **dict.fromkeys(("softmax", "log_softmax", "relu", "relu6", "leaky_relu", "elu", "selu", "silu", "softsign"), "nn"),
    **dict.fromkeys(
        ("inv", "det", "logdet", "solve", "cholesky", "pinv", "expm", "sqrtm", "logm", "adjugate", "slogdet", "trace",
         "eigvalsh"), "linalg",
    ),
}  # fmt: skip
"""Where TensorFlow keeps a name that is not at its top level."""


Option: TypeAlias = "str | bool | int | tuple[int, ...]"
"""What the options of spelled calls are."""


def call(name: str, *args: ast.expr, **options: Option) -> ast.expr:
    """The call of one of tracer's functions, by its name without a module.

    Examples
    --------
    >>> ast.unparse(call("xlogy", ast.Name("x"), ast.Name("y"))), ast.unparse(call("log", ast.Name("x")))
    ('math.xlogy(x, y)', 'log(x)')
    """
    function = f"{MODULES[name]}.{name}" if name in MODULES else name
    keywords = [ast.keyword(k, _spell_constant(v)) for k, v in options.items()]
    return ast.Call(ast.parse(function, mode="eval").body, list(args), keywords)


def _spell_constant(value: Option) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body


def write(expression: ast.expr) -> str:
    """The text of an expression."""
    return ast.unparse(expression)


NO_LEAVES: Mapping[int, str] = {}


class Speller(Reader[ast.expr]):
    """Reads a program into one expression.

    Parameters
    ----------
    tensors : iterable of Tensor
    leaves : mapping
        Names of nodes that stand for themselves, as sources do, by their keys.

    Attributes
    ----------
    parts : dict
        The expression of each node, by its key: the same object in all expressions that it is a part of.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", ("n",))
    >>> y = tracer.reduce_sum(tracer.where(x > 0, tracer.math.log(x), 0.0) ** 2, axis=0)
    >>> write(Speller([y]).spell(y))
    'reduce_sum(where(x > 0, log(x), 0.0) ** 2)'
    """

    def __init__(self, tensors: Iterable[Tensor], leaves: Mapping[int, str] = NO_LEAVES) -> None:
        super().__init__()
        self.sources: dict[str, Tensor] = {}
        self._sizes: dict[int, int] = {}
        self._leaves = leaves
        wanted = list(tensors)
        # Of a gradient its function is spelled, and not the reverse pass.
        self.order = collect(wanted, lambda t: () if t.node in leaves else _find_operands(t))
        for t in self.order:
            if t.node in leaves or (t.rule in SOURCES and t.label):
                name = leaves.get(t.node, t.name)
                if not name.isidentifier() or keyword.iskeyword(name) or name in self.sources:
                    raise Unspellable(f"{name} is no name of its own in an expression")
                self.sources[name] = t

    def spell(self, tensor: Tensor) -> ast.expr:
        """The expression of one of the tensors."""
        self.walk(self.order)
        return self.parts[tensor.node]

    def visit(self, tensor: Tensor) -> ast.expr:
        """The expression of a tensor; one that is too long is refused."""
        if tensor.node in self._leaves:
            return ast.Name(self._leaves[tensor.node])
        of = differentiated(tensor)
        if of is not None:
            target, source = (self.parts[t.node] for t in of)
            made: ast.expr = ast.Subscript(call("gradients", target, ast.List([source])), ast.Constant(0))
        else:
            made = super().visit(tensor)
        size = 1 + sum(self._sizes.get(a.node, 1) for a in _find_operands(tensor))
        if size > MOST:
            raise Unspellable(f"{tensor.name} is too long for one expression")
        self._sizes[tensor.node] = size
        return made

    def literal(self, value: Literal) -> ast.expr:
        """A number."""
        if isinstance(value, sympy.Expr) and not value.is_number:
            raise Unspellable(f"the dimension {value} is no number")
        if isinstance(value, sympy.Expr):
            value = int(value) if value.is_Integer else float(value)
        if isinstance(value, (bool, int, float)) and value < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        return ast.Constant(value)

    def source(self, tensor: Tensor) -> ast.expr:
        """A source's name, or the value of a constant without one."""
        if tensor.label:
            return ast.Name(tensor.name)
        value = np.asarray(tensor.value)
        if value.dtype == object or value.size > LARGEST or np.isnan(value).any():
            raise Unspellable(f"{tensor.name} has no name")
        made = self._spell_array(value.tolist())
        if not value.shape:
            return made
        return call("constant", made, **({} if tensor.dtype == "float64" else {"dtype": str(tensor.dtype)}))

    def _spell_array(self, value: Literal | list[Any]) -> ast.expr:
        """A number, or lists of them."""
        return ast.List([self._spell_array(v) for v in value]) if isinstance(value, list) else self.literal(value)

    def elementwise(self, tensor: Tensor, *parts: ast.expr) -> ast.expr:
        """An operator, or the call of a function."""
        name = tensor.rule.name
        if name in OPERATORS:
            return ast.BinOp(parts[0], OPERATORS[name](), parts[1])
        if name in COMPARISONS:
            return ast.Compare(parts[0], [COMPARISONS[name]()], [parts[1]])
        if name == "negative":
            return ast.UnaryOp(ast.USub(), parts[0])
        if name == "gelu_approximate":
            return call("gelu", *parts, approximate=True)
        return self._call_by_name(tensor, *parts)

    def contraction(self, tensor: Tensor, *parts: ast.expr) -> ast.expr:
        """A sum, a product of matrices, or an einsum."""
        subscripts: Subscripts = tensor.params
        inputs, output, scale = subscripts
        name = tensor.rule.name
        if name in ("reduce_sum", "reduce_mean") and len(parts) == 1:
            gone = tuple(k for k, label in enumerate(inputs[0]) if label not in output)
            options: dict[str, Option] = {"keepdims": True} if len(output) == len(inputs[0]) and gone else {}
            if len(gone) < len(inputs[0]) and gone:
                options = {"axis": gone[0] if len(gone) == 1 else gone, **options}
            return call(name, *parts, **options)
        if name == "matmul" and [len(i) for i in inputs] == [2, 2]:
            return ast.BinOp(parts[0], ast.MatMult(), parts[1])
        if not parts:
            value = self.literal(scale)
            return call("fill", _spell_shape(tensor.shape), value) if tensor.shape else value
        known = {label for i in inputs for label in i}
        if name == "trace":
            made = call("trace", *parts)
        elif name in ("expand_dims", "squeeze", "broadcast_to") or not known.issuperset(output):
            made = call("broadcast_to" if name == "broadcast_to" else "reshape", *parts, _spell_shape(tensor.shape))
            if name not in ("expand_dims", "squeeze", "broadcast_to"):
                raise Unspellable(f"{tensor.name} has no spelling")
        elif name == "transpose" and len(set(inputs[0])) == len(output):
            made = call(name, *parts, _spell_numbers([inputs[0].index(label) for label in output]))
        else:
            made = call("einsum", ast.Constant(subscripts.text()), *parts)
        if isinstance(scale, (int, float)) and scale == 1:
            return made
        return ast.BinOp(self.literal(scale), ast.Mult(), made)

    def row(self, tensor: Tensor, *parts: ast.expr) -> ast.expr:
        """The call of a function, with what it is told."""
        name = tensor.rule.name
        if name == "add_n":
            total = parts[0]
            for part in parts[1:]:
                total = ast.BinOp(total, ast.Add(), part)
            return total
        if name in ROWS:
            return ROWS[name](tensor, *parts)
        if tensor.params is None or tensor.params == ():
            return self._call_by_name(tensor, *parts)
        raise Unspellable(f"{tensor.name} has no spelling")

    def _call_by_name(self, tensor: Tensor, *parts: ast.expr) -> ast.expr:
        made = call(tensor.rule.name, *parts)
        assert isinstance(made, ast.Call)
        try:
            found = find_function(made.func)
        except AttributeError:
            found = None
        if not callable(found):
            raise Unspellable(f"{tensor.rule.name} is no function of tracer's")
        return made


def differentiated(tensor: Tensor) -> tuple[Tensor, Tensor] | None:
    """The function and the source of which a tensor is the gradient; None where it is none, or not of one function.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> y = tracer.sin(x)
    >>> differentiated(tracer.gradients(y, [x])[0]) == (y, x), differentiated(y)
    (True, None)
    """
    derived = tensor.derived
    if derived is None or len(derived.targets) != 1 or len(derived.sources) != 1:
        return None
    (function, cotangent), source = derived.targets[0], derived.sources[0]
    is_plain = not isinstance(cotangent, Tensor) and cotangent == 1
    return (function, source) if is_plain and source.rule in SOURCES else None


def _find_operands(tensor: Tensor) -> Sequence[Tensor]:
    return differentiated(tensor) or [a for a in tensor.args if type(a) is Tensor]


def _spell_numbers(values: Sequence[object]) -> ast.expr:
    if not all(isinstance(v, int) for v in values):
        raise Unspellable(f"{values} are no numbers")
    return ast.parse(repr(list(values)), mode="eval").body


def _spell_shape(shape: Sequence[object]) -> ast.expr:
    """A shape, of which one dimension may be symbolic."""
    known = [d if isinstance(d, int) else -1 for d in shape]
    if known.count(-1) > 1:
        raise Unspellable(f"the shape {tuple(shape)} has no numbers")
    return _spell_numbers(known)


def _spell_reduction(tensor: Tensor, x: ast.expr) -> ast.expr:
    axes, keepdims = tensor.params
    options: dict[str, Option] = {} if len(axes) == tensor.args[0].ndim else {"axis": tuple(axes)}
    if len(axes) == 1 and options:
        options = {"axis": axes[0]}
    return call(tensor.rule.name, x, **options, **({"keepdims": True} if keepdims else {}))


def _spell_axis(tensor: Tensor, x: ast.expr) -> ast.expr:
    return call(tensor.rule.name, x, axis=tensor.params)


def _spell_list(tensor: Tensor, *parts: ast.expr) -> ast.expr:
    return call(tensor.rule.name, ast.List(list(parts)), axis=tensor.params)


def _spell_solve(tensor: Tensor, a: ast.expr, b: ast.expr) -> ast.expr:
    adjoint, vector = tensor.params
    if vector:
        raise Unspellable(f"{tensor.name} has no spelling")
    return call("solve", a, b, **({"adjoint": True} if adjoint else {}))


def _spell_log_determinant(tensor: Tensor, a: ast.expr) -> ast.expr:
    return ast.Subscript(call("slogdet", a), ast.Constant(int(tensor.rule.name == "slogdet_log")))


def _spell_scan(tensor: Tensor, x: ast.expr) -> ast.expr:
    axis, exclusive, reverse = tensor.params
    told = {"axis": axis, "exclusive": exclusive, "reverse": reverse}
    return call(tensor.rule.name, x, **{k: v for k, v in told.items() if v})


def _spell_cast(tensor: Tensor, x: ast.expr) -> ast.expr:
    return call("cast", x, ast.Constant(str(tensor.dtype)))


def _spell_reshape(tensor: Tensor, x: ast.expr) -> ast.expr:
    return call("reshape", x, _spell_shape(tensor.shape))


def _spell_index(tensor: Tensor, x: ast.expr, *arrays: ast.expr) -> ast.expr:
    entries: list[ast.expr] = []
    sizes = iter(tensor.args[0].shape)
    for entry in tensor.params:
        size = None if entry is None else next(sizes)
        if entry is None or isinstance(entry, int):
            entries.append(ast.Constant(entry))
        elif type(entry) is Slice and entry.start == 0 and entry.step == 1 and entry.length == size:
            entries.append(ast.Slice())
        elif type(entry) is Slice and isinstance(entry.start, int) and isinstance(entry.length, int) and entry.step > 0:
            stop = entry.start + entry.length * entry.step
            step = None if entry.step == 1 else ast.Constant(entry.step)
            entries.append(ast.Slice(ast.Constant(entry.start), ast.Constant(stop), step))
        else:
            raise Unspellable(f"{tensor.name} has no spelling")
    if not entries:
        raise Unspellable(f"{tensor.name} has no spelling")
    return ast.Subscript(x, ast.Tuple(entries) if len(entries) > 1 else entries[0])


ROWS: Mapping[str, Callable[..., ast.expr]] = {
    **dict.fromkeys(
        ("reduce_max", "reduce_min", "reduce_prod", "reduce_logsumexp", "reduce_all", "reduce_any"), _spell_reduction
    ),
    "softmax": _spell_axis,
    **dict.fromkeys(("concat", "stack"), _spell_list),
    **dict.fromkeys(("slogdet_log", "slogdet_sign"), _spell_log_determinant),
    **dict.fromkeys(("cumsum", "cumprod"), _spell_scan),
    "solve": _spell_solve,
    "cast": _spell_cast,
    "reshape": _spell_reshape,
    "getitem": _spell_index,
}
"""How operations are spelled that are told something."""
