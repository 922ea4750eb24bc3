"""Values of tensors: numpy(), eval, and where Python asks for a value."""

import gc
import weakref

import numpy as np
import pytest

import tracer
from tests.helpers import assert_same
from tracer.backends.evaluation import run
from tracer.program.program import Program


def test_kinds_of_results():
    x = tracer.constant([[1.0, 2.0], [3.0, 4.0]])
    assert isinstance((x + 1).numpy(), np.ndarray)
    total = tracer.reduce_sum(x).numpy()
    assert isinstance(total, np.float64)
    assert total == 10
    assert (x > 2).numpy().dtype == bool
    assert tracer.constant([1, 2], dtype="int32").numpy().dtype == np.int32
    assert (tracer.constant([1.0], dtype="float32") * 2).numpy().dtype == np.float32
    mixed = tracer.constant([1.5], dtype="float32") * tracer.cast(tracer.constant([3]), "float32")
    assert mixed.numpy().dtype == np.float32
    widened = tracer.constant([1.5], dtype="float32") * tracer.constant([3])
    assert widened.numpy().dtype == np.dtype(widened.dtype)


def test_a_value_is_computed_once():
    x = tracer.constant([1.0, 2.0])
    y = x * x
    first = y.numpy()
    assert y.numpy() is first


def test_a_feed_leaves_nothing_behind():
    x = tracer.placeholder("x")
    y = x * x
    assert y.eval({x: 3.0}) == 9
    assert y.eval({"x": 4.0}) == 16
    with pytest.raises(ValueError, match="x has none"):
        y.numpy()


def test_a_feed_overrides_values():
    w = tracer.Variable(2.0, name="w")
    y = w * w
    assert y.numpy() == 4
    assert y.eval({w: 5.0}) == 25
    assert y.eval({"w": 6.0}) == 36
    assert y.numpy() == 4


def test_a_variable_keeps_the_value_it_was_read_with():
    w = tracer.Variable(2.0)
    y = w * w
    w.assign(3.0)
    assert y.numpy() == 4
    assert (w * w).numpy() == 9


def test_an_intermediate_may_be_fed():
    x = tracer.placeholder("x")
    u = tracer.sin(x)
    y = u * u
    assert y.eval({u: 3.0}) == 9


def test_symbolic_dimensions_come_from_the_feed():
    X = tracer.placeholder("X", shape=("n", "m"))
    mean = tracer.reduce_mean(X)
    np.testing.assert_allclose(mean.eval({X: np.arange(6.0).reshape(2, 3)}), 2.5)
    gradient = tracer.gradients(mean, X)[0]
    for key in (X, "X"):
        np.testing.assert_allclose(gradient.eval({key: np.ones((2, 3))}), np.full((2, 3), 1 / 6))
    with pytest.raises(ValueError, match=r"dimension [nm] is not the size of any axis"):
        gradient.numpy()


def test_errors_name_what_is_wrong():
    X, w = tracer.placeholder("X", shape=("n", "m")), tracer.placeholder("w", shape=("m",))
    y = X @ w
    with pytest.raises(TypeError, match="dictionary of values"):
        y.eval(3)
    with pytest.raises(LookupError, match=r"matmul_\d+ is not computed from 'absent'; its sources are: X, w"):
        y.eval({"absent": 1.0})
    with pytest.raises(LookupError, match=r"not computed from sin_\d+"):
        y.eval({tracer.sin(w): 1.0})
    with pytest.raises(ValueError, match="X, w have none"):
        y.numpy()
    with pytest.raises(ValueError, match="w has none"):
        y.eval({X: np.ones((2, 3))})
    with pytest.raises(ValueError, match=r"w of shape \(m,\) was given a value of shape \(4,\), but m is 3 already"):
        y.eval({X: np.ones((2, 3)), w: np.ones(4)})
    with pytest.raises(ValueError, match=r"X has the shape \(n, m\), the value given for it has the shape \(3,\)"):
        y.eval({X: np.ones(3), w: np.ones(3)})


def test_where_python_asks_for_a_value():
    x = tracer.constant(2.5)
    assert float(x * 2) == 5.0
    assert int(x * 2) == 5
    assert bool(x > 2)
    assert f"{x * 2:.2f}" == "5.00"
    p = tracer.placeholder("p")
    with pytest.raises(TypeError, match=r"bool\(\) of greater_\d+, which depends on p without a value; write where\("):
        bool(p > 0)
    with pytest.raises(TypeError, match=r"float\(\) of multiply_\d+, which depends on p"):
        float(p * 2)
    with pytest.raises(TypeError, match="takes a tensor of one element"):
        float(tracer.constant([1.0, 2.0]) * 1)


def test_edges_of_domains_give_infinities_without_warnings():
    x = tracer.Variable(0.0)
    for function, expected in ((tracer.sqrt, np.inf), (tracer.log, np.inf), (lambda v: 1 / v, -np.inf)):
        with tracer.GradientTape() as tape:
            y = function(x)
        assert tape.gradient(y, x).numpy() == expected
    assert tracer.log(tracer.constant(-1.0)).numpy() != tracer.log(tracer.constant(-1.0)).numpy()
    assert tracer.exp(tracer.constant(1000.0)).numpy() == np.inf


def test_arithmetic_of_constants_follows_numpy():
    zero = tracer.constant(0.0)
    for value, expected in ((1 / zero, np.inf), (tracer.log(zero), -np.inf), ((zero - 8) ** (1 / 3), np.nan)):
        np.testing.assert_equal(value.numpy(), expected)
        np.testing.assert_equal(tracer.compile(value, [])(), expected)
    np.testing.assert_equal((1 / tracer.zeros((2,))).numpy(), [np.inf, np.inf])
    np.testing.assert_equal(tracer.compile(1 / tracer.zeros((2,)), [])(), [np.inf, np.inf])


def test_an_inactive_branch_contributes_zero():
    x = tracer.Variable([-1.0, 4.0])
    with tracer.GradientTape() as tape:
        y = tracer.reduce_sum(tracer.where(x > 0, tracer.sqrt(x), 0.0))
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), [0.0, 0.25])


def test_intermediate_arrays_are_freed_on_the_way():
    import tracemalloc

    x = tracer.constant(np.ones(100_000))
    y = x
    for _ in range(40):
        y = tracer.sin(y) + tracer.cos(y)
    gc.collect()
    tracemalloc.start()
    y.numpy()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 800_000


def test_a_tensor_with_a_value_can_be_collected():
    y = tracer.constant([1.0, 2.0]) * 2
    y.numpy()
    reference = weakref.ref(y)
    del y
    assert reference() is None


@pytest.mark.parametrize(
    ("value", "shape", "message"),
    [
        (None, (), "must hold real numbers, got None"),
        ([1.0, None], (2,), r"got None in list of shape \(2,\)"),
        ("1.5", (), "got '1.5'"),
        (1j, (), "got 1j"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), (2,), "has no mask"),
        ([np.ma.masked, 1.0], (2,), "has no mask"),
    ],
)
def test_what_is_no_real_number_is_no_value(value, shape, message):
    x = tracer.placeholder("x", shape=shape)
    y = x * 2
    for call in (lambda: y.eval({x: value}), lambda: tracer.compile(y, x)(value)):
        with pytest.raises(TypeError, match=message):
            call()


def test_numbers_of_any_kind_are_values():
    import fractions

    x = tracer.placeholder("x", shape=(2,))
    for value in ([1, True], (fractions.Fraction(1), np.float32(1)), [tracer.constant(1.0), 1.0], np.ones(2, "u1")):
        np.testing.assert_array_equal((x * 2).eval({x: value}), [2.0, 2.0])
        np.testing.assert_array_equal(tracer.compile(x * 2, x)(value), [2.0, 2.0])


NUMBERS = {
    "power": lambda n: tracer.reduce_sum(tracer.ones((n,))) ** -4,
    "large power": lambda n: tracer.reduce_sum(tracer.ones((n,))) ** 40,
    "softmax": lambda n: tracer.nn.softmax(tracer.ones((n,))),
    "cumprod": lambda n: tracer.cumprod(tracer.reduce_sum(tracer.ones((n,))) * tracer.ones((n,)) * 1000),
    "mask": lambda n: tracer.where(tracer.ones((n,)) > 0, 2, 1) ** -4.0,
    "mean of powers": lambda n: tracer.reduce_mean(tracer.ones((n, n, n, n))) * n**-4,
}


@pytest.mark.parametrize("name", NUMBERS)
def test_counts_and_literals_are_floats_where_tensors_are(name):
    """Integers of NumPy's overflow, and have no negative powers."""
    x = tracer.placeholder("x", shape=("n",))
    symbolic, given = NUMBERS[name](x.shape[0]), NUMBERS[name](7)
    assert_same(tracer.compile(symbolic, x)(np.zeros(7)), given.numpy())
    assert_same(symbolic.eval({x: np.zeros(7)}), given.numpy())
    assert given.numpy().dtype == np.float64


def test_counts_of_powers():
    x = tracer.placeholder("x", shape=("n",))
    count = tracer.reduce_sum(tracer.ones(x.shape))
    assert tracer.compile(count**-4, x)(np.zeros(2)) == 1 / 16
    assert tracer.compile(count**40, x)(np.zeros(3)) == 3.0**40


def test_a_choice_of_whole_numbers_is_a_float_of_pythons_too():
    x = tracer.placeholder("x")
    step = tracer.gradients(tracer.nn.relu(x), x)[0]
    assert type(tracer.compile(step, x, backend="math")(2.0)) is float


def test_negative_integers_among_the_operands_are_integers():
    x = tracer.placeholder("x", shape=("n",))
    values = np.array([1.0, 2.0, 4.0])
    assert x[-1].eval({x: values}) == 4.0
    assert (x[-1] * x[-2]).eval({x: values}) == 8.0
    found = (tracer.constant([3, 5]) % -3).numpy()
    np.testing.assert_array_equal(found, np.array([3, 5]) % -3)
    assert found.dtype == np.int64


def test_what_is_refused_may_have_a_value_instead():
    """The line, the operands and the error are told; without that the error is raised."""
    A, x = tracer.placeholder("A", (2, 2)), tracer.placeholder("x", ())
    program = Program([tracer.linalg.inv(A), x + 1.0], [A, x])
    singular = {program.arguments[A.node]: np.zeros((2, 2)), program.arguments[x.node]: np.array(2.0)}
    told = []

    def answer(line, operands, error):
        told.append((line.op.name, [o.shape for o in operands], type(error)))
        return "none"

    assert run(program, dict(singular), {}, answer) == ["none", 3.0]
    assert told == [("inv", [(2, 2)], np.linalg.LinAlgError)]
    with pytest.raises(np.linalg.LinAlgError):
        run(program, dict(singular), {})
