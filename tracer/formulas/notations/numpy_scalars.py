"""Scalar expressions as NumPy text: numbers, dimensions, conditions and functions of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from keyword import iskeyword
from typing import Self

import sympy
from sympy.printing.precedence import PRECEDENCE

from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix.constructors import is_constant, join_roots
from tracer.formulas.matrix.written_parts import split_clip
from tracer.scalar import Named
from tracer.shapes import Dim, Shape

PRODUCT = PRECEDENCE["Mul"]
SUM = PRECEDENCE["Add"]
POWER = PRECEDENCE["Pow"]
ATOM = 1000

Text = tuple[str, int]
"""NumPy text and the precedence of its outermost operator."""


def avoid_keywords(name: str) -> str:
    """A source's name as Python takes it, keywords and the name ``np`` with one more underscore behind."""
    stem = name.rstrip("_")
    return f"{name}_" if iskeyword(stem) or stem == "np" else name


def wrap(text: str, level: int, wanted: int) -> str:
    """A text in parentheses where its operator binds less than is wanted."""
    return f"({text})" if level < wanted else text


def divide_by(divisors: Sequence[str]) -> str:
    """The text behind a product that is divided by others: ``["y", "z"] -> "/(y*z)"``."""
    product = "*".join(divisors)
    return f"/({product})" if len(divisors) > 1 else f"/{product}" if product else ""


def no_text(what: str) -> FormulaError:
    """The error of what has no NumPy text, with the forms that there are, and what writes code instead."""
    scipy = f"; in SciPy it is {SCIPY[what]}" if what in SCIPY else ""
    return FormulaError(
        f'{what} has no NumPy text; the forms "matrix" and "steps" are available: '
        'tracer.formula(tensor, form="steps"); '
        f"tracer.compile(tensor, inputs).source is code with more than np in it{scipy}"
    )


SCIPY = {
    **{name: f"scipy.special.{name}" for name in ("digamma", "polygamma", "gamma", "beta", "zeta")},
    **{name: f"scipy.special.{name}" for name in ("erf", "erfc", "erfinv", "erfcinv")},
    "loggamma": "scipy.special.gammaln", "LambertW": "scipy.special.lambertw", "expm": "scipy.linalg.expm",
    "sqrtm": "scipy.linalg.sqrtm",
    "besselj": "scipy.special.jv", "bessely": "scipy.special.yv",
    "besseli": "scipy.special.iv", "besselk": "scipy.special.kv",
}  # fmt: skip
"""What functions that NumPy lacks are called in SciPy."""


def is_short(number: sympy.Rational) -> bool:
    """Whether NumPy has the integers of a fraction exactly, as floats too; others are written as a float."""
    return bool(abs(number.p) <= 2**53 and number.q <= 2**53)


class Scalars:
    """The writer of scalar expressions: ``of`` gives the text of one and its precedence.

    Parameters
    ----------
    shapes : dict
        The shape of each source by its name; symbolic dimensions are read there.
    bound : dict, optional
        The texts of bound variables.
    integers : bool, optional
        Whether exponents may be integers to NumPy, which raises no integer to one below zero.
    """

    def __init__(
        self, shapes: Mapping[str, Shape], bound: dict[sympy.Symbol, Text] | None = None, integers: bool = False
    ) -> None:
        self.shapes = shapes
        self.bound = bound or {}
        self.integers = integers

    def bind(self, bound: dict[sympy.Symbol, Text]) -> Self:
        """A writer to which more variables are bound."""
        return type(self)(self.shapes, {**self.bound, **bound}, self.integers)

    def at(self, e: sympy.Expr, wanted: int) -> str:
        """The text of a part, in parentheses where its operator binds less."""
        return wrap(*self.of(e), wanted)

    def of(self, e: sympy.Expr) -> Text:
        """The text of an expression without its axes of size one."""
        for cls in type(e).__mro__:
            form: Callable[[sympy.Basic], Text] | None = getattr(self, f"of_{cls.__name__}", None)
            if form is not None:
                return form(e)
        raise no_text(type(e).__name__)

    def write_size(self, d: Dim) -> str:
        """The text of a dimension."""
        return self.of(sympy.sympify(d))[0]

    def find_extent(self, d: sympy.Symbol) -> str | None:
        """A symbolic dimension as that of a source."""
        for name, shape in self.shapes.items():
            if d in shape:
                return f"{avoid_keywords(name)}.shape[{shape.index(d)}]"
        return None

    # Numbers, conditions and functions.

    def of_Rational(self, e: sympy.Expr) -> Text:
        return self._write_quotient([e]) if is_short(e) else self.of_Float(e)

    def of_Integer(self, e: sympy.Expr) -> Text:
        return str(e) if is_short(e) else repr(float(e)), SUM if e < 0 else ATOM

    def of_Float(self, e: sympy.Expr) -> Text:
        return repr(float(e)), SUM if e < 0 else ATOM

    def of_NumberSymbol(self, e: sympy.Expr) -> Text:
        return {"Pi": "np.pi", "Exp1": "np.e"}.get(type(e).__name__, repr(float(e))), ATOM

    def of_Infinity(self, e: sympy.Expr) -> Text:
        return "np.inf", ATOM

    def of_NegativeInfinity(self, e: sympy.Expr) -> Text:
        return "-np.inf", SUM

    def of_NaN(self, e: sympy.Expr) -> Text:
        return "np.nan", ATOM

    def of_Symbol(self, e: sympy.Expr) -> Text:
        if e in self.bound:
            return self.bound[e]
        if e.is_integer and e.is_positive and e.name not in self.shapes:
            extent = self.find_extent(e)
            if extent is None:
                raise FormulaError(
                    f'the dimension {e} is that of no source, so that there is no NumPy text; the forms "matrix", '
                    '"index" and "steps" are available'
                )
            return extent, ATOM
        return avoid_keywords(e.name), ATOM

    def of_BooleanTrue(self, e: sympy.Expr) -> Text:
        return "True", ATOM

    def of_BooleanFalse(self, e: sympy.Expr) -> Text:
        return "False", ATOM

    def of_Add(self, e: sympy.Expr) -> Text:
        return self._write_sum([self.of(a) for a in sorted(e.args, key=lambda a: a.could_extract_minus_sign())])

    @staticmethod
    def _write_sum(parts: Sequence[Text]) -> Text:
        """A sum of texts, the sign of a summand in the place of a plus."""
        text = ""
        for part, _ in parts:
            text += f" - {part[1:]}" if part.startswith("-") and text else f" + {part}" if text else part
        return text, SUM

    def of_Mul(self, e: sympy.Expr) -> Text:
        numbers = [a for a in e.args if a.is_number]
        if len(numbers) < 2:
            return self._write_quotient(e.args)
        return self._write_quotient([*join_roots(sympy.Mul(*numbers)), *(a for a in e.args if not a.is_number)])

    def _write_quotient(self, factors: Sequence[sympy.Expr], *last: str, below: Sequence[str] = ()) -> Text:
        """A product of scalars and of texts, negative powers below the line: ``2, x, 1/y, 1/z -> 2*x/(y*z)``."""
        sign, over, under = "", list[str](), list[str]()
        for f in (part for factor in factors for part in sympy.Mul.make_args(factor)):
            if f.is_Rational:
                if f < 0:
                    sign, f = ("" if sign else "-"), -f
                if not is_short(f):
                    over.append(repr(float(f)))
                    continue
                if f.p != 1:
                    over.append(str(f.p))
                if f.q != 1:
                    under.append(str(f.q))
            elif f.is_Pow and f.exp.is_Rational and f.exp < 0:
                under.append(self.at(sympy.Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else f.base, POWER))
            else:
                over.append(self.at(f, POWER - 1 if not f.is_Mul else PRODUCT))
        text = "*".join([*over, *last]) or "1"
        return f"{sign}{text}{divide_by([*under, *below])}", SUM if sign else PRODUCT

    def of_Pow(self, e: sympy.Expr) -> Text:
        if e.exp.is_Rational and e.exp < 0:
            return self._write_quotient([e])
        if e.exp == sympy.Rational(1, 2):
            return f"np.sqrt({self.of(e.base)[0]})", ATOM
        base = sympy.Float(e.base) if self.integers and e.base.is_Integer and not e.exp.is_Rational else e.base
        return f"{self.at(base, POWER + 1)}**{self.at(e.exp, POWER)}", POWER

    def of_Piecewise(self, e: sympy.Expr) -> Text:
        text = ""
        for value, condition in reversed(e.args):
            inner = self.of(value)[0]
            text = inner if condition == True or not text else f"np.where({self.of(condition)[0]}, {inner}, {text})"  # noqa: E712
        return text, ATOM

    def of_Relational(self, e: sympy.Expr) -> Text:
        return f"{self.at(e.lhs, SUM)} {e.rel_op} {self.at(e.rhs, SUM)}", 1

    def of_And(self, e: sympy.Expr) -> Text:
        return " & ".join(f"({self.of(a)[0]})" for a in e.args), 1

    def of_Or(self, e: sympy.Expr) -> Text:
        return " | ".join(f"({self.of(a)[0]})" for a in e.args), 1

    def of_Not(self, e: sympy.Expr) -> Text:
        return f"~({self.of(e.args[0])[0]})", ATOM

    def of_floor(self, e: sympy.Expr) -> Text:
        """Of a quotient of sizes a division of integers: it may stand in an index."""
        if not is_constant(e):
            return self.of_Function(e)
        over, under = sympy.fraction(sympy.together(e.args[0]))
        return f"{self.at(over, PRODUCT + 1)}//{self.at(under, PRODUCT + 1)}", PRODUCT

    def of_Mod(self, e: sympy.Expr) -> Text:
        over, under = e.args
        return f"{self.at(over, PRODUCT)} % {self.at(under, PRODUCT + 1)}", PRODUCT

    def of_Function(self, e: sympy.Expr) -> Text:
        return self._write_function(e.func, [self.of(a) for a in e.args])

    def of_sigmoid(self, e: sympy.Expr) -> Text:
        """Of a negative argument by the exponential of the positive one."""
        (x,) = e.args
        return (f"1/(1 + np.exp({self.of(-x)[0]}))", PRODUCT) if x.could_extract_minus_sign() else self.of_Function(e)

    def of_polygamma(self, e: sympy.Expr) -> Text:
        raise no_text("digamma" if e.args[0] == 0 else "polygamma")

    def _write_function(self, func: type[sympy.Function], args: Sequence[Text]) -> Text:
        """A function of arguments that are texts: NumPy\'s, or what it is defined by."""
        name = func.__name__
        pattern = FUNCTIONS.get(name)
        if pattern is None and issubclass(func, Named):
            bound: dict[sympy.Symbol, Text] = {sympy.Dummy(real=True): a for a in args}
            return self.bind(bound).of(func.definition(*bound))
        if pattern is None:
            raise no_text(name)
        if name in ("Max", "Min"):
            text = args[0][0]
            for a, _ in args[1:]:
                text = f"{pattern}({text}, {a})"
            return text, ATOM
        if "{" not in pattern:
            return f"{pattern}({', '.join(a for a, _ in args)})", ATOM
        level = PRODUCT if "/" in pattern and not pattern.startswith("np.") else ATOM
        return pattern.format(sum=wrap(*args[0], SUM), product=wrap(*args[0], PRODUCT)), level

    of_Max = of_Function

    def of_Min(self, e: sympy.Expr) -> Text:
        """What is bounded on both sides by numbers, as that."""
        arrays = set(self.bound) or e.free_symbols
        clipped = split_clip(e, lambda a: not a.free_symbols.isdisjoint(arrays))
        if clipped is None:
            return self.of_Function(e)
        return f"np.clip({', '.join(self.of(a)[0] for a in clipped)})", ATOM


FUNCTIONS = {
    **{n: f"np.{n}" for n in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "floor")},
    **{f"a{n}": f"np.arc{n}" for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "atan2": "np.arctan2", "Abs": "np.abs", "ceiling": "np.ceil", "Max": "np.maximum", "Min": "np.minimum",
    "sigmoid": "1/(1 + np.exp(-{product}))", "softplus": "np.logaddexp(0, {sum})", "relu": "np.maximum({sum}, 0)",
    "step": "np.where({sum} > 0, 1.0, 0.0)", "rint": "np.rint",
}  # fmt: skip
