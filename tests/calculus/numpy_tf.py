"""TensorFlow's names over plain NumPy arrays, written from TensorFlow's documentation for the programs of the cases."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import special


def transpose(a: Any, perm: Any = None) -> Any:
    return np.transpose(a, perm)


def reduction(function: Any) -> Any:
    return lambda x, axis=None, keepdims=False: function(x, axis=axis, keepdims=keepdims)


def adjoint(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def column(x: Any, axis: Any) -> Any:
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=True))


def norm(x: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False) -> Any:
    powers = {"euclidean": 2, "fro": 2, 1: 1, 2: 2}
    if ord == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    return np.sum(np.abs(x) ** powers[ord], axis=axis, keepdims=keepdims) ** (1 / powers[ord])


def solve(matrix: Any, rhs: Any, adjoint: bool = False) -> Any:
    return np.linalg.solve(np.swapaxes(matrix, -1, -2) if adjoint else matrix, rhs)


def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False) -> Any:
    return solve(np.tril(matrix) if lower else np.triu(matrix), rhs, adjoint)


def softmax(logits: Any, axis: int = -1) -> Any:
    return np.exp(log_softmax(logits, axis))


def log_softmax(logits: Any, axis: int = -1) -> Any:
    return logits - special.logsumexp(logits, axis=axis, keepdims=True)


def moments(x: Any, axes: Any, keepdims: bool = False) -> Any:
    return np.mean(x, axis=tuple(axes), keepdims=keepdims), np.var(x, axis=tuple(axes), keepdims=keepdims)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    return x / np.sqrt(np.maximum(np.sum(x * x, axis=axis, keepdims=True), epsilon))


def band_part(x: Any, num_lower: int, num_upper: int) -> Any:
    m, n = x.shape[-2:]
    i, j = np.arange(m)[:, None], np.arange(n)
    return x * ((num_lower < 0) | (i - j <= num_lower)) * ((num_upper < 0) | (j - i <= num_upper))


def set_diag(x: Any, diagonal: Any) -> Any:
    return np.where(np.eye(*x.shape) > 0, np.diag(diagonal), x)


def sigmoid_cross_entropy(labels: Any, logits: Any) -> Any:
    return np.logaddexp(0, logits) - labels * logits


def softmax_cross_entropy(labels: Any, logits: Any, axis: int = -1) -> Any:
    return -np.sum(labels * log_softmax(logits, axis), axis=axis)


def matrix_function(matrix: Any, function: Any) -> Any:
    import scipy.linalg

    return getattr(scipy.linalg, function)(matrix)


class NumpyTF(SimpleNamespace):
    """The namespace.  `stop_gradient` answers, call by call, what it answered on the first run after `rewind(True)`."""

    def __init__(self) -> None:
        super().__init__(**NAMES)
        self.stopped: list[Any] = []
        self.recording, self.position = True, 0

    def rewind(self, recording: bool) -> None:
        self.recording, self.position = recording, 0
        if recording:
            self.stopped.clear()

    def stop_gradient(self, x: Any) -> Any:
        if self.recording:
            self.stopped.append(np.copy(x))
        self.position += 1
        return self.stopped[self.position - 1]


ELEMENTWISE = vars(SimpleNamespace(
    exp=np.exp, log=np.log, log1p=np.log1p, sqrt=np.sqrt, square=np.square, abs=np.abs, sign=np.sign, tanh=np.tanh,
    sin=np.sin, cos=np.cos, atan=np.arctan, sinh=np.sinh, cosh=np.cosh, maximum=np.maximum, minimum=np.minimum,
    where=np.where, sigmoid=special.expit, clip_by_value=np.clip, softplus=lambda x: np.logaddexp(0, x),
    erf=special.erf, pow=np.power, lgamma=special.gammaln, digamma=special.digamma, xlogy=special.xlogy,
    rsqrt=lambda x: 1 / np.sqrt(x),
    reciprocal=lambda x: 1 / x, multiply=np.multiply, add=np.add, subtract=np.subtract, divide=np.divide,
    squared_difference=lambda x, y: (x - y) ** 2,
))  # fmt: skip

REDUCTIONS = {
    "reduce_" + name: reduction(function)
    for name, function in {
        "sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "prod": np.prod, "variance": np.var,
        "std": np.std, "logsumexp": special.logsumexp, "euclidean_norm": norm,
    }.items()
}  # fmt: skip

NAMES = {
    **ELEMENTWISE,
    **REDUCTIONS,
    **vars(SimpleNamespace(
        transpose=transpose, matmul=np.matmul, tensordot=lambda a, b, axes: np.tensordot(a, b, axes), einsum=np.einsum,
        reshape=np.reshape, expand_dims=lambda x, axis: np.expand_dims(x, axis), squeeze=np.squeeze, identity=np.copy,
        eye=np.eye, ones=np.ones, zeros=np.zeros, ones_like=np.ones_like, add_n=sum, cumsum=np.cumsum,
        norm=norm, concat=np.concatenate, stack=np.stack, gather=lambda x, i, axis=0: np.take(x, i, axis),
        math=SimpleNamespace(**ELEMENTWISE, **REDUCTIONS),
        nn=SimpleNamespace(
            softmax=softmax, log_softmax=log_softmax, softplus=ELEMENTWISE["softplus"], sigmoid=special.expit,
            relu=lambda x: np.maximum(x, 0.0), tanh=np.tanh, moments=moments, l2_normalize=l2_normalize,
            elu=lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), silu=lambda x: x * special.expit(x),
            gelu=lambda x, approximate=False: x * (1 + special.erf(x / np.sqrt(2))) / 2,
            leaky_relu=lambda x, alpha=0.2: np.where(x > 0, x, alpha * x), l2_loss=lambda x: np.sum(x * x) / 2,
            sigmoid_cross_entropy_with_logits=sigmoid_cross_entropy, bias_add=np.add,
            softmax_cross_entropy_with_logits=softmax_cross_entropy,
        ),
        linalg=SimpleNamespace(
            trace=lambda x: np.trace(x, axis1=-2, axis2=-1), inv=np.linalg.inv, det=np.linalg.det,
            logdet=lambda x: np.linalg.slogdet(x)[1], slogdet=np.linalg.slogdet, solve=solve, norm=norm,
            triangular_solve=triangular_solve, cholesky=np.linalg.cholesky, pinv=np.linalg.pinv,
            cholesky_solve=lambda chol, rhs: np.linalg.solve(chol @ adjoint(chol), rhs),
            matrix_power=np.linalg.matrix_power, expm=lambda x: matrix_function(x, "expm"),
            matvec=lambda a, x: np.einsum("...ij,...j->...i", a, x), matrix_transpose=adjoint, matmul=np.matmul,
            diag=np.diag, diag_part=lambda x: np.diagonal(x, axis1=-2, axis2=-1), band_part=band_part,
            set_diag=set_diag, kron=np.kron, cross=np.cross, eigvalsh=np.linalg.eigvalsh,
            svd=lambda x, compute_uv=True: np.linalg.svd(x, compute_uv=compute_uv),
            normalize=lambda x, axis=None: (x / column(x, axis), column(x, axis)), eye=np.eye,
        ),
    )),
}  # fmt: skip
