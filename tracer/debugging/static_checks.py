"""Checks of shapes and dtypes, which are known at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from tracer.debugging.numerics import prefix
from tracer.dtypes import FLOATS, INTEGERS, DType, DTypeLike, as_dtype
from tracer.nest import shown
from tracer.shapes import show
from tracer.tensor import Tensor, TensorLike, as_tensor


def is_numeric_tensor(tensor: object) -> bool:
    """Whether something is a tensor of numbers.

    Parameters
    ----------
    tensor : object

    Returns
    -------
    bool

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.is_numeric_tensor(tf.constant(1.0)), tf.debugging.is_numeric_tensor(tf.constant(True))
    (True, False)
    """
    return isinstance(tensor, Tensor) and tensor.dtype != "bool"


def assert_type(tensor: TensorLike, tf_type: DTypeLike, message: str | None = None, name: str | None = None) -> None:
    """Check the dtype.

    Parameters
    ----------
    tensor : tensor or array
    tf_type : dtype
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    TypeError
        If it is another one.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_type(tf.constant(1.0), tf.float64)
    """
    given, wanted = as_tensor(tensor), as_dtype(tf_type)
    if given.dtype != wanted:
        raise TypeError(f"{prefix(message)}{given.name} is of dtype {given.dtype}, not {wanted}; write cast(x, dtype)")


def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Check that the dtype is one of integers.

    Parameters
    ----------
    x : tensor or array
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    TypeError
        If it is another one.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_integer(tf.constant(1))
    """
    given = as_tensor(x)
    if given.dtype not in INTEGERS:
        raise TypeError(f"{prefix(message)}{given.name} is of dtype {given.dtype}, not of integers")


def assert_same_float_dtype(tensors: Iterable[TensorLike] | None = None, dtype: DTypeLike = None) -> DType:
    """Check that tensors have one dtype, of floats.

    Parameters
    ----------
    tensors : iterable of tensors, optional
    dtype : dtype, optional
        The one that they are to have.

    Returns
    -------
    dtype
        Theirs, float32 where there are none.

    Raises
    ------
    ValueError
        If they differ, or are of no floats.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant([2.0])]) == "float64"
    True
    """
    wanted: str | None = None if dtype is None else as_dtype(dtype)
    for tensor in map(as_tensor, tensors or ()):
        wanted = tensor.dtype if wanted is None else wanted
        if tensor.dtype != wanted:
            raise ValueError(
                f"{tensor.name} is of dtype {tensor.dtype}, not {wanted} as the others; write cast(x, dtype)"
            )
    wanted = as_dtype("float32") if wanted is None else wanted
    if wanted not in FLOATS:
        raise ValueError(f"expected floats, got dtype {wanted}")
    return as_dtype(wanted)


def assert_proper_iterable(values: object) -> None:
    """Check that something is an iterable that is no tensor, no string and no mapping.

    Parameters
    ----------
    values : object

    Raises
    ------
    TypeError
        If it is none.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_proper_iterable([1, 2])
    """
    import numpy as np

    wrong = (Tensor, np.ndarray, str, bytes)
    if isinstance(values, wrong) or not isinstance(values, Iterable):
        raise TypeError(f"expected a list, a tuple or another iterable of tensors, got {shown(values)}")


def assert_scalar(tensor: TensorLike, message: str | None = None, name: str | None = None) -> Tensor:
    """Check that a tensor is a scalar.

    Parameters
    ----------
    tensor : tensor or array
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Returns
    -------
    Tensor
        The same one, of shape ().

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_scalar(tf.constant(1.0)).shape
    ()
    """
    given = as_tensor(tensor)
    if given.shape != ():
        raise ValueError(f"{prefix(message)}{given.name} has the shape {show(given.shape)}, a scalar was expected")
    return given


def _require_rank(x: TensorLike, fits: Callable[[int], bool], wanted: str, message: str | None) -> None:
    given = as_tensor(x)
    if not fits(given.ndim):
        raise ValueError(
            f"{prefix(message)}{given.name} has the rank {given.ndim} and the shape {show(given.shape)}; "
            f"a rank {wanted} was expected"
        )


def assert_rank(x: TensorLike, rank: int, message: str | None = None, name: str | None = None) -> None:
    """Check the rank.

    Parameters
    ----------
    x : tensor or array
    rank : int
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If it is another one.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_rank(tf.placeholder("X", ("n", 3)), 2)
    """
    _require_rank(x, lambda n: n == rank, f"of {rank}", message)


def assert_rank_at_least(x: TensorLike, rank: int, message: str | None = None, name: str | None = None) -> None:
    """Check that the rank is not less than a number.

    Parameters
    ----------
    x : tensor or array
    rank : int
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If it is less.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_rank_at_least(tf.placeholder("X", ("n", 3)), 1)
    """
    _require_rank(x, lambda n: n >= rank, f"of at least {rank}", message)


def assert_rank_in(x: TensorLike, ranks: Iterable[int], message: str | None = None, name: str | None = None) -> None:
    """Check that the rank is one of several.

    Parameters
    ----------
    x : tensor or array
    ranks : iterable of int
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If it is none of them.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_rank_in(tf.placeholder("X", ("n", 3)), (1, 2))
    """
    wanted = sorted(ranks)
    _require_rank(x, lambda n: n in wanted, f"of {' or '.join(map(str, wanted))}", message)


def assert_shapes(
    shapes: Mapping[Tensor, object] | Iterable[tuple[TensorLike, object]],
    data: Sequence[object] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Check shapes, and that what is to be the same size is.

    Parameters
    ----------
    shapes : list of (tensor, shape), or dict
        An entry of a shape is a size, a letter or a word that stands for one size wherever it occurs, or None or
        ``"."`` for any; a first entry ``...`` or ``"*"`` stands for any number of axes. A shape may be a string of
        letters too. The keys of a dict are tensors.
    data : sequence, optional
        What the error shows beside that.
    summarize : int, optional
        Taken for the sake of TensorFlow's signature.
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If a shape has another rank, or another size. A symbolic dimension may be any size that has no other name.

    Examples
    --------
    >>> import tracer as tf
    >>> X, w = tf.zeros([5, 3]), tf.zeros([3])
    >>> tf.debugging.assert_shapes([(X, ("N", "D")), (w, ("D",))])
    """
    sizes: dict[object, tuple[object, str]] = {}
    extra = f" ({', '.join(map(shown, data))})" if data else ""
    for tensor, wanted in shapes.items() if isinstance(shapes, Mapping) else shapes:
        given = as_tensor(tensor)
        entries = list(wanted) if isinstance(wanted, (str, list, tuple)) else [wanted]
        own = list(given.shape)
        if entries and entries[0] in ("*", ...):
            entries = entries[1:]
            own = own[max(len(own) - len(entries), 0) :]
        if len(own) != len(entries):
            _require_rank(given, lambda n: False, f"of {len(entries)}", message)
        for size, entry in zip(own, entries):
            if entry in (None, "."):
                continue
            number = isinstance(entry, int) or (isinstance(entry, str) and entry.isdigit())
            known, where = (
                (int(str(entry)), "the shape asked for") if number else sizes.setdefault(entry, (size, given.name))
            )
            if isinstance(size, int) and isinstance(known, int) and size != known:
                raise ValueError(
                    f"{prefix(message)}{given.name} of shape {show(given.shape)} has the size {size} where "
                    f"{known} was expected: {entry} is {known} by {where}{extra}"
                )
            if isinstance(size, int) and not number:
                sizes[entry] = size, given.name
