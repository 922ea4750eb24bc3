"""Programs whose texts are read back, in every form, by independent readers."""

import contextlib
import math
import re
from collections.abc import Callable, Sequence, Set
from functools import cache
from keyword import iskeyword
from typing import Any

import numpy as np

import tracer as tf
from tests.calculus.derive import differs
from tracer.formulas.errors import FormulaError
from tracer.formulas.source_names import dimension_names, source_names
from tracer.testing.verification import Points
from tracer.walk import ancestors

from .readers import algebra as al
from .readers.algebra import ReadError, finished
from .readers.numpy_text import read
from .readers.plain import Plain
from .readers.textbook import Textbook

FORMS = "matrix", "where", "index", "latex", "python"

LETTERS = "ijklmnpqrstuvw"


def letters(taken: Any, rank: int) -> list[str]:
    """The free indices of a result: the first letters that nothing else is called."""
    return [c for c in LETTERS if c not in taken][:rank]


def names_in(tensor: tf.Tensor) -> Set[str]:
    """The names of all sources and dimensions of a program."""
    nodes = ancestors([tensor])
    return dimension_names(nodes) | {*source_names(nodes).values()}


def read_back(
    form: str,
    made: Any,
    tensor: tf.Tensor,
    sizes: dict[str, int],
    arrays: dict[str, np.ndarray],
    shape: Any,
    dims: Sequence[str] | None = None,
) -> Any:
    """The value, of a shape, of the text of a tensor's formula, or of a part of it, by the reader of its form.

    The sizes of its axes by name are those of the tensor, if none are given.
    """
    if form == "where":
        return read_parts(made, tensor, sizes, arrays, shape)
    text = str(made)
    names = letters(names_in(tensor) | (arrays.keys() if form != "index" else set()), len(shape))
    free = dict(zip(names, shape))
    with np.errstate(all="ignore"):
        if form == "python":
            return read(text, {**sizes, **arrays, **{f"{k}_": v for k, v in arrays.items() if iskeyword(k)}})
        each = EACH.search(text)
        if each and form != "index":
            known = [str(d) for d in tensor.shape] if dims is None else dims
            return read_for_each(form, text[: each.start()], each[1].split(", "), tensor, sizes, arrays, shape, known)
        over = SUMMED[form].search(text) if form in SUMMED else None
        if over and all(d in sizes or " < " in d for d in over[1].split(", ")):
            batch = over[1].split(", ")
            whole = (*batch_sizes(batch, sizes), *shape)
            known = [*(d.split(" < ")[-1] for d in batch), *([""] * len(shape))]
            members = read_for_each(form, SUMMED[form].sub("", text), batch, tensor, sizes, arrays, whole, known)
            return np.sum(members, axis=tuple(range(len(batch))))
        if form == "latex":
            square = shape[0] if shape else 0
            with contextlib.suppress(ReadError):
                return finished(Textbook(text, sizes, arrays, free, square)(), shape, names)
            return finished(Textbook(text, sizes, arrays, free, square, summing=True)(), shape, names)
        return finished(Plain(text, sizes, arrays, free if form == "index" else {})(), shape, names)


EACH = re.compile(r"(?: \\quad \\text\{)? ?for each \}? ?([\w, <]+)$")
"""What says that a formula is that of each member of a batch, and which axes the batch has."""


SUMMED = {"matrix": re.compile(r" summed over ([\w, <]+)$"), "latex": re.compile(r"^\\sum_\{([\w, <]+)\} ")}
"""What says that a formula is the sum of those of the members of a batch, by the form."""


def batch_sizes(batch: list[str], sizes: Any) -> tuple[int, ...]:
    """The sizes of the axes of a batch, which are names, or say below which number an index is."""
    return tuple(sizes[d] if d in sizes else int(d.split(" < ")[1]) for d in batch)


def read_for_each(
    form: str,
    text: str,
    batch: list[str],
    tensor: tf.Tensor,
    sizes: Any,
    arrays: dict[str, np.ndarray],
    shape: Any,
    known: Sequence[str],
) -> np.ndarray:
    """The values of a formula for each place of the axes of some sizes, which arrays and the result have somewhere.

    Below a size that is a number there is an index, which stands beside the arrays themselves.
    """
    dims = {t.name: [str(d) for d in t.shape] for t in ancestors([tensor])}
    whole = batch_sizes(batch, sizes)
    parts = {k: batch if np.shape(v)[: len(batch)] == whole else [] for k, v in arrays.items()}
    named = [d for d in batch if d in sizes]
    outer = [known.index(d.split(" < ")[-1]) for d in batch]
    found = np.zeros([*whole, *(d for k, d in enumerate(shape) if k not in outer)])
    for place in np.ndindex(*whole):
        at = dict(zip(batch, place))
        members = {
            k: v[tuple(at[d] if d in named else slice(None) for d in dims.get(k, parts[k])[: np.ndim(v)])]
            for k, v in arrays.items()
        }
        members |= {d.split(" < ")[0]: np.asarray(float(k)) for d, k in at.items() if " < " in d}
        found[place] = read_back(form, text, tensor, sizes, members, found.shape[len(batch) :])
    return np.moveaxis(found, range(len(batch)), outer)


def read_parts(
    made: Any, tensor: tf.Tensor, sizes: dict[str, int], arrays: dict[str, np.ndarray], shape: Any
) -> np.ndarray:
    """The value of a formula with named parts, whose values are found one after the other."""
    known = dict(arrays)
    for symbol, part in made.parts.items():
        size = [round(float(al.number(Plain(str(d), sizes, {})()).array)) for d in getattr(symbol, "shape", ())]
        size = size[:1] if len(size) == 2 and size[1] == 1 else size
        dims = [str(d) for d in getattr(symbol, "shape", ())]
        known[str(symbol)] = np.asarray(read_back("matrix", str(part), tensor, sizes, known, tuple(size), dims))
    return read_back("matrix", str(made.body), tensor, sizes, known, shape)


def faults(
    tensor: tf.Tensor,
    sizes: dict[str, int],
    arrays: dict[str, np.ndarray],
    want: np.ndarray,
    refused: Set[str] = frozenset(),
    forms: Sequence[str] = FORMS,
    formula: Callable[[tf.Tensor, str], Any] = tf.formula,
) -> list[str]:
    """Which texts say something else, are refused, or are not although this is expected."""
    found = []
    texts: list[str] = []
    for form in forms:
        try:
            made = formula(tensor, form)
        except FormulaError as error:
            if form not in refused:
                found.append(f"{form} is refused: {error}")
            continue
        text = str(made)
        if form == "where" and text in texts and not found and not refused:
            continue  # A formula without parts is that in matrix form.
        texts.append(text)
        try:
            difference = differs(read_back(form, made, tensor, sizes, arrays, want.shape), want)
        except (ReadError, SyntaxError, TypeError, IndexError) as error:
            difference = f"{type(error).__name__}: {error}"
        if form in refused:
            found.append(f"{form} is not refused: {text}")
        if difference:
            found.append(f"{form}: {text}\n  at {sizes}: {difference}")
    return found


X, Y = (tf.placeholder(name, ("n", "d")) for name in "XY")
A, B, C = (tf.placeholder(name, ("n", "n")) for name in "ABC")
W = tf.placeholder("W", ("d", "h"))
w, v = tf.placeholder("w", ("d",)), tf.placeholder("v", ("d",))
y, z, x, e = (tf.placeholder(name, ("n",)) for name in "yzxe")
b_out, W1, alpha = tf.placeholder("b_out", ("n",)), tf.placeholder("W1", ("n", "d")), tf.placeholder("alpha", ("n",))
c, s, t = tf.symbols("c s t")
scalar_x, scalar_e, lambda_ = tf.placeholder("x"), tf.placeholder("e"), tf.placeholder("lambda")
S = tf.placeholder("S", ("n", "n"), symmetric=True)
p = tf.placeholder("p", ("n",), positive=True)
T = tf.placeholder("T", ("n", "d", "h"))
grid = tf.placeholder("K", (4, 6))
n, d = X.shape
total, mean, transpose, inv = tf.reduce_sum, tf.reduce_mean, tf.transpose, tf.linalg.inv

PROGRAMS = {
    "minus-of-sum": lambda: A @ y - (z - B @ y),
    "minus-of-product": lambda: -(A @ (-B)) @ y,
    "difference-of-differences": lambda: (y - z) - (x - y),
    "transpose-of-sum": lambda: transpose(A + B) @ y,
    "transpose-of-inverse": lambda: transpose(inv(A + B)) @ y,
    "inverse-of-product": lambda: inv(A @ B + tf.eye(n)),
    "inverse-times-scalar": lambda: inv(A) / c,
    "power-of-inverse": lambda: tf.linalg.matrix_power(inv(A), 3),
    "power-of-sum": lambda: tf.linalg.matrix_power(A + B, 3),
    "negative-power": lambda: tf.linalg.matrix_power(A + B, -2),
    "square-of-elements": lambda: (A @ B) ** 2,
    "power-of-power": lambda: (p**3.5) ** 2 + p**0.5,
    "reciprocal": lambda: 1 / y + 1 / (y * z) + c / (y + z),
    "quotients": lambda: y / z / (x / y),
    "scalar-quotients": lambda: c / s / t + c / (s / t) + c / (s * t) - c / (s + t),
    "nested-quotients": lambda: c / (s / (t / c)) ** 2,
    "power-of-negative": lambda: (-c) ** 3 + (-c * s) ** 2 - c**2,
    "power-tower": lambda: tf.exp(c) ** (s * t) + tf.abs(c) ** s**2,
    "exp-of-negative": lambda: tf.exp(-c) * tf.exp(-y) + tf.exp(-(y * y)),
    "exp-beside-e": lambda: tf.exp(c) * e,
    "exp-of-e": lambda: tf.exp(scalar_e) + scalar_e**2,
    "quadratic-form": lambda: tf.tensordot(y, A @ y, 1) ** 2 * z,
    "quotient-of-forms": lambda: tf.tensordot(y, A @ y, 1) / tf.tensordot(y, y, 1) * A,
    "power-of-forms": lambda: tf.sqrt(tf.tensordot(y, y, 1)) ** 3 * y,
    "negative-power-of-forms": lambda: y / tf.tensordot(y, y, 1) ** 1.5,
    "forms-in-functions": lambda: tf.sigmoid(tf.tensordot(y, z, 1) + c) * tf.math.log(tf.tensordot(y, y, 1)),
    "product-of-traces": lambda: tf.linalg.trace(A @ B) * tf.linalg.trace(A) * C,
    "power-of-trace": lambda: tf.linalg.trace(A) ** 2 / tf.linalg.trace(B) ** 2,
    "power-of-determinant": lambda: tf.linalg.det(A) ** 2 / tf.linalg.det(B) * A,
    "determinant-of-multiple": lambda: tf.linalg.det(s * A) * y,
    "log-determinant": lambda: tf.linalg.logdet(S @ S + tf.eye(n)) * y,
    "abs": lambda: tf.abs(y) * tf.abs(c) + tf.abs(A) @ y,
    "abs-of-form": lambda: tf.abs(tf.tensordot(y, z, 1)) * y,
    "hadamard-of-products": lambda: (A @ B) * (B @ A),
    "hadamard-of-sums": lambda: (A + B) * (A - B) * C,
    "hadamard-of-transposes": lambda: transpose(A) * (B @ transpose(C)),
    "hadamard-in-product": lambda: (A * B) @ (B * C),
    "transpose-of-hadamard": lambda: transpose(A * B + C) @ y,
    "inverse-of-hadamard": lambda: inv(A * B + 3 * tf.eye(n)) @ y,
    "function-of-hadamard": lambda: tf.tanh(A * B) * C,
    "power-of-function": lambda: tf.tanh(A) ** 2 @ tf.sigmoid(B) ** 3,
    "diag": lambda: tf.linalg.diag(y * z) @ A @ tf.linalg.diag(y + z),
    "diag-part": lambda: tf.linalg.diag_part(A @ B) * y,
    "diag-of-diag-part": lambda: tf.linalg.diag(tf.linalg.diag_part(A)) @ B,
    "ones-matrix": lambda: tf.ones((n, d)) * c + X,
    "ones-alone": lambda: tf.ones((n, d)) * c,
    "ones-times": lambda: total(X) * tf.ones((n, d)),
    "ones-hadamard": lambda: (1 - X) * Y * (1 - tf.sigmoid(X)),
    "one-minus-vector": lambda: (1 - y) * z - (y - 1),
    "eye-and-ones": lambda: tf.eye(n) - tf.ones((n, n)) / tf.cast(n, "float64"),
    "eye-shifted": lambda: inv(A + c * tf.eye(n)) @ y,
    "eye-alone": lambda: c * tf.eye(n),
    "row-broadcast": lambda: X + w - mean(X, axis=0),
    "column-broadcast": lambda: X * y[:, None] - mean(X, axis=1, keepdims=True),
    "row-sums": lambda: total(X * Y, axis=1) * y,
    "column-sums": lambda: total(X, axis=0) / tf.cast(n, "float64") + w,
    "mean-squares": lambda: mean((X - mean(X, axis=0)) ** 2, axis=0),
    "outer": lambda: tf.einsum("i,j->ij", y, z) @ A - tf.einsum("i,j->ij", A @ y, z),
    "outer-twice": lambda: tf.einsum("i,j,k,k->ij", y, z, y, x),
    "softmax-rows": lambda: tf.nn.softmax(X) @ w,
    "softmax-columns": lambda: tf.nn.softmax(X, axis=0) * Y,
    "softmax-of-sum": lambda: tf.nn.softmax(A @ y + z) - y,
    "logsumexp": lambda: tf.reduce_logsumexp(y) * y + tf.reduce_logsumexp(A, axis=1),
    "logsumexp-of-all": lambda: tf.reduce_logsumexp(X) ** 2,
    "maximum": lambda: tf.maximum(y, z) - tf.minimum(y, c),
    "maximum-of-matrices": lambda: tf.maximum(A, transpose(B)),
    "relu": lambda: tf.nn.relu(X @ w - y) - tf.nn.softplus(-y),
    "where": lambda: tf.where(y > z, y * c, -z),
    "where-scalar": lambda: tf.where(c > s, c, s - c) * y,
    "where-nested": lambda: tf.where(y > 0, tf.where(z > 0, y, z), x),
    "where-both": lambda: tf.where(tf.logical_and(y > 0, z <= 1), y, z),
    "where-either": lambda: tf.where(tf.logical_or(y > 0, tf.logical_not(z <= 1)), y, z),
    "clip": lambda: tf.clip_by_value(y, -0.5, 0.5),
    "bound-variable-x": lambda: tf.where(z > scalar_x, z, -z * scalar_x),
    "bound-variable-of-symbol-x": lambda: tf.maximum(x, 0.5) * x,
    "subscripts": lambda: W1 @ w + b_out * alpha,
    "keyword": lambda: lambda_ * y + lambda_**2,
    "numbers": lambda: 0.1 * y - 2.5e-7 * z + y / 3 + 1e10,
    "pi": lambda: tf.exp(-(y**2) / 2) / tf.sqrt(2 * np.pi),
    "element": lambda: y[0] * y[1] * A[1, 0] - z,
    "slice": lambda: y[1:] * z[:-1],
    "reverse": lambda: y[::-1] + z,
    "row": lambda: A[0] - y,
    "column": lambda: A[:, 1] * y,
    "concatenation": lambda: tf.concat([y, w, A @ y], 0),
    "stack": lambda: tf.stack([y, z, y * z]),
    "kron": lambda: tf.linalg.kron(A, X) if hasattr(tf.linalg, "kron") else A,
    "gaussian": lambda: -0.5 * tf.tensordot(y - z, tf.linalg.solve(S, y - z), 1) - tf.linalg.logdet(S) / 2,
    "cholesky": lambda: tf.linalg.cholesky(A @ transpose(A) + tf.eye(n)) @ y,
    "expm": lambda: tf.linalg.expm(A) @ y - tf.linalg.expm(A + B) @ y,
    "matrix-power-symbolic": lambda: tf.linalg.matrix_power(A, 4) @ y,
    "matrix-powers-gradient": lambda: tf.gradients(total(tf.linalg.matrix_power(A, 3) @ y), A)[0],
    "triangle": lambda: tf.linalg.band_part(A, -1, 0) @ y - tf.linalg.band_part(A, 0, -1) @ z,
    "band": lambda: tf.linalg.band_part(A, 1, 1) @ y,
    "sorted": lambda: tf.gradients(total(tf.sort(y) * z), y)[0],
    "sums-of-running-sums": lambda: tf.gradients(total(tf.cumsum(X, 0) ** 2), X)[0],
    "largest": lambda: tf.gradients(total(tf.exp(tf.math.top_k(y, 2).values)), y)[0],
    "kron-identity": lambda: tf.linalg.kron(A, tf.eye(3)),
    "identity-kron": lambda: tf.linalg.kron(tf.eye(2), X) @ tf.ones((2 * d,)),
    "determinant-of-scalars": lambda: tf.linalg.det(tf.stack([tf.stack([c, s]), tf.stack([s, t])])) * y,
    "inverse-of-scalars": lambda: tf.linalg.inv(tf.stack([tf.stack([c, s]), tf.stack([-s, t])])),
    "gelu-by-tanh": lambda: tf.tanh(math.sqrt(2 / math.pi) * (y + 0.044715 * y**3)),
    "eigenvalues": lambda: tf.linalg.eigvalsh(S) * y,
    "singular-values": lambda: tf.linalg.svd(A, compute_uv=False) * y,
    "rank-three": lambda: tf.einsum("ijk,jk->ijk", T, W) * T,
    "rank-three-outer": lambda: tf.einsum("i,j,k->kij", y, w, w),
    "rank-three-contraction": lambda: total(T, axis=2) * X,
    "rank-three-function": lambda: tf.tanh(T) * tf.exp(-T),
    "rank-three-transpose": lambda: transpose(T, (2, 0, 1)) * 2.0,
    "rank-four": lambda: tf.einsum("ij,kl->ikjl", A, X),
    "rank-three-softmax": lambda: tf.nn.softmax(tf.einsum("id,jd,kd->ijk", X, X, Y)) * total(T),
    "rank-three-columns": lambda: tf.einsum("ijk,ij->ik", tf.nn.softmax(T, axis=0), X) @ transpose(W),
    "rank-three-diagonal": lambda: tf.einsum("iji->ij", tf.nn.softmax(tf.einsum("id,jd,kd->ijk", X, Y, X))),
    "pooled-blocks": lambda: tf.gradients(total(tf.reduce_max(tf.reshape(grid, (2, 2, 3, 2)), (1, 3)) ** 2), grid)[0],
    "diagonals-of-blocks": lambda: tf.linalg.diag_part(tf.reshape(grid, (2, 2, 6))[:, :, :2] ** 2),
    "traces-of-reshaped": lambda: tf.einsum("ijj->i", tf.reshape(grid, (6, 2, 2))),
    "diagonals-of-reshaped": lambda: tf.einsum("iij->ij", tf.reshape(grid, (2, 2, 6))),
    "pooled-pairs": lambda: tf.gradients(total(tf.reduce_min(tf.reshape(grid[0], (3, 2)), 1) ** 3), grid)[0],
    "comparison": lambda: y > z,
    "scalar": lambda: total(y * z) - c,
    "constant": lambda: tf.constant([[1.0, 2.0], [3.0, 4.0]]) * c,
    "softmax-hessian": lambda: tf.hessian(lambda y: total(tf.nn.softmax(y) * z))(y),
    "logistic-hessian": lambda: tf.hessian(lambda w: total(tf.nn.softplus(X @ w)))(w),
    "logdet-hessian": lambda: tf.hessian(lambda A: tf.linalg.logdet(A))(A),
    "norm-gradient": lambda: tf.gradients(tf.norm(A @ y - z), y)[0],
    "cosine": lambda: tf.gradients(tf.tensordot(y, z, 1) / (tf.norm(y) * tf.norm(z)), y)[0],
    "erf": lambda: tf.gradients(total(tf.math.erf(y) * z), y)[0],
    "atan2": lambda: tf.gradients(total(tf.math.atan2(y, z)), y)[0],
    "trigonometry": lambda: tf.tan(y) * tf.sinh(z) - tf.math.atan(y) + tf.math.asinh(z) - tf.sin(c) ** 2,
    "greatest-of-sum": lambda: tf.gradients(tf.reduce_max(1 + y - z / 3), y)[0],
    "greatest-of-rows": lambda: tf.gradients(total(y * tf.reduce_max(X / 3 + w - 1, axis=1)), X)[0],
    "least-of-columns": lambda: tf.gradients(total(tf.reduce_min(2 * X - w + 0.1, axis=0)), X)[0],
    "greatest-of-function": lambda: tf.gradients(tf.reduce_max(0.7 * tf.exp(X) - 1), X)[0],
    "floor": lambda: tf.floor(y) - tf.math.ceil(z) + tf.sign(y) + tf.round(3 * z),
}


REFUSED_PROGRAMS = {
    "ones-alone": {"python"},
    "eye-and-ones": {"python"},
    "eye-alone": {"python"},
    "expm": {"python"},
}
"""The same of programs: where a size is that of no source, or a function has no elements or no NumPy text."""


@cache
def _at_one_point(name: str) -> tuple[tf.Tensor, dict[str, int], dict[str, np.ndarray], np.ndarray]:
    """A program, traced, with sizes, arrays for its sources, and its value."""
    tensor = PROGRAMS[name]()
    points = Points([tensor], {}, {}, 0)
    sizes, feed, (want,) = next(iter(points.draw(0)))
    return tensor, sizes, {label: np.asarray(feed[source], float) for source, label in points.names.items()}, want


@cache
def formula_of(name: str, form: str) -> Any:
    """The formula of a program, which several tests look at."""
    return tf.formula(_at_one_point(name)[0], form=form)


def faults_of(name: str, form: str) -> list[str]:
    """What is wrong with the text of a program in a form."""
    refused = REFUSED_PROGRAMS.get(name, set())
    return faults(*_at_one_point(name), refused, [form], lambda _, form: formula_of(name, form))
