"""The table of repairs: spellings that are finite where others are not, with the same value elsewhere.

A repair is a pattern and a replacement, both expressions in tracer's names. A letter stands for any expression, in the
replacement for the same one; ``**o`` stands for the options of a call. Sums and products match in either order, and
``square(x)`` matches ``x ** 2`` and ``x * x`` as well.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tracer.explanations.expression_patterns import fill_letters, match, parse, replace_parts


class Repair(NamedTuple):
    """A spelling, what to write in its place, and why.

    ``zero`` names a letter of the pattern that must be zero where the value is not finite.
    """

    pattern: str
    replacement: str
    reason: str
    zero: str = ""


NO_NAN = "0/0 is 0 by convention"
EXACT = "it is exact where the other rounds to 0"
FAR_TANH = "tanh rounds to 1 far from 0"
OVERFLOW = "it does not overflow"
FACTORS = "products of many factors round to 0, or overflow"

FAR = "it rounds to the logarithm of 0 far out"
SCALED = "the squares are of what is divided by the greatest, and neither overflow nor underflow"


def _scale(greatest: str) -> str:
    """A number to divide by before it is multiplied with again: any positive one would do, and so it is held."""
    return f"stop_gradient(maximum({greatest}, 1e-300))"


def _scale_norm(total: str, inner: str, options: str) -> Repair:
    """The root of a sum or mean of squares, scaled by the greatest element."""
    kept = options and ", axis=a, keepdims=True"  # so that it broadcasts with the elements
    outside, inside = (_scale(f"reduce_max(abs({inner}){given})") for given in (options, kept))
    root = "sqrt(" + total.format(f"square({inner} / {inside}){options}") + ")"
    square = "squared_difference(x, y)" if inner == "(x - y)" else f"square({inner})"
    return Repair("sqrt(" + total.format(square + options) + ")", f"{outside} * {root}", SCALED)


def _scale_pair(pattern: str, replacement: str) -> Iterator[Repair]:
    """A function of two squares, one of which may be 1.

    In the pattern ``p`` and ``q`` are the squares. In the replacement they are scaled, and ``s`` is the scale.
    """
    one, two = "stop_gradient(maximum(abs(x), 1.0))", _scale("maximum(abs(x), abs(y))")
    yield Repair(pattern.format(p="1.0", q="square(x)"), _fill_scaled(replacement, one, "1.0", "x"), SCALED)
    yield Repair(pattern.format(p="square(y)", q="square(x)"), _fill_scaled(replacement, two, "y", "x"), SCALED)


def _fill_scaled(replacement: str, scale: str, first: str, second: str) -> str:
    return replacement.format(s=scale, p=f"square({first} / {scale})", q=f"square({second} / {scale})")


REPAIRS: Sequence[Repair] = (
    Repair("sqrt(square(x))", "abs(x)", "its gradient at 0 is 0"),
    Repair("square(sqrt(x))", "x", "the square undoes the root"),
    Repair("sqrt(exp(x))", "exp(x / 2.0)", OVERFLOW),
    Repair("log(x + sqrt(square(x) + 1.0))", "asinh(x)", "it rounds to the logarithm of 0 far below 0"),
    Repair("log(exp(x))", "x", "the logarithm undoes the exponential"),
    Repair("exp(log(x))", "x", "the exponential undoes the logarithm"),
    Repair("log(sigmoid(x) / (1.0 - sigmoid(x)))", "x", "the logarithm of the odds undoes the sigmoid"),
    Repair("log(sigmoid(x)) - log(1.0 - sigmoid(x))", "x", "the logarithm of the odds undoes the sigmoid"),
    Repair("atanh(tanh(x))", "x", "the one undoes the other"),
    Repair("asinh(sinh(x))", "x", "the one undoes the other"),
    Repair("acosh(cosh(x))", "abs(x)", "the one undoes the other, but for the sign"),
    Repair("log(1.0 + exp(x))", "softplus(x)", OVERFLOW),
    Repair("log1p(exp(x))", "softplus(x)", OVERFLOW),
    Repair("log(sigmoid(x))", "math.log_sigmoid(x)", "sigmoid rounds to 0 far from 0"),
    Repair("log(1.0 - square(tanh(x)))", "2.0 * (log(2.0) - abs(x) - softplus(-2.0 * abs(x)))", FAR_TANH),
    Repair("log(1.0 - sigmoid(x))", "math.log_sigmoid(-x)", "sigmoid rounds to 1 far from 0"),
    Repair("log(nn.softmax(x, **o))", "nn.log_softmax(x, **o)", "softmax rounds to 0 far from the maximum"),
    Repair("log(reduce_sum(exp(x), **o))", "reduce_logsumexp(x, **o)", OVERFLOW),
    Repair("log(exp(x) + exp(y))", "maximum(x, y) + softplus(-abs(x - y))", OVERFLOW),
    Repair("log(cosh(x))", "abs(x) + softplus(-2.0 * abs(x)) - log(2.0)", OVERFLOW),
    Repair("log(reduce_prod(x, **o))", "reduce_sum(log(x), **o)", FACTORS),
    Repair("log(reduce_prod(x, **o))", "reduce_sum(log(abs(x)), **o) + log(reduce_prod(sign(x), **o))", FACTORS),
    Repair("log(square(x))", "2.0 * log(abs(x))", OVERFLOW),
    Repair("log(x ** y)", "y * log(x)", OVERFLOW),
    Repair("log(x ** y)", "math.xlogy(y, abs(x)) + log(sign(x) ** y)", OVERFLOW),
    Repair("log(linalg.det(a))", "linalg.logdet(a)", "determinants overflow"),
    Repair("log(1.0 - exp(x))", "log(-expm1(x))", EXACT),
    *(
        Repair(f"log({far})", f"where({x} > 0.0, log(erfcx({x})) - square({x}){more}, {near})", FAR)
        for far, x, near, more in (
            ("1.0 - erf(x)", "x", "log(erfc(x))", ""),
            ("1.0 + erf(x)", "-x", "log(erfc(-x))", ""),
            ("erfc(x)", "x", "log(erfc(x))", ""),
            ("y * erfc(x)", "x", "log(y * erfc(x))", " + log(y)"),
            ("erfc(x) / y", "x", "log(erfc(x) / y)", " - log(y)"),
            ("y * (1.0 + erf(x))", "-x", "log(y * erfc(-x))", " + log(y)"),
            ("(1.0 + erf(x)) / y", "-x", "log(erfc(-x) / y)", " - log(y)"),
        )
    ),
    Repair("log(x * y)", "log(x) + log(y)", "products round to 0, or overflow"),
    Repair("log(x * y)", "log(abs(x)) + log(y * sign(x))", "products round to 0, or overflow"),
    Repair("log(x / y)", "log(x) - log(y)", "quotients round to 0, or overflow"),
    Repair("log(x / y)", "log(abs(x)) - log(y * sign(x))", "quotients round to 0, or overflow"),
    *(
        _scale_norm(total, inner, options)
        for total, inner in (("reduce_sum({})", "x"), ("reduce_mean({})", "x"), ("reduce_mean({})", "(x - y)"))
        for options in ("", ", axis=a", ", axis=a, keepdims=True")
    ),
    *_scale_pair("sqrt({p} + {q})", "{s} * sqrt({p} + {q})"),
    *_scale_pair("{q} / ({p} + {q})", "{q} / ({p} + {q})"),
    *_scale_pair("log({p} + {q})", "2.0 * log({s}) + log({p} + {q})"),
    Repair("exp(x) / reduce_sum(exp(x))", "nn.softmax(x)", OVERFLOW),
    Repair("exp(x) / reduce_sum(exp(x), axis=a, keepdims=True)", "nn.softmax(x, axis=a)", OVERFLOW),
    Repair("exp(x) / (1.0 + exp(x))", "sigmoid(x)", OVERFLOW),
    Repair("(exp(x) - exp(-x)) / (exp(x) + exp(-x))", "tanh(x)", OVERFLOW),
    Repair("sinh(x) / cosh(x)", "tanh(x)", OVERFLOW),
    Repair("cosh(x) / sinh(x)", "1.0 / tanh(x)", OVERFLOW),
    Repair("exp(x) / exp(y)", "exp(x - y)", OVERFLOW),
    Repair("exp(x) * exp(y)", "exp(x + y)", OVERFLOW),
    Repair("linalg.inv(a) @ b", "linalg.solve(a, b)", "a system is solved without the inverse"),
    Repair("log(expm1(x))", "x + log(-expm1(-x))", OVERFLOW),
    Repair("log(exp(x) - 1.0)", "x + log(-expm1(-x))", EXACT),
    Repair("log(exp(x) - exp(y))", "x + log(-expm1(y - x))", EXACT),
    Repair("log(1.0 - tanh(x))", "log(2.0) - softplus(2.0 * x)", FAR_TANH),
    Repair("log(1.0 + tanh(x))", "log(2.0) - softplus(-2.0 * x)", "tanh rounds to -1 far from 0"),
    Repair("log(sinh(x))", "x + log(-expm1(-2.0 * x)) - log(2.0)", OVERFLOW),
    Repair("exp(x) - 1.0", "expm1(x)", EXACT),
    Repair("1.0 - exp(x)", "-expm1(x)", EXACT),
    Repair("exp(x) - exp(y)", "where(x > y, -exp(x) * expm1(y - x), exp(y) * expm1(x - y))", EXACT),
    Repair("1.0 - tanh(x)", "2.0 * sigmoid(-2.0 * x)", EXACT),
    Repair("1.0 + tanh(x)", "2.0 * sigmoid(2.0 * x)", EXACT),
    Repair("1.0 - sigmoid(x)", "sigmoid(-x)", EXACT),
    Repair("1.0 - square(tanh(x))", "4.0 * (sigmoid(2.0 * x) * sigmoid(-2.0 * x))", EXACT),
    Repair("1.0 - square(cos(x))", "square(sin(x))", EXACT),
    Repair("1.0 - square(sin(x))", "square(cos(x))", EXACT),
    Repair("1.0 - erf(x)", "erfc(x)", EXACT),
    Repair("1.0 + erf(x)", "erfc(-x)", EXACT),
    Repair("sqrt(x + 1.0) - sqrt(x)", "1.0 / (sqrt(x + 1.0) + sqrt(x))", EXACT),
    Repair("sqrt(1.0 + square(x)) - x", "1.0 / (sqrt(1.0 + square(x)) + x)", EXACT),
    Repair("log(1.0 + x)", "log1p(x)", EXACT),
    Repair("1.0 - cos(x)", "2.0 * square(sin(x / 2.0))", EXACT),
    Repair("x * log(y)", "math.xlogy(x, y)", "it is 0 where x is 0"),
    Repair("x * log1p(y)", "math.xlog1py(x, y)", "it is 0 where x is 0"),
    Repair("x * log(1.0 - y)", "math.xlog1py(x, -y)", "it is 0 where x is 0"),
    Repair("x / abs(x)", "sign(x)", "its sign is 0 at 0 by convention"),
    Repair("abs(x) / x", "sign(x)", "its sign is 0 at 0 by convention"),
    Repair("reduce_mean(x / y)", "reduce_mean(math.divide_no_nan(x, y))", NO_NAN, zero="x"),
    Repair("x / y", "math.divide_no_nan(x, y)", NO_NAN, zero="x"),
    Repair("x * reciprocal(y)", "math.divide_no_nan(x, y)", NO_NAN, zero="x"),
    Repair("x * rsqrt(y)", "math.divide_no_nan(x, sqrt(y))", NO_NAN, zero="x"),
    Repair("x * (1.0 / y)", "math.divide_no_nan(x, y)", NO_NAN, zero="x"),
    Repair("cast(c, t) * x + (1.0 - cast(c, t)) * y", "where(c, x, y)", "0*inf is NaN; where leaves the other out"),
    Repair("cast(c, t) * x", "where(c, x, 0.0)", "0*inf is NaN; where leaves the other out"),
    Repair("where(c, 1.0, 0.0) * x", "where(c, x, 0.0)", "0*inf is NaN; where leaves the other out"),
)  # fmt: skip
"""In the order in which they are tried; each proposal is checked where the other spelling fails, and elsewhere."""


def apply_repair(
    repair: Repair, expressions: Sequence[ast.expr], admit: Callable[[ast.expr], bool]
) -> dict[int, ast.expr]:
    """What stands for those of the expressions that a repair matches, by their ``id``; inner ones are given first.

    ``admit`` says of what the letter ``zero`` stands for whether it is zero where it has to be.

    Examples
    --------
    >>> whole = parse("2.0 * (p * log(p))")
    >>> [entropy] = [r for r in REPAIRS if r.pattern == "x * log(y)"]
    >>> ast.unparse(replace_parts(whole, apply_repair(entropy, [whole.right, whole], lambda part: True)))
    '2.0 * math.xlogy(p, p)'
    """
    made: dict[int, ast.expr] = {}
    pattern, replacement = parse(repair.pattern), parse(repair.replacement)
    for expression in expressions:
        current = replace_parts(expression, made)
        for found in match(pattern, current):
            if not repair.zero or admit(found[repair.zero]):
                made[id(expression)] = fill_letters(replacement, found)
                break
    return made
