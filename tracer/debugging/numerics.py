"""Checks of values for NaN and infinity, of one or of all that are asked for, and the lines that messages name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracer.backends.evaluation import WATCH, evaluate
from tracer.dtypes import FLOATS
from tracer.places import NOWHERE
from tracer.tensor import SOURCES, Feed, Tensor, TensorLike, as_tensor, context, has_number
from tracer.walk import ancestors

if TYPE_CHECKING:
    import numpy as np


def value_of(tensor: Tensor) -> np.ndarray | None:
    """The value of a tensor, None where a source has none."""
    import numpy as np

    behind = ancestors([tensor], has_number)
    if any(t.rule in SOURCES and t.value is None for t in behind):
        return None
    watch = WATCH.get()
    try:
        WATCH.set(None)
        return np.asarray(evaluate(tensor, {}))
    except np.linalg.LinAlgError:
        return np.full((), np.nan)
    finally:
        WATCH.set(watch)


def prefix(message: str | None) -> str:
    """What the error begins with that bears a message."""
    return f"{message}: " if message else ""


def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """Check that a tensor has no NaN and no infinity.

    Where a source has no value there is nothing to check yet; :func:`tracer.debugging.enable_check_numerics` has every
    value checked when it is asked for, and :func:`tracer.diagnose` searches for values that fail.

    Parameters
    ----------
    tensor : tensor or array
        Of floats.
    message : str
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Returns
    -------
    Tensor
        The same one, of the same shape.

    Raises
    ------
    TypeError
        If it is not of floats.
    ValueError
        If its value is not finite; the message is that of :func:`tracer.diagnose`.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.Variable(-1.0, name="x")
    >>> tf.debugging.check_numerics(tf.exp(x), "exp").numpy()
    np.float64(0.36787944117144233)
    >>> try:
    ...     tf.debugging.check_numerics(tf.sqrt(x), "root")
    ... except ValueError as error:
    ...     print("It needs x >= 0." in str(error))
    True
    """
    given = as_tensor(tensor)
    if given.dtype not in FLOATS:
        raise TypeError(f"{prefix(message)}check_numerics takes floats, got {given.name} of dtype {given.dtype}")
    value = value_of(given)
    if value is not None:
        _require_finite(given, value, {}, message)
    return given


def assert_all_finite(x: TensorLike, message: str, name: str | None = None) -> Tensor:
    """Check that a tensor has no NaN and no infinity, as :func:`tracer.debugging.check_numerics` does.

    Parameters
    ----------
    x : tensor or array
        Of floats.
    message, name : str
        As for :func:`check_numerics`.

    Returns
    -------
    Tensor
        The same one, of the same shape.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_all_finite(tf.constant([1.0, 2.0]), "losses").numpy()
    array([1., 2.])
    """
    return check_numerics(x, message)


def _require_finite(tensor: Tensor, value: np.ndarray, feed: Feed, message: str | None) -> None:
    import numpy as np

    if value.dtype.kind != "f" or np.isfinite(value).all():
        return
    raise ValueError(prefix(message) + tell_why(tensor, feed))


def tell_why(tensor: Tensor, feed: Feed) -> str:
    """What :func:`tracer.diagnose` says."""
    from tracer.explanations.diagnosis import diagnose

    watch = WATCH.get()
    try:
        WATCH.set(None)
        return str(diagnose(tensor, feed))
    finally:
        WATCH.set(watch)


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Have each value that is asked for checked, from now on in this thread.

    ``numpy()``, ``eval()`` and whatever else asks for a value then raise where it is NaN or infinite, and say what
    :func:`tracer.diagnose` says. Compiled functions are not checked.

    Parameters
    ----------
    stack_height_limit, path_length_limit : int
        Taken for the sake of TensorFlow's signature.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.placeholder("x")
    >>> tf.debugging.enable_check_numerics()
    >>> try:
    ...     (1.0 / x).eval({x: 0.0})
    ... except ValueError as error:
    ...     print("It needs x != 0." in str(error))
    ... finally:
    ...     tf.debugging.disable_check_numerics()
    True
    """
    WATCH.set(_check_value)


def _check_value(tensor: Tensor, feed: Feed, value: np.ndarray) -> None:
    import numpy as np

    _require_finite(tensor, np.asarray(value), feed, None)


def disable_check_numerics() -> None:
    """Have values not checked any longer; see :func:`tracer.debugging.enable_check_numerics`.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.disable_check_numerics()
    """
    WATCH.set(None)


def disable_source_lines() -> None:
    """Have the lines of operations not noted any longer, in this thread.

    Explanations then do without lines. Within a ``with`` block of a name scope this
    ends with the block.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.disable_source_lines()
    >>> y = tf.sin(tf.placeholder("x"))
    >>> tf.debugging.enable_source_lines()
    """
    context.set(context.get()._replace(origin=NOWHERE))


def enable_source_lines() -> None:
    """Have the lines of operations noted again; see :func:`tracer.debugging.disable_source_lines`.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.enable_source_lines()
    """
    if context.get().origin is NOWHERE:
        context.set(context.get()._replace(origin=None))
