"""What functions of parts are parts of: ``relu(x[1:4])`` is a part of ``relu(x)``.

What is taken of a term is taken of all that the term is made of (``selections``). Where summands differ by what they
take of one function, it is looked for again. A window is a part of that of all places that are sums of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.record import Call, Source, Sum, Term, is_call
from tracer.terms.selections import Places, is_ordered, make_part, window

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

DEEP = 8
"""How many functions of functions are looked through."""

Span: TypeAlias = "tuple[Dim, Dim]"
"""Where a part begins, and the size of the axis that it is a part of."""


def find_whole(n: Normaliser, t: Term, axis: int) -> tuple[Term, Places] | None:
    """A term of which another is a part along an axis, and which places of it these are; None where there is none.

    Examples
    --------
    >>> import sympy
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.record import call, source
    >>> n, x = Normaliser(()), source("x", (8,))
    >>> find_whole(n, call(sympy.exp, [make_part(n, x, [Places(2, 4)])]), 0)
    (<Call exp(x)>, Places(start=2, length=4, step=1))
    """
    spans, length = _list_spans(t, axis), t.shape[axis]
    start = _choose_least([start for start, _ in spans or []])
    size = None if start is None else _choose_least([size - own + start for own, size in spans or []])
    if start is None or size is None or (start, size) == (0, length):
        return None
    if not (is_ordered(0, start) and is_ordered(start + length, size)):
        return None
    return _extend(n, t, axis, start, size), Places(start, length)


def _choose_least(found: Sequence[Dim]) -> Dim | None:
    """The least of some dimensions; None where it is not known which is."""
    return next((a for a in found if all(is_ordered(a, b) for b in found)), None)


def _list_spans(t: Term, axis: int, depth: int = DEEP) -> set[Span] | None:
    """What the parts of sources and of windows in a term are parts of; None where something else has the axis."""
    if isinstance(t, Source):
        return {(0, t.shape[axis])}
    if isinstance(t, Call) and not t.elementwise:
        span = _read_part(t, axis) if t.head == "part" else _read_window(t, axis) if t.head == "window" else None
        return None if span is None else {span}
    if depth == 0:
        return None
    found: set[Span] = set()
    if isinstance(t, (Sum, Call)):
        inner = [(u, [axis]) for u in (t.args if isinstance(t, Call) else [u for _, u in t.terms])]
    else:
        _, factors, out, _ = factors_of(t)
        if out.count(out[axis]) > 1:
            return None
        inner = [(u, [k for k, label in enumerate(labels) if label == out[axis]]) for u, labels, _ in factors]
    for u, axes in inner:
        spans = [_list_spans(u, k, depth - 1) for k in axes] if len(axes) < 2 else [None]
        for own in spans:
            if own is None:
                return None
            found |= own
    return found


def _read_part(t: Call, axis: int) -> Span | None:
    """Where a part begins along an axis, and the size of the whole."""
    place = [k for k, p in enumerate(t.params) if isinstance(p, Places)][axis]
    p = t.params[place]
    return (p.start, t.args[0].shape[place]) if p.step == 1 else None


def _read_window(t: Call, axis: int) -> Span | None:
    """Where a window begins along an axis, of all places that are sums or differences of the others."""
    offset, *steps = t.params
    own = steps[axis]
    if abs(own) != 1:
        return None
    others = [(-s * own, d) for k, (s, d) in enumerate(zip(steps, t.shape)) if k != axis]
    ahead = [d for s, d in others if s == 1]
    if all(s > 0 for s, _ in others):
        size = sum(s * (d - 1) for s, d in others) + 1
    elif len(ahead) == 1 and sum(s > 0 for s, _ in others) == 1:
        size = ahead[0] + sum(s * (d - 1) for s, d in others if s < 0)
    else:
        return None
    return sympy.expand(offset * own), sympy.expand(size)


def _extend(n: Normaliser, t: Term, axis: int, start: Dim, size: Dim) -> Term:
    """What a term is a part of."""
    if isinstance(t, Source):
        return t
    if isinstance(t, Sum):
        return n.add([(c, _extend(n, u, axis, start, size)) for c, u in t.terms])
    if isinstance(t, Call) and t.elementwise:
        return n.call(t.head, [_extend(n, u, axis, start, size) for u in t.args], t.params)
    if is_call(t, "part"):
        assert isinstance(t, Call)
        place = [k for k, p in enumerate(t.params) if isinstance(p, Places)][axis]
        places = Places(t.params[place].start - start, size)
        return make_part(n, t.args[0], [*t.params[:place], places, *t.params[place + 1 :]])
    if is_call(t, "window"):
        assert isinstance(t, Call)
        offset, *steps = t.params
        return window(offset - steps[axis] * start, steps, (*t.shape[:axis], size, *t.shape[axis + 1 :]))
    scale, factors, out, sizes = factors_of(t)
    k = out[axis]
    rows = [(_extend(n, u, labels.index(k), start, size) if k in labels else u, labels, e) for u, labels, e in factors]
    return n.product(scale, rows, out, {**dict(enumerate(sizes)), k: size})
