"""Recurrences of several rows by running products, as derivatives of gradients of running products have them.

``y[i] = x[i]*y[i-1] + b[i]`` is ``cumprod(x)*cumsum(b/cumprod(x))`` where no element of x is zero. What is taken one
place away of running products and of triangles of ones is written at the place itself: ``cumprod(x)[i-1]`` is
``cumprod(x)[i]/x[i]``, and the triangle that is one where ``k <= i - 1`` is that of ``k <= i`` without its diagonal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.normalise import Normaliser
from tracer.terms.record import (
    MINUS,
    ONE,
    Call,
    Factor,
    Labels,
    Product,
    Sum,
    Term,
    add,
    axes_of,
    broadcast,
    call,
    identity,
    is_call,
    operands,
    product,
    subterms,
    triangle,
)
from tracer.terms.selections import Places, selection, take_part
from tracer.terms.shifts import shift


def close_running_products(n: Normaliser, root: Term) -> Term:
    """A term without recurrences; as it was if none is of several rows, or one is of other coefficients.

    Examples
    --------
    >>> from tracer.terms.record import source
    >>> x = source("x", (3,))
    >>> close_running_products(Normaliser([]), x) is x
    True
    """
    below = list(subterms(root))
    if not any(_is_part_of_triangle(t) or (is_call(t, "recurrence") and len(t.shape) > 1) for t in below):
        return root
    closed: Term | None = root
    while below:
        closed, before = _close_each(n, below), closed
        if closed is None:
            return root
        below = [] if closed is before else list(subterms(closed))
    assert closed is not None
    return closed


def _close_each(n: Normaliser, below: Sequence[Term]) -> Term | None:
    """The last of terms, each of which stands after what it is made of, without recurrences; None where one is left."""
    directions = {t.args[0]: bool(t.params[1]) for t in below if isinstance(t, Call) and t.head == "cumprod"}
    made: dict[Term, Term] = {}
    n.spend(len(below))
    for t in below:
        closed = _close(n, t, made, directions)
        if closed is None:
            return None
        made[t] = closed
    return made[below[-1]]


def _close(n: Normaliser, t: Term, made: Mapping[Term, Term], directions: Mapping[Term, bool]) -> Term | None:
    """A term made of closed ones; None where a recurrence is left."""
    if isinstance(t, Call) and t.head == "recurrence":
        return _divide(n, t, made[t.args[1]], directions)
    if isinstance(t, Call) and t.head == "cumprod" and t.params[0]:
        return _divide_by_itself(made[t.args[0]], bool(t.params[1]))
    if all(made[u] is u for u in t.children):
        return _place(n, t) if isinstance(t, Product) else t
    if isinstance(t, Sum):
        return n.add([(c, made[u]) for c, u in t.terms])
    if isinstance(t, Product):
        factors = [(made[u], labels, e) for u, labels, e in t.factors]
        return _place(n, n.product(t.scale, factors, t.out, dict(enumerate(t.sizes))))
    assert isinstance(t, Call)
    if t.head != "part":
        return n.call(t.head, [made[u] for u in t.args], t.params, None if t.elementwise else t.shape)
    whole: Term | None = n.normal(made[t.args[0]])
    for axis, taken in reversed(list(enumerate(t.params))):
        whole = None if whole is None else take_part(n, whole, axis, taken)
    return whole


def _divide(n: Normaliser, t: Call, b: Term, directions: Mapping[Term, bool]) -> Term | None:
    """A recurrence as a running sum between running products; None where its coefficients are of none."""
    own, fresh = axes_of(t), len(t.shape)
    backwards, last = bool(t.params), own[-1]
    for x, reverse in directions.items():
        for coefficients, inclusive in _list_coefficients(x, backwards):
            labels = own[len(own) - len(x.shape) :]
            if n.normal(broadcast(coefficients, labels, t.shape)) is not t.args[0]:
                continue
            weights: Term = call("cumprod", [x], (0, int(reverse)))
            if inclusive == reverse:
                weights = _divide_by_itself(x, reverse)
            over, under = (fresh, last) if backwards != reverse else (last, fresh)
            sides = (fresh, last) if backwards else (last, fresh)
            factors: list[Factor] = [(weights, (*labels[:-1], over), ONE), (weights, (*labels[:-1], under), MINUS)]
            factors += [(triangle(x.shape[-1]), sides, ONE), (b, (*own[:-1], fresh), ONE)]
            return n.product(ONE, factors, own)
    return None


def _list_coefficients(x: Term, backwards: bool) -> Iterator[tuple[Term, bool]]:
    """The coefficients whose products are those of elements of x, and whether that of the further place is one of them.

    From place i to k on, they multiply the elements up to k but for that of i, or all of i up to k but for that of k.
    """
    yield shift(x, backwards), backwards
    size, fresh = x.shape[-1], len(x.shape)
    *batch, last = axes_of(x)
    kept = selection(int(not backwards), size - 1, 1, size)
    ends: list[Factor] = [(kept, (fresh, last), ONE), (kept, (fresh, fresh + 1), ONE)]
    yield product(ONE, [*ends, (x, (*batch, last), ONE)], (*batch, fresh + 1)), not backwards


def _divide_by_itself(x: Term, reverse: bool) -> Term:
    """Running products without the element of each place, where no element is zero."""
    axes = axes_of(x)
    return product(ONE, [(call("cumprod", [x], (0, int(reverse))), axes, ONE), (x, axes, MINUS)], axes)


def _is_part_of_triangle(t: Term) -> bool:
    """Whether a term is all rows, or all columns, of a triangle of ones but the first or the last."""
    return is_call(t, "part") and is_call(operands(t)[0], "band_part")


def _place(n: Normaliser, t: Term) -> Term:
    """A product, what is put one place away from where it was taken in it written at that place, where it can be."""
    scale, factors, out, sizes = factors_of(t)
    for at, (u, labels, e) in enumerate(factors):
        if not isinstance(u, Call) or u.head != "selection" or e != 1 or labels[0] in out:
            continue
        start, length, step, size = u.params
        if step != 1 or length != size - 1 or start not in (0, 1):
            continue
        rest = [f for k, f in enumerate(factors) if k != at]
        moved = [_move_factor(f, labels, int(start)) for f in rest]
        found = [g for row in moved if row is not None for g in row]
        strict = sum(f[0] is _below_diagonal(size) for f in found)
        if None not in moved and strict == 1:
            return _place(n, n.product(scale, found, out, dict(enumerate(sizes))))
    return t


def _move_factor(f: Factor, ends: Labels, start: int) -> list[Factor] | None:
    """A factor at the place where it is put; None where it would be another function of it."""
    (u, labels, e), (row, place) = f, ends
    if row not in labels:
        return [f]
    if len(labels) == 1 and (whole := _read_whole(u, start)) is not None:
        return [(whole, (place,), e)]
    if not isinstance(u, Call) or u.head != "part" or not all(isinstance(p, Places) for p in u.params):
        return None
    (whole,), axis = u.args, labels.index(row)
    taken = u.params[axis]
    others = [Places(0, d) if k != axis else taken for k, d in enumerate(whole.shape)]
    if list(u.params) != others or labels.count(row) > 1 or taken.step != 1 or taken.length != whole.shape[axis] - 1:
        return None
    at = tuple(place if k == row else k for k in labels)
    if taken.start == start:
        return [(whole, at, e)]
    if is_call(whole, "band_part") and whole is triangle(whole.shape[0]) and e == 1 and axis != start:
        return [(_below_diagonal(whole.shape[0]), at, e)]
    if isinstance(whole, Call) and whole.head == "cumprod" and whole.params == (0, 1 - start) and axis == len(at) - 1:
        return [(whole, at, e), (whole.args[0], at, -e)]
    return None


def _below_diagonal(size: Dim) -> Term:
    """The triangle of ones without its diagonal."""
    return add([(ONE, triangle(size)), (MINUS, identity(size))])


def _read_whole(t: Term, start: int) -> Term | None:
    """The vector whose elements, but for the first or the last, are those of a term; None where there is none."""
    made: dict[Term, Term] = {}
    size = t.shape[0] + 1
    for u in subterms(t, lambda u: () if is_call(u, "part") else u.children):
        if not u.shape:
            made[u] = u
        elif u.shape != t.shape:
            return None
        elif isinstance(u, Call) and u.head == "part" and u.params == (Places(start, t.shape[0]),):
            made[u] = u.args[0]
        elif isinstance(u, Sum):
            made[u] = add((c, made[v]) for c, v in u.terms)
        elif isinstance(u, Call) and u.elementwise:
            made[u] = call(u.head, [made[v] for v in u.args])
        elif isinstance(u, Product) and all(labels in ((), u.out) for _, labels, _ in u.factors):
            made[u] = product(u.scale, [(made[v], labels, e) for v, labels, e in u.factors], u.out, {u.out[0]: size})
        else:
            return None
    return made[t]
