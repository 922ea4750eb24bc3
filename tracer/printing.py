"""Printing tensors by value, or by formula where they have none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import numpy as np

from tracer import nest
from tracer.tensor import Tensor, closed_form, evaluate


def print(
    *inputs: object,
    output_stream: TextIO | None = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = "\n",
    name: str | None = None,
) -> None:
    """Print tensors and other objects; gradients are not touched.

    Parameters
    ----------
    *inputs
        Tensors, nests of tensors and other objects. A tensor that depends on a source without a value is shown by its
        formula.
    output_stream : file, optional
        Standard error by default, as in TensorFlow.
    summarize : int, optional
        How many elements are shown at the beginning and the end of each axis; -1 for all.
    sep, end : str, optional
        What stands between the inputs, and at the end.
    name : str, optional
        Accepted for TensorFlow's sake.

    Raises
    ------
    ValueError
        If ``summarize`` is another number, or the stream is a string.

    Examples
    --------
    >>> import sys, tracer as tf
    >>> x = tf.symbols("x")
    >>> tf.print("x is", x, "and y is", tf.constant([1.0, 2.5]), output_stream=sys.stdout)
    x is x and y is [1 2.5]
    """
    if isinstance(summarize, bool) or not isinstance(summarize, int) or summarize < -1:
        raise ValueError(f"summarize must be a number of elements, or -1 for all, got {summarize!r}")
    texts = [text if isinstance(text, str) else _text(text, summarize) for text in inputs]
    if isinstance(output_stream, str):
        raise ValueError(f"output_stream must be a file such as sys.stdout, got {output_stream!r}")
    (sys.stderr if output_stream is None else output_stream).write(sep.join(texts) + end)


def _text(value: object, summarize: int) -> str:
    shown = nest.map_leaves(lambda leaf: _Text(_leaf(leaf, summarize)) if isinstance(leaf, Tensor) else leaf, value)
    return str(shown)


class _Text(str):
    """A text that shows itself without quotes within lists."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _leaf(tensor: Tensor, summarize: int) -> str:
    try:
        value = evaluate(tensor)
    except ValueError:
        return _formula(tensor)
    return _array(value, summarize)


def _formula(tensor: Tensor) -> str:
    """The formula of a tensor as its repr shows it, or else all of that."""
    return closed_form(tensor) or repr(tensor)


def _array(value: np.ndarray | np.generic, summarize: int) -> str:
    import numpy

    def number(x: np.floating) -> str:
        return numpy.format_float_positional(x, trim="-") if 1e-4 <= abs(x) < 1e16 or x == 0 else f"{x:g}"

    array = numpy.asarray(value)
    edges = max(array.shape, default=1) if summarize == -1 else summarize
    return numpy.array2string(
        array,
        separator=" ",
        threshold=2 * edges if summarize != -1 else array.size + 1,
        edgeitems=max(edges, 1),
        formatter={"float_kind": number, "bool": lambda x: str(int(x)), "int_kind": str},
        max_line_width=10**9,
    ).replace("  ", " ")
