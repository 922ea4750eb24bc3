"""Expressions of Python source as they are built: parts of text, slots for operands, and how tightly they bind.

Nothing here is parsed. What a piece of code binds like, which names it imports and where Python itself would divide
numbers is known from how it was put together, with Python's own operators: ``e.np.sum(x, axis=0) / 2``.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import sympy

ATOM, NUMBER, POWER, UNARY, TIMES, PLUS = 15, 14, 13, 12, 11, 10
BIT_AND, BIT_OR, COMPARE, NOT, AND, OR, CHOICE, ANY = 9, 7, 6, 5, 4, 3, 2, 0
"""How tightly expressions bind: the higher, the tighter. An argument of a call may be anything from CHOICE on."""
RECIPROCAL = "1 / "
MANY = 100
"""More operators than that are not written after one another: Python nests them as deep as they are many."""


class Held:
    """A value that fills a slot: an index that differs from use to use, or an array."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


Key: TypeAlias = "int | sympy.Expr | Held"
"""What fills a slot: the operand of this position, the size that an expression stands for, or a held value."""


Number: TypeAlias = "float | sympy.Expr"
"""A bool, int or float, or one of sympy's rational numbers."""
Written: TypeAlias = "Code | Number | str | Sequence[Written] | None"
"""What is written in an expression: code, a number, a dimension, the name of a dtype, None, or a sequence of those."""


class Slot(NamedTuple):
    """A place for an operand, which is put in parentheses where it binds less tightly than needed."""

    key: Key
    need: int


class Code:
    """An expression.

    Attributes
    ----------
    parts : tuple
        Text, and slots.
    level : int
        How tightly it binds.
    names : frozenset
        The modules and functions that it uses.
    head : str
        The function whose call the text begins with, or nothing.
    operators : frozenset or None
        The slots of an expression of operators alone; None where a function is called, whose results are arrays.
    quotients : tuple of frozenset
        The slots of each part that divides, or raises to a power, by operators alone: where all of them are numbers,
        Python raises or turns complex where NumPy gives inf or nan.

    Examples
    --------
    >>> np, x, y = global_name("np"), slot(0), slot(1)
    >>> str(np.exp(x - y) * (x + 1))
    'np.exp(_0 - _1) * (_0 + 1)'
    >>> sorted(np.linalg.inv(x).T[0].names)
    ['np']
    """

    __slots__ = ("head", "level", "names", "operators", "parts", "quotients")

    def __init__(
        self,
        parts: tuple[str | Slot, ...],
        level: int = ATOM,
        names: frozenset[str] = frozenset(),
        head: str = "",
        operators: frozenset[int] | None = None,
        quotients: tuple[frozenset[int], ...] = (),
    ) -> None:
        self.parts = parts
        self.level = level
        self.names = names
        self.head = head
        self.operators = operators
        self.quotients = quotients

    @property
    def slots(self) -> list[Key]:
        """What fills each slot, in order of occurrence."""
        return [part.key for part in self.parts if type(part) is Slot]

    def is_slot(self) -> bool:
        """Whether the expression is an operand itself."""
        return len(self.parts) == 1 and type(self.parts[0]) is Slot

    def write(self, fill: Callable[[Key], tuple[str, int]]) -> str:
        """The text, given the text of what fills a slot and how tightly it binds.

        What is multiplied by a reciprocal is divided, an argument has no two signs, and nothing negative is added.
        """
        out: list[str] = []
        for k, part in enumerate(self.parts):
            if not isinstance(part, Slot):
                out.append(part)
                continue
            text, level = fill(part.key)
            if level == TIMES < part.need and text.startswith(RECIPROCAL) and out[-1:] == [" * "]:
                out[-1], text = " / ", text.removeprefix(RECIPROCAL)
            elif level in (UNARY, TIMES) and text.startswith("-") and self._is_negated_argument(k):
                out[-1], text = "", text.removeprefix("-")
            elif level in (UNARY, TIMES) and text.startswith("-") and out[-1:] == [" + "]:
                out[-1], text = " - ", text.removeprefix("-")
            elif level == TIMES == self.level and k == 1 and out == ["-"] and not text.startswith("-"):
                pass  # the sign of a product or quotient stands before its first factor
            elif level < part.need:
                text = f"({text})"
            out.append(text)
        return "".join(out)

    def _is_negated_argument(self, k: int) -> bool:
        """Whether a slot is all of an argument, or of what is in parentheses, but for a sign."""
        before = [part for part in self.parts[:k] if part][-2:]
        after = self.parts[k + 1 : k + 2]
        return before[1:] == ["-"] and str(before[0]).endswith("(") and bool(after) and str(after[0]).startswith(")")

    def __str__(self) -> str:
        return self.write(lambda key: (f"_{key}" if type(key) is int else str(getattr(key, "value", key)), ATOM))

    def __repr__(self) -> str:
        return f"<Code {self}>"

    # What one writes as in Python.

    def __getattr__(self, name: str) -> Code:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.named(name)

    def named(self, name: str) -> Code:
        """The attribute of this name."""
        return Code((*self.at(ATOM), f".{name}"), ATOM, self.names, self.head)

    def __call__(self, *args: Written, **keywords: Written) -> Code:
        given = [("", as_code(a)) for a in args] + [(f"{k}=", as_code(a)) for k, a in keywords.items()]
        parts = [*self.at(ATOM), "("]
        for n, (prefix, code) in enumerate(given):
            parts += [", " + prefix if n else prefix, *code.at(CHOICE)]
        text = self.parts[-1]
        own = text.rpartition(".")[2] if type(text) is str else ""
        return _made((*parts, ")"), ATOM, [self, *(c for _, c in given)], self.head or own)

    def __getitem__(self, index: Written | slice | tuple[Written | slice, ...]) -> Code:
        entries = [_as_index(i) for i in (index if isinstance(index, tuple) else (index,))]
        parts = [*self.at(ATOM), "["]
        for n, entry in enumerate(entries):
            parts += [", "] * bool(n) + [*entry.at(ANY)]
        return _made((*parts, "]"), ATOM, [self, *entries], self.head)

    def __add__(self, other: Written) -> Code:
        return infix(self, "+", other, PLUS)

    def __radd__(self, other: Written) -> Code:
        return infix(other, "+", self, PLUS)

    def __sub__(self, other: Written) -> Code:
        return infix(self, "-", other, PLUS)

    def __rsub__(self, other: Written) -> Code:
        return infix(other, "-", self, PLUS)

    def __mul__(self, other: Written) -> Code:
        return infix(self, "*", other, TIMES)

    def __rmul__(self, other: Written) -> Code:
        return infix(other, "*", self, TIMES)

    def __truediv__(self, other: Written) -> Code:
        return infix(self, "/", other, TIMES)

    def __rtruediv__(self, other: Written) -> Code:
        return infix(other, "/", self, TIMES)

    def __floordiv__(self, other: Written) -> Code:
        return infix(self, "//", other, TIMES)

    def __mod__(self, other: Written) -> Code:
        return infix(self, "%", other, TIMES)

    def __matmul__(self, other: Written) -> Code:
        return infix(self, "@", other, TIMES)

    def __pow__(self, other: Written) -> Code:
        return infix(self, "**", other, POWER)

    def __and__(self, other: Written) -> Code:
        return infix(self, "&", other, BIT_AND)

    def __or__(self, other: Written) -> Code:
        return infix(self, "|", other, BIT_OR)

    def __lt__(self, other: Written) -> Code:
        return infix(self, "<", other, COMPARE)

    def __gt__(self, other: Written) -> Code:
        return infix(self, ">", other, COMPARE)

    def equals(self, other: Written) -> Code:
        """The comparison ``self == other``."""
        return infix(self, "==", other, COMPARE)

    def differs(self, other: Written) -> Code:
        """The comparison ``self != other``."""
        return infix(self, "!=", other, COMPARE)

    def __neg__(self) -> Code:
        return prefix("-", self, UNARY)

    def __invert__(self) -> Code:
        return prefix("~", self, UNARY)

    # What is built of it.

    def at(self, need: int) -> tuple[str | Slot, ...]:
        """The parts where something must bind as tightly as needed."""
        if len(self.parts) == 1 and type(self.parts[0]) is Slot:
            return (Slot(self.parts[0].key, need),)
        return self.parts if self.level >= need else ("(", *self.parts, ")")

    def filled(self, operands: Sequence[Code]) -> Code:
        """The expression with other expressions in its slots."""
        parts: list[str | Slot] = []
        for part in self.parts:
            parts += operands[part.key].at(part.need) if isinstance(part, Slot) and type(part.key) is int else (part,)
        return _made(tuple(parts), self.level, [self, *operands], self.head)


def _made(parts: tuple[str | Slot, ...], level: int, of: Iterable[Code], head: str) -> Code:
    """An expression with a call in it."""
    names: frozenset[str] = frozenset()
    quotients: tuple[frozenset[int], ...] = ()
    for code in of:
        if code.names is not names:
            names = names | code.names if names else code.names
        quotients += code.quotients
    return Code(parts, level, names, head, None, quotients)


_OPERAND_LEVELS = {POWER: (ATOM - 1, UNARY), COMPARE: (COMPARE + 1, COMPARE + 1)}


def infix(left: Written, sign: str, right: Written, level: int) -> Code:
    """Two expressions with an operator between them; one of several comparisons, or of a tower of powers, is put in
    parentheses."""
    left, right = as_code(left), as_code(right)
    if sign == "*" and right.parts[:2] == ("1", " / "):
        below = right.quotients[:-1] if right.operators else right.quotients
        sign, right = "/", Code(right.parts[2:], ATOM, right.names, "", right.operators, below)
    first, second = _OPERAND_LEVELS.get(level, (level, level + 1))
    parts = (*left.at(first), f" {sign} ", *right.at(second))
    operators = None
    quotients = left.quotients + right.quotients
    if left.operators is not None and right.operators is not None:
        operators = left.operators | right.operators
        if operators and sign in ("/", "//", "%", "**"):
            quotients += (operators,)
    head = left.head if left.level >= first else ""
    return Code(parts, level, left.names | right.names, head, operators, quotients)


def prefix(sign: str, code: Code, level: int) -> Code:
    """An expression with an operator before it; one that begins with an operator itself is put in parentheses."""
    return Code((sign, *code.at(level + 1)), level, code.names, "", code.operators, code.quotients)


def assemble(*pieces: str | tuple[Code, int], level: int = ATOM, names: Iterable[str] = ()) -> Code:
    """Text and expressions after one another; each expression with how tightly it must bind there."""
    parts: list[str | Slot] = []
    for piece in pieces:
        parts += (piece,) if isinstance(piece, str) else piece[0].at(piece[1])
    made = _made(tuple(parts), level, [p[0] for p in pieces if not isinstance(p, str)], "")
    made.names |= frozenset(names)
    return made


def choose(test: Code, value: Code, otherwise: Code) -> Code:
    """Python's choice between two values."""
    return assemble((value, OR), " if ", (test, OR), " else ", (otherwise, CHOICE), level=CHOICE)


@lru_cache(maxsize=1024)
def slot(position: int) -> Code:
    """The operand of a position."""
    return Code((Slot(position, ANY),), ATOM, operators=frozenset((position,)))


@lru_cache(maxsize=256)
def size_slot(size: sympy.Expr) -> Code:
    """The size that an expression in dimensions stands for."""
    return Code((Slot(size, ANY),), ATOM)


def name(text: str, level: int = ATOM) -> Code:
    """A name that is defined where the code runs, or other text of which no more is to be known."""
    return Code((text,), level)


def literal(value: Number) -> Code:
    """A number."""
    return Code((number_text(value),), number_level(value), operators=frozenset())


def number_text(value: Number) -> str:
    """The text of a number."""
    if isinstance(value, float) and value - value != 0:
        return f"float('{value!r}')"
    if isinstance(value, sympy.Rational) and not value.is_Integer:
        text = repr(float(value))
        return text if len(text) < 8 or value.q > 1000 else f"({value.p} / {value.q})"
    return str(value) if isinstance(value, sympy.Integer) else repr(value)


def number_level(value: Number) -> int:
    """How tightly the text of a number binds."""
    if isinstance(value, bool) or (isinstance(value, float) and value - value != 0):
        return ATOM
    return NUMBER if value >= 0 else UNARY


def hold(value: object) -> Code:
    """A value that is passed to the code, so that codes which differ in it alone are compiled once."""
    return Code((Slot(Held(value), ANY),), ATOM)


@lru_cache(maxsize=256)
def global_name(own: str) -> Code:
    """A name that the source has to import, if it is none of Python's own."""
    return Code((own,), ATOM, frozenset() if hasattr(builtins, own) else frozenset((own,)))


def as_code(value: Written) -> Code:
    """The expression of a value: a piece of code, a number, a name of a dtype, a dimension, or a sequence of those."""
    if isinstance(value, Code):
        return value
    if isinstance(value, (bool, int, float, sympy.Rational)):
        return literal(value)
    if isinstance(value, sympy.Expr):
        return size_slot(value)
    if isinstance(value, (tuple, list)):
        items = [as_code(v) for v in value]
        parts: list[str | Slot] = []
        for n, item in enumerate(items):
            parts += [", "] * bool(n) + [*item.at(CHOICE)]
        left, right = "()" if isinstance(value, tuple) else "[]"
        comma = "," if isinstance(value, tuple) and len(items) == 1 else ""
        return _made((left, *parts, comma + right), ATOM, items, "")
    return name(repr(value))


def _as_index(value: Written | slice) -> Code:
    """An entry of an index."""
    if value is Ellipsis:
        return name("...")
    if not isinstance(value, slice):
        return as_code(value)
    bounds = [None if b is None else as_code(b) for b in (value.start, value.stop)]
    step = None if value.step in (None, 1) else as_code(value.step)
    parts: tuple[str | Slot, ...] = ()
    for bound, mark in zip(bounds, (":", "")):
        parts += (*(() if bound is None else bound.at(CHOICE)), mark)
    parts += () if step is None else (":", *step.at(CHOICE))
    return _made(parts, ANY, [c for c in (*bounds, step) if c is not None], "")


def add_terms(terms: Sequence[tuple[bool, Code]]) -> Code:
    """The sum of terms, each with whether it is subtracted; of many by a call, which nests no deeper than one."""
    if len(terms) > MANY:
        return global_name("sum")([-code if negative else code for negative, code in terms])
    (negative, total), *rest = terms
    if negative:
        total = negate(total)
    for negative, code in rest:
        total = total - code if negative else total + code
    return total


def negate(code: Code) -> Code:
    """The negative; the sign of a product or quotient stands before its first factor."""
    if code.level == TIMES and not code.is_slot():
        first, *rest = code.parts
        # No sign follows another one.
        first = Slot(first.key, UNARY + 1) if isinstance(first, Slot) else first
        return Code(("-", first, *rest), TIMES, code.names, "", code.operators, code.quotients)
    return -code
