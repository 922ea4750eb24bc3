"""Rules of the greatest elements of windows that overlap, of which the gradients of max pooling are made.

A place is in several windows then, and has what arrives at each of them of which it is the first greatest element. With
the windows as an array of their own, ``V[i,m] = x[i + m]``, that is ``g[i]*firstmax(V)[i,m]`` added up at ``i + m``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import product as combine
from math import prod

import sympy

from tracer.shapes import Dim
from tracer.terms.decomposition import factors_of
from tracer.terms.first_greatest import Piece, list_greatest, read_piece, read_relations, says_first
from tracer.terms.normalise import Normaliser, Rewrite, with_parts
from tracer.terms.numbers import ONE
from tracer.terms.overlaps import Windows, find_windows
from tracer.terms.record import Sum, Term, add, is_call, subterms
from tracer.terms.rule import Procedure
from tracer.terms.selections import Places

FEWEST, MANY = 3, 25
"""How many places a window has at least, and at the most: the greater of two is written as such."""


def _join_windows(n: Normaliser, t: Sum) -> Term | None:
    """``P.T @ where(x[:-2] >= ..., g, 0) + ... -> W @ (g o firstmax(V))``."""
    rows = _open_sums(n, t)
    groups: dict[tuple[object, ...], list[tuple[int, tuple[Places, ...], Piece]]] = {}
    for place, (c, u) in enumerate(rows):
        piece = read_piece(n, u)
        if piece is not None:
            at = tuple(p or Places(0, d) for p, d in zip(piece.places, u.shape))
            groups.setdefault((c, *(p.step for p in at)), []).append((place, at, piece))
    for (c, *_), members in groups.items():
        ways = _find_windows(n, t.shape, [at for _, at, _ in members]) if FEWEST <= len(members) <= MANY else ()
        made = next(filter(None, (_join(way, [(at, piece) for _, at, piece in members]) for way in ways)), None)
        if made is not None:
            gone = {k for k, _, _ in members}
            return add([*(row for k, row in enumerate(rows) if k not in gone), (c, made)])
    return None


def _open_sums(n: Normaliser, t: Sum) -> list[tuple[sympy.Expr, Term]]:
    """The summands, a sum of choices that is put into places as one of choices that are."""
    todo, found = [*reversed(t.terms)], list[tuple[sympy.Expr, Term]]()
    while todo:
        c, u = todo.pop()
        scale, factors, out, sizes = factors_of(u)
        rest = [f for f in factors if is_call(f[0], "selection")]
        sums = [(v, labels) for v, labels, e in factors if isinstance(v, Sum) and e is ONE]
        inner, labels = sums[0] if len(sums) == 1 and len(rest) + 1 == len(factors) else (None, ())
        many = inner is not None and len(todo) + len(found) + len(inner.terms) > MANY
        if inner is None or many or not any(_has_choice(v) for _, v in inner.terms):
            found.append((c, u))
            continue
        known = dict(enumerate(sizes))
        opened = [(c * d, n.product(scale, [*rest, (v, labels, ONE)], out, known)) for d, v in inner.terms]
        todo += reversed(opened)
    return found


def _has_choice(t: Term) -> bool:
    """Whether a choice, or a sum that may have some, is a factor of a term."""
    return any(isinstance(u, Sum) or is_call(u, sympy.Piecewise) for u, _, _ in factors_of(t)[1])


def _find_windows(n: Normaliser, shape: Sequence[Dim], found: Sequence[tuple[Places, ...]]) -> Iterator[Windows]:
    """The windows whose places are as they are found, along the axes where there are several."""
    axes = {}
    for axis, size in enumerate(shape):
        places = [at[axis] for at in found]
        if any(p != Places(0, size) for p in places):
            axes[axis] = [*find_windows(size, places)]
    for some in combine(*axes.values()) if axes else ():
        if prod(axis.places for axis in some) == len(found):
            yield Windows(n, shape, dict(zip(axes, some)))


def _join(windows: Windows, pieces: Sequence[tuple[tuple[Places, ...], Piece]]) -> Term | None:
    """Choices at all places of windows as one product; None where they are none."""
    axes, n = windows.axes, windows.n
    owns = [_find_own(piece.condition) for _, piece in pieces]
    bases = (windows.find_base(own, dict(enumerate(at))) for own, (at, _) in zip(owns, pieces) if own)
    base = next((u for u in bases if u is not None), None)
    if base is None:
        return None
    padded = windows.pad(base)
    greatest = n.call(sympy.Max, [u for u in windows.list_taps(padded, windows.all) if u is not None])
    taps = {k: a.list_taps() or [] for k, a in axes.items()}
    left, values = [*zip(owns, pieces)], list[tuple[Term, dict[int, Places]]]()
    for number, place in enumerate(windows.grid):
        some = {k: taps[k][m].windows for k, m in place.items()}
        block = {u: m for m, u in enumerate(windows.list_taps(padded, some)) if u is not None}
        ready = [
            (own, (at, piece))
            for own, (at, piece) in left
            if all(at[k] == taps[k][m].places for k, m in place.items()) and own in block and block[own] == number
            if _is_first(piece.condition, block, number)
        ]
        most = windows.take(greatest, some)
        if len(ready) != 1 or most is None:
            return None
        ((own, (_, piece)),) = ready
        assert own is not None
        left.remove(ready[0])
        values.append((_lift(n, piece.value, own, block.keys(), most), some))
    value = next((u for u, some in values if some == windows.all), None)
    if value is None or any(windows.take(value, some) is not u for u, some in values):
        return None
    view, rank = windows.view(base), len(windows.shape)
    counts = (*(1 for _ in windows.shape), *(a.places for a in axes.values()))
    mask = n.call("firstmax", [view], counts, view.shape)
    rows = [windows.relate(k) for k in axes]
    factors = [(value, windows.labels[:rank], ONE), (mask, windows.labels, ONE), *rows]
    return n.product(ONE, factors, tuple(range(rank)), dict(enumerate(windows.shape)))


def _find_own(condition: Term) -> Term | None:
    """The term that a condition compares with all others; None where there is none, or where it is unknown which."""
    relations = read_relations(condition)
    own = set.intersection(*({*above} for above, _, _ in relations)) if relations else set()
    return next(iter(own)) if len(own) == 1 else None


def _is_first(condition: Term, block: Mapping[Term, int], place: int) -> bool:
    """Whether a condition says that the element at a place is the first greatest one of some."""
    relations = read_relations(condition)
    if relations is None or any(u not in block for above, below, _ in relations for u in (*above, *below)):
        return False
    return says_first(relations, block, place)


def _lift(n: Normaliser, t: Term, own: Term, block: Set[Term], most: Term) -> Term:
    """A term with the greatest element of the window in the place of what is the greatest in a branch."""
    made = {own: most}
    for u in subterms(t):
        if u not in made:
            greatest = is_call(u, sympy.Max) and own in (found := list_greatest(u)) and block >= {*found}
            made[u] = most if greatest else n.normal(with_parts(u, made)) if u.children else u
    return made[t]


OVERLAPS: tuple[Rewrite, ...] = (
    Procedure(
        (Sum,),
        "P.T @ where(x[:-2] >= x[1:-1] and ..., g, 0) + ... -> W @ (g o firstmax(V))",
        "what arrives at a window goes to its first greatest element",
        _join_windows,
        frozenset(["selection"]),
    ),
)
"""The first greatest elements of windows that overlap, as ones among zeros: what the gradient of max pooling has."""
