"""Pieces of LaTeX as a textbook sets it: names, calls, parentheses, fractions, signs.

The classes of formulas write themselves by them, with whichever of sympy's LaTeX printers they are handed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence

import sympy
from sympy.printing.printer import Printer

from tracer.formulas.matrix.precedences import ATOM, PRODUCT, find_binding
from tracer.formulas.matrix.written_parts import is_truth_value, split_quotient
from tracer.series import ExprWithLimits

GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
    "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta",
    "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
}  # fmt: skip
_WORDED = re.compile(r"([A-Za-z]+)_([A-Za-z][A-Za-z0-9]*)\Z", re.ASCII)
_NUMBERED = re.compile(r"([A-Za-z]+?)([0-9]+)\Z")
_TALL = re.compile(r"\\(?:frac|sum|prod|begin|left|max_|min_)")


def spell_name(name: str, bold: bool = False) -> str:
    r"""The LaTeX of a name, another for every name: Greek letters, a subscript, else what is written.

    A word is upright, as it is no index.

    Examples
    --------
    >>> print(spell_name("theta"), spell_name("w2"), spell_name("xbar"))
    \theta w_{2} xbar
    >>> print(spell_name("x__2"), spell_name("W_out"), spell_name("sigma_n"))
    \mathrm{x\_\_2} W_{\mathrm{out}} \sigma_{\mathrm{n}}
    >>> print(spell_name("W2", bold=True), spell_name("theta", bold=True))
    \mathbf{W}_{2} \boldsymbol{\theta}
    """
    if not name.isidentifier():
        return name  # LaTeX already
    worded = _WORDED.match(name)
    if worded and (len(worded[1]) == 1 or worded[1] in GREEK):
        return rf"{spell_name(worded[1], bold)}_{{\mathrm{{{worded[2]}}}}}"
    numbered = _NUMBERED.match(name)
    stem, number = numbered.groups() if numbered else (name, "")
    if not stem.isascii() or not stem.isalpha():
        return rf"\{'mathbf' if bold else 'mathrm'}{{{name}}}".replace("_", r"\_")
    letters = rf"\{stem}" if stem in GREEK else stem
    if bold:
        letters = rf"\boldsymbol{{{letters}}}" if stem in GREEK else rf"\mathbf{{{letters}}}"
    return f"{letters}_{{{number}}}" if number else letters


def enclose(text: str) -> str:
    r"""A text in parentheses, which grow with it where it is higher than a line.

    Examples
    --------
    >>> print(enclose("x + y"), enclose(r"\frac{x}{y}"))
    (x + y) \left(\frac{x}{y}\right)
    """
    return delimit(text, "(", ")")


def write_call(name: str, args: Iterable[str]) -> str:
    r"""A function by its name, which is LaTeX already or is set upright.

    Examples
    --------
    >>> print(write_call(r"\log", ["x"]), write_call("max_rows", ["X"]))
    \log(x) \operatorname{max}_{\text{rows}}(X)
    """
    if not name.startswith("\\"):
        name, *words = name.split("_")
        name = rf"\operatorname{{{name}}}" + (rf"_{{\text{{{' '.join(words)}}}}}" if words else "")
    return name + enclose(", ".join(args))


def raise_call(text: str, exp: str | None) -> str:
    """A function to the power that sympy's printer asks for, if it does."""
    return text if exp is None else f"{text}^{{{exp}}}"


def join_summands(summands: Iterable[str]) -> str:
    """A sum, the sign of a summand in the place of a plus."""
    text = ""
    for part in summands:
        text += f" - {part[1:].lstrip()}" if part.startswith("-") and text else f" + {part}" if text else part
    return text


def delimit(text: str, left: str, right: str) -> str:
    r"""A text between delimiters, which grow with it where it is higher than a line.

    Examples
    --------
    >>> print(delimit("x", r"\lVert", r"\rVert"), delimit(r"\frac{x}{y}", "[", "]"))
    \lVert x \rVert \left[\frac{x}{y}\right]
    """
    inner = f" {text} " if left.startswith("\\") else text
    return rf"\left{left}{inner}\right{right}" if _TALL.search(text) else f"{left}{inner}{right}"


def bracket(printer: Printer, e: sympy.Basic, level: int) -> str:
    """A part, in parentheses where its sign binds less than the level, or it begins with a sign."""
    text = str(printer._print(e))
    return enclose(text) if find_binding(e) < level or text.startswith("-") else text


def write_raised(printer: Printer, base: sympy.Basic, mark: str) -> str:
    """A base with a mark at its upper right, which no other mark stands at."""
    text = str(printer._print(base))
    return f"{text if find_binding(base) >= ATOM and '^' not in text[-4:] else enclose(text)}^{{{mark}}}"


def divide_elements(over: str, under: Sequence[str]) -> str:
    r"""A quotient of elements.

    Examples
    --------
    >>> print(divide_elements("A", ["B"]), divide_elements("1", ["B", "C"]))
    A \oslash B 1 \oslash (B \odot C)
    """
    below = under[0] if len(under) == 1 else enclose(r" \odot ".join(under))
    return rf"{over} \oslash {below}" if under else over


def show_sizes(printer: Printer) -> Printer:
    """A printer by which ones and identities bear their sizes, for where a size is not that of something beside it."""
    other = copy.copy(printer)
    other.sized = True
    return other


def write_size(printer: Printer, text: str, size: sympy.Expr) -> str:
    """A sign with the size that it stands for, if sizes are shown."""
    return f"{text}_{{{printer._print(size)}}}" if getattr(printer, "sized", False) else text


def write_subscript(text: str, mark: str) -> str:
    """A text with a mark at its lower right, which may have another one already."""
    return f"{{{text}}}_{{{mark}}}" if "_" in text else f"{text}_{{{mark}}}"


def write_fraction(over: Sequence[str], under: Sequence[str], tall: Sequence[str] = ()) -> str:
    """A fraction of products, with factors that are higher than a line behind it."""
    if not under:
        return " ".join([*over, *tall])
    return " ".join([rf"\frac{{{' '.join(over) or '1'}}}{{{' '.join(under)}}}", *tall])


def is_tall(text: str) -> bool:
    """Whether a text is higher than a line."""
    return _TALL.search(text) is not None


def write_product(printer: Printer, factors: Iterable[sympy.Expr], followed: bool = False) -> tuple[str, str]:
    """The sign of a product of numbers, and its text: at most one fraction, with what is high or long behind it.

    Parameters
    ----------
    printer : Printer
    factors : iterable of sympy.Expr
    followed : bool
        Whether other factors stand behind.
    """
    negative, over, under = split_quotient(factors)
    above: list[str] = []
    beside: list[str] = []
    for k, f in enumerate(over):
        text = str(printer._print(f))
        weak = _is_weak(f, text)
        aside = bool(beside) or (bool(under) and (is_tall(text) or (weak and len(text) > SHORT)))
        last = k == len(over) - 1 and (bool(under and not aside) or not followed)
        alone = len(over) == 1 and not aside and last and (bool(under) or not negative)
        (beside if aside else above).append(
            enclose(text) if not alone and (weak or ((_is_chain(f) or _is_open(f)) and not last)) else text
        )
    below = [(f, str(printer._print(f))) for f in under]
    many = len(under) > 1
    texts = [enclose(text) if many and (_is_weak(f, text) or _is_open(f)) else text for f, text in below]
    return "-" if negative else "", write_fraction(separate(above), separate(texts), beside) or "1"


def write_scaled(printer: Printer, scalars: Iterable[sympy.Expr], chain: Sequence[str]) -> tuple[str, str]:
    r"""The sign of a product of numbers and matrices, and its text; a short product of matrices stands above a line.

    ``Q*K.T/sqrt(d)`` is ``\frac{Q K^{\top}}{\sqrt{d}}``.
    """
    sign, front = write_product(printer, scalars, followed=True)
    text = " ".join([enclose(m) if m.startswith((r"\begin{cases}", "1 ")) else m for m in chain])
    if front.startswith(ONE_OVER) and not text.startswith("(") and len(text) <= SHORT and not is_tall(text):
        return sign, rf"\frac{{{text}}}{{{front.removeprefix(ONE_OVER)}"
    return sign, text if front == "1" else " ".join(separate([front, text]))


ONE_OVER = r"\frac{1}{"
"""How a fraction of one begins."""

SHORT = 20
"""How many characters a sum above the line of a fraction has at the most."""


def _is_weak(f: sympy.Expr, text: str) -> bool:
    """Whether a factor needs parentheses beside others."""
    return find_binding(f) < PRODUCT or text.startswith("-") or f.is_Relational


def _is_chain(f: sympy.Expr) -> bool:
    r"""Whether a number is written as a product of matrices, which would go on in what stands beside it.

    ``x^{\top} y y`` is no product, and ``(x^{\top} y) y`` is.
    """
    return find_binding(f) == PRODUCT and not f.is_Mul and not f.is_Rational


def _is_open(f: sympy.Expr) -> bool:
    """Whether nothing says where the text of a factor ends."""
    return isinstance(f, (ExprWithLimits, sympy.Mod)) or (f.is_Piecewise and not is_truth_value(f))


def separate(texts: Sequence[str]) -> list[str]:
    """The texts of factors, a point before a number behind a number."""
    return [
        rf"\cdot {text}" if k and text[:1].isdigit() and texts[k - 1][-1:].isdigit() else text
        for k, text in enumerate(texts)
    ]


def write_exponent(printer: Printer, exponent: sympy.Expr, sign: str = "") -> str:
    """An exponent, a number in one line: ``3/2``; behind a sign, a sum is in parentheses."""
    text = str(exponent) if exponent.is_Rational else str(printer._print(exponent))
    shown = getattr(printer, "operands", {}).get(exponent, exponent)
    weak = sign and not exponent.is_Rational and (find_binding(shown) < PRODUCT or text.startswith("-"))
    return sign + (enclose(text) if weak else text)
