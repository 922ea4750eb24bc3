"""Arrays with leading axes, over which the same is done: the formula of one member, "for each b".

An axis is such a one if all that has it does the same at each of its places, and sums over no label of it. Then the
formula is that of arrays without this axis: ``softmax(Q*K.T)*V`` of matrices, for each member of a batch. Sources have
such an axis in front.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from sympy import Expr

from tracer.shapes import Dim, Shape
from tracer.terms import record as T
from tracer.terms.record import ONE, Call, Factor, Product, Source, Sum, Term, subterms
from tracer.terms.selections import Places, is_axis_of_members

Place: TypeAlias = tuple[Term, int]
"""A term, and one of its axes."""


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

    def without_axis(self, member: Term, shapes: Mapping[str, Shape]) -> Batch:
        """The same with one more axis: what is left of a member, and the shapes of the sources that had the axis."""
        axes = {name: (*self.axes.get(name, ()), len(self.sizes)) for name in shapes}
        sizes = (*self.sizes, self.member.shape[0])
        return Batch(member, sizes, {**shapes, **self.sources}, {**self.axes, **axes})

    def is_clear(self) -> bool:
        """Whether the sizes say which axes are meant: no other axis has one of them."""
        rest = {d for u in subterms(self.member) for d in u.shape}
        known = set(self.sizes)
        return bool(self.sources) and not rest & known and 1 not in known and len(known) == len(self.sizes)


def split_batch(root: Term, rank: int = 2) -> Batch | None:
    """A term of more axes than a rank as one of that rank for each place of its first axes; None where it is none."""
    batch = Batch(root, (), {}, {})
    while len(batch.member.shape) > rank:
        found = _drop_axis(batch.member)
        if found is None:
            return None
        batch = batch.without_axis(*found)
    return batch if batch.is_clear() else None


def split_summed_batch(root: Term) -> Iterator[Batch]:
    """The batches over whose members a term is the sum: of one axis that it sums over, of two and so on."""
    yield from _split_sum(root)
    batch = Batch(root, (), {}, {})
    while isinstance(batch.member, Product):
        member = batch.member
        sizes = dict(enumerate(member.sizes))
        for label in sorted({k for _, labels, _ in member.factors for k in labels}.difference(member.out)):
            lifted = T.product(member.scale, member.factors, (label, *member.out), sizes)
            found = _drop_axis(lifted)
            if found is not None and (longer := Batch(lifted, *batch[1:]).without_axis(*found)).is_clear():
                break
        else:
            return
        batch = longer
        yield batch


def _split_sum(root: Term) -> Iterator[Batch]:
    """The batches of one axis over whose members a sum is the sum: each summand sums over one label of the size."""
    rows = _list_products(root)
    if len(rows) < 2:
        return
    sizes: list[set[Dim]] = [
        {t.sizes[k] for _, labels, _ in t.factors for k in labels if k not in t.out} for _, t in rows
    ]
    for size in sorted(set.intersection(*sizes), key=str):
        lifted = [(c, _lift(t, size)) for c, t in rows]
        whole = T.add([(c, t) for c, t in lifted if t is not None])
        found = _drop_axis(whole) if all(t is not None for _, t in lifted) else None
        if found is not None and (batch := Batch(whole, (), {}, {}).without_axis(*found)).is_clear():
            yield batch


def _list_products(root: Term) -> list[tuple[Expr, Product]]:
    """The products that a term adds, numbers in front of sums in it multiplied in; nothing where there are others."""
    todo: list[tuple[Expr, tuple[Factor, ...], Term]] = [(ONE, (), root)]
    rows: list[tuple[Expr, Product]] = []
    for c, front, t in todo:
        if isinstance(t, Sum):
            todo += [(c * d, front, u) for d, u in t.terms]
            continue
        if not isinstance(t, Product):
            return []
        scalars = (*front, *(f for f in t.factors if not f[1]))
        rest = [f for f in t.factors if f[1]]
        if len(rest) == 1 and isinstance(rest[0][0], Sum) and rest[0][1:] == (t.out, ONE):
            todo.append((c * t.scale, scalars, rest[0][0]))
        else:
            made = T.product(t.scale, [*scalars, *rest], t.out, dict(enumerate(t.sizes)))
            rows.append((c, made))
    return rows


def _lift(t: Product, size: Dim) -> Term | None:
    """A product with the only label of a size that it sums over for its first axis; None where there are several."""
    found = {k for _, labels, _ in t.factors for k in labels if k not in t.out and t.sizes[k] == size}
    if len(found) != 1:
        return None
    return T.product(t.scale, t.factors, (*found, *t.out), dict(enumerate(t.sizes)))


def _drop_axis(root: Term) -> tuple[Term, dict[str, Shape]] | None:
    """A term without its first axis, and the shapes of the sources that had it."""
    made: dict[Place, Term] = {}
    sources: dict[str, Shape] = {}
    todo = [(root, 0)]
    while todo:
        place = t, axis = todo[-1]
        parts = _list_with_axis(t, axis) if place not in made else ()
        if parts is None:
            return None
        missing = [part for part in parts if part not in made]
        if missing:
            todo += missing
            continue
        todo.pop()
        if place not in made:
            made[place] = _rebuild(t, axis, made)
            if isinstance(t, Source):
                sources[t.name] = t.shape
    member = made[root, 0]
    rest = {u.name for u in subterms(member) if isinstance(u, Source) and u.shape != sources.get(u.name, ())[1:]}
    return None if rest & sources.keys() else (member, sources)


def _list_with_axis(t: Term, axis: int) -> Sequence[Place] | None:
    """The parts of a term that have an axis of it, and where; None where the term is not the same at each place."""
    if isinstance(t, Source):
        return () if axis == 0 else None
    if isinstance(t, Sum):
        return [(u, axis) for _, u in t.terms]
    if isinstance(t, Call):
        if t.head == "part":
            alike = all(isinstance(taken, Places) for taken in t.params[: axis + 1])
            alike = alike and t.params[axis] == Places(0, t.args[0].shape[axis])
        else:
            alike = is_axis_of_members(t, axis)
        return [(u, axis) for u in t.args] if alike else None
    assert isinstance(t, Product)
    label = t.out[axis]
    if t.out.count(label) > 1 or any(labels.count(label) > 1 for _, labels, _ in t.factors):
        return None
    return [(u, labels.index(label)) for u, labels, _ in t.factors if label in labels]


def _rebuild(t: Term, axis: int, made: Mapping[Place, Term]) -> Term:
    """A term without one of its axes, made from those of its parts."""
    shape = (*t.shape[:axis], *t.shape[axis + 1 :])
    if isinstance(t, Source):
        return T.source(t.name, shape, t.assumptions)
    if isinstance(t, Sum):
        return T.add([(c, made[u, axis]) for c, u in t.terms])
    if isinstance(t, Call):
        args = [made[u, axis] for u in t.args]
        params = (*t.params[:axis], *t.params[axis + 1 :]) if t.head == "part" else t.params
        return T.call(t.head, args, params, None if t.elementwise else shape)
    assert isinstance(t, Product)
    label = t.out[axis]
    factors = []
    for u, labels, e in t.factors:
        if label in labels:
            k = labels.index(label)
            u, labels = made[u, k], (*labels[:k], *labels[k + 1 :])
        factors.append((u, labels, e))
    return T.product(t.scale, factors, (*t.out[:axis], *t.out[axis + 1 :]), dict(enumerate(t.sizes)))
