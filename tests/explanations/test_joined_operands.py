"""What is asked of joined, taken, reversed and reduced tensors: at every witness of a random program it is false."""

import functools
import itertools

import numpy as np
import pytest
import sympy

import tracer
from tracer.backends.evaluation import run_program
from tracer.explanations.joined_operands import split_joined
from tracer.rules import argument

log = tracer.math.log
v = tracer.placeholder("v", ("n",))
w = tracer.placeholder("w", (3,))
x = tracer.symbols("x")


@functools.cache
def instances(relation, sizes, most):
    """A relation at all generic indices below a number, and the elements that it asks for; of sizes of dimensions."""
    relation = relation.xreplace({d: sympy.Integer(n) for d, n in sizes}).doit()
    free = sorted(relation.free_symbols - {e for e in relation.free_symbols if str(e)[0] in "vw"}, key=str)
    places = (map(sympy.Integer, place) for place in itertools.product(range(most), repeat=len(free)))
    made = [relation.xreplace(dict(zip(free, place))).doit() for place in places]
    return [(m, list(m.atoms(sympy.Indexed))) for m in made]


def holds(relation, feed):
    """Whether a relation is true at values, for all generic indices for which its elements are there."""
    arrays = {t.name: np.asarray(value) for t, value in feed.items()}
    sizes = {d: len(value) for t, value in feed.items() for d in t.shape if isinstance(d, sympy.Symbol)}
    answers = []
    for made, elements in instances(relation, tuple(sizes.items()), 3 * max(a.size for a in arrays.values())):
        if any(not 0 <= int(k) < n for e in elements for k, n in zip(e.indices, arrays[e.base.name].shape)):
            continue
        known = {e: sympy.Rational(str(float(arrays[e.base.name][tuple(map(int, e.indices))]))) for e in elements}
        answers.append(bool(made.xreplace(known)))
    assert answers, relation
    return all(answers)


SHIFTS = [lambda t: t, lambda t: t - 1.0, lambda t: 2.0 * t + 1.0, lambda t: -t, lambda t: 3.0 - t]
JOINS = [
    lambda a, b: tracer.concat([a, b], 0),
    lambda a, b: tracer.stack([a, b]),
    lambda a, b: tracer.stack([a, b], axis=1),
    lambda a, b: tracer.concat([a, b, a], 0) * 2.0,
    lambda a, b: tracer.reverse(tracer.concat([a, b], 0), [0]),
    lambda a, b: tracer.concat([a, b], 0)[1:],
    lambda a, b: tracer.transpose(tracer.stack([a, b])) + 0.5,
    lambda a, b: tracer.maximum(a, b),
    lambda a, b: tracer.cumsum(a) + 1.0,
    lambda a, b: tracer.reduce_min(tracer.concat([a, b], 0)),
]
ASKING = [log, tracer.sqrt, lambda t: 1.0 / t, lambda t: tracer.acos(t / 4.0)]


def programs(seed):
    """A random program over joined tensors, and random values of small integers."""
    rng = np.random.default_rng(seed)
    source = [v, w][seed % 2]
    parts = [SHIFTS[k](source) for k in rng.choice(len(SHIFTS), 2, replace=False)]
    joined = JOINS[seed % len(JOINS)](*parts)
    whole = tracer.reduce_sum(ASKING[rng.integers(len(ASKING))](joined))
    return whole, [{source: rng.integers(-4, 5, 3).astype(float)} for _ in range(4)]


@pytest.mark.parametrize("seed", range(20))
def test_a_condition_is_false_at_a_witness_and_true_where_all_is_finite(seed):
    tensor, feeds = programs(seed)
    stated = [c.relation for c in tracer.conditions(tensor)]
    for feed in feeds:
        with np.errstate(all="ignore"):
            finite = bool(np.isfinite(run_program(tensor, feed)))
        diagnosis = tracer.diagnose(tensor, feed)
        assert diagnosis.finite is finite
        assert all(holds(r, feed) for r in stated) is finite, stated
        if not finite:
            assert not holds(diagnosis.condition.relation, feed)


def test_parts_are_those_that_are_joined():
    e = tracer.reshape(x, (1,))
    assert len(split_joined(argument(0) > 0, log(tracer.concat([v, v, v], 0)))) == 3
    assert split_joined(argument(0) > 0, log(v)) == []
    assert [t.args[0] is v for t in split_joined(argument(0) > 0, log(tracer.reduce_min(v)))] == [True]
    assert split_joined(argument(0) > 0, log(tracer.reduce_max(v))) == []
    assert split_joined(sympy.Ne(argument(1), 0), w / tracer.concat([e, e, 2.0 * e], 0)) != []
    assert split_joined(argument(0) > argument(1), tracer.stack([x, x]) ** tracer.stack([x, x])) == []
