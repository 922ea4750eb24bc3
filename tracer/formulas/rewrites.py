"""Rewrites of terms, as data: a pattern, what replaces it, and one line of why.

A rewrite is applied while a term is built and makes it shorter, so that no order of application matters for ending.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import sympy

from tracer.formulas import terms as T
from tracer.formulas.terms import MINUS, ONE, Call, Product, Source, Sum, Term, add, call, scaled
from tracer.scalar import expm1, log1p, relu, sigmoid, softplus, step


class Rewrite(NamedTuple):
    """One rewrite: for the reader its pattern, replacement and reason, for the engine a function."""

    pattern: str
    replacement: str
    why: str
    apply: Callable[..., Any]


REWRITES: list[Rewrite] = []

ODD = (sympy.sin, sympy.tan, sympy.sinh, sympy.tanh, sympy.asin, sympy.atan, sympy.asinh, sympy.atanh, sympy.erf)
EVEN = (sympy.cos, sympy.cosh)
INVERSES = (
    (sympy.exp, sympy.log),
    (sympy.sin, sympy.asin),
    (sympy.cos, sympy.acos),
    (sympy.tan, sympy.atan),
    (sympy.sinh, sympy.asinh),
    (sympy.cosh, sympy.acosh),
    (sympy.tanh, sympy.atanh),
    (sympy.log, sympy.exp),
    (sympy.asinh, sympy.sinh),
    (sympy.atanh, sympy.tanh),
)


def _of_call(*heads: Any, pattern: str, replacement: str, why: str) -> Callable[[Any], Any]:
    def register(rule: Any) -> Any:
        REWRITES.append(Rewrite(pattern, replacement, why, rule))
        for head in heads:
            T.call_rules.setdefault(head, []).append(rule)
        return rule

    return register


def _of_factors(pattern: str, replacement: str, why: str) -> Callable[[Any], Any]:
    def register(rule: Any) -> Any:
        REWRITES.append(Rewrite(pattern, replacement, why, rule))
        T.factor_rules.append(rule)
        return rule

    return register


def _of_sum(pattern: str, replacement: str, why: str) -> Callable[[Any], Any]:
    def register(rule: Any) -> Any:
        REWRITES.append(Rewrite(pattern, replacement, why, rule))
        T.sum_rules.append(rule)
        return rule

    return register


def _is_call(term: Term, *heads: Any) -> bool:
    return isinstance(term, Call) and term.head in heads


def _negated(term: Term) -> Term | None:
    """Minus the term, if it carries a minus sign."""
    scale, _ = T.split_scale(term)
    return scaled(MINUS, term) if scale.could_extract_minus_sign() else None


T.NONNEGATIVE_HEADS += (relu, step)  # type: ignore[assignment]
T.POSITIVE_HEADS += (sigmoid, softplus)  # type: ignore[assignment]


# Functions of one argument.


@_of_call(*ODD, sympy.sign, pattern="f(-x), f odd", replacement="-f(x)", why="signs come out in front")
def _odd(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    inner = _negated(args[0])
    return scaled(MINUS, call(head, [inner])) if inner is not None else None


@_of_call(*EVEN, sympy.Abs, pattern="f(-x), f even", replacement="f(x)", why="the sign says nothing")
def _even(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    inner = _negated(args[0])
    return call(head, [inner]) if inner is not None else None


def _cancel(outer: Any, inner: Any) -> None:
    @_of_call(outer, pattern=f"{outer.__name__}({inner.__name__}(x))", replacement="x", why="one undoes the other")
    def rule(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
        return args[0].args[0] if _is_call(args[0], inner) else None  # type: ignore[attr-defined]


for _outer, _inner in INVERSES:
    _cancel(_outer, _inner)


@_of_call(sympy.exp, pattern="exp(c*log(x))", replacement="x**c", why="a power, written as one")
def _exp_of_log(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, core = T.split_scale(args[0])
    return T.power(core.args[0], scale) if _is_call(core, sympy.log) else None  # type: ignore[attr-defined]


@_of_call(sympy.exp, pattern="exp(z - logsumexp(z))", replacement="softmax(z)", why="the definition of softmax")
def _exp_of_log_softmax(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, core = T.split_scale(args[0])
    if not isinstance(core, Sum):
        return None
    for c, t in core.terms:
        if c * scale != -1:
            continue
        _, factors, out, _ = T.factors_of(t)
        if len(factors) != 1 or factors[0][2] != 1 or not _is_call(factors[0][0], "logsumexp"):
            continue
        lse, labels, _ = factors[0]
        if not set(labels) <= set(out):
            continue
        rest = add([(scale * d, u) for d, u in core.terms if u is not t])
        spread = [k for k in out if k not in labels]
        if len(spread) != lse.params:  # type: ignore[attr-defined]
            continue
        order = [out.index(k) for k in labels + tuple(spread)]
        if T.permuted(rest, order) is lse.args[0]:  # type: ignore[attr-defined]
            return softmax(rest, [out.index(k) for k in spread])
    return None


@_of_call(log1p, pattern="log1p(x)", replacement="log(1 + x)", why="a formula is exact whatever its spelling")
def _log1p(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    return call(sympy.log, [add([(ONE, args[0]), (ONE, T.number(1, args[0].shape))])])


@_of_call(expm1, pattern="expm1(x)", replacement="exp(x) - 1", why="a formula is exact whatever its spelling")
def _expm1(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    return add([(ONE, call(sympy.exp, args)), (MINUS, T.number(1, args[0].shape))])


@_of_call(sympy.log, pattern="log(1 + exp(x))", replacement="softplus(x)", why="the textbook's name")
def _softplus(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    found = _one_plus_exp(args[0])
    return call(softplus, [found]) if found is not None else None


@_of_call(sympy.log, pattern="log(sigmoid(x))", replacement="-softplus(-x)", why="the textbook's name")
def _log_sigmoid(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if not _is_call(args[0], sigmoid):
        return None
    return scaled(MINUS, call(softplus, [scaled(MINUS, args[0].args[0])]))  # type: ignore[attr-defined]


@_of_call(sympy.log, pattern="log(sum(exp(z)))", replacement="logsumexp(z)", why="the textbook's name")
def _logsumexp(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    found = _sum_of_exp(args[0])
    if found is None or not found[0].is_positive:
        return None
    scale, inner, labels, out, sizes = found
    spread = tuple(k for k in dict.fromkeys(labels) if k not in out)
    z = T.product(ONE, [(inner, labels, ONE)], out + spread, sizes)
    result = T.call("logsumexp", [z], len(spread), args[0].shape)
    return result if scale == 1 else add([(ONE, result), (ONE, T.number(sympy.log(scale), args[0].shape))])


@_of_call(
    "logsumexp",
    pattern="logsumexp(z + c), c the same for all",
    replacement="logsumexp(z) + c",
    why="the shift of a stable spelling is no part of the meaning",
)
def _shifted_logsumexp(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    shape = args[0].shape
    rank = len(shape) - params
    kept, shift = _unshifted(args[0], range(rank, len(shape)))
    if shift is None:
        return None
    inner = T.call("logsumexp", [kept], params, shape[:rank])
    return add([(ONE, inner), (ONE, _taken(shift, range(rank)))])


@_of_call("logsumexp", pattern="logsumexp(c)", replacement="c + log(n)", why="n equal summands, or one")
def _logsumexp_of_equal(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    (z,) = args
    rank = len(z.shape) - params
    value = T.constant_value(z)
    if value is not None:
        return T.number(value + sympy.log(prod(z.shape[rank:], start=ONE)), z.shape[:rank])
    single = [k for k in range(rank, len(z.shape)) if z.shape[k] == 1]
    if not single:
        return None
    thin = _taken(z, [k for k in range(len(z.shape)) if k not in single])
    return T.call("logsumexp", [thin], params - len(single), z.shape[:rank]) if len(single) < params else thin


@_of_call("softmax", pattern="softmax(c)", replacement="1/n", why="n equal probabilities; one for n = 1")
def _softmax_of_equal(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    (z,) = args
    size = z.shape[-1]
    return T.number(ONE / size, z.shape) if size == 1 or T.constant_value(z) is not None else None


@_of_call(
    "softmax",
    pattern="softmax(z + c), c the same for all",
    replacement="softmax(z)",
    why="softmax does not see a shift",
)
def _shifted_softmax(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    kept, shift = _unshifted(args[0], [len(args[0].shape) - 1])
    return None if shift is None else T.call("softmax", [kept], params, args[0].shape)


@_of_call(sympy.log, pattern="log(softmax(z))", replacement="z - logsumexp(z)", why="no logarithm of an exponential")
def _log_of_softmax(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, factors, out, sizes = T.factors_of(args[0])
    if scale != 1 or len(factors) != 1 or factors[0][2] != 1 or not _is_call(factors[0][0], "softmax"):
        return None
    z = factors[0][0].args[0]  # type: ignore[attr-defined]
    labels = factors[0][1]
    lse = T.call("logsumexp", [z], 1, z.shape[:-1])
    known = dict(enumerate(sizes))
    return add(
        [
            (ONE, T.product(ONE, [(z, labels, ONE)], out, known)),
            (MINUS, T.product(ONE, [(lse, labels[:-1], ONE)], out, known)),
        ]
    )


@_of_call(
    sympy.log,
    pattern="log(x**c), x positive",
    replacement="c*log(x)",
    why="a power comes out of the logarithm where positivity is known",
)
def _log_of_power(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, factors, out, sizes = T.factors_of(args[0])
    if scale != 1 or len(factors) != 1 or factors[0][2] == 1 or len(set(out)) < len(out):
        return None
    t, labels, e = factors[0]
    if not T.positive(t) and e.is_integer:
        return None
    log = call(sympy.log, [t])
    return T.product(e, [(log, labels, ONE)], out, dict(enumerate(sizes)))


@_of_call(sympy.Abs, pattern="Abs(x), x >= 0", replacement="x", why="known by structure or declaration")
def _abs(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    return args[0] if T.nonnegative(args[0]) else None


@_of_call(sympy.Abs, pattern="Abs(x*y)", replacement="Abs(x)*Abs(y)", why="known factors come out")
def _abs_of_product(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    term = args[0]
    if not isinstance(term, Product) or {k for _, i, _ in term.factors for k in i} - set(term.out):
        return None
    if len(term.factors) == 1 and term.scale == 1 and term.factors[0][2] == 1:
        return None
    if not all(e.is_integer for _, _, e in term.factors):
        return None
    factors = [(t if T.nonnegative(t) else call(sympy.Abs, [t]), i, e) for t, i, e in term.factors]
    return T.product(sympy.Abs(term.scale), factors, term.out, dict(enumerate(term.sizes)))


@_of_call(
    sympy.sign, pattern="sign(c*x), c > 0", replacement="sign(x)", why="a positive number does not change the sign"
)
def _sign(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if T.positive(args[0]):
        return T.number(1, args[0].shape)
    scale, core = T.split_scale(args[0])
    return call(sympy.sign, [core]) if scale.is_positive and scale != 1 else None


@_of_call(relu, pattern="relu(x), x >= 0", replacement="x", why="known by structure or declaration")
def _relu(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    return args[0] if T.nonnegative(args[0]) else None


@_of_call(step, pattern="step(c*x), c > 0", replacement="step(x)", why="a positive number does not change the sign")
def _step(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, core = T.split_scale(args[0])
    return call(step, [core]) if scale.is_positive and scale != 1 else None


@_of_call(sympy.Piecewise, pattern="where(c, x, x)", replacement="x", why="both branches agree")
def _piecewise_equal(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    values = args[::2]
    return values[0] if all(v is values[0] for v in values) else None


TOTAL = (
    sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan, sympy.asinh, sympy.erf,
    sympy.erfc, sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.floor, sympy.ceiling, sigmoid, softplus, relu, step,
)  # fmt: skip


def total(term: Term) -> bool:
    """Whether a term is finite wherever its sources are."""
    if isinstance(term, Source):
        return True
    if isinstance(term, Sum):
        return all(total(t) for _, t in term.terms)
    if isinstance(term, Product):
        return all(e.is_integer and e.is_positive and total(t) for t, _, e in term.factors)
    assert isinstance(term, Call)
    if term.head is sympy.Piecewise:
        return all(map(total, term.args[::2]))
    return term.head in (*TOTAL, "softmax", "logsumexp") and all(map(total, term.args))


@_of_call(
    sympy.Piecewise,
    pattern="where(c, x, 0)",
    replacement="where(c, 1, 0)*x",
    why="a mask of what is always finite is a factor",
)
def _mask(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args) != 3:
        return None
    value, condition, other = args
    one, zero = T.number(1, value.shape), T.number(0, value.shape)
    if T.is_zero(other) and value is not one and total(value):
        return T.times(call(head, [one, condition, zero]), value)
    if T.is_zero(value) and other is not one and total(other):
        return T.times(call(head, [zero, condition, one]), other)
    return None


@_of_call(sympy.Piecewise, pattern="where(x > 0, c*relu(x), 0)", replacement="c*relu(x)", why="relu is zero elsewhere")
def _piecewise_of_relu(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args) != 3 or not T.is_zero(args[2]) or not _is_call(args[1], *NEGATED):
        return None
    _, factors, out, _ = T.factors_of(args[0])
    condition, holds = _as_greater(args[1], True)
    if not _is_call(condition, sympy.Gt):
        return None
    a, b = condition.args  # type: ignore[attr-defined]
    inner = a if holds and T.is_zero(b) else b if not holds and T.is_zero(a) else None
    known = any(_is_call(t, relu) and t.args[0] is inner and e.is_positive and i == out for t, i, e in factors)  # type: ignore[attr-defined]
    return args[0] if known else None


@_of_call(
    sympy.Piecewise, pattern="where(p > 0, x, y), p positive", replacement="x", why="known by structure or declaration"
)
def _piecewise_positive(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args) < 2 or not _is_call(args[1], sympy.Gt, sympy.Ge):
        return None
    a, b = args[1].args  # type: ignore[attr-defined]
    return args[0] if T.is_zero(b) and T.positive(a) else None


@_of_call(sympy.Piecewise, pattern="where(x > 0, 1, 0)", replacement="step(x)", why="a name for the indicator")
def _piecewise_step(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args) != 3 or not _is_call(args[1], sympy.StrictGreaterThan, sympy.StrictLessThan):
        return None
    a, b = args[1].args  # type: ignore[attr-defined]
    if args[1].head is sympy.StrictLessThan:  # type: ignore[attr-defined]
        a, b = b, a
    if T.constant_value(b) != 0 or T.constant_value(args[2]) != 0:
        return None
    if T.constant_value(args[0]) == 1:
        return call(step, [a])
    return call(relu, [a]) if args[0] is a else None


@_of_call(sympy.Max, pattern="Max(x, 0)", replacement="relu(x)", why="the textbook's name")
def _max(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args) == 2:
        for a, b in (args, args[::-1]):
            if T.constant_value(b) == 0 and T.constant_value(a) is None:
                return call(relu, [a])
    return _ordered(head, args)


@_of_call(
    sympy.Min,
    sympy.And,
    sympy.Or,
    pattern="f(y, x), f symmetric",
    replacement="f(x, y)",
    why="one order of the arguments",
)
def _symmetric_function(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    return _ordered(head, args)


def _ordered(head: Any, args: tuple[Term, ...]) -> Term | None:
    ordered = tuple(sorted(dict.fromkeys(args), key=lambda a: a.order))
    if len(ordered) == 1:
        return ordered[0]
    return call(head, ordered) if ordered != args else None


@_of_call(sympy.Ne, pattern="where(c, 1, 0) != 0", replacement="c", why="a condition is its own truth value")
def _condition(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if T.constant_value(args[1]) != 0 or not _is_call(args[0], sympy.Piecewise) or len(args[0].args) != 3:  # type: ignore[attr-defined]
        return None
    one, condition, zero = args[0].args  # type: ignore[attr-defined]
    return condition if T.constant_value(one) == 1 and T.is_zero(zero) else None


NEGATED = {
    sympy.Gt: sympy.Le,
    sympy.Ge: sympy.Lt,
    sympy.Lt: sympy.Ge,
    sympy.Le: sympy.Gt,
    sympy.Eq: sympy.Ne,
    sympy.Ne: sympy.Eq,
}


@_of_call(sympy.Not, pattern="not x > y", replacement="x <= y", why="a relation says it itself")
def _not(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    inner = args[0]
    if _is_call(inner, sympy.Not):
        return inner.args[0]  # type: ignore[attr-defined, no-any-return]
    return call(NEGATED[inner.head], inner.args) if _is_call(inner, *NEGATED) else None  # type: ignore[attr-defined]


def is_condition(term: Term) -> bool:
    """Whether the values of a term are true and false."""
    if isinstance(term, Source):
        return "bool" in term.assumptions
    if isinstance(term, Product):
        return len(term.factors) == 1 and term.scale == 1 and is_condition(term.factors[0][0])
    return (
        isinstance(term, Call)
        and not isinstance(term.head, str)
        and issubclass(term.head, (sympy.logic.boolalg.Boolean, sympy.core.relational.Relational))
    )


# Factors of a product.


def _one_plus_exp(term: Term) -> Term | None:
    """The z of ``1 + exp(z)``."""
    if not isinstance(term, Sum) or len(term.terms) != 2:
        return None
    for (c, one), (d, e) in (term.terms, term.terms[::-1]):
        if c == d == 1 and T.constant_value(one) == 1 and _is_call(e, sympy.exp):
            return e.args[0]  # type: ignore[attr-defined, no-any-return]
    return None


def _sum_of_exp(term: Term) -> tuple[sympy.Expr, Term, T.Labels, T.Labels, dict[int, Any]] | None:
    """Scale, z and labels of ``sum(exp(z))``."""
    if not isinstance(term, Product) or len(term.factors) != 1 or len(set(term.out)) < len(term.out):
        return None
    t, labels, e = term.factors[0]
    if not _is_call(t, sympy.exp) or e != 1 or set(labels) <= set(term.out) or len(set(labels)) < len(labels):
        return None
    return term.scale, t.args[0], labels, term.out, dict(enumerate(term.sizes))  # type: ignore[attr-defined]


@_of_factors("1/(1 + exp(-x))", "sigmoid(x)", "the textbook's name")
def _sigmoid(state: Any) -> bool:
    for n, (t, labels, e) in enumerate(state.factors):
        z = _one_plus_exp(t) if e.is_integer and e.is_negative else None
        if z is not None:
            del state.factors[n]
            state.pull(call(sigmoid, [scaled(MINUS, z)]), labels, -e)
            return True
    return False


@_of_factors("exp(x)*sigmoid(-x)", "sigmoid(x)", "both are the same quotient")
def _exp_sigmoid(state: Any) -> bool:
    for n, (t, labels, e) in enumerate(state.factors):
        if not _is_call(t, sympy.exp) or e != 1:
            continue
        for m, (u, other, f) in enumerate(state.factors):
            if _is_call(u, sigmoid) and labels == other and f.is_positive and u.args[0] is scaled(MINUS, t.args[0]):
                state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                state.factors.append((u, other, f - 1))
                state.pull(call(sigmoid, [t.args[0]]), labels, ONE)
                return True
    return False


@_of_factors("sinh(x)/cosh(x)", "tanh(x)", "a name for the quotient")
def _tanh(state: Any) -> bool:
    for n, (t, labels, e) in enumerate(state.factors):
        if not _is_call(t, sympy.cosh, sympy.cos) or not (e.is_integer and e.is_negative):
            continue
        over, name = (sympy.sinh, sympy.tanh) if t.head is sympy.cosh else (sympy.sin, sympy.tan)
        for m, (u, other, f) in enumerate(state.factors):
            if _is_call(u, over) and labels == other and f.is_integer and f.is_positive and u.args[0] is t.args[0]:
                state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                state.factors += [x for x in ((t, labels, e + 1), (u, other, f - 1)) if x[2] != 0]
                state.pull(call(name, [t.args[0]]), labels, ONE)
                return True
    return False


@_of_factors("relu(x)*where(x > 0, 1, 0)", "relu(x)", "where the mask is zero the other factor is")
def _masked_relu(state: Any) -> bool:
    for t, labels, e in state.factors:
        if not _is_call(t, relu) or not e.is_positive:
            continue
        for m, (u, other, _) in enumerate(state.factors):
            mask = _mask_of(u, u.shape) if labels == other and u is not t else None
            if mask is None or not _is_call(mask[0], sympy.Gt):
                continue
            a, b = mask[0].args  # type: ignore[attr-defined]
            here = mask[1] and T.is_zero(b) and a is t.args[0]
            if here or (not mask[1] and T.is_zero(a) and b is t.args[0]):
                del state.factors[m]
                return True
    return False


@_of_factors("1.T*(x - mean(x))", "0", "a sum that no other factor hinders is taken term by term where that is shorter")
def _sum_of_sum(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, labels, e) in enumerate(state.factors):
        if e != 1 or not isinstance(t, Sum) or len(t.terms) > 4 or len(set(labels)) < len(labels):
            continue
        alone = [k for k in labels if k in summed and degree[k] == 1]
        if not alone:
            continue
        kept = tuple(k for k in labels if k not in alone)
        total = add([(c, T.product(ONE, [(u, labels, ONE)], kept)) for c, u in t.terms])
        if total.weight < t.weight:
            del state.factors[n]
            state.scale /= sympy.Mul(*(state.sizes[k] for k in alone))
            state.pull(total, kept, ONE)
            return True
    return False


@_of_factors("exp(z)/sum(exp(z))", "softmax(z)", "the textbook's name")
def _softmax(state: Any) -> bool:
    for n, (t, labels, e) in enumerate(state.factors):
        if not _is_call(t, sympy.exp) or not e.is_positive:
            continue
        for m, (u, other, f) in enumerate(state.factors):
            found = _sum_of_exp(u) if f.is_integer and f.is_negative else None
            if found is None:
                continue
            _, z, inside, out, _ = found
            if z is not t.args[0] or len(inside) != len(labels):
                continue
            spread = [p for p, k in enumerate(inside) if k not in out]
            where = dict(zip(out, other))
            if any(where[k] != labels[p] for p, k in enumerate(inside) if k in where):
                continue
            state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
            state.scale /= found[0]
            if e != 1:
                state.factors.append((t, labels, e - 1))
            if f != -1:
                state.factors.append((u, other, f + 1))
            state.pull(softmax(z, spread), labels, ONE)
            return True
    return False


@_of_factors("sum(softmax(z))", "1", "probabilities sum to one")
def _softmax_total(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, labels, e) in enumerate(state.factors):
        if e == 1 and _is_call(t, "softmax") and labels[-1] in summed and degree[labels[-1]] == 1:
            del state.factors[n]
            state.unite(labels[-1], labels[-1])
            state.scale /= state.sizes[labels[-1]]
            return True
    return False


@_of_factors("A*inverse(A)", "I", "the definition of the inverse")
def _inverse(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not _is_call(t, "inverse") or len(i) != 2 or e != 1:
            continue
        for m, (u, j, f) in enumerate(state.factors):
            if f != 1 or len(j) != 2 or m == n:
                continue
            for a, b, c, d, match in (
                (i[0], i[1], j[0], j[1], u is t.args[0]),
                (i[1], i[0], j[1], j[0], u is t.args[0]),
                (i[0], i[1], j[1], j[0], T.transposed(t.args[0]) is u),
                (i[1], i[0], j[0], j[1], T.transposed(t.args[0]) is u),
            ):
                if match and b == c and b in summed and degree[b] == 2 and a != b and d != b:
                    state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                    state.unite(a, d)
                    state.unite(a, b)
                    return True
    return False


def _chain(term: Term) -> list[tuple[Term, bool]] | None:
    """The square factors of a matrix product in order, each with whether it is transposed."""
    if not isinstance(term, Product) or term.scale != 1 or len(term.factors) < 2 or len(set(term.shape)) != 1:
        return None
    if len(set(term.out)) != 2 or any(len(i) != 2 or e != 1 for _, i, e in term.factors):
        return None
    rest = list(term.factors)
    chain: list[tuple[Term, bool]] = []
    here, last = term.out
    while rest:
        touching = [f for f in rest if here in f[1]]
        if len(touching) != 1 or term.sizes[here] != term.shape[0]:
            return None
        t, i, _ = touching[0]
        rest.remove(touching[0])
        chain.append((t, i[0] != here))
        here = i[1] if i[0] == here else i[0]
    return chain if here == last else None


def _product_of(chain: list[tuple[Term, bool]]) -> Term:
    factors = [(t, (n + 1, n) if turned else (n, n + 1), ONE) for n, (t, turned) in enumerate(chain)]
    return T.product(ONE, factors, (0, len(chain)))


@_of_factors(
    "A*inverse(B*A), A and B square", "inverse(B)", "a product of square matrices is inverted factor by factor"
)
def _inverse_of_product(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        chain = _chain(t.args[0]) if _is_call(t, "inverse") and len(i) == 2 and e == 1 and i[0] != i[1] else None
        if chain is None:
            continue
        for m, (u, j, f) in enumerate(state.factors):
            if m == n or f != 1 or len(j) != 2 or j[0] == j[1]:
                continue
            for side in (0, 1):
                first, turned = chain[0 if side else -1]
                k = i[side]
                near = {j.index(k)} if k in j and u is first and k in summed and degree[k] == 2 else set()
                if not near or not (u.symmetric or near == {int(turned == bool(side))}):
                    continue
                other = j[1 - j.index(k)]
                rest = call("inverse", [_product_of(chain[1:] if side else chain[:-1])])
                state.factors = [x for q, x in enumerate(state.factors) if q not in (n, m)]
                state.absorb(k, other)
                state.pull(rest, (i[0], other) if side else (other, i[1]), ONE)
                return True
    return False


@_of_factors("L*L.T, L = cholesky(A)", "A", "the definition of the factor")
def _cholesky_product(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        inverted = _is_call(t, "inverse") and _is_call(t.args[0], "cholesky")
        if not (inverted or _is_call(t, "cholesky")) or len(i) != 2 or e != 1:
            continue
        inner = 0 if inverted else 1
        k = i[inner]
        for m, (u, j, f) in enumerate(state.factors[:n]):
            if u is not t or f != 1 or j[inner] != k or k not in summed or degree[k] != 2 or k in (i[1 - inner],):
                continue
            matrix = t.args[0].args[0] if inverted else t.args[0]
            state.factors = [x for q, x in enumerate(state.factors) if q not in (n, m)]
            state.absorb(k, i[1 - inner])
            state.pull(call("inverse", [matrix]) if inverted else matrix, (i[1 - inner], j[1 - inner]), ONE)
            return True
    return False


@_of_factors("Q.T*Q, Q orthogonal", "I", "declared")
def _orthogonal(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not isinstance(t, Source) or "orthogonal" not in t.assumptions or e != 1 or i[0] == i[1]:
            continue
        for m, (u, j, f) in enumerate(state.factors[:n]):
            if u is not t or f != 1 or j[0] == j[1]:
                continue
            for p in (0, 1):
                k = i[p]
                if k == j[p] and k in summed and degree[k] == 2:
                    state.factors = [x for q, x in enumerate(state.factors) if q not in (n, m)]
                    state.unite(i[1 - p], j[1 - p])
                    state.unite(i[1 - p], k)
                    return True
    return False


@_of_factors("diag(v)*(I - 1*w.T)", "diag(v) - v*w.T", "what is broadcast takes a factor in")
def _diagonal_of_sum(state: Any) -> bool:
    for n, (t, i, e) in enumerate(state.factors):
        if e != 1 or not isinstance(t, Sum) or len(i) != 2 or i[0] == i[1] or len(t.terms) > 3:
            continue
        if not any(isinstance(u, Product) and not u.factors and u.out == (0, 0) for _, u in t.terms):
            continue
        for axis in (0, 1):
            beside = [f for f in state.factors if f[1] == (i[axis],)]
            plain = [u for _, u in t.terms if not _constant_along(u, axis)]
            if not beside or len(plain) != 1:
                continue
            rows = [(c, T.product(ONE, [(u, i, ONE), *beside], i)) for c, u in t.terms]
            state.factors = [f for m, f in enumerate(state.factors) if m != n and f not in beside]
            state.pull(add(rows, expand=False), i, ONE)
            return True
    return False


@_of_factors("diag(p)*(K - 1*p.T*K)", "(diag(p) - p*p.T)*K", "what is broadcast takes a factor in")
def _scaled_deviation(state: Any) -> bool:
    for n, (t, i, e) in enumerate(state.factors):
        if e != 1 or not isinstance(t, Sum) or len(i) != 2 or i[0] == i[1] or len(t.terms) != 2:
            continue
        for axis in (0, 1):
            beside = [f for f in state.factors if f[1] == (i[axis],)]
            if len(beside) != 1 or sum(_constant_along(u, axis) for _, u in t.terms) != 1:
                continue
            rows = [(c, T.product(ONE, [(u, i, ONE), *beside], i)) for c, u in t.terms]
            total = add(rows, expand=False)
            _, factors, _, _ = T.factors_of(total)
            if len(factors) == 2 and all(len(labels) == 2 for _, labels, _ in factors):
                state.factors = [f for m, f in enumerate(state.factors) if m != n and f not in beside]
                state.pull(total, i, ONE)
                return True
    return False


def _constant_along(term: Term, axis: int) -> bool:
    _, factors, out, _ = T.factors_of(term)
    return out.count(out[axis]) == 1 and not any(out[axis] in i for _, i, _ in factors)


# Sums.


@_of_sum("1 - sigmoid(x)", "sigmoid(-x)", "one name for both, so that equal terms are collected")
def _one_minus_sigmoid(found: dict[Term, sympy.Expr]) -> bool:
    if len(found) != 2:
        return False
    (a, c), (b, d) = found.items()
    if _is_call(a, sigmoid):
        (a, c), (b, d) = (b, d), (a, c)
    if T.constant_value(a) != 1 or not _is_call(b, sigmoid) or c != -d:
        return False
    found.clear()
    found[call(sigmoid, [scaled(MINUS, b.args[0])])] = c  # type: ignore[attr-defined]
    return True


@_of_sum("sin(x)**2 + cos(x)**2", "1", "Pythagoras")
def _pythagoras(found: dict[Term, sympy.Expr]) -> bool:
    for t, c in found.items():
        if not isinstance(t, Product) or len(t.factors) != 1 or t.factors[0][2] != 2 or t.factors[0][1] != t.out:
            continue
        base = t.factors[0][0]
        if not _is_call(base, sympy.sin):
            continue
        other = T.power(call(sympy.cos, [base.args[0]]), 2)  # type: ignore[attr-defined]
        if found.get(other) == c:
            del found[t], found[other]
            one = T.number(1, t.shape)
            found[one] = found.get(one, T.ZERO) + c
            return True
    return False


def _mask_of(term: Term, shape: Any) -> tuple[Term, bool] | None:
    """The condition of a mask, and whether the mask is one where it holds."""
    if _is_call(term, step):
        return T.make_call(sympy.Gt, [term.args[0], T.number(0, shape)], None, shape), True  # type: ignore[attr-defined]
    if _is_call(term, sympy.Piecewise) and len(term.args) == 3:  # type: ignore[attr-defined]
        a, b = (T.constant_value(term.args[k]) for k in (0, 2))  # type: ignore[attr-defined]
        if (a, b) in ((1, 0), (0, 1)):
            return _as_greater(term.args[1], a == 1)  # type: ignore[attr-defined]
    return None


def _as_greater(condition: Term, holds: bool) -> tuple[Term, bool]:
    """An inequality as ``a > b`` or its negation, so that complements are seen."""
    if not _is_call(condition, sympy.Ge, sympy.Le, sympy.Lt):
        return condition, holds
    a, b = condition.args  # type: ignore[attr-defined]
    head = condition.head  # type: ignore[attr-defined]
    if head in (sympy.Lt, sympy.Ge):
        a, b = b, a
    return T.make_call(sympy.Gt, [a, b], None, a.shape), holds if head is sympy.Lt else not holds


@_of_sum("where(c, 1, 0)*x + where(c, 0, 1)*y", "where(c, x, y)", "one choice, written once")
def _choice(found: dict[Term, sympy.Expr]) -> bool:
    masks: dict[Any, list[tuple[Term, bool, Term]]] = {}
    for t in found:
        _, factors, out, sizes = T.factors_of(t)
        if len(set(out)) < len(out) or {k for _, i, _ in factors for k in i} - set(out):
            continue
        for n, (u, i, e) in enumerate(factors):
            mask = _mask_of(u, u.shape) if e == 1 and i == out else None
            if mask is not None:
                rest = T.product(ONE, factors[:n] + factors[n + 1 :], out, dict(enumerate(sizes)))
                masks.setdefault(mask[0], []).append((t, mask[1], rest))
                break
    for condition, members in masks.items():
        if {inside for _, inside, _ in members} != {True, False}:
            continue
        shape = members[0][0].shape
        branches = [
            add([(ONE, T.number(0, shape)), *((found[t], rest) for t, inside, rest in members if inside is side)])
            for side in (True, False)
        ]
        for t, _, _ in members:
            del found[t]
        made = call(sympy.Piecewise, [branches[0], condition, branches[1]])
        scale, core = T.split_scale(made)
        found[core] = found.get(core, T.ZERO) + scale
        return True
    return False


def _complement(term: Term, inside: Any) -> Term | None:
    """``sigmoid(-z)`` as ``1 - sigmoid(z)`` where ``sigmoid(z)`` stands beside it."""
    if not _is_call(term, sigmoid):
        return None
    other = call(sigmoid, [scaled(MINUS, term.args[0])])  # type: ignore[attr-defined]
    if other not in inside or not T.split_scale(term.args[0])[0].could_extract_minus_sign():  # type: ignore[attr-defined]
        return None
    one = T.number(1, term.shape)
    return T._sum_record({one: ONE, other: MINUS}, term.shape)


T.expansions.append(_complement)


# Softmax and its kind act on the last axes; other axes are moved there and back.


def softmax(z: Term, axes: list[int]) -> Term:
    """Softmax over one axis of a term."""
    rank = len(z.shape)
    if len(axes) != 1:
        rest = [p for p in range(rank) if p not in axes]
        lse = T.call("logsumexp", [T.permuted(z, rest + axes)], len(axes), tuple(z.shape[p] for p in rest))
        arg = add([(ONE, z), (MINUS, T.broadcast(lse, rest, z.shape))])
        return T.make_call(sympy.exp, [arg], None, z.shape)
    order = [p for p in range(rank) if p not in axes] + axes
    moved = T.permuted(z, order)
    result = T.call("softmax", [moved], None, moved.shape)
    return T.permuted(result, [order.index(p) for p in range(rank)])


def logsumexp(z: Term, axes: list[int]) -> Term:
    """The logarithm of the sum of exponentials over axes."""
    rest = [p for p in range(len(z.shape)) if p not in axes]
    return T.call("logsumexp", [T.permuted(z, rest + list(axes))], len(axes), tuple(z.shape[p] for p in rest))


def _unshifted(z: Term, axes: Any) -> tuple[Term, Term | None]:
    """A term without the summands that are the same along axes, and their sum."""
    scale, core = T.split_scale(z)
    rows = [(scale * c, t) for c, t in core.terms] if isinstance(core, Sum) else [(scale, core)]
    constant = []
    for c, t in rows:
        _, factors, out, _ = T.factors_of(t)
        used = {k for _, i, _ in factors for k in i} | {k for k in out if out.count(k) > 1}
        if not any(out[a] in used for a in axes):
            constant.append((c, t))
    if not constant or T.is_zero(z):
        return z, None
    rest = [r for r in rows if r not in constant]
    kept = add(rest) if rest else T.number(0, z.shape)
    return kept, add(constant)


def _taken(term: Term, axes: Any) -> Term:
    """A term that is broadcast along all but the given axes, without the others."""
    scale, factors, out, sizes = T.factors_of(term)
    if isinstance(term, Sum):
        return add([(c, _taken(t, axes)) for c, t in term.terms])
    return T.product(scale, factors, tuple(out[a] for a in axes), dict(enumerate(sizes)))


# Matrix functions, of the last two axes.


@_of_call("inverse", pattern="inverse(inverse(A))", replacement="A", why="one undoes the other")
def _inverse_of_inverse(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    return args[0].args[0] if _is_call(args[0], "inverse") else None  # type: ignore[attr-defined]


@_of_call("inverse", pattern="inverse(c*A)", replacement="inverse(A)/c", why="numbers come out in front")
def _inverse_of_scaled(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, core = T.split_scale(args[0])
    if scale == 1 or constant_identity(core):
        return None
    return scaled(1 / scale, call("inverse", [core]))


@_of_call("inverse", pattern="inverse(A.T)", replacement="inverse(A).T", why="one place for the transpose")
def _inverse_of_transpose(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args[0].shape) != 2:
        return None
    other = T.transposed(args[0])
    return T.transposed(call("inverse", [other])) if other.order < args[0].order else None


@_of_call("inverse", pattern="inverse(diag(v))", replacement="diag(1/v)", why="a diagonal is inverted by element")
def _inverse_of_diagonal(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    t = args[0]
    if not isinstance(t, Product) or len(t.shape) != 2 or t.out[0] != t.out[1]:
        return None
    v = T.product(t.scale, t.factors, t.out[:1], dict(enumerate(t.sizes)))
    return T.product(ONE, [(T.power(v, -1), (0,), ONE)], (0, 0), {0: t.shape[0]})


@_of_call("inverse", pattern="inverse(Q), Q orthogonal", replacement="Q.T", why="declared")
def _inverse_of_orthogonal(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    t = args[0]
    return T.transposed(t) if isinstance(t, Source) and "orthogonal" in t.assumptions else None


def constant_identity(term: Term) -> bool:
    """Whether a term is the identity matrix."""
    return (
        isinstance(term, Product)
        and not term.factors
        and term.scale == 1
        and len(term.out) == 2
        and len(set(term.out)) == 1
    )


@_of_call("det", pattern="det(A.T)", replacement="det(A)", why="the determinant does not see a transpose")
def _det_of_transpose(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args[0].shape) != 2:
        return None
    other = T.transposed(args[0])
    return call(head, [other], params, ()) if other.order < args[0].order else None


@_of_call("det", pattern="det(c*A)", replacement="c**n*det(A)", why="numbers come out in front")
def _det_of_scaled(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, core = T.split_scale(args[0])
    if scale == 1:
        return None
    if constant_identity(core):
        return T.number(scale ** args[0].shape[-1])
    return scaled(scale ** args[0].shape[-1], call("det", [core], params, args[0].shape[:-2]))


@_of_call(
    "det", pattern="det(A**k)", replacement="det(A)**k", why="the determinant of a product is that of its factors"
)
def _det_of_power(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    chain = _chain(args[0])
    if chain is None or any(t is not chain[0][0] for t, _ in chain):
        return None
    return T.power(call(head, [chain[0][0]], params, ()), len(chain))


@_of_call("logdet", pattern="logdet(A.T)", replacement="logdet(A)", why="the determinant does not see a transpose")
def _logdet_of_transpose(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    return _det_of_transpose(head, args, params)  # type: ignore[no-any-return]


@_of_call("expm", "pinv", pattern="f(A.T)", replacement="f(A).T", why="one place for the transpose")
def _function_of_transpose(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    if len(args[0].shape) != 2:
        return None
    other = T.transposed(args[0])
    shape = other.shape if head == "expm" else args[0].shape
    return T.transposed(call(head, [other], params, shape)) if other.order < args[0].order else None


@_of_call("expm_frechet", pattern="L(A, c*E)", replacement="c*L(A, E)", why="a derivative is linear in its direction")
def _frechet_of_scaled(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, core = T.split_scale(args[1])
    return scaled(scale, call(head, [args[0], core])) if core is not args[1] else None


@_of_call("band_part", pattern="tril(c*A)", replacement="c*tril(A)", why="numbers come out in front")
def _band_of_scaled(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    scale, core = T.split_scale(args[0])
    return scaled(scale, call(head, [core], params)) if core is not args[0] else None


@_of_call("band_part", pattern="tril(A), A zero outside the band", replacement="A", why="nothing is cut off")
def _band_of_band(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    t = args[0]
    diagonal = isinstance(t, Product) and len(t.out) > 1 and t.out[-1] == t.out[-2]
    inside = _is_call(t, "band_part") and all(a < 0 or 0 <= b <= a for a, b in zip(params, t.params))  # type: ignore[attr-defined]
    whole = all(a < 0 or d == 1 for a, d in zip(params, t.shape[-2:]))
    return t if diagonal or T.is_zero(t) or inside or whole else None


@_of_call(
    "band_part", pattern="tril(diag(v)*L.T), L triangular", replacement="diag(v*diag_part(L))", why="above it is cut"
)
def _band_of_triangular(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    t = args[0]
    if params not in ((-1, 0), (0, -1)) or not isinstance(t, Product) or len(t.out) != 2:
        return None
    for u, i, e in t.factors:
        if len(i) != 2 or set(i) != set(t.out) or not e.is_positive or not _is_call(u, "cholesky", "band_part"):
            continue
        lower = _is_call(u, "cholesky") or u.params == (-1, 0)  # type: ignore[attr-defined]
        if not lower and u.params != (0, -1):  # type: ignore[attr-defined]
            continue
        if (i == t.out) == (lower == (params == (-1, 0))):
            return t
        return T.product(ONE, [(t, (0, 0), ONE)], (0, 0))
    return None


@_of_call("cross", pattern="cross(c*a, b)", replacement="c*cross(a, b)", why="numbers come out in front")
def _cross_of_scaled(head: Any, args: tuple[Term, ...], params: Any) -> Term | None:
    (c, a), (d, b) = map(T.split_scale, args)
    if T.is_zero(args[0]) or T.is_zero(args[1]) or a is b:
        return T.number(0, args[0].shape)
    if a.order > b.order:
        return scaled(-c * d, call(head, [b, a], params))
    return scaled(c * d, call(head, [a, b], params)) if c * d != 1 or (a, b) != args else None


@_of_factors("V.T*V, V eigenvectors of a symmetric matrix", "I", "eigenvectors are orthonormal")
def _eigenvectors_orthonormal(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not _is_call(t, "eigenvectors") or len(i) != 2 or e != 1 or i[0] == i[1]:
            continue
        for m, (u, j, f) in enumerate(state.factors[:n]):
            if u is t and f == 1 and i[0] == j[0] in summed and degree[i[0]] == 2 and i[1] != j[1]:
                state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m)]
                state.unite(i[1], j[1])
                state.unite(i[1], i[0])
                return True
    return False


@_of_factors("V*diag(w**p)*V.T, w and V eigenvalues and eigenvectors of A", "A**p", "the spectral theorem")
def _spectral(state: Any) -> bool:
    degree, summed = state.degree(), state.summed()
    for n, (t, i, e) in enumerate(state.factors):
        if not _is_call(t, "eigenvectors") or len(i) != 2 or e != 1 or i[1] not in summed:
            continue
        for m, (u, j, f) in enumerate(state.factors[:n]):
            if u is not t or f != 1 or i[1] != j[1] or i[1] in (i[0], j[0]):
                continue
            matrix = t.args[0]
            between = [x for x in state.factors if x[1] == (i[1],)]
            power = between[0][2] if between else T.ZERO
            known = len(between) < 2 and all(_is_call(x[0], "eigvalsh") and x[0].args[0] is matrix for x in between)
            if not known or degree[i[1]] != 2 + len(between) or power not in (-1, 0, 1):
                continue
            state.factors = [x for k, x in enumerate(state.factors) if k not in (n, m) and x not in between]
            state.unite(i[0], i[1])
            if power == 0:
                state.unite(i[0], j[0])
            else:
                state.pull(matrix if power == 1 else call("inverse", [matrix]), (i[0], j[0]), ONE)
            return True
    return False
