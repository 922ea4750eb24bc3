"""Formulas as they are written on a blackboard, where each stands beside a sentence: those of the matrix notation."""

from __future__ import annotations

import re
from collections.abc import Mapping

import sympy

from tracer.formulas.matrix.latex_printer import Latex, calls_nothing_e
from tracer.formulas.matrix.latex_text import spell_name


class Notes(Latex):
    """Formulas in LaTeX; names that stand for gradients are spelled as a mapping says."""

    def __init__(self, spelled: Mapping[str, str], euler: bool) -> None:
        super().__init__(euler)
        self.spelled = spelled

    def _deal_with_super_sub(self, string: str, style: str = "plain") -> str:
        return self.spelled.get(string) or super()._deal_with_super_sub(string, style)


def write_text(formula: sympy.Basic) -> str:
    """A formula as text; what has parentheses twice keeps one pair.

    Examples
    --------
    >>> import tracer
    >>> X, Y = tracer.placeholder("X", ("n", "m")), tracer.placeholder("Y", ("n", "m"))
    >>> write_text((1.0 - tracer.square(X) * Y).formula()), write_text(tracer.reduce_sum(tracer.exp(X)).formula())
    ('1 - X^o2 o Y', 'sum(exp(X))')
    """
    return single_parentheses(str(formula))


def write_latex(formula: sympy.Basic, spelled: Mapping[str, str]) -> str:
    """A formula in LaTeX; e is written for the base of exponentials unless something else is called so."""
    return str(Notes(spelled, calls_nothing_e(formula)).doprint(formula))


_CALL = re.compile(r"\w+\(")


def single_parentheses(text: str) -> str:
    """A text without parentheses around parentheses, around a call, or around all of it.

    Examples
    --------
    >>> print(single_parentheses("(sum((A o B))/(sqrt(n)) - ((a.T*b)))"))
    sum(A o B)/sqrt(n) - (a.T*b)
    """
    stack: list[int] = []
    partner: dict[int, int] = {}
    for k, letter in enumerate(text):
        if letter == "(":
            stack.append(k)
        elif letter == ")" and stack:
            partner[stack.pop()] = k
    drop = {k for start, end in partner.items() if partner.get(start + 1) == end - 1 for k in (start + 1, end - 1)}
    for start, end in partner.items():
        call = _CALL.match(text, start + 1)
        if call and partner.get(call.end() - 1) == end - 1 and not text[start - 1 : start].isalnum():
            drop |= {start, end}
    if partner.get(0) == len(text) - 1:
        drop |= {0, len(text) - 1}
    return "".join(letter for k, letter in enumerate(text) if k not in drop)


def plain(words: str) -> str:
    """Words as text; names in them are between backquotes."""
    return words.replace("`", "")


def words_in_latex(words: str, spelled: Mapping[str, str]) -> str:
    r"""Words as LaTeX for a place in a formula, with the names in them spelled as in formulas.

    Examples
    --------
    >>> print(words_in_latex("sum over the rows of `Z1`", {}))
    \text{sum over the rows of }Z_{1}
    """
    parts = words.split("`")
    return "".join(
        (spelled.get(part) or spell_name(part)) if k % 2 else rf"\text{{{_escape(part)}}}"
        for k, part in enumerate(parts)
        if part
    )


def _escape(words: str) -> str:
    return re.sub(r"([_&%#$])", r"\\\1", words)
