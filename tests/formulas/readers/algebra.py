"""Scalars that may depend on indices, and matrices whose sizes may be left to their surroundings, in NumPy.

Nothing is stretched that the notation does not stretch: a sum is one of equal shapes, a product one of shapes that fit.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import mpmath
import numpy as np


class ReadError(ValueError):
    """The text does not mean anything, or not one thing."""


class Unsettled(ReadError):
    """A matrix is another one at each value of an index."""

    def __init__(self, letter: str) -> None:
        super().__init__(f"a matrix for each {letter}")
        self.letter = letter


@dataclass(frozen=True)
class Scalar:
    """Numbers, one for each value of the indices that are named."""

    array: np.ndarray
    letters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """A matrix; a `free` axis is of length one here, and repeats; with `eye`, a multiple of an identity of any size."""

    array: np.ndarray
    free: tuple[bool, bool] = (False, False)
    eye: bool = False

    @property
    def one(self) -> bool:
        return self.array.shape == (1, 1) and self.free == (False, False) and not self.eye

    @property
    def T(self) -> "Matrix":
        return Matrix(self.array.T, self.free[::-1], self.eye)


def scalar(x: float) -> Scalar:
    return Scalar(np.asarray(x, float))


ONES = Matrix(np.ones((1, 1)), (True, False))
EYE = Matrix(np.ones((1, 1)), (True, True), True)


def matrix(v: Any) -> Matrix:
    """A vector as a column."""
    if isinstance(v, Matrix):
        return v
    if isinstance(v, np.ndarray) and v.ndim in (1, 2):
        return Matrix(v.reshape(-1, 1) if v.ndim == 1 else v)
    raise ReadError(f"{v} where a matrix belongs")


def number(v: Any) -> Scalar:
    if isinstance(v, Scalar):
        return v
    if isinstance(v, Matrix) and v.one:
        return scalar(v.array[0, 0])
    raise ReadError(f"{v} where a number belongs")


def aligned(*values: Scalar) -> tuple[list[np.ndarray], tuple[str, ...]]:
    letters = tuple(dict.fromkeys(k for v in values for k in v.letters))
    arrays = []
    for v in values:
        order = sorted(range(len(v.letters)), key=lambda a, v=v: letters.index(v.letters[a]))
        shape = [v.array.shape[v.letters.index(k)] if k in v.letters else 1 for k in letters]
        arrays.append(np.transpose(v.array, order).reshape(shape))
    return arrays, letters


def scalars(f: Callable[..., Any], *values: Scalar) -> Scalar:
    arrays, letters = aligned(*values)
    return Scalar(np.asarray(f(*np.broadcast_arrays(*arrays)), float), letters)


def fitted(*values: Matrix) -> list[Matrix]:
    """Matrices of one shape, the free axes stretched."""
    shape = [1, 1]
    free = [True, True]
    for v in values:
        for axis in range(2):
            if not v.free[axis]:
                if not free[axis] and shape[axis] != v.array.shape[axis]:
                    raise ReadError(f"shapes {[v.array.shape for v in values]}")
                shape[axis], free[axis] = v.array.shape[axis], False
    if any(v.eye for v in values) and not all(v.eye for v in values):
        if free[0] != free[1]:
            shape, free = [shape[free[0]]] * 2, [False, False]
        if shape[0] != shape[1]:
            raise ReadError(f"an identity among matrices of shape {shape}")
        if free[0]:
            raise ReadError("an identity of unknown size")
        values = tuple(Matrix(v.array * np.eye(*shape)) if v.eye else v for v in values)
    return [v if v.eye else Matrix(np.broadcast_to(v.array, shape), (free[0], free[1])) for v in values]


def small(v: Any) -> bool:
    return isinstance(v, Scalar) or (isinstance(v, Matrix) and v.one)


def numbers(f: Callable[..., Any], *values: Any) -> Any:
    """A function of numbers; of matrices of one element it is one."""
    found = scalars(f, *map(number, values))
    return found if found.letters or all(isinstance(v, Scalar) for v in values) else Matrix(found.array.reshape(1, 1))


def deep(v: Any) -> bool:
    """Whether a value is an array of more than two axes."""
    return isinstance(v, np.ndarray) and v.ndim > 2


def repeated(v: Any) -> np.ndarray:
    """A value beside arrays, along whose first axes NumPy repeats it: a column is an array of one axis there."""
    if isinstance(v, Matrix):
        return v.array[:, 0] if v.array.shape[1] == 1 and not any(v.free) else v.array
    return v


def each(f: Callable[..., Any], *values: Any) -> Any:
    """A function of elements."""
    if all(map(small, values)):
        return numbers(f, *values)
    if any(map(deep, values)):
        parts = [v.array if isinstance(v, Scalar) else v.array[0, 0] if small(v) else repeated(v) for v in values]
        return np.asarray(f(*parts))
    values = tuple(Matrix(np.ones((1, 1)) * number(v).array, (True, True)) if small(v) else v for v in values)
    parts = fitted(*map(matrix, values))
    if any(v.eye for v in parts):
        raise ReadError("a function of the elements of an identity of unknown size")
    return Matrix(np.asarray(f(*(v.array for v in parts)), float), parts[0].free)


def add(a: Any, b: Any) -> Any:
    """A sum; a number beside a matrix is added to each element."""
    if small(a) or small(b):
        return each(np.add, a, b)
    one, other = fitted(matrix(a), matrix(b))
    return replace(one, array=one.array + other.array)


def scaled(c: Scalar, m: Any) -> Any:
    if isinstance(m, Scalar):
        return scalars(np.multiply, c, m)
    if c.letters:
        raise ReadError("a number that depends on indices times a matrix")
    return m * c.array if isinstance(m, np.ndarray) else replace(m, array=m.array * c.array)


def times(left: Matrix, right: Matrix) -> Matrix:
    """The product of matrices."""
    if left.eye:
        return replace(right, array=right.array * left.array)
    if right.eye:
        return replace(left, array=left.array * right.array)
    if left.free[1] and right.free[0]:
        raise ReadError("a sum over an index of unknown size")
    a, b = left.array, right.array
    if left.free[1]:
        a = np.repeat(a, b.shape[0], axis=1)
    elif right.free[0]:
        b = np.repeat(b, a.shape[1], axis=0)
    if a.shape[1] != b.shape[0]:
        raise ReadError(f"a product of matrices of shapes {a.shape} and {b.shape}")
    return Matrix(a @ b, (left.free[0], right.free[1]))


def product(factors: Sequence[Any], summing: bool = False) -> Any:
    """Numbers and matrices from left to right; a row times a column is a number for what follows.

    Ones that follow it are a vector; or, if they are `summing`, what stands before is a matrix that has a column by
    chance, and they sum over its columns.
    """
    c: Any = scalar(1)
    m: Any = None
    for f in factors:
        if small(f):
            c = numbers(np.multiply, c, f)
            continue
        if m is not None and m.one and not (summing and isinstance(f, Matrix) and f.free[0]):
            c, m = numbers(np.multiply, c, m), None
        m = matrix(f) if m is None else times(m, matrix(f))
    if m is not None and m.one:
        return numbers(np.multiply, c, m)
    return c if m is None else scaled(number(c), m)


def power(base: Any, exponent: Any) -> Any:
    if small(base):
        return numbers(np.power, base, number(exponent))
    if isinstance(base, np.ndarray) and base.ndim > 2:
        return base ** float(number(exponent).array)
    m, n = matrix(base), float(number(exponent).array)
    if not any(m.free) and 1 in m.array.shape:
        return Matrix(m.array**n)
    if n != round(n) or any(m.free) or m.array.shape[0] != m.array.shape[1]:
        raise ReadError(f"the power {n} of a matrix of shape {m.array.shape}")
    return Matrix(np.linalg.matrix_power(m.array, round(n)))


def diagonal(v: Any, k: Any = 0) -> Matrix:
    """The matrix with a column on a diagonal; of a matrix, its diagonal as a column."""
    m = matrix(v)
    if any(m.free):
        raise ReadError("a diagonal of unknown size")
    place = round(float(number(k).array)) if k else 0
    return Matrix(np.diag(m.array[:, 0], place)) if m.array.shape[1] == 1 else Matrix(np.diag(m.array).reshape(-1, 1))


def softmax(v: Any) -> Any:
    """Over a column, along the rows of a matrix, or over the last axis of an array."""
    if isinstance(v, np.ndarray) and v.ndim > 2:
        e = np.exp(v - v.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)
    m = matrix(v)
    axis = 0 if m.array.shape[1] == 1 and not m.free[1] else 1
    if m.free[axis]:
        raise ReadError("softmax over an unknown size")
    e = np.exp(m.array - m.array.max(axis=axis, keepdims=True))
    return replace(m, array=e / e.sum(axis=axis, keepdims=True))


def whole(f: Callable[[np.ndarray], Any]) -> Callable[[Any], Scalar]:
    """A number that is made of all elements."""

    def of_matrix(v: Any) -> Scalar:
        array = v.array if isinstance(v, Scalar) else v if isinstance(v, np.ndarray) else matrix(v).array
        if isinstance(v, Matrix) and any(v.free):
            raise ReadError("a number of a matrix of unknown size")
        return scalar(f(array))

    return of_matrix


def extreme(f: Any, values: Sequence[Any]) -> Any:
    """The greatest or least of all elements of one matrix; of several, element by element."""
    if len(values) == 1 and not small(values[0]):
        return whole(f.reduce if isinstance(values[0], Scalar) else lambda a: f.reduce(a, axis=None))(values[0])
    return each(lambda *x: reduce(f, x), *values)


def logsumexp(v: Any) -> Scalar:
    return scalar(np.log(np.sum(np.exp(matrix(v).array))))


def definite(f: Callable[[np.ndarray], Any]) -> Callable[[Any], Any]:
    """A function of a matrix whose sizes are known."""

    def of_matrix(v: Any) -> Any:
        m = matrix(v)
        if any(m.free):
            raise ReadError("a function of a matrix of unknown size")
        found = np.asarray(f(m.array), float)
        return scalar(found) if found.ndim == 0 else Matrix(found.reshape(-1, 1) if found.ndim == 1 else found)

    return of_matrix


def trace(a: np.ndarray) -> Any:
    if a.shape[0] != a.shape[1]:
        raise ReadError(f"the trace of a matrix of shape {a.shape}")
    return np.trace(a)


def expm(a: np.ndarray) -> np.ndarray:
    total, term = np.eye(len(a)), np.eye(len(a))
    for k in range(1, 80):
        term = term @ a / k
        total = total + term
    return total


def sqrtm(a: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eig(a)
    return np.real(vectors * np.emath.sqrt(values) @ np.linalg.inv(vectors))


ELEMENTS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "atan2": np.arctan2, "sqrt": np.sqrt, "Abs": np.abs,
    "floor": np.floor, "ceiling": np.ceil, "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.log(1 + np.exp(x)), "relu": lambda x: np.maximum(x, 0),
    "step": lambda x: np.where(x > 0, 1.0, 0.0), "rint": np.rint, "erf": np.vectorize(math.erf, otypes=[float]),
    "erfc": np.vectorize(math.erfc, otypes=[float]), "Max": lambda *x: reduce(np.maximum, x),
    "Min": lambda *x: reduce(np.minimum, x), "gamma": np.vectorize(math.gamma, otypes=[float]),
    "loggamma": np.vectorize(math.lgamma, otypes=[float]), "erfinv": np.vectorize(mpmath.erfinv, otypes=[float]),
    "abs": np.abs, "sign": np.sign, "phi": lambda x: np.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    "Phi": np.vectorize(lambda x: math.erfc(-x / math.sqrt(2)) / 2, otypes=[float]),
    "clip": np.clip, "where": lambda c, a, b: np.where(c != 0, a, b),
    "digamma": np.vectorize(mpmath.digamma, otypes=[float]),
    "polygamma": np.vectorize(mpmath.polygamma, otypes=[float]), "zeta": np.vectorize(mpmath.zeta, otypes=[float]),
}  # fmt: skip


def scanned(name: str, m: Any, axis: Any = None) -> Any:
    """Running sums and products along an axis, the first if none is given."""
    if isinstance(m, np.ndarray) and m.ndim > 2:
        along = int(number(axis).array)
        rows = np.moveaxis(m, along, 0)
        found = scanned(name, Matrix(rows.reshape(len(rows), -1))).array.reshape(rows.shape)
        return np.moveaxis(found, 0, along)
    x = matrix(m).array if axis is None or number(axis).array == 0 else matrix(m).array.T
    backwards = name in ("revcumsum", "revcumprod", "prod_after")
    x = x[::-1] if backwards else x
    x = np.concatenate([np.ones((1, x.shape[1])), x[:-1]]) if name.startswith("prod") else x
    found = (np.cumsum if name.endswith("sum") else np.cumprod)(x, 0)
    found = found[::-1] if backwards else found
    return Matrix(found if axis is None or number(axis).array == 0 else found.T)


def rolled(m: Any, shift: Any, axis: Any = None) -> Matrix:
    along = 0 if axis is None else int(number(axis).array)
    return Matrix(np.roll(matrix(m).array, int(number(shift).array), along))


def correlate(a: Any, b: Any) -> Matrix:
    x, k = matrix(a).array, matrix(b).array
    rows, columns = (a - b + 1 for a, b in zip(x.shape, k.shape))
    parts = [(c, x[p : p + rows, q : q + columns]) for (p, q), c in np.ndenumerate(k)]
    return Matrix(np.add.reduce([c * part for c, part in parts]))


def convolve(a: Any, b: Any) -> Matrix:
    x, k = matrix(a).array, matrix(b).array
    found = np.zeros([a + b - 1 for a, b in zip(x.shape, k.shape)])
    for (p, q), c in np.ndenumerate(k):
        found[p : p + x.shape[0], q : q + x.shape[1]] += c * x
    return Matrix(found)


SCANS = "cumsum", "revcumsum", "cumprod", "revcumprod", "prod_before", "prod_after"

MATRICES: dict[str, Callable[..., Any]] = {
    "correlate": correlate, "convolve": convolve, "roll": rolled, "firstmax": lambda *args: first_greatest(*args),
    "softmax": softmax, "logsumexp": logsumexp, "diag": diagonal, "diag_part": diagonal, "Trace": definite(trace),
    "upsample": lambda *args: upsampled(*args),
    "upsample_columns": lambda m, *args: turned(upsampled(turned(m), *args)),
    "interleave": lambda *parts: interleaved(parts),
    "interleave_columns": lambda *parts: turned(interleaved([*map(turned, parts)])),
    "tr": definite(trace), "det": definite(np.linalg.det), "Determinant": definite(np.linalg.det),
    "tril": definite(np.tril), "triu": definite(np.triu), "cholesky": definite(np.linalg.cholesky),
    "chol": definite(np.linalg.cholesky), "pinv": definite(np.linalg.pinv), "expm": definite(expm),
    "sqrtm": definite(sqrtm),
    "argsort": lambda v: matrix(np.argsort(matrix(v).array[:, 0], kind="stable").astype(float)),
    "eigvalsh": definite(np.linalg.eigvalsh), "svd": definite(lambda a: np.linalg.svd(a, compute_uv=False)),
    "qr_q": definite(lambda a: np.linalg.qr(a)[0]), "eigenvectors": definite(lambda a: np.linalg.eigh(a)[1]),
    "svd_left": definite(lambda a: np.linalg.svd(a, full_matrices=False)[0]),
    "svd_right": definite(lambda a: np.linalg.svd(a, full_matrices=False)[2].T),
    "max": lambda *v: extreme(np.maximum, v), "min": lambda *v: extreme(np.minimum, v), "prod": whole(np.prod),
    "max_rows": definite(lambda a: a.max(1)), "min_rows": definite(lambda a: a.min(1)),
    "prod_rows": definite(lambda a: a.prod(1)),
    "mean_rows": definite(lambda a: a.mean(1)), "mean_columns": definite(lambda a: a.mean(0)),
    **{name: partial(scanned, name) for name in SCANS},
    "sum": whole(np.sum), "mean": whole(np.mean), "norm": whole(lambda a: np.sqrt(np.sum(a * a))),
    "logsumexp_rows": definite(lambda a: np.log(np.exp(a).sum(axis=1))),
}  # fmt: skip

COMPARISONS = {
    ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal, "=": np.equal, "==": np.equal,
    "!=": np.not_equal,
}  # fmt: skip


def piecewise(branches: Sequence[tuple[Any, Any]]) -> Any:
    """The first branch whose condition holds."""
    flat = [v for pair in branches for v in pair]

    def chosen(*values: Any) -> Any:
        return np.select([c != 0 for c in values[1::2]], list(values[::2]), np.nan)

    return each(chosen, *flat)


def one_hot(ids: Any, size: int) -> Matrix:
    """The rows of an identity that integers name, zeros for those that name none; the column that one names."""
    places = np.arange(size)
    if isinstance(ids, Scalar):
        return Matrix((places == np.rint(ids.array)).astype(float)[:, None])
    return Matrix((places == np.rint(matrix(ids).array[:, :1])).astype(float))


def blocks(rows: Sequence[Sequence[Any]]) -> Matrix:
    """A matrix of blocks, of which those of one element may be numbers."""
    return Matrix(np.block([[x.array.reshape(1, 1) if small(x) else matrix(x).array for x in row] for row in rows]))


def upsampled(m: Any, step: Any, rows: Any, start: Any = 0) -> Matrix:
    """Rows with zeros between, and some before."""
    values = matrix(m).array
    found = np.zeros((round(float(number(rows).array)), values.shape[1]))
    found[round(float(number(start).array)) if start else 0 :: round(float(number(step).array))] = values
    return Matrix(found)


def first_greatest(a: Any, *sizes: Any) -> Any:
    """One at the first greatest element of each block, zero elsewhere."""
    wide = isinstance(a, np.ndarray) and a.ndim > 2
    values = a if wide else matrix(a).array
    counts = [round(float(number(size).array)) for size in sizes]
    counts += [1] * (values.ndim - len(counts))
    found = np.zeros_like(values)
    for block in np.ndindex(*(d // count for d, count in zip(values.shape, counts))):
        at = tuple(slice(k * count, (k + 1) * count) for k, count in zip(block, counts))
        found[at].flat[np.argmax(values[at])] = 1
    return found if wide else Matrix(found)


def interleaved(parts: Sequence[Any]) -> Matrix:
    """The rows of several in turn."""
    values = [matrix(m).array for m in parts]
    found = np.zeros((sum(map(len, values)), max(m.shape[1] for m in values)))
    for k, m in enumerate(values):
        found[k :: len(values)] = m
    return Matrix(found)


def turned(m: Any) -> Matrix:
    return Matrix(matrix(m).array.T)


def cross(a: Any, b: Any) -> Matrix:
    left, right = matrix(a).array, matrix(b).array
    return Matrix(np.cross(left, right, axis=0 if left.shape[1] == 1 else 1))


def range_of(letter: str, low: Scalar, high: Scalar) -> Scalar:
    """The values of an index; where its limits depend on others, all that it ever has."""
    return Scalar(np.arange(float(np.min(low.array)), float(np.max(high.array)) + 1), (letter,))


def within(body: Scalar, index: Scalar, low: Scalar, high: Scalar, nothing: float = 0.0) -> Scalar:
    """A summand, zero where its index is beyond limits that depend on others; a factor is one there."""
    if not low.letters and not high.letters:
        return body
    inside = scalars(lambda i, a, b: (a <= i) & (i <= b), index, low, high)
    return scalars(lambda i, x: np.where(i != 0, x, nothing), inside, body)


def summed(body: Scalar, letter: str, size: int, combine: np.ufunc = np.add) -> Scalar:
    """The sum over an index, or what another function makes of the values."""
    if letter not in body.letters:
        body = scalars(lambda x, i: x + 0 * i, body, Scalar(np.arange(float(size)), (letter,)))
    axis = body.letters.index(letter)
    return Scalar(combine.reduce(body.array, axis=axis), tuple(k for k in body.letters if k != letter))


def softmax_over(body: Scalar, letters: Sequence[str]) -> Scalar:
    """What elements over indices are as exponentials that sum to one."""
    values = np.exp(body.array)
    axes = tuple(body.letters.index(k) for k in letters)
    return Scalar(values / values.sum(axis=axes, keepdims=True), body.letters)


def first_over(body: Scalar, letters: Sequence[str]) -> Scalar:
    """One where elements over indices are the first greatest ones, else zero."""
    axes = [body.letters.index(k) for k in letters]
    values = np.moveaxis(body.array, axes, range(-len(axes), 0))
    rows = values.reshape(*values.shape[: values.ndim - len(axes)], -1)
    found = (np.arange(rows.shape[-1]) == rows.argmax(axis=-1)[..., None]).astype(float).reshape(values.shape)
    return Scalar(np.moveaxis(found, range(-len(axes), 0), axes), body.letters)


def at_places(body: Scalar, letters: Sequence[str], places: Sequence[Scalar]) -> Scalar:
    """Elements over indices at places of these, which may depend on other indices; beyond them there is no number."""
    rest = [k for k in body.letters if k not in letters]
    values = np.transpose(body.array, [body.letters.index(k) for k in (*rest, *letters)])
    own = [Scalar(np.arange(n, dtype=float), (k,)) for k, n in zip(rest, values.shape)]
    return entries(values, [*own, *places])


def entries(values: np.ndarray, indices: Sequence[Scalar]) -> Scalar:
    """The elements of an array at indices, each of which may depend on others; beyond it there is no number."""
    if len(indices) != values.ndim:
        raise ReadError(f"{len(indices)} indices of an array of rank {values.ndim}")
    arrays, letters = aligned(*indices)
    at = [np.rint(a).astype(int) for a in np.broadcast_arrays(*arrays)]
    within = np.logical_and.reduce([(i >= 0) & (i < n) for i, n in zip(at, values.shape)])
    found = np.asarray(values[tuple(np.where(within, i, 0) for i in at)], float)
    return Scalar(np.where(within, found, np.nan), letters)


def matrix_of(body: Scalar, letters: Sequence[str]) -> Matrix:
    """The matrix of elements at indices, up to where these have no value."""
    others = [k for k in body.letters if k not in letters]
    if others:
        raise Unsettled(others[0])
    values = np.transpose(body.array, [body.letters.index(k) for k in letters])
    sizes = [np.isfinite(np.moveaxis(values, k, 0)).reshape(len(values), -1).any(axis=1).sum() for k in (0, 1)]
    return Matrix(values[: sizes[0], : sizes[1]])


def settle(bound: dict[str, Scalar], read: Callable[[dict[str, Scalar]], Scalar]) -> Scalar:
    """What is read with indices of all values at once, or of one value after the other where matrices depend on one."""
    try:
        return read(bound)
    except Unsettled as error:
        letter = error.letter
        if letter not in bound:
            raise
    rest = {k: v for k, v in bound.items() if k != letter}
    found = [settle(rest, lambda others, k=k: read({**others, letter: scalar(k)})) for k in bound[letter].array]
    arrays, letters = aligned(*found)
    return Scalar(np.stack(np.broadcast_arrays(*arrays)), (letter, *letters))


def stacked(members: Sequence[Any], axis: int = 0) -> np.ndarray:
    """Matrices along one more axis; a number fills one."""
    shape = next(m.array.shape for m in members if isinstance(m, Matrix))
    return np.stack([np.broadcast_to(m.array, shape) for m in members], axis=axis)


def part(value: Any, indices: Sequence[Any]) -> Any:
    """What indices and slices take of a vector, a matrix or an array: a row by its index is a column here."""
    if any(isinstance(i, (Matrix, np.ndarray)) and np.size(matrix(i).array) > 1 for i in indices):
        at = [i if isinstance(i, slice) else np.ravel(matrix(i).array).astype(int) for i in indices]
        return matrix((value if isinstance(value, np.ndarray) and value.ndim == 2 else matrix(value).array)[tuple(at)])
    whole = isinstance(value, np.ndarray) and (value.ndim == len(indices) or value.ndim > 2)
    values = value if whole else matrix(value).array
    if not whole and len(indices) == 1 and values.shape[1:] == (1,) and not isinstance(indices[0], slice):
        indices = [indices[0], scalar(0)]
    if len(indices) == values.ndim and not any(isinstance(i, slice) for i in indices):
        return entries(values, indices)
    for i in indices:
        if isinstance(i, Scalar) and i.letters:
            raise Unsettled(i.letters[0])
    at = tuple(i if isinstance(i, slice) else round(float(number(i).array)) for i in indices)
    found = values[at]
    return found if found.ndim > 2 else matrix(found)


def finished(v: Any, shape: tuple[int, ...], free: Sequence[str] = ()) -> np.ndarray:
    """The array that a value is, given the shape that the result has; a vector is a column."""
    if isinstance(v, Scalar):
        arrays, letters = aligned(Scalar(np.zeros(shape), tuple(free)), v) if free else ([None, v.array], v.letters)
        if set(letters) - set(free):
            raise ReadError(f"indices {letters}")
        return np.broadcast_to(arrays[1], shape) if free else np.asarray(v.array)
    if isinstance(v, np.ndarray) and v.ndim == len(shape):
        return v
    m = matrix(v)
    wanted = (*shape, 1) if len(shape) == 1 else shape
    if len(wanted) != 2:
        if wanted == () and m.one:
            return m.array[0, 0]
        raise ReadError(f"a matrix where shape {shape} belongs")
    m = fitted(m, Matrix(np.zeros(wanted)))[0]
    return m.array.reshape(shape)
