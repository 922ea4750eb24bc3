"""How named functions are written in matrix notation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import sympy
from sympy.matrices.expressions import Determinant, Inverse, MatPow
from sympy.tensor.array.expressions import Reshape

from tracer.formulas.errors import no_matrix_form
from tracer.formulas.matrix.array_classes import ArrayAsMatrix, apply_by_name, array_function
from tracer.formulas.matrix.array_reductions import (
    ArrayLogSumExp,
    ArrayMax,
    ArrayMin,
    ArrayProduct,
    reduce_array,
    soften_array,
)
from tracer.formulas.matrix.array_scans import multiply_up
from tracer.formulas.matrix.array_windows import Window
from tracer.formulas.matrix.block_maxima import ArrayFirstMax, firstmax
from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.classes import KroneckerProduct, MatMul
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.function_classes import (
    arange,
    argsort,
    band_part,
    cholesky,
    cross,
    cumprod,
    expm,
    logsumexp_rows,
    lookup,
    max_rows,
    min_rows,
    onehot,
    pinv,
    prod_rows,
    roll,
    softmax,
)
from tracer.formulas.matrix.member_functions import apply_to_members
from tracer.formulas.matrix.scalars import greatest, least, logsumexp, product
from tracer.formulas.matrix.scans import solve_recurrence
from tracer.formulas.matrix.slices import Blocks, Elements, Selection, Stack
from tracer.formulas.matrix.strides import interleave
from tracer.formulas.matrix.unevaluated import from_parts
from tracer.shapes import Shape
from tracer.terms.normalise import Normaliser
from tracer.terms.record import Call, Term, call
from tracer.terms.selections import OWN_AXES, count_member_axes
from tracer.terms.softmax import count_axes, spell_softmax
from tracer.terms.stacks import is_small_stack


class Notation(Protocol):
    """The writer of a formula, as the forms of named functions see it."""

    terms: Normaliser
    algebra: MatrixAlgebra

    def __call__(self, t: Term) -> sympy.Expr:
        """A term as a matrix or a number."""

    def array(self, t: Term) -> sympy.Expr:
        """A term as an array of its own rank."""

    def as_matrix(self, array: sympy.Expr, t: Term) -> sympy.Expr:
        """An array where a matrix or a number is wanted."""


Form = Callable[[Notation, Call], sympy.Expr]


def _write_reshape(write: Notation, t: Call) -> sympy.Expr:
    """A reshape of an array; as a matrix where the result has one or two axes."""
    inner = write.array(t.args[0])
    while isinstance(inner, Reshape):
        inner = inner.args[0]  # The order of the elements is that of the innermost.
    if (parts := _list_in_turn(inner, t.shape)) is not None:
        return interleave(sympy.Integer(len(t.shape) - 1), *parts)
    array = Reshape(inner, t.shape)
    return ArrayAsMatrix(array) if 0 < len(t.shape) <= 2 else array


def _list_in_turn(inner: sympy.Expr, shape: Shape) -> Sequence[sympy.Expr] | None:
    """The matrices, or columns, that a reshape has in turn along its last axis, which is the last two of an array."""
    parts: Sequence[sympy.Expr] = ()
    if isinstance(inner, Stack) and inner.args[0] == 2 and len(shape) == 2 and inner.shape[0] == shape[0]:
        parts = inner.args[1:]
    elif isinstance(inner, Blocks) and len(inner.args) == 1 and len(shape) == 1:
        parts = [m for m in inner.args[0] if m.shape[1] == 1]
    return parts if len(parts) == inner.shape[-1] else None


def _write_logdet(write: Notation, t: Call) -> sympy.Expr:
    """The logarithm of a determinant, that of elements being written out."""
    (a,) = t.args
    return sympy.log(write(write.terms.call("det", [a], None, ())) if is_small_stack(a) else Determinant(write(a)))


def _write_one_hot(write: Notation, t: Call) -> sympy.Expr:
    """The rows of an identity that integers name, or the column that one names."""
    if len(t.shape) > 2:
        raise no_matrix_form(f"{t.head} of rank {len(t.shape)}")
    size, within = t.params
    return (lookup if within else onehot)(write(t.args[0]), sympy.sympify(size))


def _write_logsumexp(write: Notation, t: Call) -> sympy.Expr:
    """The logarithm of the sum of exponentials, over all elements or over each row."""
    z = write(t.args[0])
    return logsumexp(z) if not t.shape else logsumexp_rows(z)


def _write_softmax(write: Notation, t: Call) -> sympy.Expr:
    """Softmax of a column or of each row; over all elements of a matrix it is the exponential of what it is by."""
    return write(spell_softmax(t)) if count_axes(t) > 1 else softmax(write(t.args[0]))


def _write_reduction(write: Notation, t: Call) -> sympy.Expr:
    """A number that is made of all elements, or one for each row."""
    whole, rows, _ = REDUCTIONS[t.head]
    return rows(write(t.args[0])) if t.shape else whole(write(t.args[0]))


REDUCTIONS = {
    "reduce_max": (greatest, max_rows, ArrayMax),
    "reduce_min": (least, min_rows, ArrayMin),
    "reduce_prod": (product, prod_rows, ArrayProduct),
}
"""The classes of reductions, over all elements, over each row, and over axes of an array."""


def _write_cumprod(write: Notation, t: Call) -> sympy.Expr:
    """The products of a vector up to each place, or of each row of a matrix."""
    return cumprod(write(t.args[0]), *map(sympy.Integer, (*t.params, len(t.shape) - 1)))


def _write_firstmax(write: Notation, t: Call) -> sympy.Expr:
    """The first greatest elements of blocks of a column or a matrix."""
    made, sizes = write(t.args[0]), [*map(sympy.Integer, t.params)]
    if isinstance(made, ArrayAsMatrix):
        return ArrayAsMatrix(ArrayFirstMax(made.args[0], *sizes))
    return firstmax(made, *(*sizes, sympy.S.One)[:2])


def _write_recurrence(write: Notation, t: Call) -> sympy.Expr:
    """A recurrence as the solution of a system of equations."""
    return write(solve_recurrence(write.terms, t))


def _apply_class(cls: type[sympy.Expr]) -> Form:
    """The form of a function that is a class of sympy's kind, applied to its operands."""
    return lambda write, t: cls(*map(write, t.args))


def _apply_name(write: Notation, t: Call, *numbers: sympy.Expr) -> sympy.Expr:
    """A function by its name, applied to its operands and to numbers."""
    return apply_by_name(t.head, None, t.shape, [*map(write, t.args), *numbers])


def _write_roll(write: Notation, t: Call) -> sympy.Expr:
    """A roll, with the sign of what is rolled in front."""
    inner = write(t.args[0])
    if isinstance(inner, MatMul) and inner.could_extract_minus_sign():
        return write.algebra.matmul(-1, roll(write.algebra.matmul(-1, inner), *map(sympy.sympify, t.params)))
    return roll(inner, *map(sympy.sympify, t.params))


CLASSES = argsort, cholesky, cross, expm, pinv
"""The classes of functions that are called as they are, and applied to their operands."""

FORMS: dict[str, Form] = {
    **{cls.__name__: _apply_class(cls) for cls in CLASSES},
    "band_part": lambda write, t: band_part(write(t.args[0]), *map(sympy.Integer, t.params)),
    "cumprod": _write_cumprod,
    **dict.fromkeys(REDUCTIONS, _write_reduction),
    "det": _apply_class(Determinant),
    "firstmax": _write_firstmax,
    "inverse": _apply_class(Inverse),
    "kron": _apply_class(KroneckerProduct),
    "logdet": _write_logdet,
    "logsumexp": _write_logsumexp,
    "matrix_power": lambda write, t: MatPow(write(t.args[0]), t.params),
    "matrix_power_frechet": lambda write, t: _apply_name(write, t, sympy.sympify(t.params)),
    "numbers": lambda write, t: Elements(t.shape[0], (*t.shape, 1)[1], t.params),
    "one_hot": _write_one_hot,
    "range": lambda write, t: arange(*map(sympy.sympify, (t.params[0], t.shape[0], t.params[1]))),
    "recurrence": _write_recurrence,
    "reshape": _write_reshape,
    "roll": _write_roll,
    "softmax": _write_softmax,
    "selection": lambda write, t: Selection(*map(sympy.sympify, t.params)),
}
"""Functions that are not written by their names."""


ARRAY_FORMS: dict[str, Form] = {
    "cumprod": lambda write, t: multiply_up(write.array(t.args[0]), *map(bool, t.params)),
    **dict.fromkeys(REDUCTIONS, lambda write, t: reduce_array(REDUCTIONS[t.head][2], write.array(t.args[0]), t.params)),
    "firstmax": lambda write, t: ArrayFirstMax(write.array(t.args[0]), *map(sympy.Integer, t.params)),
    "logsumexp": lambda write, t: reduce_array(ArrayLogSumExp, write.array(t.args[0]), t.params),
    "reshape": _write_reshape,
    "softmax": lambda write, t: soften_array(write.array(t.args[0]), count_axes(t)),
    "window": lambda write, t: from_parts(
        Window, [sympy.sympify(t.params[0]), sympy.Tuple(*t.params[1:]), sympy.Tuple(*t.shape)]
    ),
}
"""The forms of functions of arrays."""


def write_call(write: Notation, t: Term) -> sympy.Expr:
    """A function of matrices in its own form, or by its name; of arrays, as a matrix or a number."""
    assert isinstance(t, Call)
    if t.head != "reshape" and any(len(u.shape) > 2 for u in t.args):
        return write.as_matrix(write_named_array(write, t), t)
    return FORMS.get(t.head, _apply_name)(write, t)


def write_named_array(write: Notation, t: Call) -> sympy.Expr:
    """A named function of rank above two, or of an array."""
    form = ARRAY_FORMS.get(t.head)
    if form is not None:
        return form(write, t)
    if t.head == "logdet":
        determinant = write_named_array(write, call("det", t.args, None, t.shape))
        return array_function(sympy.Lambda(VARIABLE, sympy.log(VARIABLE)), determinant)
    count = 0 if t.head in OWN_AXES else count_member_axes(t)
    if not count:
        raise no_matrix_form(f"{t.head} of rank {len(t.shape)}")
    return apply_to_members(t.head, t.shape, count, _list_numbers(t), [write.array(u) for u in t.args])


def _list_numbers(t: Call) -> tuple[int, ...]:
    """The parameters of a function of matrices."""
    return t.params if isinstance(t.params, tuple) else () if t.params is None else (t.params,)
