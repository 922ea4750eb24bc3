"""The grammar of matrixcalculus.org as syntax: ``x'*A*x + norm2(y./z)^2``, read into a list of operations.

It is MATLAB's: ``'`` transposes, ``*`` and ``^`` are of matrices, ``.*``, ``./`` and ``.^`` work by elements. An
operation stands after its operands, so that whoever reads the list from the front needs no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple, NoReturn

from tracer.expressions import MAX_DEPTH, ExpressionError, checked_text
from tracer.nest import shown


class Node(NamedTuple):
    """A number, a name, or an operation on earlier nodes.

    Attributes
    ----------
    kind : str
        ``"number"``, ``"name"`` or ``"call"``, else the sign of an operator, where ``"neg"`` is a minus sign in front.
    word : str
        The digits, the name, or the name of the function.
    operands : tuple of int
        The places of the operands in the list.
    text : str
        What was written.
    depth : int
        How deep operations are nested in it.
    """

    kind: str
    word: str
    operands: tuple[int, ...]
    text: str
    depth: int


class _Token(NamedTuple):
    sign: str
    word: str
    start: int
    end: int


class _Waiting(NamedTuple):
    """An operator, a parenthesis or a call that waits for what follows, with the level on which it binds."""

    kind: str
    level: int
    start: int
    word: str = ""


LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, ".*": 2, "./": 2, "neg": 3, "^": 4, ".^": 4, "'": 4}
"""How tightly operators bind; of operators of one level the first comes first."""

POWERS = "^", ".^"

_OPEN = 0

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.(?![*/^])\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|\.T\b|\.[*/^]|\S))"
)

HINTS = {
    "**": "write ^ for a power, and .^ for one of each element",
    ".T": "write A' for the transpose of A",
    "@": "write * for the product of matrices",
    "[": "elements can't be chosen here; --grammar numpy can",
    ",": "a function takes one argument here",
}
"""What to write for signs of other grammars."""


def _is_tight(waiting: _Waiting) -> bool:
    """Whether an operator binds as tightly as a power."""
    return waiting.level == LEVELS["^"]


def parse_matrices(text: str) -> list[Node]:
    """The operations of an expression, each after its operands; the last one is the expression.

    Raises
    ------
    ExpressionError
        If the text is not of the grammar, too long, or nested too deep.

    Examples
    --------
    >>> for node in parse_matrices("-x'*A^2"):
    ...     print(node.kind, node.word, node.operands, node.text)
    name x () x
    ' ' (0,) x'
    neg - (1,) -x'
    name A () A
    number 2 () 2
    ^ ^ (3, 4) A^2
    * * (2, 5) -x'*A^2
    """
    return _Parser(checked_text(text)).parse()


class _Parser:
    """Operator-precedence parsing with a stack (Dijkstra's shunting yard)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes: list[Node] = []
        self.spans: list[tuple[int, int]] = []
        self.values: list[int] = []
        self.waiting: list[_Waiting] = []

    def parse(self) -> list[Node]:
        """The list of nodes."""
        tokens = [*self._tokens(), _Token("", "", len(self.text), len(self.text))]
        complete = False  # whether a value has just ended, which operators and what closes may follow
        for token, following in zip(tokens, [*tokens[1:], tokens[-1]]):
            complete = self._after_value(token) if complete else self._before_value(token, following)
        return self.nodes

    def _tokens(self) -> list[_Token]:
        found = []
        for match in _TOKEN.finditer(self.text):
            kind = match.lastgroup or ""
            word = match[kind]
            found.append(_Token(word if kind == "sign" else kind, word, match.start(kind), match.end(kind)))
        return found

    def _before_value(self, token: _Token, following: _Token) -> bool:
        """Read a token where a value is to begin; the answer says whether it has ended as well."""
        if token.sign == "name" and following.sign == "(":
            self.waiting.append(_Waiting("call", _OPEN, token.start, token.word))
            return False
        if token.sign in ("number", "name"):
            self._add(token.sign, token.word, (), (token.start, token.end))
            return True
        if token.sign == "(":
            called = self.waiting and self.waiting[-1].kind == "call"
            self.waiting.append(_Waiting("(" if called else "group", _OPEN, token.start))
        elif token.sign in ("+", "-"):
            if token.sign == "-":
                # A sign within an exponent belongs to the exponent: A^-1' is the transpose of A^-1.
                level = max(LEVELS["neg"], self.waiting[-1].level if self.waiting else _OPEN)
                self.waiting.append(_Waiting("neg", level, token.start))
        else:
            self._refuse(token, "something is missing")
        return False

    def _after_value(self, token: _Token) -> bool:
        """Read a token behind a value; the answer says whether a value has ended again."""
        sign = token.sign
        if sign == "'":
            self._close(LEVELS[sign])
            operand = self.values.pop()
            self._add(sign, sign, (operand,), (self.spans[operand][0], token.end))
            return True
        if sign in LEVELS:
            if sign in POWERS and any(w.kind in POWERS for w in takewhile(_is_tight, reversed(self.waiting))):
                self._refuse(token, "of powers of powers one does not know which comes first; write (a^b)^c or a^(b^c)")
            self._close(LEVELS[sign])
            self.waiting.append(_Waiting(sign, LEVELS[sign], token.start))
            return False
        if sign not in (")", ""):
            juxtaposed = sign in ("number", "name", "(")
            self._refuse(token, "write products with a star, as 2*x" if juxtaposed else "an operator is missing")
        self._close(_OPEN + 1)
        opened = self.waiting.pop() if self.waiting else None
        if (opened is None) != (sign == ""):
            self._refuse(token, "a parenthesis is not closed" if opened else "no parenthesis is open")
        if opened is not None:
            operand = self.values[-1]
            if opened.kind == "(":
                call = self.waiting.pop()
                self.values.pop()
                self._add("call", call.word, (operand,), (call.start, token.end))
            else:
                self.spans[operand] = opened.start, token.end
        return True

    def _close(self, level: int) -> None:
        """Finish what waits and binds at least as tightly."""
        while self.waiting and self.waiting[-1].level >= level:
            kind, _, start, _ = self.waiting.pop()
            last = self.values.pop()
            if kind == "neg":
                self._add(kind, "-", (last,), (start, self.spans[last][1]))
            else:
                first = self.values.pop()
                self._add(kind, kind, (first, last), (self.spans[first][0], self.spans[last][1]))

    def _add(self, kind: str, word: str, operands: Sequence[int], span: tuple[int, int]) -> None:
        depth = 1 + max((self.nodes[k].depth for k in operands), default=0)
        if depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep")
        self.values.append(len(self.nodes))
        self.nodes.append(Node(kind, word, tuple(operands), self.text[slice(*span)], depth))
        self.spans.append(span)

    def _refuse(self, token: _Token, reason: str) -> NoReturn:
        what = f"{shown(token.word)} at column {token.start}" if token.word else "at the end"
        raise ExpressionError(
            f"the expression {shown(self.text)} is not well formed, {what}: {HINTS.get(token.sign, reason)}"
        )
