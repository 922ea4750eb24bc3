"""What one operation asks of its operands, for its result to be finite, and where its derivative is a convention.

What an elementwise operation asks is read from its template, so that a row of the table needs nothing else: a
logarithm a positive argument, a quotient a divisor that is not zero, a choice what the branch that is taken asks. What
no template says stands in the ``domain`` of a row.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import sympy
from sympy import And, Eq, Expr, Ge, Gt, Le, Lt, Ne, Not, Or, Piecewise, floor
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom

from tracer import scalar
from tracer.rules import OUT, Elementwise, argument, facts_of
from tracer.series import ExprWithLimits
from tracer.tensor import Tensor
from tracer.terms.numbers import exact


class Kind(enum.Enum):
    """What a condition is for.

    A finite value, a derivative without a convention, the way the program took, or a formula that is shorter for what
    the caller assumes.
    """

    DOMAIN = "domain"
    KINK = "kink"
    BRANCH = "branch"
    ASSUMED = "assumed"


class Demand(NamedTuple):
    """What an operation asks of its operands: a relation over ``argument(0)``, ``argument(1)``, ..."""

    relation: Boolean
    kind: Kind


def demands(node: Tensor) -> list[Demand]:
    """What one operation asks of its operands.

    Returns
    -------
    list of Demand
        Over the argument symbols of operands that are tensors; numbers among the operands are written in, and what is
        certain is left out. What is asked of matrices is said of :func:`tracer.ops.matrix_domains.matrix_argument`.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> demands(tracer.math.log(x))
    [Demand(relation=_0 > 0, kind=<Kind.DOMAIN: 'domain'>)]
    >>> demands(x**0.5), demands(x**2)
    ([Demand(relation=_0 >= 0, kind=<Kind.DOMAIN: 'domain'>)], [])
    """
    rule = node.rule
    if isinstance(rule, Elementwise):
        if not template_demands(rule.template):
            return []  # Nor does it ask anything of numbers.
        poles = {argument(k) for k in rule.poles}
        return [
            Demand(relation, Kind.KINK if poles and relation.free_symbols <= poles else Kind.DOMAIN)
            for relation in template_demands(written_template(node))
        ]
    if rule.domain is not None and rule.domain.value is not None:
        return [Demand(relation, Kind.DOMAIN) for relation in rule.domain.value(node)]
    return []


def derivative_demands(node: Tensor, positions: Iterable[int] = (0,)) -> list[Demand]:
    """What the derivative of one operation asks of its operands, beyond what the value asks.

    Parameters
    ----------
    node : Tensor
    positions : iterable of int
        By which operands it is differentiated.

    Returns
    -------
    list of Demand
        Where the derivative jumps, so that a convention says what it is there; over the argument symbols and ``OUT``.
        What a row states, and no template says, may be of the domain as well.

    Examples
    --------
    >>> import tracer
    >>> derivative_demands(tracer.abs(tracer.symbols("x")))
    [Demand(relation=Ne(_0, 0), kind=<Kind.KINK: 'kink'>)]
    """
    rule = node.rule
    if isinstance(rule, Elementwise):
        template, numbers = written_template(node), _list_numbers(node)
        kinks = [r for k in positions for r in _slope_kinks(rule, template, numbers, k)]
        return [Demand(r, Kind.KINK) for r in dict.fromkeys([*kinks, *template_steps(template)])]
    domain = rule.domain
    if domain is None:
        return []
    found = [Demand(r, Kind.DOMAIN) for r in domain.derivative(node)] if domain.derivative is not None else []
    return found + ([Demand(r, Kind.KINK) for r in domain.kinks(node)] if domain.kinks is not None else [])


@lru_cache(maxsize=256)
def _slope_kinks(rule: Elementwise, template: sympy.Basic, numbers: Numbers, position: int) -> tuple[Boolean, ...]:
    """Where the derivative by one operand jumps."""
    try:
        slope = sympy.sympify(rule.partial(position)).xreplace(dict(numbers))
    except LookupError:  # There is no gradient rule.
        return ()
    return tuple(r for r in template_kinks(slope) if not _is_smooth(slope, r, template))


Numbers: TypeAlias = "tuple[tuple[sympy.Symbol, sympy.Basic], ...]"
"""The numbers among the operands, by their argument symbols."""


def _list_numbers(node: Tensor) -> Numbers:
    return tuple((argument(k), _as_exact(a)) for k, a in enumerate(node.args) if type(a) is not Tensor)


def forward_key(node: Tensor) -> int | None:
    """The key of the operation whose gradient rule recorded a node."""
    place = node.place
    return place[2] if place is not None and len(place) == 3 else None


def written_template(node: Tensor) -> sympy.Basic:
    """The template of an elementwise operation with the numbers among its operands written in."""
    rule = node.rule
    assert isinstance(rule, Elementwise)
    numbers = _list_numbers(node)
    return _fill_numbers(rule.template, numbers) if numbers else rule.template


def _as_exact(value: object) -> sympy.Basic:
    return sympy.sympify(value) if isinstance(value, bool) else exact(value)


@lru_cache(maxsize=256)
def _fill_numbers(template: sympy.Basic, numbers: Numbers) -> sympy.Basic:
    return template.xreplace(dict(numbers))


@lru_cache(maxsize=256)
def template_demands(template: sympy.Basic) -> tuple[Boolean, ...]:
    """What a template asks of its symbols, for its value to be finite.

    Examples
    --------
    >>> x, y = argument(0), argument(1)
    >>> template_demands(sympy.log(x) / y)
    (Ne(_1, 0), _0 > 0)
    >>> template_demands(Piecewise((1 / x, x > 1), (0, True)))
    ()
    """
    found: dict[Boolean, None] = {}
    for part, guard in _parts(template):
        relation = _demand(part)
        if relation is not None and relation != sympy.true:
            relation = Or(Not(guard), relation) if guard != sympy.true else relation
            if not is_certain(relation):
                found[relation] = None
    return tuple(sorted(found, key=str))


def is_certain(relation: Boolean) -> bool:
    """Whether a relation is seen at once to hold for all values of its symbols."""
    if relation in (sympy.true, sympy.false):
        return bool(relation)
    if isinstance(relation, Or):
        pairs = [(a, b) for a in relation.args for b in relation.args if a is not b]
        return any(covers(a, b) for a, b in pairs)
    return False


def covers(first: Boolean, second: Boolean) -> bool:
    """Whether one of two relations of the same expression with numbers holds always: ``x <= 1`` and ``x != 0``."""
    a, b = bound(Not(first)), bound(second)
    return a is not None and b is not None and a.implies(b)


class Bound(NamedTuple):
    """A relation of an expression with a number: ``op`` is one of ``>``, ``>=``, ``<``, ``<=``, ``!=`` and ``==``."""

    expression: Expr
    op: str
    number: Expr

    def implies(self, other: Bound) -> bool:
        """Whether another relation holds wherever this one does."""
        if self.expression != other.expression:
            return False
        if self.op == "==":
            return bool(_OPS[other.op](self.number, other.number))
        if other.op == "==" or self.op == "!=":
            return self.op == other.op and self.number == other.number
        beyond = bool(self.number > other.number if self.op[0] == ">" else self.number < other.number)
        at_bound = self.number == other.number
        if self.op[0] == other.op[0]:
            return beyond or (at_bound and (self.op == other.op or len(self.op) == 1))
        return other.op == "!=" and (beyond or (at_bound and len(self.op) == 1))


_OPS: Mapping[str, Callable[[Expr, Expr], Boolean]] = {">": Gt, ">=": Ge, "<": Lt, "<=": Le, "!=": Ne, "==": Eq}


@lru_cache(maxsize=256)  # Each of many conditions is compared with all others.
def bound(relation: Boolean) -> Bound | None:
    """A relation with a number on one side: the expression has no constant, and its first coefficient is positive."""
    if not isinstance(relation, Relational) or not isinstance(relation.lhs, Expr):
        return None
    if relation.lhs.is_Symbol and relation.rhs.is_Rational:
        return Bound(relation.lhs, relation.rel_op, relation.rhs)
    difference = relation.lhs - relation.rhs
    number, rest = difference.as_coeff_Add()
    if rest.is_Add:
        irrational, others = rest.as_independent(*rest.free_symbols, as_Add=True)
        if irrational.is_NumberSymbol or (-irrational).is_NumberSymbol:  # Towers of exponentials take long to compare.
            number, rest = number + irrational, others
    if rest.is_number or not number.is_real:
        return None
    terms = [term.as_coeff_Mul() for term in sympy.Add.make_args(rest)]
    scale, _ = min(terms, key=lambda term: sympy.default_sort_key(term[1])) if len(terms) > 1 else terms[0]
    op = relation.rel_op
    if scale.is_negative:
        op = {">": "<", ">=": "<=", "<": ">", "<=": ">="}.get(op, op)
    return Bound(rest / scale, op, -number / scale)


def _parts(template: sympy.Basic) -> Iterator[tuple[sympy.Basic, Boolean]]:
    """The parts of a template, each with the condition under which its value counts."""
    todo: list[tuple[sympy.Basic, Boolean]] = [(template, sympy.true)]
    while todo:
        part, guard = todo.pop()
        if isinstance(part, ExprWithLimits) or not part.free_symbols:
            continue
        yield part, guard
        if isinstance(part, Piecewise):
            before = guard
            for value, condition in part.args:
                todo += [(condition, before), (value, And(before, condition))]
                before = And(before, Not(condition))
        elif _is_defined(part):
            todo.append((type(part).definition(*part.args), guard))
        else:
            todo += [(a, guard) for a in part.args]


def _is_defined(part: sympy.Basic) -> bool:
    """Whether the domain of a function is read from its definition."""
    return isinstance(part, scalar.Named) and part.func not in DOMAINS and not facts_of(part.func).finite


def _demand(part: sympy.Basic) -> Boolean | None:
    if isinstance(part, sympy.Pow):
        return _power_demand(part.base, part.exp)
    relation = DOMAINS.get(part.func)
    return relation(*part.args) if relation is not None else None


def _power_demand(base: Expr, exponent: Expr) -> Boolean:
    """What a power asks: of a negative base an integer exponent, of zero an exponent that is not negative."""
    if exponent.is_integer:
        if exponent.is_nonnegative:
            return sympy.true
        return Ne(base, 0) if exponent.is_negative else Or(Ne(base, 0), exponent >= 0)
    if exponent.is_number:
        return base >= 0 if exponent.is_positive else base > 0
    if base.is_positive:
        return sympy.true
    whole = Eq(exponent, floor(exponent))
    return Or(base > 0, And(Eq(base, 0), exponent >= 0), And(base < 0, whole))


def _no_pole(x: Expr) -> Boolean:
    return Or(x > 0, Ne(x, floor(x)))


def _lies_inside(x: Expr) -> Boolean:
    return And(x > -1, x < 1)


def _zeta_demand(s: Expr, q: Expr = sympy.S.One) -> Boolean:
    """The continuation has a pole at 1, and real values at negative q for whole s alone (DLMF 25.11)."""
    return And(Ne(s, 1), Or(q > 0, And(Eq(q, 0), s < 0), And(Eq(s, floor(s)), Or(s <= 0, Ne(q, floor(q))))))


DOMAINS: Mapping[type, Callable[..., Boolean]] = {
    sympy.log: lambda x: x > 0,
    sympy.tan: lambda x: Ne(sympy.cos(x), 0),
    sympy.sec: lambda x: Ne(sympy.cos(x), 0),
    sympy.cot: lambda x: Ne(sympy.sin(x), 0),
    sympy.csc: lambda x: Ne(sympy.sin(x), 0),
    sympy.asin: lambda x: And(x >= -1, x <= 1),
    sympy.acos: lambda x: And(x >= -1, x <= 1),
    sympy.asec: lambda x: Or(x <= -1, x >= 1),
    sympy.acsc: lambda x: Or(x <= -1, x >= 1),
    sympy.coth: lambda x: Ne(x, 0),
    sympy.csch: lambda x: Ne(x, 0),
    sympy.acosh: lambda x: x >= 1,
    sympy.atanh: _lies_inside,
    sympy.acoth: lambda x: Or(x < -1, x > 1),
    sympy.asech: lambda x: And(x > 0, x <= 1),
    sympy.acsch: lambda x: Ne(x, 0),
    sympy.erfinv: _lies_inside,
    sympy.erfcinv: lambda x: And(x > 0, x < 2),
    sympy.gamma: _no_pole,
    sympy.loggamma: _no_pole,
    sympy.digamma: _no_pole,
    sympy.trigamma: _no_pole,
    sympy.polygamma: lambda n, x: _no_pole(x),
    sympy.factorial: lambda x: _no_pole(x + 1),
    sympy.beta: lambda x, y=None: And(_no_pole(x), _no_pole(x if y is None else y)),
    sympy.zeta: _zeta_demand,
    sympy.Ei: lambda x: Ne(x, 0),
    sympy.li: lambda x: And(x > 0, Ne(x, 1)),
    sympy.Ci: lambda x: x > 0,
    sympy.Chi: lambda x: x > 0,
    sympy.expint: lambda n, x: x > 0,
    sympy.LambertW: lambda x, k=None: x >= -sympy.exp(-1),
    sympy.bessely: lambda n, x: x > 0,
    sympy.besselk: lambda n, x: x > 0,
    sympy.elliptic_k: lambda m: m < 1,
    sympy.elliptic_e: lambda *m: m[-1] <= 1,
    sympy.Mod: lambda x, y: Ne(y, 0),
}
"""What sympy's functions of real numbers ask of their arguments; functions that ask for nothing are left out."""


JUMPS: Mapping[type, Callable[..., Boolean]] = {
    sympy.sign: lambda x: Ne(x, 0),
    sympy.Heaviside: lambda x, at=None: Ne(x, 0),
    scalar.step: lambda x: Ne(x, 0),
}
"""Where functions of which derivatives of others are made jump."""


STEPS: Mapping[type, Callable[..., Boolean]] = {
    floor: lambda x: Ne(x, floor(x)),
    sympy.ceiling: lambda x: Ne(x, floor(x)),
    scalar.rint: lambda x: Ne(x + sympy.S.Half, floor(x + sympy.S.Half)),
    sympy.sign: lambda x: Ne(x, 0),
}
"""Where functions jump that are constant elsewhere."""


@lru_cache(maxsize=256)
def template_steps(template: sympy.Basic) -> tuple[Boolean, ...]:
    """Where a template jumps that holds functions of steps.

    Examples
    --------
    >>> template_steps(argument(0) - floor(argument(0)))
    (Ne(_0, floor(_0)),)
    """
    found = ((guard, STEPS[part.func](*part.args)) for part, guard in _parts(template) if part.func in STEPS)
    return tuple(dict.fromkeys(Or(Not(guard), r) if guard != sympy.true else r for guard, r in found))


@lru_cache(maxsize=256)
def template_kinks(template: sympy.Basic) -> tuple[Boolean, ...]:
    """Where the template of a derivative may jump: where it does, the function has a kink.

    Examples
    --------
    >>> x = argument(0)
    >>> template_kinks(sympy.sign(x)), template_kinks(Piecewise((1, And(x > 0, x < 6)), (0, True)))
    ((Ne(_0, 0),), (Ne(_0, 6), Ne(_0, 0)))
    """
    found: dict[Boolean, None] = {}
    for part, guard in _parts(template):
        made = JUMPS.get(part.func)
        at = [made(*part.args)] if made is not None else []
        if isinstance(part, Piecewise):
            edges = [r for _, c in part.args for r in c.atoms(Relational)]
            at += [Ne(r.lhs, r.rhs) for r in sorted(edges, key=str) if isinstance(r.lhs, Expr)]
        for relation in at:
            if relation not in (sympy.true, sympy.false):
                found[Or(Not(guard), relation) if guard != sympy.true else relation] = None
    return tuple(found)


def _is_smooth(slope: sympy.Basic, kink: Boolean, template: sympy.Basic) -> bool:
    """Whether the branches of a derivative agree where one ends; ``OUT`` is what the template says."""
    if not isinstance(slope, Piecewise) or not isinstance(kink, Ne):
        return False
    x, edge = (kink.lhs, kink.rhs) if kink.lhs.is_Symbol else (kink.rhs, kink.lhs)
    if not x.is_Symbol or x == OUT or x in edge.free_symbols:
        return False
    values = {sympy.simplify(value.xreplace({OUT: template}).subs(x, edge)) for value, _ in slope.args}
    return len(values) == 1 and not values.pop().has(sympy.nan, sympy.zoo)


def uses(node: Tensor) -> Mapping[int, Boolean]:
    """Under which condition over its arguments an elementwise operation uses an operand, by the operand's position.

    What it always uses is left out.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> uses(tracer.where(x > 0, tracer.math.log(x), 0.0))
    {1: _0}
    """
    return template_uses(written_template(node), len(node.args)) if isinstance(node.rule, Elementwise) else {}


@lru_cache(maxsize=256)
def template_uses(template: sympy.Basic, arity: int) -> Mapping[int, Boolean]:
    """Under which condition over its arguments a template uses each of them."""
    if not template.has(Piecewise):
        return {}
    found: dict[sympy.Basic, Boolean] = {}
    for part, guard in _parts(template):
        if part.is_Symbol:
            found[part] = Or(found.get(part, sympy.false), guard)
    return {
        k: found[argument(k)]
        for k in range(arity)
        if argument(k) in found and not isinstance(found[argument(k)], BooleanAtom)
    }
