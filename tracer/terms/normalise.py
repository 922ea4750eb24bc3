"""The driver: brings a term into normal form by structure and by rules, and remembers what became of each term.

A term is visited after the terms it is made of. Then its structure is put in order (products of products are one
product, like summands are one summand, what is repeated along an axis is computed once), and the first rule that has
an answer replaces it; the answer is brought into normal form in turn. Forms that become one another in a circle, as
where one is as short as the other, have the first of them in the order of terms for their normal form. Nothing recurses
on the depth of a term.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import Any, Protocol

from sympy import Expr

from tracer.shapes import Dim, Shape
from tracer.terms import record
from tracer.terms.decomposition import split_scale
from tracer.terms.exchanges import SINGLE, Exchanges, find_exchanges
from tracer.terms.facts import facts_of
from tracer.terms.failures import RewriteLoop
from tracer.terms.function_terms import put_call_in_order
from tracer.terms.product_terms import put_product_in_order
from tracer.terms.record import MINUS, ONE, Call, Factor, Labels, Product, Source, Sum, Term
from tracer.terms.sum_terms import add_as_they_are, put_sum_in_order
from tracer.terms.work import Budget

NESTED = 25
"""A transpose asked for in finding so many others stays a record: each may ask for that of a larger term."""


class Rewrite(Protocol):
    """What a rule has to be."""

    @property
    def heads(self) -> tuple[Any, ...]:
        """``Product``, ``Sum``, or the heads of functions: what it rewrites."""

    @property
    def name(self) -> str:
        """What it says, for errors."""

    @property
    def needs(self) -> frozenset[Any]:
        """The functions, declarations of sources, or ``Sum``, without which it says nothing of a product or a sum."""

    def apply(self, n: Normaliser, term: Any) -> Term | None:
        """What takes the place of a term; None where the rule says nothing of it."""


class RuleTable:
    """Rules in their order, to be looked up by what they rewrite."""

    def __init__(self, rules: Iterable[Rewrite]) -> None:
        self.rules = tuple(rules)
        self._by_head: dict[Any, list[Rewrite]] = {}
        for rule in self.rules:
            for head in rule.heads:
                self._by_head.setdefault(head, []).append(rule)
        self._beside: dict[tuple[Any, frozenset[Any]], tuple[Rewrite, ...]] = {}

    def __iter__(self) -> Iterator[Rewrite]:
        return iter(self.rules)

    @cached_property
    def _needed(self) -> frozenset[Any]:
        return frozenset(need for rule in self.rules for need in rule.needs)

    def of(self, head: Any, beside: Set[Any] = frozenset()) -> Sequence[Rewrite]:
        """The rules of products, of sums, or of functions of one name, that need nothing but what is beside them."""
        key = head, self._needed.intersection(beside)
        found = self._beside.get(key)
        if found is None:
            found = self._beside[key] = tuple([r for r in self._by_head.get(head, ()) if r.needs <= beside])
        return found


class Normaliser:
    """Normal forms of terms, in one reading of a formula.

    Equal terms have one normal form, in whatever order they were built: what is equal by the rules is one object.

    Parameters
    ----------
    rules : RuleTable or iterable of Rewrite
        Tried in this order.
    budget : Budget, optional
        What the work is taken from.

    Examples
    --------
    >>> from tracer.terms.record import add, source
    >>> n = Normaliser(())
    >>> x, y = source("x", (3,)), source("y", (3,))
    >>> n.normal(add([(1, x), (2, y), (1, x)])) is n.normal(add([(2, y), (2, x)]))
    True
    """

    def __init__(self, rules: Iterable[Rewrite], budget: Budget | None = None) -> None:
        self.rules = rules if isinstance(rules, RuleTable) else RuleTable(rules)
        self.budget = Budget() if budget is None else budget
        self.transposes: dict[Term, Term | None] = {}
        self._memo: dict[Term, Term] = {}
        self._tried: dict[Any, tuple[Term, list[tuple[Term, Term]]]] = {}
        self._open: set[Term] = set()
        self._transposing = 0
        self._trials = 0
        self._trying: Rewrite | None = None
        self._becomes: dict[Term, tuple[Term, str]] = {}
        self._exchanges: dict[tuple[Term, bool, bool], Exchanges] = {}

    def rewrite(self, head: Any, term: Term, beside: Set[Any] = frozenset()) -> tuple[Term, str] | None:
        """The answer of the first rule that has one, and its name.

        Parameters
        ----------
        head : object
            ``Product``, ``Sum``, or the head of a function: what is rewritten.
        term : Term
        beside : set
            The functions among the factors of a product, or among summands and their factors, what is declared of
            sources, and ``Sum`` where one is a sum.
        """
        outer = self._trying
        try:
            for rule in self.rules.of(head, beside):
                self._trying = rule
                try:
                    answer = rule.apply(self, term)
                except RewriteLoop:
                    continue  # it asks for the normal form of what is being rewritten
                if answer is not None:
                    return answer, rule.name
        finally:
            self._trying = outer
        return None

    def spend(self, work: int) -> None:
        """Count work."""
        self.budget.spend(work)

    def normal(self, term: Term) -> Term:
        """The normal form of a term.

        Raises
        ------
        TooLong
            If finding it takes more work than there is.
        RewriteLoop
            If a rule answers with a term that holds the one that it rewrites.
        """
        memo, becomes = self._memo, self._becomes
        awaited: set[Term] = set()
        todo = [term]
        while todo:
            t = todo[-1]
            if t in memo:
                todo.pop()
            elif t in becomes:
                answer, name = becomes[t]
                if answer not in memo:
                    if t not in awaited:
                        awaited.add(t)
                        todo.append(answer)
                    else:
                        self._settle_circle(t)
                    continue
                memo[t] = memo[answer]
                del becomes[t]
                todo.pop()
            else:
                below = [u for u in t.children if u not in memo]
                if below:
                    todo += below
                    continue
                if t in self._open:
                    raise _asks_for_itself(t, self._trying)
                self._open.add(t)
                try:
                    answer, name = self._put_in_order(t)
                finally:
                    self._open.remove(t)
                if answer in memo:
                    memo[t] = memo[answer]
                    todo.pop()
                elif answer is t:
                    raise _loop(t, name)
                else:
                    becomes[t] = answer, name
        return memo[term]

    def _put_in_order(self, t: Term) -> tuple[Term, str]:
        """The next form of a term whose parts are normal, and the name of what made it."""
        if isinstance(t, Source):
            return self.settle(t), "a source"
        if [u for u in t.children if self._memo[u] is not u]:
            return with_parts(t, self._memo), "normal parts"
        if isinstance(t, Product):
            return put_product_in_order(self, t)
        if isinstance(t, Sum):
            return put_sum_in_order(self, t)
        assert isinstance(t, Call)
        return put_call_in_order(self, t)

    def settle(self, term: Term) -> Term:
        """Remember that a term is its own normal form, unless another is known."""
        return self._memo.setdefault(term, term)

    def _settle_circle(self, term: Term) -> None:
        """Settle forms that become one another in a circle on the first of them in the order of terms."""
        circle = [term]
        answer, name = self._becomes[term]
        while answer is not term:
            if answer not in self._becomes:
                raise _loop(term, name)
            circle.append(answer)
            answer = self._becomes[answer][0]
        first = min(circle, key=attrgetter("order"))
        for form in circle:
            self._memo[form] = first
            del self._becomes[form]

    @contextmanager
    def trial(self) -> Iterator[None]:
        """A form is tried: what is found of sums is forgotten, lest a normal form depend on what was tried before."""
        found: tuple[dict[Term, Any], ...] = (self._memo, self.transposes)
        known = [len(terms) for terms in found]
        self._trials += 1
        try:
            yield
        finally:
            self._trials -= 1
            for terms, count in zip(found, known):
                kept = []
                while len(terms) > count:
                    t, answer = terms.popitem()
                    if not t.adds and answer is not None and not answer.adds:
                        kept.append((t, answer))
                terms.update(reversed(kept))

    def try_once(self, what: Hashable, find: Callable[[], Term]) -> Term:
        """A form that is tried: found once, and known from then on to later trials with all that finding it found."""
        if what in self._tried:
            form, found = self._tried[what]
            for term, answer in found:
                self._memo.setdefault(term, answer)
            return form
        known = len(self._memo)
        form = find()
        found = list(islice(reversed(self._memo.items()), len(self._memo) - known))
        self._tried[what] = form, found[::-1]
        return form

    # What rules build with: each answers a normal form.

    def product(
        self, scale: Any, factors: Iterable[Factor], out: Labels, sizes: Mapping[int, Dim] | None = None
    ) -> Term:
        """The normal form of a contraction."""
        return self.normal(record.product(scale, factors, out, sizes))

    def add(self, terms: Iterable[tuple[Any, Term]]) -> Term:
        """The normal form of a sum."""
        return self.normal(record.add(terms))

    def call(self, head: Any, args: Sequence[Term], params: Any = None, shape: Shape | None = None) -> Term:
        """The normal form of a function."""
        return self.normal(record.call(head, args, params, shape))

    def scaled(self, scale: Any, term: Term) -> Term:
        """The normal form of a number times a term."""
        return self.normal(record.scaled(scale, term))

    def power(self, term: Term, exponent: Any) -> Term:
        """The normal form of a term, each element raised to a number."""
        return self.normal(record.power(term, exponent))

    def permuted(self, term: Term, axes: Sequence[int]) -> Term:
        """The normal form of a term with its axes in another order, which goes inside of sums and functions."""
        if tuple(axes) == record.axes_of(term):
            return term
        if tuple(axes) == (1, 0):
            return self.transposed(term)
        if isinstance(term, Sum):
            return self.add([(c, self.permuted(t, axes)) for c, t in term.terms])
        if isinstance(term, Call) and term.elementwise:
            return self.call(term.head, [self.permuted(a, axes) for a in term.args])
        return self.product(ONE, [(term, record.axes_of(term), ONE)], tuple(axes))

    def transposed(self, term: Term) -> Term:
        """The transpose of a matrix in normal form.

        It is written as the record of a transpose while it is being found (the sign of a difference comes out in front,
        and asks for it again), and where finding it asks for what is being rewritten. While a form is tried, the
        transpose of a sum is that of its summands: to try forms of each within each would take a time exponential in
        the depth of sums.
        """
        if term in self.transposes:
            found = self.transposes[term]
            return _turn(term) if found is None else found
        if self._transposing == NESTED:
            return _turn(term)
        self.transposes[term] = None
        self._transposing += 1
        try:
            found = self.transposes[term] = self._find_transpose(term)
        except RewriteLoop:
            del self.transposes[term]
            return _turn(term)
        finally:
            self._transposing -= 1
        return found

    def _find_transpose(self, term: Term) -> Term:
        if isinstance(term, Sum):
            rows = [(c, self.transposed(t)) for c, t in term.terms]
            return add_as_they_are(self, rows) if self._trials else self.add(rows)
        if isinstance(term, Call) and term.elementwise:
            return self.call(term.head, [self.transposed(a) for a in term.args])
        if isinstance(term, Product):
            return self.product(ONE, [(term, (0, 1), ONE)], (1, 0))
        return term if self._equals_transpose(term) else self.settle(_turn(term))

    def _equals_transpose(self, term: Term) -> bool:
        """Whether a source is declared symmetric, or a function of a symmetric matrix is symmetric."""
        if isinstance(term, Source):
            return "symmetric" in term.assumptions
        assert isinstance(term, Call)
        return facts_of(term.head).transposes and self.is_symmetric(term.args[0])

    def is_symmetric(self, term: Term, power: Expr = ONE) -> bool:
        """Whether a power of a term is a matrix that equals its transpose, by its structure or by declaration."""
        if not record.is_square(term.shape):
            return False
        other = self.transposed(term)
        return other is term or (bool(power.is_even) and split_scale(other) == (MINUS, term))

    def exchanges(self, term: Term, power: Expr = ONE) -> Exchanges:
        """Which axes of a power of a term may be exchanged."""
        rank = len(term.shape)
        if rank < 2:
            return SINGLE[rank]
        axes = record.axes_of(term)
        if rank > 2 and not record.is_elementwise(term):
            return Exchanges(axes)
        key = term, bool(power.is_even), bool(power.is_odd)
        found = self._exchanges.get(key)
        if found is None:
            self._exchanges[key] = Exchanges(axes)  # It is asked for again while it is being found.
            try:
                found = self._exchanges[key] = find_exchanges(self, *key)
            except RewriteLoop:
                del self._exchanges[key]
                return Exchanges(axes)
        return found


def _turn(term: Term) -> Product:
    """The record of a transpose."""
    return record.product_record(ONE, ((term, (1, 0), ONE),), (0, 1), term.shape[::-1])


def with_parts(t: Term, normal: Mapping[Term, Term]) -> Term:
    """A term with the normal forms of its parts."""
    if isinstance(t, Product):
        return record.product_record(t.scale, [(normal[u], i, e) for u, i, e in t.factors], t.out, t.sizes)
    if isinstance(t, Sum):
        return record.sum_record((c, normal[u]) for c, u in t.terms)
    assert isinstance(t, Call)
    return record.call(t.head, [normal[u] for u in t.args], t.params, t.shape)


def _loop(t: Term, name: str) -> RewriteLoop:
    return RewriteLoop(f"the rule {name!r} answers {record.describe(t)} with a term that holds it")


def _asks_for_itself(t: Term, rule: Rewrite | None) -> RewriteLoop:
    name = "the structure of terms" if rule is None else f"the rule {rule.name!r}"
    return RewriteLoop(f"{name} asks for the normal form of the term that is being rewritten, {record.describe(t)}")
