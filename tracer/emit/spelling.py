"""Elementwise templates as Python text: each sympy function has a spelling for arrays and one for floats."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, NamedTuple

import sympy
from sympy.printing.precedence import precedence
from sympy.printing.pycode import PythonCodePrinter

from tracer import scalar
from tracer.dtypes import FLOATS
from tracer.emit.fragments import MANY, Fragment, fragment
from tracer.emit.sympy_functions import SCIPY, by_mpmath, ends, has_scipy, is_loop, weighted
from tracer.nest import shown
from tracer.ops.accurate import CBRT, EXP2, HYPOT, LOG2, LOG10
from tracer.rules import argument
from tracer.tensor import Tensor, is_fixed


class Spelling(NamedTuple):
    """How a function is written over arrays and over Python floats; ``{0}``, ``{1}`` are its arguments."""

    arrays: str
    floats: str


def _same(name: str, numpy_name: str = "") -> Spelling:
    return Spelling(f"np.{numpy_name or name}({{0}})", f"math.{name}({{0}})")


FUNCTIONS: dict[Any, Spelling] = {
    sympy.exp: _same("exp"), sympy.log: _same("log"), sympy.sin: _same("sin"), sympy.cos: _same("cos"),
    sympy.tan: _same("tan"), sympy.asin: _same("asin", "arcsin"), sympy.acos: _same("acos", "arccos"),
    sympy.atan: _same("atan", "arctan"), sympy.sinh: _same("sinh"), sympy.cosh: _same("cosh"),
    sympy.tanh: _same("tanh"), sympy.asinh: _same("asinh", "arcsinh"), sympy.acosh: _same("acosh", "arccosh"),
    sympy.atanh: _same("atanh", "arctanh"), sympy.floor: _same("floor"), sympy.ceiling: _same("ceil"),
    sympy.atan2: Spelling("np.arctan2({0}, {1})", "math.atan2({0}, {1})"),
    sympy.Abs: Spelling("np.abs({0})", "abs({0})"),
    sympy.sign: Spelling("np.sign({0})", "float(({0} > 0) - ({0} < 0))"),
    sympy.Heaviside: Spelling("np.heaviside({0}, {1})", "(0.0 if {0} < 0 else 1.0 if {0} > 0 else {1})"),
    sympy.erf: Spelling("erf({0})", "math.erf({0})"),
    sympy.erfc: Spelling("erfc({0})", "math.erfc({0})"),
    sympy.gamma: Spelling("gamma({0})", "math.gamma({0})"),
    sympy.loggamma: Spelling("lgamma({0})", "math.lgamma({0})"),
    sympy.polygamma: Spelling("polygamma({0}, {1})", "float(polygamma({0}, {1}))"),
    sympy.zeta: Spelling("zeta({0}, {1})", "float(zeta({0}, {1}))"),
    sympy.erfinv: Spelling("erfinv({0})", "float(erfinv({0}))"),
    scalar.sigmoid: Spelling("", "sigmoid({0})"),
    scalar.softplus: Spelling("np.logaddexp(0, {0})", "softplus({0})"),
    scalar.relu: Spelling("np.maximum({0}, 0)", "max({0}, 0.0)"),
    scalar.expm1: _same("expm1"), scalar.log1p: _same("log1p"),
    scalar.rint: Spelling("np.rint({0})", "float(round({0}))"),
    sympy.Max: Spelling("np.maximum({0}, {1})", "max({0}, {1})"),
    sympy.Min: Spelling("np.minimum({0}, {1})", "min({0}, {1})"),
}  # fmt: skip


@cache
def _whole(floats: bool) -> dict[Any, str]:
    """Templates with a spelling of their own; made when first needed, for sympy loads much to build them."""
    a, b = argument(0), argument(1)
    spellings = {
        sympy.floor(a / b): "_0 // _1",
        a - b * sympy.floor(a / b): "_0 % _1",
        sympy.Ne(a, a, evaluate=False): "_0 != _0",
        # As they stand, these would lose what is near zero.
        sympy.erfinv(1 - a): "float(erfcinv(_0))" if floats else "erfcinv(_0)",
        sympy.sqrt(2) * sympy.erfinv(2 * a - 1): "float(ndtri(_0))" if floats else "ndtri(_0)",
    }
    module = "math" if floats else "np"
    for op in (LOG2, LOG10, EXP2, CBRT, HYPOT):
        spellings[op.template] = f"{module}.{op.name}({', '.join(f'_{k}' for k in range(op.arity))})"
    logic = {
        sympy.And(a, b): "np.logical_and(_0, _1)",
        sympy.Or(a, b): "np.logical_or(_0, _1)",
        sympy.Xor(a, b): "np.logical_xor(_0, _1)",
        sympy.Not(a): "np.logical_not(_0)",
    }
    return spellings if floats else spellings | logic


@lru_cache(maxsize=4096)
def spell(template: sympy.Basic, floats: bool = False) -> Fragment:
    """The fragment of an elementwise template, over arrays or over Python floats."""
    text = _whole(floats).get(template)
    if text is None:
        try:
            text = _Printer(floats).doprint(template)
        except NotImplementedError:
            raise TypeError(
                f"there is no numeric form of {template}; write it with functions that sympy can evaluate"
            ) from None
    return fragment(text)


def number(value: Any) -> str:
    """A literal as text."""
    if isinstance(value, (bool, int)):
        if abs(value) >= 2**1023 * 2:
            raise ValueError(f"the number {shown(value)} is beyond the largest float, about 1.8e308")
        return repr(value)
    if isinstance(value, float):
        return repr(value) if value - value == 0 else f"float('{value!r}')"
    return _Printer(True).doprint(value) if value.is_Rational else number(float(value))


class _Printer(PythonCodePrinter):  # type: ignore[misc]
    """Sympy's printer of Python code, with our spellings."""

    def __init__(self, floats: bool) -> None:
        super().__init__({"fully_qualified_modules": True, "standard": "python3"})
        self.floats = floats
        self._within = 0

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if isinstance(expr, sympy.zeta) and len(expr.args) == 1:
            return self._by_mpmath(expr)  # below one, where the sum ends, the function goes on
        if isinstance(expr, sympy.polygamma) and expr.args[0] == 0:
            return f"{'float' if self.floats else ''}(digamma({self._print(expr.args[1])}))"
        if isinstance(expr, scalar.sigmoid) and not self.floats:
            return f"(1/(1 + np.exp({self._print(-expr.args[0])})))"
        spelling = FUNCTIONS.get(getattr(expr, "func", None))
        if spelling is not None:
            args = [f"({self._print(a)})" for a in expr.args]
            text = spelling.floats if self.floats else spelling.arrays
            if isinstance(expr, (sympy.Max, sympy.Min)):
                name = text.partition("(")[0]
                while len(args) > 1:
                    args[-2:] = [f"{name}({args[-2]}, {args[-1]})"]
                return args[0]
            return f"({text.format(*args)})"
        key = getattr(expr, "func", None), len(getattr(expr, "args", ()))
        if key in SCIPY and not self.floats and has_scipy():
            return f"({SCIPY[key].format(*(self._print(a) for a in expr.args))})"
        if isinstance(expr, (sympy.Function, sympy.Integral)) and not isinstance(expr, sympy.Piecewise):
            return self._by_mpmath(expr)
        return str(super()._print(expr, **kwargs))

    def _by_mpmath(self, expr: Any) -> str:
        return f"float({by_mpmath(expr)})" if self.floats else by_mpmath(expr)

    def _print_Sum(self, expr: Any) -> str:
        return self._series(expr, "sum({}, {})", "0.0")

    def _print_Product(self, expr: Any) -> str:
        return self._series(expr, "math.prod({}, start={})", "1.0")

    def _series(self, expr: Any, call: str, start: str) -> str:
        """A loop over the terms where their number is known.

        The operands are passed to it as arguments, so that no name of an index can stand for them.
        """
        if not self._within and not is_loop(expr):
            return self._by_mpmath(expr)
        symbols = [] if self._within else sorted(expr.free_symbols, key=str)
        index, first, last = ends(expr)
        k = sympy.Symbol(f"k{self._within + 1}", real=True)
        names = {s: sympy.Symbol(f"u{n}", real=True) for n, s in enumerate(symbols)}
        weight, rest = (e.xreplace({index: k, **names}) for e in weighted(expr))
        self._within += 1
        factor = self._print(weight)
        term = self._print(rest) if weight == 1 else f"({factor})*({self._print(rest)})"
        self._within -= 1
        each = "range({}, {} + 1)" if self.floats else "np.arange({}, {} + 1.0)"
        terms = f"({term} for {k} in {each.format(self._print(first), self._print(last))}"
        if weight != 1:
            # Terms of weight zero are left out, perhaps all of them: the sum has the operands' shape all the same.
            terms += f" if {factor}"
            if symbols and not self.floats:
                start = f"np.zeros(np.broadcast({', '.join(map(str, names.values()))}).shape)"
        text = call.format(f"{terms})", start)
        if not symbols:
            return text
        return f"(lambda {', '.join(map(str, names.values()))}: {text})({', '.join(map(str, symbols))})"

    def _print_Float(self, expr: Any) -> str:
        return number(float(expr))

    def _print_ComplexRootOf(self, expr: Any) -> str:
        return number(float(expr))

    def _print_Rational(self, expr: Any) -> str:
        text = repr(float(expr))
        return text if len(text) < 8 or expr.q > 1000 else f"({expr.p}/{expr.q})"

    def _print_Add(self, expr: Any, **kwargs: Any) -> str:
        if len(expr.args) > MANY:
            return f"sum([{', '.join(map(self._print, expr.args))}])"
        return str(super()._print_Add(expr, **kwargs))

    def _print_Mul(self, expr: Any) -> str:
        if len(expr.args) > MANY:
            return f"math.prod([{', '.join(map(self._print, expr.args))}])"
        return str(super()._print_Mul(expr))

    def _print_Pow(self, expr: Any, **kwargs: Any) -> str:
        base, power = expr.args
        text = self.parenthesize(base, precedence(expr), strict=False)
        root = "math.sqrt" if self.floats else "np.sqrt"
        if power == sympy.S.Half:
            return f"{root}({text})"
        if power == -sympy.S.Half:
            return f"(1/{root}({text}))"
        if power.is_Integer and (-4 < power < 0 or (2 if self.floats else 3) <= power <= 4):
            factors = "*".join([f"({text})"] * abs(int(power)))
            return f"(1/({factors}))" if power < 0 else f"({factors})"
        if power.is_Integer and power > 0:
            return f"({text})**{power}"
        return f"{'math' if self.floats else 'np'}.{'pow' if self.floats else 'power'}({text}, {self._print(power)})"

    def _print_Relational(self, expr: Any) -> str:
        return f"(({self._print(expr.lhs)}) {expr.rel_op} ({self._print(expr.rhs)}))"

    def _print_And(self, expr: Any) -> str:
        return self._logic(expr, " and ", " & ")

    def _print_Or(self, expr: Any) -> str:
        return self._logic(expr, " or ", " | ")

    def _logic(self, expr: Any, floats: str, arrays: str) -> str:
        args = sorted(f"({self._print(a)})" for a in expr.args)
        return f"({(floats if self.floats else arrays).join(args)})"

    def _print_Not(self, expr: Any) -> str:
        return f"(not {self._print(expr.args[0])})" if self.floats else f"(~({self._print(expr.args[0])}))"

    def _print_Piecewise(self, expr: Any) -> str:
        text = "" if expr.args[-1].cond is sympy.true else "float('nan')"
        whole = all(value.is_Integer for value, _ in expr.args)  # NumPy would make integers of them.
        for value, condition in reversed(expr.args):
            piece = f"({number(float(value)) if whole else self._print(value)})"
            if condition is sympy.true:
                text = piece
            elif self.floats:
                text = f"({piece} if {self._print(condition)} else {text})"
            else:
                text = f"np.where({self._print(condition)}, {piece}, {text})"
        return text

    def _print_NumberSymbol(self, expr: Any) -> str:
        names = {sympy.pi: "pi", sympy.E: "e"}
        return f"{'math' if self.floats else 'np'}.{names[expr]}" if expr in names else repr(float(expr))

    _print_Pi = _print_Exp1 = _print_NumberSymbol

    def _print_Infinity(self, expr: Any) -> str:
        return "float('inf')"

    def _print_NegativeInfinity(self, expr: Any) -> str:
        return "float('-inf')"

    def _print_NaN(self, expr: Any) -> str:
        return "float('nan')"

    def _print_BooleanTrue(self, expr: Any) -> str:
        return "True"

    def _print_BooleanFalse(self, expr: Any) -> str:
        return "False"


def evaluated_template(tensor: Tensor) -> Any:
    """The template of an elementwise operation, with the numbers written in that its evaluation gains by."""
    rule: Any = tensor.rule
    if not rule.static:
        return rule.template
    floats = all(a.dtype in FLOATS for a in tensor.args if type(a) is Tensor)
    numbers = [a.value if type(a) is Tensor and is_fixed(a) else a for a in tensor.args]
    return rule.evaluated([n if type(n) is int or (floats and type(n) is float) else None for n in numbers])
