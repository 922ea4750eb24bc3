"""The table of rewrites: both sides are equal, the one that is computed is exact, and the page shows the table."""

import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy

from tracer.backends.to_math import MATH
from tracer.program.rewrites import LIMITS, REWRITES
from tracer.rules import argument
from tracer.scalar import Named

DOCS = Path(__file__).parents[2] / "docs"
RULES = pytest.mark.parametrize("rule", REWRITES, ids=lambda rule: str(rule.pattern))


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    yield importlib.import_module("rewrite_tables")
    del sys.modules["rewrite_tables"]


def written(expr):
    """An expression in sympy's exponentials, logarithms and error function."""
    expr = expr.replace(sympy.UnevaluatedExpr, lambda e: e)
    expr = expr.replace(lambda e: isinstance(e, Named), lambda e: type(e).definition(*e.args))
    return expr.rewrite((sympy.asinh, sympy.acosh, sympy.atanh), sympy.log).rewrite(sympy.erfc, sympy.erf)


def is_zero(expr):
    """Whether an expression in exponentials of ``a``, taken for unknowns, is zero as a rational function."""
    a, real, turned = sympy.Symbol("_0", real=True), *sympy.symbols("t u", positive=True)

    def unknown(power):
        # Half of a is the smallest multiple in the table; imaginary ones are of sines and cosines.
        factor = 2 * power.args[0] / a
        return real**factor if factor.is_real else turned ** (factor / sympy.I)

    flat = sympy.expand(expr.rewrite(sympy.exp)).replace(lambda e: isinstance(e, sympy.exp), unknown)
    return sympy.cancel(flat) == 0


def are_equal(one, other):
    """Whether two real expressions are equal, or their exponentials or tangents are, or the squares of two roots."""
    if one.is_Pow and one.exp == sympy.S.Half:
        return sympy.expand(one**2 - other**2) == 0
    if one.has(sympy.atan):
        # Both are less than half a turn, and on one side: the cosine of the difference has the sign of the denominator.
        sine, cosine = other.args
        return sympy.cancel(sympy.tan(one).expand(trig=True) - sine / cosine) == 0
    if one.has(argument(2)):
        base, ratio = sympy.symbols("u v", positive=True)
        close = {argument(0): base, argument(1): base * (ratio - 1)}
        return sympy.simplify((one - other).xreplace(close)) == 0
    if any(t.is_Pow and t.exp == sympy.S.Half and t.base.has(argument(0) ** 2) for t in one.args):
        # Beyond 1 all roots are real; which sign belongs to a branch, it does not say.
        u, v = sympy.symbols("u v", positive=True)
        return any(
            sympy.radsimp(
                sympy.simplify((one - other).subs({argument(0): sign * (1 + u), argument(1): other_sign * v}))
            )
            == 0
            for sign in (1, -1)
            for other_sign in (1, -1)
        )
    return is_zero(one - other) or is_zero(sympy.exp(one) - sympy.exp(other)) or sympy.simplify(one - other) == 0


def list_branches(expr):
    """What an expression is where its conditions hold, and for each sign of what it has the absolute value of."""
    folded = sympy.piecewise_fold(expr)
    for value in [v for v, _ in folded.args] if folded.is_Piecewise else [folded]:
        yield from dict.fromkeys(value.replace(sympy.Abs, lambda x, s=s: s * x) for s in (1, -1))


@RULES
def test_both_sides_are_equal(rule):
    for value in list_branches(rule.replacement):
        sides = written(rule.pattern), written(value)
        if rule.replacement.func is sympy.acosh:
            # Below 1 neither has a value.
            above = sympy.Symbol("u", positive=True)
            sides = tuple(sympy.expand_log(s.subs(sympy.Symbol("_0", real=True), 1 + above)) for s in sides)
            assert sympy.expand((sides[0].args[0] - above - 1) ** 2 - (sides[1].args[0] - above - 1) ** 2) == 0
        else:
            assert are_equal(*sides)


@pytest.mark.parametrize("rule", LIMITS, ids=lambda rule: str(rule.pattern))
def test_a_limit_is_one(rule):
    """From above; elsewhere the value is as it is written."""
    (limit, _), (value, _) = rule.replacement.args
    assert value == rule.pattern
    start = sympy.Symbol("u", positive=True)
    assert sympy.limit(rule.pattern.subs(argument(0), start).subs(argument(1), 2), start, 0, "+") == limit
    function = sympy.lambdify(sorted(rule.pattern.free_symbols, key=str), rule.pattern, "numpy")
    with np.errstate(all="ignore"):
        assert all(np.isnan(function(*map(np.float64, point))) for point in rule.points)


def test_a_wrong_rule_is_seen():
    a = sympy.Symbol("_0", real=True)
    assert not are_equal(written(1 - sympy.cos(a)), written(2 * sympy.sin(a) ** 2))


@RULES
def test_what_is_computed_is_exact_and_what_is_written_is_not(tables, rule):
    errors = tables.measure(rule)
    assert max(after for _, after in errors) <= 4
    assert max(before for before, _ in errors) > 50
    assert max(tables.measure_side(rule, rule.replacement, MATH)) <= 4


def test_an_error_is_counted_in_units_of_the_last_place(tables):
    assert tables.count_ulps(1 + 2**-51, tables.mpmath.mpf(1)) == 2
    assert tables.count_ulps(math.nan, tables.mpmath.mpf(1)) == math.inf


def test_the_page_shows_the_table(tables):
    """The errors are those of one machine; what is said beside them is the table's."""
    page = tables.PAGE.read_text(encoding="utf-8")
    assert [line for line in tables.fill(page).split("\n") if not line.startswith("| `")] == [
        line for line in page.split("\n") if not line.startswith("| `")
    ]
    shown = [line.split(" | ") for line in page.split("\n") if line.startswith("| `")]
    for cells, row in zip(shown, tables.write_rows(), strict=True):
        assert cells[:4] == row.split(" | ")[:4]
        assert cells[4] == row.split(" | ")[4]
        assert int(cells[5].rstrip(" |")) <= 4
