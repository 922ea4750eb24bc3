"""Arrays with axes over which the same is done: the formula of one member, "for each b".

An axis is such a one if all that has it does the same at each of its places, and sums over no label of it. Then the
formula is that of arrays without this axis: ``softmax(Q*K.T)*V`` of matrices, for each member of a batch. Sources have
such an axis in front, or elsewhere, as the heads of an attention have it behind the words: its size tells which it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

from sympy import Expr

from tracer.shapes import Dim, Shape
from tracer.terms import record as T
from tracer.terms.decomposition import factors_of
from tracer.terms.record import ONE, Call, Factor, Product, Source, Sum, Term, subterms
from tracer.terms.selections import Places, is_axis_of_members

Place: TypeAlias = tuple[Term, int]
"""A term, and one of its axes."""

OWN = -1
"""What stands for an axis of a member among the axes of a batch."""


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
        For each of these sources, which of the batch's axes each of its own is, by position; OWN for those of a member.
    """

    member: Term
    sizes: tuple[Dim, ...]
    sources: Mapping[str, Shape]
    axes: Mapping[str, tuple[int, ...]]

    def drop(self, axis: int) -> Batch | None:
        """The same with one more axis, one of a member; None where a member is not the same along it."""
        found = _drop_axis(self.member, axis)
        if found is None:
            return None
        member, places = found
        sources, axes = dict(self.sources), dict(self.axes)
        for name, (shape, k) in places.items():
            sources.setdefault(name, shape)
            known = axes.get(name, (OWN,) * len(shape))
            at = [place for place, of in enumerate(known) if of == OWN][k]
            axes[name] = (*known[:at], len(self.sizes), *known[at + 1 :])
        return Batch(member, (*self.sizes, self.member.shape[axis]), sources, axes)

    def count_moved(self) -> int:
        """How many sources have axes of the batch behind their own."""
        return sum(OWN in axes[: sum(of != OWN for of in axes)] for axes in self.axes.values())

    def may_be_summed(self) -> bool:
        """Whether it may be said of the members that they are added up."""
        return self.is_clear() and (not self.count_moved() or self.has_plain_sources())

    def has_plain_sources(self) -> bool:
        """Whether no source of a member has more than two axes, and none is a column of a matrix."""
        plain = all(len(u.shape) <= 2 for u in subterms(self.member) if isinstance(u, Source))
        return plain and not self.has_columns()

    def has_columns(self) -> bool:
        """Whether a source of a member is a column of a matrix."""
        return any(len(axes) == 2 and axes[0] == OWN for axes in self.axes.values())

    def is_laid_out(self, places: Sequence[int]) -> bool:
        """Whether a source has the axes of the batch where the result has them, so that these need not be told."""
        return any([k for k, of in enumerate(axes) if of != OWN] == [*places] for axes in self.axes.values())

    def is_clear(self) -> bool:
        """Whether the sizes say which axes are meant: no other axis has one of them, and a source has each."""
        rest = {d for u in subterms(self.member) for d in u.shape}
        known = set(self.sizes)
        had = {k for axes in self.axes.values() for k in axes if k != OWN}
        return len(had) == len(known) == len(self.sizes) and not rest & known and 1 not in known


def split_batch(root: Term, rank: int = 2) -> Batch | None:
    """A term of more axes than a rank as one of that rank for each place of its first axes; None where it is none."""
    count = len(root.shape) - rank
    batch = _drop_axes(root, range(count)) if count > 0 else None
    return batch if batch is not None and not batch.count_moved() else None


def split_batches(root: Term, rank: int = 2) -> Iterator[tuple[Batch, tuple[int, ...]]]:
    """A term of more axes than a rank as one of that rank for each place of some of its axes, and which these are.

    The first axes come first; others are taken where the result is laid out as a source, and no source is a column.
    """
    count = len(root.shape) - rank
    first = tuple(range(count))
    for places in combinations(range(len(root.shape)), count) if count > 0 else ():
        batch = _drop_axes(root, places)
        if batch is None:
            continue
        if not is_moved(batch, places) or (
            not batch.has_columns() and not _is_source(batch.member) and (places == first or batch.is_laid_out(places))
        ):
            yield batch, places


def is_moved(batch: Batch, places: Sequence[int]) -> bool:
    """Whether the axes of a batch, which are some of the result, are not the first ones everywhere."""
    return [*places] != [*range(len(places))] or batch.count_moved() > 0


def _is_source(term: Term) -> bool:
    """Whether a term is a source but for a number and the order of its axes: of an array the notation says that."""
    _, factors, out, _ = factors_of(term)
    return len(factors) == 1 and isinstance(factors[0][0], Source) and set(factors[0][1]) <= {*out}


def _drop_axes(root: Term, places: Sequence[int]) -> Batch | None:
    """A term without some of its axes; None where a member is not the same along them."""
    batch = Batch(root, (), {}, {})
    for passed, axis in enumerate(places):
        shorter = batch.drop(axis - passed)
        if shorter is None:
            return None
        batch = shorter
    return batch if batch.is_clear() else None


def split_summed_batch(root: Term) -> Iterator[Batch]:
    """The batches over whose members a term is the sum: of one axis that it sums over, of two and so on."""
    yield from _split_sum(root)
    batch = Batch(root, (), {}, {})
    while isinstance(batch.member, Product):
        member = batch.member
        sizes = dict(enumerate(member.sizes))
        found: list[Batch] = []
        for label in sorted({k for _, labels, _ in member.factors for k in labels}.difference(member.out)):
            lifted = T.product(member.scale, member.factors, (label, *member.out), sizes)
            longer = Batch(lifted, *batch[1:]).drop(0)
            if longer is not None and longer.may_be_summed():
                found.append(longer)
        if not found:
            return
        batch = min(found, key=Batch.count_moved)
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
        lifted = [(c, made) for c, t in rows if (made := _lift(t, size)) is not None]
        batch = Batch(T.add(lifted), (), {}, {}).drop(0) if len(lifted) == len(rows) else None
        if batch is not None and batch.may_be_summed():
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


def _drop_axis(root: Term, axis: int) -> tuple[Term, dict[str, tuple[Shape, int]]] | None:
    """A term without an axis, and the shapes of the sources that had it with the place where they had it."""
    made: dict[Place, Term] = {}
    sources: dict[str, tuple[Shape, int]] = {}
    todo = [(root, axis)]
    while todo:
        place = t, k = todo[-1]
        parts = _list_with_axis(t, k) if place not in made else ()
        if parts is None:
            return None
        missing = [part for part in parts if part not in made]
        if missing:
            todo += missing
            continue
        todo.pop()
        if place not in made:
            made[place] = _rebuild(t, k, made)
            if isinstance(t, Source) and sources.setdefault(t.name, (t.shape, k)) != (t.shape, k):
                return None
    member = made[root, axis]
    rest = {u.name for u in subterms(member) if isinstance(u, Source) and not _is_without_axis(u, sources)}
    return None if rest & sources.keys() else (member, sources)


def _is_without_axis(t: Source, sources: Mapping[str, tuple[Shape, int]]) -> bool:
    """Whether a source of a member is what is left of one that had the axis."""
    shape, k = sources.get(t.name, ((), 0))
    return t.shape == (*shape[:k], *shape[k + 1 :])


def _list_with_axis(t: Term, axis: int) -> Sequence[Place] | None:
    """The parts of a term that have an axis of it, and where; None where the term is not the same at each place."""
    if isinstance(t, Source):
        return ()
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
        params = (*t.params[:axis], *t.params[axis + 1 :]) if t.head in ("part", "firstmax") else t.params
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
