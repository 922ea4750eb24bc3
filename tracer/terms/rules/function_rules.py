"""Rules of functions of elements: signs, inverses, powers, and the textbook's names."""

from __future__ import annotations

from itertools import permutations

import sympy

from tracer.scalar import expm1, log1p, relu, sigmoid, softplus, step
from tracer.terms.decomposition import factors_of, split_scale, spread_summands, summands_of
from tracer.terms.facts import heads_that, inverse_pairs, is_nonnegative, is_positive
from tracer.terms.fractions import Base, read_powers
from tracer.terms.normalise import Normaliser, Rewrite
from tracer.terms.numbers import ZERO, common_content
from tracer.terms.patterns import Binding, Coefficient, Constant, Name, Pattern, variables
from tracer.terms.record import (
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
    number,
    operands,
    power,
    product,
    product_record,
    scaled,
)
from tracer.terms.rule import Procedure, Rule

x, y = variables("x y")
c = Coefficient("c")
(p,) = variables("p", is_positive)
(q,) = variables("q", is_nonnegative)
(m,) = variables("m", lambda t: is_positive(t, -1))
(r,) = variables("r", lambda t: is_nonnegative(t, -1))

ABS, EXP, LOG, SIGN = map(Name, (sympy.Abs, sympy.exp, sympy.log, sympy.sign))
COS, COSH, SIN, SINH, TAN, TANH = map(Name, (sympy.cos, sympy.cosh, sympy.sin, sympy.sinh, sympy.tan, sympy.tanh))
ATANH = Name(sympy.atanh)
EXPM1, LOG1P, RELU, SIGMOID, SOFTPLUS = map(Name, (expm1, log1p, relu, sigmoid, softplus))
HALF = Constant(sympy.S.Half)
QUARTER = sympy.Rational(1, 4)


def _take_out_of_abs(n: Normaliser, t: Call) -> Term | None:
    """``|x*y| -> |x|*|y|``, without bars where the sign is known."""
    (inner,) = t.args
    if not isinstance(inner, Product):
        return None
    if {k for _, i, _ in inner.factors for k in i} - set(inner.out):
        return None if abs(inner.scale) == 1 else scaled(abs(inner.scale), call(sympy.Abs, [_unscaled(inner)]))
    if len(inner.factors) == 1 and inner.scale is ONE and inner.factors[0][2] is ONE:
        return None
    if not all(e.is_integer for _, _, e in inner.factors):
        return None
    factors = [(u if is_nonnegative(u) else call(sympy.Abs, [u]), i, e) for u, i, e in inner.factors]
    return product(sympy.Abs(inner.scale), factors, inner.out, dict(enumerate(inner.sizes)))


def _take_out_positive(n: Normaliser, t: Call) -> Term | None:
    """``relu(2*x/p) -> 2*relu(x)/p`` and ``step(2*x/p) -> step(x)`` for positive p."""
    inner = t.args[0]
    if isinstance(inner, Sum):
        inner = power(inner, ONE)
    if not isinstance(inner, Product) or any(not set(i) <= set(inner.out) for _, i, _ in inner.factors):
        return None
    size = abs(inner.scale) if inner.scale.is_positive or inner.scale.is_negative else ONE
    size *= _find_number(inner)
    front = [f for f in inner.factors if is_positive(f[0])]
    if (not front and size == 1) or not inner.factors or len(set(inner.out)) < len(inner.out):
        return None
    others = [f for f in inner.factors if f not in front]
    rest = product(inner.scale / size, others, inner.out, dict(enumerate(inner.sizes)))
    made = call(t.head, [rest])
    return product(size, [*front, (made, inner.out, ONE)], inner.out) if t.head is relu else made


def _find_number(t: Product) -> sympy.Expr:
    """What a root takes in: ``100 - sqrt(1 + 10000*x)`` is 100 times ``1 - sqrt(x + 0.0001)``.

    It is found in the sum alone, so that it does not matter which number is in front of it.
    """
    if len(t.factors) != 1 or not isinstance(t.factors[0][0], Sum) or t.factors[0][2] is not ONE:
        return ONE
    rows = t.factors[0][0].terms
    roots = [(u, e) for c, v in rows if abs(c) == 1 for u, _, e in factors_of(v)[1] if not e.is_integer]
    for size in sorted({abs(c) for c, _ in rows if c.is_Rational and abs(c) > 1}):
        for u, e in roots:
            if e.is_Rational and isinstance(u, Sum) and any(abs(d) == size ** (1 / e) for d, _ in u.terms):
                return size
    return ONE


def _drop_squared_signs(n: Normaliser, t: Product) -> Term | None:
    """``sign(x)**2*step(|x| - q) -> step(|x| - q)`` for q that is not negative: x is not zero above it."""
    above = {(u, i) for v, i, _ in t.factors if is_call(v, step) for u in _list_above_zero(operands(v)[0])}
    for place, (u, i, e) in enumerate(t.factors):
        if is_call(u, sympy.sign) and e.is_Integer and e > 1 and (operands(u)[0], i) in above:
            rest = [*t.factors[:place], *t.factors[place + 1 :], (u, i, e % 2)]
            return product(t.scale, rest, t.out, dict(enumerate(t.sizes)))
    return None


def _list_above_zero(t: Term) -> list[Term]:
    """What is not zero where a term is positive: x where that is ``|x| - q``."""
    rows = summands_of(t)
    found = [(c, u) for c, u in rows if is_call(u, sympy.Abs) and c.is_positive]
    rest = [row for row in rows if row not in found]
    bounded = all(is_nonnegative(u, -1 if c.is_positive else 1) for c, u in rest)
    return [operands(u)[0] for _, u in found] if len(found) == 1 and bounded else []


def _unscaled(t: Product) -> Product:
    """A product without the number in front of it."""
    return product_record(ONE, t.factors, t.out, t.sizes)


def _read_logarithm(t: Term) -> tuple[Base | None, sympy.Expr]:
    """What a term is the logarithm of, at some axes of it, and the number in front; None where it is of nothing."""
    scale, factors, out, _ = factors_of(t)
    if len(factors) != 1 or len(set(out)) < len(out):
        return None, scale
    ((u, labels, e),) = factors
    if e is not ONE or not is_call(u, sympy.log) or not set(labels) <= set(out):
        return None, scale
    return (operands(u)[0], tuple(map(out.index, labels))), scale


def _take_out_of_exp(n: Normaliser, t: Call) -> Term | None:
    """``exp(y + c*log(x)) -> exp(y)*x**c`` for numbers c."""
    (inner,) = t.args
    scale, core = split_scale(inner)
    if not isinstance(core, Sum):
        return None
    powers: list[Factor] = []
    rest: list[tuple[sympy.Expr, Term]] = []
    for c, u in core.terms:
        base, k = _read_logarithm(u)
        if base is None:
            rest.append((scale * c, u))
        else:
            powers.append((*base, scale * c * k))
    if not powers:
        return None
    if rest:
        powers.append((call(sympy.exp, [add(rest)]), axes_of(t), ONE))
    return product(ONE, powers, axes_of(t), dict(enumerate(t.shape)))


def _take_out_of_log(n: Normaliser, t: Call) -> Term | None:
    """``log(x*exp(y)) -> log(x) + y``."""
    (inner,) = t.args
    if not isinstance(inner, Product) or len(set(inner.out)) < len(inner.out):
        return None
    powers = [f for f in inner.factors if is_call(f[0], sympy.exp) and set(f[1]) <= set(inner.out)]
    if not powers or (len(inner.factors) == 1 and inner.scale is ONE):
        return None
    known = dict(enumerate(inner.sizes))
    rest = product(inner.scale, [f for f in inner.factors if f not in powers], inner.out, known)
    exponents = [(e, product(ONE, [(operands(u)[0], i, ONE)], inner.out, known)) for u, i, e in powers]
    return add([(ONE, call(sympy.log, [rest])), *exponents])


def _turn_sigmoid(n: Normaliser, t: Product) -> Term | None:
    """``sigmoid(x)**2*exp(y - x) -> sigmoid(x)*sigmoid(-x)*exp(y)``."""
    exponentials = [f for f in t.factors if is_call(f[0], sympy.exp) and f[2] is ONE]
    for u, labels, e in t.factors:
        if not is_call(u, sigmoid) or not e.is_Integer or e < 0:
            continue
        (x,) = operands(u)
        rows = spread_summands(x)
        for v, own, one in exponentials:
            (exponent,) = operands(v)
            if own != labels:
                continue
            found = {w: c for c, w in spread_summands(exponent)}
            count = min(e, *(-found.get(w, ZERO) / c for c, w in rows)) if rows else ZERO
            count = sympy.floor(count) if count.is_number else ZERO
            if count < 1:
                continue
            rest = [f for f in t.factors if f not in ((u, labels, e), (v, own, one))]
            left = call(sympy.exp, [add([(ONE, exponent), (count, x)])])
            turned = call(sigmoid, [scaled(-1, x)])
            factors = [*rest, (u, labels, e - count), (turned, labels, count), (left, own, ONE)]
            return product(t.scale, factors, t.out, dict(enumerate(t.sizes)))
    return None


def _name_tanh(n: Normaliser, t: Sum) -> Term | None:
    """``2*sigmoid(2*x) - 1 -> tanh(x)``, where there is an even number in front of the argument."""
    for c, u in t.terms:
        if is_call(u, sigmoid) and split_scale(operands(u)[0])[0].is_even:
            for d, one in t.terms:
                value = constant_value(one)
                if value is not None and c + 2 * d * value == 0:
                    made = call(sympy.tanh, [scaled(HALF.value, operands(u)[0])])
                    return n.add([*(row for row in t.terms if row[1] not in (u, one)), (c / 2, made)])
    return None


def _write_power(n: Normaliser, t: Call) -> Term | None:
    """``Pow(x, c) -> x**c`` for a number c."""
    base, exponent = t.args
    value = constant_value(exponent)
    return None if value is None else power(base, value)


def _raise_number(n: Normaliser, t: Call) -> Term | None:
    """``Pow(2, x) -> exp(log(2)*x)``."""
    base, exponent = t.args
    value = constant_value(base)
    if value is None or not value.is_positive or value == 1:
        return None
    return call(sympy.exp, [scaled(sympy.log(value), exponent)])


def _raise_exponent(n: Normaliser, t: Product) -> Term | None:
    """``x*x**(y - 1) -> x**y``: the number in an exponent is taken out where nothing comes to stand below by it.

    Of ``x**(y + 1)`` a factor x is taken out only where it cancels a divisor: ``x**y`` may be infinite where x is zero.
    """
    found = {(u, labels): e for u, labels, e in t.factors}
    for place, (u, labels, e) in enumerate(t.factors):
        if not is_call(u, sympy.Pow) or e is not ONE:
            continue
        base, exponent = operands(u)
        rows = spread_summands(exponent)
        whole = sympy.Add(*(c for c, v in rows if constant_value(n.normal(v)) == 1))
        if not whole.is_Integer or whole == 0 or len(rows) == 1:
            continue
        rest = [f for k, f in enumerate(t.factors) if k != place]
        powers = {(v, tuple(labels[k] for k in axes)): d for (v, axes), d in read_powers(base).items()}
        for taken in dict.fromkeys((whole, sympy.sign(whole))):
            moved = [(found.get(factor, ZERO), taken * d, d) for factor, d in powers.items()]
            if any(own + e < 0 if e < 0 else own >= 0 and d > 0 for own, e, d in moved):
                continue
            raised = n.call(sympy.Pow, [base, n.add([*rows, (-taken, number(1, exponent.shape))])])
            factors = [*rest, (raised, labels, ONE), (base, labels, taken)]
            answer = n.product(t.scale, factors, t.out, dict(enumerate(t.sizes)))
            if answer.weight < t.weight:
                return answer
    return None


def _order_arguments(n: Normaliser, t: Call) -> Term | None:
    """``max(y, x, x) -> max(x, y)``."""
    ordered = tuple(sorted(dict.fromkeys(t.args), key=lambda a: a.order))
    if len(ordered) == 1:
        return ordered[0]
    return call(t.head, ordered) if ordered != t.args else None


def _name_relu(n: Normaliser, t: Call) -> Term | None:
    """``max(x, 0) -> relu(x)``."""
    known = [a for a in t.args if constant_value(a) is None]
    return call(relu, known) if len(t.args) == 2 and len(known) == 1 and _has_zero(t) else None


def _has_zero(t: Call) -> bool:
    return any(constant_value(a) == 0 for a in t.args)


def _add_logarithms(n: Normaliser, t: Sum) -> Term | None:
    """``log(2*p) + log(p) -> 2*log(p) + log(2)``: logarithms of multiples of powers of one term."""
    logarithms = [(c, u, operands(u)[0]) for c, u in t.terms if is_call(u, sympy.log)]
    for (c, u, x), (d, v, y) in permutations(logarithms, 2):
        scale, core = split_scale(x)
        _, factors, out, _ = factors_of(core)
        if len(factors) != 1 or factors[0][1] != out or not scale.is_positive or not is_positive(y):
            continue
        ((base, _, e),) = factors
        size, inner = split_scale(y)
        if inner is base and (scale != 1 or e is not ONE):
            rest = [(k, w) for k, w in t.terms if w is not u and w is not v]
            number_in_front = number(sympy.log(scale) - e * sympy.log(size), t.shape)
            return n.add([*rest, (d + c * e, v), (c, number_in_front)])
    return None


def _open_quotients(n: Normaliser, t: Sum) -> Term | None:
    """``log(x/2) - log(y/2) -> log(x) - log(y)``: what is left of the numbers in logarithms is none."""
    rows = [(c, u, *_split_number(operands(u)[0])) for c, u in t.terms if is_call(u, sympy.log)]
    found = [(c, u, size, x) for c, u, size, x in rows if size.is_positive and size != 1]
    if len({size for *_, size, _ in found}) != 1 or sum(c for c, *_ in found) != 0:
        return None
    opened = {u: call(sympy.log, [x]) for _, u, _, x in found}
    return n.add([(c, opened.get(u, u)) for c, u in t.terms])


def _split_number(t: Term) -> tuple[sympy.Expr, Term]:
    """The size of the number in front of all summands of a term, and the rest: ``1/2 - x/2 -> (1/2, 1 - x)``."""
    size = abs(common_content([c for c, _ in summands_of(t)]))
    return size, scaled(1 / size, t)


def _has_logarithm(binding: Binding) -> bool:
    """Whether a base is positive, as it has to be for a power that is no integer."""
    return is_positive(binding["x"]) or not binding["c"].is_integer


def _quotient(above: Name, below: Name, name: Name, why: str) -> Rule:
    return Rule(above(x) / below(x), name(x), why)


def _undo(outer: object, inner: object) -> Rule:
    pattern: Pattern = Name(outer)(Name(inner)(x))
    return Rule(pattern, x, "one undoes the other")


SIGNS: tuple[Rewrite, ...] = (
    *(Rule(Name(f)(-x), -Name(f)(x), "signs come out of odd functions") for f in heads_that("odd")),
    *(
        Rule(Name(f)(-x), Name(f)(x), "an even function does not see the sign")
        for f in heads_that("even")
        if f is not sympy.Abs  # Numbers come out of it.
    ),
    Rule(ABS(q), q, "known by structure or declaration"),
    Rule(ABS(r), -r, "known by structure or declaration"),
    Procedure((sympy.Abs,), "Abs(x*y) -> Abs(x)*Abs(y)", "what has a known sign comes out", _take_out_of_abs),
    Rule(SIGN(p), Constant(1), "known by structure or declaration"),
    Rule(SIGN(m), Constant(-1), "known by structure or declaration"),
    Rule(RELU(q), q, "known by structure or declaration"),
    Rule(RELU(r), Constant(0), "known by structure or declaration"),
    Procedure(
        (Product,),
        "sign(x)**2*step(Abs(x) - q) -> step(Abs(x) - q)",
        "what is above a bound is not zero",
        _drop_squared_signs,
        frozenset([sympy.sign, step]),
    ),
    Procedure(
        (relu, step, sympy.sign),
        "relu(x*p) -> relu(x)*p",
        "a positive factor does not change the sign",
        _take_out_positive,
    ),
)

POWERS: tuple[Rewrite, ...] = (
    *(_undo(f, g) for f, g in inverse_pairs()),
    Rule(EXP(c * LOG(x)), x**c, "a power, written as one"),
    Procedure((sympy.exp,), "exp(y + c*log(x)) -> exp(y)*x**c", "a power, written as one", _take_out_of_exp),
    Procedure((sympy.log,), "log(x*exp(y)) -> log(x) + y", "no logarithm of an exponential", _take_out_of_log),
    Procedure((sympy.Pow,), "Pow(x, c) -> x**c", "a power by a number, written as one", _write_power),
    Rule(Name(sympy.Pow)(EXP(x), y), EXP(x * y), "a power of an exponential is one"),
    Procedure((sympy.Pow,), "Pow(2, x) -> exp(log(2)*x)", "one form, of which the rules say more", _raise_number),
    Procedure((Product,), "x*x**(y - 1) -> x**y", "a power, written as one", _raise_exponent, frozenset([sympy.Pow])),
    Procedure(
        (Sum,),
        "log(2*p) + log(p) -> 2*log(p) + log(2)",
        "the logarithm of a product",
        _add_logarithms,
        frozenset([sympy.log]),
    ),
    Procedure(
        (Sum,),
        "log(x/2) - log(y/2) -> log(x) - log(y)",
        "the logarithm of a quotient",
        _open_quotients,
        frozenset([sympy.log]),
    ),
    Rule(LOG(x**c), c * LOG(x), "a power comes out of a logarithm where positivity is known", _has_logarithm),
)

NAMES: tuple[Rewrite, ...] = (
    Rule(LOG1P(x), LOG(1 + x), "a formula is exact whatever its spelling"),
    Rule(EXPM1(x), EXP(x) - 1, "a formula is exact whatever its spelling"),
    Rule(LOG(1 + EXP(x)), SOFTPLUS(x), "the textbook's name"),
    Rule(LOG(SIGMOID(x)), -SOFTPLUS(-x), "the textbook's name"),
    Rule(1 / (1 + EXP(x)), SIGMOID(-x), "the textbook's name"),
    Rule(SIGMOID(x) * (1 + EXP(-x)), Constant(1), "the textbook's name"),
    Procedure(
        (Product,),
        "sigmoid(x)*exp(y - x) -> sigmoid(-x)*exp(y)",
        "both are the same quotient",
        _turn_sigmoid,
        frozenset([sigmoid, sympy.exp]),
    ),
    Rule(SIGMOID(x) * (1 - EXP(-x)), TANH(HALF * x), "the textbook's name"),
    Procedure(
        (Sum,),
        "2*sigmoid(2*x) - 1 -> tanh(x)",
        "the textbook's name, where nothing is halved",
        _name_tanh,
        frozenset([sigmoid]),
    ),
    Rule(
        TANH(x) * SIGMOID(2 * x) * SIGMOID(-2 * x), TANH(x) * (1 - TANH(x) ** 2) * Constant(QUARTER), "one name for all"
    ),
    Rule(EXP(x) + EXP(-x), 2 * COSH(x), "the textbook's name", whole=True),
    Rule(EXP(x) - EXP(-x), 2 * SINH(x), "the textbook's name", whole=True),
    Rule(EXP(x) / COSH(x), 2 * SIGMOID(2 * x), "one name for the quotient"),
    Rule(EXP(-x) / COSH(x), 2 * SIGMOID(-2 * x), "one name for the quotient"),
    Rule(SIGMOID(x) * (1 - TANH(HALF * x)), HALF * (1 - TANH(HALF * x) ** 2), "one name for both"),
    Rule(1 / SIGMOID(-x) * SIGMOID(x), EXP(x), "both are the same quotient"),
    *(Rule(1 - Name(f)(x), Name(f)(-x), "one name for both", whole=True) for f in heads_that("complement")),
    *(
        Rule(Name(f)(x) - Name(f)(x) ** 2, Name(f)(x) * Name(f)(-x), "one name for both")
        for f in heads_that("complement")
    ),
    _quotient(SINH, COSH, TANH, "a name for the quotient"),
    _quotient(SIN, COS, TAN, "a name for the quotient"),
    Rule(LOG(1 + x) - LOG(1 - x), 2 * ATANH(x), "the textbook's name"),
    Rule(SIN(x) ** 2 + COS(x) ** 2, Constant(1), "Pythagoras"),
    Procedure((sympy.Max,), "Max(x, 0) -> relu(x)", "the textbook's name", _name_relu),
)

ORDER: tuple[Rewrite, ...] = tuple(
    Procedure((f,), f"{f.__name__}(y, x) -> {f.__name__}(x, y)", "one order of the arguments", _order_arguments)
    for f in heads_that("symmetric")
)

FUNCTIONS: tuple[Rewrite, ...] = (*SIGNS, *POWERS, *NAMES, *ORDER)
