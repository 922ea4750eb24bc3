"""What terms are at random points, exactly: residues modulo primes, or real numbers where a function has none."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from math import factorial
from typing import Any

import numpy as np
import sympy
from sympy.core.relational import Relational

from tests.terms import residues
from tests.terms.residues import ONE, REAL, TWO, UNDEFINED, ZERO, I, Number, exp, log, rational
from tests.terms.values import SIZES
from tracer.terms import record as T
from tracer.terms.facts import is_condition
from tracer.terms.selections import Places

Array = Any
"""An object array of numbers, or of truth values."""

DOMAINS: Mapping[Any, str] = {
    sympy.asin: "value of sin",
    sympy.acos: "value of cos",
    sympy.atan: "value of tan",
    sympy.asinh: "value of sinh",
    sympy.acosh: "value of cosh",
    sympy.atanh: "value of tanh",
    "cholesky": "positive_definite",
    "eigenvectors": "symmetric",
    "eigvalsh": "symmetric",
    "sqrtm": "square",
}
"""What a source is drawn as where a function is taken of it, so that the function is defined, and known."""

ODD = {sympy.erf}
"""Functions without a form in exponentials and logarithms; that they are odd is proved by their derivatives."""


def plain(e: sympy.Basic) -> sympy.Basic:
    """An expression with numbers for dimensions; those that :data:`SIZES` lacks are from two to four."""
    return e.xreplace({s: sympy.Integer(SIZES.get(s.name, 2 + len(s.name + s.name[0]) % 3)) for s in e.free_symbols})


def size(d: Any) -> int:
    return int(plain(sympy.sympify(d)))


def domain(term: T.Term) -> dict[T.Term, str]:
    """What sources have to be for a term to be defined."""
    found = {}
    for t in T.subterms(term):
        if isinstance(t, T.Call) and t.head in DOMAINS:
            sources = [u for u in T.subterms(t.args[0]) if isinstance(u, T.Source)]
            if len(sources) == 1:
                found[sources[0]] = DOMAINS[t.head]
    return found


@cache
def write_out(head: Any, count: int) -> tuple[tuple[sympy.Symbol, ...], sympy.Expr | None]:
    """What a function of so many symbols is written by, if it is, and the symbols."""
    slots = tuple(sympy.symbols(f"_:{count}", real=True))
    written = WRITTEN.get(head, getattr(head, "definition", None))
    return slots, None if written is None else written(*slots)


class World:
    """Values of sources, drawn by their names, shapes and what is declared of them.

    Parameters
    ----------
    seed : int
        Of the points.

    Attributes
    ----------
    roots : dict
        Positive square roots that are known, by the residues of their squares. Any other root that is no power of the
        generator is one of the two, so that it is not known that the root of a product is the product of roots.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.roots: dict[residues.Residues, Number] = {}
        self._sources: dict[object, Array] = {}
        self._undone: dict[object, Number] = {}
        self._spectra: list[tuple[Array, Array, Array]] = []
        self._squares: list[tuple[Array, Array]] = []

    def values(self, terms: Sequence[T.Term], kinds: Mapping[T.Term, str] | None = None) -> list[Array]:
        """The elements of some terms, given what some sources are beside what is declared of them."""
        memo: dict[T.Term, Array] = {}
        for t in itertools.chain.from_iterable(map(T.subterms, terms)):
            if t not in memo:
                value = self._source(t, kinds or {}) if isinstance(t, T.Source) else self._value(t, memo)
                memo[t] = value if isinstance(value, np.ndarray) else _build([], lambda value=value: value)
        return [memo[term] for term in terms]

    def _source(self, t: T.Source, kinds: Mapping[T.Term, str]) -> Array:
        known = t.assumptions | ({kinds[t]} if t in kinds else set())
        if (t, known) not in self._sources:
            self._sources[t, known] = self._draw(t, known)
        return self._sources[t, known]

    def _value(self, t: T.Term, memo: Mapping[T.Term, Array]) -> Array:
        if isinstance(t, T.Sum):
            rows = [memo[u] if c is T.ONE else _fill((), self.number(c)) * memo[u] for c, u in t.terms]
            return sum(rows[1:], start=rows[0])
        if isinstance(t, T.Product):
            return self._contract(t, memo)
        assert isinstance(t, T.Call)
        args = [memo[a] for a in t.args]
        if isinstance(t.head, str):
            return MATRIX[t.head](self, t, *args)
        found = np.empty([size(d) for d in t.shape], object)
        for place in np.ndindex(found.shape):
            found[place] = self.apply(t.head, [a[place] for a in args])
        return found

    # Sources.

    def _draw(self, t: T.Source, kinds: Set[str]) -> Array:
        rng = random.Random(f"{self.seed} {t.name} {t.shape} {sorted(kinds)}")
        shape = [size(d) for d in t.shape]
        if "bool" in kinds:
            return _build(shape, lambda: rng.random() < 0.5)
        if "square" in kinds:
            root = _build(shape, lambda: _signed(rng))
            root = matmul(root, root.T) if kinds & {"symmetric", "positive_definite"} else root
            self._squares.append((matmul(root, root), root))
            return self._squares[-1][0]
        if kinds & {"orthogonal", "symmetric"} and "positive_definite" not in kinds:
            q = self._rotation(rng, shape[0])
            if "orthogonal" in kinds:
                return q
            values = np.array(sorted((_signed(rng) for _ in range(shape[0])), key=lambda v: v.real))
            whole = matmul(q * values[None, :], q.T)
            self._spectra.append((whole, values, q))
            return whole
        if kinds & {"stochastic", "unit"}:
            draw = self._shares if "stochastic" in kinds else lambda rng, count: self._rotation(rng, count)[0]
            rows = [draw(rng, shape[-1]) for _ in range(int(np.prod(shape[:-1], dtype=int)))]
            return _build(shape, iter([v for r in rows for v in r]).__next__)
        if "positive_definite" in kinds:
            low = np.array([[_signed(rng) if i > j else ZERO for j in range(shape[0])] for i in range(shape[0])])
            low = low + _diagonal([_positive(rng) for _ in range(shape[0])])
            return matmul(low, low.T)
        of = [kind.removeprefix("value of ") for kind in kinds if kind.startswith("value of ")]
        if of:
            return _build(shape, lambda: self._draw_value(rng, of[0]))
        if "ties" in kinds:
            return _build(shape, lambda: rng.choice([-TIE, ZERO, TIE]))
        if "integer" in kinds:
            return _build(shape, lambda: rational(rng.randrange(-9, 10)))
        sign = 1 if "positive" in kinds else -1 if "negative" in kinds else 0
        return _build(shape, lambda: _positive(rng) if sign > 0 else -_positive(rng) if sign else _signed(rng))

    def _shares(self, rng: random.Random, n: int) -> Array:
        """Positive numbers that add up to one."""
        drawn = _build([n], lambda: _positive(rng))
        return drawn / drawn.sum()

    def _rotation(self, rng: random.Random, n: int) -> Array:
        """An orthogonal matrix, by Cayley: ``(I - K) (I + K)**-1`` with K skew."""
        k = np.array([[_signed(rng) if i < j else ZERO for j in range(n)] for i in range(n)])
        k = k - k.T
        one = _diagonal([ONE] * n)
        return matmul(one - k, inverse(one + k))

    def _draw_value(self, rng: random.Random, name: str) -> Number:
        """A value of a function at an argument of the principal range."""
        y = rational(rng.randrange(1, 10**6), 10**6)
        if name in ("sin", "tan", "sinh", "tanh") and rng.random() < 0.5:
            y = -y
        return self.apply(getattr(sympy, name), [y])

    # Numbers and functions of elements.

    def number(self, c: Any) -> Any:
        """A coefficient."""
        if c in (sympy.true, sympy.false):
            return bool(c)
        return self.evaluate(plain(sympy.sympify(c)), {})

    def evaluate(self, e: sympy.Basic, values: Mapping[sympy.Basic, Any]) -> Any:
        """An expression of sympy, given the values of its symbols."""
        if e in values:
            return values[e]
        if e in (sympy.true, sympy.false):
            return bool(e)
        if isinstance(e, sympy.Rational):
            return rational(int(e.p), int(e.q))
        if e in (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            return UNDEFINED
        if e is sympy.E:
            return exp(ONE)
        if e is sympy.pi:
            return Number(REAL.pi(), (residues.draw("pi", 0), *residues.UNKNOWN[1:]))  # as an exponent it is not free
        if isinstance(e, sympy.Piecewise):
            for value, condition in e.args:
                if self.evaluate(condition, values):
                    return self.evaluate(value, values)
            return UNDEFINED
        args = [self.evaluate(a, values) for a in e.args]
        if isinstance(e, sympy.Add):
            return sum(args, start=ZERO)
        if isinstance(e, sympy.Mul):
            found = ONE
            for a in args:
                found = found * a
            return found
        if isinstance(e, sympy.Pow) and isinstance(e.exp, sympy.Rational):
            return residues.power(args[0], e.exp, self.roots)
        return self.apply(e.func, args)

    def apply(self, head: Any, args: Sequence[Any]) -> Any:
        """A function of elements."""
        if head is sympy.Piecewise:
            *pairs, last = args if len(args) % 2 else [*args, UNDEFINED]
            return next((v for v, c in zip(pairs[::2], pairs[1::2]) if c), last)
        if head in LOGIC:
            return LOGIC[head](*args)
        if not all(a.is_defined() for a in args):
            return False if issubclass(head, Relational) else UNDEFINED
        if (head, args[0].at) in self._undone:
            return self._undone[head, args[0].at]
        found = self._apply(head, args)
        if head in DIRECT and found.is_exact():
            self._undone[DIRECT[head], found.at] = args[0]
        return found

    def _apply(self, head: Any, args: Sequence[Number]) -> Number:
        if head in BESIDE:
            root = absolute(ELEMENTS[BESIDE[head]](*args))
            self.roots[(root * root).at] = root
        if head in ELEMENTS:
            return ELEMENTS[head](*args)
        slots, written = write_out(head, len(args))
        if written is not None:
            return self.evaluate(written, dict(zip(slots, args)))
        if head.__name__ == "step":
            return ONE if args[0].is_positive() else ZERO
        return self._apply_unknown(head, args)

    def _apply_unknown(self, head: Any, args: Sequence[Number]) -> Number:
        """A function of which nothing is used but that equal arguments have equal values, and that it is odd."""
        sign = ONE
        if head in ODD and args[0].is_zero():
            return ZERO
        if head in ODD and not args[0].is_positive():
            args, sign = [-args[0]], -ONE
        real = REAL.convert(sympy.N(head(*(sympy.Float(str(a.real), residues.DIGITS) for a in args)), residues.DIGITS))
        name = head.__name__
        at = tuple(
            None if any(a.at[k] is None for a in args) else residues.draw(f"{name} {[a.at[k] for a in args]}", k)
            for k in residues.LEVELS
        )
        return sign * Number(real, at)

    def sqrt(self, x: Number) -> Number:
        return residues.power(x, sympy.S.Half, self.roots)

    # Products.

    def _contract(self, t: T.Product, memo: Mapping[T.Term, Array]) -> Array:
        sizes = [size(d) for d in t.sizes]
        scale = self.number(t.scale)
        out = tuple(dict.fromkeys(t.out))
        truths = [memo[u].dtype == bool or is_condition(u) for u, _, _ in t.factors]
        if isinstance(scale, bool) or (truths and all(truths)):
            found = np.broadcast_to(np.array(True), [sizes[k] for k in out])
            for u, labels, _ in t.factors:
                found = found & _align(memo[u], labels, out, sizes)
            return found & scale if isinstance(scale, bool) else found
        rows = [(self._raise(memo[u], e), labels) for u, labels, e in t.factors]
        order = (*out, *(k for k in range(len(sizes)) if k not in out))
        whole, here = np.broadcast_to(_fill((), scale), [1] * len(order)), set()
        for place, (array, labels) in enumerate(rows):
            aligned = _align(array, labels, order, sizes)
            whole = aligned if place == 0 and t.scale is T.ONE else whole * aligned
            here |= set(labels)
            later = {k for _, i in rows[place + 1 :] for k in i}
            for axis, k in enumerate(order):
                if k in here and k not in later and k not in out:
                    whole = whole.sum(axis, keepdims=True)
        shape = [sizes[k] if k in out else 1 for k in order]
        whole = np.broadcast_to(whole, shape).reshape([sizes[k] for k in out])
        never = [sizes[k] for k in order if k not in out and k not in here]
        if never:
            whole = whole * _fill((), rational(int(np.prod(never))))
        if len(out) == len(t.out):
            return whole
        spread = _fill([sizes[k] for k in t.out], ZERO)
        for place in np.ndindex(whole.shape):
            spread[tuple(place[out.index(k)] for k in t.out)] = whole[place]
        return spread

    def _raise(self, array: Array, exponent: sympy.Expr) -> Array:
        if exponent == 1:
            return array
        e = plain(sympy.sympify(exponent))
        found = np.empty(array.shape, object)
        for place in np.ndindex(array.shape):
            x = array[place]
            if not x.is_defined():
                found[place] = UNDEFINED
            elif isinstance(e, sympy.Rational):
                found[place] = residues.power(x, e, self.roots)
            else:
                found[place] = self.apply(sympy.Pow, [x, self.evaluate(e, {})])
        return found

    # Matrices.

    def eigen(self, a: Array) -> tuple[Array, Array]:
        """The eigenvalues and eigenvectors of a matrix that was drawn by them."""
        for whole, values, vectors in self._spectra:
            if _are_equal(whole, a):
                return values, vectors
        raise LookupError("eigenvalues are known of symmetric sources alone")

    def sqrtm(self, a: Array) -> Array:
        """The matrix whose square a matrix was drawn as."""
        for whole, root in self._squares:
            if _are_equal(whole, a):
                return root
        raise LookupError("square roots are known of sources alone")

    def cholesky(self, a: Array) -> Array:
        if not all(x.equals(y) for x, y in zip(a.flat, a.T.flat)):
            raise LookupError("the Cholesky factor is that of a symmetric matrix")
        n = len(a)
        low = _fill((n, n), ZERO)
        for i in range(n):
            for j in range(i + 1):
                rest = a[i, j] - sum((low[i, k] * low[j, k] for k in range(j)), start=ZERO)
                low[i, j] = self.sqrt(rest) if i == j else rest / low[j, j]
        return low


TIE = exp(rational(1, 2))
"""Sources that are declared to have ties are this, its negative, or zero."""


def _positive(rng: random.Random) -> Number:
    return exp(rational(rng.randrange(-(10**6), 10**6), 10**6))


def _signed(rng: random.Random) -> Number:
    x = _positive(rng)
    return x if rng.random() < 0.5 else -x


def _are_equal(a: Array, b: Array) -> bool:
    return a.shape == b.shape and all(x.equals(y) for x, y in zip(a.flat, b.flat))


def _fill(shape: Sequence[int], value: Any) -> Array:
    found = np.empty(tuple(shape), object)
    found[...] = value
    return found


def _build(shape: Sequence[int], one: Any) -> Array:
    values = [one() for _ in range(int(np.prod(shape, dtype=int)))]
    found = np.empty(len(values), bool if values and isinstance(values[0], bool) else object)
    found[:] = values
    return found.reshape(tuple(shape))


def _diagonal(values: Sequence[Number]) -> Array:
    found = _fill((len(values), len(values)), ZERO)
    for k, v in enumerate(values):
        found[k, k] = v
    return found


def _align(array: Array, labels: Sequence[int], order: Sequence[int], sizes: Sequence[int]) -> Array:
    """An array with its axes in an order of labels; a label that it has twice is its diagonal."""
    once = list(dict.fromkeys(labels))
    found = np.einsum(array, list(labels), once) if len(once) < len(labels) else array
    found = found.transpose([once.index(k) for k in order if k in once])
    return found.reshape([found.shape[[j for j in order if j in once].index(k)] if k in once else 1 for k in order])


def matmul(a: Array, b: Array) -> Array:
    return (a[:, :, None] * b[None, :, :]).sum(1)


def eliminate(a: Array, b: Array) -> tuple[Array, Number]:
    """``inverse(a) @ b`` and the determinant, by Gauss and Jordan."""
    a, b, n, det = a.copy(), b.copy(), len(a), ONE
    for k in range(n):
        pivot = max(range(k, n), key=lambda r: abs(a[r, k].real))
        if a[pivot, k].is_zero():
            return _fill(b.shape, UNDEFINED), ZERO
        if pivot != k:
            a[[k, pivot]], b[[k, pivot]], det = a[[pivot, k]], b[[pivot, k]], -det
        det = det * a[k, k]
        b[k], a[k] = b[k] / a[k, k], a[k] / a[k, k]
        for r in range(n):
            if r != k:
                b[r], a[r] = b[r] - a[r, k] * b[k], a[r] - a[r, k] * a[k]
    return b, det


def inverse(a: Array) -> Array:
    return eliminate(a, _diagonal([ONE] * len(a)))[0]


def det(a: Array) -> Number:
    return eliminate(a, _fill((len(a), 0), ZERO))[1]


def _each(f: Any, a: Array, shape: Sequence[int] = ()) -> Array:
    """A number of each matrix of an array, or an array of a shape."""
    found = np.empty((*a.shape[:-2], *shape), object)
    for at in np.ndindex(a.shape[:-2]):
        found[at] = f(a[at])
    return found


def absolute(x: Number) -> Number:
    return x if x.is_positive() or x.is_zero() else -x


def floored(x: Number) -> Number:
    """The greatest whole number that is no greater; a whole number may be known a little too small."""
    return rational(int(REAL.floor(x.real + REAL.mpf(10) ** (5 - residues.DIGITS))))


def sign(x: Number) -> Number:
    return ZERO if x.is_zero() else ONE if x.is_positive() else -ONE


def raised(x: Number, y: Number) -> Number:
    exponent = y.fraction()
    return exp(y * log(x)) if exponent is None else residues.power(x, sympy.Rational(*exponent))


def real(x: Number) -> Number:
    return Number(REAL.re(x.real), x.at)


def tan(x: Number) -> Number:
    return sin(x) / cos(x)


def sin(x: Number) -> Number:
    return real((exp(I * x) - exp(-(I * x))) / (TWO * I))


def cos(x: Number) -> Number:
    return real((exp(I * x) + exp(-(I * x))) / TWO)


ELEMENTS: Mapping[Any, Any] = {
    sympy.exp: exp,
    sympy.log: log,
    sympy.Abs: absolute,
    sympy.sign: sign,
    sympy.Pow: raised,
    sympy.floor: floored,
    sympy.ceiling: lambda x: -floored(-x),
    sympy.sin: sin,
    sympy.cos: cos,
    sympy.tan: tan,
    sympy.sinh: lambda x: (exp(x) - exp(-x)) / TWO,
    sympy.cosh: lambda x: (exp(x) + exp(-x)) / TWO,
    sympy.tanh: lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
    sympy.atan: lambda x: real(log((ONE + I * x) / (ONE - I * x)) / (TWO * I)),
    sympy.Max: lambda *args: max(args, key=lambda a: a.real),
    sympy.Min: lambda *args: min(args, key=lambda a: a.real),
    sympy.Gt: lambda a, b: (a - b).is_positive(),
    sympy.Lt: lambda a, b: (b - a).is_positive(),
    sympy.Ge: lambda a, b: not (b - a).is_positive(),
    sympy.Le: lambda a, b: not (a - b).is_positive(),
    sympy.Eq: lambda a, b: (a - b).is_zero(),
    sympy.Ne: lambda a, b: not (a - b).is_zero(),
}

DIRECT: Mapping[Any, Any] = {
    sympy.asin: sympy.sin,
    sympy.acos: sympy.cos,
    sympy.atan: sympy.tan,
    sympy.asinh: sympy.sinh,
    sympy.acosh: sympy.cosh,
    sympy.atanh: sympy.tanh,
}
"""Inverse functions, and those that undo them by definition."""

BESIDE = {sympy.sin: sympy.cos, sympy.cos: sympy.sin, sympy.sinh: sympy.cosh, sympy.cosh: sympy.sinh}
"""Functions, and the root of one less or more than their squares: ``sqrt(1 + sinh(x)**2)`` is ``cosh(x)``."""

WRITTEN: Mapping[Any, Any] = {
    sympy.asinh: lambda x: sympy.log(x + sympy.sqrt(x**2 + 1)),
    sympy.acosh: lambda x: sympy.log(x + sympy.sqrt(x**2 - 1)),
    sympy.atanh: lambda x: sympy.log((1 + x) / (1 - x)) / 2,
    sympy.asin: lambda x: 2 * sympy.atan(x / (1 + sympy.sqrt(1 - x**2))),
    sympy.acos: lambda x: 2 * sympy.atan(sympy.sqrt(1 - x**2) / (1 + x)),
    sympy.erfc: lambda x: 1 - sympy.erf(x),
}
"""Inverse functions by logarithms, and half angles (DLMF 4.23, 4.24, 4.37)."""

LOGIC: Mapping[Any, Any] = {
    sympy.And: lambda *args: all(args),
    sympy.Or: lambda *args: any(args),
    sympy.Not: lambda a: not a,
}


def _softmax(w: World, t: T.Call, a: Array) -> Array:
    e = _map(exp, a)
    return e / e.sum(tuple(range(a.ndim - (t.params or 1), a.ndim)), keepdims=True)


def _logsumexp(w: World, t: T.Call, a: Array) -> Array:
    return _map(log, _map(exp, a).reshape(*a.shape[: a.ndim - t.params], -1).sum(-1))


def _map(f: Any, a: Array) -> Array:
    found = np.empty(np.shape(a), object)
    for place in np.ndindex(found.shape):
        found[place] = f(np.asarray(a, object)[place])
    return found


def _pinv(w: World, t: T.Call, a: Array) -> Array:
    wide = a.shape[0] < a.shape[1]
    return matmul(a.T, inverse(matmul(a, a.T))) if wide else matmul(inverse(matmul(a.T, a)), a.T)


def _cross(w: World, t: T.Call, a: Array, b: Array) -> Array:
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def _band(w: World, t: T.Call, a: Array) -> Array:
    lower, upper = t.params
    found = a.copy()
    for *front, i, j in np.ndindex(a.shape):
        if not ((lower < 0 or i - j <= lower) and (upper < 0 or j - i <= upper)):
            found[(*front, i, j)] = ZERO
    return found


def _mark_greatest(w: World, t: T.Call, a: Array) -> Array:
    """One at the first greatest element of each block."""
    found = _fill(a.shape, ZERO)
    for block in np.ndindex(*(d // count for d, count in zip(a.shape, t.params))):
        at = [range(k * count, (k + 1) * count) for k, count in zip(block, t.params)]
        places = list(itertools.product(*at))
        found[max(places, key=lambda place: a[place].real)] = ONE
    return found


def _selection(w: World, t: T.Call) -> Array:
    start, length, step, whole = (size(p) for p in t.params)
    found = _fill((length, whole), ZERO)
    for k in range(length):
        found[k, start + step * k] = ONE
    return found


def _one_hot(w: World, t: T.Call, a: Array) -> Array:
    """One at the place that an integer names; where all name one, they are counted from the start again."""
    length, within = size(t.params[0]), t.params[1]
    found = _fill((*a.shape, length), ZERO)
    for place in np.ndindex(a.shape):
        named = a[place].real
        if within or (named == int(named) and 0 <= named < length):
            found[(*place, int(named) % length)] = ONE
    return found


def _window(w: World, t: T.Call) -> Array:
    offset, *steps = (size(p) for p in t.params)
    found = _fill([size(d) for d in t.shape], ZERO)
    for at in np.ndindex(found.shape):
        if offset + sum(s * k for s, k in zip(steps, at)) == 0:
            found[at] = ONE
    return found


def _part(w: World, t: T.Call, a: Array) -> Array:
    for axis in reversed(range(len(t.params))):
        p = t.params[axis]
        places = [size(p.start) + p.step * k for k in range(size(p.length))] if isinstance(p, Places) else size(p)
        a = np.take(a, places, axis)
    return a


SUMMANDS = 6
"""How many summands of the series of a matrix exponential are computed: an identity is that of each summand."""


def _expm(w: World, t: T.Call, a: Array) -> Array:
    return sum((b / _fill((), rational(factorial(k))) for k, b in enumerate(_powers(a))), start=_fill((), ZERO))


def _expm_frechet(w: World, t: T.Call, a: Array, e: Array) -> Array:
    p = _powers(a)
    total = _fill(a.shape, ZERO)
    for k in range(1, SUMMANDS):
        for j in range(k):
            total = total + matmul(matmul(p[j], e), p[k - 1 - j]) / _fill((), rational(factorial(k)))
    return total


def _powers(a: Array) -> list[Array]:
    found = [_diagonal([ONE] * len(a))]
    while len(found) < SUMMANDS:
        found.append(matmul(found[-1], a))
    return found


def _prod(w: World, t: T.Call, a: Array) -> Array:
    """The products over the last axes."""
    return np.asarray(np.multiply.reduce(a, tuple(range(a.ndim - t.params, a.ndim)), initial=ONE))


def _cumprod(w: World, t: T.Call, a: Array) -> Array:
    """The running products along the last axis."""
    exclusive, backwards = t.params
    a = a[..., ::-1] if backwards else a
    if exclusive:
        a = np.concatenate([_fill((*a.shape[:-1], 1), ONE), a[..., :-1]], -1)
    found = np.multiply.accumulate(a, -1)
    return found[..., ::-1] if backwards else found


def _recurrence(w: World, t: T.Call, a: Array, b: Array) -> Array:
    """``y[i] = a[i]*y[i-1] + b[i]`` along the last axis, or from its end."""
    order = range(a.shape[-1])
    found, total = np.empty(a.shape, object), _fill(a.shape[:-1], ZERO)
    for i in reversed(order) if t.params else order:
        total = found[..., i] = a[..., i] * total + b[..., i]
    return found


MATRIX: Mapping[str, Any] = {
    "inverse": lambda w, t, a: _each(inverse, a, a.shape[-2:]),
    "det": lambda w, t, a: _each(det, a),
    "logdet": lambda w, t, a: _each(lambda b: log(absolute(det(b))), a),
    "cholesky": lambda w, t, a: w.cholesky(a),
    "eigvalsh": lambda w, t, a: w.eigen(a)[0],
    "eigenvectors": lambda w, t, a: w.eigen(a)[1],
    "sqrtm": lambda w, t, a: w.sqrtm(a),
    "expm": _expm,
    "expm_frechet": _expm_frechet,
    "pinv": _pinv,
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "reduce_prod": _prod,
    "cumprod": _cumprod,
    "recurrence": _recurrence,
    "cross": _cross,
    "band_part": _band,
    "firstmax": _mark_greatest,
    "one_hot": _one_hot,
    "part": _part,
    "roll": lambda w, t, a: np.roll(a, size(t.params[0]), t.params[1]),
    "selection": _selection,
    "window": _window,
}

WORLDS, MOST = 3, 12
"""How many points are looked at, and where a root that is taken is none modulo some prime."""

BITS = 60
"""How many bits of residues two numbers have to agree in, at all points together."""

Place = tuple[int, ...]


@cache
def worlds() -> tuple[World, ...]:
    """The points at which terms are compared."""
    return tuple(World(seed) for seed in range(MOST))


TO_DIGITS = {
    "1 + erf(x/sqrt(2)) -> 2*Phi(x)",
    "erfc(x/sqrt(2)) -> 2*Phi(-x)",
    "2*Phi(x) - 1 -> erf(sqrt(2)/2*x)",
    "exp(-x**2/2)/sqrt(2*pi) -> phi(x)",
    "exp(-x**2/2)/sqrt(2*pi) + y -> phi(x) + y",
    "phi(x)*exp(x**2/2) -> 1/sqrt(2*pi)",
    "phi(x)*y + phi(z) -> phi(x)*(y + exp((x**2 - z**2)/2))",
    "phi(-x) -> phi(x)",
    "1 - Phi(x) -> Phi(-x)",
    "Phi(x) - (Phi(x)**2) -> Phi(x)*Phi(-x)",
    "cos(x + pi*k) -> (-1)**k*cos(x)",
    "Pow(2, x) -> exp(log(2)*x)",
}
"""Rules with numbers that there are not modulo the primes, so that they are compared to 40 digits: the root of two,
half a turn, by which the sign of an exponential changes, and any power of a number."""


def is_proof(how: str, rule: str) -> bool:
    """Whether a way in which terms are found to be equal is what is asked of a rule."""
    return how == "modulo primes" or rule in TO_DIGITS


class Wrong(AssertionError):
    """Two terms that are not equal."""


class Undefined(Wrong):
    """A term that has no value at any of the points."""


def prove_equal(left: T.Term, right: T.Term) -> str:
    """How two terms are found to be equal: ``modulo primes``, or to 40 digits, which is no proof.

    Where the first is undefined, the second may be anything.

    Raises
    ------
    Wrong
        If they are not equal; :class:`Undefined` if the first is undefined everywhere.
    """
    assert left.shape == right.shape, (left, right)
    kinds = domain(left)
    proved: dict[Place, int] = {}
    for world in worlds():
        for place, a, b in _elements(*world.values([left, right], kinds)):
            truth = isinstance(a, (bool, np.bool_))
            if not truth and not a.is_defined():
                continue
            if not (a == b if truth else a.equals(b)):
                raise Wrong(f"at {place}: {left} is {a}, {right} is {b}")
            proved[place] = proved.get(place, 0) + (BITS if truth else a.bits_shared(b))
        if proved and world.seed + 1 >= WORLDS and all(bits >= BITS for bits in proved.values()):
            break
    if not proved:
        raise Undefined(f"{left} is undefined at all points")
    return "modulo primes" if all(bits >= BITS for bits in proved.values()) else "to 40 digits"


def _elements(a: Array, b: Array) -> Iterator[tuple[Place, Any, Any]]:
    a, b = np.broadcast_arrays(np.asarray(a, None), np.asarray(b, None))
    return ((place, a[place], b[place]) for place in itertools.product(*map(range, a.shape)))
