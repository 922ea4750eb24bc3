"""Checks that comparisons of values hold of all elements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from tracer.debugging.numerics import prefix, tell_why, value_of
from tracer.nest import shown
from tracer.shapes import show
from tracer.tensor import Tensor, TensorLike, as_tensor

if TYPE_CHECKING:
    import numpy as np

Check: TypeAlias = "Callable[..., None]"


def Assert(
    condition: TensorLike, data: Sequence[object], summarize: int | None = None, name: str | None = None
) -> None:
    """Check that a condition is true, in all its elements.

    Where a source has no value there is nothing to check yet, as while TensorFlow traces a function, and it is not
    checked later: check what ``eval`` answers.

    Parameters
    ----------
    condition : tensor or bool
    data : sequence
        What the error shows.
    summarize : int, optional
        How many of them; by default 3.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If it is false.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.placeholder("x")
    >>> tf.debugging.Assert(x > 1.0, ["too small"])
    >>> tf.debugging.Assert((x > 1.0).eval({x: 2.0}), ["too small"])
    """
    given = as_tensor(condition)
    value = value_of(given)
    if value is not None and not value.all():
        parts = [_shown(as_tensor(d)) if isinstance(d, Tensor) else shown(d) for d in data]
        raise ValueError(f"{given.name} is false: {', '.join(parts[: summarize or 3])}")


def _shown(tensor: Tensor) -> str:
    value = value_of(tensor)
    return tensor.name if value is None else f"{tensor.name} = {shown(value.tolist())}"


def _fail(text: str, message: str | None, parts: Sequence[tuple[str, Tensor, np.ndarray]], holds: np.ndarray) -> None:
    """Raise the error of a comparison, which says where it does not hold and why a value is no number."""
    import numpy as np

    wrong = np.argwhere(~np.atleast_1d(holds))
    shape = np.atleast_1d(holds).shape
    first = tuple(int(k) for k in wrong[0])
    values = ", ".join(f"{name} = {np.broadcast_to(v, shape)[first]}" for name, _, v in parts)
    where = f" at {list(first)}" if holds.ndim else ""
    more = f", and at {len(wrong) - 1} more" if len(wrong) > 1 else ""
    said = f"{prefix(message)}{text} does not hold{where}: {values}{more}"
    poisoned = [t for _, t, v in parts if v.dtype.kind == "f" and not np.isfinite(v).all()]
    raise ValueError(". ".join([said, *(tell_why(t, {}) for t in poisoned[:1])]))


def _compare(
    x: TensorLike, y: TensorLike, sign: str, message: str | None, close: tuple[Any, Any] | None = None
) -> None:
    import numpy as np

    a, b = as_tensor(x), as_tensor(y)
    u, v = value_of(a), value_of(b)
    if u is None or v is None:
        return
    try:
        np.broadcast_shapes(u.shape, v.shape)
    except ValueError:
        raise ValueError(
            f"{prefix(message)}{a.name} of shape {show(u.shape)} can't be compared with {b.name} of shape "
            f"{show(v.shape)}; give shapes that broadcast to each other"
        ) from None
    if close is None:
        holds = COMPARISONS[sign](u, v)
        said = f"x {sign} y"
    else:
        eps = 10 * np.finfo(u.dtype if u.dtype.kind == "f" else np.float64).eps
        rtol, atol = (eps if c is None else float(np.asarray(c)) for c in close)
        with np.errstate(all="ignore"):
            holds = np.abs(u - v) <= atol + rtol * np.abs(v)
        said = f"abs(x - y) <= {atol:g} + {rtol:g}*abs(y)"
    if not np.all(holds):
        _fail(said, message, [("x", a, u), ("y", b, v)], np.asarray(holds))


COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}


_OF_TWO = """Check that ``x {sign} y`` holds of all elements.

    Where a source has no value there is nothing to check yet, as while TensorFlow traces a function, and it is not
    checked later: check what ``eval`` answers.

    Parameters
    ----------
    x, y : tensor or array
        Of shapes that broadcast to each other.
    message : str, optional
        What the error begins with.
    summarize : int, optional
        Taken for the sake of TensorFlow's signature.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If it does not hold somewhere; what :func:`tracer.diagnose` says is added where a value is NaN or infinite.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.{name}(tf.constant([{x}]), [{y}])
    """


def _of_two(name: str, sign: str, x: float, y: float) -> Check:
    def check(
        x: TensorLike,
        y: TensorLike,
        message: str | None = None,
        summarize: int | None = None,
        name: str | None = None,
    ) -> None:
        _compare(x, y, sign, message)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = _OF_TWO.format(sign=sign, name=name, x=x, y=y)
    return check


assert_equal = _of_two("assert_equal", "==", 1.0, 1.0)
assert_less = _of_two("assert_less", "<", 1.0, 2.0)
assert_less_equal = _of_two("assert_less_equal", "<=", 1.0, 1.0)
assert_greater = _of_two("assert_greater", ">", 2.0, 1.0)
assert_greater_equal = _of_two("assert_greater_equal", ">=", 2.0, 2.0)


def assert_none_equal(
    x: TensorLike, y: TensorLike, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Check that no elements are equal.

    Where a source has no value there is nothing to check yet, as while TensorFlow traces a function, and it is not
    checked later: check what ``eval`` answers.

    Parameters
    ----------
    x, y : tensor or array
        Of shapes that broadcast to each other.
    summarize : int, optional
        Taken for the sake of TensorFlow's signature.
    message : str, optional
        What the error begins with.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If some are.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_none_equal(tf.constant([1.0, 2.0]), 3.0)
    """
    _compare(x, y, "!=", message)


def assert_near(
    x: TensorLike,
    y: TensorLike,
    rtol: TensorLike | None = None,
    atol: TensorLike | None = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Check that ``abs(x - y) <= atol + rtol*abs(y)`` holds of all elements.

    Where a source has no value there is nothing to check yet, as while TensorFlow traces a function, and it is not
    checked later: check what ``eval`` answers.

    Parameters
    ----------
    x, y : tensor or array
        Of shapes that broadcast to each other.
    rtol, atol : float, optional
        By default ten times the distance from 1 to the next float of the dtype.
    message : str, optional
        What the error begins with.
    summarize : int, optional
        Taken for the sake of TensorFlow's signature.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If it does not hold somewhere.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.assert_near(tf.constant(0.1) + 0.2, 0.3)
    """
    _compare(x, y, "==", message, (rtol, atol))


_OF_ONE = """Check that ``x {sign} 0`` holds of all elements.

    Where a source has no value there is nothing to check yet, as while TensorFlow traces a function, and it is not
    checked later: check what ``eval`` answers.

    Parameters
    ----------
    x : tensor or array
    message : str, optional
        What the error begins with.
    summarize : int, optional
        Taken for the sake of TensorFlow's signature.
    name : str, optional
        Taken for the sake of TensorFlow's signature.

    Raises
    ------
    ValueError
        If it does not hold somewhere; what :func:`tracer.diagnose` says is added where a value is NaN or infinite.

    Examples
    --------
    >>> import tracer as tf
    >>> tf.debugging.{name}(tf.constant([{x}]))
    """


def _of_one(name: str, sign: str, x: float) -> Check:
    def check(x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None) -> None:
        given = as_tensor(x)
        value = value_of(given)
        if value is not None and not (holds := COMPARISONS[sign](value, 0)).all():
            import numpy as np

            _fail(f"x {sign} 0", message, [("x", given, value)], np.asarray(holds))

    check.__name__ = check.__qualname__ = name
    check.__doc__ = _OF_ONE.format(sign=sign, name=name, x=x)
    return check


assert_positive = _of_one("assert_positive", ">", 1.0)
assert_negative = _of_one("assert_negative", "<", -1.0)
assert_non_negative = _of_one("assert_non_negative", ">=", 0.0)
assert_non_positive = _of_one("assert_non_positive", "<=", 0.0)
