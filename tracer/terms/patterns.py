"""What rules are written in: variables, numbers and functions, put together by Python's operators.

``*``, ``/``, ``+`` and ``**`` work on elements, of tensors of any shape; ``@`` and ``.T`` on matrices.

Examples
--------
>>> x, A = variables("x A")
>>> exp = Name(sympy.exp)
>>> 1 / (1 + exp(-x)), A @ Name("inverse")(A)
(1/(1 + exp(-x)), A @ inverse(A))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import sympy

from tracer.declarations import is_declared
from tracer.shapes import Shape
from tracer.terms import record
from tracer.terms.numbers import MINUS, ONE
from tracer.terms.record import Labels, Term

Binding = Mapping[str, Any]
"""What variables stand for: terms, and numbers for coefficients."""


class Pattern:
    """A term over variables."""

    def __add__(self, other: Pattern | int) -> Plus:
        return Plus((*_summands(self), *_summands(as_pattern(other))))

    def __radd__(self, other: int) -> Plus:
        return as_pattern(other) + self

    def __sub__(self, other: Pattern | int) -> Plus:
        return self + -as_pattern(other)

    def __rsub__(self, other: int) -> Plus:
        return as_pattern(other) + -self

    def __neg__(self) -> Times:
        return Times(((Constant(MINUS), ONE), *_factors(self)))

    def __mul__(self, other: Pattern | int) -> Times:
        return Times((*_factors(self), *_factors(as_pattern(other))))

    def __rmul__(self, other: int) -> Times:
        return as_pattern(other) * self

    def __truediv__(self, other: Pattern | int) -> Times:
        return Times((*_factors(self), (as_pattern(other), MINUS)))

    def __rtruediv__(self, other: int) -> Times:
        return as_pattern(other) / self

    def __pow__(self, exponent: int | Coefficient) -> Times:
        return Times(((self, exponent if isinstance(exponent, Coefficient) else sympy.sympify(exponent)),))

    def __matmul__(self, other: Pattern) -> Chain:
        return Chain((*_links(self), *_links(other)))

    @property
    def T(self) -> Turned:
        """The transpose."""
        return Turned(self)

    def parts(self) -> Sequence[Pattern]:
        """The patterns that a pattern is made of."""
        return ()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all variables."""
        return frozenset().union(*(p.names for p in self.parts()))

    def build(self, binding: Binding, shape: Shape) -> Term:
        """The term of this shape that a pattern says where its variables stand for terms."""
        raise TypeError(f"{self} is a pattern that is only matched; a replacement with it takes a function")

    def __repr__(self) -> str:
        return str(self)


class Variable(Pattern):
    """Any term, or one that something is known of."""

    def __init__(self, name: str, where: Callable[[Term], bool] | None = None) -> None:
        self.name = name
        self.where = where

    @cached_property
    def names(self) -> frozenset[str]:
        """Its name."""
        return frozenset([self.name])

    def build(self, binding: Binding, shape: Shape) -> Term:
        term: Term = binding[self.name]
        return term

    def __str__(self) -> str:
        return self.name


class Declared(Variable):
    """A source of which something is declared."""

    def __init__(self, name: str, assumption: str) -> None:
        super().__init__(name, self._is_declared)
        self.assumption = assumption

    def _is_declared(self, term: Term) -> bool:
        return isinstance(term, record.Source) and is_declared(self.assumption, term.assumptions)


class Coefficient(Variable):
    """Any number but one: in front of a term, or a power."""

    def build(self, binding: Binding, shape: Shape) -> Term:
        return record.number(binding[self.name], shape)


class Constant(Pattern):
    """A number, or a truth value."""

    def __init__(self, value: Any) -> None:
        self.value = sympy.sympify(value)

    def build(self, binding: Binding, shape: Shape) -> Term:
        return record.number(self.value, shape)

    def __str__(self) -> str:
        return str(self.value)


class Identity(Pattern):
    """The identity matrix."""

    def build(self, binding: Binding, shape: Shape) -> Term:
        return record.identity(shape[0])

    def __str__(self) -> str:
        return "I"


class Function(Pattern):
    """A function of patterns. Its parameters, and a shape of its own, are those of the function that was matched."""

    def __init__(self, head: Any, args: tuple[Pattern, ...]) -> None:
        self.head = head
        self.args = args

    def parts(self) -> Sequence[Pattern]:
        return self.args

    def build(self, binding: Binding, shape: Shape) -> Term:
        params, own = binding.get(f"{self.head}()", (None, shape))
        return record.call(self.head, [a.build(binding, shape) for a in self.args], params, own)

    def __str__(self) -> str:
        name = self.head if isinstance(self.head, str) else self.head.__name__
        return f"{name}({', '.join(map(str, self.args))})"


class Name:
    """The name of a function, to be applied to patterns."""

    def __init__(self, head: Any) -> None:
        self.head = head

    def __call__(self, *args: Pattern | int) -> Function:
        return Function(self.head, tuple(map(as_pattern, args)))


class Times(Pattern):
    """A product of elements: patterns and their powers."""

    def __init__(self, factors: tuple[tuple[Pattern, Any], ...]) -> None:
        numbers = [p.value for p, e in factors if isinstance(p, Constant) and e == 1]
        self.number: sympy.Expr = sympy.Mul(*numbers)
        self.factors = tuple((p, e) for p, e in factors if not isinstance(p, Constant))

    def parts(self) -> Sequence[Pattern]:
        return [*(p for p, _ in self.factors), *(e for _, e in self.factors if isinstance(e, Coefficient))]

    def build(self, binding: Binding, shape: Shape) -> Term:
        axes = tuple(range(len(shape)))
        scale = self.number
        factors = []
        for p, e in self.factors:
            exponent = binding[e.name] if isinstance(e, Coefficient) else e
            if isinstance(p, Coefficient):
                scale = scale * binding[p.name] ** exponent
            else:
                factors.append((p.build(binding, shape), axes, exponent))
        return record.product(scale, factors, axes, dict(enumerate(shape)))

    def __str__(self) -> str:
        above = [_wrap(p) + ("" if e == 1 else f"**{e}") for p, e in self.factors if e != -1]
        below = [_wrap(p) for p, e in self.factors if e == -1]
        front = "-" if self.number == -1 else "" if self.number == 1 and above else f"{self.number}*"
        text = front + "*".join(above)
        return "/".join([text.rstrip("*") or "1", *below])


class Plus(Pattern):
    """A sum: numbers and patterns."""

    def __init__(self, terms: tuple[tuple[sympy.Expr, Pattern], ...]) -> None:
        self.terms = terms

    def parts(self) -> Sequence[Pattern]:
        return [p for _, p in self.terms]

    def build(self, binding: Binding, shape: Shape) -> Term:
        return record.add([(c, p.build(binding, shape)) for c, p in self.terms])

    def __str__(self) -> str:
        text = " + ".join(str(p) if c == 1 else f"{c}*{_wrap(p)}".replace("-1*", "-") for c, p in self.terms)
        return text.replace("+ -", "- ")


class Contraction(Pattern):
    """A product of patterns over labels, summed over those that the result lacks."""

    def __init__(self, factors: Sequence[tuple[Pattern, Labels, sympy.Expr]], out: Labels) -> None:
        self.factors = tuple(factors)
        self.out = out

    def parts(self) -> Sequence[Pattern]:
        return [p for p, _, _ in self.factors]

    def __str__(self) -> str:
        return "*".join(f"{_wrap(p)}{list(i)}" for p, i, _ in self.factors) + f" -> {list(self.out)}"


class Chain(Contraction):
    """A product of matrices."""

    def __init__(self, links: tuple[Pattern, ...]) -> None:
        self.links = links
        factors: list[tuple[Pattern, Labels, sympy.Expr]] = []
        here = 0
        for link in links:
            if isinstance(link, Diagonal):
                factors.append((link.vector, (here,), link.power))
            else:
                factors.append((link, (here, here + 1), ONE))
                here += 1
        super().__init__(factors, (0, here))

    def __str__(self) -> str:
        return " @ ".join(map(_wrap, self.links))


class Exactly(Pattern):
    """One term."""

    def __init__(self, term: Term) -> None:
        self.term = term

    def build(self, binding: Binding, shape: Shape) -> Term:
        return self.term

    def __str__(self) -> str:
        return record.describe(self.term)


class Diagonal(Pattern):
    """A power of a column as a diagonal matrix, in a product of matrices."""

    def __init__(self, vector: Pattern, power: int = 1) -> None:
        self.vector = vector
        self.power = sympy.Integer(power)

    def parts(self) -> Sequence[Pattern]:
        return [self.vector]

    def __str__(self) -> str:
        return f"diag({self.vector if self.power == 1 else self.vector**self.power})"


class Turned(Pattern):
    """The transpose of a matrix."""

    def __init__(self, inner: Pattern) -> None:
        self.inner = inner

    def parts(self) -> Sequence[Pattern]:
        return [self.inner]

    def build(self, binding: Binding, shape: Shape) -> Term:
        return record.permuted(self.inner.build(binding, shape[::-1]), (1, 0))

    def __str__(self) -> str:
        return f"{_wrap(self.inner)}.T"


def variables(names: str, where: Callable[[Term], bool] | None = None) -> Iterator[Variable]:
    """A variable for each name."""
    return (Variable(name, where) for name in names.split())


def as_pattern(value: Pattern | int) -> Pattern:
    """A pattern as it is, a number as a constant."""
    return value if isinstance(value, Pattern) else Constant(value)


def _summands(p: Pattern) -> tuple[tuple[sympy.Expr, Pattern], ...]:
    if isinstance(p, Plus):
        return p.terms
    if isinstance(p, Constant):
        return ((p.value, Constant(1)),)
    if not isinstance(p, Times) or p.number == 1:
        return ((ONE, p),)
    single = len(p.factors) == 1 and p.factors[0][1] == 1
    return ((p.number, p.factors[0][0] if single else Times(p.factors) if p.factors else Constant(1)),)


def _factors(p: Pattern) -> tuple[tuple[Pattern, Any], ...]:
    if isinstance(p, Times):
        return ((Constant(p.number), ONE), *p.factors)
    return ((p, ONE),)


def _links(p: Pattern) -> tuple[Pattern, ...]:
    return p.links if isinstance(p, Chain) else (p,)


def _wrap(p: Pattern) -> str:
    return f"({p})" if isinstance(p, (Plus, Times, Chain)) else str(p)
