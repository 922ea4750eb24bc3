"""The conditions under which the formula of a tensor holds and is finite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import sympy
from sympy.logic.boolalg import Boolean

from tracer.backprop import mark_reached
from tracer.branches import branches_before
from tracer.explanations.domains import Demand, Kind, demands, derivative_demands, forward_key
from tracer.explanations.guards import ALWAYS, Guard, Guards, disjunction
from tracer.explanations.implications import drop_implied, join, shorten
from tracer.explanations.known_signs import Signs, is_implied, pattern
from tracer.explanations.relation_text import tell_relation
from tracer.explanations.relations import Relations
from tracer.formulas.budget import FORMULA
from tracer.formulas.sympy_caches import bounded_caches
from tracer.rules import OUT, Elementwise
from tracer.tensor import SOURCES, Tensor, TensorLike, as_tensor
from tracer.terms.work import Budget
from tracer.walk import ancestors


class Condition(NamedTuple):
    """What has to hold for the formula of a tensor.

    Attributes
    ----------
    kind : Kind
        ``DOMAIN``: elsewhere a value is no finite number. ``KINK``: elsewhere a derivative is a convention.
        ``BRANCH``: elsewhere the program would have taken another way.
    relation : sympy relational or Boolean
        In the symbols of the sources; of tensors, over a generic element ``X[i, j]``.
    node : int
        The key of the operation that asks for it.
    """

    kind: Kind
    relation: Boolean
    node: int

    def __str__(self) -> str:
        return f"{tell_relation(self.relation)} ({self.kind.value})"


def conditions(tensor: TensorLike) -> tuple[Condition, ...]:
    """The conditions under which the formula of a tensor holds and is finite.

    Parameters
    ----------
    tensor : Tensor
        Of a gradient, the conditions are those of what is differentiated too, as far as it depends on the source.

    Returns
    -------
    tuple of Condition
        In order of the nodes. What others imply is left out where that is seen quickly. What a branch of ``where``
        asks counts where the branch is taken. What would be too long to read stands by the name of its node.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> [c.relation for c in tracer.conditions(tracer.sqrt(x) / (x - 1))]
    [x >= 0, Ne(x, 1)]
    >>> [c.relation for c in tracer.conditions(tracer.gradients(tracer.sqrt(x), x)[0])]
    [x > 0]
    >>> tracer.conditions(tracer.gradients(tracer.abs(x), x)[0])[0].kind
    <Kind.KINK: 'kink'>
    >>> tracer.conditions(tracer.where(x > 0, tracer.math.log(x), 0.0))
    ()
    """
    given = as_tensor(tensor)
    with bounded_caches():
        return find_conditions(given, FORMULA)


class Needed(NamedTuple):
    """What a node asks, and under which guard."""

    node: Tensor
    demand: Demand
    guard: Guard


EACH = 200
"""The work that is granted for each condition besides."""


def find_conditions(tensor: Tensor, work: int) -> tuple[Condition, ...]:
    """The conditions of a tensor, found with so much work."""
    order = ancestors([tensor])
    guards = Guards(order, [tensor])
    whole = {t.node: t for t in order}
    tensors = dict(guards.tensors)
    needed = []
    for node in order:
        if guards.of(node):
            needed += [Needed(node, d, guards.of(node)) for d in demands(node)]
    for derivative in order:
        if derivative.derived is not None or len(derivative._measures) > 1:
            found, behind, spoken = _of_derivative(derivative, guards.of(derivative))
            needed += found
            whole |= {t.node: t for t in behind}
            tensors |= spoken
    needed = [n for n in needed if not _is_stated(n.node, whole)]
    everything = sorted(whole.values(), key=lambda t: t.node)
    stated = _without_signs(needed, everything)
    taken = branches_before(tensor, [t for t in everything if t.rule in SOURCES])
    if taken:
        everything = ancestors([*everything, *(b.tensor for b in taken)])
    relations = Relations(everything, tensors, Budget(work + EACH * len(stated), tensor.name))
    answers = [
        Condition(n.demand.kind, _written(relations, n.demand.relation, n.node, n.guard), n.node.node)
        for n in sorted(stated, key=lambda n: n.node.node)
    ]
    for branch in taken:
        relation = _written(relations, OUT, branch.tensor, ALWAYS)
        relation = relation if branch.taken else shorten(sympy.Not(relation))
        answers.append(Condition(Kind.BRANCH, relation, branch.tensor.node))
    return tuple(_strongest(answers))


def _written(relations: Relations, relation: Boolean, node: Tensor, guard: Guard) -> Boolean:
    """What a node asks in sources and in few words, in the letters that any other node would take for it."""
    made = shorten(relations.write(relation, node, guard))
    return sympy.And(*(relations.rename_letters(part) for part in sympy.And.make_args(made)))


def _is_stated(node: Tensor, known: Mapping[int, Tensor]) -> bool:
    """Whether the row whose gradient rule recorded a node says itself what the derivative asks."""
    key = forward_key(node)
    return key is not None and key in known and known[key].rule.domain is not None


def _of_derivative(derivative: Tensor, guard: Guard) -> tuple[list[Needed], list[Tensor], dict[sympy.Symbol, Tensor]]:
    """What asks the function of which a tensor is the derivative, with all that it is computed from."""
    derived = derivative.derived
    if derived is not None:
        targets = [t for t, _ in derived.targets]
        order = ancestors(targets)
        wanted = {s.node for s in derived.sources}
        reached = mark_reached(order, wanted, derived.stop, derived.watched, derived.opened)
    else:  # A Jacobian notes what it is of for the sake of its dimensions alone.
        *targets, source = derivative._measures
        order = ancestors(targets)
        reached = mark_reached(order, {source.node})
    if not guard or not reached:
        return [], [], {}
    guards = Guards(order, targets)
    needed = []
    for node in order:
        if reached.get(node.node) and guards.of(node):
            found = [*demands(node), *derivative_demands(node, _reached_positions(node, reached))]
            needed += [Needed(node, d, guards.of(node)) for d in found]
    return needed, order, guards.tensors


def _reached_positions(node: Tensor, reached: dict[int, bool]) -> list[int]:
    """The operands by which a node is differentiated."""
    closed = node.rule.closed
    return [k for k, a in enumerate(node.args) if type(a) is Tensor and a.node in reached and k not in closed]


def _without_signs(needed: Sequence[Needed], order: Sequence[Tensor]) -> list[Needed]:
    """What does not follow from the signs of the operands, each demand of a node once."""
    signs = Signs()
    signs.walk(order)
    found: dict[tuple[int, Demand], Needed] = {}
    for node, demand, guard in needed:
        if isinstance(node.rule, Elementwise):
            parts = tuple(signs.part(a) for a in node.args)
            if is_implied(demand.relation, pattern(node), parts):
                continue
        key = node.node, demand
        known = found.get(key)
        found[key] = Needed(node, demand, guard if known is None else disjunction(known.guard, guard))
    return list(found.values())


def _strongest(found: Sequence[Condition]) -> Iterator[Condition]:
    """Conditions that are not certain, and that no others of their kind imply; kinks where the domain has them."""
    open_ = [c for c in found if c.relation != sympy.true]
    domain = [c for c in open_ if c.kind is Kind.DOMAIN]
    domain = [c._replace(relation=r) for c, r in zip(domain, join([c.relation for c in domain]))]
    kept = [domain[k] for k in drop_implied([c.relation for c in domain])]
    for kind in (Kind.KINK, Kind.BRANCH):
        others = [c for c in open_ if c.kind is kind]
        n = len(kept)
        relations = [c.relation for c in (*kept, *others)]
        kept += [others[k - n] for k in drop_implied(relations) if k >= n]
    return iter(sorted(kept, key=lambda c: c.node))
