"""Tensor terms: what a formula says, before it is put into a notation.

A term is one of four: a source, a product, a sum, or a named function of terms. Products are contractions over
labels, so that a transpose, a trace, a broadcast or a diagonal is no term of its own and cannot be mistaken. The
constructors keep a normal form: equal terms are the same object, whatever the order or the spelling they were built in.
"""

from __future__ import annotations

import itertools
import math
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any

import sympy
from sympy.logic.boolalg import BooleanAtom

from tracer.formulas.budget import reading, spend, under_way
from tracer.formulas.errors import TooLong
from tracer.shapes import Dim, Shape, show

Labels = tuple[int, ...]
Factor = tuple["Term", Labels, sympy.Expr]
"""A term, the label of each of its axes, and the (elementwise) power it is raised to."""

ONE, ZERO, MINUS = sympy.S.One, sympy.S.Zero, sympy.S.NegativeOne

_terms: weakref.WeakValueDictionary[bytes, Term] = weakref.WeakValueDictionary()
_entering = Lock()
"""Two threads that make one term at a time would make it twice."""


class Term:
    """A tensor-valued expression; equal ones are identical.

    Attributes
    ----------
    shape : tuple
        Dimensions, ints or sympy expressions in positive integer symbols.
    key : bytes
        A digest of the structure: the canonical order of terms.
    weight : int
        How many operations writing it takes, roughly.
    depth : int
        How deep it is nested.
    turned : int
        How many transposes it needs in matrix notation, roughly.
    """

    __slots__ = ("__weakref__", "depth", "key", "shape", "turned", "weight")

    shape: Shape
    key: bytes
    weight: int
    depth: int
    turned: int

    @property
    def order(self) -> tuple[int, int, bytes]:
        """Short terms first, those with fewer transposes before others, then by structure."""
        return self.weight, self.turned, self.key

    @property
    def symmetric(self) -> bool:
        """Whether the term is a matrix that equals its transpose, by its structure or by declaration."""
        return len(self.shape) == 2 and self.shape[0] == self.shape[1] and transposed(self) is self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of shape {show(self.shape)}, {self.weight} operations>"


class Source(Term):
    """A named tensor."""

    __slots__ = ("assumptions", "name")

    name: str
    assumptions: frozenset[str]


class Product(Term):
    """``scale`` times powers of factors, summed over the labels that ``out`` lacks.

    A label that only ``out`` has is a broadcast, one that ``out`` repeats puts the values on a diagonal.
    """

    __slots__ = ("factors", "out", "scale", "sizes")

    scale: sympy.Expr
    factors: tuple[Factor, ...]
    out: Labels
    sizes: tuple[Dim, ...]


class Sum(Term):
    """A sum of terms of one shape, with numbers for coefficients that have no common divisor."""

    __slots__ = ("terms",)

    terms: tuple[tuple[sympy.Expr, Term], ...]


class Call(Term):
    """A named function of terms.

    The head is a sympy function or class for an elementwise one, applied to arguments of the shape of the result; a
    name for every other.
    """

    __slots__ = ("args", "head", "params")

    head: Any
    args: tuple[Term, ...]
    params: Any

    @property
    def elementwise(self) -> bool:
        return not isinstance(self.head, str)


def text(value: Any) -> str:
    """The text of a dimension or number.

    Raises
    ------
    TooLong
        If it is too long to read, or beyond floats.
    """
    if isinstance(value, sympy.Symbol):
        return str(value.name)
    if not isinstance(value, sympy.Rational):
        return _printed(value)
    if max(value.p.bit_length(), value.q.bit_length()) > BITS:
        raise _unwritable(f"a number of more than {BITS} bits")
    return str(value.p) if value.q == 1 else f"{value.p}/{value.q}"


@lru_cache(maxsize=128)
def _printed(value: Any) -> str:
    """sympy's printer is slow, so that it is asked once."""
    if isinstance(value, sympy.Basic):
        if sum(1 for _, _ in zip(sympy.preorder_traversal(value), range(PARTS))) == PARTS:
            raise _unwritable(f"a coefficient of more than {PARTS} parts")
        if value.is_number and _beyond_floats(value):
            raise _unwritable("a number that is beyond floats")
    return str(value)


BITS, PARTS = 2048, 200
"""How long the numerator and the denominator of a number may be, and how many parts an expression in dimensions has."""

LARGEST = sympy.Float("1e330")


def _unwritable(what: str) -> TooLong:
    return TooLong(
        f'the closed form holds {what}; the form "steps" has no limit: tracer.formula(tensor, form="steps")'
    )


def _beyond_floats(value: Any) -> bool:
    """Whether a number is finite and larger than floats are: towers of exponentials can't even be compared."""
    approximate = value.evalf(5)
    return bool(approximate.is_Float and approximate.is_finite and abs(approximate) > LARGEST)


def _power_of_number(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """A power of a number, if it can be written."""
    if isinstance(base, sympy.Rational) and abs(base) != 1 and exponent.is_Rational:
        bits = max(base.p.bit_length(), base.q.bit_length()) * abs(exponent)
        if bits > 2 * BITS:
            raise _unwritable(f"a number of more than {BITS} bits")
    return base**exponent


def _interned(cls: type[Term], shape: Shape, content: str, *parents: Term, **fields: Any) -> Any:
    prefix = f"{cls.__name__}|{','.join(map(text, shape))}|{content}|".encode()
    key = blake2b(prefix + b"".join(p.key for p in parents), digest_size=16).digest()
    term = _terms.get(key)
    if term is None:
        term = cls.__new__(cls)
        term.shape, term.key = shape, key
        for name, value in fields.items():
            setattr(term, name, value)
        term.weight = _weight(term)
        term.turned = _turned(term)
        term.depth = 1 + max((p.depth for p in parents), default=0)
        with _entering:
            term = _terms.setdefault(key, term)
    return term


def _weight(term: Term) -> int:
    if isinstance(term, Source):
        return 0
    if isinstance(term, Call):
        return 1 + sum(a.weight for a in term.args)
    if isinstance(term, Sum):
        return len(term.terms) - 1 + sum(t.weight + int(abs(c) != 1) for c, t in term.terms)
    assert isinstance(term, Product)
    inner = sum(t.weight + int(e != 1) for t, _, e in term.factors)
    swapped = len(term.factors) == 1 and term.factors[0][1] != term.out
    return inner + max(len(term.factors) - 1, 0) + int(not _is_sign(term.scale)) + swapped


def _is_sign(scale: Any) -> bool:
    """Whether a number, or a truth value, in front of a product is not counted as an operation."""
    return isinstance(scale, BooleanAtom) or abs(scale) == 1


def _turned(term: Term) -> int:
    if isinstance(term, Sum):
        return sum(t.turned for _, t in term.terms)
    if isinstance(term, Call):
        return sum(t.turned for t in term.args)
    if not isinstance(term, Product) or len(term.out) != 2:
        return 0
    first, second = term.out
    places = [(k, p, len(i)) for _, i, _ in term.factors for p, k in enumerate(i)]
    return sum(
        (rank == 2 and ((k == first and p == 1) or (k == second and p == 0))) or (rank == 1 and k == second)
        for k, p, rank in places
    )


def source(name: str, shape: Shape, assumptions: Iterable[str] = ()) -> Source:
    """A named tensor, with what was declared of it."""
    known = frozenset(assumptions)
    if known & {"diagonal", "positive_definite"}:
        known |= {"symmetric"}
    term: Source = _interned(Source, shape, f"{name}|{','.join(sorted(known))}", name=name, assumptions=known)
    return term


def exact(value: Any) -> sympy.Expr:
    """A number as it is spelled: the float 0.1 is one tenth."""
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return sympy.sympify(value)
        return sympy.Rational(repr(value)) if abs(value) < 1e300 else sympy.Float(value)
    value = sympy.sympify(value)
    floats = value.atoms(sympy.Float) if not value.is_Integer else ()
    return value.xreplace({f: sympy.Rational(str(f)) for f in floats}) if floats else value


def number(value: Any, shape: Shape = ()) -> Product:
    """A tensor all of whose elements are one number."""
    return _product_record(exact(value), (), tuple(range(len(shape))), shape)


def broadcast(term: Term, axes: Sequence[int], shape: Shape) -> Term:
    """The term repeated to a shape, its axes being the given axes of the result."""
    out = tuple(range(len(shape)))
    return product(ONE, [(term, tuple(axes), ONE)], out, dict(enumerate(shape)))


def transposed(term: Term) -> Term:
    """The transpose of a matrix."""
    now = under_way()
    if now is None:
        with reading():
            return transposed(term)
    found: Term | None = now.transposes.get(term)
    if found is None:
        if isinstance(term, Source) or (isinstance(term, Call) and not term.elementwise):
            own = "symmetric" in term.assumptions if isinstance(term, Source) else _of_symmetric(term)
            found = term if own else _product_record(ONE, ((term, (1, 0), ONE),), (0, 1), term.shape[::-1])
        else:
            # A sign that comes out in front asks for this transpose again.
            now.transposes[term] = _product_record(ONE, ((term, (1, 0), ONE),), (0, 1), term.shape[::-1])
            found = permuted(term, (1, 0))
        now.transposes[term] = found
    return found


matrix_functions = {"inverse"}
"""Names of functions of a matrix that commute with the transpose."""


def _of_symmetric(term: Call) -> bool:
    """Whether a term is such a function of a symmetric matrix."""
    return term.head in matrix_functions and term.args[0].symmetric


def permuted(term: Term, axes: Sequence[int]) -> Term:
    """The term with its axes in another order: axis k of the result is axis ``axes[k]`` of the term."""
    if tuple(axes) == tuple(range(len(axes))):
        return term
    if isinstance(term, Sum):
        return add([(c, permuted(t, axes)) for c, t in term.terms])
    if isinstance(term, Call) and term.elementwise:
        return call(term.head, [permuted(a, axes) for a in term.args])
    return product(ONE, [(term, tuple(range(len(axes))), ONE)], tuple(axes))


def operands(term: Term) -> tuple[Term, ...]:
    """The arguments of a function."""
    assert isinstance(term, Call)
    return term.args


def is_zero(term: Term) -> bool:
    return isinstance(term, Product) and term.scale == 0


def constant_value(term: Term) -> sympy.Expr | None:
    """The number that all elements are, if the term is one."""
    if isinstance(term, Product) and not term.factors and len(set(term.out)) == len(term.out):
        return term.scale
    return None


def split_scale(term: Term) -> tuple[sympy.Expr, Term]:
    """The number in front of a term, and the term without it."""
    if isinstance(term, Product) and term.scale != 1 and term.scale != 0:
        bare = _bare(term.factors, term.out, term.sizes)
        if bare is not None:
            return term.scale, bare
        return term.scale, _product_record(ONE, term.factors, term.out, term.sizes)
    return ONE, term


def factors_of(term: Term) -> tuple[sympy.Expr, tuple[Factor, ...], Labels, tuple[Dim, ...]]:
    """Any term as a product: scale, factors, output labels and their sizes."""
    if isinstance(term, Product):
        return term.scale, term.factors, term.out, term.sizes
    rank = len(term.shape)
    out = tuple(range(rank))
    units = [k for k in out if term.shape[k] == 1]
    labels = tuple(rank + units.index(k) if k in units else k for k in out)
    return ONE, ((term, labels, ONE),), out, term.shape + (1,) * len(units)


# Positivity: what licenses sqrt(x**2) = x.

POSITIVE_HEADS = (sympy.exp, sympy.cosh)
NONNEGATIVE_HEADS = (sympy.Abs,)
positive_names: set[Any] = {"softmax"}


def nonnegative(term: Term) -> bool:
    """Whether all elements are known to be zero or more."""
    if isinstance(term, Source):
        return "positive" in term.assumptions
    if isinstance(term, Call):
        return term.head in POSITIVE_HEADS + NONNEGATIVE_HEADS or term.head in positive_names
    if isinstance(term, Sum):
        return all(c.is_nonnegative and nonnegative(t) for c, t in term.terms)
    assert isinstance(term, Product)
    if not term.scale.is_nonnegative:
        return False
    if all(nonnegative(t) or e.is_even or not e.is_integer for t, _, e in term.factors):
        return True
    return is_square_norm(term)


def is_square_norm(term: Term) -> bool:
    """Whether the term is the sum of the squares of one factor."""
    if not isinstance(term, Product) or len(term.factors) != 2 or not term.scale.is_nonnegative:
        return False
    (a, i, e), (b, j, f) = term.factors
    return a is b and i == j and e == f == 1


def positive(term: Term) -> bool:
    """Whether all elements are known to be more than zero."""
    if isinstance(term, Source):
        return "positive" in term.assumptions
    if isinstance(term, Call):
        return term.head in POSITIVE_HEADS or term.head in positive_names
    if isinstance(term, Sum):
        return all(c.is_nonnegative and nonnegative(t) for c, t in term.terms) and any(
            c.is_positive and positive(t) for c, t in term.terms
        )
    assert isinstance(term, Product)
    return bool(term.scale.is_positive and all(positive(t) for t, _, e in term.factors))


# Products.

factor_rules: list[Callable[[_Factors], bool]] = []
"""Rewrites of a product's factors, tried until none applies; each makes the product shorter."""

call_rules: dict[Any, list[Callable[[Any, tuple[Term, ...], Any], Term | None]]] = {}
sum_rules: list[Callable[[dict[Term, sympy.Expr]], bool]] = []


class _Factors:
    """A product while it is being normalised."""

    __slots__ = ("counter", "factors", "out", "parent", "scale", "sizes")

    def __init__(self, scale: sympy.Expr, out: Labels, sizes: dict[int, Dim]) -> None:
        self.scale = scale
        self.out = out
        self.sizes = sizes
        self.factors: list[Factor] = []
        self.parent: dict[int, int] = {}
        self.counter = itertools.count(1 + max(sizes, default=-1))

    def fresh(self, size: Dim) -> int:
        label = next(self.counter)
        self.sizes[label] = size
        return label

    def find(self, label: int) -> int:
        while label in self.parent:
            label = self.parent[label]
        return label

    def unite(self, a: int, b: int) -> None:
        """Make two labels one: the value is zero where they differ."""
        a, b = sorted((self.find(a), self.find(b)))
        if a != b:
            self.parent[b] = a

    def absorb(self, gone: int, into: int) -> None:
        """A summed label that no factor has any more, because its sum was taken: it is not counted with its size."""
        gone, into = self.find(gone), self.find(into)
        if gone != into:
            self.parent[gone] = into

    def settle(self) -> None:
        """Write out what was united."""
        if self.parent:
            self.factors = [(t, tuple(map(self.find, i)), e) for t, i, e in self.factors]
            self.out = tuple(map(self.find, self.out))

    def summed(self) -> set[int]:
        """The labels that are summed over."""
        return {k for _, i, _ in self.factors for k in i}.difference(self.out)

    def degree(self) -> Counter[int]:
        """How many times each label stands at a factor."""
        return Counter(k for _, i, _ in self.factors for k in i)

    def pull(self, term: Term, labels: Labels, power: sympy.Expr) -> None:
        """Multiply by a power of a term, taken apart as far as that is not expanding."""
        todo = [(term, labels, power)]
        while todo:
            term, labels, power = todo.pop()
            if power == 0:
                continue
            if not isinstance(term, Product):
                self._pull_atom(term, labels, power)
            elif power == 1:
                names: dict[int, int] = {}
                for inner, outer in zip(term.out, labels):
                    if inner in names:
                        self.unite(names[inner], outer)
                    else:
                        names[inner] = outer
                for k, size in enumerate(term.sizes):
                    if k not in names:
                        names[k] = self.fresh(size)
                # A condition that always holds, or never, stands alone: it is repeated, not multiplied.
                self.scale = term.scale if isinstance(term.scale, BooleanAtom) else self.scale * term.scale
                todo += [(t, tuple(names[k] for k in i), e) for t, i, e in reversed(term.factors)]
            else:
                todo += self._power_of_product(term, labels, power)

    def _pull_atom(self, term: Term, labels: Labels, power: sympy.Expr) -> None:
        if isinstance(term, Call) and term.head is sympy.exp and power != 1:
            term, power = call(sympy.exp, [scaled(power, term.args[0])]), ONE
            if not isinstance(term, Call):
                self.pull(term, labels, ONE)
                return
        if isinstance(term, Call) and term.head is sympy.Abs and power.is_even:
            self.pull(term.args[0], labels, power)
            return
        if len(term.shape) == 2 and (isinstance(term, Sum) or (isinstance(term, Call) and term.elementwise)):
            other = transposed(term)
            if other.order < term.order and not isinstance(other, Product):
                term, labels = other, labels[::-1]
        if len(labels) == 2 and term.symmetric and labels[0] > labels[1]:
            labels = labels[::-1]
        self.factors.append((term, labels, power))

    def _power_of_product(self, term: Product, labels: Labels, power: sympy.Expr) -> list[Factor]:
        if term.scale == 0:
            if power.is_positive:
                self.scale = ZERO
            else:
                self.scale *= sympy.zoo
            return []
        if len(set(term.out)) < len(term.out):
            if not (power.is_integer and power.is_positive):
                raise ValueError(
                    "a power of a diagonal matrix, element by element, has no closed form off the diagonal; "
                    'the forms "components" and "steps" are available'
                )
            for k, outer in zip(term.out, labels):
                self.unite(labels[term.out.index(k)], outer)
        names = dict(zip(term.out, labels))
        blocks = _blocks(term.factors, set(range(len(term.sizes))) - set(term.out))
        parts: list[Factor] = []
        for block in blocks:
            if len(block) == 1 and set(block[0][1]) <= names.keys():
                parts.append(block[0])
            else:
                open_ = sorted({k for _, i, _ in block for k in i if k in names})
                inner = product(ONE, block, tuple(open_), dict(enumerate(term.sizes)))
                parts.append((inner, tuple(open_), ONE))
        todo: list[Factor] = []
        kept: list[Factor] = []
        if power.is_integer:
            self.scale *= _power_of_number(term.scale, power)
            todo = [(t, i, e * power) for t, i, e in parts]
            sign = ONE
        else:
            size = sympy.Abs(term.scale)
            self.scale *= _power_of_number(size, power)
            sign = term.scale / size
            for t, i, e in parts:
                if nonnegative(t) or not e.is_integer:
                    todo.append((t, i, e * power))
                elif e.is_even:
                    todo.append((call(sympy.Abs, [t]), i, e * power))
                else:
                    kept.append((t, i, e))
            if sign == 1 and len(kept) == 1 and kept[0][2] == 1:
                todo.append((kept[0][0], kept[0][1], power))
                kept = []
        result = []
        for t, i, e in todo:
            where = tuple(names[k] for k in i)
            if isinstance(t, Product) and e != 1:
                self.factors.append((t, where, e))
            else:
                result.append((t, where, e))
        if kept or sign != 1:
            open_ = sorted({k for _, i, _ in kept for k in i})
            base = product(sign, kept, tuple(open_), dict(enumerate(term.sizes)))
            self.factors.append((base, tuple(names[k] for k in open_), power))
        return result

    def merge(self) -> None:
        """Collect equal factors as powers."""
        powers: dict[tuple[bytes, Labels], Factor] = {}
        for t, i, e in self.factors:
            if len(i) == 2 and i[0] > i[1] and t.symmetric:
                i = i[::-1]
            found = powers.get((t.key, i))
            powers[t.key, i] = (t, i, found[2] + e if found else e)
        again = [f for f in powers.values() if isinstance(f[0], Product) and (f[2].is_integer and f[2] == 1)]
        self.factors = [f for f in powers.values() if f[2] != 0 and f not in again]
        for f in again:
            self.pull(*f)
        if again:
            self.settle()

    def exponentials(self) -> None:
        """``exp(a)*exp(b)`` is ``exp(a + b)``."""
        groups: dict[Labels, list[Factor]] = {}
        for f in self.factors:
            if isinstance(f[0], Call) and f[0].head is sympy.exp:
                groups.setdefault(f[1], []).append(f)
        for labels, group in groups.items():
            if len(group) > 1:
                self.factors = [f for f in self.factors if f not in group]
                total = add([(e, t.args[0]) for t, _, e in group])  # type: ignore[attr-defined]
                self.pull(call(sympy.exp, [total]), labels, ONE)


def _blocks(factors: Iterable[Factor], through: set[int]) -> list[list[Factor]]:
    """Factors grouped by connection through the given labels, in order of first appearance."""
    owner: dict[int, int] = {}
    groups: dict[int, list[Factor]] = {}
    for n, factor in enumerate(factors):
        groups[n] = [factor]
        for k in factor[1]:
            if k in through:
                m = owner.get(k)
                if m is not None and m != n:
                    old = groups.pop(m)
                    groups[n] = old + groups[n]
                    for key, value in owner.items():
                        if value == m:
                            owner[key] = n
                owner[k] = n
    return list(groups.values())


def product(scale: Any, factors: Iterable[Factor], out: Labels, sizes: dict[int, Dim] | None = None) -> Term:
    """The contraction of factors, in normal form.

    Parameters
    ----------
    scale : number or sympy expression in dimensions
    factors : iterable of (term, labels, power)
    out : tuple of int
        The labels of the result; what it lacks is summed over.
    sizes : dict, optional
        Sizes of labels that no factor has.
    """
    factors = list(factors)
    known: dict[int, Dim] = dict(sizes or {})
    for term, labels, _ in factors:
        for k, d in zip(labels, term.shape):
            if known.get(k, 1) == 1:
                known[k] = d
    state = _Factors(exact(scale), tuple(out), known)
    if scale == 0:
        return number(0, tuple(known[k] for k in out))
    shape = tuple(known[k] for k in out)
    given = {k for _, i, _ in factors for k in i}
    for factor in factors:
        state.pull(*factor)
    state.settle()
    _simplify(state, given)
    if state.scale == 0:
        return number(0, shape)
    return _build(state, shape)


def _simplify(state: _Factors, given: set[int]) -> None:
    """Fold what can be folded, until nothing changes."""
    everything = given | {k for _, i, _ in state.factors for k in i}
    now = under_way()
    rules = factor_rules if now is None or not now.rules else [*now.rules, *factor_rules]
    for _ in range(100):
        state.exponentials()
        state.merge()
        _separate_units(state)
        n = len(state.factors)
        spend(10 + 2 * n + n * n // 8)
        if state.scale == 0 or not any(rule(state) for rule in rules):
            break
        state.settle()
    everything |= {k for _, i, _ in state.factors for k in i}
    left = {k for _, i, _ in state.factors for k in i} | set(state.out)
    for k in sorted({state.find(k) for k in everything} - left):
        state.scale *= state.sizes[k]


def _separate_units(state: _Factors) -> None:
    """A label of size one says nothing: each axis that bears it gets its own, summed over."""
    degree = state.degree()
    thin = {k for k in degree if state.sizes[k] == 1}
    units = {k for k in thin if degree[k] > 1 or k in state.out}
    if units:
        state.factors = [(t, tuple(state.fresh(1) if k in units else k for k in i), e) for t, i, e in state.factors]
    if len(set(state.out)) < len(state.out):
        state.out = tuple(
            state.fresh(1) if state.sizes[k] == 1 and k in state.out[:p] else k for p, k in enumerate(state.out)
        )


def _build(state: _Factors, shape: Shape) -> Term:
    _wrap_scalars(state)
    _wrap_repeats(state)
    factors, out, sizes = _canonical(state)
    bare = _bare(factors, out, sizes)
    if bare is not None:
        if state.scale == 1:
            return bare
        if isinstance(bare, Product):
            return scaled(state.scale, bare)
        _, factors, out, sizes = factors_of(bare)
    return _product_record(state.scale, factors, out, sizes)


def _bare(factors: tuple[Factor, ...], out: Labels, sizes: Sequence[Dim]) -> Term | None:
    """The term that a product of one factor is, if the product says nothing, or a transpose that goes inside."""
    if len(factors) != 1 or len(set(out)) < len(out):
        return None
    term, labels, power = factors[0]
    labels = _attached(labels, out, sizes)
    if power != 1 or sorted(labels) != sorted(out):
        return None
    if labels == out:
        return term
    if isinstance(term, Sum) or (isinstance(term, Call) and term.elementwise):
        return permuted(term, tuple(labels.index(k) for k in out))
    return None


def _attached(labels: Labels, out: Labels, sizes: Sequence[Dim]) -> Labels:
    """The labels of a single factor, its axes of size one given to those of the result in order."""
    free = [k for k in out if sizes[k] == 1 and k not in labels]
    thin = [k for k in labels if k not in out and sizes[k] == 1]
    names = dict(zip(thin, free)) if len(thin) == len(free) else {}
    return tuple(names.get(k, k) for k in labels)


def _product_record(scale: sympy.Expr, factors: tuple[Factor, ...], out: Labels, sizes: Sequence[Dim]) -> Product:
    content = f"{text(scale)}|{out}|{[text(s) for s in sizes]}|{[(i, text(e)) for _, i, e in factors]}"
    shape = tuple(sizes[k] for k in out)
    parents = [t for t, _, _ in factors]
    made: Product = _interned(
        Product, shape, content, *parents, scale=scale, factors=factors, out=out, sizes=tuple(sizes)
    )
    return made


def _wrap_scalars(state: _Factors) -> None:
    """A scalar factor that is itself a sum over labels becomes a term of its own, so that equal ones are collected."""
    summed = state.summed()
    if not summed:
        return
    blocks = _blocks(state.factors, summed)
    if len(blocks) == 1:
        return
    closed = [b for b in blocks if all(k in summed for _, i, _ in b for k in i) and any(i for _, i, _ in b)]
    if closed and not (len(closed) == 1 and len(blocks) == 1):
        inside = {id(f) for b in closed for f in b}
        state.factors = [f for f in state.factors if id(f) not in inside]
        for b in closed:
            state.factors.append((product(ONE, b, (), dict(state.sizes)), (), ONE))
        _merge_powers(state)


def _merge_powers(state: _Factors) -> None:
    powers: dict[tuple[bytes, Labels], Factor] = {}
    for t, i, e in state.factors:
        found = powers.get((t.key, i))
        powers[t.key, i] = (t, i, found[2] + e if found else e)
    state.factors = [f for f in powers.values() if f[2] != 0]


def _wrap_repeats(state: _Factors) -> None:
    """Equal parts that hang at one label become a power: ``(A x)_i (A x)_i`` is ``(A x)_i**2``."""
    counts = Counter(t.key for t, _, _ in state.factors)
    powers = {t.factors[0][0].key for t, _, _ in state.factors if isinstance(t, Product) and t.factors}
    if not any(n > 1 for n in counts.values()) and not powers & counts.keys():
        return
    summed = state.summed()
    cuts: list[tuple[int, ...]] = [(k,) for k in sorted({k for _, i, _ in state.factors for k in i})]
    if len(set(state.out)) == 2:
        cuts.append(tuple(sorted(set(state.out))))
    for cut in cuts:
        spend(len(state.factors))
        inner = summed.difference(cut)
        groups: dict[tuple[Any, ...], list[list[Factor]]] = {}
        for block in _blocks(state.factors, inner):
            labels = {k for _, i, _ in block for k in i}
            if labels & inner and labels - inner == set(cut) and len(block) > 1:
                groups.setdefault(tuple(sorted((t.key, text(e)) for t, _, e in block)), []).append(block)
        opaque = {t.key for t, i, _ in state.factors if i == cut and isinstance(t, Product)}
        for blocks in groups.values():
            if len(blocks[0]) == len(state.factors) or (len(blocks) == 1 and not opaque):
                continue
            made = [(product(ONE, b, cut, dict(state.sizes)), b) for b in blocks]
            tally = Counter(t.key for t, _ in made)
            for term, block in made:
                if tally[term.key] > 1 or term.key in opaque:
                    inside = {id(f) for f in block}
                    state.factors = [f for f in state.factors if id(f) not in inside]
                    state.factors.append((term, cut, ONE))
        _merge_powers(state)


def _canonical(state: _Factors) -> tuple[tuple[Factor, ...], Labels, tuple[Dim, ...]]:
    """Labels numbered and factors ordered by structure alone."""
    factors = state.factors
    labels = sorted({k for _, i, _ in factors for k in i} | set(state.out))
    first: dict[int, Any] = {}
    for k in labels:
        where = tuple(p for p, o in enumerate(state.out) if o == k)
        first[k] = (0, where) if where else (1, text(state.sizes[k]))
    heads = [(t.order, text(e), t.symmetric if len(i) == 2 else False) for t, i, e in factors]

    def rank(signatures: dict[int, Any]) -> dict[int, int]:
        order = {s: n for n, s in enumerate(sorted(set(signatures.values())))}
        return {k: order[s] for k, s in signatures.items()}

    def refine(colour: dict[int, int]) -> dict[int, int]:
        while True:
            spend(len(factors) + len(labels))
            around: dict[int, list[Any]] = {k: [] for k in labels}
            for (_, i, _), (order, e, symmetric) in zip(factors, heads):
                seen = tuple(colour[k] for k in i)
                mark = (order, e, tuple(sorted(seen)) if symmetric else seen)
                for p, k in enumerate(i):
                    around[k].append((mark, 0 if symmetric else p))
            finer = rank({k: (colour[k], tuple(sorted(around[k]))) for k in labels})
            if len(set(finer.values())) == len(set(colour.values())):
                return finer
            colour = finer

    def encode(colour: dict[int, int]) -> tuple[Any, list[tuple[Any, Factor]], dict[int, int]]:
        names: dict[int, int] = {}
        for k in state.out:
            names.setdefault(k, len(names))
        for k in sorted((k for k in labels if k not in names), key=colour.__getitem__):
            names[k] = len(names)
        rows = []
        for (t, i, e), (order, text, symmetric) in zip(factors, heads):
            where = tuple(names[k] for k in i)
            if symmetric:
                where = tuple(sorted(where))
            rows.append(((order, where, text), (t, where, e)))
        rows.sort(key=lambda row: row[0])
        return [r[0] for r in rows], rows, names

    leaves = 0

    def search(colour: dict[int, int]) -> tuple[Any, list[tuple[Any, Factor]], dict[int, int]]:
        nonlocal leaves
        colour = refine(colour)
        classes: dict[int, list[int]] = {}
        for k, c in colour.items():
            classes.setdefault(c, []).append(k)
        tied = next((classes[c] for c in sorted(classes) if len(classes[c]) > 1), None)
        if tied is None:
            leaves += 1
            return encode(colour)
        best = None
        for k in tied:
            trial = search(rank({j: (c, 0 if j == k else 1) for j, c in colour.items()}))
            if best is None or trial[0] < best[0]:
                best = trial
            if leaves > 24:
                break
        assert best is not None
        return best

    _, rows, names = search(rank(first))
    sizes: list[Dim] = [1] * len(names)
    for k, n in names.items():
        sizes[n] = state.sizes[k]
    return tuple(f for _, f in rows), tuple(names[k] for k in state.out), tuple(sizes)


def scaled(scale: Any, term: Term) -> Term:
    """A number times a term."""
    if scale == 1:
        return term
    labels = tuple(range(len(term.shape)))
    return product(scale, [(term, labels, ONE)], labels)


def times(*terms: Term) -> Term:
    """The elementwise product of terms of one shape."""
    labels = tuple(range(len(terms[0].shape)))
    return product(ONE, [(t, labels, ONE) for t in terms], labels)


def power(term: Term, exponent: Any) -> Term:
    """Each element raised to a number."""
    labels = tuple(range(len(term.shape)))
    return product(ONE, [(term, labels, exact(exponent))], labels, dict(enumerate(term.shape)))


# Sums.


def add(terms: Iterable[tuple[Any, Term]], expand: bool = True) -> Term:
    """The sum of terms with coefficients, in normal form: like terms merged, common factors in front.

    Products of sums are multiplied out only where the whole becomes shorter by it.
    """
    terms = list(terms)
    shape = terms[0][1].shape
    found: dict[Term, sympy.Expr] = {}
    todo = [(exact(c), t) for c, t in reversed(terms)]
    while todo:
        c, t = todo.pop()
        spend(1)
        if c == 0 or is_zero(t):
            continue
        if isinstance(t, Sum):
            todo += [(c * k, u) for k, u in reversed(t.terms)]
            continue
        k, core = split_scale(t)
        if core is not t:
            todo.append((c * k, core))
            continue
        found[t] = found.get(t, ZERO) + c
    while any(rule(found) for rule in sum_rules):
        pass
    found = {t: c for t, c in found.items() if c != 0}
    if not found:
        return number(0, shape)
    if len(found) == 1:
        ((t, c),) = found.items()
        return scaled(c, t)
    reduced = _reduced(found, shape)
    if reduced is not None:
        return reduced
    factored = _factored(found, shape, expand)
    result = _sum_record(found, shape) if factored is None else factored
    if expand and len(found) <= 8:
        rows = expanded(found)
        if rows is not None:
            other = add(rows, expand=False)
            if other.weight < result.weight:
                return other
    return result


expansions: list[Callable[[Term, Sequence[Term]], Term | None]] = []
"""What a factor may be written as where sums are multiplied out, the factors of all summands being given."""


def expanded(found: dict[Term, sympy.Expr]) -> list[tuple[sympy.Expr, Term]] | None:
    """The summands with one level of products of sums multiplied out; None where there is nothing to multiply out."""
    inside = [u for t in found for u, _, _ in factors_of(t)[1]]
    rows: list[tuple[sympy.Expr, Term]] = []
    changed = False
    for t, c in found.items():
        scale, factors, out, sizes = factors_of(t)
        known = dict(enumerate(sizes))
        for n, (u, i, e) in enumerate(factors):
            if e != 1:
                continue
            other = next((v for rule in expansions if (v := rule(u, inside)) is not None), u)
            k, core = split_scale(other)
            if isinstance(core, Sum) and len(core.terms) <= 4:
                rest = factors[:n] + factors[n + 1 :]
                rows += [(c * scale * k * d, product(ONE, [*rest, (v, i, ONE)], out, known)) for d, v in core.terms]
                changed = True
                break
        else:
            rows.append((c, t))
    return rows if changed else None


def _sum_record(found: dict[Term, sympy.Expr], shape: Shape) -> Term:
    ordered = sorted(found.items(), key=lambda item: item[0].order)
    content = _content([c for _, c in ordered])
    if _negative(ordered[0][1]):
        content = -content
    items = tuple((sympy.cancel(c / content) if content.free_symbols else c / content, t) for t, c in ordered)
    made: Sum = _interned(Sum, shape, ",".join(text(c) for c, _ in items), *(t for _, t in items), terms=items)
    if content == 1:
        return made
    _, factors, out, sizes = factors_of(made)
    return _product_record(content, factors, out, sizes)


def _negative(c: sympy.Expr) -> bool:
    return bool(c.could_extract_minus_sign())


def _content(coefficients: list[sympy.Expr]) -> sympy.Expr:
    """What all coefficients share."""
    numbers, roots, sizes = zip(*map(_split_coefficient, coefficients))
    content = sympy.Rational(math.gcd(*(n.p for n in numbers)), math.lcm(1, *(n.q for n in numbers)))
    for parts in (roots, sizes):
        if all(p == parts[0] for p in parts):
            content *= parts[0]
    return content


def _split_coefficient(c: sympy.Expr) -> tuple[sympy.Rational, sympy.Expr, sympy.Expr]:
    """The rational number, the rest of the number, and the dimensions in a coefficient."""
    return (c, ONE, ONE) if c.is_Rational else _split_product(c)


@lru_cache(maxsize=128)
def _split_product(c: sympy.Expr) -> tuple[sympy.Rational, sympy.Expr, sympy.Expr]:
    number, rest = c.as_coeff_Mul()
    if not number.is_Rational:
        number, rest = ONE, c
    root, sizes = rest.as_independent(*rest.free_symbols, as_Add=False) if rest.free_symbols else (rest, ONE)
    return number, root, sizes


def _reduced(found: dict[Term, sympy.Expr], shape: Shape) -> Term | None:
    """Broadcast after summing where all terms are broadcast along an axis."""
    rows = [(c, *factors_of(t)) for t, c in found.items()]
    repeated = [{k for k in out if out.count(k) > 1} for _, _, _, out, _ in rows]
    kept = []
    for axis in range(len(shape)):
        used = any(
            out[axis] in bad or any(out[axis] in i for _, i, _ in factors)
            for (_, _, factors, out, _), bad in zip(rows, repeated)
        )
        if used:
            kept.append(axis)
    if len(kept) == len(shape):
        if all(repeated) and len({_pattern(out) for _, _, _, out, _ in rows}) == 1:
            out = rows[0][3]
            one = sorted(out.index(k) for k in set(out))
            inner = [(c * s, product(ONE, f, tuple(o[p] for p in one), dict(enumerate(z)))) for c, s, f, o, z in rows]
            pattern = _pattern(out)
            return product(ONE, [(add(inner), tuple(pattern[p] for p in one), ONE)], pattern, dict(zip(pattern, shape)))
        return None
    inner = [
        (c * s, product(ONE, factors, tuple(out[a] for a in kept), dict(enumerate(sizes))))
        for c, s, factors, out, sizes in rows
    ]
    return broadcast(add(inner), kept, shape)


def _pattern(out: Labels) -> Labels:
    return tuple(out.index(k) for k in out)


def _factored(found: dict[Term, sympy.Expr], shape: Shape, expand: bool) -> Term | None:
    """A common factor in front of the terms that share it, where some do."""
    rows = [(t, c, *factors_of(t)) for t, c in found.items()]
    groups: dict[Any, dict[int, tuple[Any, int, sympy.Expr, int | None]]] = {}
    factor: dict[Any, Term] = {}
    for n, (_, _, _, factors, out, sizes) in enumerate(rows):
        inside = set(out)
        pattern = _pattern(out)
        n_factors = len(factors)
        spend(2 + 2 * n_factors + n_factors * n_factors // 8)
        for m, (t, i, e) in enumerate(factors):
            if constant_value(t) is not None:
                continue
            rest_labels = {k for j, f in enumerate(factors) if j != m for k in f[1]}
            used = tuple(p for p, k in enumerate(out) if k in rest_labels)
            slots = [
                ("o", pattern[out.index(k)]) if k in inside else ("u", 0) if sizes[k] == 1 else ("s", i.index(k))
                for k in i
            ]
            if any(s[0] == "s" and k not in rest_labels for s, k in zip(slots, i)):
                continue
            if t.symmetric and slots[0] != slots[1]:
                slots = sorted(slots, key=lambda s: s[0])
                slots = [s if s[0] == "o" else ("s", 0) for s in slots]
            if e.is_integer:
                kind: Any = "positive" if e > 0 else "negative"
                unit = ONE if e > 0 else MINUS
            else:
                kind, unit = text(e), e
            if len(factors) == 1 and e == 1:
                used_any: Any = ()
            else:
                used_any = used if e == unit else tuple(sorted({*used, *(p for p, k in enumerate(out) if k in i)}))
            if not i and out:
                groups.setdefault((t.order, kind, (), ALL, ()), {}).setdefault(n, (0, m, unit, None))
                factor[t.order, kind, (), ALL, ()] = t
                continue
            if len(used_any) + sum(s[0] == "s" for s in slots) > max(2, len(out)):
                continue
            key = (t.order, kind, tuple(slots), used_any, pattern)
            factor[key] = t
            hang = min(
                (p for j, f in enumerate(factors) if j != m for p, k in enumerate(f[1]) if k in i and k not in inside),
                default=0,
            )
            best = groups.setdefault(key, {}).get(n)
            if best is None or hang < best[0] or best[3] is not None:
                groups[key][n] = (hang, m, unit, None)
            for q in _scaled_rows(m, factors, out, sizes) if unit == e else ():
                other = [("s", 0 if t.symmetric else q) if p == q else s for p, s in enumerate(slots)]
                if t.symmetric:
                    other.sort(key=lambda s: s[0])
                key = (t.order, kind, tuple(other), used_any, pattern)
                factor[key] = t
                groups.setdefault(key, {}).setdefault(n, (hang, m, unit, i[q]))
    shared = [(k, v) for k, v in groups.items() if len(v) > 1 and any(row[3] is None for row in v.values())]
    if not shared:
        return None
    rank = [((len(members) - 1) * (1 + key[0][0]), key[0]) for key, members in shared]
    best_rank = max(rank)
    key, members = max((item for item, r in zip(shared, rank) if r == best_rank), key=lambda item: str(item[0]))
    t, slots, pattern = factor[key], key[2], key[4]
    inner = []
    lead: tuple[Labels, Labels, sympy.Expr] | None = None
    for n, (_, m, unit, doubled) in members.items():
        _, c, s, factors, out, sizes = rows[n]
        _, i, e = factors[m]
        rest = [f for j, f in enumerate(factors) if j != m]
        if e != unit:
            rest.append((t, i, e - unit))
        if key[3] is ALL:
            inner.append((c * s, product(ONE, rest, out, dict(enumerate(sizes)))))
            lead, base_out, base_sizes = (
                ((), tuple(range(len(out))), unit),
                tuple(range(len(out))),
                dict(enumerate(shape)),
            )
            continue
        inside = set(out)
        order = i
        if (t.symmetric and i[0] in inside and i[1] in inside) or not t.symmetric:
            order = i
        elif t.symmetric and slots[0][0] == "o" and i[0] not in inside:
            order = i[::-1]
        if doubled is not None:
            rest_out = (*(out[p] for p in _first(pattern, key[3])), doubled)
            inner.append((c * s, product(ONE, rest, rest_out, dict(enumerate(sizes)))))
            continue
        rest_out = tuple(out[p] for p in _first(pattern, key[3])) + tuple(
            k for q, k in enumerate(order) if k not in inside and k not in order[:q] and sizes[k] != 1
        )
        inner.append((c * s, product(ONE, rest, rest_out, dict(enumerate(sizes)))))
        if lead is None:
            lead = (order, rest_out, unit)
            base_out, base_sizes = out, dict(enumerate(sizes))
    assert lead is not None
    order, rest_out, unit = lead
    together = product(ONE, [(t, order, unit), (add(inner, expand), rest_out, ONE)], base_out, base_sizes)
    others = [(c, u) for n, (u, c, *_) in enumerate(rows) if n not in members]
    return add([(ONE, together), *others], expand) if others else together


ALL = ("all",)
"""In the place of positions: a scalar is in front of whatever the rest is."""


def _scaled_rows(m: int, factors: Sequence[Factor], out: Labels, sizes: Sequence[Dim]) -> list[int]:
    """The axes along which a matrix among factors is only scaled: it is a product with a diagonal matrix there."""
    i = factors[m][1]
    if len(i) != 2 or i[0] == i[1]:
        return []
    found = []
    for q, k in enumerate(i):
        beside = [f for n, f in enumerate(factors) if n != m and k in f[1]]
        if beside and out.count(k) == 1 and sizes[k] != 1 and all(len(f[1]) == 1 for f in beside):
            found.append(q)
    return found


def _first(pattern: Labels, positions: Sequence[int]) -> list[int]:
    """Output positions without repeats of a diagonal."""
    return [p for p in positions if pattern[p] == p]


# Functions.


def call(head: Any, args: Sequence[Term], params: Any = None, shape: Shape | None = None) -> Term:
    """A named function of terms, simplified by the rules for its head."""
    arguments = tuple(args)
    spend(1 + len(arguments))
    for rule in call_rules.get(head, ()):
        result = rule(head, arguments, params)
        if result is not None:
            return result
    if not isinstance(head, str):
        return _elementwise(head, arguments)
    return make_call(head, arguments, params, arguments[0].shape if shape is None else shape)


def make_call(head: Any, args: Sequence[Term], params: Any, shape: Shape) -> Call:
    """The record of a function of terms, as it is."""
    name = head if isinstance(head, str) else f"{head.__module__}.{head.__name__}"
    made: Call = _interned(Call, shape, f"{name}|{params}", *args, head=head, args=tuple(args), params=params)
    return made


FOLDED = 100
"""Functions of larger numbers stay as they are: sympy would write out the factorial of any."""


def _elementwise(head: Any, args: tuple[Term, ...]) -> Term:
    shape = args[0].shape
    values = [v for a in args if (v := constant_value(a)) is not None]
    if len(values) == len(args):
        if head is sympy.Piecewise:
            pairs = list(zip(values[::2], [*values[1::2], sympy.true]))
            return number(sympy.Piecewise(*pairs), shape)
        if all(not v.is_Rational or abs(v) < FOLDED for v in values):
            value = head(*values)
            if isinstance(value, sympy.Expr):
                return number(value, shape)
    rows = [factors_of(a) for a in args]
    kept = [
        axis
        for axis in range(len(shape))
        if any(out.count(out[axis]) > 1 or any(out[axis] in i for _, i, _ in f) for _, f, out, _ in rows)
    ]
    if len(kept) < len(shape):
        inner = [product(s, f, tuple(out[a] for a in kept), dict(enumerate(z))) for s, f, out, z in rows]
        return broadcast(call(head, inner), kept, shape)
    return make_call(head, args, None, shape)
