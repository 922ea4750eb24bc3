"""Tensors: the records of the trace, its sources, and how an elementwise operation is recorded."""

from __future__ import annotations

import itertools
import sys
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from types import CodeType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol, TypeAlias, TypeVar

import sympy

from tracer import binding, nest, shapes, values
from tracer.alive import keys, live
from tracer.array_attributes import METHODS, PROPERTIES, REFUSED
from tracer.declarations import DECLARATIONS
from tracer.dtypes import DTYPES, FLOATS, DType, DTypeLike, as_dtype, float64, promote
from tracer.names import Label, Uses, checked_name
from tracer.nest import shown
from tracer.notes import Notes
from tracer.places import OWN, Origin, Place, find_user
from tracer.reference import Reference
from tracer.rules import TABLE, Op, register
from tracer.shapes import Literal, Shape, ShapeLike
from tracer.tensor_shape import SCALAR, TensorShape
from tracer.tracebacks import ERRORS, concise_methods, trim

if TYPE_CHECKING:
    import numpy as np

    from tracer.backprop import Derived
    from tracer.graph import Graph
    from tracer.variable import Variable

TensorLike: TypeAlias = "Tensor | np.ndarray | np.generic | sympy.Basic | complex | Sequence[TensorLike]"
"""What an operation takes: a tensor, an array, a number, a sympy expression or a nested list of such."""

R = TypeVar("R")

Operand: TypeAlias = "Tensor | Literal"
"""What an operation is recorded with, and what a cotangent is: a tensor, or a number, which broadcasts."""

Feed: TypeAlias = "Mapping[Tensor, TensorLike] | Mapping[str, TensorLike] | Mapping[Tensor | str, TensorLike]"
"""Values of sources, by tensor or by name."""


class Recorder(Protocol):
    """What sees variables being read while it is active: a tape, or a function with a gradient rule of its own."""

    def access(self, variable: Variable, tensor: Tensor) -> Tensor:
        """Take note that a variable is read; the answer is what the reader gets."""


class Context(NamedTuple):
    """Where an operation was recorded.

    ``recordings`` are those of the active tapes, ``scope`` the path of name scopes, ``constant`` says whether no
    gradient is to flow whatever is asked, and ``assignable`` whether array-API code has the tensor in its hands, which
    may assign to the elements of arrays. ``origin`` has the place of operations that no line of the user's calls.
    """

    recordings: tuple[Recorder, ...] = ()
    scope: tuple[str, ...] = ()
    constant: bool = False
    assignable: bool = False
    origin: Origin | None = None


context: ContextVar[Context] = ContextVar("context", default=Context())  # noqa: B039
"""The context of the operations that are recorded here and now."""


class Lent(NamedTuple):
    """What the layers above lend to tensors, for methods of tensors to call.

    Attributes
    ----------
    cast, getitem, matmul, stack, transpose, unstack : callable
        Operations.
    assign_elements : callable
        Assignment to elements of what array-API code has in its hands.
    branch : callable
        ``branch(tensor, taken)`` notes that Python decided by the value.
    concrete : callable
        ``concrete(tensor, what)`` answers the value where Python asks for one, for a function such as ``"float"``.
    evaluate : callable
        ``evaluate(tensor, feed)`` answers the value, given those of sources.
    guard : callable
        ``guard(tensor, what, given)`` refuses a value that may not leave the trace, and notes one that does.
    as_dimension, known_size : callable
        The value as a size, or None in place of an error.
    closed_form, components, describe, expression, formula, latex, bundle : callable
        What a tensor answers when it is read.
    explain : callable
        ``explain(target, sources, tape)`` says why gradients are None.
    array_function, array_ufunc, attribute, namespace : callable
        NumPy's protocols.
    """

    cast: Callable[[Tensor, DTypeLike], Tensor]
    getitem: Callable[[Tensor, object], Tensor]
    matmul: Callable[[TensorLike, TensorLike], Tensor]
    stack: Callable[[Sequence[Tensor]], Tensor]
    transpose: Callable[[Tensor], Tensor]
    unstack: Callable[[Tensor], Sequence[Tensor]]
    assign_elements: Callable[[Tensor, object, TensorLike], None]
    branch: Callable[[Tensor, bool], None]
    concrete: Callable[[Tensor, str], float]
    evaluate: Callable[[Tensor, Feed], Any]
    restate: Callable[[Sequence[Tensor]], list[Tensor] | None]
    continue_value: Callable[[Tensor, Mapping[Tensor, Any], Any], Any]
    guard: Callable[..., None]
    as_dimension: Callable[[Tensor], shapes.Dim]
    known_size: Callable[[Tensor], shapes.Dim | None]
    closed_form: Callable[[Tensor], str | None]
    components: Callable[[Tensor], sympy.Basic]
    describe: Callable[[Tensor], str]
    expression: Callable[[Tensor], sympy.Basic]
    explain: Callable[[Any, Any, Any], Any]
    formula: Callable[[Tensor], sympy.Basic]
    latex: Callable[[Tensor], str | None]
    bundle: Callable[[Tensor], dict[str, str]]
    array_function: Callable[[Callable[..., object], Sequence[object], Mapping[str, object]], object]
    array_ufunc: Callable[[np.ufunc, str, Sequence[object], Mapping[str, object]], object]
    attribute: Callable[[Tensor, str], object]
    namespace: Callable[[], ModuleType]


lent: Lent


def lend(what: Lent) -> None:
    """Give tensors what they call; done once, where the package is assembled."""
    global lent
    lent = what


next_key = keys.__next__
_here = context.get
_as_tensor_shape = tuple.__new__
_ref = weakref.ref
_frame = sys._getframe
_NUMBERS = frozenset((float, int, bool))


def _operator(name: str, swapped: bool = False) -> Callable[[Tensor, TensorLike], Tensor]:
    def method(self: Tensor, other: TensorLike) -> Tensor:
        try:
            return apply(TABLE[name], (other, self) if swapped else (self, other))
        except ERRORS as error:
            trim(error)
            raise

    return method


def _logical(name: str, sign: str, swapped: bool = False) -> Callable[[Tensor, TensorLike], Tensor]:
    def method(self: Tensor, other: TensorLike) -> Tensor:
        try:
            operands = tuple(map(as_operand, (other, self) if swapped else (self, other)))
            _require_booleans(sign, operands)
            return apply(TABLE[name], operands, vetted=True)
        except ERRORS as error:
            trim(error)
            raise

    return method


_INSTEAD = {
    "^": "write x**y for a power",
    "&": "put parentheses around comparisons, as in (x > 0) & (y > 0)",
    "|": "put parentheses around comparisons, as in (x > 0) | (y > 0)",
    "~": "write ~(x > 0), or -x for the negative",
}


def _require_booleans(sign: str, operands: Iterable[Tensor | Literal]) -> None:
    """Refuse an operator of logic between numbers, which mostly is a slip."""
    for a in operands:
        dtype = a.dtype if type(a) is Tensor else values.literal_dtype(a)
        if dtype != "bool":
            name = a.name if type(a) is Tensor else repr(a)
            raise TypeError(f"{sign!r} is an operator of booleans, and {name} is of dtype {dtype}; {_INSTEAD[sign]}")


def _comparison(name: str) -> Callable[[Tensor, object], Any]:
    def method(self: Tensor, other: object) -> Any:
        try:
            return NotImplemented if other is None else apply(TABLE[name], (self, other))
        except ERRORS as error:
            trim(error)
            raise

    return method


@concise_methods(
    "formula", "components", "numpy", "eval", "set_shape", "item", "__setitem__", "__iter__", "__len__", "__bool__",
    "__float__", "__int__", "__index__", "__format__", "__array__", "__array_ufunc__", "__array_function__",
    "__reduce__", "__invert__",
)  # fmt: skip
class Tensor:
    """One operation of the trace and its result.

    Tensors are made by sources (``Variable``, ``constant``, ``placeholder``, ``symbols``) and by operations on other
    tensors, never by calling this class.

    Attributes
    ----------
    shape : tuple
        Its dimensions, each an ``int`` or a sympy integer symbol.
    dtype : str
        ``"float64"``, ``"float32"``, ``"int64"``, ``"int32"`` or ``"bool"``; it equals NumPy's dtype of that name too.
    node : int
        The key in ``graph``; keys grow in order of creation.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> y = 2 * x
    >>> y.op, y.shape, y.dtype
    ('multiply', (n,), 'float64')
    """

    __slots__ = (
        "__weakref__", "_cause", "_code", "_measures", "_offset", "args", "context", "derived", "dtype", "expression",
        "label", "node", "notes", "params", "rule", "shape", "value",
    )  # fmt: skip

    rule: Op
    args: tuple[Any, ...]
    params: Any
    shape: Shape
    dtype: str
    node: int
    context: Context
    value: Any
    expression: sympy.Basic | None
    label: str | None
    derived: Derived | None
    notes: Notes | None
    _measures: tuple[Tensor, ...]
    _code: CodeType | None
    _offset: int
    _cause: int | None

    def __del__(self, forget: Callable[[int, None], object] = live.pop) -> None:
        try:  # noqa: SIM105  contextlib.suppress takes longer than all of this
            forget(self.node, None)
        except AttributeError:  # It was interrupted while it was made.
            pass

    def read(self) -> Tensor:
        """The tensor that an operation takes: this one, but for variables."""
        return self

    @property
    def place(self) -> Place:
        """Where the user's code called the operation; see :mod:`tracer.places`."""
        if self._cause is not None:
            return self._code, self._offset, self._cause
        return None if self._code is None else (self._code, self._offset)

    @property
    def op(self) -> str:
        """The name of the operation."""
        return self.rule.name

    @property
    def ndim(self) -> int:
        """The rank."""
        return len(self.shape)

    @property
    def name(self) -> str:
        """A name that no other node of the graph has."""
        label = self.label
        if label is None:
            return "/".join((*self.context.scope, f"{self.rule.name}_{self.node}"))
        return label.full if type(label) is Label else label

    @property
    def graph(self) -> Graph:
        """The networkx directed acyclic graph of all live tensors."""
        from tracer.graph import GRAPH

        return GRAPH

    @property
    def expr(self) -> sympy.Basic:
        """The node's own sympy expression, in the symbols of its parents; made when first read."""
        if self.expression is None:
            self.expression = lent.expression(self)
        return self.expression

    def formula(self) -> sympy.Basic:
        """The closed form in the source symbols; see :func:`tracer.formula`."""
        return lent.formula(self)

    def components(self) -> sympy.Basic:
        """The closed form element by element, for concrete shapes: a sympy ``Array``, or an ``Expr`` for a scalar."""
        return lent.components(self)

    def numpy(self) -> Any:
        """The value as a NumPy array or scalar.

        Raises
        ------
        ValueError
            If a source it depends on has no value; the message names it.
        """
        lent.guard(self, "numpy")
        return lent.evaluate(self, {})

    def eval(self, feed: Feed | None = None) -> Any:
        """The value with the given values for placeholders, keyed by tensor or by name."""
        given = feed or {}
        lent.guard(self, "eval", given)
        return lent.evaluate(self, given)

    def get_shape(self) -> TensorShape:
        """The shape; the same as ``tensor.shape``."""
        return TensorShape(self.shape)

    def set_shape(self, shape: ShapeLike) -> None:
        """Check the shape, where dimensions that are None are not looked at.

        Raises
        ------
        ValueError
            If it is another one.
        """
        if not TensorShape(self.shape).is_compatible_with(shape):
            raise ValueError(
                f"{self.name} has the shape {shapes.show(self.shape)}, not {shapes.show(TensorShape(shape))}; "
                "give the dimensions where its sources are made"
            )

    def ref(self) -> Reference:
        """A hashable reference, a key for dictionaries; ``deref()`` answers the tensor."""
        return Reference(self)

    def item(self) -> float:
        """The value of a tensor of one element as a Python number."""
        lent.guard(self, "item")
        number: float = lent.evaluate(self, {}).item()
        return number

    def __repr__(self) -> str:
        return str(lent.describe(self))

    def _repr_latex_(self) -> str | None:
        return lent.latex(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows."""
        return lent.bundle(self)

    @property
    def T(self) -> Tensor:
        """The tensor with its axes reversed."""
        return lent.transpose(self)

    def __getitem__(self, key: object) -> Tensor:
        try:
            return lent.getitem(self, key)
        except ERRORS as error:
            trim(error)
            raise

    def __setitem__(self, key: object, value: TensorLike) -> None:
        if self.context.assignable:
            lent.assign_elements(self, key, value)
            return
        raise TypeError(
            f"{self.name} is a tensor, whose elements can't be assigned; assign into numpy.copy(tensor) or "
            "numpy.zeros_like(tensor), or write where(...) or concat(...)"
        )

    def __iter__(self) -> Iterator[Tensor]:
        return iter(lent.unstack(self))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a scalar tensor")
        if not isinstance(self.shape[0], int):
            raise TypeError(
                f"len() of {self.name}, whose first dimension {self.shape[0]} is symbolic; "
                "write tensor.shape[0], which enters arithmetic"
            )
        return self.shape[0]

    def __bool__(self) -> bool:
        taken = bool(lent.concrete(self, "bool"))
        lent.branch(self, taken)
        return taken

    def __float__(self) -> float:
        lent.guard(self, "float")
        return float(self._counted("float"))

    def __int__(self) -> int:
        lent.guard(self, "int")
        return int(self._counted("int"))

    def _counted(self, what: str) -> Any:
        """The value as a number; that of a condition is a decision."""
        value = lent.concrete(self, what)
        if self.dtype == "bool":
            lent.branch(self, bool(value))
        return value

    def __index__(self) -> int:
        if self.dtype not in ("int64", "int32"):
            raise TypeError(f"{self.name} of dtype {self.dtype} can't be an index; write int(tensor)")
        return int(lent.concrete(self, "index"))

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        lent.guard(self, "format")
        return format(lent.concrete(self, "format"), spec)

    def __array__(self, dtype: DTypeLike = None, copy: bool | None = None) -> np.ndarray:
        import numpy

        lent.guard(self, "np.asarray")
        return numpy.array(lent.evaluate(self, {}), dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object) -> object:
        return lent.array_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(
        self, func: Callable[..., object], types: Iterable[type], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> object:
        return lent.array_function(func, args, kwargs)

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: object) -> Tensor:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self.name} belongs to the trace of this process and can't be pickled; pickle its value, tensor.numpy()"
        )

    def as_dimension(self) -> shapes.Dim:
        """The value as a size: an int, or an expression in dimensions where it follows from shapes alone."""
        return lent.as_dimension(self)

    def _sympy_(self) -> NoReturn:
        raise sympy.SympifyError(
            f"{self.name} is a tensor, not a sympy expression; "
            "write tracer.apply(sympy.sin, tensor), or sympy.sin(tensor.formula()) to leave the trace"
        )

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        self.read().context = self.context._replace(assignable=True)
        return lent.namespace()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What NumPy's arrays have; see :mod:`tracer.array_attributes`."""

    def __dir__(self) -> list[str]:
        """What a caller may use: without the fields of the record, and what is refused."""
        return sorted({*object.__dir__(self)} - self._FIELDS - {*REFUSED})

    _FIELDS = frozenset({
        "_FIELDS", "_cause", "_code", "_counted", "_measures", "_offset", "args", "as_dimension", "context", "derived",
        "expression", "label", "notes", "params", "place", "read", "rule", "value",
    })  # fmt: skip

    __array_priority__ = 1000.0
    __hash__ = object.__hash__
    __add__, __radd__ = _operator("add"), _operator("add", swapped=True)
    __sub__, __rsub__ = _operator("subtract"), _operator("subtract", swapped=True)
    __mul__, __rmul__ = _operator("multiply"), _operator("multiply", swapped=True)
    __truediv__, __rtruediv__ = _operator("divide"), _operator("divide", swapped=True)
    __floordiv__, __rfloordiv__ = _operator("floordiv"), _operator("floordiv", swapped=True)
    __mod__, __rmod__ = _operator("mod"), _operator("mod", swapped=True)
    __pow__, __rpow__ = _operator("pow"), _operator("pow", swapped=True)
    __lt__, __le__ = _operator("less"), _operator("less_equal")
    __gt__, __ge__ = _operator("greater"), _operator("greater_equal")
    __and__, __rand__ = _logical("logical_and", "&"), _logical("logical_and", "&", swapped=True)
    __or__, __ror__ = _logical("logical_or", "|"), _logical("logical_or", "|", swapped=True)
    __xor__, __rxor__ = _logical("logical_xor", "^"), _logical("logical_xor", "^", swapped=True)
    __eq__ = _comparison("equal")
    __ne__ = _comparison("not_equal")

    def __divmod__(self, other: TensorLike) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    def __rdivmod__(self, other: TensorLike) -> tuple[Tensor, Tensor]:
        return self.__rfloordiv__(other), self.__rmod__(other)

    def __round__(self, digits: int | None = None) -> Tensor:
        scale = 10.0 ** (digits or 0)
        return apply(TABLE["round"], (self * scale,)) / scale if digits else apply(TABLE["round"], (self,))

    def __matmul__(self, other: TensorLike) -> Tensor:
        try:
            return lent.matmul(self, other)
        except ERRORS as error:
            trim(error)
            raise

    def __rmatmul__(self, other: TensorLike) -> Tensor:
        try:
            return lent.matmul(other, self)
        except ERRORS as error:
            trim(error)
            raise

    def __neg__(self) -> Tensor:
        try:
            return apply(TABLE["negative"], (self,))
        except ERRORS as error:
            trim(error)
            raise

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return apply(TABLE["abs"], (self,))

    def __invert__(self) -> Tensor:
        operands = (self.read(),)
        _require_booleans("~", operands)
        return apply(TABLE["logical_not"], operands)


def array_attribute(tensor: Tensor, name: str) -> object:
    """What NumPy's arrays have by this name."""
    return lent.attribute(tensor, name)


for _name in (*METHODS, *PROPERTIES, *REFUSED):
    setattr(Tensor, _name, property(partial(array_attribute, name=_name), doc=""))  # else that of `partial`


def record_tensor(rule: Op, args: tuple[Any, ...], params: Any, shape: Shape, dtype: str, inner: int = 2) -> Tensor:
    """Record an operation: its result, with the place of the user's line that called it.

    ``inner`` is how many frames of the library are inside of the user's at the least.

    The fields of a place are fields of the tensor, since each object that is tracked for garbage costs more in
    collections than in its making; and a class without ``__init__`` makes its instances faster.
    """
    tensor = Tensor()
    tensor.rule = rule
    tensor.args = args
    tensor.params = params
    tensor.shape = shape if type(shape) is TensorShape else _as_tensor_shape(TensorShape, shape)
    tensor.dtype = dtype if type(dtype) is DType else DTYPES.get(dtype, dtype)
    tensor.context = here = _here()
    origin = here.origin
    if origin is None:
        try:
            frame = _frame(inner)
            code = frame.f_code
            if OWN[code.co_filename]:
                tensor._code, tensor._offset = find_user(frame)
            else:
                tensor._code, tensor._offset = code, frame.f_lasti
        except ValueError:
            tensor._code, tensor._offset = None, 0
        tensor._cause = None
    else:
        tensor._code = origin.code
        tensor._offset = origin.offset
        tensor._cause = origin.cause
    tensor.value = None
    tensor.expression = None
    tensor.label = None
    tensor._measures = ()
    tensor.derived = None
    tensor.notes = None
    tensor.node = key = next_key()
    live[key] = _ref(tensor)
    return tensor


def attach_measures(tensor: Tensor, by: Iterable[Tensor]) -> Tensor:
    """A derivative, with the targets and the source that it is of, the source last.

    Text reads symbolic dimensions there: the gradient of a sum, for one, is an array of ones in which its source does
    not occur. Conditions of the derivative are those of the targets too.
    """
    # What is older than the tensor does not depend on it, so that no circle of references arises.
    key = tensor.node
    older = tuple([t for t in by if t.node < key])
    if older:
        tensor._measures = older
    return tensor


_OF_OPERANDS = ("same", "float")
"""The results whose dtype is that of the operands, where these are floats."""
_AS_NUMBERS = "cast(x, 'int64') for 0 and 1"
_OF_NUMBERS = {
    "subtract": "x ^ y, or cast(x, 'int64') for 0 and 1", "negative": "~x, or cast(x, 'int64') for 0 and 1",
    "floordiv": _AS_NUMBERS, "mod": _AS_NUMBERS, "pow": _AS_NUMBERS,
}  # fmt: skip
"""The arithmetic that NumPy or TensorFlow has for numbers only, with what to write for booleans."""


def apply(op: Op, args: tuple[TensorLike, ...], vetted: bool = False) -> Tensor:
    """Record an elementwise operation; ``vetted`` says that the operands are tensors and literals."""
    shape: Shape | None = None
    dtype = ""
    clash = False
    for a in args:
        if type(a) is Tensor:
            if shape is None:
                shape = a.shape
                dtype = a.dtype
            else:
                if a.shape != shape:
                    clash = True
                if a.dtype is not dtype:
                    dtype = promote(dtype, a.dtype)
        elif type(a) not in _NUMBERS and not vetted:
            return apply(op, tuple(map(as_operand, args)), vetted=True)
    if shape is None:
        return apply(op, (constant(args[0], _bind=False), *args[1:]))
    if clash:
        tensors = [a for a in args if type(a) is Tensor]
        shape = shapes.broadcast(*(t.shape for t in tensors), names=[f"{op.name} of {t.name}" for t in tensors])
    if dtype not in FLOATS or op.result not in _OF_OPERANDS:
        dtype = elementwise_dtype(op, args, dtype)
    return record_tensor(op, args, None, shape, dtype, 3)


def elementwise_dtype(op: Op, args: Sequence[Operand], dtype: str) -> str:
    """The dtype of a result, given what the tensors among the operands promote to."""
    if op.result not in _OF_OPERANDS:
        return op.result
    boolean = dtype == "bool" and all(type(a) is Tensor or values.literal_dtype(a) == "bool" for a in args)
    if boolean and op.name in _OF_NUMBERS:
        raise TypeError(f"{op.name} of booleans is not defined; write {_OF_NUMBERS[op.name]}")
    if op.name == "pow" and dtype in values.RANGES and type(args[1]) is int and args[1] < 0:
        raise ValueError(
            f"an integer has no integer power {args[1]}; write {float(args[1])} for the exponent, or cast the base to "
            "'float64'"
        )
    for a in args:
        if type(a) is not Tensor and dtype not in FLOATS:
            kind = values.literal_dtype(a)
            if type(a) is int and dtype in values.RANGES and op.result == "same":
                values.fit_integers(a, dtype)
            dtype = promote(dtype, kind) if kind == "float64" or dtype == "bool" else dtype
    return dtype if op.result == "same" or dtype in FLOATS else "float64"


def as_operand(value: TensorLike) -> Tensor | Literal:
    """A tensor, or a literal for a number.

    Raises
    ------
    TypeError
        If the value is neither a tensor nor a number, nested list or array of real numbers.
    """
    if isinstance(value, Tensor):
        return value.read()
    number = values.as_literal(value)
    return constant(value, _bind=False) if number is None else number


def as_tensor(value: TensorLike) -> Tensor:
    """The value as a tensor; a number becomes a constant."""
    operand = as_operand(value)
    return operand if type(operand) is Tensor else constant(operand, _bind=False)


def evaluate(tensor: Tensor, feed: Feed = MappingProxyType({})) -> Any:
    """The value of a tensor, given those of sources."""
    return lent.evaluate(tensor, feed)


def closed_form(tensor: Tensor) -> str | None:
    """The text of a tensor's formula, if it is short."""
    return lent.closed_form(tensor)


def guard(tensor: Tensor, what: str, given: Collection[object] = ()) -> None:
    """Refuse to take a value out of the trace where that would cut a gradient, or note it; see :mod:`tracer.guard`."""
    lent.guard(tensor, what, given)


def explain_gradients(target: Any, sources: Any, tape: Any) -> Any:
    """Why gradients are None, or are not; see :func:`tracer.explain`."""
    return lent.explain(target, sources, tape)


def known_size(tensor: Tensor) -> shapes.Dim | None:
    """The value of an integer scalar that is made of numbers and shapes alone; None for others."""
    return lent.known_size(tensor)


def is_fixed(tensor: Tensor) -> bool:
    """Whether a tensor has its value from shapes and numbers alone, whatever is given for sources."""
    return tensor.rule.fixed and tensor.value is not None


def is_fixed_number(tensor: Tensor) -> bool:
    """Whether a tensor is one number whatever is given for sources, such as a size."""
    return not tensor.shape and is_fixed(tensor)


def has_number(tensor: Tensor) -> bool:
    """Whether a tensor bears its value, which is no expression in dimensions."""
    return tensor.value is not None and not isinstance(tensor.value, sympy.Expr)


VARIABLE = register(Op("variable"))
CONSTANT = register(Op("constant"))
PLACEHOLDER = register(Op("placeholder"))
SOURCES = (VARIABLE, CONSTANT, PLACEHOLDER)
_next_label = itertools.count(1).__next__


def source_label(name: str | None) -> str:
    """The name of a source: the given one, that of the variable it is bound to, or a numbered one."""
    return checked_name(name) if name is not None else binding.bound_name() or f"x{_next_label()}"


_uses = Uses()


def give_name(result: R, name: object, since: int) -> R:
    """The result of an operation, bearing a name that no other operation has; several get numbers, as in TensorFlow.

    Operands that were answered as they are, made before the key ``since``, keep theirs.
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"a name must be a non-empty string, got {shown(name)}")
    found: object = result
    if type(found) is Tensor:
        if found.node > since and found.label is None:
            found.label = Label(_uses.claim("/".join((*found.context.scope, name)), found))
    elif isinstance(found, (list, tuple)):
        for k, part in enumerate(found):
            give_name(part, f"{name}:{k}", since)
    return result


def source_names(nodes: Iterable[Tensor], avoid: Iterable[str] = ()) -> dict[int, str]:
    """A name for each source among nodes, by key; of those that bear the same name the later ones get suffixes."""
    names: dict[int, str] = {}
    sources = [t for t in nodes if t.rule in SOURCES]
    taken = {t.label for t in sources if t.label}
    real = {t.label for t in sources if type(t.label) is str}
    used = set(avoid)
    count = 0
    for t in sources:
        name = t.label
        if name is None:
            while name is None or name in taken or name in used:
                count += 1
                name = f"c{count}"
        elif name in used or (type(name) is Label and name in real):
            suffix = 2
            while f"{name}_{suffix}" in taken | used:
                suffix += 1
            name = f"{name}_{suffix}"
        used.add(name)
        names[t.node] = name
    return names


def source(op: Op, value: object, shape: Shape | None, dtype: DTypeLike, params: object = None) -> Tensor:
    stored, found, kind = values.describe(value)
    wanted = as_dtype(dtype) or kind
    if kind in FLOATS and wanted in ("int32", "int64") and not values.is_integral(stored):
        raise TypeError(
            f"the value {shown(value)} does not fit the dtype {wanted}; write cast(value, {wanted!r}) to cut it off"
        )
    if wanted in values.RANGES and not isinstance(stored, sympy.Expr):
        stored = values.fit_integers(stored, wanted)
    elif wanted != kind and found:
        stored = stored.astype(wanted)
    elif wanted != kind and not isinstance(stored, sympy.Expr):
        stored = values.as_float(stored) if wanted in FLOATS else bool(stored) if wanted == "bool" else int(stored)
    if shape is not None and shape != found:
        if not found and shapes.is_concrete(shape):
            import numpy

            stored = numpy.full(shape, stored, wanted)
        elif not shapes.is_concrete(shape) or shapes.size(found) != shapes.size(shape):
            raise ValueError(f"a value of shape {shapes.show(found)} does not have the shape {shapes.show(shape)}")
        else:
            stored = stored.reshape(shape)
        found = shape
    tensor = record_tensor(op, (), params, found, wanted)
    tensor.value = stored
    return tensor


def constant(
    value: TensorLike, dtype: DTypeLike = None, shape: ShapeLike = None, name: str | None = None, *, _bind: bool = True
) -> Tensor:
    """A tensor with a fixed value.

    Parameters
    ----------
    value : number, nested list or array
        Real numbers. Floats give float64 unless a dtype is named.
    dtype : str, optional
        The dtype to convert to.
    shape : tuple of int, optional
        A shape to fill with one number, or to reshape to.
    name : str, optional
        The name in formulas; by default that of the Python variable the constant is bound to.

    Returns
    -------
    Tensor
        Of the value's shape.

    Raises
    ------
    TypeError
        If the value does not hold real numbers.
    ValueError
        If its rows differ in length, or it does not fit the shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.constant([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 2)
    """
    if isinstance(value, (list, tuple)) and any(isinstance(leaf, Tensor) for leaf in nest.flatten(value)):
        value = lent.stack([as_tensor(row) for row in value])
    if isinstance(value, Tensor):
        # What is read of a variable is a tensor of its own, which one may watch and differentiate by.
        tensor = value if type(value) is Tensor else apply(TABLE["identity"], (value,))
        return tensor if dtype is None else lent.cast(tensor, dtype)
    tensor = source(CONSTANT, value, None if shape is None else shapes.as_shape(shape), dtype)
    if name is not None:
        tensor.label = checked_name(name)
    elif _bind:
        tensor.label = binding.bound_name()
    return tensor


def convert_to_tensor(
    value: TensorLike, dtype: DTypeLike = None, dtype_hint: DTypeLike = None, name: str | None = None
) -> Tensor:
    """The value as a tensor.

    Parameters
    ----------
    value, dtype, name
        As for :func:`constant`.
    dtype_hint : optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    Tensor
        A tensor is itself, unless the dtype is another.

    Examples
    --------
    >>> import tracer
    >>> tracer.convert_to_tensor([1, 2], dtype="float32").dtype
    'float32'
    """
    return constant(value, dtype, name=name)


def placeholder(name: str, shape: ShapeLike = (), dtype: DTypeLike = float64, **assumptions: bool) -> Tensor:
    """A symbolic input without a value.

    Parameters
    ----------
    name : str
        Its name in formulas, a Python identifier.
    shape : tuple, optional
        Dimensions: ints, names such as ``"n"``, or sympy symbols. The same name is the same dimension.
    dtype : str, optional
        Its dtype.
    **assumptions : bool
        What is known of it: ``symmetric``, ``diagonal``, ``orthogonal``, ``positive_definite``; ``stochastic``, whose
        rows are probabilities, and ``unit``, whose rows have the norm one; ``positive``, ``negative``,
        ``nonnegative``, ``nonpositive``, ``nonzero``, ``integer``, ``real``.

    Returns
    -------
    Tensor
        Of the given shape.

    Raises
    ------
    ValueError
        If something is declared that is not known, or that a source of this shape can't be.

    Examples
    --------
    >>> import tracer
    >>> tracer.placeholder("X", shape=(3, "n")).shape
    (3, n)
    """
    label = checked_name(name)
    dims = shapes.as_shape(shape) if shape != () else SCALAR
    kind = as_dtype(dtype) or float64
    if assumptions:
        _check_declared(label, dims, assumptions)
    tensor = record_tensor(PLACEHOLDER, (), tuple(sorted(assumptions.items())) if assumptions else (), dims, kind)
    tensor.label = label
    return tensor


def _check_declared(label: str, dims: Shape, assumptions: Mapping[str, bool]) -> None:
    """Refuse what can't be declared of a source of a shape."""
    for name, holds in assumptions.items():
        row = DECLARATIONS.get(name)
        if row is None:
            raise ValueError(
                f"{label} is declared {name}, which is not known; what can be declared is {', '.join(DECLARATIONS)}"
            )
        if holds and row.square and len(dims) > 1 and dims[-2] != dims[-1]:
            raise ValueError(
                f"{label} is declared {name}, as only a square matrix can be, and its shape is {dims}; "
                f"give it two equal sizes, or leave {name}=True out"
            )
        if holds and len(dims) < row.rank:
            raise ValueError(
                f"{label} is declared {name}: it {row.meaning}; its shape is {dims}, which has no axis; "
                f"give it one, or leave {name}=True out"
            )


def symbols(names: str, **assumptions: bool) -> Any:
    """Scalar placeholders, one for each name.

    Parameters
    ----------
    names : str
        Names with spaces or commas between them.
    **assumptions : bool
        As for :func:`placeholder`.

    Returns
    -------
    Tensor, or tuple of Tensor
        A single name gives a single tensor.

    Raises
    ------
    TypeError
        If the names are not one string.
    ValueError
        If there are none.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> (x * y).shape
    ()
    """
    if not isinstance(names, str):
        raise TypeError(f"symbols takes a string of names, got {shown(names)}; write for instance symbols('x y')")
    found = tuple(placeholder(n, (), float64, **assumptions) for n in names.replace(",", " ").split())
    if not found:
        raise ValueError(f"no names in {shown(names)}; write for instance symbols('x y')")
    return found[0] if len(found) == 1 else found
