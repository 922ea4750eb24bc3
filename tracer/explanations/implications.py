"""Conditions in their shortest form, and without those that others imply, as far as that is decided quickly."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import sympy
from sympy import And, Eq, Expr, Gt, Indexed, IndexedBase, Lt, Ne, Not, Or
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from tracer.explanations.domains import bound, is_certain
from tracer.explanations.openings import open_function
from tracer.explanations.polynomial_signs import open_polynomial
from tracer.rules import facts_of

LONGEST = 300
"""How many parts an expression has at the most that is looked into."""

MANY = 60
"""So many conditions are compared with each other; among more of them only equal ones are found."""


def shorten(relation: Boolean) -> Boolean:
    """A relation in its shortest form, given that its expressions are defined.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> shorten(Ne(sympy.sqrt(x), 0)), shorten(2 * x - 1 > -1), shorten(Ne(x**2 * sympy.exp(y), 0))
    (Ne(x, 0), x > 0, Ne(x, 0))
    >>> shorten(Or(x <= 0, y <= 0, x * y > 0)), shorten(1 - x**2 > 0)
    (True, (x > -1) & (x < 1))
    >>> shorten(Or(Ne(x, y), abs(x - y) <= 1))
    True
    """
    if _is_long(relation):
        return relation
    if isinstance(relation, (And, Or)):
        return _shorten_junction(relation.func(*map(shorten, relation.args)))
    if not isinstance(relation, Relational) or not isinstance(relation.lhs, Expr):
        return relation
    if relation.xreplace(_known_functions(relation)) == sympy.true:
        return sympy.true
    opened = open_function(relation)
    if opened is not None:
        return shorten(opened)
    if relation.rhs == 0:
        made = _shorten_sign(relation.lhs, relation.rel_op)
        if made is not None:
            return made
    made = open_polynomial(relation.lhs - relation.rhs, relation.rel_op) if relation.rel_op != "==" else None
    return made if made is not None else _state_bound(relation)


def _shorten_junction(relation: Boolean) -> Boolean:
    """A conjunction without what its parts imply, a disjunction without what implies another part."""
    if isinstance(relation, And):
        parts = sorted(relation.args, key=sympy.default_sort_key)
        return And(*(parts[k] for k in drop_implied(parts)))
    if not isinstance(relation, Or):
        return relation
    relation = _take_equality(relation)
    if not isinstance(relation, Or):
        return shorten(relation)
    others = {p: [q for q in relation.args if q is not p] for p in relation.args}
    if is_certain(relation) or holds_on_line(relation):
        return sympy.true
    if any(_follows(p, _signs(map(Not, rest))) for p, rest in others.items()):
        return sympy.true
    return _join_sides([p for p, rest in others.items() if not any(implies(p, q) for q in rest)])


def _take_equality(relation: Or) -> Boolean:
    """A disjunction without distances of sides that may be unequal: ``(x != y) | (c >= 0)`` for ``c >= |x - y|``."""
    unequal = [p for p in relation.args if isinstance(p, Ne) and isinstance(p.lhs, Expr)]
    if len(unequal) != 1:
        return relation
    difference = unequal[0].lhs - unequal[0].rhs
    distance = {sympy.Abs(difference): sympy.S.Zero}
    rest = {p: p.xreplace(distance) for p in relation.args if p is not unequal[0]}
    return Or(*unequal, *(q if q == p else shorten(q) for p, q in rest.items()))


def _join_sides(parts: Sequence[Boolean]) -> Boolean:
    """A disjunction, of two sides of one bound what says both: ``x != 0`` for ``(x > 0) | (x < 0)``."""
    above = {(p.lhs, p.rhs) for p in parts if isinstance(p, Gt)}
    both = above.intersection((p.lhs, p.rhs) for p in parts if isinstance(p, Lt))
    rest = [p for p in parts if not isinstance(p, (Gt, Lt)) or (p.lhs, p.rhs) not in both]
    return Or(*rest, *(Ne(*sides) for sides in both))


def holds_on_line(relation: Boolean) -> bool:
    """Whether bounds of one expression hold for all its values. It is tried at each bound, between and beyond them.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> holds_on_line(Or(x >= 1, x <= -1, And(x > -1, x < 1))), holds_on_line(Or(x > 1, x < 1))
    (True, False)
    """
    limits = {atom: bound(atom) for atom in relation.atoms(Relational)}
    found = [limit for limit in limits.values() if limit is not None and limit.number.is_Rational]
    if len(found) < len(limits) or len({limit.expression for limit in found}) != 1:
        return False
    ends = sorted({limit.number for limit in found})
    points = [ends[0] - 1, *ends, *((a + b) / 2 for a, b in itertools.pairwise(ends)), ends[-1] + 1]
    return all(
        relation.xreplace({a: OPERATORS[b.op](p, b.number) for a, b in limits.items() if b is not None}) == sympy.true
        for p in points
    )


def _is_long(relation: Boolean) -> bool:
    return any(k >= LONGEST for k, _ in enumerate(sympy.preorder_traversal(relation)))


def _known_functions(relation: Boolean) -> dict[Expr, Expr]:
    """Symbols in place of functions whose rows state a sign."""
    found: dict[Expr, Expr] = {}
    for part in relation.atoms(sympy.Function):
        facts = facts_of(part.func)
        if facts.positive or facts.nonnegative:
            found[part] = sympy.Dummy(real=True, **{"positive" if facts.positive else "nonnegative": True})
    return found


def _shorten_sign(expr: Expr, op: str) -> Boolean | None:
    """The sign of a product or a power, as signs of its factors; None where there is nothing to gain."""
    scale, rest = expr.as_coeff_Mul()
    op = REVERSED.get(op, op) if scale.is_negative else op
    factors = [f for f in sympy.Mul.make_args(rest) if not f.is_positive]
    if op == "!=":
        # What is defined, as a quotient is, has a divisor that is not zero.
        bases = [f.base if f.is_Pow else f for f in factors if not (f.is_Pow and f.exp.is_negative)]
        return None if bases == [expr] else And(*(shorten(Ne(b, 0)) for b in dict.fromkeys(bases)))
    if len(factors) != 1 or op not in OPERATORS:
        return None
    (factor,) = factors
    if factor.is_Pow and (factor.exp.is_integer is False or factor.exp.is_even):
        return _shorten_nonnegative(factor, op)
    if factor.is_Pow and factor.exp.is_odd and op in (">", "<"):
        return shorten(OPERATORS[op](factor.base, 0))
    return None if factor == expr else shorten(OPERATORS[op](factor, 0))


def _shorten_nonnegative(power: Expr, op: str) -> Boolean:
    """The sign of a power, given that it is not negative where it is defined."""
    if op == ">=":
        return sympy.true
    if op == "<" or (op in ("<=", "==") and power.exp.is_negative):
        return sympy.false
    if op == ">":
        return sympy.true if power.exp.is_negative else shorten(Ne(power.base, 0))
    return shorten(Eq(power.base, 0))


REVERSED: Mapping[str, str] = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
OPERATORS: Mapping[str, type[Relational]] = {
    ">": sympy.Gt, ">=": sympy.Ge, "<": sympy.Lt, "<=": sympy.Le, "!=": sympy.Ne, "==": sympy.Eq,
}  # fmt: skip


def _state_bound(relation: Relational) -> Boolean:
    """A relation with a number, as a bound of one expression; of a square, as two bounds."""
    both = relation.lhs.as_coeff_Add()[0]
    if both and both == relation.rhs.as_coeff_Add()[0]:
        return shorten(relation.func(relation.lhs - both, relation.rhs - both))
    limit = bound(relation)
    if limit is None:
        return relation
    value, op, number = limit
    if value.is_Add:
        return _state_difference(relation)
    if not value.is_Pow or value.exp != 2 or number.is_negative or (value.base.is_Add and number == 0):
        return OPERATORS[op](value, number)
    root = sympy.sqrt(number)
    low, high = shorten(OPERATORS[REVERSED.get(op, op)](value.base, -root)), shorten(OPERATORS[op](value.base, root))
    return Or(low, high) if op in (">", ">=", "==") else And(low, high)


def _state_difference(relation: Relational) -> Relational:
    """A relation of a difference with zero, as one of both: ``x > y`` for ``2*x - 2*y > 0``."""
    difference = relation.lhs - relation.rhs
    # Whether it is zero is asked of it without the numbers in squares too.
    content, both = difference.as_content_primitive() if relation.rel_op in ("!=", "==") else difference.primitive()
    if content != 1 and relation.rhs == 0:
        relation = relation.func(both, 0)
    if len(both.args) != 2 or not both.is_Add:
        return relation
    less, more = sorted(both.args, key=lambda term: not term.could_extract_minus_sign())
    if more.could_extract_minus_sign() or not less.could_extract_minus_sign() or -less.as_coeff_Mul()[0] != 1:
        return relation
    if more.is_number or less.is_number:
        return relation
    first, second = sorted((more, -less), key=sympy.default_sort_key)
    op = relation.rel_op if first == more else REVERSED.get(relation.rel_op, relation.rel_op)
    return OPERATORS[op](first, second)


def implies(first: Boolean, second: Boolean) -> bool:
    """Whether one relation is seen at once to hold wherever another does.

    Examples
    --------
    >>> x, y = sympy.symbols("x y", real=True)
    >>> implies(x > 1, Or(x > 0, y > 0)), implies(x * y > 0, Ne(x, 0)), implies(x >= 0, x > 0)
    (True, True, False)
    """
    if first == second:
        return True
    if isinstance(second, And):
        return all(implies(first, p) for p in second.args)
    if isinstance(first, Or):
        return all(implies(p, second) for p in first.args)
    if isinstance(second, Or):
        return any(implies(first, p) for p in second.args)
    if isinstance(first, And):
        return any(implies(p, second) for p in first.args)
    one, other = bound(first), bound(second)
    if one is None or other is None:
        return False
    if other.op == "!=" and other.number == 0 == one.number and one.op in ("<", ">", "!="):
        # Where a divisor is zero the first says nothing.
        factors = [f for f in sympy.Mul.make_args(one.expression) if not (f.is_Pow and f.exp.is_negative)]
        if other.expression in {f.base if f.is_Pow else f for f in factors}:
            return True
    return one.implies(other)


def drop_implied(relations: Sequence[Boolean]) -> list[int]:
    """The positions of the relations that the others do not imply; of equal ones the first.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> drop_implied([x >= 0, x > 0, x + 1 > 0])
    [1]
    """
    first = list({r: k for k, r in reversed(list(enumerate(relations)))}.values())
    kept = sorted(first)
    if len(kept) > MANY:
        return _drop_weaker_bounds(relations, kept)
    for k in list(kept):
        if any(j != k and implies(relations[j], relations[k]) for j in kept):
            kept.remove(k)
    signs = _signs(relations[k] for k in kept)
    return [k for k in kept if _state_signs(relations[k]) or not _follows(relations[k], signs)]


def _drop_weaker_bounds(relations: Sequence[Boolean], kept: Sequence[int]) -> list[int]:
    """Relations without the bounds by numbers that a bound of the same expression implies."""
    with_number = [k for k in kept if isinstance(relations[k], Relational) and relations[k].rhs.is_number]
    limits = {k: limit for k in with_number if (limit := bound(relations[k])) is not None}
    strongest: dict[tuple[Expr, str], int] = {}
    for k, limit in limits.items():
        other = strongest.setdefault((limit.expression, limit.op), k)
        if other != k and limit.implies(limits[other]):
            strongest[limit.expression, limit.op] = k

    def is_implied(k: int) -> bool:
        others = (strongest.get((limits[k].expression, op), k) for op in OPERATORS)
        return any(other != k and limits[other].implies(limits[k]) for other in others)

    return [k for k in kept if k not in limits or not is_implied(k)]


def join(relations: Sequence[Boolean]) -> list[Boolean]:
    """Relations that all hold, each made shorter by what the others say.

    What must not be zero, and is not negative, is positive; of ways to fulfil a relation, those are left out that
    others forbid.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> join([x >= 1, Or(x < -1, x > 1)]), join([x >= 0, Ne(x, 0)])
    ([x >= 1, x > 1], [x >= 0, x > 0])
    """
    if len(relations) > MANY:
        return list(relations)
    made = []
    for k, relation in enumerate(relations):
        others = [p for j, r in enumerate(relations) if j != k for p in And.make_args(r)]
        if isinstance(relation, Or):
            relation = Or(*(p for p in relation.args if not any(implies(q, Not(p)) for q in others)))
        made.append(And(*(_strengthen(p, others) for p in And.make_args(relation))))
    return made


def contradict(relations: Sequence[Boolean]) -> bool:
    """Whether two of the relations are seen at once never to hold together.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> contradict([x > 0, x < 0]), contradict([x >= 0, x <= 0])
    (True, False)
    """
    parts = [p for r in relations[:MANY] for p in And.make_args(r)]
    of_expression: dict[Expr, list[Boolean]] = {}
    for part in parts[:MANY]:
        if (limit := bound(part)) is not None:
            of_expression.setdefault(limit.expression, []).append(part)
    pairs = (pair for group in of_expression.values() for pair in itertools.combinations(group, 2))
    return any(implies(p, Not(q)) for p, q in pairs)


def _strengthen(relation: Boolean, others: Iterable[Boolean]) -> Boolean:
    """An inequation as a strict bound, where another relation has the bound."""
    limit = bound(relation)
    if limit is None or limit.op != "!=":
        return relation
    for other in map(bound, others):
        if other is not None and other[::2] == limit[::2] and other.op in (">=", "<="):
            return _state_bound(OPERATORS[other.op[0]](limit.expression, limit.number))
    return relation


def _signs(relations: Iterable[Boolean]) -> dict[Expr, Expr]:
    """Symbols with the signs that relations state; what is stated of a generic element holds of every element."""
    found: dict[Expr, Expr] = {}
    for part in (p for r in relations for p in And.make_args(r)):
        if not _states_sign(part):
            continue
        sign = {"real": True, _SIGNS[part.rel_op]: True}
        whole = part.lhs.base if isinstance(part.lhs, Indexed) else part.lhs
        made = IndexedBase(sympy.Dummy(), **sign) if isinstance(whole, IndexedBase) else sympy.Dummy(**sign)
        found.setdefault(whole, made)
    return found


_SIGNS: Mapping[str, str] = {">": "positive", "<": "negative", ">=": "nonnegative", "<=": "nonpositive"}


def _states_sign(part: Boolean) -> bool:
    """Whether a relation says the sign of a source, or of its generic element."""
    if not isinstance(part, Relational) or part.rhs != 0 or part.rel_op not in _SIGNS:
        return False
    return isinstance(part.lhs, sympy.Symbol) or (
        isinstance(part.lhs, Indexed) and all(i.is_Symbol for i in part.lhs.indices)
    )


def _state_signs(relation: Boolean) -> bool:
    """Whether a relation, or a part of it, says a sign: such a one would follow from itself."""
    return any(map(_states_sign, And.make_args(relation)))


def _follows(relation: Boolean, signs: Mapping[Expr, Expr]) -> bool:
    """Whether a relation follows from signs."""
    return bool(signs) and not _is_long(relation) and bool(relation.xreplace(dict(signs)) == sympy.true)
