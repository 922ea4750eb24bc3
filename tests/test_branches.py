"""Decisions of Python on values of tensors: noted for the sources, as long as these live."""

import gc
import weakref

import numpy as np
import pytest

import tracer
from tests.helpers import free_own_garbage
from tracer.alive import live
from tracer.branches import branches_before, branches_of
from tracer.notes import LAST
from tracer.walk import ancestors


def _decisions(source):
    return [(b.tensor.op, b.taken) for b in branches_of(source)]


@pytest.mark.parametrize("decide", [bool, float, int, lambda t: 1 if t else 0])
def test_decisions_are_noted(decide):
    x = tracer.Variable(2.0)
    decide(x > 1)
    decide(x > 3)
    assert _decisions(x.read()) == [("greater", True), ("greater", False)]


def test_numbers_taken_of_numbers_are_no_decisions():
    x = tracer.Variable(2.0)
    assert float(x) == int(x) == x.numpy()
    assert _decisions(x.read()) == []


def test_a_decision_on_two_sources_is_known_to_both():
    x, y = tracer.Variable(2.0), tracer.Variable(1.0)
    assert x > y
    assert _decisions(x.read()) == _decisions(y.read()) == [("greater", True)]


def test_nameless_numbers_are_not_asked():
    (number,) = [tracer.convert_to_tensor(2.0)]
    assert number > 1
    assert number.label is None
    assert list(branches_of(number)) == []


def test_what_was_computed_before_is_not_concerned():
    x = tracer.Variable(2.0)
    before = x * x
    assert x > 1
    after = x * x
    assert branches_before(before, [x.read()]) == []
    assert len(branches_before(after, [x.read()])) == 1


def test_the_same_decision_is_noted_once():
    x = tracer.Variable(2.0)
    for _ in range(10):
        assert x > 1
    assert len(_decisions(x.read())) == 1


def test_the_last_decisions_are_kept():
    x = tracer.Variable(2.0)
    for k in range(LAST + 10):
        assert x > -k
    assert len(_decisions(x.read())) == LAST


def test_decisions_die_with_the_youngest_source():
    data = tracer.Variable(np.ones(1000))
    w = tracer.Variable(1.0)
    notes = []
    for _ in range(5):
        loss = tracer.reduce_sum(data * w)
        assert loss > 0
        notes.append(weakref.ref(next(branches_of(w.read()))))
        del loss
        w.assign(w * 0.5)
    w.assign(1.0)  # until then the variable has what its value was computed from
    free_own_garbage()
    assert [n() for n in notes] == [None] * 5
    assert _decisions(data.read()) == []


def test_conditions_of_control_flow_are_decisions():
    x = tracer.Variable(2.0)
    tracer.cond(x > 1, lambda: x, lambda: -x)
    assert _decisions(x.read()) == [("greater", True)]


def test_decisions_stay_with_the_values_that_an_array_had():
    array = tracer.constant([1.0, 2.0], name="a")
    array.__array_namespace__()
    assert array[0] > 0
    before = array * 2
    array[0] = -1.0
    (source,) = [t for t in ancestors([before]) if t.label == "a"]
    assert _decisions(source) == [("greater", True)]
    assert _decisions(array) == []


def test_loops_of_decisions_leave_no_tensors():
    data = tracer.Variable(3.0)
    w = tracer.Variable(1.0)
    found = []
    gc.freeze()  # What earlier tests have left is no garbage of this loop.
    for k in range(60):
        if (w * data) ** 2 > 0.25:
            w.assign(w * 0.9)
        else:
            w.assign(w + 1)
        if k % 20 == 19:
            gc.collect()
            found.append(len(live))
    assert found[0] == found[1] == found[2]
