"""Terms: tensors as sources, products, sums and named functions.

Products are contractions over labels, so that a transpose, a trace, a broadcast or a diagonal is no term of its own
and cannot be mistaken. What is built here is a record of what was said, and nothing is simplified: the normal form of
a term is what :class:`tracer.terms.normalise.Normaliser` answers. Terms of equal parts are one object.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sympy

from tracer.shapes import Dim, Shape
from tracer.terms.kinds import Call as Call
from tracer.terms.kinds import Factor as Factor
from tracer.terms.kinds import Labels as Labels
from tracer.terms.kinds import Product as Product
from tracer.terms.kinds import Source as Source
from tracer.terms.kinds import Sum as Sum
from tracer.terms.kinds import Term as Term
from tracer.terms.kinds import call as call
from tracer.terms.kinds import describe as describe
from tracer.terms.kinds import product_record as product_record
from tracer.terms.kinds import source as source
from tracer.terms.kinds import sum_record as sum_record
from tracer.terms.numbers import MINUS as MINUS
from tracer.terms.numbers import ONE as ONE
from tracer.terms.numbers import ZERO as ZERO
from tracer.terms.numbers import exact as exact

# What terms are built by.


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
    for labels in (out, *[i for _, i, _ in rows]):
        for k in labels:
            if k not in names:
                names[k] = len(names)
    if [*names] != [*range(len(names))]:
        rows = [(t, tuple([names[k] for k in i]), e) for t, i, e in rows]
        out = tuple([names[k] for k in out])
    return product_record(exact(scale), rows, out, [known[k] for k in names])


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


def subterms(root: Term, below: Callable[[Term], Sequence[Term]] = operator.attrgetter("children")) -> Iterator[Term]:
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
            if parts := below(t):
                todo += [(u, False) for u in reversed(parts)]


def operands(term: Term) -> tuple[Term, ...]:
    """The arguments of a function."""
    assert isinstance(term, Call)
    return term.args


def is_call(term: Term, *heads: Any) -> bool:
    """Whether a term is a function of one of these names."""
    return isinstance(term, Call) and term.head in heads


def is_zero(term: Term) -> bool:
    return isinstance(term, Product) and term.scale is ZERO


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
    return isinstance(term, Product) and not term.factors and term.scale is ONE and term.out == (0, 0)
