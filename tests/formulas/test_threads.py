"""Formulas that several threads read at a time are those that each would read alone."""

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator

import pytest

import tracer as tf
from tracer.formulas.reading import FORMS
from tracer.terms import record as T

pytestmark = pytest.mark.unchecked


@pytest.fixture(autouse=True)
def _threads_that_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def declared_symmetric() -> str:
    S, x = tf.placeholder("S", ("n", "n"), symmetric=True), tf.placeholder("x", ("n",))
    return str(tf.gradients(tf.reduce_sum(x * tf.tanh(S @ x)), x)[0].formula())


def not_symmetric() -> str:
    S, x = tf.placeholder("S", ("n", "n")), tf.placeholder("x", ("n",))
    return str(tf.gradients(tf.reduce_sum(x * tf.tanh(S @ x)), x)[0].formula())


def assumed() -> str:
    p, z = tf.placeholder("p", ("n",)), tf.placeholder("z", ("n",))
    with tf.assuming(tf.reduce_sum(p) == 1, tf.reduce_sum(z * z) == 1):
        return str(tf.gradients(-tf.reduce_sum(p * tf.nn.log_softmax(z)) + tf.norm(z), z)[0].formula())


def not_assumed() -> str:
    p, z = tf.placeholder("p", ("n",)), tf.placeholder("z", ("n",))
    return str(tf.gradients(-tf.reduce_sum(p * tf.nn.log_softmax(z)) + tf.norm(z), z)[0].formula())


def residual() -> str:
    X, A, B = (tf.placeholder(name, ("n", "n")) for name in "XAB")
    h = X + tf.transpose(tf.tanh(X @ A) @ B)
    return str(tf.gradients(tf.reduce_sum(h @ h), A)[0].formula())


def step() -> str:
    X, w = tf.placeholder("X", ("n", "m")), tf.placeholder("w", ("m",))
    return str(tf.formula([tf.gradients(tf.reduce_sum(tf.sigmoid(X @ w)), w)[0]], form="steps"))


TIMES = 3
PAIRS: list[tuple[Callable[[], str], Callable[[], str]]] = [
    (declared_symmetric, not_symmetric),
    (assumed, not_assumed),
    (assumed, assumed),
    (residual, residual),
    (step, declared_symmetric),
]


@pytest.mark.parametrize("programs", PAIRS, ids=lambda p: "-".join(f.__name__ for f in p))
def test_threads_read_what_each_reads_alone(programs: tuple[Callable[[], str], ...]) -> None:
    alone = [program() for program in programs]
    barrier = threading.Barrier(len(programs))
    read: list[list[str]] = [[] for _ in programs]

    def work(k: int) -> None:
        barrier.wait()
        for _ in range(TIMES):
            try:
                read[k].append(programs[k]())
            except Exception:
                read[k].append(traceback.format_exc())

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(programs))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [set(texts) for texts in read] == [{text} for text in alone]
    assert all(len(texts) == TIMES for texts in read)


def test_threads_read_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """sympy may answer a question of one thread by what another has not found out yet."""
    reading: list[int] = []
    most: list[int] = []

    def read(tensors: object, budget: object) -> str:
        reading.append(1)
        most.append(len(reading))
        time.sleep(0.002)
        reading.pop()
        return "read"

    monkeypatch.setitem(FORMS, "matrix", read)
    x = tf.placeholder("x", ("n",))
    threads = [threading.Thread(target=tf.formula, args=(x,)) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert most == [1] * 8


def test_a_term_that_several_threads_make_at_a_time_is_one_object() -> None:
    barrier = threading.Barrier(4)
    made: list[list[T.Term]] = [[] for _ in range(4)]

    def work(k: int) -> None:
        barrier.wait()
        made[k] += [T.source(f"interned{n}", ("n",)) for n in range(3000)]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(len({id(term) for term in row}) == 1 for row in zip(*made, strict=True))
