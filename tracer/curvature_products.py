"""Products of second derivatives with vectors: no matrix is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tracer.nest import Nest, shown
from tracer.tensor import Tensor, TensorLike
from tracer.transforms import jvp, value_and_grad, vjp


def hvp(
    fun: Callable[..., object], primals: Sequence[Nest[TensorLike]], tangents: Sequence[Nest[TensorLike]]
) -> tuple[Tensor, tuple[Any, ...]]:
    """The value of a scalar function, and the product of its Hessian with tangents.

    Parameters
    ----------
    fun : callable
        Takes tensors, numbers or arrays, or nests of them, and returns a scalar.
    primals, tangents : sequences of equal structure and shapes
        The arguments, and what the Hessian by all of them is multiplied by.

    Returns
    -------
    value : Tensor
    product : tuple
        The product's part for each argument.

    Raises
    ------
    TypeError
        If primals or tangents are no sequence, or ``fun`` does not return a scalar.

    Notes
    -----
    The Hessian is symmetric, so that one reverse pass over the gradient multiplies by it: Pearlmutter, Fast Exact
    Multiplication by the Hessian, Neural Computation 6, 1994.

    Examples
    --------
    >>> import tracer
    >>> A, x, v = (tracer.placeholder(k, shape=s) for k, s in [("A", ("n", "n")), ("x", ("n",)), ("v", ("n",))])
    >>> value, (product,) = tracer.hvp(lambda x: tracer.tensordot(x, A @ x, 1), (x,), (v,))
    >>> print(product.formula())
    (A.T + A)*v
    """
    _require_sequences("hvp", primals, tangents)

    def derive(*args: Nest[TensorLike]) -> Any:
        return value_and_grad(fun, tuple(range(len(args))))(*args)

    (value, _), pull = vjp(derive, *primals)
    return value, pull((0.0, tuple(tangents)))


def gnvp(
    predict: Callable[..., object],
    loss: Callable[[Any], object],
    primals: Sequence[Nest[TensorLike]],
    tangents: Sequence[Nest[TensorLike]],
) -> tuple[Tensor, tuple[Any, ...]]:
    """The value of a loss of predictions, and the product of its Gauss-Newton matrix with tangents.

    The matrix is ``J.T @ H @ J``, of the Jacobian ``J`` of the predictions and the Hessian ``H`` of the loss by them.
    It is positive semidefinite wherever ``H`` is.

    Parameters
    ----------
    predict : callable
        Takes tensors, numbers or arrays, or nests of them, and returns a tensor.
    loss : callable
        Takes what ``predict`` returns, and returns a scalar.
    primals, tangents : sequences of equal structure and shapes
        The arguments of ``predict``, and what the matrix is multiplied by.

    Returns
    -------
    value : Tensor
    product : tuple
        The product's part for each argument.

    Raises
    ------
    TypeError
        If primals or tangents are no sequence, or ``loss`` does not return a scalar.

    Notes
    -----
    Schraudolph, Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent, Neural Computation 14, 2002.

    Examples
    --------
    >>> import tracer
    >>> X, w, v = (tracer.placeholder(k, shape=s) for k, s in [("X", ("n", "d")), ("w", ("d",)), ("v", ("d",))])
    >>> predict, loss = lambda w: tracer.exp(X @ w), lambda z: tracer.reduce_sum(z**2) / 2
    >>> value, (product,) = tracer.gnvp(predict, loss, (w,), (v,))
    >>> print(product.formula())
    X.T*(exp(2*X*w) o (X*v))
    """
    _require_sequences("gnvp", primals, tangents)
    predicted, along = jvp(predict, primals, tangents)
    value, (bent,) = hvp(loss, (predicted,), (along,))
    _, pull = vjp(predict, *primals)
    return value, pull(bent)


def _require_sequences(name: str, primals: object, tangents: object) -> None:
    if not isinstance(primals, (list, tuple)) or not isinstance(tangents, (list, tuple)):
        given = primals if not isinstance(primals, (list, tuple)) else tangents
        raise TypeError(f"{name} takes a sequence of primals and one of tangents, got {shown(given)}; write (x,), (v,)")
