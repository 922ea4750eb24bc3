"""The kinds of terms: sources, products, sums and functions. Terms of equal parts are one object."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any, TypeVar

import sympy
from sympy.logic.boolalg import BooleanAtom

from tracer.declarations import is_declared
from tracer.shapes import Dim, Shape
from tracer.terms.numbers import MINUS, ONE, text_of

Labels = tuple[int, ...]
Factor = tuple["Term", Labels, sympy.Expr]
"""A term, the label of each of its axes, and the (elementwise) power it is raised to."""

T = TypeVar("T", bound="Term")

_terms: weakref.WeakValueDictionary[tuple[Any, ...], Any] = weakref.WeakValueDictionary()
_entering = Lock()
"""Two threads that make one term at a time would make it twice."""


class Term:
    """A tensor-valued expression; those of equal parts are one object.

    Attributes
    ----------
    shape : tuple
        Dimensions, ints or sympy expressions in positive integer symbols.
    weight : int
        How many operations writing it takes, roughly.
    adds : bool
        Whether it is a sum, or one is among its parts.
    depth : int
        How deep it is nested.
    turned : int
        How many transposes it needs in matrix notation, roughly.
    children : sequence of Term
        The terms that it is made of, in order.
    """

    __slots__ = ("__weakref__", "_key", "adds", "children", "depth", "shape", "turned", "weight")

    shape: Shape
    children: Sequence[Term]
    weight: int
    adds: bool
    depth: int
    turned: int
    _key: bytes | None

    @property
    def key(self) -> bytes:
        """A digest of the structure, the same in every process."""
        if self._key is None:
            prefix = f"{type(self).__name__}|{','.join(map(text_of, self.shape))}|{_describe_own(self)}|".encode()
            self._key = blake2b(prefix + b"".join([t.key for t in self.children]), digest_size=16).digest()
        return self._key

    @property
    def order(self) -> tuple[int, int, bytes]:
        """The one order of terms: few operations first, then few transposes, then by structure."""
        return self.weight, self.turned, self.key

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {describe(self)}>"


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
    """A sum of terms of one shape, each with a number for a coefficient."""

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


def _describe_own(term: Term) -> str:
    """A text of what a term is but for the terms that it is made of."""
    if isinstance(term, Source):
        return f"{term.name}|{','.join(sorted(term.assumptions))}"
    if isinstance(term, Product):
        rows = [(i, text_of(e)) for _, i, e in term.factors]
        return f"{text_of(term.scale)}|{term.out}|{[text_of(s) for s in term.sizes]}|{rows}"
    if isinstance(term, Sum):
        return ",".join([text_of(c) for c, _ in term.terms])
    assert isinstance(term, Call)
    name = term.head if isinstance(term.head, str) else f"{term.head.__module__}.{term.head.__name__}"
    return f"{name}|{term.params}"


# Each is made here, and nowhere else. A number one is left out of the parts that it is found by: its hash is slow.


def source(name: str, shape: Shape, assumptions: Iterable[str] = ()) -> Source:
    """A named tensor, with what was declared of it."""
    known = frozenset(assumptions)
    if is_declared("symmetric", known):
        known |= {"symmetric"}
    shape = tuple(shape)  # that of a tensor is slower to read
    parts = Source, shape, name, known
    found: Source | None = _terms.get(parts)
    if found is None:
        found = Source()
        found.name, found.assumptions = name, known
        found = _enter(parts, found, shape, ())
    return found


def product_record(scale: sympy.Expr, factors: Sequence[Factor], out: Labels, sizes: Sequence[Dim]) -> Product:
    """A product whose labels are 0, 1, ..., as it is."""
    factors, sizes = tuple(factors), tuple(sizes)
    parts = Product, None if scale is ONE else scale, tuple([f[:2] if f[2] is ONE else f for f in factors]), out, sizes
    found: Product | None = _terms.get(parts)
    if found is None:
        found = Product()
        found.scale, found.factors, found.out, found.sizes = _checked(scale), factors, out, sizes
        shape, below = tuple([sizes[k] for k in out]), [t for t, _, _ in factors]
        found = _enter(parts, found, shape, below, _count_operations(found), _count_turns(found))
    return found


def sum_record(terms: Iterable[tuple[sympy.Expr, Term]]) -> Sum:
    """A sum, as it is."""
    rows = tuple(terms)
    parts = Sum, *[t if c is ONE else (c, t) for c, t in rows]
    found: Sum | None = _terms.get(parts)
    if found is None:
        found = Sum()
        found.terms = rows
        own = len(rows) - 1 + sum([not _is_sign(_checked(c)) for c, _ in rows])
        found = _enter(parts, found, rows[0][1].shape, [t for _, t in rows], own)
    return found


def call(head: Any, args: Sequence[Term], params: Any = None, shape: Shape | None = None) -> Call:
    """A named function of terms; its shape is that of the first argument unless one is given."""
    rows = tuple(args)
    shape = rows[0].shape if shape is None else tuple(shape)
    parts = Call, head, rows, _tell_params(params), shape
    found: Call | None = _terms.get(parts)
    if found is None:
        found = Call()
        found.head, found.args, found.params = head, rows, params
        found = _enter(parts, found, shape, rows, 1)
    return found


def _tell_params(params: Any) -> str | None:
    """A text that tells parameters apart, numbers from truth values too; sympy's own texts take long to make."""
    if params is None:
        return None
    if isinstance(params, tuple):
        return f"{type(params).__name__}({','.join([str(_tell_params(p)) for p in params])})"
    return text_of(params) if isinstance(params, sympy.Basic) else repr(params)


def _enter(
    parts: tuple[Any, ...], term: T, shape: Shape, below: Sequence[Term], own: int = 0, turned: int | None = None
) -> T:
    """The one term of these parts: a new one, on which is noted what follows from the terms below it.

    It has operations of its own beside theirs; where no number of transposes is given, it needs theirs.
    """
    term.shape, term.children, term._key = shape, below, None
    term.weight, term.turned, term.depth, term.adds = own, 0, 0, isinstance(term, Sum)
    for t in below:
        term.weight += t.weight
        term.turned += t.turned
        term.adds = term.adds or t.adds
        term.depth = t.depth if t.depth > term.depth else term.depth
    term.depth += 1
    if turned is not None:
        term.turned = turned
    with _entering:
        made: T = _terms.setdefault(parts, term)
    return made


def _checked(number: sympy.Expr) -> sympy.Expr:
    """A number, of a length that can be read."""
    if number is not ONE:
        text_of(number)
    return number


def _count_operations(term: Product) -> int:
    """How many operations writing a product takes, beside those of its factors."""
    swapped = len(term.factors) == 1 and term.factors[0][1] != term.out
    powers = sum([e is not ONE for _, _, e in term.factors])
    return powers + max(len(term.factors) - 1, 0) + (not _is_sign(term.scale)) + swapped


def _is_sign(scale: Any) -> bool:
    """Whether a number, or a truth value, in front of a product is not counted as an operation."""
    if scale is ONE or scale is MINUS or isinstance(scale, BooleanAtom):
        return True
    return isinstance(scale, sympy.Pow) and scale.base is MINUS


def _count_turns(term: Product) -> int:
    """How many factors of a product are transposed."""
    if len(term.out) != 2:
        return 0
    first, second = term.out
    turned = 0
    for _, labels, _ in term.factors:
        if len(labels) == 2:
            turned += (labels[1] == first) + (labels[0] == second)
        elif len(labels) == 1:
            turned += labels[0] == second
    return turned


def describe(term: Term) -> str:
    """A text of a term, for errors and for debugging."""
    if isinstance(term, Source):
        return term.name
    if isinstance(term, Call):
        name = term.head if isinstance(term.head, str) else term.head.__name__
        params = [] if term.params is None else [str(term.params)]
        return f"{name}({', '.join([*map(describe, term.args), *params])})"
    if isinstance(term, Sum):
        return " + ".join(f"{'' if c == 1 else f'{c}*'}({describe(t)})" for c, t in term.terms)
    assert isinstance(term, Product)
    parts = [] if term.scale is ONE and term.factors else [str(term.scale)]
    for t, labels, e in term.factors:
        inner = describe(t) if isinstance(t, (Source, Call)) else f"({describe(t)})"
        parts.append(f"{inner}{list(labels) or ''}{'' if e == 1 else f'**({e})'}")
    return f"{'*'.join(parts)} -> {list(term.out)}"
