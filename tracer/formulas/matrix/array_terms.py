"""Terms in array notation: those of more than two axes, and those that are made of such."""

from __future__ import annotations

from typing import Protocol

import sympy
from sympy.tensor.array.expressions import ArraySymbol, Reshape, ZeroArray

from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayAsScalar, ArrayMap, array_function
from tracer.formulas.matrix.array_products import ArrayAdd, Einsum, OneArray, multiply_arrays, scale_array
from tracer.formulas.matrix.arrays import contract_arrays
from tracer.formulas.matrix.blocks import write_part, write_stack
from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.constructors import MatrixAlgebra, scalar_product
from tracer.formulas.matrix.elements import is_number_of_arrays, write_body
from tracer.formulas.matrix.joined_axes import fold_places
from tracer.formulas.matrix.named import write_named_array
from tracer.formulas.matrix.network import Network
from tracer.formulas.matrix.signs import Signs, move_into_sum
from tracer.formulas.matrix.unevaluated import list_parts
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.record import Call, Factor, Product, Source, Sum, Term, is_call, is_one, product


class Write(Protocol):
    """The writer of a formula, as arrays see it."""

    terms: Normaliser
    algebra: MatrixAlgebra
    signs: Signs

    def __call__(self, t: Term) -> sympy.Expr:
        """A term as a matrix or a number."""

    def array(self, t: Term) -> sympy.Expr:
        """A term as an array of its own rank."""

    def as_matrix(self, array: sympy.Expr, t: Term) -> sympy.Expr:
        """An array where a matrix or a number is wanted."""

    def network(self, t: Product) -> Network:
        """A product as a network of its factors."""


def convert_to_array(write: Write, t: Term) -> sympy.Expr:
    """A term as an array, made from its matrix notation."""
    if isinstance(t, Source) and len(t.shape) == 1:
        return ArraySymbol(t.name, t.shape)
    made = write(t)
    if isinstance(made, (ArrayAsMatrix, ArrayAsScalar)):
        return made.args[0]
    return Reshape(made, t.shape) if len(t.shape) == 1 else made


def write_array(write: Write, t: Term) -> sympy.Expr:
    """A term as an array expression, its windows as sums of places where all can be written so."""
    stacked = write_stack(write, t)
    if stacked is not None:
        return stacked
    folded = fold_places(write.terms, t)
    made = _write_any_array(write, folded)
    if folded is t or not any(isinstance(e, Einsum) and e.shows_windows for e in list_parts(made)):
        return made
    return _write_any_array(write, t)


def _write_any_array(write: Write, t: Term) -> sympy.Expr:
    """A term as an array expression: one that has, or is made of what has, more than two axes."""
    apart = isinstance(t, Product) and any(not labels and is_number_of_arrays(u) for u, labels, _ in t.factors)
    if t.shape and not apart and (not isinstance(t, Product) or any(e is not ONE for _, _, e in t.factors)):
        made = _map_one_array(write, t)
        if made is not None:
            return made
    if isinstance(t, Sum):
        rows = [move_into_sum(write.terms, c, u) for c, u in t.terms]
        rows.sort(key=lambda row: row[0].could_extract_minus_sign())
        return ArrayAdd(*(_repeat_number(write, c, u) or scale_array(c, write.array(u)) for c, u in rows))
    if isinstance(t, Call):
        if not t.elementwise:
            return write_part(write, t) if t.head == "part" else write_named_array(write, t)
        leaves: dict[Term, sympy.Symbol] = {}
        body = write_body(write, t, leaves)
        return ArrayMap(sympy.Lambda(tuple(leaves.values()), body), *map(write.array, leaves))
    assert isinstance(t, Product)
    return ZeroArray(*t.shape) if t.scale is ZERO else contract_arrays(write.network(_close_places(t)))


def _close_places(t: Product) -> Product:
    """A product in which relations between places that leave one axis are a vector, as ``concat(ones(8, 1), 0)`` is."""
    places = [f for f in t.factors if is_call(f[0], "window", "selection") and f[2] is ONE]
    inner = {k for f in places for k in f[1]} - {*t.out, *(k for f in t.factors if f not in places for k in f[1])}
    closed: list[Factor] = []
    rest = [f for f in t.factors if f not in places]
    while places:
        group = [places.pop()]
        while near := [f for f in places if any(inner.intersection(f[1], other) for _, other, _ in group)]:
            group += near
            places = [f for f in places if f not in near]
        ends = {k for f in group for k in f[1]} - inner
        if len(ends) == 1 and t.out.count(*ends) == 1 < len(t.factors) + len(t.out) - len(group):
            closed.append((product(ONE, group, (*ends,), dict(enumerate(t.sizes))), (*ends,), ONE))
        else:
            rest += group
    return product(t.scale, [*rest, *closed], t.out, dict(enumerate(t.sizes))) if closed else t


def _repeat_number(write: Write, c: sympy.Expr, t: Term) -> sympy.Expr | None:
    """A multiple of a number that is the same everywhere, as the mean of an array is, times ones; None of others."""
    scale, factors, out, sizes = factors_of(t)
    if not is_number_of_arrays(t):
        return None
    number = write(write.terms.product(scale, factors, (), dict(enumerate(sizes))))
    axes = range(len(out))
    return multiply_arrays([(), *((k,) for k in axes)], axes, [scalar_product(c, number), *map(OneArray, t.shape)])


def raise_array(write: Write, t: Term, power: sympy.Expr) -> sympy.Expr:
    """A power of the elements of an array."""
    if power is ONE:
        return write.array(t)
    # Axes of size one may be summed over: an array of one element is one factor of a sum, which is written by this.
    single = all(map(is_one, t.shape))
    made = None if single else _map_one_array(write, write.terms.power(t, power))
    return array_function(sympy.Lambda(VARIABLE, VARIABLE**power), write.array(t)) if made is None else made


def _map_one_array(write: Write, t: Term) -> sympy.Expr | None:
    """A function of the elements of a single tensor as one map; None where there are several, or only a number."""
    leaves: dict[Term, sympy.Symbol] = {}
    body = write_body(write, t, leaves, deep=True)
    if len(leaves) != 1:
        return None
    ((leaf, x),) = leaves.items()
    if leaf is split_scale(t)[1]:
        return None
    return array_function(sympy.Lambda(x, body), write.array(leaf))
