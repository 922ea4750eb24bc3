"""Tensors whose value may change: variables, and the buffers that functions written for NumPy assign into."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from typing import Any, NoReturn

import sympy

from tracer import shapes
from tracer.alive import live
from tracer.backprop import backprop, materialise
from tracer.dtypes import FLOATS, DTypeLike, as_dtype
from tracer.ops.casting import cast
from tracer.ops.contraction import broadcast_to
from tracer.ops.gathering import gather, gather_nd
from tracer.ops.indexing import getitem
from tracer.ops.scattering import (
    tensor_scatter_nd_add,
    tensor_scatter_nd_max,
    tensor_scatter_nd_min,
    tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
)
from tracer.places import Place
from tracer.rules import TABLE, Op
from tracer.shapes import Shape, ShapeLike
from tracer.tensor import (
    CONSTANT,
    SOURCES,
    VARIABLE,
    Context,
    Tensor,
    TensorLike,
    apply,
    array_attribute,
    as_tensor,
    context,
    evaluate,
    guard,
    record_tensor,
    source,
    source_label,
)
from tracer.tensor_shape import TensorShape
from tracer.tracebacks import concise, concise_methods
from tracer.walk import ancestors

_next_serial = itertools.count().__next__


class Given:
    """What is known of a variable's value: whether tapes watch it by themselves, and from what it was computed.

    ``computed_from`` holds the tensor that was assigned and the sources behind it. They are not kept alive: a loop of
    assignments would remember every pass. ``kept`` is the tensor that was assigned, until the next assignment, where
    other sources than the variable itself are behind it.
    """

    __slots__ = ("computed_from", "kept", "trainable")

    def __init__(
        self, trainable: bool, computed_from: tuple[weakref.ref[Tensor], ...] = (), kept: Tensor | None = None
    ) -> None:
        self.trainable = trainable
        self.computed_from = computed_from
        self.kept = kept

    def alive(self) -> list[Tensor]:
        """Those of the tensors that the value was computed from which something still uses."""
        return [t for r in self.computed_from if (t := r()) is not None]

    def assigned(self) -> Tensor | None:
        """The tensor that was assigned; None if there was none, or nothing uses it any more."""
        return self.computed_from[0]() if self.computed_from else None


def given_by(value: Tensor, old: Tensor, trainable: bool) -> Given:
    """What is known of a variable's value that a tensor has which is assigned, in place of the old one.

    It was computed from the tensor, the sources behind it, and what the values of these were computed from in turn.
    """
    sources = [t for t in ancestors([value]) if t.rule in SOURCES]
    earlier = [t for s in sources if s.rule is VARIABLE for t in s.params.alive()]
    found = tuple(map(weakref.ref, {t.node: t for t in (value, *sources, *earlier)}.values()))
    own = all(t.rule is CONSTANT or t is old for t in (*sources, *earlier))
    return Given(trainable, found, None if own else value)


class Cell(Tensor):
    """A tensor that stands for its current value, another tensor, which operations take in its place."""

    __slots__ = ("current",)
    _FIELDS = Tensor._FIELDS | {"current"}

    def __init__(self, current: Tensor) -> None:
        self.current = current.read()

    def __del__(self, forget: Callable[[int, None], object] = live.pop) -> None:
        """The tensor of the current value forgets itself."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in Tensor.__slots__:
            raise AttributeError(f"a {type(self).__name__} has no attribute {name!r}")
        if hasattr(type(self), name):
            return object.__getattribute__(self, name)  # the property's own error
        return array_attribute(self, name)

    def read(self) -> Tensor:
        """The tensor of the current value."""
        return self.current

    @property
    def node(self) -> int:  # type: ignore[override]
        """The key of the current value in the graph."""
        return self.current.node

    @property
    def rule(self) -> Op:  # type: ignore[override]
        """The row of the operation table."""
        return self.current.rule

    @property
    def args(self) -> tuple[Any, ...]:  # type: ignore[override]
        """The arguments of the node."""
        return self.current.args

    @property
    def params(self) -> Any:
        """The parameters of the node."""
        return self.current.params

    @property
    def shape(self) -> Shape:  # type: ignore[override]
        """The shape."""
        return self.current.shape

    @property
    def dtype(self) -> str:  # type: ignore[override]
        """The dtype."""
        return self.current.dtype

    @property
    def expr(self) -> sympy.Basic:
        """The symbol of the current value, or its expression."""
        return self.current.expr

    @property
    def label(self) -> str | None:  # type: ignore[override]
        """The name."""
        return self.current.label

    @property
    def place(self) -> Place:
        """Where the current value was assigned."""
        return self.current.place

    @property
    def context(self) -> Context:  # type: ignore[override]
        """Where the current value was assigned."""
        return self.current.context


@concise_methods(
    "__init__", "assign", "assign_add", "assign_sub", "scatter_nd_update", "scatter_nd_add", "scatter_nd_sub",
    "scatter_nd_max", "scatter_nd_min",
)  # fmt: skip
class Variable(Cell):
    """A source whose value may be assigned; a trainable one is watched by the tapes that record a reading of it.

    Parameters
    ----------
    initial_value : number, nested list, array or tensor, optional
        Without one the variable needs a shape, which may be symbolic, and stands for itself in formulas.
    trainable : bool, optional
        Whether tapes watch it on their own.
    name : str, optional
        Its name in formulas; by default that of the Python variable it is bound to.
    dtype, shape : optional
        As for :func:`constant`.

    Examples
    --------
    >>> import tracer as tf
    >>> w = tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     loss = w * w
    >>> print(tape.gradient(loss, w).formula())
    2*w
    """

    __slots__ = ("earlier", "serial", "trainable")
    _FIELDS = Cell._FIELDS - {"value"} | {"earlier", "serial", "versions"}

    def __init__(
        self,
        initial_value: TensorLike | Callable[[], TensorLike] | None = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: DTypeLike = None,
        shape: ShapeLike = None,
    ) -> None:
        self.trainable = bool(trainable)
        self.serial = _next_serial()
        self.earlier: list[weakref.ref[Tensor]] = []
        if callable(initial_value):
            initial_value = initial_value()
        if initial_value is None:
            if shape is None:
                raise ValueError(
                    "a variable needs a value or a shape, got neither; write Variable(0.0), "
                    "or Variable(shape=()) for one that stands for itself in formulas"
                )
            given = Given(self.trainable)
            self.current = record_tensor(VARIABLE, (), given, shapes.as_shape(shape), as_dtype(dtype) or "float64")
        else:
            if isinstance(initial_value, Tensor):
                guard(initial_value, "Variable")
                initial_value = evaluate(initial_value)
            self.current = source(VARIABLE, initial_value, None, dtype, Given(self.trainable))
            if shape is not None:
                self._take_shape(TensorShape(shape))
        self.current.label = source_label(name)

    def _take_shape(self, shape: TensorShape) -> None:
        """Fill the stated shape with a number; an array must have it, but for dimensions that are None."""
        current = self.current
        if not current.shape and shape.is_fully_defined():
            self.current = source(VARIABLE, current.value, shape, current.dtype, current.params)
        elif not shape.is_compatible_with(current.shape):
            raise ValueError(
                f"a variable of shape {shapes.show(shape)} can't hold a value of shape {shapes.show(current.shape)}; "
                "reshape the value, or leave shape out"
            )

    def __copy__(self) -> Variable:
        return Variable(self.current.value, self.trainable, self.label, self.dtype, self.shape)

    def __deepcopy__(self, memo: object) -> Variable:
        return self.__copy__()

    def read(self) -> Tensor:
        """The tensor of the current value, which the active tapes that should will watch."""
        tensor = self.current
        for recording in context.get().recordings:
            tensor = recording.access(self, tensor)
        return tensor

    def value(self) -> Tensor:
        """The current value, as a tensor of its own: the gradient by the variable counts what was read on the tape."""
        return apply(TABLE["identity"], (self,))

    read_value = value

    def assign(
        self, value: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Give the variable a new value; what was computed before keeps the old one.

        Raises
        ------
        ValueError
            If the value's shape is not the variable's.
        """
        if isinstance(value, Tensor):
            return self._take(evaluate(value), value.read())
        return self._take(value, None)

    def _take(self, value: Any, assigned: Tensor | None) -> Variable:
        """Make a value the current one, given the tensor that has it."""
        old = self.current
        given = Given(self.trainable) if assigned is None else given_by(assigned, old, self.trainable)
        new = source(VARIABLE, value, None, old.dtype, given)
        if new.shape != old.shape:
            raise ValueError(
                f"{old.label} has the shape {shapes.show(old.shape)}, a value of shape {shapes.show(new.shape)} "
                "can't be assigned to it"
            )
        new.label = old.label
        self.earlier = [r for r in self.earlier if r() is not None] + [weakref.ref(old)]
        old.params.kept = None
        self.current = new
        return self

    def assign_add(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Add to the value."""
        return self.assign(self.current + delta)

    def assign_sub(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Subtract from the value."""
        return self.assign(self.current - delta)

    def __getitem__(self, key: object) -> VariableSlice:
        return VariableSlice(self, key)

    def sparse_read(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The slices along the first axis at indices."""
        return gather(self, indices)

    def gather_nd(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The elements or slices at coordinates; see :func:`tracer.gather_nd`."""
        return gather_nd(self, indices)

    def scatter_nd_update(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Replace elements or slices at coordinates; see :func:`tracer.tensor_scatter_nd_update`."""
        return self.assign(tensor_scatter_nd_update(self.current, indices, updates))

    def scatter_nd_add(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Add to elements or slices at coordinates; see :func:`tracer.tensor_scatter_nd_add`."""
        return self.assign(tensor_scatter_nd_add(self.current, indices, updates))

    def scatter_nd_sub(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Subtract from elements or slices at coordinates; see :func:`tracer.tensor_scatter_nd_sub`."""
        return self.assign(tensor_scatter_nd_sub(self.current, indices, updates))

    def scatter_nd_max(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Keep the greater of elements and updates; see :func:`tracer.tensor_scatter_nd_max`."""
        return self.assign(tensor_scatter_nd_max(self.current, indices, updates))

    def scatter_nd_min(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Keep the smaller of elements and updates; see :func:`tracer.tensor_scatter_nd_min`."""
        return self.assign(tensor_scatter_nd_min(self.current, indices, updates))

    @concise
    def _augmented(self, other: object) -> NoReturn:
        raise RuntimeError(
            f"an augmented assignment would rebind {self.label} to a tensor; write {self.label}.assign_add(value), "
            "assign_sub(value) or assign(value)"
        )

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __ipow__ = __imatmul__ = _augmented

    def versions(self) -> list[Tensor]:
        """The tensors of all values that something still uses, the current one last."""
        found = [t for r in self.earlier if (t := r()) is not None]
        return [*found, self.current]


@concise_methods("__init__", "assign", "assign_add", "assign_sub")
class VariableSlice(Cell):
    """Elements of a variable: a tensor like any other, by which they may be assigned too.

    Examples
    --------
    >>> import tracer as tf
    >>> v = tf.Variable([1.0, 2.0, 3.0])
    >>> v[0].assign(9.0).numpy()
    array([9., 2., 3.])
    >>> v[1:].assign_add([1.0, 1.0]).numpy()
    array([9., 3., 4.])
    """

    __slots__ = ("key", "variable")
    _FIELDS = Cell._FIELDS | {"key", "variable"}

    def __init__(self, variable: Variable, key: object) -> None:
        super().__init__(getitem(variable.read(), key))
        self.variable = variable
        self.key = key

    def assign(self, value: TensorLike, name: str | None = None) -> Variable:
        """Give the elements new values.

        Returns
        -------
        Variable
            The variable, whose other elements keep their values.

        Raises
        ------
        ValueError
            If the values do not broadcast to the elements' shape, or the variable has no value.
        """
        import numpy

        given = as_tensor(value)
        values = numpy.array(self.variable.current.numpy())
        chosen = values[_plain_key(self.key)]
        try:
            values[_plain_key(self.key)] = numpy.broadcast_to(given.numpy(), chosen.shape)
        except ValueError:
            raise ValueError(
                f"a value of shape {shapes.show(given.shape)} can't be assigned to elements of "
                f"{self.variable.label} of shape {shapes.show(chosen.shape)}"
            ) from None
        return self.variable._take(values, updated(self.variable.current, self.key, given))

    def assign_add(self, delta: TensorLike, name: str | None = None) -> Variable:
        """Add to the values of the elements."""
        return self.assign(self._now() + delta)

    def assign_sub(self, delta: TensorLike, name: str | None = None) -> Variable:
        """Subtract from the values of the elements."""
        return self.assign(self._now() - delta)

    def _now(self) -> Tensor:
        return self.variable.current[self.key]


def _plain_key(key: object) -> Any:
    """An index with the values of the tensors in it."""
    if isinstance(key, tuple):
        return tuple(map(_plain_key, key))
    if isinstance(key, slice):
        return slice(*map(_plain_key, (key.start, key.stop, key.step)))
    return key.numpy() if isinstance(key, Tensor) else key


class Buffer(Cell):
    """A tensor into which elements may be assigned, as functions written for NumPy do with an array of their own.

    Each assignment makes a new tensor of which it is the current value; what was computed before keeps the old one.

    Examples
    --------
    >>> import numpy, tracer
    >>> def reversed_pairs(x):
    ...     out = numpy.zeros_like(x)
    ...     out[0] = x[1] * 2
    ...     out[1] = x[0] * 3
    ...     return out
    >>> tracer.jacobian(reversed_pairs)(numpy.array([1.0, 2.0])).numpy()
    array([[0., 2.],
           [3., 0.]])
    """

    __slots__ = ()

    def __setitem__(self, key: object, value: TensorLike) -> None:
        self.current = updated(self.current, key, as_tensor(value))


def updated(old: Tensor, key: object, new: Tensor) -> Tensor:
    """The tensor with new elements at the places that ``key`` chooses."""
    mask = as_tensor(key) if getattr(key, "dtype", None) == "bool" else None
    if mask is not None and mask.shape == old.shape and not new.shape:
        return apply(TABLE["where"], (mask, new, old))
    whole = old if old.dtype in FLOATS else cast(old, "float64")
    chosen = whole[key]
    (placed,) = backprop([(chosen, broadcast_to(new, chosen.shape))], [whole])
    (taken,) = backprop([(chosen, 1)], [whole])
    result = apply(TABLE["where"], (apply(TABLE["not_equal"], (materialise(taken, whole), 0)), placed, whole))
    return result if result.dtype == old.dtype else cast(result, old.dtype)


def assign_elements(tensor: Tensor, key: object, value: TensorLike) -> None:
    """Make a tensor stand for an updated one, as array-API code assigns to the elements of an array.

    What was computed from it before goes on with the old values.
    """
    old = Tensor()
    _take_over(old, tensor)
    for reference in list(live.values()):
        consumer = reference()
        if consumer is not None and any(a is tensor for a in consumer.args):
            consumer.args = tuple(old if a is tensor else a for a in consumer.args)
    new = updated(old, key, as_tensor(value))
    _take_over(tensor, new)
    new.node = -1


def _take_over(tensor: Tensor, record: Tensor) -> None:
    for slot in Tensor.__slots__:
        if slot != "__weakref__":
            setattr(tensor, slot, getattr(record, slot))
    live[tensor.node] = weakref.ref(tensor)
