"""From the trace to terms: an elementwise template is walked as a sympy tree, a contraction is taken as it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean, BooleanAtom, BooleanFunction

from tracer import series
from tracer.formulas import rewrites
from tracer.formulas.lowering import functions
from tracer.formulas.lowering import positions as selections
from tracer.formulas import terms as T
from tracer.formulas.assuming import assumed
from tracer.formulas.budget import reading, under_way
from tracer.formulas.equations import Equations, symmetric_source
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.rewrites import is_condition
from tracer.formulas.terms import ONE, Factor, Term
from tracer.ops.creation import elements
from tracer.rules import Elementwise, argument
from tracer.shapes import Shape, Subscripts, is_concrete
from tracer.tensor import SOURCES, Tensor, is_fixed
from tracer.tensor import source_names as names_of_sources
from tracer.walk import ancestors

LIMIT = 4000
"""How many operations a closed form may have."""

DEPTH = 120
"""How deep functions may be nested in one."""

SHORT = 64
"""How many elements a vector of numbers may have to be written out."""


def source_names(nodes: Sequence[Tensor]) -> dict[int, str]:
    """A name for each source in a formula, none of them that of a dimension."""
    return names_of_sources(nodes, dimension_names(nodes))


def dimension_names(nodes: Sequence[Tensor]) -> set[str]:
    """The names of the dimensions of a program, in shapes and in numbers."""
    used = (d for t in nodes for d in (*t.shape, *t.args, getattr(t.params, "scale", None)))
    return {s.name for d in used if isinstance(d, sympy.Basic) for s in d.free_symbols}


def lower(tensors: Sequence[Tensor]) -> list[Term]:
    """The terms of tensors.

    Raises
    ------
    TooLong
        If a closed form has more than ``LIMIT`` operations; the message names the form that has no limit.
    FormulaError
        If an operation has no term.
    """
    now = under_way()
    if now is None:
        with reading(subject=tensors[-1].name):
            return lower(tensors)
    given = assumed()
    whole = ancestors([*tensors, *given])
    now.spend(len(whole))
    names = source_names(whole)
    nodes = ancestors([*tensors, *given], stop=_is_number)
    if not given:
        return _lowered(tensors, nodes, names)
    known, equations = _given(given, names)
    now.rules = (equations.rewrite,)
    known = {node: equations.replaced(term) for node, term in known.items()}
    return _lowered(tensors, ancestors(tensors, stop=_is_number), names, known, equations)


def _is_number(t: Tensor) -> bool:
    return not t.shape and is_fixed(t)


def _given(stated: Sequence[Tensor], names: dict[int, str]) -> tuple[dict[int, Term], Equations]:
    """The sources of equations, and what these say."""
    plain = [_sides(e, {}, names) for e in stated]
    symmetric = {s.name for sides in plain if (s := symmetric_source(*sides)) is not None}
    mark = f"given {blake2b(b''.join(t.key for sides in plain for t in sides), digest_size=16).hexdigest()}"
    known: dict[int, Term] = {}
    for t in ancestors(stated):
        term = _source(t, names) if t.rule in SOURCES else None
        if isinstance(term, T.Source):
            more = ["symmetric"] if term.name in symmetric else []
            known[t.node] = T.source(term.name, term.shape, [*term.assumptions, *more, mark])
    return known, Equations(_sides(e, known, names) for e in stated)


def _sides(equation: Tensor, known: dict[int, Term], names: dict[int, str]) -> tuple[Term, Term]:
    """Both sides of an equation, of its shape."""
    inner = [a for a in equation.args if isinstance(a, Tensor)]
    terms = dict(zip((a.node for a in inner), _lowered(inner, ancestors(inner), names, known)))
    left, right = (
        _spread(terms[a.node] if isinstance(a, Tensor) else T.number(a), getattr(a, "shape", ()), equation.shape)
        for a in equation.args
    )
    return left, right


def _lowered(
    tensors: Sequence[Tensor],
    nodes: Sequence[Tensor],
    names: dict[int, str],
    known: Mapping[int, Term] = MappingProxyType({}),
    equations: Equations | None = None,
) -> list[Term]:
    memo: dict[int, Term] = dict(known)
    pending = _partial_sums(nodes, tensors)
    rows: dict[int, Rows] = {}
    for t in nodes:
        if t.node in memo:
            continue
        if t.rule.facts.signs is not None:
            row = _row(t, memo, rows)
            if len(row) > LIMIT:
                raise _too_long(tensors)
            if t.node in pending:
                rows[t.node] = row
                continue
            term = T.add(row)
        else:
            term = lower_node(t, memo, names)
        memo[t.node] = term = term if equations is None else equations.replaced(term)
        if term.weight > LIMIT or term.depth > DEPTH:
            raise _too_long(tensors)
    return [memo[t.node] for t in tensors]


def _too_long(tensors: Sequence[Tensor]) -> TooLong:
    return TooLong(
        f"the closed form of {tensors[-1].name} has more than {LIMIT} operations, or functions nested deeper "
        f'than {DEPTH}; the form "steps" has no limit: tracer.formula(tensor, form="steps")'
    )


Rows = list[tuple[Any, Term]]


def _partial_sums(nodes: Sequence[Tensor], results: Sequence[Tensor]) -> set[int]:
    """Sums that only another sum of their shape uses: they are put into normal form once, as a whole."""
    users: dict[int, list[Tensor]] = {}
    for t in nodes:
        for a in t.args:
            if isinstance(a, Tensor):
                users.setdefault(a.node, []).append(t)
    kept = {t.node for t in results}
    return {
        t.node
        for t in nodes
        if t.rule.facts.signs is not None
        and t.node not in kept
        and len(u := users.get(t.node, [])) == 1
        and u[0].rule.facts.signs is not None
        and u[0].shape == t.shape
    }


def _row(t: Tensor, memo: dict[int, Term], rows: dict[int, Rows]) -> Rows:
    """The summands of a sum."""
    found: Rows = []
    for sign, a in zip(t.rule.facts.signs or (1,) * len(t.args), t.args):
        if isinstance(a, Tensor) and a.node in rows:
            found += [(sign * c, u) for c, u in rows.pop(a.node)]
        else:
            term = memo[a.node] if isinstance(a, Tensor) else T.number(a)
            have = a.shape if isinstance(a, Tensor) else ()
            found.append((sign, _spread(_indicator(term), have, t.shape)))
    return found


def lower_node(t: Tensor, memo: dict[int, Term], names: dict[int, str]) -> Term:
    """The term of one operation, its arguments' terms being known."""
    if t.rule in SOURCES:
        return _source(t, names)
    if _is_number(t):
        return T.number(t.value)
    args = [memo[a.node] if isinstance(a, Tensor) else T.number(a) for a in t.args]
    if isinstance(t.rule, Elementwise):
        shapes = [a.shape if isinstance(a, Tensor) else () for a in t.args]
        spread = [_spread(u, s, t.shape) for u, s in zip(args, shapes)]
        env = {argument(k): u for k, u in enumerate(spread)}
        if t.dtype == "bool":
            return _truth(t.rule.template, env, t.shape)
        return _value(t.rule.template, env, t.shape)
    if isinstance(t.params, Subscripts):
        scale, inputs, out = t.params.scale, t.params.inputs, t.params.output
        factors = [(_indicator(u), labels[len(labels) - len(u.shape) :], ONE) for u, labels in zip(args, inputs)]
        return T.product(scale, factors, out, _sizes(factors, out, t.shape))
    form = t.rule.term or TERMS.get(t.op, _refuse)
    result: Term = form(t, *args)
    return result


def _refuse(t: Tensor, *unused: Term) -> Term:
    raise FormulaError(
        f'the operation {t.op!r} has no closed form in matrix notation; the form "steps" and, for concrete shapes, '
        '"components" are available: tracer.formula(tensor, form="steps")'
    )


def _sizes(factors: list[Factor], out: tuple[int, ...], shape: Shape) -> dict[int, Any]:
    return dict(zip(out, shape))


def _source(t: Tensor, names: dict[int, str]) -> Term:
    if t.rule.name == "constant" and t.label is None and not t.shape and t.value is not None:
        return T.number(sympy.true if t.value is True else sympy.false if t.value is False else t.value)
    known = [k for k, v in t.params if v] if isinstance(t.params, tuple) else []
    if t.dtype == "bool":
        known.append("bool")
    return T.source(names[t.node], t.shape, known)


def _spread(term: Term, have: Shape, shape: Shape) -> Term:
    """NumPy's broadcast of a term to a shape."""
    if have == shape:
        return term
    value = T.constant_value(term)
    if value is not None:
        return T.number(value, shape)
    offset = len(shape) - len(have)
    if have == (1,) * len(have) and not term.shape:
        have = ()
    labels = tuple(k + offset if d == shape[k + offset] else len(shape) + k for k, d in enumerate(have))
    return T.product(ONE, [(term, labels, ONE)], tuple(range(len(shape))), dict(enumerate(shape)))


def _indicator(term: Term) -> Term:
    """A condition as the number one or zero, as NumPy counts it."""
    value = T.constant_value(term)
    if isinstance(value, BooleanAtom):
        return T.number(1 if value else 0, term.shape)
    if not is_condition(term):
        return term
    return T.call(sympy.Piecewise, [T.number(1, term.shape), term, T.number(0, term.shape)])


def _value(expr: Any, env: dict[Any, Term], shape: Shape) -> Term:
    """The term of a scalar template whose arguments are terms of the shape."""
    if expr.is_Symbol:
        return _indicator(env[expr]) if expr in env else T.number(expr, shape)
    if not expr.free_symbols & env.keys():
        return T.number(expr, shape)
    if expr.is_Add:
        return T.add([_coefficient(a, env, shape) for a in expr.args])
    if expr.is_Mul:
        scale, term = _coefficient(expr, env, shape)
        return T.scaled(scale, term)
    if expr.is_Pow:
        base, exponent = _value(expr.base, env, shape), _value(expr.exp, env, shape)
        e = T.constant_value(exponent)
        if e is not None:
            return T.power(base, e)
        b = T.constant_value(base)
        if b is not None and b.is_positive:
            return T.call(sympy.exp, [T.scaled(sympy.log(b), exponent)])
        return T.call(sympy.Pow, [base, exponent])
    if isinstance(expr, sympy.Piecewise):
        flat: list[Term] = []
        for value, condition in expr.args:
            holds = _truth(condition, env, shape)
            known = T.constant_value(holds)
            if known == False:  # noqa: E712
                continue
            flat.append(_value(value, env, shape))
            if known == True:  # noqa: E712
                break
            flat.append(holds)
        if len(flat) == 1:
            return flat[0]
        return T.call(sympy.Piecewise, flat)
    if isinstance(expr, Boolean) and not expr.is_Symbol:
        return _indicator(_truth(expr, env, shape))
    if isinstance(expr, series.ExprWithLimits):
        free = tuple(sorted(expr.free_symbols & env.keys(), key=str))
        return T.call(series.head(expr, free), [_indicator(env[s]) for s in free])
    return T.call(expr.func, [_value(a, env, shape) for a in expr.args])


def _coefficient(expr: Any, env: dict[Any, Term], shape: Shape) -> tuple[Any, Term]:
    """A number, and the term of the rest of a product."""
    if not expr.is_Mul:
        return ONE, _value(expr, env, shape)
    numbers = [a for a in expr.args if not a.free_symbols & env.keys()]
    rest = [_value(a, env, shape) for a in expr.args if a.free_symbols & env.keys()]
    return sympy.Mul(*numbers), T.times(*rest) if rest else T.number(1, shape)


def _truth(expr: Any, env: dict[Any, Term], shape: Shape) -> Term:
    """The condition of a boolean template."""
    if isinstance(expr, BooleanAtom):
        return T.number(expr, shape)
    if expr.is_Symbol:
        term = env[expr]
        value = T.constant_value(term)
        if is_condition(term) or isinstance(value, BooleanAtom):
            return term
        return T.call(sympy.Ne, [term, T.number(0, shape)])
    if isinstance(expr, Relational):
        left, right = (_value(a, env, shape) for a in expr.args)
        return _relation(expr.func, left, right, shape)
    if isinstance(expr, BooleanFunction):
        return _combined(expr.func, [_truth(a, env, shape) for a in expr.args], shape)
    return T.call(sympy.Ne, [_value(expr, env, shape), T.number(0, shape)])


def _combined(head: Any, parts: Sequence[Term], shape: Shape) -> Term:
    """Conditions put together; what always holds or never does is no part of them."""
    values = [T.constant_value(p) for p in parts]
    if None not in values:
        return T.number(head(*values), shape)
    if head not in (sympy.And, sympy.Or):
        return T.call(head, parts)
    known = head(*(v for v in values if v is not None))
    if known != head():
        return T.number(known, shape)
    unknown = [p for p, v in zip(parts, values) if v is None]
    return T.call(head, unknown) if len(unknown) > 1 else unknown[0]


def _relation(head: Any, left: Term, right: Term, shape: Shape) -> Term:
    if left is right:
        return T.number(sympy.true if head in (sympy.Eq, sympy.Ge, sympy.Le) else sympy.false, shape)
    return T.call(head, [left, right])


TERMS: dict[str, Callable[..., Term]] = {}
"""Terms of operations whose rows carry none."""


def _cast(t: Tensor, x: Term) -> Term:
    source = t.args[0].dtype
    if t.dtype == "bool":
        return _truth(argument(0), {argument(0): x}, t.shape)
    x = _indicator(x)
    if source.startswith("float") and t.dtype.startswith("int"):
        zero = T.number(0, t.shape)
        return T.call(
            sympy.Piecewise,
            [T.call(sympy.floor, [x]), _relation(sympy.Ge, x, zero, t.shape), T.call(sympy.ceiling, [x])],
        )
    return x


def _reduce_logsumexp(t: Tensor, x: Term) -> Term:
    axes, keepdims = _axes(t)
    term = rewrites.logsumexp(x, list(axes))
    return _kept(term, axes, t.shape) if keepdims else term


def _axes(t: Tensor) -> tuple[tuple[int, ...], bool]:
    params = t.params
    if isinstance(params, tuple) and len(params) == 2 and isinstance(params[0], tuple):
        return params[0], bool(params[1])
    return tuple(params), False


def _kept(term: Term, axes: Sequence[int], shape: Shape) -> Term:
    return T.broadcast(term, [k for k in range(len(shape)) if k not in axes], shape)


def _add_n(t: Tensor, *terms: Term) -> Term:
    shapes = [a.shape if isinstance(a, Tensor) else () for a in t.args]
    return T.add([(ONE, _spread(_indicator(u), s, t.shape)) for u, s in zip(terms, shapes)])


def _ones_like(t: Tensor, x: Term) -> Term:
    return T.number(1, t.shape)


def _zeros_like(t: Tensor, x: Term) -> Term:
    return T.number(0, t.shape)


def _numbers(t: Tensor, *unused: Term) -> Term:
    """A range or a shape of a few known elements."""
    if not is_concrete(t.shape) or t.shape[0] > SHORT:
        return _refuse(t)
    return selections.stacked([T.number(value) for value in elements(t)], 0, t.shape)


TERMS.update(functions.TERMS | selections.TERMS, add_n=_add_n, cast=_cast, reduce_logsumexp=_reduce_logsumexp)
TERMS.update(dict.fromkeys(("range", "shape"), _numbers))
TERMS.update(ones_like=_ones_like, zeros_like=_zeros_like)
