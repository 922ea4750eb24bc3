"""The elements of functions that have names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import sympy

from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix.array_classes import ArrayAsMatrix
from tracer.formulas.matrix.array_reductions import ArraySoftmax
from tracer.formulas.matrix.blocks import split_placed
from tracer.formulas.matrix.bodies import DrawnArray, VectorElement, array_element, element, piecewise
from tracer.formulas.matrix.extremes import MaxOver, MinOver
from tracer.formulas.matrix.function_classes import softmax
from tracer.formulas.matrix.writer import matrix
from tracer.formulas.notations.affine import join_remainder
from tracer.formulas.notations.element_products import multiply, sum_over
from tracer.series import ExprWithLimits
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Call, Term
from tracer.terms.reshapes import axis_groups
from tracer.terms.selections import Places, count_member_axes, take_part
from tracer.terms.softmax import count_axes, spell_softmax


class Writer(Protocol):
    """The writer of elements, as named functions see it."""

    terms: Normaliser

    def name_index(self) -> sympy.Symbol:
        """A new index."""

    def __call__(self, t: Term, where: Sequence[sympy.Expr]) -> sympy.Expr:
        """The element of a term at a place."""


def _write_named_element(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of a function that has a name, of an argument of any rank, which is written as in matrix notation."""
    made = matrix(t, writer.terms)
    made = made.args[0] if isinstance(made, ArrayAsMatrix) else made
    if len(where) > 2 or isinstance(made, DrawnArray):
        return array_element(made, where)
    if len(where) == 1:
        return VectorElement.from_parts([made, where[0], sympy.S.Zero])
    return element(made, *where) if where else made


def _write_softmax(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """Softmax by its name; over all elements of a matrix, the exponential of what it is by."""
    if count_axes(t) > 1 and len(t.shape) == 2:
        return writer(spell_softmax(t), where)
    made = matrix(t, writer.terms)
    if isinstance(made, softmax) and isinstance(made.args[0], ArrayAsMatrix):
        return array_element(ArraySoftmax(made.args[0].args[0]), where)
    return _write_named_element(writer, t, where)


def _write_logsumexp(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The logarithm of the sum of the exponentials over the last axes: by its name where there are two at the most."""
    (z,) = t.args
    if len(z.shape) <= 2:
        return _write_named_element(writer, t, where)
    over = [writer.name_index() for _ in range(t.params)]
    limits = [(k, 0, sympy.sympify(d) - 1) for k, d in zip(over, z.shape[len(where) :])]
    return sympy.log(sum_over(sympy.exp(writer(z, [*where, *over]), evaluate=False), limits), evaluate=False)


def _write_reduction(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The greatest, the least, or the product over the last axes."""
    (x,) = t.args
    over = [writer.name_index() for _ in range(t.params)]
    limits = [sympy.Tuple(k, 0, sympy.sympify(d) - 1) for k, d in zip(over, x.shape[len(where) :])]
    made = ExprWithLimits.__new__(REDUCTIONS[t.head], writer(x, [*where, *over]), *limits)
    return made


def _write_cumprod(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The product of the elements up to a place, or from there on."""
    (x,), (exclusive, reverse) = t.args, t.params
    k, last = writer.name_index(), sympy.sympify(x.shape[-1]) - 1
    low, high = (where[-1] + exclusive, last) if reverse else (sympy.S.Zero, where[-1] - exclusive)
    made = ExprWithLimits.__new__(sympy.Product, writer(x, [*where[:-1], k]), sympy.Tuple(k, low, high))
    return made


def _write_recurrence(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The solution of ``y[i] = a[i]*y[i-1] + b[i]``: the sum of ``b[j]`` times the ``a[k]`` after it, up to i.

    Where it is reversed, of ``y[i] = a[i]*y[i+1] + b[i]``, up to the other end.
    """
    a, b = t.args
    i, j, k = where[-1], writer.name_index(), writer.name_index()
    limits = (k, i, j - 1) if t.params else (k, j + 1, i)
    last = len(a.shape) - 1
    placed = split_placed(writer.terms, a)
    if placed is not None and placed[1] == {last: Places(int(not t.params), b.shape[-1] - 1)}:
        # One that is never asked for stands at the end: the others are those of a vector one place away.
        limits = (k, i + 1, j) if t.params else (k, j, i - 1)
        coefficient = writer(placed[0], [*where[:-1], k - 1 if t.params else k])
    else:
        coefficient = writer(a, [*where[:-1], k])
    ends = (i, sympy.sympify(b.shape[-1]) - 1) if t.params else (sympy.S.Zero, i)
    moved = split_placed(writer.terms, b) if t.params else None
    if moved is not None and moved[1] == {last: Places(0, b.shape[-1] - 1)}:
        # The summands are those of a vector one place away, too.
        ends, b, j = (i + 1, ends[1]), moved[0], j - 1
        limits = (k, limits[1], limits[2] - 1)
    factors = ExprWithLimits.__new__(sympy.Product, coefficient, sympy.Tuple(*limits))
    (at,) = j.free_symbols
    summand = writer(b, [*where[:-1], j])
    return sum_over(multiply(factors, *sympy.Mul.make_args(summand)), [(at, *ends)])


def _write_band_part(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element within the band, or zero."""
    lower, upper = t.params
    i, j = where[-2:]
    bounds = [sympy.Le(i - j, lower, evaluate=False)] if lower >= 0 else []
    bounds += [sympy.Le(j - i, upper, evaluate=False)] if upper >= 0 else []
    entry = writer(t.args[0], where)
    return piecewise([(entry, sympy.And(*bounds)), (sympy.S.Zero, sympy.true)]) if bounds else entry


def _write_reshape(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """The elements in row-major order: positions of axes that are joined are added up, of others divided."""
    (x,) = t.args
    whole = [(list(range(len(x.shape))), list(range(len(t.shape))))]
    at = [sympy.S.Zero] * len(x.shape)
    for old, new in axis_groups(x.shape, t.shape) or whole:
        place = sympy.S.Zero
        for k in new:
            place = join_remainder(place * t.shape[k] + where[k])
        thick = [k for k in old if x.shape[k] != 1]
        for k in reversed(thick):
            at[k] = sympy.Mod(place, x.shape[k]) if k != thick[0] else place
            whole = place.args[0] if isinstance(place, sympy.floor) else place
            place = sympy.floor(whole / x.shape[k])
    return writer(x, at)


def _write_roll(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of the whole, from the other end where there is no more."""
    shift, axis = t.params
    place = sympy.Mod(where[axis] - shift, t.shape[axis], evaluate=False)
    return writer(t.args[0], [*where[:axis], place, *where[axis + 1 :]])


def _write_part(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of the whole."""
    at = iter(where)
    places = [p.start + p.step * next(at) if isinstance(p, Places) else sympy.sympify(p) for p in t.params]
    return writer(t.args[0], places)


def _write_window(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """One where the places of a window meet."""
    offset, *steps = t.params
    ends = [sympy.Add(*(abs(s) * k for s, k in zip(steps, where) if sign * s > 0)) for sign in (1, -1)]
    return sympy.KroneckerDelta(sympy.sympify(offset) + ends[0], ends[1])


def _write_kron(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """``kron(A, B)[i, j] = A[i // m, j // n]*B[i % m, j % n]`` for B of shape (m, n)."""
    a, b = t.args
    outer = [sympy.floor(i / d) for i, d in zip(where, b.shape)]
    inner = [sympy.Mod(i, d) for i, d in zip(where, b.shape)]
    return multiply(writer(a, outer), writer(b, inner))


def write_matrix_element(writer: Writer, t: Call, where: list[sympy.Expr]) -> sympy.Expr:
    """An element of a function of matrices, which is written as in matrix notation; of arrays, that of a member."""
    count = count_member_axes(t)
    if count:
        member = take_member_term(writer.terms, t, where[:count])
        if member is not None:
            return writer(member, where[count:])
    if any(len(u.shape) > 2 for u in (t, *t.args)):
        raise FormulaError(
            f'{t.head} of shape {t.shape} has no index notation; the form "steps" is available: '
            'tracer.formula(tensor, form="steps")'
        )
    return _write_named_element(writer, t, where)


def fill_element(placed: sympy.Expr, mask: sympy.Expr, number: sympy.Expr) -> sympy.Expr:
    """An element of what stands at some places, and a number where the mask of these is not one.

    Examples
    --------
    >>> i = sympy.Symbol("i", integer=True)
    >>> fill_element(sympy.Piecewise((2 * i, i > 3), (0, True)), sympy.Piecewise((1, i > 3), (0, True)), -sympy.oo)
    Piecewise((2*i, i > 3), (-oo, True))
    """
    there = [c for v, c in mask.args if v == 1] if isinstance(mask, sympy.Piecewise) else []
    there = there or [sympy.Gt(mask, 0, evaluate=False)]
    if isinstance(placed, sympy.Piecewise) and placed.args[0][1] == there[0]:
        placed = placed.args[0][0]
    return piecewise([(placed, there[0]), (number, sympy.true)])


def take_member_term(n: Normaliser, t: Term, where: Sequence[sympy.Expr]) -> Term | None:
    """The member of an array at a place of its first axes; None where that can't be told."""
    for k in where:
        part = take_part(n, t, 0, k)
        if part is None:
            return None
        t = part
    return t


REDUCTIONS: Mapping[str, type[ExprWithLimits]] = {
    "reduce_max": MaxOver,
    "reduce_min": MinOver,
    "reduce_prod": sympy.Product,
}
"""What writes the element of a reduction over the elements of its operand."""

NAMED: dict[str, Callable[[Writer, Call, list[sympy.Expr]], sympy.Expr]] = {
    "cumprod": _write_cumprod,
    "recurrence": _write_recurrence,
    "reduce_max": _write_reduction,
    "reduce_min": _write_reduction,
    "reduce_prod": _write_reduction,
    "reshape": _write_reshape,
    "firstmax": _write_named_element,
    "kron": _write_kron,
    "numbers": _write_named_element,
    "part": _write_part,
    "roll": _write_roll,
    "band_part": _write_band_part,
    "softmax": _write_softmax,
    "selection": lambda writer, t, where: sympy.KroneckerDelta(where[1], t.params[0] + t.params[2] * where[0]),
    "logsumexp": _write_logsumexp,
    "range": lambda writer, t, where: sympy.sympify(t.params[0]) + sympy.sympify(t.params[1]) * where[0],
    "window": _write_window,
    "one_hot": lambda writer, t, where: sympy.KroneckerDelta(writer(t.args[0], where[:-1]), where[-1]),
}
