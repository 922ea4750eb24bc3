"""Progress is shown of long work on a terminal, by tqdm, and of nothing else; what is interrupted leaves no trace."""

import io
import sys
import types
from typing import ClassVar

import pytest

import tracer as tf
from tracer import progress
from tracer.progress import Progress, find_progress, tick
from tracer.terms.work import Budget


class Terminal(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self):
        return True


class Bar:
    """A bar that notes what is made of it."""

    made: ClassVar = []

    def __init__(self, **options):
        self.options, self.n, self.start_t, self.shown, self.closed = options, 0, 100.0, [], False
        Bar.made.append(self)

    def refresh(self):
        self.shown.append(self.n)

    def close(self):
        self.closed = True


@pytest.fixture
def clock(monkeypatch):
    """A terminal, a bar, and a clock that goes a second on at each look."""
    times = iter(range(10**9))
    monkeypatch.setattr(progress, "sys", types.SimpleNamespace(stderr=Terminal()))
    monkeypatch.setattr(progress, "monotonic", lambda: float(next(times)))
    library = types.ModuleType("tqdm")
    library.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", library)
    Bar.made.clear()
    return times


def test_a_bar_appears_after_two_seconds(clock):
    with Progress("search", total=5):
        tick()
        assert not Bar.made
        for _ in range(3):
            tick()
        [bar] = Bar.made
        assert (bar.options["desc"], bar.options["total"]) == ("search", 5)
        assert bar.shown == [2, 3, 4]
        assert bar.start_t == 98
        assert not bar.closed
    assert bar.closed
    assert find_progress() is None


def test_short_work_has_no_bar(clock):
    with Progress("search"):
        tick()
    assert not Bar.made


def test_what_is_no_terminal_has_no_bar(clock, monkeypatch):
    for stream in (io.StringIO(), None):
        monkeypatch.setattr(progress.sys, "stderr", stream)
        with Progress("search"):
            assert find_progress() is None
            for _ in range(9):
                tick()
    assert not Bar.made


def test_without_tqdm_nothing_is_shown(clock, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with Progress("search"):
        for _ in range(9):
            tick()
    assert progress.sys.stderr.getvalue() == ""


def test_parts_of_work_count_for_the_whole(clock):
    with Progress("compare"):
        for _ in range(3):
            with Progress("formula"):
                tick(2)
        tick()
    [bar] = Bar.made
    assert bar.options["desc"] == "compare"
    assert bar.shown[-1] == 7


def test_work_that_was_interrupted_is_forgotten(clock):
    def interrupted():
        work = Progress("search")
        work.__enter__()
        for _ in range(4):
            tick()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()
    del caught
    [bar] = Bar.made
    assert bar.closed
    assert find_progress() is None


def test_a_budget_tells_of_its_work(clock):
    budget = Budget(10_000, "y")
    with Progress("formula", total=10_000):
        for _ in range(600):
            budget.spend(10)
    [bar] = Bar.made
    assert 5000 <= bar.shown[-1] <= 6500
    assert bar.shown == sorted(bar.shown)


X = tf.symbols("x")
LONG = {
    "formula": lambda: tf.formula(_make_long(X)),
    "compare": lambda: tf.compare("x*log(x) + w*x", "x*log(x*exp(w))", (), ()),
    "diagnosis": lambda: tf.diagnose(tf.sqrt(X)),
    "fix": lambda: tf.diagnose(tf.math.log(X) * 0.0, {"x": 0.0}).fix,
    "check": lambda: tf.testing.check_gradients(lambda x: tf.sin(x) * x, ()),
    "compile": lambda: tf.compile(_make_long(X), [X], backend="math"),
    "conditions": lambda: tf.conditions(tf.sqrt(X)),
}


def _make_long(x):
    return sum(tf.sin(x) ** k * tf.exp(-k * x) for k in range(2, 30))


@pytest.mark.unchecked
@pytest.mark.parametrize("name", LONG)
def test_long_work_is_told_of(name, clock):
    LONG[name]()
    assert any(bar.options["desc"].startswith(name) and bar.shown for bar in Bar.made), [b.options for b in Bar.made]
    assert all(bar.closed for bar in Bar.made)


def test_short_work_costs_nothing_to_speak_of():
    from timeit import timeit

    def work():
        with Progress("search"):
            tick()

    assert min(timeit(work, number=1000) for _ in range(5)) / 1000 < 20e-6
