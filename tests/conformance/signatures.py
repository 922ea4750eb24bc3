"""The TensorFlow functions whose names we bear, and how their arguments are read off."""

from __future__ import annotations

import inspect
from typing import Any

TOP = """
    Variable.__init__ GradientTape constant convert_to_tensor identity stop_gradient custom_gradient
    gradients add subtract multiply divide pow negative abs sign square sqrt exp sin cos tan asin acos atan atan2 sinh
    cosh tanh asinh acosh atanh sigmoid maximum minimum clip_by_value where floor round less less_equal greater
    greater_equal equal not_equal logical_and logical_or logical_not cast truediv add_n
    reduce_sum reduce_mean reduce_prod reduce_max reduce_min reduce_logsumexp reduce_all reduce_any argmax argmin cumsum
    matmul tensordot einsum transpose broadcast_to reshape expand_dims squeeze concat stack unstack split tile repeat
    pad reverse roll gather one_hot slice zeros ones fill eye range zeros_like ones_like shape size rank norm
    grad_pass_through cond while_loop switch_case scan map_fn vectorized_map function name_scope
    Module.__init__ TensorSpec.__init__ TensorArray.__init__ print hessians is_tensor ensure_shape
    tensor_scatter_nd_update tensor_scatter_nd_add tensor_scatter_nd_sub tensor_scatter_nd_min tensor_scatter_nd_max
"""
MATH = """
    add subtract multiply divide floordiv floormod mod pow negative abs sign square sqrt rsqrt reciprocal exp expm1 log
    log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf erfc lgamma digamma sigmoid softplus
    maximum minimum floor ceil round less less_equal greater greater_equal equal not_equal logical_and logical_or
    logical_not logical_xor squared_difference divide_no_nan reduce_sum reduce_mean reduce_prod reduce_max reduce_min
    reduce_logsumexp reduce_all reduce_any argmax argmin cumsum cumprod l2_normalize add_n
    segment_max segment_mean segment_min segment_prod segment_sum unsorted_segment_max unsorted_segment_mean
    unsorted_segment_min unsorted_segment_prod unsorted_segment_sqrt_n unsorted_segment_sum erfinv erfcinv ndtri
    polygamma zeta
"""
NN = """
    relu relu6 leaky_relu elu gelu silu swish sigmoid softplus tanh softmax log_softmax
    sigmoid_cross_entropy_with_logits softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits
    l2_normalize l2_loss moments batch_normalization conv1d conv2d avg_pool2d max_pool2d bias_add dropout
"""
LINALG = """
    matmul matvec matrix_transpose trace diag diag_part set_diag band_part eye einsum tensordot inv det logdet slogdet
    solve triangular_solve cholesky cholesky_solve expm pinv norm normalize cross eigvalsh eigh svd
    qr sqrtm logm lu lu_solve lu_matrix_inverse lu_reconstruct
"""
TAPE = "watch stop_recording reset watched_variables gradient jacobian batch_jacobian"
VARIABLE = """
    assign assign_add assign_sub scatter_nd_update scatter_nd_add scatter_nd_sub
    sparse_read gather_nd get_shape set_shape ref
"""
ARRAY = "read write stack concat gather unstack scatter split size identity close"

NAMES = (
    *TOP.split(),
    *(f"math.{name}" for name in MATH.split()),
    *(f"nn.{name}" for name in NN.split()),
    *(f"linalg.{name}" for name in LINALG.split()),
    *(f"GradientTape.{name}" for name in TAPE.split()),
    *(f"Variable.{name}" for name in VARIABLE.split()),
    *(f"TensorArray.{name}" for name in ARRAY.split()),
    "TensorSpec.from_tensor",
    "autodiff.ForwardAccumulator",
    "autodiff.ForwardAccumulator.jvp",
)


GROUPS = ("", "math", "nn", "linalg", "random", "autodiff", "Variable", "GradientTape", "Tensor", "TensorArray")
"""The modules and classes all of whose public names are recorded."""


def find(tf: Any, name: str) -> Any:
    """What a dotted name stands for in a namespace, or None."""
    for part in name.split("."):
        tf = getattr(tf, part, None)
    return tf


def public(tf: Any, group: str) -> str:
    """The public names of a module or class, in one text."""
    return " ".join(n for n in dir(find(tf, group) if group else tf) if not n.startswith("_"))


def arguments(function: Any) -> list[str] | None:
    """The names of the arguments in order, but for `self` and private ones; None where there is no signature."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [stars.get(p.kind, "") + p.name for p in parameters if p.name != "self" and p.name[0] != "_"]
