"""Random programs of NumPy's functions: values, shapes and derivatives are NumPy's, and a planted fault is seen."""

import pytest

from tests.array_programs.check import faults
from tests.array_programs.generate import Program, generate, programs
from tests.array_programs.more import batched, jacobian, pushed, second, sparse
from tracer import backprop, batching
from tracer.backends import evaluation
from tracer.program import einsums

SAMPLE, MORE, PLANTED = 80, 12, 60
"""How many programs are run, how many in all ways, and among how many a planted fault must be found."""


@pytest.mark.parametrize("start", range(0, SAMPLE, 20))
def test_programs_are_right(start):
    wrong = [(program, found) for program in programs(start, 20) if (found := faults(program))]
    assert not wrong, "\n".join(f"{program}\n{found}" for program, found in wrong)


def test_other_derivatives_are_right():
    wrong = [(p, found) for p in programs(0, MORE) if (found := faults(p, (jacobian, pushed, batched, second, sparse)))]
    assert not wrong, "\n".join(f"{program}\n{found}" for program, found in wrong)


THIN = {
    "transpose of a broadcast sum": ({"x": ("n", 1), "y": ("m",)}, "np.sum(np.square(np.transpose(x + y)))"),
    "the same of given sizes": ({"x": (2, 1), "y": ("m",)}, "np.sum(np.square(np.transpose(x + y)))"),
    "transpose of a weighted softmax": ({"x": (2, 1), "y": (2,)}, "np.sin(np.transpose(x * softmax(y, axis=0)))"),
    "mean of a transpose": ({"x": ("m", 1, "n")}, "2.0 * np.square(np.mean(x.T, axis=0))"),
    "variance of a transpose": ({"x": ("k", "n", "m")}, "np.square(np.var(x.T, axis=1, keepdims=True))"),
    "mean of large products": ({"x": ("n", "n")}, "np.mean(np.outer(x, x) - np.max(np.outer(x, x), axis=-1))"),
    "variance of a Kronecker product": ({"x": ("n", "n")}, "np.var(np.kron(x, x), axis=(1, 0), keepdims=True)"),
}
"""What once had the value of another shape, or divided integers."""


@pytest.mark.parametrize("name", THIN)
def test_thin_axes(name):
    sources, text = THIN[name]
    assert not faults(Program(0, sources, end=text))


def test_a_program_is_the_seed_s():
    assert str(generate(7)) == str(generate(7)) != str(generate(8))
    assert len({generate(seed).text for seed in range(100)}) > 90


def _unordered(monkeypatch):
    monkeypatch.setattr(einsums.ContractionWriter, "order_axes", lambda self, factor, order: factor.line)


def _kept(monkeypatch):
    monkeypatch.setattr(einsums.ContractionWriter, "keeps_axes", lambda self, value, core, unique: value in self.summed)


def _summed(monkeypatch):
    monkeypatch.setattr(backprop, "unbroadcast", lambda value, shape, wanted: value)


def _flattened(monkeypatch):
    finish = evaluation.finish
    monkeypatch.setattr(evaluation, "finish", lambda value, tensor, np: finish(np.ravel(value), tensor, np))


@pytest.mark.unchecked
@pytest.mark.parametrize("plant", [_unordered, _kept, _summed, _flattened])
def test_a_planted_fault_is_seen(plant, monkeypatch):
    plant(monkeypatch)
    assert any(faults(program) for program in programs(0, PLANTED))


@pytest.mark.unchecked
def test_a_planted_fault_of_batches_is_seen(monkeypatch):
    monkeypatch.setattr(batching, "_aligned", lambda tensor, axes, rank: tensor)
    assert any(faults(program, (batched, jacobian)) for program in programs(0, PLANTED))
