"""What every backend does: it is in the one table, and refuses by name before anything runs."""

import pytest

import tracer
from tracer.backends.backend import name_array, refuse
from tracer.backends.compilation import BACKENDS
from tracer.program.program import Program


def test_the_table_names_each_backend_by_its_own_name():
    assert list(BACKENDS) == [b.name for b in BACKENDS.values()]
    assert {b.fallback for b in BACKENDS.values()} <= set(BACKENDS)
    assert BACKENDS["numpy"].arrays


def test_an_array_is_named():
    x, s = tracer.placeholder("x", ("n",)), tracer.symbols("s")
    assert name_array(Program([x * 2], [x])) == "x is an array"
    assert name_array(Program([tracer.reduce_sum(tracer.stack([s, s]))], [s])) == "stack is an array"
    assert name_array(Program([s * 2], [s])) == ""


@pytest.mark.parametrize("name", [b.name for b in BACKENDS.values() if not b.arrays])
def test_programs_of_arrays_are_refused(name):
    x = tracer.placeholder("x", ("n",))
    with pytest.raises(ValueError, match=f"the backend {name!r} is for programs of scalars, and x is an array; write"):
        refuse(BACKENDS[name], Program([x * 2], [x]))


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=list(BACKENDS))
def test_a_row_without_a_form_is_refused_by_name(backend):
    op = tracer.rules.Op("mystery")
    x = tracer.symbols("x")
    y = tracer.tensor.record_tensor(op, (x,), None, (), "float64")
    try:
        lack = backend.lacks(Program([y], [x]))
    except ImportError as error:
        pytest.skip(str(error))
    assert "mystery" in lack
    with pytest.raises((LookupError, ValueError), match="mystery"):
        tracer.compile(y, [x], backend=backend.name)


@pytest.mark.unchecked
def test_nothing_runs_before_a_refusal(monkeypatch):
    calls = []
    monkeypatch.setattr("numpy.exp", lambda x: calls.append(x))
    x = tracer.constant([1.0])
    y = tracer.tensor.record_tensor(tracer.rules.Op("mystery"), (tracer.exp(x),), None, (1,), "float64")
    with pytest.raises(LookupError, match="'mystery' has no NumPy form"):
        y.numpy()
    assert not calls
