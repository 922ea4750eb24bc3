"""One numbering of the labels of a product, and one order of its factors, whatever they were before.

Labels are told apart by what they stand at, refined until nothing changes. Where some are still alike, each of them is
tried as the first, and the least numbering is taken. Labels that a symmetry of the product exchanges lead to the same
numbering, so that only one of them is followed to the end; the search is complete, and its work is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tracer.shapes import Dim
from tracer.terms.numbers import text_of
from tracer.terms.record import Factor, Labels

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser

Colours = dict[int, int]
"""A rank for each label; labels of one rank can't be told apart yet."""


class Numbering(NamedTuple):
    """A way to number labels: the rows that it leads to are compared, the least are taken."""

    rows: list[tuple[Any, ...]]
    factors: tuple[Factor, ...]
    names: dict[int, int]
    sign: int


def number_labels(
    n: Normaliser, factors: Sequence[Factor], out: Labels, sizes: Mapping[int, Dim]
) -> tuple[int, tuple[Factor, ...], Labels, tuple[Dim, ...]]:
    """Sign, factors, result labels and sizes, with labels numbered and factors ordered by structure alone."""
    search = _Search(n, factors, out)
    found = search.number_alone() or search.least(search.first_colours(sizes))
    numbered = sorted(found.names, key=found.names.__getitem__)
    return found.sign, found.factors, tuple([found.names[k] for k in out]), tuple([sizes[k] for k in numbered])


class _Search:
    """The search for the least numbering of one product."""

    def __init__(self, n: Normaliser, factors: Sequence[Factor], out: Labels) -> None:
        self.spend: Callable[[int], None] = n.spend
        self.factors = factors
        self.out = out
        self.labels = sorted({k for _, i, _ in factors for k in i} | set(out))
        several = len(factors) > 1  # a single factor has no order among others
        self.heads = [(t.order if several else (), text_of(e), n.exchanges(t, e)) for t, i, e in factors]

    def number_alone(self) -> Numbering | None:
        """The numbering where at most one label is not one of the result, so that nothing has to be told apart."""
        if len(self.labels) > len(set(self.out)) + 1:
            return None
        self.spend(len(self.factors) + len(self.labels))
        return self.number(dict.fromkeys(self.labels, 0))

    def first_colours(self, sizes: Mapping[int, Dim]) -> Colours:
        """Labels told apart by their places in the result and their sizes."""
        marks: dict[int, Any] = {}
        for k in self.labels:
            places = tuple(p for p, o in enumerate(self.out) if o == k)
            marks[k] = (0, places) if places else (1, text_of(sizes[k]))
        return _rank(marks)

    def refine(self, colours: Colours) -> Colours:
        """Labels told apart by the factors that they stand at, and the labels beside them."""
        while True:
            self.spend(len(self.factors) + len(self.labels))
            around: dict[int, list[Any]] = {k: [] for k in self.labels}
            for (_, i, _), (order, exponent, exchanges) in zip(self.factors, self.heads):
                mark = (order, exponent, exchanges.sort(tuple(colours[k] for k in i))[0])
                for p, k in zip(exchanges.firsts, i):
                    around[k].append((mark, p))
            finer = _rank({k: (colours[k], tuple(sorted(around[k]))) for k in self.labels})
            if len(set(finer.values())) == len(set(colours.values())):
                return finer
            colours = finer

    def tied_labels(self, colours: Colours) -> list[int]:
        """The first labels that are still alike."""
        classes: dict[int, list[int]] = {}
        for k, c in colours.items():
            classes.setdefault(c, []).append(k)
        return next((classes[c] for c in sorted(classes) if len(classes[c]) > 1), [])

    def least(self, colours: Colours) -> Numbering:
        """The least numbering that refines colours."""
        colours = self.refine(colours)
        tied = self.tied_labels(colours)
        if not tied:
            return self.number(colours)
        best: Numbering | None = None
        ends: list[list[Any]] = []
        for k in tied:
            end = self.follow(_put_first(colours, k)).rows if len(tied) > 1 else []
            if end in ends:
                continue
            ends.append(end)
            found = self.least(_put_first(colours, k))
            if best is None or found.rows < best.rows:
                best = found
        assert best is not None
        return best

    def follow(self, colours: Colours) -> Numbering:
        """Any one numbering that refines colours: two labels that lead to the same one are exchanged by a symmetry."""
        while True:
            colours = self.refine(colours)
            tied = self.tied_labels(colours)
            if not tied:
                return self.number(colours)
            colours = _put_first(colours, tied[0])

    def number(self, colours: Colours) -> Numbering:
        """Labels numbered by colours that tell all apart, those of the result first."""
        known = set(self.out)
        inner = sorted([k for k in self.labels if k not in known], key=colours.__getitem__)
        names = {k: place for place, k in enumerate([*dict.fromkeys(self.out), *inner])}
        rows = []
        sign = 1
        for (t, i, e), (order, exponent, exchanges) in zip(self.factors, self.heads):
            where, turned = exchanges.sort(tuple([names[k] for k in i]))
            sign *= turned
            rows.append(((order, where, exponent), (t, where, e)))
        rows.sort(key=lambda row: row[0])
        return Numbering([r for r, _ in rows], tuple(f for _, f in rows), names, sign)


def _rank(marks: Mapping[int, Any]) -> Colours:
    """Marks replaced by their ranks."""
    order = {mark: n for n, mark in enumerate(sorted(set(marks.values())))}
    return {k: order[mark] for k, mark in marks.items()}


def _put_first(colours: Colours, first: int) -> Colours:
    """Colours with one label before those that are like it."""
    return _rank({k: (c, 0 if k == first else 1) for k, c in colours.items()})
