"""Why the gradient by a connected source is zero at the values that the sources have, where its formula is not.

The cotangents are evaluated from the targets on. Where one that is not zero meets an operation that passes zero on, the
values there say why: a relu of what is negative, a product with zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import sympy

from tracer.backends.evaluation import run
from tracer.explanations.digit_values import DigitValues
from tracer.explanations.domains import bound, derivative_demands
from tracer.explanations.node_values import REFUSALS
from tracer.explanations.sentences import short_title, title, title_with_line
from tracer.explanations.vanishing import Cotangents
from tracer.ops.contraction import Contraction
from tracer.program.program import Program
from tracer.rules import Elementwise, argument
from tracer.tensor import SOURCES, Operand, Tensor, has_number

MOST = 600
"""Beyond how many nodes between source and target nobody asks."""

SHOWN = 3
"""So many causes are named."""

REFUSED = (*REFUSALS, LookupError, TypeError, ValueError)
"""What an evaluation raises that has no answer."""


def tell_present_zero(cotangents: Cotangents, versions: Sequence[Tensor], names: Mapping[int, str]) -> str:
    """Why the gradient by a source is zero at the values of all sources; empty where it is not, or that is not known.

    Examples
    --------
    >>> import tracer
    >>> from tracer.explanations.ways import Trace
    >>> x = tracer.Variable([-1.0, -2.0], name="x")
    >>> y = tracer.nn.relu(x)
    >>> tell_present_zero(Cotangents(Trace([y], None), {x.node, y.node}), [x.read()], {})
    'every entry of x is negative, where the derivative of relu is 0'
    """
    order = cotangents.trace.order
    if len(cotangents.between) > MOST or not all(has_number(t) for t in order if t.rule in SOURCES):
        return ""
    try:
        if not all(v.size and _is_zero(v) for v in _evaluate([cotangents.found.get(t.node) for t in versions])):
            return ""
        return _Causes(cotangents, names).tell()
    except REFUSED:
        return ""


def _is_zero(value: np.ndarray) -> bool:
    return not np.any(value)


def _evaluate(values: Sequence[Operand | None]) -> list[np.ndarray]:
    """The values of operands; that of None is zero."""
    tensors = [v for v in values if type(v) is Tensor]
    found = iter(run(Program(tensors, []), {}, {}))
    return [np.asarray(next(found) if type(v) is Tensor else v or 0.0) for v in values]


class _Causes:
    """The operations that get a cotangent which is not zero, and pass zero on."""

    def __init__(self, cotangents: Cotangents, names: Mapping[int, str]) -> None:
        self.names = names
        self.edges = list(cotangents.edges())
        self.flows = [cotangents.flow(user, k) for user, k, _ in self.edges]
        between = cotangents.between
        values = _evaluate([*(cotangents.found[t.node] for t in between), *self.flows])
        self.cotangents = {t.node: v for t, v in zip(between, values)}
        self.is_dead = [_is_zero(v) for v in values[len(between) :]]

    def tell(self) -> str:
        """What they do, or which terms cancel; the last operation comes first."""
        causes: list[str] = []
        cancelling: dict[int, list[Tensor]] = {}
        for k, (user, position, operand) in reversed(list(enumerate(self.edges))):
            if not _is_zero(self.cotangents[operand.node]) or _is_zero(self.cotangents[user.node]):
                continue
            if user.rule.joint or self.is_dead[k]:
                causes.append(self._blame(user, position, operand, self.flows[k]))
            else:
                cancelling.setdefault(operand.node, []).append(user)
        for users in cancelling.values():
            ways = " and ".join(dict.fromkeys(title_with_line(u, self.names) for u in users))
            causes.append(f"the terms that flow back through {ways} cancel")
        shown = list(dict.fromkeys(causes))
        if len(shown) > SHOWN:
            shown = [*shown[: SHOWN - 1], f"and so on, by {len(shown) - SHOWN + 1} more operations"]
        return "; ".join(shown)

    def _blame(self, user: Tensor, position: int, operand: Tensor, flow: Operand | None) -> str:
        """What an operation does to an operand so that nothing flows to it at these values."""
        where, name = title_with_line(user, self.names), short_title(operand, self.names)
        if user.rule.joint:
            return f"{where} has a gradient rule of its own ({user.rule.name}), which answers zero for {name} there"
        if user.rule.name in ("multiply", "divide") or type(user.rule) is Contraction:
            for other in (a for k, a in enumerate(user.args) if k != position and type(a) is Tensor):
                if _is_zero(self._find_met(user, other)):
                    does = f"divides it by {name}" if user.rule.name == "divide" else f"multiplies {name} by it"
                    return f"{self._tell_entries(user, other)} is zero, and {where} {does}"
        if not isinstance(user.rule, Elementwise):
            return f"what flows back through {where} adds up to zero"
        if user.rule.name == "where":
            return f"{where} takes {name} in no place that counts"
        kind = self._tell_range(user, position, operand)
        if kind:
            return f"{self._tell_entries(user, operand)} is {kind}, where the derivative of {user.rule.name} is 0"
        rounds = type(flow) is Tensor and _is_rounded(flow)
        return f"the derivative of {where} by {name} {'rounds to' if rounds else 'is'} 0"

    def _find_met(self, user: Tensor, operand: Tensor) -> np.ndarray:
        """The entries of an operand; of an elementwise operation those that meet a cotangent which is not zero."""
        (value,) = _evaluate([operand])
        if not isinstance(user.rule, Elementwise):
            return value
        shape = np.broadcast_shapes(value.shape, user.shape)
        return np.asarray(np.broadcast_to(value, shape)[np.broadcast_to(self.cotangents[user.node], shape) != 0])

    def _tell_entries(self, user: Tensor, operand: Tensor) -> str:
        """The subject of a sentence on what :meth:`_find_met` finds."""
        tell = title if operand.rule in SOURCES else title_with_line
        whole = tell(operand, self.names)
        if not operand.shape:
            return whole
        all_count = not isinstance(user.rule, Elementwise) or bool(self.cotangents[user.node].all())
        return f"every entry of {whole}" + ("" if all_count else " that a gradient arrives at")

    def _tell_range(self, user: Tensor, position: int, operand: Tensor) -> str:
        """Where entries lie at which a derivative is zero, by the kinks beside them; empty if that is not short."""
        values = self._find_met(user, operand)
        if _is_zero(values):
            return "zero"
        kinks = [demand.relation for demand in derivative_demands(user, (position,))]
        if kinks == [BESIDE]:
            other = user.args[1 - position]
            return self._compare(values - self._find_met(user, other), other)
        limits = [limit for r in kinks if (limit := bound(r)) is not None and limit.expression == argument(position)]
        edges = [float(limit.number) for limit in limits]
        if edges and (values <= min(edges)).all():
            return _name_side(min(edges), "negative", "below", values)
        if edges and (values >= max(edges)).all():
            return _name_side(max(edges), "positive", "above", values)
        return ""

    def _compare(self, differences: np.ndarray, other: Tensor) -> str:
        """How entries differ from those of another operand; empty if they do so in several ways."""
        signs = np.unique(np.sign(differences))
        word = {-1.0: "less than", 1.0: "greater than"}.get(float(signs[0]), "") if signs.size == 1 else ""
        return f"{word} that of {short_title(other, self.names)}" if word else ""


BESIDE = sympy.Ne(argument(0), argument(1))
"""Where a function of two operands has a kink that chooses the greater or the less of them."""


def _name_side(edge: float, sign: str, side: str, values: np.ndarray) -> str:
    """``"negative"`` or ``"below 6"``; of values of which some are on the edge, ``"zero or negative"``."""
    on_edge = bool((values == edge).any())
    if edge == 0:
        return f"zero or {sign}" if on_edge else sign
    return f"{edge:g} or {side} it" if on_edge else f"{side} {edge:g}"


def _is_rounded(flow: Tensor) -> bool:
    """Whether what is zero in floats has a value in many digits that is not."""
    exact = DigitValues([flow]).evaluate({})
    return exact is not None and any(v != 0 for v in exact[0].ravel())
