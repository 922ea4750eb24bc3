"""Windows among the factors of a product of arrays: what follows from other places is written as their sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.matrix.bodies import DrawnArray
from tracer.formulas.matrix.index_latex import choose_indices, is_index
from tracer.formulas.matrix.known import is_sized
from tracer.formulas.matrix.precedences import ATOM
from tracer.shapes import Dim
from tracer.terms.selections import is_ordered


class Place(NamedTuple):
    """A number and multiples of some places.

    Attributes
    ----------
    offset : sympy.Expr
    steps : dict
        The multiples, by label.
    """

    offset: sympy.Expr
    steps: dict[int, int]

    def format(self, letters: Mapping[int, str]) -> str:
        """The sum as a text, without spaces: ``2j+m-1``."""
        names = {k: name if is_index(name) else f"({name})" for k, name in letters.items()}
        parts = [f"{'+' if s > 0 else '-'}{'' if abs(s) == 1 else abs(s)}{names[k]}" for k, s in self.steps.items()]
        parts.sort(key=lambda text: text.startswith("-"))
        front = "" if self.offset == 0 else str(self.offset).replace(" ", "")
        text = "".join(parts) + (front if not front or front.startswith("-") else f"+{front}")
        return text.removeprefix("+")


class Window(DrawnArray):
    """An array that is one where a sum is zero: ``args`` are a number, the multiples of the places, and the shape.

    It is not written itself where a place can be made of the others; an element beyond an array is zero then.
    """

    shape = property(lambda self: tuple(self.args[2]))
    precedence = typeset_precedence = ATOM

    def doit(self, **hints: object) -> sympy.Expr:
        return self.as_explicit() if is_sized(self) else self

    def _get(self, item: Sequence[sympy.Expr]) -> sympy.Expr:
        return sympy.KroneckerDelta(sympy.expand(self.args[0] + sum(s * k for s, k in zip(self.args[1], item))), 0)

    def _entry(self, *at: sympy.Expr) -> sympy.Expr:
        return self._get(at)

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """Kronecker's delta of two sums of places."""
        named = dict(enumerate(at))
        sides = [
            Place(offset, {k: sign * int(s) for k, s in enumerate(self.args[1]) if sign * s > 0}).format(named)
            for sign, offset in ((1, self.args[0]), (-1, sympy.S.Zero))
        ]
        return rf"\delta_{{{sides[0]},{sides[1]}}}"

    def write_latex(self, printer: Printer) -> str:
        return self.typeset(printer, choose_indices(printer, self))

    def write_text(self, printer: Printer) -> str:
        return f"window{tuple(self.args[:2])}"

    def list_places(self, word: Sequence[int]) -> dict[int, tuple[Place, bool, bool]]:
        """Places as sums of the others by their labels, whether each is one of its axis, and whether all of it are."""
        found: dict[int, tuple[Place, bool, bool]] = {}
        sizes, steps = dict(zip(word, self.shape)), {k: int(s) for k, s in zip(word, self.args[1])}
        for label, own in steps.items():
            if abs(own) != 1 or len(steps) < len(word):
                continue
            place = Place(-own * self.args[0], {k: -own * s for k, s in steps.items() if k != label})
            reach = [s * (sizes[k] - 1) for k, s in place.steps.items()]
            low, high = (
                sympy.expand(place.offset + sum(r for r, s in zip(reach, place.steps.values()) if sign * s > 0))
                for sign in (-1, 1)
            )
            within = is_ordered(0, low) and is_ordered(high + 1, sizes[label])
            found[label] = place, within, low == 0 and sympy.expand(high + 1 - sizes[label]) == 0
        return found


class Made(NamedTuple):
    """A place that a window makes of others: the labels of the window, the sum, whether it is always on its axis."""

    word: tuple[int, ...]
    place: Place
    within: bool


def name_places(
    windows: Sequence[tuple[Window, tuple[int, ...]]], words: Sequence[Sequence[int]], out: Sequence[int]
) -> dict[int, Made]:
    """The places that windows make of others, by their labels: of the result where they are all of its axis.

    A place that no array has is one of ones, which are zero beyond their ends.
    """
    found: dict[int, Made] = {}
    for a, word in windows:
        sizes = dict(zip(word, a.shape))
        ready = []
        for k, (place, within, whole) in a.list_places(word).items():
            shared = sum(k in other for _, other in windows) > 1
            if not shared and (whole or k not in out):
                smaller = any(is_ordered(sizes[k] + 1, sizes[j]) for j in word)
                bare = k not in out and not any(k in other for other in words)
                ready.append((bare, not within, smaller, k, Made(word, place, within)))
        if ready:
            *_, k, made = min(ready)
            found[k] = made
    return found


def find_told(made: Mapping[int, Made], sizes: Mapping[int, Dim], shown: Set[int], out: Sequence[int]) -> set[int]:
    """The labels whose sizes need not be told: those of axes, and of windows of which there are as many as fit."""
    told, asked = {*shown}, list[Made]()
    for label, m in made.items():
        own = m.place.steps.keys() & {*out}
        first = next((k for k in m.place.steps if k in own and is_filling(m, k, sizes)), None)
        if first is not None and told.isdisjoint(own):
            told.add(first)
        elif label not in out:
            asked.append(m)
    for _ in asked:
        for m in asked:
            left = [k for k in m.place.steps if k not in told]
            told |= {k for k in left if len(left) == 1 and is_filling(m, k, sizes)}
    return told


def is_filling(m: Made, shown: int, sizes: Mapping[int, Dim]) -> bool:
    """Whether there are as many windows of a label as fit on an axis."""
    if not m.within or m.place.offset != 0 or any(s < 0 for s in m.place.steps.values()):
        return False
    (label,) = (k for k in m.word if k not in m.place.steps)
    last = sum(s * (sizes[k] - 1) for k, s in m.place.steps.items())
    return is_ordered(sizes[label], last + m.place.steps[shown])
