"""Terms: tensors as sources, products, sums and named functions.

Products are contractions over labels, so that a transpose, a trace, a broadcast or a diagonal is no term of its own
and cannot be mistaken. What is built here is a record of what was said, and nothing is simplified: the normal form of
a term is what :class:`tracer.terms.normalise.Normaliser` answers. Terms of equal parts are one object.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any

import sympy
from sympy.logic.boolalg import BooleanAtom

from tracer.declarations import is_declared
from tracer.shapes import Dim, Shape
from tracer.terms.numbers import MINUS as MINUS
from tracer.terms.numbers import ONE as ONE
from tracer.terms.numbers import ZERO as ZERO
from tracer.terms.numbers import exact as exact
from tracer.terms.numbers import text_of

Labels = tuple[int, ...]
Factor = tuple["Term", Labels, sympy.Expr]
"""A term, the label of each of its axes, and the (elementwise) power it is raised to."""

_terms: weakref.WeakValueDictionary[tuple[Any, ...], Term] = weakref.WeakValueDictionary()
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
    """

    __slots__ = ("__weakref__", "_key", "adds", "depth", "shape", "turned", "weight")

    shape: Shape
    weight: int
    adds: bool
    depth: int
    turned: int
    _key: bytes | None

    @property
    def key(self) -> bytes:
        """A digest of the structure, the same in every process."""
        if self._key is None:
            parts, content = _content(self)
            prefix = f"{type(self).__name__}|{','.join(map(text_of, self.shape))}|{content}|".encode()
            self._key = blake2b(prefix + b"".join(p.key for p in parts), digest_size=16).digest()
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


def _content(term: Term) -> tuple[Sequence[Term], str]:
    """The terms that a term is made of, and a text of everything else."""
    if isinstance(term, Source):
        return (), f"{term.name}|{','.join(sorted(term.assumptions))}"
    if isinstance(term, Product):
        rows = [(i, text_of(e)) for _, i, e in term.factors]
        content = f"{text_of(term.scale)}|{term.out}|{[text_of(s) for s in term.sizes]}|{rows}"
        return [t for t, _, _ in term.factors], content
    if isinstance(term, Sum):
        return [t for _, t in term.terms], ",".join(text_of(c) for c, _ in term.terms)
    assert isinstance(term, Call)
    name = term.head if isinstance(term.head, str) else f"{term.head.__module__}.{term.head.__name__}"
    return term.args, f"{name}|{term.params}"


def _intern(
    cls: type[Term],
    shape: Shape,
    parts: tuple[Any, ...],
    below: Sequence[Term],
    numbers: Iterable[sympy.Expr] = (),
    **fields: Any,
) -> Any:
    """The one record of a class with these parts; its numbers have to be of a length that can be read."""
    shape = tuple(shape)  # that of a tensor is slower to read
    parts = (cls, shape, *parts)
    term = _terms.get(parts)
    if term is None:
        for number in numbers:
            if number is not ONE:
                text_of(number)
        term = cls.__new__(cls)
        term.shape, term._key = shape, None
        for name, value in fields.items():
            setattr(term, name, value)
        term.weight = _weigh(term)
        term.turned = _count_turns(term)
        term.adds = cls is Sum or any(t.adds for t in below)
        term.depth = 1 + max([t.depth for t in below], default=0)
        with _entering:
            term = _terms.setdefault(parts, term)
    return term


def _weigh(term: Term) -> int:
    if isinstance(term, Source):
        return 0
    if isinstance(term, Call):
        return 1 + sum(a.weight for a in term.args)
    if isinstance(term, Sum):
        return len(term.terms) - 1 + sum([t.weight + (not _is_sign(c)) for c, t in term.terms])
    assert isinstance(term, Product)
    inner = sum([t.weight + (e is not ONE) for t, _, e in term.factors])
    swapped = len(term.factors) == 1 and term.factors[0][1] != term.out
    return inner + max(len(term.factors) - 1, 0) + (not _is_sign(term.scale)) + swapped


def _is_sign(scale: Any) -> bool:
    """Whether a number, or a truth value, in front of a product is not counted as an operation."""
    if scale is ONE or scale is MINUS or isinstance(scale, BooleanAtom):
        return True
    return isinstance(scale, sympy.Pow) and scale.base is MINUS


def _count_turns(term: Term) -> int:
    if isinstance(term, Sum):
        return sum(t.turned for _, t in term.terms)
    if isinstance(term, Call):
        return sum(t.turned for t in term.args)
    if not isinstance(term, Product) or len(term.out) != 2:
        return 0
    first, second = term.out
    turned = 0
    for _, labels, _ in term.factors:
        if len(labels) == 2:
            turned += (labels[1] == first) + (labels[0] == second)
        elif len(labels) == 1:
            turned += labels[0] == second
    return turned


# What terms are built by.


def source(name: str, shape: Shape, assumptions: Iterable[str] = ()) -> Source:
    """A named tensor, with what was declared of it."""
    known = frozenset(assumptions)
    if is_declared("symmetric", known):
        known |= {"symmetric"}
    made: Source = _intern(Source, shape, (name, known), (), name=name, assumptions=known)
    return made


def product_record(scale: sympy.Expr, factors: Sequence[Factor], out: Labels, sizes: Sequence[Dim]) -> Product:
    """A product whose labels are 0, 1, ..., as it is."""
    factors, sizes = tuple(factors), tuple(sizes)
    shape = tuple(sizes[k] for k in out)
    below = [t for t, _, _ in factors]
    made: Product = _intern(
        Product,
        shape,
        (scale, factors, out, sizes),
        below,
        (scale,),
        scale=scale,
        factors=factors,
        out=out,
        sizes=sizes,
    )
    return made


def sum_record(terms: Iterable[tuple[sympy.Expr, Term]]) -> Sum:
    """A sum, as it is."""
    rows = tuple(terms)
    made: Sum = _intern(Sum, rows[0][1].shape, rows, [t for _, t in rows], (c for c, _ in rows), terms=rows)
    return made


def call(head: Any, args: Sequence[Term], params: Any = None, shape: Shape | None = None) -> Call:
    """A named function of terms; its shape is that of the first argument unless one is given."""
    rows = tuple(args)
    shape = rows[0].shape if shape is None else shape
    made: Call = _intern(Call, shape, (head, rows, str(params)), rows, head=head, args=rows, params=params)
    return made


def product(scale: Any, factors: Iterable[Factor], out: Labels, sizes: Mapping[int, Dim] | None = None) -> Product:
    """The contraction of factors.

    Parameters
    ----------
    scale : number or sympy expression in dimensions
    factors : iterable of (term, labels, power)
    out : tuple of int
        The labels of the result; what it lacks is summed over.
    sizes : mapping, optional
        Sizes of labels that no factor has.

    Examples
    --------
    >>> A, x = source("A", (2, 3)), source("x", (3,))
    >>> product(1, [(A, (0, 1), ONE), (x, (1,), ONE)], (0,))
    <Product A[0, 1]*x[1] -> [0]>
    """
    rows = list(factors)
    known: dict[int, Dim] = dict(sizes or ())
    for term, labels, _ in rows:
        for k, d in zip(labels, term.shape):
            if k not in known or (known[k] is not d and is_one(known[k])):
                known[k] = d
    names: dict[int, int] = {}
    for labels in (out, *(i for _, i, _ in rows)):
        for k in labels:
            names.setdefault(k, len(names))
    renamed = [(t, tuple(names[k] for k in i), e) for t, i, e in rows]
    return product_record(exact(scale), renamed, tuple(names[k] for k in out), [known[k] for k in names])


def add(terms: Iterable[tuple[Any, Term]]) -> Sum:
    """The sum of terms of one shape, with numbers for coefficients."""
    return sum_record((exact(c), t) for c, t in terms)


def number(value: Any, shape: Shape = ()) -> Product:
    """A tensor all of whose elements are one number."""
    return product_record(exact(value), (), tuple(range(len(shape))), shape)


def identity(size: Dim) -> Product:
    """The identity matrix."""
    return product_record(ONE, (), (0, 0), (size,))


LOWER, UPPER = (-1, 0), (0, -1)
"""How many diagonals a triangle has below and above the main one; -1 is all of them."""


def triangle(size: Dim) -> Call:
    """The lower triangular matrix of ones, by which running sums are taken."""
    return call("band_part", [number(1, (size, size))], LOWER)


def scaled(scale: Any, term: Term) -> Term:
    """A number times a term."""
    return term if scale == 1 else product(scale, [(term, axes_of(term), ONE)], axes_of(term))


def times(*terms: Term) -> Term:
    """The elementwise product of terms of one shape."""
    return product(ONE, [(t, axes_of(t), ONE) for t in terms], axes_of(terms[0]))


def power(term: Term, exponent: Any) -> Term:
    """Each element raised to a number."""
    axes = axes_of(term)
    return product(ONE, [(term, axes, exact(exponent))], axes, dict(enumerate(term.shape)))


def broadcast(term: Term, axes: Sequence[int], shape: Shape) -> Term:
    """The term repeated to a shape, its axes being the given axes of the result."""
    return product(ONE, [(term, tuple(axes), ONE)], tuple(range(len(shape))), dict(enumerate(shape)))


def permuted(term: Term, axes: Sequence[int]) -> Term:
    """The term with its axes in another order: axis k of the result is axis ``axes[k]`` of the term."""
    if tuple(axes) == axes_of(term):
        return term
    return product(ONE, [(term, axes_of(term), ONE)], tuple(axes))


def axes_of(term: Term) -> Labels:
    """The axes of a term, numbered."""
    return tuple(range(len(term.shape)))


# What terms are read by.


def is_elementwise(t: Term) -> bool:
    """Whether each element of a term is made of those of its parts at one place: a sum, or a function of elements."""
    return isinstance(t, Sum) or (isinstance(t, Call) and t.elementwise)


def children(t: Term) -> Sequence[Term]:
    """The terms a term is made of."""
    if isinstance(t, Product):
        return [f[0] for f in t.factors]
    if isinstance(t, Sum):
        return [u for _, u in t.terms]
    return t.args if isinstance(t, Call) else ()


def subterms(root: Term, below: Callable[[Term], Sequence[Term]] = children) -> Iterator[Term]:
    """All terms below a term and the term itself, arguments first."""
    seen: set[Term] = set()
    todo: list[tuple[Term, bool]] = [(root, False)]
    while todo:
        t, ready = todo.pop()
        if ready:
            yield t
        elif t not in seen:
            seen.add(t)
            todo.append((t, True))
            todo += [(a, False) for a in reversed(below(t))]


def operands(term: Term) -> tuple[Term, ...]:
    """The arguments of a function."""
    assert isinstance(term, Call)
    return term.args


def is_call(term: Term, *heads: Any) -> bool:
    """Whether a term is a function of one of these names."""
    return isinstance(term, Call) and term.head in heads


def is_zero(term: Term) -> bool:
    return isinstance(term, Product) and term.scale == 0


def constant_value(term: Term) -> sympy.Expr | None:
    """The number that all elements are, if the term is one."""
    if isinstance(term, Product) and not term.factors and len(set(term.out)) == len(term.out):
        return term.scale
    return None


def is_one(size: Dim) -> bool:
    """Whether a size is one, found without sympy's slow comparison of a symbol with a number."""
    return size == 1 if isinstance(size, int) else size is ONE


def is_square(shape: Shape) -> bool:
    """Whether a shape is that of a square matrix."""
    return len(shape) == 2 and (shape[0] is shape[1] or shape[0] == shape[1])


def is_identity(term: Term) -> bool:
    """Whether a term is the identity matrix."""
    return isinstance(term, Product) and not term.factors and term.scale == 1 and term.out == (0, 0)


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
    parts = [] if term.scale == 1 and term.factors else [str(term.scale)]
    for t, labels, e in term.factors:
        inner = describe(t) if isinstance(t, (Source, Call)) else f"({describe(t)})"
        parts.append(f"{inner}{list(labels) or ''}{'' if e == 1 else f'**({e})'}")
    return f"{'*'.join(parts)} -> {list(term.out)}"
