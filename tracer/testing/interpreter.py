"""The value of a sympy matrix or array expression, node by node in NumPy.

Nothing is simplified, evaluated or made explicit by sympy, so a formula is worth what it says and no more: a product of
matrices whose shapes do not fit has no value, and neither has a matrix where a number belongs.  A node from elsewhere
is read through its elements, or, if a function, through `rewrite` or its own digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce, singledispatch
from itertools import pairwise, product
from typing import Any, TypeAlias, TypeVar

import mpmath
import numpy as np
import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.special import GenericIdentity
from sympy.tensor.array import expressions as array
from sympy.tensor.array.expressions.array_expressions import ArrayElement, ArrayElementwiseApplyFunc, _ArrayExpr

from tracer.formulas.matrix.batch_classes import BatchAsMatrix, ForEach, MovedBatch, SumOverBatch
from tracer.formulas.matrix.block_maxima import ArrayFirstMax, firstmax
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.padded_arrays import Padded
from tracer.rules import TABLE
from tracer.tensor import constant, record_tensor

Value: TypeAlias = np.ndarray | float
"""What an expression is worth."""

Reader: TypeAlias = "Callable[[sympy.Basic, Reading], Value]"
"""What gives a node its value, of the values of its parts."""

V = TypeVar("V", np.ndarray, Value)


def by_element(function: Callable[..., mpmath.mpf]) -> Callable[..., np.ndarray]:
    """A function of numbers as one of arrays."""

    def of_arrays(*values: Value) -> np.ndarray:
        arrays = np.broadcast_arrays(*values)
        return np.reshape([float(function(*map(float, at))) for at in zip(*(a.flat for a in arrays))], arrays[0].shape)

    return of_arrays


NUMPY: dict[str, Callable[..., Value]] = {
    "Abs": np.abs, "sign": np.sign, "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "atan2": np.arctan2, "floor": np.floor,
    "ceiling": np.ceil, "sec": lambda x: 1 / np.cos(x), "sech": lambda x: 1 / np.cosh(x), "erf": by_element(math.erf),
    "erfc": by_element(math.erfc), "gamma": by_element(mpmath.gamma), "loggamma": by_element(mpmath.loggamma),
    "digamma": by_element(mpmath.digamma), "polygamma": by_element(mpmath.polygamma), "re": np.real,
    "conjugate": np.conj, "rint": np.rint,
}  # fmt: skip


def expm(x: np.ndarray) -> np.ndarray:
    """The exponential of a matrix."""
    return np.array(mpmath.expm(mpmath.matrix(x.tolist())).tolist(), float).reshape(x.shape)


def sqrtm(x: np.ndarray) -> np.ndarray:
    """The principal square root of a matrix."""
    return np.array(mpmath.sqrtm(mpmath.matrix(x.tolist())).apply(mpmath.re).tolist(), float).reshape(x.shape)


def logm(x: np.ndarray) -> np.ndarray:
    """The principal logarithm of a matrix."""
    return np.array(mpmath.logm(mpmath.matrix(x.tolist())).apply(mpmath.re).tolist(), float).reshape(x.shape)


def frechet(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The derivative of a function of a matrix in a direction."""

    def derivative(x: np.ndarray, direction: np.ndarray) -> np.ndarray:
        return function(np.block([[x, direction], [np.zeros_like(x), x]]))[: len(x), len(x) :]

    return derivative


MATRIX: dict[str, Callable[..., Value]] = {
    "cholesky": np.linalg.cholesky, "expm": expm, "expm_frechet": frechet(expm), "pinv": np.linalg.pinv,
    "matrix_power_frechet": lambda x, direction, n: frechet(lambda a: np.linalg.matrix_power(a, int(n)))(x, direction),
    "sqrtm": sqrtm, "sqrtm_frechet": frechet(sqrtm), "logm": logm, "logm_frechet": frechet(logm),
    "qr_q": lambda x: np.linalg.qr(x)[0],
    "argsort": lambda x: np.argsort(x, axis=0, kind="stable"),
    "eigenvalues": np.linalg.eigvalsh, "eigvalsh": np.linalg.eigvalsh, "eigenvectors": lambda x: np.linalg.eigh(x)[1],
    "svd": lambda x: np.linalg.svd(x, compute_uv=False), "svd_left": lambda x: np.linalg.svd(x, full_matrices=False)[0],
    "svd_right": lambda x: np.linalg.svd(x, full_matrices=False)[2].T,
}  # fmt: skip
"""Functions of a matrix that are known by name alone."""


class NoValueError(ValueError):
    """The expression does not mean anything: shapes that do not fit, names that nobody declared."""


class UnknownNodeError(NotImplementedError):
    """A node that this reader has not learnt."""


class Reading:
    """Sizes by dimension, arrays by source; `loose` reads a 1 by 1 matrix as a number, as sympy's derivative does."""

    def __init__(self, sizes: Mapping[str, int], arrays: Mapping[str, np.ndarray], loose: bool = False) -> None:
        self.sizes, self.arrays, self.loose = sizes, arrays, loose
        self.bound: dict[sympy.Basic, Value] = {}
        self.known: dict[sympy.Basic, Value] = {}
        self.named: dict[sympy.Basic, frozenset[sympy.Basic]] = {}

    def __call__(self, e: sympy.Basic) -> Value:
        if self.bound and not self.bound.keys().isdisjoint(self.symbols(e)):
            return value(e, self)
        if e not in self.known:
            self.known[e] = value(e, self)
        return self.known[e]

    def symbols(self, e: sympy.Basic) -> frozenset[sympy.Basic]:
        """The symbols that stand anywhere in an expression: a value may depend on what these are bound to."""
        if e not in self.named:
            parts = [e] if isinstance(e, sympy.Symbol) else []
            within = (self.symbols(a) for a in getattr(e, "args", ()))
            self.named[e] = frozenset(parts).union(*within)
        return self.named[e]

    @contextmanager
    def binding(self, values: Mapping[sympy.Basic, Value]) -> Iterator[None]:
        """Values of bound variables, inside a sum or an elementwise function."""
        before, self.bound = self.bound, {**self.bound, **values}
        try:
            yield
        finally:
            self.bound = before

    def number(self, e: sympy.Basic) -> float:
        """The value of a number."""
        v = np.asarray(self(e), float)
        if v.ndim and not (self.loose and v.size == 1):
            raise NoValueError(f"{e} is an array of shape {v.shape} where a number belongs")
        return float(v.reshape(()))

    def integer(self, e: sympy.Basic) -> int:
        """The value of an index or a size."""
        return round(self.number(e))

    def scalar(self, e: sympy.Basic) -> np.ndarray:
        """A number; an array only for the variable of an elementwise function, or in a loose sum."""
        v = np.asarray(self(e), float)
        if isinstance(e, sympy.MatrixExpr) and v.ndim:
            if v.shape == (1, 1):
                return v.reshape(())
            if not self.loose:
                raise NoValueError(f"{e} is a matrix of shape {v.shape} where a number belongs")
        return v

    def matrix(self, e: sympy.Basic) -> np.ndarray:
        """The value of a matrix."""
        v = np.asarray(self(e), float)
        if self.loose and v.ndim < 2:
            v = v.reshape(-1, 1)
        if v.ndim != 2:
            raise NoValueError(f"{e} has rank {v.ndim} where a matrix belongs")
        return v

    def array(self, e: sympy.Basic) -> np.ndarray:
        """The value of an array of any rank."""
        return np.asarray(self(e), float)

    def shape(self, e: sympy.Basic) -> tuple[int, ...]:
        """The sizes of an expression."""
        return tuple(map(self.integer, e.shape))


def evaluate(
    e: sympy.Basic, sizes: Mapping[str, int], arrays: Mapping[str, np.ndarray], loose: bool = False
) -> np.ndarray:
    """The value of an expression, given sizes by the names of dimensions and arrays by the names of sources.

    Raises
    ------
    NoValueError
        If the expression means nothing: shapes that do not fit, names that nobody declared.
    UnknownNodeError
        If it holds a node that has no value here.

    Examples
    --------
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> evaluate(2 * sympy.MatrixSymbol("A", n, n).T, {"n": 2}, {"A": np.array([[1.0, 2.0], [3.0, 4.0]])})
    array([[2., 6.],
           [4., 8.]])
    """
    with np.errstate(all="ignore"):
        return np.asarray(Reading(sizes, arrays, loose)(e), float)


@singledispatch
def value(e: sympy.Basic, read: Reading) -> Value:
    """The value of one node, of the values of its parts."""
    return known_by_name(e, read)


def known_by_name(e: sympy.Basic, read: Reading) -> Value:
    """A function of matrices: a class of its own, or a node that holds its name, its shape and its operands."""
    applied = type(e).__name__.startswith("Applied")
    name, operands = (str(e.args[0]), e.args[2:]) if applied else (type(e).__name__, e.args)
    if name in MATRIX:
        return MATRIX[name](*(read.matrix(a) if hasattr(a, "shape") else read.number(a) for a in operands))
    if applied and name in TABLE and TABLE[name].numpy is not None:
        shape = tuple(int(read.number(d)) for d in e.args[1])
        node = record_tensor(TABLE[name], tuple(constant(read.matrix(m)) for m in operands), None, shape, "float64")
        return np.asarray(node.numpy())
    raise UnknownNodeError(f"{name} of {type(e).__module__}.{type(e).__name__}")


def reads(*types: type) -> Callable[[Reader], Reader]:
    """Register how nodes of some types are read."""

    def register(function: Reader) -> Reader:
        for t in types:
            value.register(t, function)
        return function

    return register


def alike(parts: list[V], what: str) -> list[V]:
    """The parts, which must be of one shape, but for numbers."""
    if len({p.shape for p in map(np.asarray, parts) if p.ndim}) > 1:
        raise NoValueError(f"{what} of shapes {[np.shape(p) for p in parts]}")
    return parts


# numbers, names, scalar expressions
reads(int, float)(lambda e, read: e)
reads(sympy.Number, sympy.NumberSymbol)(lambda e, read: float(e))
reads(type(sympy.true), type(sympy.false))(lambda e, read: bool(e))
reads(sympy.Add)(lambda e, read: sum(alike([read.scalar(a) for a in e.args], "a sum")))
reads(sympy.Mul)(lambda e, read: np.prod(np.broadcast_arrays(*alike([read.scalar(a) for a in e.args], "a product")), 0))
reads(sympy.Pow)(lambda e, read: np.power(read.scalar(e.base), read.scalar(e.exp)))
reads(sympy.exp)(lambda e, read: np.exp(read.scalar(e.args[0])))
reads(sympy.Max)(lambda e, read: reduce(np.maximum, [read.scalar(a) for a in e.args]))
reads(sympy.Min)(lambda e, read: reduce(np.minimum, [read.scalar(a) for a in e.args]))
reads(sympy.Heaviside)(lambda e, read: np.heaviside(read.scalar(e.args[0]), read.number(e.args[1])))
reads(sympy.KroneckerDelta)(lambda e, read: float(read.number(e.args[0]) == read.number(e.args[1])))
reads(sympy.Gt)(lambda e, read: np.greater(*map(read.scalar, e.args)))
reads(sympy.Ge)(lambda e, read: np.greater_equal(*map(read.scalar, e.args)))
reads(sympy.Lt)(lambda e, read: np.less(*map(read.scalar, e.args)))
reads(sympy.Le)(lambda e, read: np.less_equal(*map(read.scalar, e.args)))
reads(sympy.Eq)(lambda e, read: np.equal(*map(read.scalar, e.args)))
reads(sympy.Ne)(lambda e, read: np.not_equal(*map(read.scalar, e.args)))
reads(sympy.And)(lambda e, read: reduce(np.logical_and, [read(a) for a in e.args]))
reads(sympy.Or)(lambda e, read: reduce(np.logical_or, [read(a) for a in e.args]))
reads(sympy.Not)(lambda e, read: np.logical_not(read(e.args[0])))


@reads(sympy.Symbol)
def _(e: sympy.Symbol, read: Reading) -> Value:
    if e in read.bound:
        return read.bound[e]
    if e.name in read.sizes and (e.is_integer or e.name not in read.arrays):
        return float(read.sizes[e.name])
    if e.name not in read.arrays or np.ndim(read.arrays[e.name]):
        raise NoValueError(f"{e.name} is not a scalar source")
    return float(read.arrays[e.name])


@reads(sympy.Piecewise)
def _(e: sympy.Piecewise, read: Reading) -> Value:
    """The value of the first branch whose condition holds; what is chosen nowhere has no value to be asked for."""
    result: Value = np.nan
    left = np.asarray(True)
    for branch, condition in e.args:
        holds = np.asarray(read(condition), bool)
        if np.any(holds & left):
            result = np.where(holds & left, read.scalar(branch), result)
        left = left & ~holds
    return result


@reads(sympy.Function)
def _(e: sympy.Function, read: Reading) -> Value:
    if type(e).__name__ in NUMPY:
        return NUMPY[type(e).__name__](*(read.scalar(a) for a in e.args))
    names = {a: sympy.Dummy(real=True) for a in e.args if not hasattr(a, "shape")}
    numbers = {name: read.scalar(a) for a, name in names.items()}
    plain = e.func(*(names.get(a, a) for a in e.args))
    for target in (sympy.exp, sympy.Piecewise, None):
        other = plain.rewrite(target, deep=False) if target else plain.doit()
        if other.count(e.func) < plain.count(e.func):
            with read.binding(numbers):
                return read(other)
    values = [read.scalar(a) for a in e.args]
    return np.asarray(np.vectorize(lambda *xs: float(e.func(*map(sympy.Float, xs)).evalf()))(*values))


OVER: dict[type, Callable[..., Any]] = {sympy.Sum: np.sum, sympy.Product: np.prod, MaxOver: np.max, MinOver: np.min}
"""What is made of the values of an expression over indices."""


@reads(*OVER)
def _(e: sympy.Basic, read: Reading) -> Value:
    combine = next(OVER[kind] for kind in type(e).__mro__ if kind in OVER)
    if any(bound.is_infinite for _, *bounds in e.limits for bound in bounds):
        raise UnknownNodeError("a sum without an end")

    def over(limits: Sequence[sympy.Tuple]) -> np.ndarray:
        if not limits:
            return read.scalar(e.function)
        (index, low, high), rest = limits[-1], limits[:-1]
        terms = []
        for i in range(read.integer(low), read.integer(high) + 1):
            with read.binding({index: float(i)}):
                terms.append(over(rest))
        return np.asarray(combine(terms, axis=0))

    return over(e.limits)


# elements
def element(values: np.ndarray, indices: Iterable[sympy.Expr], read: Reading) -> float:
    """One element, whose indices must lie inside."""
    at = tuple(map(read.integer, indices))
    if len(at) != values.ndim or not all(0 <= i < n for i, n in zip(at, values.shape, strict=True)):
        raise NoValueError(f"element {at} of an array of shape {values.shape}")
    return float(values[at])


reads(MatrixElement)(lambda e, read: element(read.matrix(e.parent), e.indices, read))
reads(ArrayElement)(lambda e, read: element(read.array(e.name), e.indices, read))
reads(sympy.IndexedBase)(lambda e, read: source(str(e.label), read))
reads(sympy.Indexed)(lambda e, read: element(read.array(e.base), e.indices, read))


def source(name: str, read: Reading) -> np.ndarray:
    """The array of a name."""
    if name not in read.arrays:
        raise NoValueError(f"nobody declared {name}")
    return read.arrays[name]


# matrices
@reads(sympy.MatrixSymbol)
def _(e: sympy.MatrixSymbol, read: Reading) -> np.ndarray:
    v = source(e.name, read)
    v = v.reshape(-1, 1) if v.ndim < 2 else v
    if v.shape != read.shape(e):
        raise NoValueError(f"{e.name} is declared as {e.shape} and has shape {v.shape}")
    return v


@reads(sympy.MatMul)
def _(e: sympy.MatMul, read: Reading) -> Value:
    factors = [read(a) for a in e.args if not isinstance(a, GenericIdentity)]
    scale, matrices = 1.0, []
    for v in map(np.asarray, factors):
        if v.ndim == 0 or (read.loose and v.size == 1):
            scale *= float(v.reshape(()))
        elif v.ndim == 2:
            matrices.append(v)
        else:
            raise NoValueError(f"an array of shape {v.shape} in a matrix product")
    for left, right in pairwise(matrices):
        if left.shape[1] != right.shape[0]:
            raise NoValueError(f"a matrix product of shapes {[m.shape for m in matrices]}")
    return scale * reduce(np.matmul, matrices) if matrices else scale


@reads(sympy.MatPow)
def _(e: sympy.MatPow, read: Reading) -> np.ndarray:
    base, power = read.matrix(e.base), read.number(e.exp)
    if power != round(power):
        raise UnknownNodeError("a broken power of a matrix")
    return np.array(np.linalg.matrix_power(base, round(power)))


@reads(DiagMatrix)
def _(e: DiagMatrix, read: Reading) -> np.ndarray:
    v = read.matrix(e.args[0])
    if 1 not in v.shape:
        raise NoValueError(f"the diagonal matrix of a matrix of shape {v.shape}")
    return np.diag(v.ravel())


@reads(sympy.HadamardPower)
def _(e: sympy.HadamardPower, read: Reading) -> np.ndarray:
    return np.asarray(np.power(*alike([read.array(a) for a in e.args], "a Hadamard power")))


def elementwise(function: sympy.Basic, operands: Iterable[sympy.Basic], read: Reading) -> np.ndarray:
    """A function of numbers of the corresponding elements of arrays of one shape."""
    values = alike([read.array(a) for a in operands], "a function of the elements of arrays")
    names = function.variables if isinstance(function, sympy.Lambda) else (sympy.Dummy("x", real=True),)
    body = function.expr if isinstance(function, sympy.Lambda) else function(*names)
    with read.binding(dict(zip(names, values, strict=True))):
        spread: np.ndarray = np.broadcast_to(read(body), values[0].shape)
        return spread


reads(ElementwiseApplyFunction, ArrayElementwiseApplyFunc)(lambda e, read: elementwise(e.function, [e.expr], read))


@reads(sympy.Trace)
def _(e: sympy.Trace, read: Reading) -> Value:
    v = read.matrix(e.arg)
    if v.shape[0] != v.shape[1]:
        raise NoValueError(f"the trace of a matrix of shape {v.shape}")
    return float(np.trace(v))


@reads(sympy.MatrixExpr)
def _(e: sympy.MatrixExpr, read: Reading) -> np.ndarray:
    if type(e).__name__ in MATRIX or type(e).__name__ == "Applied":
        v = known_by_name(e, read)
        return np.reshape(v, (-1, 1)) if np.ndim(v) == 1 else np.asarray(v)
    if e.args and isinstance(e.args[0], sympy.Lambda):
        return elementwise(e.args[0], e.args[1:], read)
    rows, columns = read.shape(e)
    elements = [e._entry(sympy.Integer(i), sympy.Integer(j)) for i, j in product(range(rows), range(columns))]
    if any(isinstance(x, MatrixElement) and x.parent == e for x in elements):
        raise UnknownNodeError(f"{type(e).__module__}.{type(e).__name__}")
    return np.reshape([read.number(x) for x in elements], (rows, columns))


@reads(sympy.FunctionMatrix)
def _(e: sympy.FunctionMatrix, read: Reading) -> np.ndarray:
    values = np.empty(read.shape(e))
    for at in np.ndindex(values.shape):
        with read.binding(dict(zip(e.lamda.variables, map(float, at), strict=True))):
            values[at] = read.number(e.lamda.expr)
    return values


@reads(sympy.matrices.MatrixBase, sympy.NDimArray)
def _(e: sympy.Basic, read: Reading) -> np.ndarray:
    return np.reshape([read.number(e[at]) for at in np.ndindex(*e.shape)], e.shape)


def identity(e: sympy.Basic, read: Reading) -> np.ndarray:
    """Ones on the diagonal."""
    rows, columns = read.shape(e)
    return np.eye(rows, columns)


reads(sympy.MatAdd)(lambda e, read: sum(alike([read.matrix(a) for a in e.args], "a matrix sum")))
reads(sympy.HadamardProduct)(lambda e, read: reduce(np.multiply, alike([read.array(a) for a in e.args], "a product")))
reads(sympy.Transpose, sympy.Adjoint)(lambda e, read: read.matrix(e.arg).T)
reads(sympy.Inverse)(lambda e, read: np.linalg.inv(read.matrix(e.arg)))
reads(sympy.Determinant)(lambda e, read: np.linalg.det(read.matrix(e.arg)))
reads(DiagonalMatrix)(lambda e, read: read.matrix(e.arg) * identity(e, read))
reads(DiagonalOf)(lambda e, read: np.diagonal(read.matrix(e.arg)).reshape(-1, 1))
reads(sympy.Identity)(identity)
reads(sympy.ZeroMatrix, array.ZeroArray)(lambda e, read: np.zeros(read.shape(e)))
reads(sympy.OneMatrix, array.OneArray)(lambda e, read: np.ones(read.shape(e)))
reads(sympy.KroneckerProduct)(lambda e, read: reduce(np.kron, [read.matrix(a) for a in e.args]))
reads(sympy.DotProduct)(lambda e, read: float(np.vdot(*[read.matrix(a) for a in e.args])))
reads(sympy.BlockMatrix)(lambda e, read: np.block([[read.matrix(b) for b in row] for row in e.blocks.tolist()]))


# arrays
@reads(array.ArraySymbol)
def _(e: array.ArraySymbol, read: Reading) -> np.ndarray:
    v = source(str(e.name), read)
    if v.shape != read.shape(e):
        raise NoValueError(f"{e.name} is declared as {e.shape} and has shape {v.shape}")
    return v


def with_axes(e: sympy.Basic, groups: Sequence[Sequence[sympy.Expr]], keep: bool, read: Reading) -> np.ndarray:
    """The diagonal over each group of axes, summed unless kept (as last axes); a product is not multiplied out."""
    factors = [read.array(a) for a in (e.args if isinstance(e, array.ArrayTensorProduct) else (e,))]
    shape = [size for f in factors for size in f.shape]
    labels = list(range(len(shape)))
    for group in (tuple(map(read.integer, g)) for g in groups):
        if len({shape[axis] for axis in group}) != 1:
            raise NoValueError(f"axes {group} of an array of shape {tuple(shape)} are not of one size")
        for axis in group:
            labels[axis] = group[0]
    heads = [read.integer(g[0]) for g in groups]
    grouped = {read.integer(axis) for g in groups for axis in g}
    out = [a for a in labels if a not in grouped] + (heads if keep else [])
    short = {a: k for k, a in enumerate(dict.fromkeys(labels))}
    free = iter(labels)
    words = [[short[next(free)] for _ in f.shape] for f in factors]
    result = [short[a] for a in out]

    def contract(factors: Sequence[np.ndarray]) -> np.ndarray:
        operands = [x for f, word in zip(factors, words) for x in (f, word)]
        return np.asarray(np.einsum(*operands, result, optimize=True))

    # What is infinite beside a zero is not taken: zeros say which places are.
    made = contract([np.where(np.isinf(f), 0.0, f) for f in factors])
    for at, f in enumerate(factors):
        for beyond in np.unique(f[np.isinf(f)]):
            rest = [np.where(f == beyond, 1.0, 0.0) if k == at else f != 0 for k, f in enumerate(factors)]
            made = np.where(contract([np.asarray(r, float) for r in rest]) > 0, beyond, made)
    return made


@reads(_ArrayExpr)
def _(e: sympy.Basic, read: Reading) -> np.ndarray:
    if e.args and isinstance(e.args[0], sympy.Lambda):
        return elementwise(e.args[0], e.args[1:], read)
    shape = read.shape(e)
    elements = [e[at] for at in np.ndindex(shape)]
    if any(isinstance(x, ArrayElement) and x.name == e for x in elements):
        raise UnknownNodeError(f"{type(e).__module__}.{type(e).__name__}")
    return np.reshape([read.number(x) for x in elements], shape)


@reads(Padded)
def _(e: sympy.Basic, read: Reading) -> np.ndarray:
    values, widths, number = np.asarray(read.array(e.args[0])), e.args[1], read.number(e.args[2])
    return np.pad(values, [(read.integer(a), read.integer(b)) for a, b in widths], constant_values=float(number))


@reads(firstmax, ArrayFirstMax)
def _(e: sympy.Basic, read: Reading) -> np.ndarray:
    m, *sizes = e.args
    values = np.asarray(read.array(m))
    values = np.reshape(values, read.shape(e))
    marked = np.zeros_like(values, float)
    counts = [*map(read.integer, sizes)]
    for block in np.ndindex(*(d // size for d, size in zip(values.shape, counts))):
        at = tuple(slice(k * size, (k + 1) * size) for k, size in zip(block, counts))
        marked[at].flat[np.argmax(values[at])] = 1
    return marked


@reads(ForEach)
def _(e: sympy.Basic, read: Reading) -> np.ndarray:
    body, sizes, _, *pairs = e.args
    values = np.empty(read.shape(e))
    for place in np.ndindex(*map(read.integer, sizes)):
        members = {
            str(k): read.array(a)[tuple(slice(None) if int(p) < 0 else place[int(p)] for p in axes)]
            for k, a, axes in pairs
        }
        member = Reading(read.sizes, {**read.arrays, **members}, read.loose)(body)
        values[place] = np.reshape(member, values.shape[len(place) :])
    return values


@reads(MovedBatch)
def _(e: sympy.Basic, read: Reading) -> np.ndarray:
    batch, places = e.args
    values = read.array(batch)
    return np.moveaxis(values, range(len(places)), [*map(int, places)])


reads(BatchAsMatrix)(lambda e, read: np.reshape(read.array(e.args[0]), read.shape(e)))


@reads(SumOverBatch)
def _(e: sympy.Basic, read: Reading) -> np.ndarray:
    (batch,) = e.args
    added = np.sum(read.array(batch), axis=tuple(range(len(batch.args[1]))))
    return np.reshape(added, read.shape(e))


reads(array.ArrayTensorProduct)(lambda e, read: reduce(np.multiply.outer, [read.array(a) for a in e.args]))


reads(array.ArrayAdd)(lambda e, read: sum(alike([read.array(a) for a in e.args], "an array sum")))
reads(array.ArrayContraction)(lambda e, read: with_axes(e.expr, e.contraction_indices, False, read))
reads(array.ArrayDiagonal)(lambda e, read: with_axes(e.expr, e.diagonal_indices, True, read))
reads(array.PermuteDims)(lambda e, read: np.transpose(read.array(e.expr), e.permutation.array_form))
reads(array.Reshape)(lambda e, read: np.reshape(read.array(e.expr), tuple(map(read.integer, e.args[1]))))
