"""The signs of tensors, as far as they are known whatever the values of the sources: read from the graph."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import sympy
from sympy import Expr
from sympy.core.facts import InconsistentAssumptions
from sympy.logic.boolalg import Boolean

from tracer.declarations import is_declared
from tracer.dtypes import FLOATS
from tracer.explanations.domains import bound, template_demands, written_template
from tracer.reader import Reader
from tracer.rules import Elementwise, argument, facts_of, position_of
from tracer.shapes import Literal
from tracer.tensor import Tensor
from tracer.terms.numbers import exact

Sign: TypeAlias = str
"""An assumption of a sympy symbol: ``"positive"``, ``"nonnegative"``, ..., or ``"real"`` where nothing is known."""

SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero")
"""What may be known, the strongest first."""

_IMPLIED: Mapping[str, Sign] = {
    ">": "positive", "<": "negative", ">=": "nonnegative", "<=": "nonpositive", "!=": "nonzero",
}  # fmt: skip


@lru_cache(maxsize=256)
def signed_symbol(position: int, sign: Sign) -> sympy.Symbol:
    """A symbol of a sign."""
    return sympy.Symbol(f"_{position}", **{"real": True, sign: True})


def sign_of(expr: Expr) -> Sign:
    """The sign of an expression, as far as sympy knows it without work.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> sign_of(x**2), sign_of(sympy.exp(x) + 1), sign_of(x - 1)
    ('nonnegative', 'positive', 'real')
    """
    known = {f: signed_symbol(-1, s) for f in expr.atoms(sympy.Function) if (s := _stated_sign(f)) != "real"}
    expr = expr.xreplace(known) if known else expr
    return next((s for s in SIGNS if getattr(expr, f"is_{s}", None)), "real")


def _stated_sign(function: Expr) -> Sign:
    """What the rows state of a function."""
    facts = facts_of(function.func)
    return "positive" if facts.positive else "nonnegative" if facts.nonnegative else "real"


class Signs(Reader[Sign]):
    """The sign of each tensor, as far as it is known, where what it is computed from is in its domain."""

    def literal(self, value: Literal) -> Sign:
        """The sign of a number."""
        if type(value) in (int, float):
            return "positive" if value > 0 else "negative" if value < 0 else "real" if value else "nonnegative"
        number = exact(value)
        return sign_of(number) if isinstance(number, Expr) else "real"

    def source(self, tensor: Tensor) -> Sign:
        """The sign that was declared of a source, or the sign of a constant."""
        if tensor.label is None and not tensor.shape and tensor.value is not None and tensor.dtype != "bool":
            return self.literal(tensor.value)
        if tensor.label is None and tensor.value is not None and tensor.dtype in FLOATS:
            return _sign_of_array(tensor.value)
        declared = {k for k, v in tensor.params if v} if isinstance(tensor.params, tuple) else set()
        return next((s for s in SIGNS if is_declared(s, declared)), "real")

    def elementwise(self, tensor: Tensor, *parts: Sign) -> Sign:
        """The sign of the template, given those of its arguments."""
        if tensor.dtype == "bool":
            return "real"
        assert isinstance(tensor.rule, Elementwise)
        template = tensor.rule.template
        if not _is_polynomial(template):
            template = written_template(tensor)
        return _template_sign(template, pattern(tensor), parts)

    def contraction(self, tensor: Tensor, *parts: Sign) -> Sign:
        """The sign of a sum of products; a sum of squares is not negative."""
        scale = tensor.params.scale
        inputs = tensor.params.inputs
        if len(inputs) == 2 and inputs[0] == inputs[1] and pattern(tensor) == (0, 0):
            parts = ("positive" if parts[0] in ("positive", "negative", "nonzero") else "nonnegative",)
        if len(inputs) == 1 and len(set(inputs[0])) < len(inputs[0]) and tensor.args[0].op == "cholesky":
            parts = ("positive",)  # Its diagonal is.
        product = sympy.Mul(sympy.sympify(scale), *(signed_symbol(k, s) for k, s in enumerate(parts)))
        sign = sign_of(product)
        if len(set(tensor.params.output)) < tensor.ndim:  # There are zeros beside a diagonal.
            return {"positive": "nonnegative", "negative": "nonpositive"}.get(sign, sign)
        return "real" if sign == "nonzero" else sign

    def row(self, tensor: Tensor, *parts: Sign) -> Sign:
        """The sign that the row states, or the common sign of what it moves or adds."""
        facts = tensor.rule.facts
        if facts.positive or facts.nonnegative:
            return "positive" if facts.positive else "nonnegative"
        if not parts:
            return "real"
        if facts.signs == ():
            return sign_of(sympy.Add(*(signed_symbol(k, s) for k, s in enumerate(parts))))
        signs = {p for p, a in zip(parts, tensor.args) if type(a) is not Tensor or a.dtype != "bool"}
        if tensor.op in CHOOSING and len(signs) == 1:
            return signs.pop()
        known = tensor.op in CHOOSING or tensor.op in FILLING or (tensor.op == "cast" and tensor.dtype != "bool")
        return "nonnegative" if known and signs <= {"positive", "nonnegative"} else "real"


CHOOSING = frozenset({"reshape", "getitem", "concat", "stack", "reduce_max", "reduce_min"})
"""Rows whose results are elements of their operands."""

FILLING = frozenset({"scatter", "pad", "band_part", "cumsum", "cumprod", "reduce_prod"})
"""Rows whose results are zeros, ones, and sums or products of elements of their operands."""


def _sign_of_array(value: Any) -> Sign:
    """The sign that all elements of an array of numbers have."""
    import numpy as np

    array = np.asarray(value)
    if not array.size or not np.isfinite(array).all():
        return "real"
    if array.min() >= 0:
        return "positive" if array.min() > 0 else "nonnegative"
    if array.max() <= 0:
        return "negative" if array.max() < 0 else "nonpositive"
    return "real" if (array == 0).any() else "nonzero"


def pattern(tensor: Tensor) -> tuple[int, ...]:
    """For each operand, the position where the same operand stands first, so that ``x*x`` is known to be a square."""
    first: dict[int, int] = {}
    return tuple(first.setdefault(a.node, k) if type(a) is Tensor else k for k, a in enumerate(tensor.args))


@lru_cache(maxsize=256)
def _is_polynomial(template: sympy.Basic) -> bool:
    """Whether the signs of numbers among the operands say all that their values would."""
    return not template.has(sympy.Pow, sympy.Function)


@lru_cache(maxsize=256)
def _template_sign(template: sympy.Basic, places: tuple[int, ...], parts: tuple[Sign, ...]) -> Sign:
    known = dict(enumerate(parts))
    for relation in template_demands(template):
        limit = bound(relation)
        if limit is not None and limit.number == 0 and limit.expression.is_Symbol:
            k = places[position_of(limit.expression)]
            try:
                meant = sympy.Symbol("_", **{"real": True, known[k]: True, _IMPLIED.get(limit.op, "real"): True})
            except InconsistentAssumptions:  # It is nowhere defined, as log(-1).
                return "real"
            known[k] = sign_of(meant)
    made = template.xreplace({argument(k): signed_symbol(places[k], known[places[k]]) for k in known})
    return sign_of(made)


@lru_cache(maxsize=256)
def is_implied(relation: Boolean, places: tuple[int, ...], parts: tuple[Sign, ...]) -> bool:
    """Whether a relation over arguments follows from their signs."""
    symbols = {argument(k): signed_symbol(places[k], parts[places[k]]) for k in range(len(parts))}
    return bool(relation.xreplace(symbols) == sympy.true)
