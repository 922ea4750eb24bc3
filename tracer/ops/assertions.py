"""What a value is asked: whether it is a tensor, whether it has a shape."""

from __future__ import annotations

from collections.abc import Callable

from tracer import shapes
from tracer.rules import TABLE
from tracer.shapes import ShapeLike
from tracer.tensor import Tensor, TensorLike, apply, as_tensor
from tracer.tensor_shape import TensorShape


def is_tensor(x: object) -> bool:
    """Whether a value is a tensor or a variable.

    Parameters
    ----------
    x : object

    Returns
    -------
    bool

    Examples
    --------
    >>> import tracer
    >>> tracer.is_tensor(tracer.Variable(1.0)), tracer.is_tensor(1.0)
    (True, False)
    """
    return isinstance(x, Tensor)


def ensure_shape(x: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """The tensor itself, if it has a shape.

    Parameters
    ----------
    x : tensor or array
    shape : sequence of dimensions
        None among them stands for any dimension.

    Returns
    -------
    Tensor
        A tensor of the same values.

    Raises
    ------
    ValueError
        If the tensor has another shape.

    Examples
    --------
    >>> import tracer
    >>> tracer.ensure_shape(tracer.zeros((2, 3)), (None, 3)).shape
    (2, 3)
    """
    tensor = as_tensor(x)
    if not TensorShape(tensor.shape).is_compatible_with(shape):
        raise ValueError(
            f"ensure_shape: {tensor.name} has the shape {shapes.show(tensor.shape)}, "
            f"which is not {shapes.show(TensorShape(shape))}"
        )
    return apply(TABLE["identity"], (tensor,))


FUNCTIONS: dict[str, Callable[..., object]] = {"ensure_shape": ensure_shape, "is_tensor": is_tensor}
