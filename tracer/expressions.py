"""Expressions of the command line: read with ``ast``, built as tensors, never evaluated by Python.

What an expression may hold is data: ``READERS`` has the allowed kinds of syntax, ``FUNCTIONS`` the allowed names. Text
from a stranger can thus neither reach an attribute or a builtin of Python, nor ask for unbounded work while it is read.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import math
import operator
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, NoReturn, TypeVar

import sympy

from tracer import control, custom, linalg, nn
from tracer import math as tensor_math
from tracer.declarations import DECLARATIONS, OF_SQUARES
from tracer.dtypes import float64
from tracer.nest import shown
from tracer.operations import OPERATIONS
from tracer.shapes import Dim, Shape, as_shape
from tracer.tensor import Tensor, constant, placeholder

T = TypeVar("T")

MAX_LENGTH = 4000
MAX_DEPTH = 200
MAX_SIZE = 10**6
MAX_BITS = 1024

EXCLUDED = frozenset(("apply", "from_sympy", "linspace", "meshgrid", "range", "split", "to_sympy", "unstack"))
"""Operations that take what an expression can't hold, or make many tensors out of a few characters."""


def _functions() -> dict[str, Callable[..., object]]:
    """The operations by the names that they have in an expression: all rows of all tables but control flow's."""
    no = EXCLUDED | control.FUNCTIONS.keys() | custom.FUNCTIONS.keys()
    spaces: dict[str, Mapping[str, object]] = {
        "linalg.": vars(linalg),
        "nn.": vars(nn),
        "math.": vars(tensor_math),
    }
    spaces[""] = OPERATIONS
    return {
        prefix + name: function
        for prefix, space in spaces.items()
        for name, function in space.items()
        if isinstance(function, FunctionType) and name not in no and not name.startswith("_")
    }


FUNCTIONS = _functions()

ALIASES = {
    "sum": "reduce_sum",
    "mean": "reduce_mean",
    "prod": "reduce_prod",
    "max": "reduce_max",
    "min": "reduce_min",
    "all": "reduce_all",
    "any": "reduce_any",
    "logsumexp": "reduce_logsumexp",
}

PAIRWISE = {"max": "maximum", "min": "minimum"}
"""As in Python, ``max(x, y)`` is the larger of two."""


def divide(a: Any, b: Any) -> Any:
    """A quotient; that of two integers is exact."""
    return sympy.Rational(a, b) if type(a) is type(b) is int and b else a / b


OPERATORS: Mapping[type[ast.AST], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: divide,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class ExpressionError(ValueError):
    """An expression that can't be read; the message says what to write instead."""


@dataclass
class Sources:
    """The sources of an expression by their names.

    Parameters
    ----------
    shapes : mapping of str to tuple
        The shapes that are declared. A name of a dimension in one of them is that dimension.
    stopped : collection of str
        Sources that are read through ``stop_gradient``.
    assumed : mapping of str to collection of str
        What is declared of sources: names of ``DECLARATIONS``.

    Attributes
    ----------
    dimensions : dict
        The dimensions in the shapes by name.
    sources : dict
        The source tensors by name, in order of their first appearance.
    """

    shapes: Mapping[str, Shape]
    stopped: Collection[str] = ()
    assumed: Mapping[str, Collection[str]] = field(default_factory=dict)
    dimensions: dict[str, Dim] = field(init=False)
    sources: dict[str, Tensor] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.dimensions = {str(d): d for shape in self.shapes.values() for d in shape if not isinstance(d, int)}

    def shape_of(self, name: str) -> Shape:
        """The shape of the source of this name: that of a scalar, where none is declared."""
        return self.shapes.get(name, ())

    def source(self, name: str) -> Tensor:
        """The source of this name."""
        if name not in self.sources:
            shape, assumed = self.shape_of(name), self.assumed.get(name, ())
            for assumption in assumed:
                if assumption in OF_SQUARES and len(shape) < 2:
                    raise ExpressionError(
                        f"{name} is declared {assumption}, as only a square matrix can be; give it a shape such as n,n"
                    )
                if len(shape) < DECLARATIONS[assumption].rank:
                    raise ExpressionError(
                        f"{name} is declared {assumption}, as no scalar can be; give it a shape such as n"
                    )
            self.sources[name] = placeholder(name, shape, float64, **dict.fromkeys(assumed, True))
        return self.sources[name]

    def is_dimension(self, name: str) -> bool:
        """Whether a name is that of a dimension, and of no source."""
        return name in self.dimensions and name not in self.shapes

    def read_name(self, name: str) -> Tensor | Dim:
        """What a name in the expression stands for."""
        if self.is_dimension(name):
            return self.dimensions[name]
        tensor = self.source(name)
        return OPERATIONS["stop_gradient"](tensor) if name in self.stopped else tensor


class Reader(Sources):
    """Builds the tensor of an expression."""

    def read(self, text: str) -> Tensor:
        """The tensor of an expression.

        Raises
        ------
        ExpressionError
            If it is not an expression of the allowed syntax and names, or is too large.
        """
        return as_one_tensor(self._of(_parse(text).body))

    def read_alike(self, *texts: str) -> list[Tensor]:
        """The tensors of expressions in which a name is the same source."""
        return [self.read(text) for text in texts]

    def _of(self, node: ast.AST) -> object:
        reader = READERS.get(type(node))
        if reader is None:
            _refuse(node)
        return reader(self, node)

    def _constant(self, node: ast.Constant) -> object:
        value = node.value
        if isinstance(value, (str, bytes, complex)):
            raise ExpressionError(f"a {type(value).__name__} such as {value!r} is no number of a tensor expression")
        if isinstance(value, (int, float)):
            return bounded(value)
        return value

    def _name(self, node: ast.Name) -> Tensor | Dim:
        return self.read_name(node.id.removesuffix(_ESCAPE))

    def _sequence(self, node: ast.List | ast.Tuple) -> list[object] | tuple[object, ...]:
        return (list if isinstance(node, ast.List) else tuple)(_sized(self._of(e)) for e in node.elts)

    def _operation(self, kind: ast.AST, *operands: ast.AST) -> object:
        function = OPERATORS.get(type(kind))
        if function is None:
            _refuse(kind)
        values = [self._of(o) for o in operands]
        if function is operator.pow and any(getattr(v, "dtype", "") == "bool" for v in values):
            raise ExpressionError("^ and ** are powers, and one of the operands is boolean; write logical_xor(a, b)")
        return operate(function, *values)

    def _unary(self, node: ast.UnaryOp) -> object:
        return self._operation(node.op, node.operand)

    def _binary(self, node: ast.BinOp) -> object:
        return self._operation(node.op, node.left, node.right)

    def _comparison(self, node: ast.Compare) -> object:
        if len(node.ops) > 1:
            raise ExpressionError("a chain of comparisons has no tensor; write (a < b) & (b < c)")
        return self._operation(node.ops[0], node.left, node.comparators[0])

    def _attribute(self, node: ast.Attribute) -> Tensor:
        if node.attr != "T" or _dotted(node) in FUNCTIONS:
            raise ExpressionError(f"'.{node.attr}' is no attribute that an expression can read; only .T is")
        value = self._of(node.value)
        if not isinstance(value, Tensor):
            raise ExpressionError(f".T needs a tensor, got {value!r}; write it behind a name, as in X.T")
        return value.T

    def _subscript(self, node: ast.Subscript) -> Tensor:
        value = self._of(node.value)
        if not isinstance(value, Tensor):
            raise ExpressionError(f"only a tensor can be indexed, got {value!r}")
        return value[self._of(node.slice)]

    def _slice(self, node: ast.Slice) -> slice:
        return slice(*(None if e is None else self._of(e) for e in (node.lower, node.upper, node.step)))

    def _call(self, node: ast.Call) -> object:
        name = _dotted(node.func)
        if name is None:
            raise ExpressionError("only a named function can be called, such as sum(x) or linalg.trace(A)")
        function = named_function(PAIRWISE[name] if name in PAIRWISE and len(node.args) > 1 else name)
        args = [self._argument(a) for a in node.args]
        kwargs = {}
        for k in node.keywords:
            if k.arg is None:
                _refuse(k)
            kwargs[k.arg] = self._argument(k.value)
        if name in PAIRWISE and len(args) > 2:
            head, *rest = args
            for a in rest:
                head = function(head, a, **kwargs)
            return head
        return function(*args, **kwargs)

    def _argument(self, node: ast.AST) -> object:
        """An argument of a call, which may be a text: the equation of an einsum, the name of a dtype."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return _sized(self._of(node))


READERS: Mapping[type[ast.AST], Callable[[Reader, Any], object]] = {
    ast.Attribute: Reader._attribute,
    ast.BinOp: Reader._binary,
    ast.Call: Reader._call,
    ast.Compare: Reader._comparison,
    ast.Constant: Reader._constant,
    ast.List: Reader._sequence,
    ast.Name: Reader._name,
    ast.Slice: Reader._slice,
    ast.Subscript: Reader._subscript,
    ast.Tuple: Reader._sequence,
    ast.UnaryOp: Reader._unary,
}

HINTS: Mapping[type[ast.AST], str] = {
    ast.And: "write logical_and(a, b) or a & b",
    ast.BoolOp: "write logical_and(a, b), logical_or(a, b)",
    ast.IfExp: "write where(condition, a, b)",
    ast.Lambda: "write the expression itself",
    ast.LShift: "write x * 2**k",
    ast.Not: "write logical_not(a) or ~a",
    ast.Or: "write logical_or(a, b) or a | b",
    ast.RShift: "write x / 2**k",
}


def _refuse(node: ast.AST) -> NoReturn:
    hint = HINTS.get(type(node), "it may hold numbers, names, operators, comparisons, calls, indexing and .T")
    raise ExpressionError(f"an expression can't hold {type(node).__name__} syntax; {hint}")


def _parse(text: str) -> ast.Expression:
    """The syntax tree of a text; ``^`` is a power, as people write it."""
    text = checked_text(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(_as_python(text), mode="eval")
    except SyntaxError as error:
        words = [w for w in re.findall(r"\w+", text) if w in _SYNTAX]
        if words:
            raise ExpressionError(f"{words[0]!r} is a keyword of Python and can't be a name; rename it") from None
        column = next((k for k in range(len(text)) if len(_as_python(text[:k])) >= (error.offset or 0)), len(text))
        raise ExpressionError(
            f"the expression {shown(text)} is not well formed: {error.msg} at column {column}; write products with a "
            "star, as 2*x, and calls with parentheses, as sin(x)"
        ) from None
    except (RecursionError, MemoryError):
        raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep") from None
    except ValueError as error:
        raise ExpressionError(f"the expression is not plain text: {error}") from None
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep")


def checked_text(text: str) -> str:
    """The text of an expression without the spaces around it, if it is neither empty nor too long."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text)} characters, at most {MAX_LENGTH} are read")
    text = text.strip()
    if not text:
        raise ExpressionError("the expression is not well formed: it is empty; write one such as sum(x**2)")
    return text


def _as_python(text: str) -> str:
    """The text with ``**`` for ``^``, and keywords that no expression needs as names."""
    return _KEYWORD.sub(rf"\1{_ESCAPE}", text.replace("^", "**"))


_ESCAPE = "__name"
_SYNTAX = {"and", "or", "not", "in", "is", "if", "else", "for", "True", "False", "None"}
_KEYWORD = re.compile(rf"\b({'|'.join(sorted(set(keyword.kwlist) - _SYNTAX))})\b")


def _dotted(node: ast.AST) -> str | None:
    """``linalg.trace`` of the syntax of that name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None


def named_function(name: str) -> Callable[..., object]:
    """The operation of a name; linear algebra and networks may do without the name of their module."""
    for known in (ALIASES.get(name, name), f"linalg.{name}", f"nn.{name}"):
        if known in FUNCTIONS:
            return FUNCTIONS[known]
    refuse_function(name, [*FUNCTIONS, *ALIASES])


def refuse_function(name: str, known: Collection[str]) -> NoReturn:
    """Say that there is no function of a name, and which has a name like it."""
    near = difflib.get_close_matches(name, known, n=1)
    raise ExpressionError(f"there is no function {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def as_one_tensor(value: object) -> Tensor:
    """The value of an expression as a tensor."""
    if isinstance(value, (int, float, sympy.Expr)):
        return constant(value)
    if not isinstance(value, Tensor):
        raise ExpressionError(f"the expression is a {type(value).__name__}; it must be one tensor")
    return value


def operate(function: Callable[..., object], *values: object) -> object:
    """What an operator makes of tensors and numbers; numbers alone are computed exactly, as far as they stay short."""
    if not any(isinstance(v, Tensor) for v in values):
        if any(isinstance(v, (list, tuple)) or v is None for v in values):
            raise ExpressionError("an operator takes tensors and numbers; a list needs a tensor on the other side")
        if function is operator.pow:
            _check_power(*values)
    try:
        value = function(*values)
        return bool(value) if value is sympy.true or value is sympy.false else bounded(value)
    except ArithmeticError as error:
        raise ExpressionError(f"the numbers of the expression can't be computed: {error}") from None


def bounded(value: T) -> T:
    """A number that is finite, real and not very long; a tensor as it is."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise ExpressionError(f"the expression holds an integer of {value.bit_length()} bits, more than {MAX_BITS}")
    finite = not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, sympy.Basic):
        finite = not value.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I)
    if isinstance(value, complex) or not finite:
        raise ExpressionError(f"the expression holds the number {value}; real and finite ones can be read")
    return value


def _sized(value: T) -> T:
    """An argument, which may be a size, and then one that does not fill the memory."""
    if isinstance(value, int) and abs(value) > MAX_SIZE:
        raise ExpressionError(f"the argument {value} is larger than {MAX_SIZE}; write a symbol for it")
    return value


def _check_power(base: object, exponent: object) -> None:
    """Refuse a power of numbers whose exact digits would fill the memory."""
    bits = sum(abs(n.p).bit_length() + n.q.bit_length() for n in sympy.sympify(base).atoms(sympy.Rational)) or 1
    sizes = [abs(n) for n in sympy.sympify(exponent).atoms(sympy.Rational)]
    if not isinstance(base, float) and not isinstance(exponent, float) and bits * max(sizes, default=1) > MAX_BITS:
        raise ExpressionError(f"a power of exact numbers has more than {MAX_BITS} bits; write 1.0 * base")


def names_in(text: str) -> list[str]:
    """The names of sources and dimensions in an expression, in order of their first appearance.

    Raises
    ------
    ExpressionError
        If it is not well formed.

    Examples
    --------
    >>> names_in("sum(X @ w) + linalg.trace(A)/n")
    ['X', 'w', 'A', 'n']
    """
    found: list[tuple[int, int, str]] = []
    todo: list[ast.AST] = [_parse(text)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name):
            found.append((node.lineno, node.col_offset, node.id.removesuffix(_ESCAPE)))
        elif isinstance(node, ast.Call) and _dotted(node.func) is not None:
            todo += node.args + [k.value for k in node.keywords]
        else:
            todo += ast.iter_child_nodes(node)
    return list(dict.fromkeys(name for _, _, name in sorted(found)))


def parse_shape(text: str) -> tuple[str, Shape]:
    """The name and shape in ``"X=n,3"``.

    Raises
    ------
    ExpressionError
        If the text is not a name, an equals sign and dimensions between commas.

    Examples
    --------
    >>> parse_shape("X=n,3")
    ('X', (n, 3))
    >>> parse_shape("x=")
    ('x', ())
    """
    name, equals, words = _declaration(text)
    known = all(w.isidentifier() or re.fullmatch("[0-9]{1,9}", w) for w in words)
    if not (equals and name.isidentifier() and known):
        raise ExpressionError(f"the shape {text!r} can't be read; write a name and its dimensions, such as X=n,3")
    for word in (name, *words):
        if word in _SYNTAX:
            raise ExpressionError(f"{word!r} is a keyword of Python and can't be a name; rename it")
    return name, as_shape([int(w) if w[0].isdecimal() else w for w in words])


def parse_assumptions(text: str) -> tuple[str, tuple[str, ...]]:
    """The name and what is declared of it in ``"A=symmetric,positive_definite"``.

    Raises
    ------
    ExpressionError
        If the text is not a name, an equals sign and names of ``DECLARATIONS`` between commas.

    Examples
    --------
    >>> parse_assumptions("A=symmetric,positive_definite")
    ('A', ('symmetric', 'positive_definite'))
    """
    name, equals, words = _declaration(text)
    if not (equals and name.isidentifier() and words):
        raise ExpressionError(f"{text!r} declares nothing; write a name and what it is, such as A=symmetric")
    return name, checked_assumptions(words)


def checked_assumptions(words: Iterable[str]) -> tuple[str, ...]:
    """Words that are names of ``DECLARATIONS``, as they are."""
    answer = tuple(words)
    for word in answer:
        if word not in DECLARATIONS:
            raise ExpressionError(f"no source can be declared {word!r}; what can be is {', '.join(DECLARATIONS)}")
    return answer


def _declaration(text: str) -> tuple[str, str, list[str]]:
    """The name, the equals sign and the words of a declaration, ``"X=n,3" -> ("X", "=", ["n", "3"])``."""
    name, equals, words = text.partition("=")
    return name.strip(), equals, [w.strip() for w in words.split(",")] if words.strip() else []
