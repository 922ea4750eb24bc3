"""What is known of functions, by their heads, and so of terms: signs, values, inverses, finiteness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tracer.declarations import is_declared
from tracer.rules import NO_FACTS, TABLE, Elementwise, Facts, function_facts
from tracer.scalar import Phi, phi, relu, rint, sigmoid, step
from tracer.terms.decomposition import read_repeated
from tracer.terms.numbers import ONE
from tracer.terms.permutations import is_permuted
from tracer.terms.record import (
    Call,
    Labels,
    Product,
    Source,
    Sum,
    Term,
    axes_of,
    constant_value,
    is_call,
    is_zero,
    operands,
    triangle,
)

FACTS: Mapping[Any, Facts] = {
    **function_facts(),
    step: Facts(finite=True, bounded=True, nonnegative=True),
    phi: Facts(finite=True, bounded=True, positive=True, even=True),
    Phi: Facts(finite=True, bounded=True, positive=True, complement=True),
    "inverse": Facts(inverse="inverse", transposes=True),
    "logsumexp": Facts(finite=True),
    **dict.fromkeys(("reduce_max", "reduce_min", "reduce_prod", "cumprod", "recurrence"), Facts(finite=True)),
    **dict.fromkeys(("firstmax", "one_hot"), Facts(finite=True, bounded=True, nonnegative=True)),
}
"""What is known of functions of elements, by their sympy classes, and of named functions."""


def facts_of(head: Any) -> Facts:
    """What is known of a function."""
    return FACTS.get(head, NO_FACTS)


def inverse_pairs() -> Iterator[tuple[Any, Any]]:
    """The pairs of functions of elements f and g with ``f(g(x)) = x``."""
    for head, facts in FACTS.items():
        inverse = TABLE.get(facts.inverse)
        if isinstance(inverse, Elementwise) and not isinstance(head, str):
            yield head, inverse.template.func


def heads_that(fact: str) -> tuple[Any, ...]:
    """The functions of which something is known."""
    return tuple(head for head, facts in FACTS.items() if getattr(facts, fact))


def is_positive_definite(term: Term) -> bool:
    """Whether a matrix is known to be symmetric, with positive eigenvalues."""
    if isinstance(term, Source):
        return "positive_definite" in term.assumptions
    if isinstance(term, Call):
        return term.head == "inverse" and is_positive_definite(term.args[0])
    if isinstance(term, Sum):
        return all(c.is_positive and is_positive_definite(t) for c, t in term.terms)
    assert isinstance(term, Product)
    return not term.factors and len(term.out) == 2 and term.out[0] == term.out[1] and bool(term.scale.is_positive)


def is_nonnegative(term: Term, sign: int = 1) -> bool:
    """Whether all elements, times a sign, are known to be zero or more."""
    if isinstance(term, Source):
        return is_declared("nonnegative" if sign > 0 else "nonpositive", term.assumptions)
    if isinstance(term, Call):
        if term.head is sympy.Piecewise:
            return all(is_nonnegative(v, sign) for v in term.args[::2])
        if term.head in EXTREMES:
            some = (term.head is sympy.Max) == (sign > 0)
            return (any if some else all)(is_nonnegative(a, sign) for a in term.args)
        if sign > 0 and term.head in FILLING and is_nonnegative(term.args[0]):
            return True
        return (sign > 0 and facts_of(term.head).nonnegative) or is_positive(term, sign)
    if isinstance(term, Sum):
        return all(_has_sign(c) and is_nonnegative(t, _turn_sign(c, sign)) for c, t in term.terms)
    assert isinstance(term, Product)
    if is_zero(term):
        return True
    if not _has_sign(term.scale):
        return False
    sign = _turn_sign(term.scale, sign)
    found = sign
    for t, _, e in term.factors:
        if e.is_even or not e.is_integer or is_nonnegative(t):
            continue
        if not is_nonnegative(t, -1):
            return sign > 0 and (_is_square_norm(term) or _is_quadratic_form(term))
        found = -found
    return found > 0


EXTREMES = frozenset([sympy.Max, sympy.Min])

CHOOSING = frozenset(["cumprod", "part", "reduce_max", "reduce_min", "reduce_prod", "reshape", "roll"])
"""Functions whose elements are some of their argument's, products of these, or one."""

FILLING = CHOOSING | {"band_part"}
"""Functions whose elements may be zero besides."""


def _has_sign(number: sympy.Expr) -> bool:
    """Whether the sign of a number is known."""
    return bool(number.is_nonnegative or number.is_nonpositive)


def _turn_sign(number: sympy.Expr, sign: int) -> int:
    """A sign, divided by that of a number."""
    return sign if number.is_nonnegative else -sign


def _is_quadratic_form(term: Product) -> bool:
    """Whether a term is ``x.T @ A @ x`` for a positive definite A."""
    if len(term.factors) != 3:
        return False
    matrices = [i for t, i, e in term.factors if len(i) == 2 and e is ONE and is_positive_definite(t)]
    vectors = [(t, i) for t, i, e in term.factors if len(i) == 1 and e is ONE]
    if len(matrices) != 1 or len(vectors) != 2:
        return False
    (labels,), ((a, i), (b, j)) = matrices, vectors
    return a is b and {*i, *j} == {*labels} and len({*labels}) == 2


def _is_square_norm(term: Product) -> bool:
    """Whether a term is the sum of the squares of one factor."""
    if len(term.factors) != 2:
        return False
    (a, i, e), (b, j, f) = term.factors
    return a is b and i == j and e == f == 1


def is_positive(term: Term, sign: int = 1) -> bool:
    """Whether all elements, times a sign, are known to be more than zero."""
    if isinstance(term, Source):
        return is_declared("positive" if sign > 0 else "negative", term.assumptions)
    if isinstance(term, Call):
        if term.head in EXTREMES:
            some = (term.head is sympy.Max) == (sign > 0)
            return (any if some else all)(is_positive(a, sign) for a in term.args)
        if sign < 0:
            return False
        if term.head in CHOOSING and is_positive(term.args[0]):
            return True
        return facts_of(term.head).positive or (term.head == "det" and is_positive_definite(term.args[0]))
    if isinstance(term, Sum):
        return is_nonnegative(term, sign) and any(is_positive(t, _turn_sign(c, sign)) for c, t in term.terms)
    assert isinstance(term, Product)
    if len(set(term.out)) < len(term.out) or not (term.scale.is_positive or term.scale.is_negative):
        return False  # Zeros stand beside a diagonal.
    sign = found = _turn_sign(term.scale, sign)
    for t, labels, e in term.factors:
        if is_positive(t) or (e.is_even and labels == term.out and is_nonzero(t)):
            continue
        if _is_summed_triangle(term, t, labels):
            continue
        if not (e.is_integer and is_positive(t, -1)):
            return sign > 0 and _counts_extremes(term)
        found = found if e.is_even else -found
    return found > 0


def _is_summed_triangle(term: Product, factor: Term, labels: Labels) -> bool:
    """Whether a factor is a triangle of ones, the only one, along an axis of which is summed: a one is among these."""
    if not is_call(factor, "band_part") or factor is not triangle(factor.shape[0]):
        return False
    return not {*labels} <= {*term.out} and sum(t is factor for t, _, _ in term.factors) == 1


def is_nonzero(term: Term) -> bool:
    """Whether no element is known to be zero."""
    if isinstance(term, Source):
        return is_declared("nonzero", term.assumptions)
    if isinstance(term, Product) and all(labels == term.out for _, labels, _ in term.factors):
        return bool(term.scale.is_nonzero) and all(is_nonzero(t) for t, _, _ in term.factors)
    return is_positive(term) or is_positive(term, -1)


def is_integer(term: Term) -> bool:
    """Whether all elements are known to be whole numbers.

    Examples
    --------
    >>> from tracer.terms.record import number, scaled, source
    >>> k = source("k", (), ["integer"])
    >>> is_integer(scaled(-2, k)), is_integer(scaled(number(1).scale / 2, k))
    (True, False)
    """
    if isinstance(term, Source):
        return is_declared("integer", term.assumptions)
    if isinstance(term, Call):
        if term.head is sympy.Piecewise:
            return all(map(is_integer, term.args[::2]))
        if term.head == "range":
            return all(sympy.sympify(p).is_integer for p in term.params)
        return term.head in ROUNDING or (term.head in KEEPING_INTEGERS and all(map(is_integer, term.args)))
    if isinstance(term, Sum):
        return all(c.is_integer and is_integer(t) for c, t in term.terms)
    assert isinstance(term, Product)
    return bool(term.scale.is_integer) and all(
        e.is_integer and e.is_nonnegative and is_integer(t) for t, _, e in term.factors
    )


ROUNDING = frozenset([sympy.floor, sympy.ceiling, rint, sympy.sign, step])
"""Functions whose values are whole numbers."""

WITHIN_ONE = frozenset([sympy.cos, sympy.erf, sympy.sign, sympy.sin, sympy.tanh, Phi, sigmoid, step, "softmax"])
"""Functions whose values lie between -1 and 1."""


def is_within_one(term: Term) -> bool:
    """Whether the size of each element is known to be at most 1: it is a product of powers of what is so small.

    Examples
    --------
    >>> import sympy
    >>> from tracer.terms.record import call, power, source
    >>> t = call(sympy.tanh, [source("x", (3,))])
    >>> is_within_one(power(t, 2)), is_within_one(power(t, -1))
    (True, False)
    """
    if not isinstance(term, Product):
        return isinstance(term, Call) and term.head in WITHIN_ONE
    bounded = all(e.is_positive and {*i} <= {*term.out} and is_within_one(t) for t, i, e in term.factors)
    return bounded and term.scale.is_number and bool(abs(term.scale) <= 1)


KEEPING_INTEGERS = frozenset([sympy.Abs, sympy.Max, sympy.Min, relu])
"""Functions whose values are whole numbers where those of their arguments are."""


def is_above(above: Term, below: Term, strict: bool = False) -> bool:
    """Whether signs, or numbers, say that one term is at least as great as another everywhere, or greater.

    Examples
    --------
    >>> from tracer.terms.record import number, source
    >>> is_above(source("p", (), ["positive"]), number(-1)), is_above(number(2), number(2), strict=True)
    (True, False)
    """
    high, low = constant_value(above), constant_value(below)
    if high is not None and low is not None:
        return bool((high - low).is_positive if strict else (high - low).is_nonnegative)
    if not strict and (high is sympy.oo or low is -sympy.oo):
        return True
    if strict and is_positive(below, -1):
        return is_nonnegative(above)
    return is_nonnegative(below, -1) and (is_positive if strict else is_nonnegative)(above)


def _counts_extremes(term: Product) -> bool:
    """Whether a term is how many elements are the greatest, or the least, along axes: there is one at least."""
    if len(term.factors) != 1:
        return False
    mask, labels, _ = term.factors[0]
    if not is_call(mask, sympy.Piecewise) or [*map(constant_value, operands(mask)[::2])] != [1, 0]:
        return False
    condition = operands(mask)[1]
    if not is_call(condition, sympy.Eq) or not term.scale.is_positive:
        return False
    elements, extreme = operands(condition)
    axes = _list_extreme_axes(elements, extreme) or _list_extreme_axes(extreme, elements)
    return bool(axes) and {labels[k] for k in axes}.isdisjoint(term.out)


def _list_extreme_axes(elements: Term, extreme: Term) -> Labels:
    """Along which axes a term is the greatest or the least of others, at each of them; none where it is not."""
    spread, labels = read_repeated(extreme)
    out = extreme.out if isinstance(extreme, Product) else labels
    kept = tuple(map(out.index, labels)) if set(labels) <= set(out) else ()
    if not is_call(spread, "reduce_max", "reduce_min") or len(kept) < len(spread.shape):
        return ()
    axes = tuple(k for k in axes_of(elements) if k not in kept)
    return axes if is_permuted(operands(spread)[0], elements, (*kept, *axes)) else ()


def is_total(term: Term) -> bool:
    """Whether a term is finite wherever its sources are."""
    if isinstance(term, Source):
        return True
    if isinstance(term, Sum):
        return all(is_total(t) for _, t in term.terms)
    if isinstance(term, Product):
        return all(is_total_power(t, e) for t, _, e in term.factors)
    assert isinstance(term, Call)
    if term.head is sympy.Piecewise:
        return all(map(is_total, term.args[::2]))
    if term.head is sympy.log:
        return is_positive(term.args[0]) and is_total(term.args[0])
    return facts_of(term.head).finite and all(map(is_total, term.args))


def is_total_power(term: Term, exponent: sympy.Expr) -> bool:
    """Whether a power is finite wherever the sources of what is raised are."""
    root = not exponent.is_integer and not is_nonnegative(term)
    pole = not exponent.is_positive and not is_positive(term)
    return is_total(term) and not root and not pole


def is_condition(term: Term) -> bool:
    """Whether the values of a term are true and false."""
    if isinstance(term, Source):
        return "bool" in term.assumptions
    if isinstance(term, Product):
        return len(term.factors) == 1 and term.scale is ONE and is_condition(term.factors[0][0])
    return isinstance(term, Call) and term.elementwise and issubclass(term.head, (Boolean, Relational))


def is_constant_along(term: Term, axis: int) -> bool:
    """Whether a term is the same along an axis."""
    if term.shape[axis] == 1:
        return True
    if not isinstance(term, Product):
        return False
    k = term.out[axis]
    return term.out.count(k) == 1 and not any(k in labels for _, labels, _ in term.factors)
