"""Proofs that two programs are the same."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import cast as typed

import sympy

from tracer.comparison.generalising import generalise
from tracer.comparison.identities import WORK, Evidence, Identity
from tracer.comparison.instances import Instance
from tracer.comparison.parameters import NOTHING, symbols_in
from tracer.comparison.rearranging import rearrange
from tracer.comparison.sides import Side, trace_both
from tracer.comparison.size_bounds import bound_degree
from tracer.comparison.tried_sizes import fill_shape
from tracer.explanations.vanishing import is_zero
from tracer.ops.casting import cast
from tracer.rules import Elementwise
from tracer.shapes import Dim, Shape
from tracer.tensor import SOURCES, Tensor, placeholder
from tracer.walk import ancestors

SIZE_WORK = 150_000
"""About how many numbers may be computed at each of the sizes."""

FIRST = 3
"""The largest of the sizes from which on a proof may begin."""


class Generic:
    """Two programs over sources of symbolic shapes, which stand for all sizes.

    Attributes
    ----------
    left, right : list of Tensor or None
        What was traced; None where that is not possible.
    """

    def __init__(
        self,
        sides: tuple[Side, Side],
        names: Sequence[str],
        shapes: Sequence[Shape],
        dtypes: Sequence[str],
        assumed: Sequence[Mapping[str, bool]] = (),
    ) -> None:
        known = assumed or [NOTHING] * len(names)
        self.sources = {n: placeholder(n, s, d, **a) for n, s, d, a in zip(names, shapes, dtypes, known)}
        dims = [d for side in sides if side.recorded is not None for d in side.recorded.dims]
        sizes: dict[str, Dim] = {s.name: s for s in [*(s for shape in shapes for s in symbols_in(shape)), *dims]}
        self.left, self.right = trace_both(sides, self.sources, sizes)


def prove_generic(programs: Generic) -> str | None:
    """The proof that programs are the same for all sizes, in words; None where there is none."""
    left, right = programs.left, programs.right
    if left is None or right is None or not _are_alike(left, right):
        return None
    free = [t for t in programs.sources.values() if t.dtype != "bool"]
    if reason := _by_normal_form(left, right) or _element_by_element(left, right, free):
        return reason
    left, right = rearrange(left, right)
    if reason := _by_normal_form(left, right) or _element_by_element(left, right, free):
        return reason
    left, right, rows = generalise(left, right)
    return _by_normal_form(left, right) or _by_sizes(left, right, [*free, *rows])


def prove(instance: Instance | Generic, work: int = WORK) -> str | None:
    """The proof that programs are the same at the sizes of an instance, in words; None where there is none.

    ``work`` is about how many numbers may be computed.
    """
    left, right = instance.left, instance.right
    if left is None or right is None or not _are_alike(left, right):
        return None
    if reason := _by_normal_form(left, right):
        return reason
    shapes = {t.node: typed("tuple[int, ...]", t.shape) for t in instance.sources.values() if t.dtype != "bool"}
    evidence = Identity(left, right, shapes, work).prove() or Identity(left, right, shapes, work, opaque=True).prove()
    return None if evidence is None else str(evidence)


def _are_alike(left: Sequence[Tensor], right: Sequence[Tensor]) -> bool:
    return [t.shape for t in left] == [t.shape for t in right]


def _element_by_element(left: Sequence[Tensor], right: Sequence[Tensor], sources: Sequence[Tensor]) -> str | None:
    """A proof for one element of programs that compute each element by itself."""
    order = ancestors([*left, *right])
    if not all(isinstance(t.rule, Elementwise) or t.rule in SOURCES for t in order):
        return None
    if any(t.rule in SOURCES and t.value is not None and t.ndim for t in order):
        return None
    evidence = Identity(left, right, {t.node: () for t in sources}).prove()
    return None if evidence is None else f"element by element {evidence}"


def _by_sizes(left: Sequence[Tensor], right: Sequence[Tensor], sources: Sequence[Tensor]) -> str | None:
    """A proof for as many sizes as there have to be."""
    degree = bound_degree(left, right)
    if degree is None:
        return None
    dims = sorted({s for t in sources for d in t.shape for s in getattr(d, "free_symbols", ())}, key=str)
    # At the first size a quotient may be undefined.
    begun = ((k, _prove_at(left, right, sources, dict.fromkeys(dims, k))) for k in range(1, FIRST + 1))
    first, worst = next(((k, evidence) for k, evidence in begun if evidence is not None), (0, None))
    if worst is None:
        return None
    for excess in itertools.product(range(degree + 1), repeat=len(dims)):
        if 0 < sum(excess) <= degree:
            evidence = _prove_at(left, right, sources, {d: first + e for d, e in zip(dims, excess)})
            if evidence is None:
                return None
            if evidence.exponent < worst.exponent:
                worst = evidence
    return (
        f"what is of degree {degree} at most in the sizes is equal for all of them if it is for {first} to "
        f"{first + degree}, and there they are {worst}"
    )


def _prove_at(
    left: Sequence[Tensor], right: Sequence[Tensor], sources: Sequence[Tensor], sizes: Mapping[sympy.Symbol, int]
) -> Evidence | None:
    """The evidence that programs are the same for some sizes."""
    shapes = {t.node: fill_shape(t.shape, sizes) for t in sources}
    if any(n < 0 for shape in shapes.values() for n in shape):
        return None
    return Identity(left, right, shapes, SIZE_WORK, sizes, opaque=True).prove()


def _by_normal_form(left: Sequence[Tensor], right: Sequence[Tensor]) -> str | None:
    if all(a is b or is_zero(_difference(a, b)) for a, b in zip(left, right)):
        return "their difference has the normal form zero"
    return None


def _difference(a: Tensor, b: Tensor) -> Tensor:
    number = [cast(t, "float64") if t.dtype == "bool" else t for t in (a, b)]
    return number[0] - number[1]
