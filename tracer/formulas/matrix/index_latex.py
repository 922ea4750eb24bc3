r"""Elements of arrays in LaTeX: indices go into what an array is made of, ``\sum_{m} J_{i,m} K_{j,m}`` at any i and j.

An array of sums is not written with indices of its own and others behind it, which nobody could tell apart.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar, runtime_checkable

import sympy
from sympy.matrices.expressions import MatrixSymbol
from sympy.printing.printer import Printer
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.matrix.latex_text import bracket, delimit, enclose, write_subscript
from tracer.formulas.matrix.precedences import ATOM, find_binding
from tracer.shapes import Dim

LETTERS = "ijklmnpqrstuvwxyzabcdefgh"
"""What axes are called, in this order."""

P = TypeVar("P", bound=Printer)

_INDEX = re.compile(r"[A-Za-z](?:_\{\d+\})?")
"""The LaTeX of an index."""


@runtime_checkable
class Typeset(Protocol):
    """An array whose elements are written by the indices of their places."""

    def typeset(self, printer: Printer, at: Sequence[str]) -> str:
        """The LaTeX of the element at a place."""


def typeset_element(printer: Printer, array: sympy.Basic, at: Sequence[str]) -> str:
    r"""An element of an array, at indices in LaTeX.

    Examples
    --------
    >>> from sympy.printing.latex import LatexPrinter
    >>> print(typeset_element(LatexPrinter(), sympy.MatrixSymbol("A", 2, 3), ["i", "j"]))
    A_{i,j}
    """
    if isinstance(array, Typeset):
        return array.typeset(printer, at)
    return write_subscript(bracket(printer, array, ATOM), ",".join(at)) if at else str(printer._print(array))


def typeset_factor(printer: Printer, array: sympy.Basic, at: Sequence[str], level: int = ATOM) -> str:
    """An element of an array, in parentheses where it binds less than the level."""
    text = typeset_element(printer, array, at)
    weak = isinstance(array, Typeset) and find_binding(array) < level
    return enclose(text) if weak or text.startswith("-") else text


def is_index(text: str) -> bool:
    r"""Whether a text is an index alone.

    Examples
    --------
    >>> is_index("i_{1}"), is_index("2 i + j")
    (True, False)
    """
    return _INDEX.fullmatch(text) is not None


def list_names(array: sympy.Basic) -> set[str]:
    """The names of all symbols in an expression: of sources and of sizes."""
    return {str(s.name) for s in array.atoms(sympy.Symbol, MatrixSymbol, ArraySymbol)}


def name_indices(printer: Printer, array: sympy.Basic, at: Iterable[str] = ()) -> Iterator[str]:
    r"""Indices that are called as nothing in an array, in the indices of a place, around both, or in the whole formula.

    Examples
    --------
    >>> from sympy.printing.latex import LatexPrinter
    >>> list(itertools.islice(name_indices(LatexPrinter(), sympy.MatrixSymbol("j", 2, 3), ["i", "2 k"]), 2))
    ['l', 'm']
    """
    taken = list_names(array) | getattr(printer, "names_of_whole", frozenset)()
    taken |= {k for text in at for k in _INDEX.findall(text)} | getattr(printer, "taken", frozenset())
    names = itertools.chain(LETTERS, (f"{k}_{{{n}}}" for n in itertools.count(1) for k in LETTERS))
    return (k for k in names if k not in taken)


def choose_indices(printer: Printer, array: sympy.Expr) -> list[str]:
    """What the axes of an array are called that is written by its elements."""
    return list(itertools.islice(name_indices(printer, array), len(array.shape)))


def typeset_member(printer: Printer, array: sympy.Expr, at: Sequence[str]) -> str:
    r"""The array at indices of its first axes; what is written by its elements stands in brackets, with their indices.

    Examples
    --------
    >>> from sympy.printing.latex import LatexPrinter
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> print(typeset_member(LatexPrinter(), ArraySymbol("T", (2, 3, 3)), ["i"]))
    T_{i}
    """
    rank = len(array.shape)
    if not isinstance(array, Typeset):
        return typeset_element(printer, array, at)
    rest = list(itertools.islice(name_indices(printer, array, at), rank - len(at)))
    text = typeset_element(reserve_indices(printer, rest), array, [*at, *rest])
    return f"{delimit(text, '[', ']')}_{{{','.join(rest)}}}" if rest else text


def reserve_indices(printer: P, taken: Iterable[str]) -> P:
    """A printer by which no new index is called as those that stand around it."""
    other = copy.copy(printer)
    other.taken = getattr(printer, "taken", frozenset()).union(taken)
    return other


def show_limits(printer: P) -> P:
    """A printer by which sums over indices say from where to where they go."""
    other = copy.copy(printer)
    other.limited = True
    return other


def write_over(printer: Printer, sign: str, indices: Sequence[str], sizes: Sequence[Dim]) -> str:
    r"""The sign of a sum, or of another function over indices, with these below it, and limits if they are shown."""
    if not indices:
        return ""
    if not getattr(printer, "limited", False):
        return rf"\{sign}_{{{', '.join(indices)}}} "
    ends = [printer._print(sympy.sympify(d) - 1) for d in sizes]
    if len(indices) == 1 and sign == "sum":
        return rf"\sum_{{{indices[0]}=0}}^{{{ends[0]}}} "
    rows = [rf"0 \leq {k} \leq {end}" for k, end in zip(indices, ends)]
    below = r"\\".join(rows)
    return rf"\{sign}_{{\substack{{{below}}}}} " if len(rows) > 1 or sign == "sum" else rf"\{sign}_{{{below}}} "
