"""Tensors made of closed forms: they compute a value as its formula says, and not as the program was written.

The form may be finite at a point where the program is not: the gradient of ``norm(x)**2`` is ``2*x``, also at zero,
where the program divides by the norm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import sympy

from tracer import scalar
from tracer.dtypes import INTEGERS
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import lower_program
from tracer.ops.casting import cast
from tracer.ops.contraction import broadcast_to, contract
from tracer.ops.creation import eye
from tracer.ops.creation import range as arange
from tracer.ops.diagonal import band_part, cross
from tracer.ops.elementwise import from_sympy
from tracer.ops.indexing import take
from tracer.ops.inverses import det, inv, logdet
from tracer.ops.layers import softmax
from tracer.ops.powers import expm, pinv
from tracer.ops.reduction import reduce_logsumexp, reduce_max, reduce_min, reduce_prod
from tracer.ops.reshaping import reshape
from tracer.ops.scan import cumprod
from tracer.ops.selection import Slice
from tracer.ops.spectral import cholesky
from tracer.places import Origin
from tracer.rules import TABLE
from tracer.shapes import Literal, Subscripts
from tracer.tensor import Context, Tensor, apply, constant, context
from tracer.terms import record as T
from tracer.terms.record import ONE, Term
from tracer.terms.selections import Places
from tracer.terms.softmax import count_axes
from tracer.terms.work import Budget

RESTATED = 6_000
"""The work that a closed form may take where only its value is asked for."""


def restate(tensor: Tensor, work: int = RESTATED) -> Tensor | None:
    """A tensor that computes the closed form of another; None where there is no form, or it has functions unknown here.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> gradient = tracer.gradients(tracer.norm(x) ** 2, x)[0]
    >>> restated = restate(gradient)
    >>> restated.op, restated.args[0] is x
    ('einsum', True)
    """
    token = context.set(Context(origin=Origin()))
    try:
        lowered = lower_program([tensor], Budget(work))
        sources = {lowered.sources[t.node]: t for t in lowered.nodes if t.node in lowered.sources}
        found = Restating(sources).read(lowered.terms[0])
    except FormulaError:
        return None
    finally:
        context.reset(token)
    return cast(found, tensor.dtype)


class Restating:
    """Makes tensors of terms, given the tensors of sources by their names."""

    def __init__(self, sources: Mapping[str, Tensor]) -> None:
        self.sources = sources
        self.parts: dict[Term, Tensor] = {}

    def read(self, term: Term) -> Tensor:
        """The tensor of a term.

        Raises
        ------
        FormulaError
            If a function in it is not known here.
        """
        for part in T.subterms(term):
            if part not in self.parts:
                self.parts[part] = self._read(part)
        return self.parts[term]

    def _read(self, term: Term) -> Tensor:
        if isinstance(term, T.Source):
            return self.sources[term.name]
        if isinstance(term, T.Product):
            return self._read_product(term)
        if isinstance(term, T.Sum):
            return reduce(_add, [_multiply(_literal(c), self.parts[u]) for c, u in term.terms])
        assert isinstance(term, T.Call)
        parts = [self.parts[a] for a in term.args]
        if not term.elementwise:
            if term.head not in FUNCTIONS:
                raise FormulaError(f"no operation is known for {term.head!r}")
            return FUNCTIONS[term.head](term, *parts)
        if term.head in CONDITIONS:
            first, *others = parts
            row = TABLE[CONDITIONS[term.head]]
            return reduce(lambda a, b: apply(row, (a, b)), others, first) if others else apply(row, (first,))
        if term.head is scalar.step:
            return cast(apply(TABLE["greater"], (parts[0], 0)), "float64")
        if term.head is sympy.Piecewise:
            return _choose(parts)
        symbols = [sympy.Symbol(f"part_{k}", real=True) for k in range(len(parts))]
        return from_sympy(term.head(*symbols), dict(zip(symbols, parts)))

    def _read_product(self, term: T.Product) -> Tensor:
        """The tensor of a product: one contraction multiplies its powers, adds them up, and puts axes in order."""
        if term.scale in (sympy.true, sympy.false):
            return broadcast_to(bool(term.scale), term.shape)
        _literal(term.scale)  # An error where it is not finite.
        powers = [_raise_to(self.parts[u], e) for u, _, e in term.factors]
        labels = tuple(i for _, i, _ in term.factors)
        return contract("einsum", tuple(powers), Subscripts(labels, term.out, term.scale), term.shape)


def _literal(value: sympy.Expr) -> Literal:
    """A number of a term as a literal of a program.

    Raises
    ------
    FormulaError
        If it is not finite.
    """
    if value.free_symbols:
        return value
    if not value.is_finite:
        raise FormulaError(f"{value} is no number")
    return int(value) if value.is_Integer else float(value)


def _multiply(factor: Literal, tensor: Tensor) -> Tensor:
    return tensor if factor == 1 else apply(TABLE["multiply"], (factor, tensor))


def _add(x: Tensor, y: Tensor) -> Tensor:
    return apply(TABLE["add"], (x, y))


def _raise_to(tensor: Tensor, exponent: sympy.Expr) -> Tensor:
    if exponent is ONE:
        return tensor
    return apply(TABLE["pow"], (cast(tensor, "float64") if tensor.dtype in INTEGERS else tensor, _literal(exponent)))


def _choose(parts: Sequence[Tensor]) -> Tensor:
    """The first value whose condition holds; each stands before its condition, and what else holds is last."""
    *pairs, last = parts if len(parts) % 2 else [*parts, constant(float("nan"), _bind=False)]
    for k in range(len(pairs) - 2, -1, -2):
        last = apply(TABLE["where"], (pairs[k + 1], pairs[k], last))
    return last


def _take(term: T.Call, x: Tensor) -> Tensor:
    """The part of an array at the places that a term says."""
    return take(x, tuple(Slice(*p) if isinstance(p, Places) else p for p in term.params))


def _select(term: T.Call) -> Tensor:
    """The rows of an identity matrix at the places that a term says."""
    *places, size = term.params
    return take(eye(size), (Slice(*places),))


def _count_up(term: T.Call) -> Tensor:
    """Numbers of which each is a step greater than the one before."""
    first, step = term.params
    return arange(first, first + step * term.shape[0], step)


def _soften(term: T.Call, x: Tensor) -> Tensor:
    """Softmax over as many of the last axes as a term says."""
    count = count_axes(term)
    if count == 1:
        return softmax(x)
    total = reduce_logsumexp(x, list(range(x.ndim - count, x.ndim)), keepdims=True)
    return apply(TABLE["exp"], (apply(TABLE["subtract"], (x, total)),))


def _take_last_axes(function: Callable[..., Tensor]) -> Callable[[T.Call, Tensor], Tensor]:
    """A function over as many of the last axes as a term says."""
    return lambda term, x: function(x, list(range(x.ndim - term.params, x.ndim)))


CONDITIONS: Mapping[type[sympy.Basic], str] = {
    sympy.And: "logical_and", sympy.Or: "logical_or", sympy.Not: "logical_not",
    sympy.Eq: "equal", sympy.Ne: "not_equal",
    sympy.Lt: "less", sympy.Le: "less_equal", sympy.Gt: "greater", sympy.Ge: "greater_equal",
}  # fmt: skip

FUNCTIONS: Mapping[str, Callable[..., Tensor]] = {
    "band_part": lambda t, x: band_part(x, *t.params),
    "cholesky": lambda t, x: cholesky(x),
    "cross": lambda t, x, y: cross(x, y),
    "cumprod": lambda t, x: cumprod(x, -1, bool(t.params[0]), bool(t.params[1])),
    "det": lambda t, x: det(x),
    "expm": lambda t, x: expm(x),
    "inverse": lambda t, x: inv(x),
    "logdet": lambda t, x: logdet(x),
    "logsumexp": _take_last_axes(reduce_logsumexp),
    "part": _take,
    "pinv": lambda t, x: pinv(x),
    "reduce_max": _take_last_axes(reduce_max),
    "reduce_min": _take_last_axes(reduce_min),
    "reduce_prod": _take_last_axes(reduce_prod),
    "range": _count_up,
    "reshape": lambda t, x: reshape(x, t.shape),
    "selection": _select,
    "softmax": _soften,
}
"""What computes the functions of terms that are not functions of elements, by their names."""
