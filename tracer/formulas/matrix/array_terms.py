"""Terms in array notation: those of more than two axes, and those that are made of such."""

from __future__ import annotations

from typing import Protocol

import sympy
from sympy.tensor.array.expressions import ArraySymbol, Reshape, ZeroArray

from tracer.formulas.matrix.array_classes import ArrayAsMatrix, ArrayAsScalar, ArrayMap, array_function
from tracer.formulas.matrix.array_products import ArrayAdd, Einsum, OneArray, multiply_arrays, scale_array
from tracer.formulas.matrix.array_windows import Window
from tracer.formulas.matrix.arrays import contract_arrays
from tracer.formulas.matrix.blocks import split_placed, write_part, write_stack
from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.constructors import MatrixAlgebra, scalar_product
from tracer.formulas.matrix.elements import is_number_of_arrays, list_filled, write_body
from tracer.formulas.matrix.joined_axes import fold_places
from tracer.formulas.matrix.named import write_named_array
from tracer.formulas.matrix.network import Network
from tracer.formulas.matrix.padded_arrays import Padded
from tracer.formulas.matrix.signs import Signs, move_into_sum
from tracer.formulas.matrix.unevaluated import list_parts
from tracer.terms.decomposition import factors_of, split_scale
from tracer.terms.fillings import read_filling
from tracer.terms.normalise import Normaliser
from tracer.terms.numbers import ONE, ZERO
from tracer.terms.record import Call, Factor, Product, Source, Sum, Term, is_call, is_one, product
from tracer.terms.selections import Places, is_ordered


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
    padded = _view_filled(write, t) if stacked is None else stacked
    padded = _write_padded(write, t) if padded is None and len(t.shape) > 2 else padded
    if padded is not None:
        return padded
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
        body = write_body(write, t, leaves, whole=list_filled(t) - {t})
        return ArrayMap(sympy.Lambda(tuple(leaves.values()), body), *map(write.array, leaves))
    assert isinstance(t, Product)
    return ZeroArray(*t.shape) if t.scale is ZERO else contract_arrays(write.network(_close_places(t)))


def _write_padded(write: Write, t: Term) -> sympy.Expr | None:
    """What stands in one run of places of each axis, and a number around it; None of any other term."""
    filling = read_filling(t) if isinstance(t, Call) else None
    placed = split_placed(write.terms, t if filling is None else filling.placed) if t.shape else None
    if placed is None or (filling is None and not isinstance(t, Product)):
        return None
    if filling is not None:
        mask = split_placed(write.terms, filling.mask)
        if mask is None or mask[1] != placed[1]:
            return None
    inner, places = placed
    if any(p.step != 1 for p in places.values()):
        return None
    spans = [places.get(k, Places(0, d)) for k, d in enumerate(t.shape)]
    widths = [sympy.Tuple(p.start, sympy.expand(d - p.start - p.length)) for p, d in zip(spans, t.shape)]
    scale, core = (sympy.S.One, inner) if filling is not None else split_scale(inner)
    made = Padded(write.array(core), sympy.Tuple(*widths), ZERO if filling is None else filling.number)
    return scale_array(scale, made)


def _list_relations(t: Term) -> set[tuple[Term, tuple[int, ...]]]:
    """The factors of a term with the axes of the result that they have."""
    _, factors, out, _ = factors_of(t)
    return {(u, tuple(out.index(k) if k in out else -1 for k in labels)) for u, labels, _ in factors}


def write_viewed(write: Write, t: Term) -> sympy.Expr | None:
    """Windows of an array with a number beyond its ends, as a matrix; None of any other term."""
    made = _view_filled(write, t)
    return None if made is None else write.as_matrix(made, t)


def _view_filled(write: Write, t: Term) -> sympy.Expr | None:
    """Windows of an array with a number beyond its ends, as those of the padded array; None of any other term."""
    filling = read_filling(t) if isinstance(t, Call) and len(t.shape) > 1 else None
    if filling is None:
        return None
    scale, factors, out, known = factors_of(filling.placed)
    sizes = dict(enumerate(known))
    windows = {f[1][-1]: f for f in factors if is_call(f[0], "window") and f[2] is ONE and f[1][-1] not in out}
    inner = [f for f in factors if f not in windows.values()]
    if scale is not ONE or len(inner) != 1 or not windows or not windows.keys() <= {*inner[0][1]}:
        return None
    ((base, labels, power),) = inner
    if power is not ONE or _list_relations(filling.mask) != _list_relations(product(ONE, windows.values(), out, sizes)):
        return None
    widths, parts = [sympy.Tuple(0, 0) for _ in labels], list[tuple[sympy.Expr, tuple[int, ...]]]()
    for k, (u, own, _) in windows.items():
        assert isinstance(u, Call)
        offset, *steps = u.params
        if steps[-1] != -1 or any(s < 0 for s in steps[:-1]):
            return None
        last = sympy.expand(offset + sum(s * (d - 1) for s, d in zip(steps, u.shape[:-1])) + 1 - u.shape[-1])
        before, behind = (0 if is_ordered(d, 0) else d for d in (-offset, last))
        widths[labels.index(k)] = sympy.Tuple(before, behind)
        shape = sympy.Tuple(*u.shape[:-1], u.shape[-1] + before + behind)
        parts.append((Window(sympy.sympify(offset + before), sympy.Tuple(*steps), shape), own))
    padded = Padded(write.array(base), sympy.Tuple(*widths), filling.number)
    return multiply_arrays([labels, *(own for _, own in parts)], out, [padded, *(w for w, _ in parts)])


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
    body = write_body(write, t, leaves, deep=True, whole=list_filled(t) - {t})
    if len(leaves) != 1:
        return None
    ((leaf, x),) = leaves.items()
    if leaf is split_scale(t)[1]:
        return None
    return array_function(sympy.Lambda(x, body), write.array(leaf))
