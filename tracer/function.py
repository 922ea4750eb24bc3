"""Functions with a signature: what TensorFlow compiles is traced here with symbolic dimensions."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import NoneType
from typing import Generic, TypeAlias, TypeVar, overload

import sympy

from tracer import nest, shapes
from tracer.dtypes import DTypeLike, as_dtype
from tracer.nest import Nest, shown
from tracer.shapes import Dim, Shape, ShapeLike
from tracer.tensor import CONSTANT, Tensor, TensorLike, as_tensor, placeholder, source
from tracer.tensor_shape import TensorShape
from tracer.tracebacks import concise_methods

R = TypeVar("R")
T = TypeVar("T")

Signature: TypeAlias = "Iterable[Nest[TensorSpec]] | None"
"""What arguments are to be like, one entry each; None for anything."""


@concise_methods("__init__")
class TensorSpec:
    """What a tensor is to be like: its shape, its dtype and its name.

    Parameters
    ----------
    shape : sequence, optional
        Ints, names or sympy symbols, and None for a dimension of any size; None instead of a shape for any shape.
    dtype : str, optional
        ``"float64"`` by default.
    name : str, optional

    Examples
    --------
    >>> import tracer as tf
    >>> spec = tf.TensorSpec([None, 3])
    >>> spec.is_compatible_with(tf.zeros((5, 3)))
    True
    """

    def __init__(self, shape: ShapeLike, dtype: DTypeLike = "float64", name: str | None = None) -> None:
        self.shape = None if shape is None else TensorShape(shape)
        self.dtype = as_dtype(dtype) or "float64"
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: TensorLike, name: str | None = None) -> TensorSpec:
        """The spec that a tensor has."""
        given = as_tensor(tensor)
        return cls(given.shape, given.dtype, name or given.label)

    def is_compatible_with(self, value: TensorSpec | TensorLike) -> bool:
        """Whether a tensor, or the tensors of another spec, are as this one says; a named dimension has any size."""
        other = value if isinstance(value, TensorSpec) else TensorSpec.from_tensor(value)
        if self.dtype != other.dtype:
            return False
        if self.shape is None or other.shape is None:
            return True
        return len(self.shape) == len(other.shape) and all(
            isinstance(d, (NoneType, sympy.Expr)) or d == e or e is None for d, e in zip(self.shape, other.shape)
        )

    def _key(self) -> tuple[TensorShape | None, str, str | None]:
        return self.shape, str(self.dtype), self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={str(self.dtype)!r}, name={self.name!r})"


@concise_methods("__init__", "__call__", "get_concrete_function")
class Function(Generic[R]):
    """A Python function, with the signature that its arguments must fit; what ``tracer.function`` answers.

    A call runs the Python function: all that it does is traced, variables that it reads are watched by the tapes
    outside, and its result has a formula.
    """

    def __init__(self, python_function: Callable[..., R], input_signature: Signature = None) -> None:
        if not callable(python_function):
            raise TypeError(
                f"function takes a callable, got {shown(python_function)}; write @function above a definition"
            )
        self.python_function = python_function
        self.input_signature = None if input_signature is None else tuple(input_signature)
        for spec in nest.flatten(self.input_signature or ()):
            if not isinstance(spec, TensorSpec):
                raise TypeError(
                    f"an input_signature is a list of TensorSpec, got {shown(spec)}; write TensorSpec((None, 3))"
                )
        functools.update_wrapper(self, python_function)

    def __repr__(self) -> str:
        return f"<Function {getattr(self.python_function, '__name__', 'function')}>"

    def __get__(self, instance: object, owner: type | None = None) -> Function[R]:
        return self if instance is None else Function(self.python_function.__get__(instance), self.input_signature)

    def __call__(self, *args: object, **kwargs: object) -> R:
        if self.input_signature is not None:
            args, kwargs = self._fit_arguments(args, kwargs), {}
        return _as_tensors(self.python_function(*args, **kwargs))

    def _parameters(self) -> list[str]:
        """The names of the arguments that the input signature describes."""
        assert self.input_signature is not None
        try:
            names = list(inspect.signature(self.python_function).parameters)
        except (TypeError, ValueError):
            names = []
        count = len(self.input_signature)
        return (names + [f"x{k + 1}" for k in range(len(names), count)])[:count]

    def _fit_arguments(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> tuple[object, ...]:
        """The arguments as tensors that fit the input signature."""
        names = self._parameters()
        given = dict(zip(names, args))
        unknown = [name for name in kwargs if name not in names or name in given]
        given |= kwargs
        missing = [name for name in names if name not in given]
        if len(args) > len(names) or unknown or missing:
            raise TypeError(
                f"{self!r} takes the arguments {', '.join(names) or 'none'} of its input_signature, "
                f"got {len(args)} by position and {', '.join(kwargs) or 'none'} by name"
            )
        sizes: dict[sympy.Expr, Dim] = {}

        def fitted(spec: Nest[TensorSpec], name: str) -> Nest[Tensor]:
            parts = zip(nest.flatten(spec), nest.flatten_up_to(spec, given[name]))
            packed: Nest[Tensor] = nest.pack(spec, [_fit(s, v, name, sizes) for s, v in parts])
            return packed

        return tuple(fitted(spec, name) for name, spec in zip(names, self.input_signature or ()))

    def get_concrete_function(self, *args: object, **kwargs: object) -> ConcreteFunction[R]:
        """The function traced once, for inputs that are symbols.

        Parameters
        ----------
        *args, **kwargs
            A ``TensorSpec``, a tensor or an array stands for an input of its shape and dtype, any other value for
            itself; none at all where there is an input signature.

        Returns
        -------
        ConcreteFunction

        Examples
        --------
        >>> import tracer as tf
        >>> @tf.function(input_signature=[tf.TensorSpec(["n", "m"]), tf.TensorSpec(["m"])])
        ... def predict(X, w):
        ...     return tf.tanh(X @ w)
        >>> predict.get_concrete_function().structured_outputs.formula()
        tanh(X*w)
        """
        names: Sequence[str]
        if self.input_signature is not None and not args and not kwargs:
            names, args = self._parameters(), self.input_signature
        else:
            bound = inspect.signature(self.python_function).bind(*args, **kwargs)
            names = [*bound.arguments]
            if any(n in bound.kwargs or isinstance(v, tuple) for n, v in bound.arguments.items()):
                names = [f"x{k + 1}" for k in range(len(args))]
            else:
                args, kwargs = tuple(bound.arguments.values()), {}
        return ConcreteFunction(self.python_function, list(names), args, kwargs)


class ConcreteFunction(Generic[R]):
    """A function traced for symbolic inputs; what :meth:`Function.get_concrete_function` answers.

    Attributes
    ----------
    inputs : list of Tensor
        The placeholders that it was traced with.
    structured_outputs : nest of Tensor
        What it returned for them.
    structured_input_signature : tuple
        The positional arguments and those by name, with a ``TensorSpec`` for each input.
    """

    def __init__(
        self, python_function: Callable[..., R], names: list[str], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> None:
        self._function = python_function
        values, labels = [*args, *kwargs.values()], [*names, *kwargs]
        self._given = [nest.pack(v, list(_describe_inputs(v, label))) for v, label in zip(values, labels)]
        self._names = tuple(kwargs)
        self._specs = [leaf for leaf in nest.flatten(self._given) if isinstance(leaf, TensorSpec)]
        fresh = _fresh_dimensions(self._specs)
        self.inputs = [
            placeholder(str(s.name), [next(fresh) if d is None else d for d in s.shape or ()], s.dtype)
            for s in self._specs
        ]
        self.structured_outputs = self._run(self.inputs)
        positional = len(args)
        self.structured_input_signature = (tuple(self._given[:positional]), dict(zip(kwargs, self._given[positional:])))

    def _run(self, tensors: Sequence[Tensor]) -> R:
        """What the function returns for these inputs."""
        rest = iter(tensors)
        leaves = [next(rest) if isinstance(leaf, TensorSpec) else leaf for leaf in nest.flatten(self._given)]
        values = nest.pack(self._given, leaves)
        count = len(values) - len(self._names)
        return _as_tensors(self._function(*values[:count], **dict(zip(self._names, values[count:]))))

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors that it returned."""
        return [leaf for leaf in nest.flatten(self.structured_outputs) if isinstance(leaf, Tensor)]

    def __call__(self, *args: TensorLike, **kwargs: TensorLike) -> R:
        """The function's result for tensors in place of its inputs."""
        names = [str(s.name) for s in self._specs]
        given = dict(zip(names, args)) | kwargs
        if len(args) + len(kwargs) != len(names) or set(given) != set(names):
            raise TypeError(
                f"this function takes the inputs {', '.join(names) or 'none'}, got {len(args)} by position and "
                f"{', '.join(kwargs) or 'none'} by name"
            )
        sizes: dict[sympy.Expr, Dim] = {}
        return self._run([_fit(s, given[name], name, sizes) for s, name in zip(self._specs, names)])

    def __repr__(self) -> str:
        return (
            f"<ConcreteFunction {getattr(self._function, '__name__', 'function')}({', '.join(map(repr, self._specs))})>"
        )


def _describe_inputs(value: object, name: str) -> Iterator[object]:
    """The leaves of an argument, those that stand for an input as a ``TensorSpec`` with a name."""
    leaves = nest.flatten(value)
    for k, leaf in enumerate(leaves):
        if not isinstance(leaf, (TensorSpec, Tensor)) and not hasattr(leaf, "__array__"):
            yield leaf
            continue
        spec = leaf if isinstance(leaf, TensorSpec) else TensorSpec(*_kind(leaf))
        own = name if len(leaves) == 1 else f"{name}_{k}"
        if spec.shape is None:
            raise ValueError(f"the input {own} has no known rank; give its TensorSpec a shape, such as (None, None)")
        yield TensorSpec(spec.shape, spec.dtype, spec.name if spec.name and spec.name.isidentifier() else own)


def _kind(value: TensorLike) -> tuple[Shape, str]:
    tensor = as_tensor(value)
    return tensor.shape, tensor.dtype


def _fresh_dimensions(specs: Sequence[TensorSpec]) -> Iterator[str]:
    """Names of dimensions that no spec holds and that no input bears: n, m, k, then d1, d2, ..."""
    taken = {str(d) for s in specs for d in s.shape or ()} | {str(s.name) for s in specs}
    return (name for name in itertools.chain("nmkpq", (f"d{k}" for k in itertools.count(1))) if name not in taken)


def _fit(spec: TensorSpec, value: TensorLike, name: str, sizes: dict[sympy.Expr, Dim]) -> Tensor:
    """An argument as a tensor that fits its spec; a number or array becomes a constant of the parameter's name.

    ``sizes`` holds what the named dimensions are, as the arguments before have them.
    """
    if isinstance(value, Tensor):
        tensor = value.read()
    else:
        tensor = source(CONSTANT, value, None, spec.dtype)
        tensor.label = name
    fits = spec.is_compatible_with(tensor)
    for dim, size in zip(spec.shape or (), tensor.shape):
        if isinstance(dim, sympy.Expr) and sizes.setdefault(dim, size) != size:
            raise TypeError(
                f"the argument {name} has shape {shapes.show(tensor.shape)}, where the dimension {dim} is {size}; "
                f"in the arguments before it is {sizes[dim]}"
            )
    if not fits:
        wanted = "any shape" if spec.shape is None else f"shape {shapes.show(spec.shape)}"
        raise TypeError(
            f"the argument {name} has shape {shapes.show(tensor.shape)} and dtype {tensor.dtype}, the input_signature "
            f"says {wanted} and dtype {spec.dtype}"
        )
    return tensor


def _as_tensors(result: R) -> R:
    """A result with tensors for the numbers and arrays in it."""
    tensors: R = nest.map_leaves(lambda v: as_tensor(v) if _is_number(v) else v, result)
    return tensors


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) or (hasattr(value, "__array__") and not isinstance(value, Tensor))


@overload
def function(
    func: Callable[..., R],
    input_signature: Signature = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Function[R]: ...
@overload
def function(
    func: None = None,
    input_signature: Signature = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Callable[[Callable[..., R]], Function[R]]: ...
def function(
    func: Callable[..., object] | None = None,
    input_signature: Signature = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: str | None = None,
    experimental_autograph_options: object = None,
    experimental_attributes: object = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> object:
    """A function with a signature; usable as a decorator, bare or with arguments.

    Parameters
    ----------
    func : callable, optional
        Without one the answer is a decorator.
    input_signature : sequence of TensorSpec, optional
        One for each argument, or a nest of them. Arguments become tensors that fit.
    autograph, jit_compile, reduce_retracing, experimental_* : optional
        Accepted for TensorFlow's sake: every function is traced, and its control flow is Python's.

    Returns
    -------
    Function or callable
        A call runs ``func``: what it does is traced, its result has a formula, and tapes outside watch the variables
        that it reads. ``get_concrete_function`` traces it for symbolic inputs.

    Raises
    ------
    TypeError
        When it is called, if the arguments do not fit the signature.

    Examples
    --------
    >>> import tracer as tf
    >>> @tf.function(input_signature=[tf.TensorSpec([None])])
    ... def norm(x):
    ...     return tf.reduce_sum(x * x)
    >>> float(norm([3.0, 4.0]))
    25.0
    >>> norm.get_concrete_function().structured_outputs.formula()
    x.T*x
    """

    def decorate(f: Callable[..., T]) -> Function[T]:
        return Function(f, input_signature)

    return decorate if func is None else decorate(func)
