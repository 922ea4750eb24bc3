"""What functions of parts are parts of: ``relu(x[1:4])`` is a part of ``relu(x)``.

What is taken of a term is taken of all that the term is made of (``selections``). Where summands differ by what they
take of one function, it is looked for again. A window is a part of that of all places that are sums of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.record import Call, Factor, Product, Source, Sum, Term, is_call
from tracer.terms.selections import Places, choose_least, is_ordered, make_part, window

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

DEEP = 8
"""How many functions of functions are looked through."""

Span: TypeAlias = "tuple[Dim, Dim]"
"""Where a part begins, and the size of the axis that it is a part of."""

Place: TypeAlias = "tuple[Term, int]"
"""A term, and one of its axes."""


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
    start = choose_least([start for start, _ in spans or []])
    size = None if start is None else choose_least([size - own + start for own, size in spans or []])
    if start is None or size is None or (start, size) == (0, length):
        return None
    if not (is_ordered(0, start) and is_ordered(start + length, size)):
        return None
    return _extend(n, t, axis, start, size), Places(start, length)


def _list_spans(t: Term, axis: int) -> set[Span] | None:
    """What the parts of sources and of windows in a term are parts of; None where something else has the axis."""
    found: set[Span] = set()
    seen, level = {(t, axis)}, [(t, axis)]
    for _ in range(DEEP + 1):
        inner: dict[Place, None] = {}
        for u, k in level:
            span, parts = _read_span(u, k), _list_parts(u, k)
            if span is None and parts is None:
                return None
            found |= {span} if span else set()
            inner |= dict.fromkeys(parts or ())
        level = [place for place in inner if place not in seen]
        seen.update(level)
        if not level:
            return found
    return None


def _read_span(t: Term, axis: int) -> Span | None:
    """What a source, a part or a window is a part of along an axis."""
    if isinstance(t, Source):
        return 0, t.shape[axis]
    if not isinstance(t, Call):
        return None
    return _read_part(t, axis) if t.head == "part" else _read_window(t, axis) if t.head == "window" else None


def _list_parts(t: Term, axis: int) -> list[Place] | None:
    """The parts of a sum, a product, or a function of elements that have an axis of it, and which of theirs that is."""
    if isinstance(t, Sum):
        return [(u, axis) for _, u in t.terms]
    if isinstance(t, Call):
        return [(u, axis) for u in t.args] if t.elementwise else None
    if isinstance(t, Source):
        return None
    _, factors, out, _ = factors_of(t)
    label = out[axis]
    if out.count(label) > 1 or any(labels.count(label) > 1 for _, labels, _ in factors):
        return None
    return [(u, labels.index(label)) for u, labels, _ in factors if label in labels]


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
    """What a term is a part of, made from what its parts are parts of."""
    made: dict[Place, Term] = {}
    todo = [(t, axis)]
    while todo:
        u, k = place = todo[-1]
        missing = [part for part in _list_parts(u, k) or () if part not in made] if place not in made else []
        if missing:
            todo += missing
            continue
        todo.pop()
        if place not in made:
            made[place] = _extend_once(n, u, k, Places(start, size), made)
    return made[t, axis]


def _extend_once(n: Normaliser, t: Term, axis: int, places: Places, made: Mapping[Place, Term]) -> Term:
    """What a term is a part of, that being known of its parts."""
    start, size, _ = places
    if isinstance(t, Source):
        return t
    if isinstance(t, Sum):
        return n.add([(c, made[u, axis]) for c, u in t.terms])
    if isinstance(t, Call) and t.elementwise:
        return n.call(t.head, [made[u, axis] for u in t.args], t.params)
    if is_call(t, "part"):
        assert isinstance(t, Call)
        place = [k for k, p in enumerate(t.params) if isinstance(p, Places)][axis]
        wider = Places(t.params[place].start - start, size)
        return make_part(n, t.args[0], [*t.params[:place], wider, *t.params[place + 1 :]])
    if is_call(t, "window"):
        assert isinstance(t, Call)
        offset, *steps = t.params
        return window(offset - steps[axis] * start, steps, (*t.shape[:axis], size, *t.shape[axis + 1 :]))
    scale, factors, out, sizes = factors_of(t)
    k = out[axis]
    rows = [(made[u, labels.index(k)] if k in labels else u, labels, e) for u, labels, e in factors]
    return n.product(scale, rows, out, {**dict(enumerate(sizes)), k: size})


def find_array(n: Normaliser, t: Term, steps: Mapping[int, int]) -> tuple[Term, dict[int, Dim]] | None:
    """The array of which a term takes places in steps along axes, and the first of these; None where there is none.

    Examples
    --------
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.record import source
    >>> n, x = Normaliser(()), source("x", (8,))
    >>> find_array(n, make_part(n, x, [Places(1, 3, 2)]), {0: 2})
    (<Source x>, {0: 1})
    """
    made, firsts = t, dict[int, Dim]()
    for axis, step in steps.items():
        length = sympy.expand(step * (t.shape[axis] - 1) + 1)
        spread = spread_axis(n, made, axis, step, length) if step > 1 else made
        if spread is None:
            return None
        found = find_whole(n, spread, axis)
        made, firsts[axis] = (spread, 0) if found is None else (found[0], found[1].start)
    return made, firsts


def spread_axis(n: Normaliser, t: Term, axis: int, step: int, length: Dim, depth: int = DEEP) -> Term | None:
    """What a term is every second, third, ... place of along an axis, up to a length; None where that is unknown."""
    if depth == 0:
        return None
    if isinstance(t, Sum):
        rows = [(c, spread_axis(n, u, axis, step, length, depth - 1)) for c, u in t.terms]
        return n.add([(c, u) for c, u in rows if u is not None]) if all(u is not None for _, u in rows) else None
    if isinstance(t, Call) and t.elementwise:
        args = [spread_axis(n, u, axis, step, length, depth - 1) for u in t.args]
        return n.call(t.head, [u for u in args if u is not None], t.params) if None not in args else None
    if is_call(t, "part"):
        assert isinstance(t, Call)
        place = [k for k, p in enumerate(t.params) if isinstance(p, Places)][axis]
        p, size = t.params[place], t.args[0].shape[place]
        wider = Places(p.start, length, p.step // step) if p.step % step == 0 else None
        if wider is None or not is_ordered(wider.start + wider.step * (wider.length - 1) + 1, size):
            return None
        return make_part(n, t.args[0], [*t.params[:place], wider, *t.params[place + 1 :]])
    if is_call(t, "window"):
        assert isinstance(t, Call)
        offset, *steps = t.params
        if steps[axis] % step:
            return None
        shape = (*t.shape[:axis], length, *t.shape[axis + 1 :])
        return window(offset, [*steps[:axis], steps[axis] // step, *steps[axis + 1 :]], shape)
    if not isinstance(t, Product):
        return None
    label = t.out[axis]
    if t.out.count(label) > 1 or any(labels.count(label) > 1 for _, labels, _ in t.factors):
        return None
    factors: list[Factor] = []
    for u, labels, e in t.factors:
        made = spread_axis(n, u, labels.index(label), step, length, depth - 1) if label in labels else u
        if made is None:
            return None
        factors.append((made, labels, e))
    sizes = {**dict(enumerate(t.sizes)), label: length}
    return n.product(t.scale, factors, t.out, sizes)
