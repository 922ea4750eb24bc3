"""Arrays with leading axes, over which the same is done: the formula of one member, "for each b".

An axis is such a one if all that has it first, keeps it first and sums over no label of it. Then the formula is that of
arrays without this axis: ``softmax(Q*K.T)*V`` of matrices, for each member of a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracer.shapes import Dim, Shape
from tracer.terms import record as T
from tracer.terms.record import Call, Product, Source, Sum, Term, subterms
from tracer.terms.selections import Places

LAST_AXES = {
    "band_part", "cholesky", "cumprod", "det", "expm", "inverse", "logdet", "logsumexp", "matrix_power", "one_hot",
    "pinv", "reduce_max", "reduce_min", "reduce_prod", "softmax",
}  # fmt: skip
"""Functions of the last axes of their arguments, whatever axes stand before."""


class Batch(NamedTuple):
    """A member of a batch.

    Attributes
    ----------
    member : Term
    sizes : tuple
        The sizes of the axes of the batch.
    sources : dict
        The shapes of the sources that have such axes.
    axes : dict
        Which of the axes each of these sources has in front, by their positions.
    """

    member: Term
    sizes: tuple[Dim, ...]
    sources: Mapping[str, Shape]
    axes: Mapping[str, tuple[int, ...]]


def split_batch(root: Term) -> Batch | None:
    """A term of more than two axes as a matrix for each place of its first axes; None where it is none."""
    sizes: list[Dim] = []
    sources: dict[str, Shape] = {}
    axes: dict[str, tuple[int, ...]] = {}
    member = root
    while len(member.shape) > 2:
        found = _drop_axis(member)
        if found is None:
            return None
        for name, shape in found[1].items():
            sources.setdefault(name, shape)
            axes[name] = (*axes.get(name, ()), len(sizes))
        sizes.append(member.shape[0])
        member = found[0]
    # The sizes say which axes are meant, and so no other axis may have one of them.
    rest = {d for u in subterms(member) for d in u.shape}
    known = set(sizes)
    clear = sources and not rest & known and 1 not in known and len(known) == len(sizes)
    return Batch(member, tuple(sizes), sources, axes) if clear else None


def _drop_axis(root: Term) -> tuple[Term, dict[str, Shape]] | None:
    """A term without its first axis, and the shapes of the sources that had it."""
    made: dict[Term, Term] = {}
    sources: dict[str, Shape] = {}
    todo = [root]
    while todo:
        t = todo[-1]
        parts = _list_with_axis(t) if t not in made else ()
        if parts is None:
            return None
        missing = [u for u in parts if u not in made]
        if missing:
            todo += missing
            continue
        todo.pop()
        if t not in made:
            made[t] = _rebuild(t, made)
            if isinstance(t, Source):
                sources[t.name] = t.shape
    rest = {u.name for u in subterms(made[root]) if isinstance(u, Source) and u.shape != sources.get(u.name, ())[1:]}
    return None if rest & sources.keys() else (made[root], sources)


def _list_with_axis(t: Term) -> Sequence[Term] | None:
    """The parts of a term that have its first axis first; None where one has it elsewhere, or the term is no batch."""
    if isinstance(t, Source):
        return () if t.shape else None
    if isinstance(t, Sum):
        return [u for _, u in t.terms]
    if isinstance(t, Call) and t.head == "part":
        return t.args if t.params[0] == Places(0, t.args[0].shape[0]) else None
    if isinstance(t, Call):
        if not t.elementwise and (t.head not in LAST_AXES or len(t.args[0].shape) < 2):
            return None
        return t.args
    assert isinstance(t, Product)
    axis = t.out[0]
    if axis in t.out[1:] or any(axis in labels[1:] for _, labels, _ in t.factors):
        return None
    return [u for u, labels, _ in t.factors if axis in labels]


def _rebuild(t: Term, made: Mapping[Term, Term]) -> Term:
    """A term without its first axis, made from those of its parts."""
    if isinstance(t, Source):
        return T.source(t.name, t.shape[1:], t.assumptions)
    if isinstance(t, Sum):
        return T.add([(c, made[u]) for c, u in t.terms])
    if isinstance(t, Call):
        args = [made[u] for u in t.args]
        params = t.params[1:] if t.head == "part" else t.params
        return T.call(t.head, args, params, None if t.elementwise else t.shape[1:])
    assert isinstance(t, Product)
    axis = t.out[0]
    factors = [(made[u], labels[1:], e) if axis in labels else (u, labels, e) for u, labels, e in t.factors]
    return T.product(t.scale, factors, t.out[1:], dict(enumerate(t.sizes)))
