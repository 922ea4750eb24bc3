"""Named common subexpressions in order: linear in the size of the graph, whatever its nesting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.matrices.expressions import MatrixSymbol
from sympy.tensor.array.expressions import ArraySymbol, Reshape

from tracer import series
from tracer.formulas import build, notation
from tracer.formulas import terms as T
from tracer.formulas.errors import FormulaError
from tracer.formulas.lower import ancestors, lower_node, source_names
from tracer.formulas.matrix import Writer
from tracer.rules import Elementwise, argument
from tracer.shapes import Shape
from tracer.tensor import SOURCES, Tensor, is_fixed

Pairs = list[tuple[Any, Any]]


def steps(tensors: Sequence[Tensor]) -> tuple[Pairs, list[Any]]:
    """Each operation as a named expression in the symbols before it.

    Parameters
    ----------
    tensors : sequence of Tensor

    Returns
    -------
    (pairs, results)
        As ``sympy.cse`` does: a list of ``(symbol, expression)`` in order, and the results in those symbols.
    """
    names = source_names(ancestors(tensors))
    nodes = ancestors(tensors, stop=is_fixed)
    taken = set(names.values())
    symbols: dict[int, Any] = {}
    pairs: Pairs = []
    found: dict[Any, Any] = {}
    builders: dict[Any, build.Builder] = {}
    count = 0
    for t in nodes:
        if t.rule in SOURCES:
            symbols[t.node] = source_symbol(t, names[t.node])
            continue
        if is_fixed(t) and not t.shape:
            symbols[t.node] = T.exact(t.value)
            continue
        args = [symbols[a.node] if isinstance(a, Tensor) else a for a in t.args]
        if isinstance(t.rule, Elementwise) and t.rule.template == argument(0):
            symbols[t.node] = args[0]
            continue
        key = (t.rule, t.params, t.shape, *((type(a), a) for a in args))
        symbol = found.get(key)
        if symbol is None:
            while f"x{count}" in taken:
                count += 1
            symbol = found[key] = symbol_for(f"x{count}", t.shape)
            count += 1
            pairs.append((symbol, own_expression(t, args, builders)))
        symbols[t.node] = symbol
    return pairs, [symbols[t.node] for t in tensors]


def symbol_for(name: str, shape: Shape, assumptions: tuple[str, ...] = ()) -> Any:
    """The symbol of a tensor of a shape: a matrix symbol for ranks 1 (a column) and 2."""
    if not shape:
        return sympy.Symbol(name, positive=True) if "positive" in assumptions else sympy.Symbol(name, real=True)
    if len(shape) == 1:
        return MatrixSymbol(name, shape[0], 1)
    return MatrixSymbol(name, *shape) if len(shape) == 2 else ArraySymbol(name, shape)


def source_symbol(t: Tensor, name: str) -> Any:
    """The symbol of a source; a nameless number is itself."""
    if t.rule.name == "constant" and t.label is None and not t.shape and t.value is not None:
        return sympy.sympify(t.value) if isinstance(t.value, bool) else T.exact(t.value)
    known = tuple(k for k, v in t.params if v) if isinstance(t.params, tuple) else ()
    return symbol_for(name, t.shape, known)


def own_expression(t: Tensor, args: Sequence[Any], builders: dict[Any, build.Builder] | None = None) -> Any:
    """The expression of one operation in the given symbols of its parents.

    Parameters
    ----------
    t : Tensor
    args : sequence
        A sympy object for each argument that is a tensor; literals as they are.
    builders : dict, optional
        What one reading has found so far, for operations that are alike.
    """
    known: dict[Any, build.Builder] = {} if builders is None else builders
    tensors = [(k, a) for k, a in enumerate(t.args) if isinstance(a, Tensor)]
    literals = tuple((type(a), a) for a in t.args if not isinstance(a, Tensor))
    positions: dict[int, int] = {}
    for k, a in tensors:
        positions.setdefault(a.node, k)
    pattern = tuple(positions[a.node] for _, a in tensors)
    shapes = tuple((a.shape, a.dtype) for _, a in tensors)
    key = (t.rule, t.params, t.shape, t.dtype, shapes, pattern, tuple(k for k, _ in tensors), literals)
    builder = known.get(key)
    if builder is None:
        builder = known[key] = _builder(t, tensors, pattern)
    given = [args[k] for k, _ in tensors]
    return builder([*given, *map(_as_array, given)])


def _as_array(symbol: Any) -> Any:
    """A column as the array of one axis that a vector is."""
    column = isinstance(symbol, MatrixSymbol) and symbol.shape[1] == 1
    return Reshape(symbol, (symbol.shape[0],)) if column else symbol


def _builder(t: Tensor, tensors: list[tuple[int, Tensor]], pattern: tuple[int, ...]) -> build.Builder:
    slots = {p: symbol_for(f"_{p}", t.args[p].shape) for p in pattern}
    where = [n for n, (k, _) in enumerate(tensors) if k in slots]
    filling = {slots[tensors[n][0]]: n for n in where}
    vectors = [s for p, s in slots.items() if len(t.args[p].shape) == 1]
    filling |= {ArraySymbol(s.name, (s.shape[0],)): len(tensors) + filling[s] for s in vectors}
    if isinstance(t.rule, Elementwise) and not t.shape:
        values = {argument(k): slots[p] for (k, _), p in zip(tensors, pattern)}
        values |= {argument(k): T.exact(a) for k, a in enumerate(t.args) if not isinstance(a, Tensor)}
        template = t.rule.template.xreplace(values)
        if template.has(series.ExprWithLimits):
            return lambda args: series.filled(template, {slot: args[n] for slot, n in filling.items()})
        return build.copier(template, filling)
    memo: dict[int, T.Term] = {}
    for (_, a), p in zip(tensors, pattern):
        memo[a.node] = T.source(f"_{p}", a.shape)
    try:
        skeleton = Writer().write(lower_node(t, memo, {}))
    except FormulaError:
        return lambda args: notation.applied(t.op, t.params, t.shape, args)
    return build.copier(skeleton, filling)
