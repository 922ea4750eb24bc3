"""Rules of the normal distribution: its density and its distribution function have names."""

from __future__ import annotations

import itertools
from collections.abc import Sequence, Set
from operator import itemgetter

import sympy

from tracer.scalar import Phi, phi
from tracer.terms.decomposition import factors_of, split_scale, summands_of
from tracer.terms.facts import is_nonnegative
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.patterns import Constant, Name, variables
from tracer.terms.record import (
    MINUS,
    ONE,
    Call,
    Factor,
    Product,
    Sum,
    Term,
    add,
    axes_of,
    call,
    constant_value,
    is_call,
    operands,
    product,
    scaled,
    subterms,
    sum_record,
)
from tracer.terms.rule import Procedure, Rule
from tracer.terms.sum_terms import add_multiplied_out

ROOT_OF_TWO = sympy.sqrt(2)
HALF = sympy.S.Half

(x,) = variables("x")
ERF, PHI = Name(sympy.erf), Name(Phi)


def _standardise(t: Call) -> Term | None:
    """What a function of errors is one of over the root of two: ``erf(x/sqrt(2)) -> x``; None for other arguments."""
    (inner,) = t.args
    scale, core = split_scale(inner)
    factor = scale * ROOT_OF_TWO
    return scaled(factor, core) if factor.is_Rational else None


def _name_distribution(n: Normaliser, t: Sum) -> Term | None:
    """``1 + erf(x/sqrt(2)) -> 2*Phi(x)``."""
    for c, one in t.terms:
        if constant_value(one) != 1:
            continue
        for d, u in t.terms:
            z = _standardise(u) if isinstance(u, Call) and u.head is sympy.erf and abs(d) == abs(c) else None
            if z is not None:
                rest = [row for row in t.terms if row[1] not in (one, u)]
                return sum_record([*rest, (2 * c, call(Phi, [scaled(d / c, z)]))])
    return None


def _name_other_tail(n: Normaliser, t: Call) -> Term | None:
    """``erfc(x/sqrt(2)) -> 2*Phi(-x)``."""
    z = _standardise(t)
    return None if z is None else scaled(2, call(Phi, [scaled(MINUS, z)]))


def _name_density(n: Normaliser, t: Product) -> Term | None:
    """``exp(-x**2/2)/sqrt(2*pi) -> phi(x)``, and its powers."""
    count = _count_roots_of_pi(t.scale)
    if not count:
        return None
    defined = _list_rooted(t)
    for place, (u, labels, e) in enumerate(t.factors):
        if e is not ONE or not is_call(u, sympy.exp):
            continue
        summands = summands_of(operands(u)[0])
        power, roots = count, _draw_squares(n, summands, count, defined)
        if len(roots) != 1:
            power, roots = ONE, _draw_squares(n, summands, ONE, defined)
        if power * len(roots) != count:
            continue
        rest = [row for k, row in enumerate(summands) if k not in roots]
        factors: list[Factor] = [f for k, f in enumerate(t.factors) if k != place]
        factors += [(call(phi, [z]), labels, power) for z in roots.values()]
        if rest:
            factors.append((call(sympy.exp, [add(rest)]), labels, ONE))
        scale = t.scale * (2 * sympy.pi) ** (count * HALF)
        return product(scale, factors, t.out, dict(enumerate(t.sizes)))
    return None


def _count_roots_of_pi(scale: sympy.Expr) -> sympy.Expr:
    """How many roots of pi a number is divided by."""
    count: sympy.Expr = -2 * scale.as_powers_dict().get(sympy.pi, sympy.S.Zero)
    return count if count.is_Integer and count.is_positive else sympy.S.Zero


def _list_rooted(t: Term) -> set[Term]:
    """The scalars of which a root is taken in a term, whatever is chosen: where one is negative it has no value."""
    below = subterms(t, lambda u: () if is_call(u, sympy.Piecewise) else u.children)
    return {u for v in below if isinstance(v, Product) for u, labels, e in v.factors if not labels and (2 * e).is_odd}


def _draw_squares(
    n: Normaliser, summands: Sequence[tuple[sympy.Expr, Term]], count: sympy.Expr, defined: Set[Term]
) -> dict[int, Term]:
    """What summands are the negative halves of the squares of, so many times, by their positions."""
    found = ((k, _draw_square(n, row, count, defined)) for k, row in enumerate(summands))
    return {k: z for k, z in found if z is not None}


def _draw_square(n: Normaliser, row: tuple[sympy.Expr, Term], count: sympy.Expr, defined: Set[Term]) -> Term | None:
    """What a summand is the negative half of the square of, so many times: ``-x**2/2 -> x``; None if of nothing."""
    scale, term = row
    _, factors, out, sizes = factors_of(term)
    size = sympy.sqrt(-2 * scale / count)
    if not size.is_Rational or any(not set(i) <= set(out) for _, i, _ in factors):
        return None
    if not all((e * HALF).is_integer or u in defined or is_nonnegative(u) for u, _, e in factors):
        return None
    if not any((e * HALF).is_integer for _, _, e in factors):
        return None
    return n.product(size, [(u, i, e * HALF) for u, i, e in factors], out, dict(enumerate(sizes)))


def _name_density_in_sum(n: Normaliser, t: Sum) -> Term | None:
    """``exp(-x**2/2)/sqrt(2*pi) + y -> phi(x) + y``: the number of a summand stands in front of it."""
    for place, (c, u) in enumerate(t.terms):
        if _count_roots_of_pi(c):
            named = n.scaled(c, u)
            if split_scale(named)[0] != c:
                return sum_record([*t.terms[:place], (ONE, named), *t.terms[place + 1 :]])
    return None


def _unname_density(n: Normaliser, t: Product) -> Term | None:
    """``phi(x)*exp(x**2/2) -> 1/sqrt(2*pi)``: one exponential, where the squares of both are like terms."""
    exponents = [(operands(u)[0], i) for u, i, e in t.factors if is_call(u, sympy.exp)]
    for place, (u, labels, e) in enumerate(t.factors):
        if not is_call(u, phi):
            continue
        square = n.power(operands(u)[0], 2)
        core = split_scale(square)[1]
        if any(i == labels and any(v is core for _, v in summands_of(z)) for z, i in exponents):
            rest = [f for k, f in enumerate(t.factors) if k != place]
            factors = [*rest, (call(sympy.exp, [scaled(-e * HALF, square)]), labels, ONE)]
            return product(t.scale * (2 * sympy.pi) ** (-e * HALF), factors, t.out, dict(enumerate(t.sizes)))
    return None


def _join_densities(n: Normaliser, t: Sum) -> Term | None:
    """``phi(x)*y - phi(x + c)*exp(c*x) -> ...``: densities whose quotient is short, as multiples of one of them.

    It is ``phi(b)/phi(a) = exp((a**2 - b**2)/2)``: in the formula of Black and Scholes, the price of the share over the
    discounted strike.
    """
    densities = [v for _, u in t.terms for v, _, e in factors_of(u)[1] if is_call(v, phi) and e is ONE]
    different = list(dict.fromkeys(densities))
    if len(different) != 2 or different[0].shape != different[1].shape:
        return None
    forms: list[tuple[int, Term]] = []
    for kept, gone in itertools.permutations(different):
        quotient = _divide_densities(n, operands(gone)[0], operands(kept)[0])
        rows = []
        for c, u in t.terms:
            scale, factors, out, sizes = factors_of(u)
            put = [f for v, i, e in factors for f in ([(kept, i, e), (quotient, i, e)] if v is gone else [(v, i, e)])]
            rows.append((c, n.product(scale, put, out, dict(enumerate(sizes)))))
        if any(is_call(v, phi) and v is not kept for _, u in rows for v in subterms(u)):
            continue  # The quotient has a square in its exponent: it is that of two densities again.
        total = add_multiplied_out(n, rows)
        if total.weight < t.weight:
            forms.append((total.weight - kept.weight, total))
    return min(forms, key=itemgetter(0))[1] if forms else None  # Which density it is matters less than what is beside.


def _divide_densities(n: Normaliser, above: Term, below: Term) -> Term:
    """``phi(b)/phi(a)``."""
    axes = axes_of(above)
    factors = [(n.add([(ONE, below), (sign, above)]), axes, ONE) for sign in (ONE, MINUS)]
    return n.call(sympy.exp, [n.product(HALF, factors, axes)])


NORMAL: tuple[Rewrite, ...] = (
    Procedure(
        (Sum,), "1 + erf(x/sqrt(2)) -> 2*Phi(x)", "the textbook's name", _name_distribution, frozenset([sympy.erf])
    ),
    Procedure((sympy.erfc,), "erfc(x/sqrt(2)) -> 2*Phi(-x)", "the textbook's name", _name_other_tail),
    Rule(2 * PHI(x) - 1, ERF(Constant(1 / ROOT_OF_TWO) * x), "one name for both"),
    Procedure(
        (Product,), "exp(-x**2/2)/sqrt(2*pi) -> phi(x)", "the textbook's name", _name_density, frozenset([sympy.exp])
    ),
    Procedure(
        (Sum,),
        "phi(x)*y + phi(z) -> phi(x)*(y + exp((x**2 - z**2)/2))",
        "the quotient of two is known",
        _join_densities,
        frozenset([phi]),
    ),
    Procedure(
        (Sum,),
        "exp(-x**2/2)/sqrt(2*pi) + y -> phi(x) + y",
        "the textbook's name, in a sum",
        _name_density_in_sum,
        frozenset([sympy.exp]),
    ),
    Procedure(
        (Product,),
        "phi(x)*exp(x**2/2) -> 1/sqrt(2*pi)",
        "both are exponentials of squares",
        _unname_density,
        frozenset([sympy.exp, phi]),
    ),
)
