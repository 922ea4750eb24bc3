"""Conversion between dtypes."""

from __future__ import annotations

from tracer.dtypes import FLOATS, INTEGERS, DTypeLike, as_dtype
from tracer.rules import BOUNDED, Op, register
from tracer.tensor import Operand, Tensor, TensorLike, as_tensor, is_fixed_number, record_tensor


def _cast_pullback(node: Tensor, cotangent: Operand, position: int) -> Operand:
    return cast(cotangent, node.args[0].dtype) if type(cotangent) is Tensor else cotangent


def _cast_op(fixed: bool) -> Op:
    return Op(
        "cast",
        _cast_pullback,
        implicit=True,
        fixed=fixed,
        numpy=lambda e, node, x: e.np.named(node.dtype)(x),
        batch=lambda node, axes, x: cast(x, node.dtype),
        facts=BOUNDED,
    )


CAST = register(_cast_op(fixed=False))
KNOWN_CAST = _cast_op(fixed=True)
"""Of a number that is known from shapes or ranges alone."""


def cast(x: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """Convert to a dtype; to an integer or boolean and back no gradient flows.

    Parameters
    ----------
    x : tensor or array
    dtype : str or NumPy dtype

    Returns
    -------
    Tensor
        Of that dtype; the tensor itself where it has it already.

    Raises
    ------
    TypeError
        If it is none of the dtypes of tensors.

    Examples
    --------
    >>> import tracer
    >>> tracer.cast(tracer.constant([1.7, -1.7]), "int64").numpy()
    array([ 1, -1])
    """
    tensor = as_tensor(x)
    wanted = as_dtype(dtype)
    if wanted is None:
        raise TypeError("cast takes a dtype, got None; write for instance cast(x, 'float64')")
    if tensor.dtype in INTEGERS and wanted in (*INTEGERS, *FLOATS):
        if tensor.op == "range":
            return record_tensor(tensor.rule, (), tensor.params, tensor.shape, wanted)
        if is_fixed_number(tensor):
            found = record_tensor(KNOWN_CAST, (tensor,), wanted, (), wanted)
            found.value = float(tensor.value) if wanted in FLOATS and type(tensor.value) is int else tensor.value
            return found
    return tensor if tensor.dtype == wanted else record_tensor(CAST, (tensor,), wanted, tensor.shape, wanted)


FUNCTIONS = {"cast": cast}
