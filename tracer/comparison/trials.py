"""Two programs at random points modulo primes: where they are defined, where equal, and which signs were asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, cast

import numpy as np
import sympy

from tracer.comparison.fields import choose_field
from tracer.comparison.laws import NOT_FORCED, Question, Residues
from tracer.comparison.residues import Residue
from tracer.comparison.unknowns import Unknown
from tracer.ops.contraction import Contraction
from tracer.precise.arithmetic import as_number
from tracer.precise.numeric import Numeric
from tracer.shapes import Shape
from tracer.tensor import Tensor

Place = tuple[int, int]
"""A source by its node, and the position of an element of it."""

Feed = Mapping[int, np.ndarray]
"""The numbers that values of sources are made of, by the nodes of the sources."""


LOGARITHM = 4
"""About how much longer a point takes where discrete logarithms are found."""


class Trial(NamedTuple):
    """What is found at a point.

    Attributes
    ----------
    seed : int
    defined : bool
        Whether both are defined modulo P.
    equal : tuple of bool or None
        Whether they are equal, for each prime; None where one of them is undefined.
    degree : int
        A bound for the degree of their difference.
    arithmetic : Residues
        The questions that were asked, and what else was met.
    """

    seed: int
    defined: bool
    equal: tuple[bool | None, ...]
    degree: int
    arithmetic: Residues

    @property
    def pattern(self) -> tuple[int | None, ...]:
        """The signs of all that was asked."""
        return tuple(q.sign for q in self.arithmetic.asked)

    @property
    def choices(self) -> tuple[int | None, ...]:
        """The signs that values are chosen by."""
        return tuple(q.sign for q in self.arithmetic.asked if q.choice)

    def count(self, choice: bool) -> int:
        """By how many independent signs values are chosen, or how many values have to be positive."""
        arithmetic, p = self.arithmetic, self.arithmetic.field.moduli[0]
        known = {*arithmetic.forced, *arithmetic.assumed}
        return len(
            {
                min(t, p - t)
                for k, q in enumerate(arithmetic.asked)
                if q.choice is choice and k not in known and q.value.exact is None and (t := q.value.values[0])
            }
        )

    def weakest(self) -> int:
        """The smallest of the primes that the values depend on."""
        _, q, r = self.arithmetic.field.moduli
        return r if self.arithmetic.met_angle else q


class Trials:
    """Two lists of tensors at random values of their sources.

    Parameters
    ----------
    left, right : sequence of Tensor
    shapes : mapping of int to tuple of int
        The shapes of the unknown values of sources, by their nodes.
    sizes : mapping of symbol to int
        Sizes of symbolic dimensions.
    opaque : bool
        Whether operations that are neither elementwise nor contractions are unknown functions.

    Attributes
    ----------
    logarithms : bool
        Whether discrete logarithms are found.
    """

    def __init__(
        self,
        left: Sequence[Tensor],
        right: Sequence[Tensor],
        shapes: Mapping[int, Shape],
        sizes: Mapping[sympy.Symbol, int] = MappingProxyType({}),
        opaque: bool = False,
    ) -> None:
        self.numeric = Numeric([*left, *right], sizes=sizes, opaque=opaque)
        self.cut = len(left)
        sources = {t.node: t for t in self.numeric.order}
        self.unknowns = {node: Unknown(sources[node], shape) for node, shape in shapes.items() if node in sources}
        self.logarithms = False
        self._constants: frozenset[int] = frozenset()
        # The constants that are met at a point are squares in the fields of all others.
        self._constants = frozenset(self.at(0).arithmetic.constants)

    def places(self) -> list[Place]:
        """The places of the unknown numbers."""
        return [(node, i) for node, unknown in self.unknowns.items() for i in range(math.prod(unknown.shape))]

    def begin(self, seed: int, forced: Mapping[int, int] = NOT_FORCED) -> tuple[Residues, dict[int, np.ndarray]]:
        """The arithmetic of a point, and random numbers that values of the sources are made of."""
        arithmetic = Residues(seed, choose_field(seed, self._constants, self.logarithms), self.logarithms, forced)
        return arithmetic, {node: unknown.draw(arithmetic) for node, unknown in self.unknowns.items()}

    def at(self, seed: int, feed: Feed | None = None, forced: Mapping[int, int] = NOT_FORCED) -> Trial:
        """What is found at a point: at given values of the sources, or at random ones."""
        arithmetic, drawn = self.begin(seed, forced)
        found = self._evaluate(drawn if feed is None else feed, arithmetic)
        pairs = [
            pair
            for left, right in zip(found[: self.cut], found[self.cut :], strict=True)
            for pair in _pairs(left, right)
        ]
        defined = all(v.values[0] is not None for pair in pairs for v in pair)
        equal = []
        for k in range(3):
            values = [(x.values[k], y.values[k]) for x, y in pairs]
            equal.append(None if any(None in pair for pair in values) else all(x == y for x, y in values))
        degree = max((sum(x.degrees) + sum(y.degrees) for x, y in pairs), default=0)
        return Trial(seed, defined, tuple(equal), degree * math.prod(arithmetic.roots.values()), arithmetic)

    def ask(self, feed: Feed, seed: int, forced: Mapping[int, int] = NOT_FORCED) -> list[Question]:
        """The questions that are asked at given values of the sources."""
        arithmetic, _ = self.begin(seed, forced)
        self._evaluate(feed, arithmetic)
        return arithmetic.asked

    def cost(self) -> int:
        """About how many numbers are computed at a point."""
        return self._work * LOGARITHM if self.logarithms else self._work

    @cached_property
    def _work(self) -> int:
        work, sizes = 1, self.numeric.count_elements()
        for t in self.numeric.order:
            own = [sizes[t.node]]
            if isinstance(t.rule, Contraction):
                own += [sizes[a.node] for a in t.args if isinstance(a, Tensor)]
            work += 1 + max(own)
        return work

    def _evaluate(self, feed: Feed, arithmetic: Residues) -> list[list[Residue]]:
        sources = {node: unknown.build(feed[node], arithmetic) for node, unknown in self.unknowns.items()}
        return [
            [cast("Residue", as_number(v, arithmetic)) for v in values.ravel()]
            for values in self.numeric(sources, arithmetic)
        ]


def _pairs(left: list[Residue], right: list[Residue]) -> Iterator[tuple[Residue, Residue]]:
    """Elements that correspond; a number stands for as many as the other has."""
    size = max(len(left), len(right))
    return zip(left * size if len(left) == 1 else left, right * size if len(right) == 1 else right, strict=True)


def move_element(feed: Feed, place: Place, by: Residue) -> dict[int, np.ndarray]:
    """Values with one element moved."""
    node, i = place
    values = feed[node].copy()
    values.flat[i] = values.flat[i] + by
    return {**feed, node: values}
