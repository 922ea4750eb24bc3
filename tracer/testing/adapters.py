"""Functions of JAX, PyTorch, TensorFlow and autograd as the rules that ``check_vjp`` takes: their own reverse pass.

A framework is imported when one of its functions is adapted.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from tracer.nest import shown

Vjp = Callable[..., "list[np.ndarray | None]"]
"""From a cotangent and arrays to the gradient by each of them."""


class Framework(NamedTuple):
    """How the reverse pass of a framework is called. All but the names take the framework's module first.

    Attributes
    ----------
    title, module, package : str
        Its name, the module that is imported, and what pip installs.
    tensor : callable
        From an array to a tensor of the same dtype.
    trace : callable
        From a function and the tensors that it is differentiated by to its value, and the function that pulls a
        cotangent back to their gradients, None where nothing flows.
    failures : callable
        The errors by which it says that it has no number to answer.
    precise : callable
        A context in which it computes in 64 bits.
    """

    title: str
    module: str
    package: str
    tensor: Callable[[Any, np.ndarray], Any]
    trace: Callable[[Any, Callable[..., Any], Sequence[Any]], tuple[Any, Callable[[Any], Sequence[Any]]]]
    failures: Callable[[Any], tuple[type[Exception], ...]] = lambda module: ()
    precise: Callable[[Any], AbstractContextManager[Any]] = lambda module: nullcontext()


def jax(function: Callable[..., Any]) -> Vjp:
    """The reverse pass of a function of JAX, with ``jax.custom_vjp`` or without, as a rule of arrays.

    It computes in 64 bits, also where ``jax_enable_x64`` is off, which it leaves as it was.

    Parameters
    ----------
    function : callable
        From arrays of JAX to one array, without keywords and trees.

    Returns
    -------
    callable
        ``vjp(cotangent, *arrays)``: a list of arrays, the gradient by each of those that hold floats; None for others,
        and where nothing flows.

    Raises
    ------
    ImportError
        If JAX is not installed.
    TypeError
        If it is given no function; of what is returned, where the value has another shape than the cotangent.

    Notes
    -----
    .. code-block:: python

        check_vjp(tracer.nn.softplus, adapters.jax(jax.nn.softplus), ("n",))
    """
    return _adapt(function, JAX)


def torch(function: Callable[..., Any]) -> Vjp:
    """The reverse pass of a function of PyTorch, or of ``autograd.Function.apply``, as a rule of arrays.

    Parameters
    ----------
    function : callable
        From tensors of PyTorch to one tensor. Tensors on the CPU are given, of 64 bits.

    Returns
    -------
    callable
        As for :func:`jax`.

    Notes
    -----
    .. code-block:: python

        check_vjp(tracer.nn.softplus, adapters.torch(torch.nn.functional.softplus), ("n",))
    """
    return _adapt(function, TORCH)


def tensorflow(function: Callable[..., Any]) -> Vjp:
    """The reverse pass of a function of TensorFlow, with ``tf.custom_gradient`` or without, as a rule of arrays.

    Parameters
    ----------
    function : callable
        From tensors of TensorFlow to one tensor. Tensors of 64 bits are given.

    Returns
    -------
    callable
        As for :func:`jax`.

    Notes
    -----
    .. code-block:: python

        check_vjp(tracer.nn.softplus, adapters.tensorflow(tf.nn.softplus), ("n",))
    """
    return _adapt(function, TENSORFLOW)


def autograd(function: Callable[..., Any]) -> Vjp:
    """The reverse pass of a function of autograd, with ``defvjp`` or without, as a rule of arrays.

    Parameters
    ----------
    function : callable
        From arrays to one array, by ``autograd.numpy`` or primitives of one's own.

    Returns
    -------
    callable
        As for :func:`jax`.

    Notes
    -----
    .. code-block:: python

        check_vjp(tracer.sinh, adapters.autograd(autograd.numpy.sinh), ("n",))
    """
    return _adapt(function, AUTOGRAD)


def _adapt(function: Callable[..., Any], framework: Framework) -> Vjp:
    """The reverse pass of a function of a framework, as a rule of arrays."""
    if not callable(function):
        raise TypeError(f"what is adapted is a function of {framework.title}, got {shown(function)}")
    try:
        module = import_module(framework.module)
    except ImportError as error:
        raise ImportError(
            f"{framework.title}, whose function is adapted, is not installed; run pip install {framework.package}"
        ) from error
    failures = framework.failures(module)

    def vjp(cotangent: np.ndarray, *arrays: np.ndarray) -> list[np.ndarray | None]:
        cotangent, *inputs = map(np.asarray, (cotangent, *arrays))
        moved = [k for k, a in enumerate(inputs) if a.dtype.kind == "f"]
        gradients: list[np.ndarray | None] = [None] * len(inputs)
        with framework.precise(module):
            operands = [framework.tensor(module, a) for a in inputs]

            def answer(*floats: Any) -> Any:
                given = dict(zip(moved, floats))
                return function(*(given.get(k, t) for k, t in enumerate(operands)))

            try:
                value, pull_back = framework.trace(module, answer, [operands[k] for k in moved])
                _require_shape(value, cotangent, framework)
                found = pull_back(framework.tensor(module, cotangent))
            except failures as error:
                raise np.linalg.LinAlgError(str(error)) from error
            for k, gradient in zip(moved, found):
                gradients[k] = None if gradient is None else np.asarray(gradient)
        return gradients

    return vjp


def _require_shape(value: Any, cotangent: np.ndarray, framework: Framework) -> None:
    """Refuse a function that is not the one whose cotangent is given: some frameworks would broadcast it."""
    shape = None if isinstance(value, (tuple, list, dict)) else tuple(np.shape(value))
    if shape != cotangent.shape:
        answered = f"a {type(value).__name__}" if shape is None else f"an array of shape {shape}"
        raise TypeError(
            f"the function of {framework.title} answers {answered}, the cotangent has the shape {cotangent.shape}; "
            "adapt a function that computes the same array as what it is checked against"
        )


def _trace_in_torch(torch: Any, function: Callable[..., Any], floats: Sequence[Any]) -> tuple[Any, Any]:
    leaves = [t.requires_grad_() for t in floats]
    value = function(*leaves)

    def pull_back(cotangent: Any) -> Sequence[Any]:
        if not getattr(value, "requires_grad", False):  # It depends on none of them, which PyTorch refuses to answer.
            return [None] * len(leaves)
        return list(torch.autograd.grad(value, leaves, cotangent, allow_unused=True))

    return value, pull_back


def _trace_in_tensorflow(tf: Any, function: Callable[..., Any], floats: Sequence[Any]) -> tuple[Any, Any]:
    with tf.GradientTape() as tape:
        tape.watch(list(floats))
        value = function(*floats)

    def pull_back(cotangent: Any) -> Sequence[Any]:
        if not tf.is_tensor(value):
            return [None] * len(floats)
        found = tape.gradient(value, list(floats), output_gradients=cotangent)
        return [None if g is None else tf.convert_to_tensor(g) for g in found]  # Slices are made whole.

    return value, pull_back


def _trace_in_autograd(autograd: Any, function: Callable[..., Any], floats: Sequence[Any]) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input")  # Its gradients are zeros.
        pull_back, value = autograd.make_vjp(lambda together: function(*together))(tuple(floats))
    return value, pull_back


def _in_64_bits(jax: Any) -> AbstractContextManager[Any]:
    place = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")  # Where older ones have it.
    context: AbstractContextManager[Any] = place.enable_x64(True)
    return context


JAX = Framework(
    "JAX",
    "jax",
    "jax",
    tensor=lambda jax, array: jax.numpy.asarray(array),
    trace=lambda jax, function, floats: jax.vjp(function, *floats),
    precise=_in_64_bits,
)
TORCH = Framework(
    "PyTorch",
    "torch",
    "torch",
    tensor=lambda torch, array: torch.tensor(array),
    trace=_trace_in_torch,
    failures=lambda torch: (torch.linalg.LinAlgError,),
)
TENSORFLOW = Framework(
    "TensorFlow",
    "tensorflow",
    "tensorflow",
    tensor=lambda tf, array: tf.constant(array),
    trace=_trace_in_tensorflow,
    failures=lambda tf: (tf.errors.InvalidArgumentError,),
)
AUTOGRAD = Framework("autograd", "autograd", "autograd", tensor=lambda _, array: array, trace=_trace_in_autograd)
