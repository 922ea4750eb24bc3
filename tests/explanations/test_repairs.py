"""Each repair of the table has the value of what it replaces, wherever both are finite."""

import ast
import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import tracer
from tracer.explanations.agreement import Agreement
from tracer.explanations.expression_patterns import parse, replace_parts
from tracer.explanations.expression_tracing import trace
from tracer.explanations.repairs import NO_NAN, REPAIRS, Repair, apply_repair
from tracer.explanations.witnesses import Draws

SHAPES = {"linalg": (2, 2), "softmax": (3,), "reduce": (2,)}


def letters(text):
    """The letters of a pattern that stand for expressions."""
    return {n.id for n in ast.walk(parse(text)) if isinstance(n, ast.Name) and len(n.id) == 1}


def operands(repair, draw):
    """Values for the letters of a repair."""
    text = repair.pattern
    shape = next((s for word, s in SHAPES.items() if word in text), ())
    found = {}
    for letter in sorted(letters(text) - {"o", "t"} - ({"a"} if "axis=a" in text else set())):
        found[letter] = draw(letter, shape)
    return found


def sources(values):
    return {
        k: tracer.placeholder(k, np.shape(v), "bool" if np.asarray(v).dtype == bool else "float64")
        for k, v in values.items()
    }


def traced(repair, values):
    """The tensors of a pattern and of its replacement, and the feed."""
    named = sources(values)
    texts = [t.replace(", **o", "").replace(", t)", ", 'float64')") for t in (repair.pattern, repair.replacement)]
    texts = [t.replace("axis=a", "axis=0") for t in texts]
    return [trace(ast.parse(t, mode="eval").body, named) for t in texts], {named[k]: v for k, v in values.items()}


def disagreement(repair, seed=0):
    """The largest relative difference where both are finite, and at how many points that was looked at."""
    rng = np.random.default_rng(seed)
    worst, compared, pair, feed = 0.0, 0, None, {}
    for trial in range(45):

        def draw(letter, shape, trial=trial):
            if letter == "c":
                return rng.integers(0, 2, shape).astype(bool)
            low, high = [(-2.0, 2.0), (0.1, 0.9), (0.5, 3.0)][trial % 3]
            return rng.uniform(low, high, shape)

        values = operands(repair, draw)
        pair, feed = traced(repair, values) if pair is None else (pair, {t: values[t.name] for t in feed})
        u, v = (np.asarray(t.eval(feed)) for t in pair)
        both = np.isfinite(u) & np.isfinite(v)
        compared += both.any()
        if both.any():
            worst = max(worst, float(np.max(np.abs(u - v)[both] / (1e-6 + np.abs(u[both])))))
    return worst, compared


@pytest.mark.parametrize("repair", REPAIRS, ids=lambda r: r.pattern)
def test_values_agree(repair):
    worst, compared = disagreement(repair)
    assert worst < 1e-7
    assert compared >= 5


@pytest.mark.parametrize("repair", REPAIRS, ids=lambda r: r.pattern)
def test_values_agree_in_many_digits(repair):
    """They would at no more than a few points if they were not the same function."""
    rng = np.random.default_rng(5)
    blank = operands(repair, lambda letter, shape: np.zeros(shape, bool if letter == "c" else float))
    pair, feed = traced(repair, blank)
    found = set()
    for low in ((0.1, 1.5) if repair in narrower() else (-2.0, 0.1, 1.5)) * 3:
        values = {t: rng.uniform(low, low + 0.8, t.shape) for t in feed if t.dtype != "bool"}
        found.add(Agreement([tuple(pair)]).at(values | {t: np.array(low > 0) for t in feed if t.dtype == "bool"}))
    assert True in found
    assert False not in found


@pytest.mark.parametrize(
    "wrong",
    [
        Repair("log(1.0 + x)", "log(x)", ""),
        Repair("x * log(y)", "math.xlogy(y, x)", ""),
        Repair("sin(x) / x", "where(not_equal(x, 0.0), 1.0, sin(x))", ""),
        Repair("linalg.inv(a) @ b", "linalg.solve(b, a)", ""),
    ],
    ids=lambda r: r.replacement,
)
def test_a_wrong_repair_is_seen(wrong):
    assert disagreement(wrong)[0] > 1e-3


EXTREME = [0.0, 1e3, -1e3, 1e-200, 1.0, -1.0, 20.0, -20.0]


def finiteness(tensor, sources):
    """From values of the sources to which elements of a tensor are finite."""
    function = tracer.compile(tensor, sources)

    def is_finite(*values):
        try:
            return np.isfinite(function(*values))
        except np.linalg.LinAlgError:
            return np.zeros(tensor.shape, bool)

    return is_finite


def is_lost(worse, better, values):
    """Whether a value is finite, and that of a replacement is not."""
    return bool((worse(*values) & ~better(*values)).any())


def extreme(letter, blank, number):
    """A letter's value of the shape of another, all of whose elements, or those on its diagonal, are one number."""
    if letter == "c":
        return np.asarray(bool(number))
    return np.diag([number] * 2) if np.shape(blank) == (2, 2) else np.full(np.shape(blank), number)


def losses(repair):
    """Values at which the replacement, or its gradient, is not finite, and the pattern is."""
    blank = operands(repair, lambda letter, shape: np.zeros(shape, bool if letter == "c" else float))
    pair, feed = traced(repair, blank)
    floats = [t for t in feed if t.dtype == "float64"]
    slopes = [two for two in zip(*(tracer.gradients(t, floats) for t in pair), strict=True) if None not in two]
    pair, *slopes = ([finiteness(t, list(feed)) for t in two] for two in (pair, *slopes))
    for numbers in itertools.product(EXTREME, repeat=len(blank)):
        values = {k: extreme(k, v, n) for (k, v), n in zip(blank.items(), numbers, strict=True)}
        named = [values[t.name] for t in feed]
        if is_lost(*pair, named) or (pair[0](*named).all() and any(is_lost(*two, named) for two in slopes)):
            yield numbers


@cache
def narrower():
    """Those of the repairs that are not finite somewhere where what they replace is."""
    return [r for r in REPAIRS if any(losses(r))]


def test_a_replacement_that_is_finite_wherever_its_pattern_is_follows_one_that_is_not():
    """A fix is compared where it is to stand, so that of two the shorter one is offered where that is enough."""
    short = narrower()
    assert {r.pattern for r in short} == {"log(x ** y)", "log(x * y)", "log(x / y)", "log(reduce_prod(x, **o))"}
    for repair in short:
        later = REPAIRS[REPAIRS.index(repair) + 1]
        assert later.pattern == repair.pattern
        assert later not in short


def test_a_replacement_that_is_narrower_is_not_offered():
    for repair in narrower():
        for made, is_offered in ((repair, False), (REPAIRS[REPAIRS.index(repair) + 1], True)):
            pair, _ = traced(made, operands(made, lambda letter, shape: np.zeros(shape)))
            assert Agreement([tuple(pair)]).everywhere(Draws(pair[:1], keep=False)) is is_offered


REVERSIBLE = [r for r in REPAIRS if r.pattern in ("sqrt(square(x))", "square(sqrt(x))", "x * log(y)", "x * log1p(y)")]


@pytest.mark.parametrize("repair", REVERSIBLE, ids=lambda r: r.pattern)
def test_a_repair_the_wrong_way_round_is_seen(repair):
    assert any(losses(repair._replace(pattern=repair.replacement, replacement=repair.pattern)))


def test_a_quotient_is_zero_by_convention_only_where_its_numerator_is():
    conventions = [r for r in REPAIRS if r.reason == NO_NAN]
    assert len(conventions) >= 5
    assert {r.zero for r in conventions} == {"x"}


PARTS = [
    ("x * log(y)", "p * log(q)", "math.xlogy(p, q)"),
    ("x / y", "p / q", "math.divide_no_nan(p, q)"),
    ("log(nn.softmax(x, **o))", "log(nn.softmax(z, axis=1))", "nn.log_softmax(z, axis=1)"),
    (
        "cast(c, t) * x + (1.0 - cast(c, t)) * y",
        "(1.0 - cast(m, 'float64')) * q + cast(m, 'float64') * p",
        "where(m, p, q)",
    ),
    (
        "exp(x) / reduce_sum(exp(x), axis=a, keepdims=True)",
        "exp(z) / reduce_sum(exp(z), axis=0, keepdims=True)",
        "nn.softmax(z, axis=0)",
    ),
]


@pytest.mark.parametrize(("pattern", "expression", "expected"), PARTS)
def test_repairs_are_applied(pattern, expression, expected):
    (repair,) = [r for r in REPAIRS if r.pattern == pattern]
    whole = parse(expression)
    made = apply_repair(repair, [whole], lambda part: True)
    assert ast.unparse(replace_parts(whole, made)) == expected


def test_a_letter_that_must_be_zero_is_asked_for():
    (repair,) = [r for r in REPAIRS if r.pattern == "x / y"]
    assert not apply_repair(repair, [parse("p / q")], lambda part: False)


def test_inner_repairs_are_kept_in_outer_ones():
    (repair,) = [r for r in REPAIRS if r.pattern == "x / y"]
    whole = parse("(p / q) / r")
    made = apply_repair(repair, [whole.left, whole], lambda part: True)
    assert ast.unparse(replace_parts(whole, made)) == "math.divide_no_nan(math.divide_no_nan(p, q), r)"


def test_the_page_lists_the_table():
    page = (Path(__file__).parents[2] / "docs/repairs.md").read_text(encoding="utf-8")
    rows = [f"| `{r.pattern}` | `{r.replacement}` | {r.reason} |" for r in REPAIRS]
    assert page.split("|---|---|---|\n")[1].splitlines() == rows
