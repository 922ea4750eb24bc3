"""What loses digits or overflows as arrays are computed, and what has the same value without.

The rules for elements are a table (`rewrites`); these look at operations on arrays, from the function that is taken of
their result: a root of a sum of squares, a logarithm of a determinant or of a product, a variance by its moments.

References
----------
Higham, Accuracy and Stability of Numerical Algorithms, 2002, sections 1.9 and 27.5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import sympy

from tracer.program.lines import MINUS, TIMES, Kind, Line, Operand, Reduction, Written, list_exponents
from tracer.rules import TABLE, argument, list_positions

if TYPE_CHECKING:
    from tracer.program.building import Lines

HALVES = (-1.5, -0.5, 0.5, 1.5)
LOG, LOG_SIZE, SQUARE = sympy.log(argument(0)), sympy.log(sympy.Abs(argument(0))), argument(0) ** 2


def rewrite_arrays(lines: Lines, template: sympy.Basic, operands: Sequence[Operand], dtype: str) -> Written | None:
    """A template and its operands by operations on arrays that keep their digits; None where there are none.

    Examples
    --------
    >>> from tracer.program.building import Lines
    >>> x = Line(Kind.ARGUMENT, (), None, ("n",), "float64")
    >>> lines = Lines()
    >>> total = lines.add(Kind.VDOT, [x, x], None, (), "float64")
    >>> template, (_, norm) = rewrite_arrays(lines, 1 / sympy.sqrt(argument(0)), [total], "float64")
    >>> template, norm.op.name
    (1/_1, 'NORM')
    """
    if template == MINUS:
        found = _centre_variance(lines, operands[0], operands[1], dtype)
        return None if found is None else (argument(0), [found])
    if template in LOGARITHMS and isinstance(operands[0], Line):
        found = LOGARITHMS[template](lines, operands[0])
        return None if found is None else (argument(0), [found])
    exponents = [k for k in list_exponents(template) if operands[k] in HALVES]
    halves = {argument(k): sympy.Rational(operands[k]) for k in exponents}
    written = template.xreplace(halves) if halves else template
    for k in _list_roots(written):
        norm = _write_norm(lines, operands[k])
        if norm is not None:
            roots = {p: argument(len(operands)) ** p.exp.p for p in written.atoms(sympy.Pow) if p.base == argument(k)}
            return written.xreplace(roots), [*operands, norm]
        deviation = _recentre_mean(lines, operands[k])
        if deviation is not None:
            return written, [*operands[:k], deviation, *operands[k + 1 :]]
    return None


@lru_cache(maxsize=4096)
def _list_roots(template: sympy.Basic) -> tuple[int, ...]:
    """The operands of which a template has no powers but those of roots."""
    roots = {p for p in template.atoms(sympy.Pow) if p.exp.is_Rational and p.exp.q == 2 and p.base.is_Symbol}
    others = template.xreplace(dict.fromkeys(roots, sympy.S.One)).free_symbols
    return list_positions(sympy.Tuple(*{p.base for p in roots} - others))


def _write_norm(lines: Lines, total: Operand) -> Line | None:
    """The norm whose square a line is."""
    if not isinstance(total, Line):
        return None
    if total.op in (Kind.VDOT, Kind.MATMUL) and not total.shape and total.operands[0] is total.operands[1]:
        base = _recentre(lines, total.operands[0]) or total.operands[0]
        return lines.add(Kind.NORM, [base], Reduction(None, False), (), total.dtype)
    base = _find_base(total.operands[0]) if total.op is Kind.SUM else None
    base = _recentre(lines, base) or base
    return None if base is None else lines.add(Kind.NORM, [base], total.params, total.shape, total.dtype)


def _recentre_mean(lines: Lines, mean: Operand) -> Line | None:
    """The mean of the squares of what is centred, centred once more: of equal elements it is zero.

    The mean of numbers is rounded, and so the mean of what is left without it is not zero. It is that of small numbers,
    of which no digit is lost.
    """
    if not isinstance(mean, Line) or mean.op is not Kind.MEAN:
        return None
    (square,) = mean.operands
    base = _find_base(square)
    if base is None and isinstance(square, Line) and square.params == MINUS**2:
        base = lines.elementwise(MINUS, square.operands, mean.dtype)
    centred = None if base is None else _recentre(lines, base)
    if centred is None:
        return None
    squares = lines.elementwise(SQUARE, [centred], mean.dtype)
    return lines.add(Kind.MEAN, [squares], mean.params, mean.shape, mean.dtype)


def _is_centred(x: Line) -> bool:
    """Whether a line is another one without its mean."""
    if x.op is not Kind.ELEMENTWISE or x.params != MINUS:
        return False
    own, mean = x.operands
    return isinstance(mean, Line) and mean.op is Kind.MEAN and mean.operands[0] is own


def _recentre(lines: Lines, base: Operand) -> Operand | None:
    """What is centred, without the mean that rounding has left; None for anything else."""
    if not isinstance(base, Line) or base.op is not Kind.ELEMENTWISE or base.params != MINUS:
        return None
    x, mean = base.operands
    if not isinstance(mean, Line) or mean.op is not Kind.MEAN or mean.operands[0] is not x or _is_centred(x):
        return None
    rest = lines.add(Kind.MEAN, [base], mean.params, mean.shape, mean.dtype)
    return lines.elementwise(MINUS, [base, rest], base.dtype)


def _find_base(square: Operand) -> Operand | None:
    """What an operand is the square of."""
    if not isinstance(square, Line) or square.op is not Kind.ELEMENTWISE:
        return None
    if square.params == SQUARE or (square.params == TIMES and square.operands[0] is square.operands[1]):
        return square.operands[0]
    return None


def _write_logarithm(lines: Lines, value: Line) -> Line | None:
    """The logarithm of a determinant, of a product of what is not negative, or of an absolute value of these."""
    if value.op is Kind.ELEMENTWISE and value.params == sympy.Abs(argument(0)) and isinstance(value.operands[0], Line):
        return _write_logarithm_of_size(lines, value.operands[0])
    if value.op is TABLE["det"]:
        return lines.add(TABLE["logdet"], value.operands, None, value.shape, value.dtype)
    if value.op is TABLE["reduce_prod"] and _is_nonnegative(value.operands[0]):
        return _sum_logarithms(lines, value, LOG)
    return None


def _write_logarithm_of_size(lines: Lines, value: Line) -> Line | None:
    """The logarithm of the absolute value of a determinant, or of a product."""
    if value.op is TABLE["det"]:
        return lines.add(TABLE["slogdet_log"], value.operands, None, value.shape, value.dtype)
    return _sum_logarithms(lines, value, LOG_SIZE) if value.op is TABLE["reduce_prod"] else None


def _sum_logarithms(lines: Lines, product: Line, logarithm: sympy.Expr) -> Line:
    """The sum of the logarithms of the factors of a product."""
    terms = lines.elementwise(logarithm, product.operands, product.dtype)
    return lines.add(Kind.SUM, [terms], Reduction(*product.params), product.shape, product.dtype)


LOGARITHMS: dict[sympy.Basic, Callable[[Lines, Line], Line | None]] = {
    LOG: _write_logarithm, LOG_SIZE: _write_logarithm_of_size,
}  # fmt: skip


def _centre_variance(lines: Lines, moment: Operand, square: Operand, dtype: str) -> Operand | None:
    """The mean of squares less the square of the mean, as the mean of the squares of what is centred."""
    if not isinstance(moment, Line) or moment.op is not Kind.MEAN:
        return None
    x, mean = _find_base(moment.operands[0]), _find_base(square)
    if not isinstance(x, Line) or not isinstance(mean, Line) or mean.op is not Kind.MEAN:
        return None
    if mean.operands[0] is not x or mean.params != moment.params:
        return None
    axes = range(len(x.shape)) if moment.params.axes is None else moment.params.axes
    thin = tuple(1 if k in axes else d for k, d in enumerate(x.shape))
    centre = lines.add(Kind.MEAN, [x], Reduction(tuple(axes), True), thin, dtype) if mean.shape else mean
    centred = lines.elementwise(MINUS, [x, centre], dtype)
    return lines.add(Kind.MEAN, [lines.elementwise(SQUARE, [centred], dtype)], moment.params, moment.shape, dtype)


@lru_cache(maxsize=4096)
def _is_nonnegative_template(template: sympy.Basic) -> bool:
    return bool(template.doit().is_nonnegative)


def _is_nonnegative(operand: Operand) -> bool:
    """Whether no element is negative, as far as the function says it of which they are values."""
    return isinstance(operand, Line) and operand.op is Kind.ELEMENTWISE and _is_nonnegative_template(operand.params)
