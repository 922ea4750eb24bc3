"""Tensors made of closed forms: they compute a value as its formula says, and not as the program was written.

The form may be finite at a point where the program is not: the gradient of ``norm(x)**2`` is ``2*x``, also at zero,
where the program divides by the norm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

import sympy

from tracer import scalar
from tracer.dtypes import INTEGERS
from tracer.formulas.errors import FormulaError
from tracer.formulas.lowering.lower import lower_program
from tracer.ops.casting import cast
from tracer.ops.contraction import broadcast_to, contract, reduce_mean
from tracer.ops.creation import eye
from tracer.ops.creation import range as arange
from tracer.ops.diagonal import band_part, cross
from tracer.ops.elementwise import NORM_QUOTIENT, from_sympy
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
from tracer.walk import list_pole_operands

Labels: TypeAlias = "tuple[int, ...]"
Power: TypeAlias = "tuple[Term, sympy.Expr]"

SMALLEST = sympy.Rational(1, 10**300)
"""Numbers that are smaller, and the reciprocals of these, are left to programs, which scale them."""

NAMED = 60
"""Names are looked for in programs of so many operations."""

RESTATED = 6_000
"""The work that a closed form may take where only its value is asked for."""


def restate(tensor: Tensor, work: int = RESTATED) -> Tensor | None:
    """The tensor as its closed form computes it; None where there is none, or none of operations known here.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", shape=("n",))
    >>> gradient = tracer.gradients(tracer.norm(x) ** 2, x)[0]
    >>> restated = restate(gradient)
    >>> restated.op, restated.args
    ('multiply', (2, <Tensor x shape=(n,)>))
    """
    found = restate_all([tensor], work)
    return None if found is None else found[0]


def restate_all(tensors: Sequence[Tensor], work: int = RESTATED) -> list[Tensor] | None:
    """Tensors as their closed forms compute them, with what they share; None where one has none.

    What the user has named is called so where the closed forms have it.
    """
    before = context.get()
    try:
        context.set(Context(origin=Origin()))
        divisors = list_pole_operands(tensors)
        lowered = lower_program([*tensors, *divisors], Budget(work * len(tensors), tensors[0].name))
        sources = {lowered.sources[t.node]: t for t in lowered.nodes if t.node in lowered.sources}
        restating = Restating(sources, _find_bases(lowered.terms[len(tensors) :]))
        found = [restating.read(term) for term in lowered.terms[: len(tensors)]]
    except FormulaError:
        return None
    finally:
        context.set(before)
    ends = {t.node for t in tensors}
    _keep_names([t for t in lowered.nodes if t.args and t.node not in ends], restating.parts)
    return [_finish(part, t) for part, t in zip(found, tensors)]


def _keep_names(nodes: Sequence[Tensor], parts: Mapping[Term, Tensor]) -> None:
    """Let parts have the names of nodes that they are the closed forms of, or the places by which names are found."""
    known = [t for t in nodes if t.label or t.place is not None]
    if len(known) > NAMED:
        return
    try:
        terms = lower_program(known, Budget(RESTATED)).terms if known else []
    except FormulaError:
        return
    for node, term in zip(known, terms):
        part = parts.get(term)
        if part is not None and part.args and part.place is None:
            part.label = node.label
            part._code, part._offset, part._cause = node._code, node._offset, node._cause


def _find_bases(divisors: Sequence[Term]) -> set[Term]:
    """What is zero where some terms are: they, and what they are roots of."""
    bases = {u for term in divisors if isinstance(term, T.Product) for u, _, e in term.factors if not e.is_Integer}
    return {*divisors, *bases}


def _finish(found: Tensor, tensor: Tensor) -> Tensor:
    """A part in the shape and dtype of a tensor."""
    found = broadcast_to(found, tensor.shape) if found.shape != tensor.shape else found
    return found if found.dtype == tensor.dtype else cast(found, tensor.dtype)


class Restating:
    """Makes tensors of terms.

    Parameters
    ----------
    sources : dict
        The tensors of sources, by their names.
    poles : collection of Term
        What is a pole where it is divided by.
    """

    def __init__(self, sources: Mapping[str, Tensor], poles: Collection[Term] = ()) -> None:
        self.sources = sources
        self.poles = poles
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
            return _add_up([(_literal(c), self.parts[u]) for c, u in term.terms])
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
        inner = [_drop_sign(a) for a in term.args]
        signed = [s if a is b else -s for s, a, b in zip(symbols, term.args, inner)]
        return from_sympy(term.head(*signed), dict(zip(symbols, [self.parts[a] for a in inner])))

    def _read_product(self, term: T.Product) -> Tensor:
        """The tensor of a product: of elements, or one contraction, which adds up too, and puts axes in order."""
        if term.scale in (sympy.true, sympy.false):
            return broadcast_to(bool(term.scale), term.shape)
        scale = _literal(term.scale)
        labels = tuple(i for _, i, _ in term.factors)
        if _are_broadcast(labels, term.out):
            whole = term.scale if term.scale.is_Integer else ONE
            made = self._multiply_powers([(u, e) for u, _, e in term.factors], whole)
            return made if whole == term.scale else _multiply(scale, made)
        factors = sorted(_join_quotients(term.factors), key=lambda f: _stand_in(term.out, f[0]))
        powers = tuple([self._multiply_powers(own) for _, own in factors])
        labels = tuple(i for i, _ in factors)
        # What is repeated along leading axes is so when it is used.
        kept = tuple(k for k in term.out if any(k in i for i in labels))
        leading = kept == term.out[len(term.out) - len(kept) :] and len(set(term.out)) == len(term.out)
        out = kept if leading else term.out
        shape = term.shape[len(term.out) - len(out) :]
        inner = term.scale if len(powers) > 1 else ONE
        total = contract("einsum", powers, Subscripts(labels, out, inner), shape)
        total = total if len(powers) > 1 else _multiply(scale, total)
        return total if out == term.out else broadcast_to(total, term.shape)

    def _multiply_powers(self, powers: Sequence[Power], whole: sympy.Expr = ONE) -> Tensor:
        """The product of a whole number and powers of terms, element by element; by poles it is divided at last."""
        poles = [(u, e) for u, e in powers if u in self.poles and e.is_negative]
        others = [(self.parts[u], e) for u, e in powers if (u, e) not in poles]
        made = _multiply_powers(others, whole) if others else constant(int(whole), _bind=False)
        for u, e in poles:
            made = apply(NORM_QUOTIENT, (made, _multiply_powers([(self.parts[u], -e)])))
        return made


def _literal(value: sympy.Expr) -> Literal:
    """A number of a term as a literal of a program.

    Raises
    ------
    FormulaError
        If it is not finite, or no float.
    """
    if value.free_symbols:
        return value
    if not value.is_finite or (value != 0 and not SMALLEST < abs(value) < 1 / SMALLEST):
        raise FormulaError(f"{value} is no number of a program")
    return int(value) if value.is_Integer else float(value)


def _multiply(factor: Literal, tensor: Tensor) -> Tensor:
    """A multiple; of a size in the denominator it is a quotient, or a mean."""
    if tensor.op == "broadcast_to":
        return broadcast_to(_multiply(factor, tensor.args[0]), tensor.shape)
    if isinstance(factor, sympy.Expr) and factor.free_symbols:
        factor, divisor = sympy.fraction(factor)
        axes = _list_axes_of_sum(tensor)
        if axes and sympy.Mul(*(tensor.args[0].shape[k] for k in axes)) == divisor:
            return _multiply(_literal(factor), reduce_mean(tensor.args[0], axes))
        if divisor != 1:
            return apply(TABLE["divide"], (_multiply(_literal(factor), tensor), divisor))
    return tensor if factor == 1 else apply(TABLE["multiply"], (factor, tensor))


def _list_axes_of_sum(tensor: Tensor) -> list[int]:
    """The axes along which a tensor is the sum of another one, and no more; none for what is no sum."""
    if tensor.op != "einsum" or len(tensor.args) != 1 or tensor.params.scale != 1:
        return []
    (labels,), out = tensor.params.inputs, tensor.params.output
    kept = tuple(i for i in labels if i in out)
    return [k for k, i in enumerate(labels) if i not in out] if kept == out and len(set(labels)) == len(labels) else []


def _drop_sign(term: Term) -> Term:
    """The term of which another is the opposite, to write the sign within a function; else the term itself."""
    if isinstance(term, T.Product) and term.scale == -1 and [(i, e) for _, i, e in term.factors] == [(term.out, ONE)]:
        return term.factors[0][0]
    return term


def _add_up(terms: Sequence[tuple[Literal, Tensor]]) -> Tensor:
    """The sum of multiples, of which those in front are added and the others subtracted."""
    (factor, tensor), *others = sorted(terms, key=lambda pair: _is_negative(pair[0]))
    total = _multiply(factor, tensor)
    for factor, tensor in others:
        row = TABLE["subtract" if _is_negative(factor) else "add"]
        total = apply(row, (total, _multiply(-factor if _is_negative(factor) else factor, tensor)))
    return total


def _is_negative(factor: Literal) -> bool:
    return bool(factor.could_extract_minus_sign() if isinstance(factor, sympy.Expr) else factor < 0)


def _are_broadcast(labels: Sequence[Sequence[int]], out: Sequence[int]) -> bool:
    """Whether the factors of a product, by their axes, are multiplied element by element as arrays are."""
    return out in labels and len(set(out)) == len(out) and all(i == out[len(out) - len(i) :] for i in labels)


def _join_quotients(factors: Sequence[tuple[Term, Labels, sympy.Expr]]) -> list[tuple[Labels, list[Power]]]:
    """The factors of a contraction by their axes: what is divided by elements is, before it is added up."""
    found: list[tuple[Labels, list[Power]]] = []
    for labels in dict.fromkeys(i for _, i, _ in factors):
        own = [(u, e) for u, i, e in factors if i == labels]
        divided = any(e.could_extract_minus_sign() for _, e in own)
        found += [(labels, own)] if divided else [(labels, [power]) for power in own]
    return found


def _stand_in(out: Sequence[int], labels: Sequence[int]) -> int:
    """Where a factor stands in a product of matrices: first the one that has the axis of the rows."""
    return -1 if out and out[0] in labels else 1 if out and out[-1] in labels else 0


def _multiply_powers(powers: Sequence[tuple[Tensor, sympy.Expr]], whole: sympy.Expr = ONE) -> Tensor:
    """The product of a whole number and powers of tensors, element by element."""
    if len(powers) == 1 and powers[0][1] is ONE:
        return _multiply(int(whole), powers[0][0])
    powers = [_take_root(cast(t, "float64") if t.dtype in INTEGERS else t, e) for t, e in powers]
    if len(powers) == 1 and powers[0][1] == 1:
        return _multiply(int(whole), powers[0][0])
    symbols = [sympy.Symbol(f"factor_{k}", real=True) for k in range(len(powers))]
    floats = [t for t, _ in powers]
    return from_sympy(whole * sympy.Mul(*(s**e for s, (_, e) in zip(symbols, powers))), dict(zip(symbols, floats)))


def _take_root(tensor: Tensor, exponent: sympy.Expr) -> tuple[Tensor, sympy.Expr]:
    """A power as one of the root, which powers of one tensor share."""
    if not exponent.is_Rational or exponent.q != 2:
        return tensor, exponent
    return apply(TABLE["sqrt"], (tensor,)), sympy.Integer(exponent.p)


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
