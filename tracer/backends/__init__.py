"""Backends: programs as text of one language, and the functions that the text defines.

They are imported when a value or a compiled function is first asked for: tracing and differentiating do not need them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from tracer.backends.compilation import Compiled
    from tracer.backends.emitting import CSource
    from tracer.nest import Nest
    from tracer.tensor import Feed, Tensor


def compile(outputs: Nest[Tensor], inputs: Tensor | Sequence[Tensor], backend: str = "numpy") -> Compiled:
    """A Python function that computes tensors from the values of others.

    Parameters
    ----------
    outputs : tensor, or nest of tensors
        One tensor gives a function with one result, a list one with a tuple of results; dictionaries, and lists and
        tuples in these, come back as such: ``{"loss": loss, "slopes": [a, b]}``.
    inputs : tensor, or sequence of tensors
        What the function takes, in this order: placeholders, variables, or any tensors, at which the computation is
        cut. Sources with a value that are not among them are constants of the function.
    backend : str, optional
        The language; an error about a name that is none lists all.
        ``"numpy"`` computes with NumPy; a program of scalars that is called with Python floats then runs with
        Python's ``math``. ``"math"`` is for programs of scalars alone: Python's floats. ``"c"`` writes C99, of arrays
        as loops, which the system's compiler (``CC``, or the first of cc, gcc and clang) makes a function of; an index
        out of range, and what NumPy refuses of a singular matrix, is NaN there. ``"jax"`` computes with JAX, in 64
        bits, under ``jax.jit``; its functions take and give arrays of JAX, which traces and differentiates them.
        ``"torch"`` computes with PyTorch, in the dtype and on the device of the tensors that are given, and PyTorch
        differentiates it. ``"array_api"`` computes with any library whose arrays follow the array API standard, of
        2023.12, by the functions that ``x.__array_namespace__()`` has. ``"numba"`` writes the loops of ``"c"`` in
        Python, which Numba compiles at the first call.

    Returns
    -------
    Compiled
        A callable; its ``source`` is a module to read and keep, which runs where tracer is not installed.

    Raises
    ------
    ValueError
        If a source has no value and is not among the inputs, or the backend lacks an operation.
    ImportError
        If JAX or PyTorch is not installed, and the backend is theirs.
    RuntimeError
        When the function is called, if there is no C compiler for the backend ``"c"``; its source is there without one.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> f = tracer.compile(x * y + tracer.sin(x), [x, y])
    >>> f(0.0, 2.0)
    0.0
    >>> print(f.source)
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    @np.errstate(all="ignore")
    def compiled(x, y):
        \"\"\"Compute the result from x and y.
    <BLANKLINE>
        Parameters
        ----------
        x : float64
        y : float64
    <BLANKLINE>
        Returns
        -------
        result : float64
            x*y + sin(x)
        \"\"\"
        return x * y + np.sin(x)
    <BLANKLINE>
    """
    from tracer.backends import compilation

    return compilation.compile_tensors(outputs, inputs, backend)


def emit_c(
    outputs: Nest[Tensor], inputs: Tensor | Sequence[Tensor], name: str = "compiled", abi: str | None = None
) -> CSource:
    """C99 of tensors: a header and a source, for embedded use.

    The function allocates nothing and keeps nothing. Its arguments have the names of the inputs, and each result is
    written where an argument of its own points. Arrays are row-major; symbolic sizes are arguments before the others.
    Room for values between, where it is large or of symbolic size, is a last argument ``work``.

    Parameters
    ----------
    outputs : tensor, or nest of tensors
    inputs : tensor, or sequence of tensors
        What the function takes, in this order.
    name : str, optional
        The name of the function, and of the header that the source includes.
    abi : str, optional
        ``"casadi"`` for the interface that ``casadi.external`` loads: dense matrices, column-major, of known sizes.

    Returns
    -------
    CSource
        ``header`` and ``source``, and ``save``, which writes both.

    Raises
    ------
    ValueError
        If the name is none of C, or the program has a function that C lacks.

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> loss = x * y + tracer.sin(x)
    >>> [slope] = tracer.gradients(loss, [x])
    >>> emitted = tracer.emit_c([loss, slope], [x, y], "step")
    >>> print(emitted.source)
    #include "step.h"
    <BLANKLINE>
    #include <math.h>
    <BLANKLINE>
    void step(double x, double y, double *loss, double *grad_x) {
        *loss = x * y + sin(x);
        *grad_x = cos(x) + y;
    }
    <BLANKLINE>
    """
    from tracer.backends import emitting

    return emitting.emit_c(outputs, inputs, name, abi)


def evaluate(tensor: Tensor, feed: Feed) -> np.ndarray:
    """The value of a tensor as a NumPy array or scalar."""
    from tracer.backends import evaluation

    return evaluation.evaluate(tensor, feed)


def concrete(tensor: Tensor, what: str) -> float:
    """The value where Python asks for one, as ``what`` names it."""
    from tracer.backends import evaluation

    return evaluation.concrete(tensor, what)
