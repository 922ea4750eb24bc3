"""The conditions under which the formula of a tensor holds and is finite."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import sympy
from sympy.logic.boolalg import Boolean

from tracer.branches import branches_before
from tracer.explanations.assumptions import find_used, list_about, write_equation
from tracer.explanations.domains import Kind
from tracer.explanations.implications import contradict, drop_implied, implies, join, shorten
from tracer.explanations.known_values import KnownValues
from tracer.explanations.needs import Need, find_needs
from tracer.explanations.relation_text import tell_relation
from tracer.explanations.relations import Relations
from tracer.formulas.assuming import assumed
from tracer.formulas.budget import FORMULA
from tracer.formulas.sympy_caches import bounded_caches
from tracer.interrupts import run_long
from tracer.rules import OUT
from tracer.tensor import SOURCES, Tensor, TensorLike, as_tensor
from tracer.terms.work import Budget
from tracer.walk import ancestors


class Condition(NamedTuple):
    """What has to hold for the formula of a tensor.

    Attributes
    ----------
    kind : Kind
        ``DOMAIN``: elsewhere a value is no finite number. ``KINK``: elsewhere a derivative is a convention.
        ``BRANCH``: elsewhere the program would have taken another way. ``ASSUMED``: a relation of ``assuming`` by
        which the formula is shorter, or from which other conditions follow.
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
        return find_conditions(given, FORMULA, assumed())


EACH = 200
"""The work that is granted for each condition besides."""

MANY = 400
"""So many conditions are granted that; what is asked by more is written by the names of nodes."""


def find_conditions(tensor: Tensor, work: int, assumed: Sequence[Tensor] = ()) -> tuple[Condition, ...]:
    """The conditions of a tensor where relations are assumed, found with so much work."""
    return run_long(f"conditions of {tensor.name}", _find_conditions, tensor, work, assumed)


def _find_conditions(tensor: Tensor, work: int, assumed: Sequence[Tensor]) -> tuple[Condition, ...]:
    needs = find_needs(tensor)
    everything = needs.order
    taken = branches_before(tensor, [t for t in everything if t.rule in SOURCES])
    if taken:
        everything = ancestors([*everything, *(b.tensor for b in taken)])
    budget = Budget(work + EACH * min(len(needs.found), MANY), tensor.name)
    used = find_used(tensor, assumed, work) if assumed else []
    if assumed:
        everything = ancestors([*everything, *assumed])
    # Of inequalities conditions are shortened below, where it is seen by which.
    relations = Relations(everything, needs.tensors, budget, [t for t in assumed if t.op == "equal"])
    values = KnownValues(needs.order)
    answers = []
    for n in needs.found:
        decided = True if _is_asked_of_definite(relations, n) else values.decide(n)
        if decided is None:
            relation = relations.write_short(n.demand.relation, n.node, n.guard)
        else:
            relation = sympy.true if decided else sympy.false
        answers.append(Condition(n.demand.kind, relation, n.node.node))
    for branch in taken:
        relation = relations.write_short(OUT, branch.tensor)
        relation = relation if branch.taken else shorten(sympy.Not(relation))
        answers.append(Condition(Kind.BRANCH, relation, branch.tensor.node))
    stated = {
        e: write_equation(e, relations.names, work) if e.op == "equal" else relations.write_short(OUT, e)
        for e in list_about(tensor, assumed)
    }
    return _keep_used(answers, stated, used)


def _keep_used(
    found: Sequence[Condition], stated: Mapping[Tensor, Boolean], used: Collection[Tensor]
) -> tuple[Condition, ...]:
    """The conditions that do not follow from others, and the relations by which they or the formula are shorter."""
    inequalities = [e for e in stated if e.op != "equal"]
    kept = _keep_strongest(found, [stated[e] for e in inequalities])
    needed = inequalities
    for e in inequalities:
        fewer = [other for other in needed if other is not e]
        if _keep_strongest(found, [stated[other] for other in fewer]) == kept:
            needed = fewer
    needed = [e for e in needed if not any(implies(c.relation, stated[e]) for c in kept)]
    shown = {e.node for e in (*used, *needed)}
    return (*kept, *(Condition(Kind.ASSUMED, relation, e.node) for e, relation in stated.items() if e.node in shown))


def _is_asked_of_definite(relations: Relations, need: Need) -> bool:
    """Whether a row asks something of a positive definite matrix: these are in the domain of each."""
    of_matrix = need.demand.kind is Kind.DOMAIN and need.node.rule.domain is not None
    return of_matrix and relations.is_definite(need.node.args[0])


def _keep_strongest(found: Sequence[Condition], known: Sequence[Boolean] = ()) -> list[Condition]:
    """Conditions without those that hold anyway, and those that others imply: the domain implies kinks and branches."""
    open_ = [c for c in found if c.relation != sympy.true]
    assumed = [Condition(Kind.ASSUMED, relation, -1) for relation in known]
    domain = [*assumed, *(c for c in open_ if c.kind is Kind.DOMAIN)]
    domain = [c._replace(relation=r) for c, r in zip(domain, join([c.relation for c in domain]))]
    if len(domain) > len(assumed) and contradict([c.relation for c in domain]):
        return [domain[-1]._replace(relation=sympy.false)]
    kept = [domain[k] for k in drop_implied([c.relation for c in domain])]
    for kind in (Kind.KINK, Kind.BRANCH):
        others = [c for c in open_ if c.kind is kind]
        n = len(kept)
        relations = [c.relation for c in (*kept, *others)]
        kept += [others[k - n] for k in drop_implied(relations) if k >= n]
    return sorted((c for c in kept if c.kind is not Kind.ASSUMED), key=lambda c: c.node)
