"""One call of each row of the table that is no elementwise operation, from which its tests are generated."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
import sympy

import tracer as tf
from tracer.ops import scan
from tracer.ops.cofactors import record_cofactors
from tracer.ops.decompositions import full_vectors
from tracer.ops.matrix_rows import MATRIX_FUNCTIONS
from tracer.ops.spectral_functions import Spectral, W, record_spectral
from tracer.rules import TABLE

SIZES = {"n": 2, "m": 3, "k": 4}
"""The values of the dimensions. Functions of matrices have elements for two rows, and often for no more."""

LARGER = {"n": 3, "m": 4, "k": 2}
"""Others, for derivatives: a triangle of two rows has one element, and an order of two is its own inverse."""


class Sample(NamedTuple):
    """A call of a row.

    Attributes
    ----------
    build : callable
        From sources to a tensor that is the row's result, or depends on it.
    shapes : tuple
        Those of the sources.
    reference : callable or None
        The value from arrays; None where the row's components say it.
    near : float
        Square matrices are drawn near this multiple of the identity,
    shift : int
        with rows that are so many further down.
    dtype : str
        That of the sources.
    points : tuple of tuples
        Values of vectors, an element of each at a time, where they are not to be drawn.
    """

    build: Callable[..., tf.Tensor]
    shapes: tuple[tuple[Any, ...], ...] = (("n", "n"),)
    reference: Callable[..., Any] | None = None
    near: float = 2.0
    shift: int = 0
    dtype: str = "float64"
    points: tuple[tuple[float, ...], ...] = ()

    def sources(self, concrete: bool = False) -> list[tf.Tensor]:
        """Placeholders A, B, C, ..., of symbolic or of concrete shapes."""
        shapes = [tuple(SIZES.get(d, d) if concrete else d for d in shape) for shape in self.shapes]
        return [tf.placeholder(name, shape, self.dtype) for name, shape in zip("ABCDE", shapes)]

    def draw(self, seed: int, dims: dict[str, int] = SIZES) -> list[np.ndarray]:
        """Values of the sources, for values of the dimensions."""
        if self.points:
            chosen = [self.points[(k + seed * dims["n"]) % len(self.points)] for k in range(dims["n"])]
            return [np.array(column, self.dtype) for column in zip(*chosen)]
        rng = np.random.default_rng(seed)
        found = []
        for shape in self.shapes:
            sizes = tuple(dims.get(d, d) for d in shape)
            value = rng.normal(size=sizes) / 2
            if len(sizes) > 1 and sizes[-1] == sizes[-2]:
                value = value + self.near * np.roll(np.eye(sizes[-1]), self.shift, 0)
            found.append(value.round(3).astype(self.dtype))
        return found


def direct(name: str, params: Any = None) -> Callable[..., tf.Tensor]:
    """A row that is square matrices to one of the shape of the first, applied as it stands."""
    return lambda a, *rest: tf.tensor.record_tensor(TABLE[name], (a, *rest), params, a.shape, a.dtype)


def power_along(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The derivative of the third power at a matrix in a direction."""
    return b @ a @ a + a @ b @ a + a @ a @ b


def recur(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``y[k] = a[k]*y[k - 1] + b[k]``."""
    found = [b[0]]
    for x, y in zip(a[1:], b[1:]):
        found.append(x * found[-1] + y)
    return np.stack(found)


def packed_factors(a: np.ndarray) -> np.ndarray:
    """The triangular factors of a matrix of two rows, of which the second is the pivot."""
    a = a[::-1]
    factor = a[1, 0] / a[0, 0]
    return np.array([a[0], [factor, a[1, 1] - factor * a[0, 1]]])


def definite(a: Any) -> Any:
    """A positive definite matrix of any one."""
    return a @ (np.swapaxes(a, -1, -2) if isinstance(a, np.ndarray) else linalg.matrix_transpose(a))


def exponential_along(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The derivative of the exponential of ``a @ a.T`` in the direction of another matrix."""
    return scipy.linalg.expm_frechet(definite(a), b, compute_expm=False)


EXPONENTIAL = Spectral(sympy.exp(W))

linalg, VECTOR, MATRIX, PAIR = tf.linalg, (("n",),), (("n", "m"),), (("n", "m"),) * 2
TALL = (("m", "n"),)

SAMPLES: dict[str, Sample] = {
    "inv": Sample(linalg.inv),
    "det": Sample(linalg.det),
    "cofactors": Sample(record_cofactors),
    "cofactors_frechet": Sample(lambda a, b: record_cofactors(a, [b]), (("n", "n"),) * 2),
    "logdet": Sample(linalg.logdet),
    "slogdet_sign": Sample(lambda a: linalg.slogdet(a)[0]),
    "slogdet_log": Sample(lambda a: linalg.slogdet(a)[1]),
    "expm": Sample(linalg.expm, near=0.0),
    "expm_frechet": Sample(direct("expm_frechet"), (("n", "n"),) * 2, near=0.5),
    "matrix_power": Sample(direct("matrix_power", 3), reference=lambda a: a @ a @ a),
    "matrix_power_frechet": Sample(direct("matrix_power_frechet", 3), (("n", "n"),) * 2, power_along),
    "sqrtm": Sample(linalg.sqrtm, near=3.0),
    "sqrtm_frechet": Sample(direct("sqrtm_frechet"), (("n", "n"),) * 2, near=3.0),
    "logm": Sample(linalg.logm, near=3.0),
    "logm_frechet": Sample(direct("logm_frechet"), (("n", "n"),) * 2, near=3.0),
    "pinv": Sample(linalg.pinv, TALL),
    "solve": Sample(linalg.solve, (("n", "n"), ("n", "m"))),
    "cholesky": Sample(lambda a: linalg.cholesky(definite(a)), reference=lambda a: np.linalg.cholesky(definite(a))),
    "eigvalsh": Sample(lambda a: linalg.eigvalsh(definite(a)), reference=lambda a: np.linalg.eigvalsh(definite(a))),
    "eigenvectors": Sample(
        lambda a: linalg.eigh(definite(a))[1] ** 2, reference=lambda a: np.linalg.eigh(definite(a))[1] ** 2
    ),
    "spectral_function": Sample(
        lambda a: record_spectral(definite(a), EXPONENTIAL),
        reference=lambda a: scipy.linalg.expm(definite(a)),
        near=0.5,
    ),
    "spectral_frechet": Sample(
        lambda a, b: record_spectral(definite(a), EXPONENTIAL, (), [b]), (("n", "n"),) * 2, exponential_along, near=0.5
    ),
    "svd": Sample(lambda a: linalg.svd(a, compute_uv=False), reference=lambda a: np.linalg.svd(a, compute_uv=False)),
    "svd_left": Sample(
        lambda a: linalg.svd(a).u ** 2, TALL, reference=lambda a: np.linalg.svd(a, full_matrices=False)[0] ** 2
    ),
    "svd_right": Sample(
        lambda a: linalg.svd(a).v ** 2, TALL, reference=lambda a: np.linalg.svd(a, full_matrices=False)[2].T ** 2
    ),
    "svd_full_left": Sample(lambda a: full_vectors(a)[0], TALL, lambda a: np.linalg.svd(a)[0]),
    "svd_full_right": Sample(lambda a: full_vectors(a)[1], MATRIX, lambda a: np.linalg.svd(a)[2].T),
    "qr_q": Sample(lambda a: linalg.qr(a).q ** 2, ((3, 2),), lambda a: np.linalg.qr(a)[0] ** 2),
    "lu": Sample(lambda a: linalg.lu(a).lu, reference=packed_factors, shift=1),
    "lu_permutation": Sample(lambda a: linalg.lu(a).p, reference=lambda a: np.array([1, 0]), shift=1),
    "band_part": Sample(lambda a: linalg.band_part(a, 0, 1), MATRIX),
    "set_diag": Sample(linalg.set_diag, (("n", "n"), ("n",))),
    "cross": Sample(linalg.cross, ((3,), (3,))),
    "softmax": Sample(tf.nn.softmax, MATRIX),
    "cast": Sample(lambda a: tf.cast(a, "float64"), VECTOR, lambda a: a.astype("float64"), dtype="float32"),
    "reshape": Sample(lambda a: tf.reshape(a, (-1,)), MATRIX),
    "getitem": Sample(lambda a: a[1:, ::-1], ((3, 4),)),
    "scatter": Sample(lambda a: tf.scatter_nd([[2], [0], [0]], a, (3,)), ((3,),)),
    "add_n": Sample(lambda a, b: tf.add_n([a, b, a]), PAIR, lambda a, b: a + b + a),
    "concat": Sample(lambda a, b: tf.concat([a, b], 1), PAIR),
    "stack": Sample(lambda a, b: tf.stack([a, b], 1), PAIR),
    "pad": Sample(lambda a: tf.pad(a, [[1, 0], [0, 2]]), MATRIX),
    "cumsum": Sample(lambda a: tf.cumsum(a, 1), MATRIX),
    "cumprod": Sample(lambda a: tf.cumprod(a, 1), MATRIX),
    "cumulative_logsumexp": Sample(lambda a: tf.cumulative_logsumexp(a, 1), MATRIX),
    "recurrence": Sample(lambda a, b: scan.recurrence(a, b, 0, False), PAIR, recur),
    "reduce_max": Sample(lambda a: tf.reduce_max(a, 1), MATRIX),
    "reduce_min": Sample(lambda a: tf.reduce_min(a, 0), MATRIX),
    "reduce_prod": Sample(lambda a: tf.reduce_prod(a, 0), MATRIX),
    "reduce_logsumexp": Sample(lambda a: tf.reduce_logsumexp(a, 1), MATRIX),
    "segment_max": Sample(lambda a: tf.math.segment_max(a, [0, 0, 1]), ((3, 2),)),
    "range": Sample(lambda a: tf.range(a.shape[0]) * a, VECTOR),
    "zeros_like": Sample(tf.zeros_like, VECTOR),
    "ones_like": Sample(tf.ones_like, VECTOR),
    "shape": Sample(lambda a: tf.shape(a), ((3, 2),)),
    "size": Sample(lambda a: tf.size(a), ((3, 2),)),
    "rank": Sample(lambda a: tf.rank(a), ((3, 2),)),
    "one_hot": Sample(lambda a: tf.one_hot(tf.argmax(a), 3), ((3,),)),
    "reduce_all": Sample(lambda a: tf.reduce_all(a > 0, 0), ((3, 2),)),
    "reduce_any": Sample(lambda a: tf.reduce_any(a > 0, 0), ((3, 2),)),
    "argmax": Sample(lambda a: tf.argmax(a, 0), ((3, 2),)),
    "argmin": Sample(lambda a: tf.argmin(a, 0), ((3, 2),)),
    "argsort": Sample(lambda a: tf.argsort(a, 0), ((3, 2),)),
    **{name: Sample(function) for name, function in MATRIX_FUNCTIONS.items()},
}
