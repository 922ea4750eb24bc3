"""A rule: a pattern, what takes its place, and why that is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tracer.terms.matching import (
    Part,
    match,
    match_contraction,
    match_elements,
    match_summands,
    replace_factors,
    replace_summands,
)
from tracer.terms.numbers import ONE
from tracer.terms.patterns import Binding, Contraction, Declared, Function, Pattern, Plus, Times, Turned
from tracer.terms.record import Call, Product, Sum, Term

if TYPE_CHECKING:
    from tracer.terms.normalise import Normaliser


@dataclass(frozen=True, eq=False)
class Rule:
    """A pattern and its replacement.

    Attributes
    ----------
    pattern : Pattern
        A function, or a part of a product or of a sum.
    replacement : Pattern
        Of the same variables.
    why : str
        One line for the reader.
    where : callable, optional
        What has to hold of that for which the variables stand.
    whole : bool
        Whether a sum has to be the pattern, and not a part of it only.

    Examples
    --------
    >>> from tracer.terms.normalise import Normaliser
    >>> from tracer.terms.patterns import Name, variables
    >>> from tracer.terms.record import call, source
    >>> (A,) = variables("A")
    >>> inverse = Name("inverse")
    >>> rule = Rule(inverse(inverse(A)), A, "one undoes the other")
    >>> M = source("M", (3, 3))
    >>> Normaliser((rule,)).normal(call("inverse", [call("inverse", [M])]))
    <Source M>
    """

    pattern: Pattern
    replacement: Pattern
    why: str
    where: Callable[[Binding], bool] | None = None
    whole: bool = False

    @cached_property
    def name(self) -> str:
        """The rule as a text."""
        return f"{self.pattern} -> {self.replacement}"

    @cached_property
    def heads(self) -> tuple[Any, ...]:
        """What the rule rewrites."""
        if isinstance(self.pattern, Function):
            return (self.pattern.head,)
        return (Sum,) if isinstance(self.pattern, Plus) else (Product,)

    @cached_property
    def needs(self) -> frozenset[Any]:
        """What has to be among the factors of a product, or among the summands of a sum and their factors.

        That are functions, and what is declared of sources. The factors of a summand count for the first one alone:
        when another one is matched, variables stand for something, and its normal form may lack what is written in it.
        """
        if not isinstance(self.pattern, (Times, Contraction, Plus)):
            return frozenset()
        parts = [*self.pattern.parts()]
        if isinstance(self.pattern, Plus):
            parts = [p for p in parts if isinstance(p, Function)] + [*parts[0].parts(), parts[0]]
        parts = [p.inner if isinstance(p, Turned) else p for p in parts]
        heads = {p.head for p in parts if isinstance(p, Function)}
        return frozenset(heads | {p.assumption for p in parts if isinstance(p, Declared)})

    def apply(self, n: Normaliser, term: Term) -> Term | None:
        """What takes the place of a term in which the pattern is found."""
        for part in self._find(n, term):
            if self.where is None or self.where(part.binding):
                return self._replace(part, term)
        return None

    def _find(self, n: Normaliser, term: Term) -> Iterator[Part]:
        if isinstance(term, Call):
            for binding in match(n, self.pattern, term, {}):
                yield Part(binding, ONE, [])
        elif isinstance(term, Product):
            if isinstance(self.pattern, Contraction):
                yield from match_contraction(n, self.pattern, term)
            elif isinstance(self.pattern, Times):
                yield from match_elements(n, self.pattern, term)
        elif isinstance(term, Sum) and isinstance(self.pattern, Plus):
            missing = len(term.terms) - len(self.pattern.terms)
            if missing == 0 or (missing > 0 and not self.whole):
                yield from match_summands(n, self.pattern, term, {})

    def _replace(self, part: Part, term: Term) -> Term:
        if isinstance(term, Product):
            shape = tuple(term.sizes[k] for k in part.labels)
            return replace_factors(part, term, self.replacement.build(part.binding, shape))
        replacement = self.replacement.build(part.binding, term.shape)
        return replace_summands(part, replacement) if isinstance(term, Sum) else replacement


@dataclass(frozen=True, eq=False)
class Procedure:
    """A rule that no pattern can say.

    Attributes
    ----------
    heads : tuple
        ``Product``, ``Sum``, or the heads of functions: what it rewrites.
    name : str
        What it does, as a pattern would say it.
    why : str
        One line for the reader.
    rewrite : callable
        What takes the place of a term, given the normaliser and the term; None where that stays.
    needs : frozenset
        The functions that have to be among the factors of a product, or among the summands of a sum and their factors;
        ``Sum`` where one has to be a sum.
    """

    heads: tuple[Any, ...]
    name: str
    why: str
    rewrite: Callable[[Normaliser, Any], Term | None]
    needs: frozenset[Any] = frozenset()

    def apply(self, n: Normaliser, term: Term) -> Term | None:
        """What takes the place of a term."""
        return self.rewrite(n, term)
