"""The table of repairs: spellings that are finite where others are not, with the same value elsewhere.

A repair is a pattern and a replacement, both expressions in tracer's names. A letter stands for any expression, in the
replacement for the same one; ``**o`` stands for the options of a call. Sums and products match in either order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
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
OVERFLOW = "it does not overflow"
FACTORS = "products of many factors round to 0, or overflow"

REPAIRS: Sequence[Repair] = (
    Repair("sqrt(x * x)", "abs(x)", "its gradient at 0 is 0"),
    Repair("sqrt(x ** 2)", "abs(x)", "its gradient at 0 is 0"),
    Repair("sqrt(square(x))", "abs(x)", "its gradient at 0 is 0"),
    Repair("sqrt(x) ** 2", "x", "the square undoes the root"),
    Repair("square(sqrt(x))", "x", "the square undoes the root"),
    Repair("sqrt(x) * sqrt(x)", "x", "the square undoes the root"),
    Repair("sqrt(exp(x))", "exp(x / 2.0)", OVERFLOW),
    *(
        Repair(f"log(x + sqrt({square} + 1.0))", "asinh(x)", "it rounds to the logarithm of 0 far below 0")
        for square in ("x * x", "x ** 2", "square(x)")
    ),
    Repair("log(exp(x))", "x", "the logarithm undoes the exponential"),
    Repair("exp(log(x))", "x", "the exponential undoes the logarithm"),
    Repair("log(1.0 + exp(x))", "softplus(x)", OVERFLOW),
    Repair("log1p(exp(x))", "softplus(x)", OVERFLOW),
    Repair("log(sigmoid(x))", "math.log_sigmoid(x)", "sigmoid rounds to 0 far from 0"),
    *(
        Repair(f"log(1.0 - {square})", "2.0 * (log(2.0) - x - softplus(-2.0 * x))", "tanh rounds to 1 far from 0")
        for square in ("tanh(x) ** 2", "tanh(x) * tanh(x)", "square(tanh(x))")
    ),
    Repair("log(1.0 - sigmoid(x))", "math.log_sigmoid(-x)", "sigmoid rounds to 1 far from 0"),
    Repair("log(nn.softmax(x, **o))", "nn.log_softmax(x, **o)", "softmax rounds to 0 far from the maximum"),
    Repair("log(reduce_sum(exp(x), **o))", "reduce_logsumexp(x, **o)", OVERFLOW),
    Repair("log(exp(x) + exp(y))", "maximum(x, y) + softplus(-abs(x - y))", OVERFLOW),
    Repair("log(cosh(x))", "abs(x) + softplus(-2.0 * abs(x)) - log(2.0)", OVERFLOW),
    Repair("log(reduce_prod(x, **o))", "reduce_sum(log(x), **o)", FACTORS),
    Repair("log(reduce_prod(x, **o))", "reduce_sum(log(abs(x)), **o) + log(reduce_prod(sign(x), **o))", FACTORS),
    Repair("log(x ** 2)", "2.0 * log(abs(x))", OVERFLOW),
    Repair("log(square(x))", "2.0 * log(abs(x))", OVERFLOW),
    Repair("log(x * x)", "2.0 * log(abs(x))", OVERFLOW),
    Repair("log(x ** y)", "y * log(x)", OVERFLOW),
    Repair("log(x ** y)", "math.xlogy(y, abs(x)) + log(sign(x) ** y)", OVERFLOW),
    Repair("log(linalg.det(a))", "linalg.logdet(a)", "determinants overflow"),
    Repair("log(1.0 - exp(x))", "log(-expm1(x))", EXACT),
    Repair("log(x * y)", "log(x) + log(y)", "products round to 0, or overflow"),
    Repair("log(x * y)", "log(abs(x)) + log(y * sign(x))", "products round to 0, or overflow"),
    Repair("log(x / y)", "log(x) - log(y)", "quotients round to 0, or overflow"),
    Repair("log(x / y)", "log(abs(x)) - log(y * sign(x))", "quotients round to 0, or overflow"),
    Repair("exp(x) / reduce_sum(exp(x))", "nn.softmax(x)", OVERFLOW),
    Repair("exp(x) / reduce_sum(exp(x), axis=a, keepdims=True)", "nn.softmax(x, axis=a)", OVERFLOW),
    Repair("exp(x) / (1.0 + exp(x))", "sigmoid(x)", OVERFLOW),
    Repair("(exp(x) - exp(-x)) / (exp(x) + exp(-x))", "tanh(x)", OVERFLOW),
    Repair("sinh(x) / cosh(x)", "tanh(x)", OVERFLOW),
    Repair("exp(x) / exp(y)", "exp(x - y)", OVERFLOW),
    Repair("exp(x) * exp(y)", "exp(x + y)", OVERFLOW),
    Repair("linalg.inv(a) @ b", "linalg.solve(a, b)", "a system is solved without the inverse"),
    Repair("log(expm1(x))", "x + log(-expm1(-x))", OVERFLOW),
    Repair("log(exp(x) - 1.0)", "x + log(-expm1(-x))", EXACT),
    Repair("log(exp(x) - exp(y))", "x + log(-expm1(y - x))", EXACT),
    Repair("log(1.0 - tanh(x))", "log(2.0) - softplus(2.0 * x)", "tanh rounds to 1 far from 0"),
    Repair("log(1.0 + tanh(x))", "log(2.0) - softplus(-2.0 * x)", "tanh rounds to -1 far from 0"),
    Repair("log(sinh(x))", "x + log(-expm1(-2.0 * x)) - log(2.0)", OVERFLOW),
    Repair("exp(x) - 1.0", "expm1(x)", EXACT),
    Repair("1.0 - exp(x)", "-expm1(x)", EXACT),
    Repair("exp(x) - exp(y)", "where(x > y, -exp(x) * expm1(y - x), exp(y) * expm1(x - y))", EXACT),
    Repair("1.0 - tanh(x)", "2.0 * sigmoid(-2.0 * x)", EXACT),
    Repair("1.0 + tanh(x)", "2.0 * sigmoid(2.0 * x)", EXACT),
    Repair("1.0 - sigmoid(x)", "sigmoid(-x)", EXACT),
    *(
        Repair(f"1.0 - {square}", "4.0 * (sigmoid(2.0 * x) * sigmoid(-2.0 * x))", EXACT)
        for square in ("tanh(x) ** 2", "tanh(x) * tanh(x)", "square(tanh(x))")
    ),
    *(
        Repair(f"1.0 - {square.format(name)}", f"square({other}(x))", EXACT)
        for name, other in (("cos", "sin"), ("sin", "cos"))
        for square in ("{}(x) ** 2", "{0}(x) * {0}(x)", "square({}(x))")
    ),
    Repair("1.0 - erf(x)", "erfc(x)", EXACT),
    Repair("1.0 + erf(x)", "erfc(-x)", EXACT),
    *(
        Repair(f"sqrt({one}) - {two}", f"1.0 / (sqrt({one}) + {two})", EXACT)
        for one, two in (
            ("x + 1.0", "sqrt(x)"), ("1.0 + x ** 2", "x"), ("1.0 + x * x", "x"), ("1.0 + square(x)", "x"),
        )
    ),
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
