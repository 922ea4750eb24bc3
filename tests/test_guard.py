"""A number that is taken out of the trace cuts the gradient: refused where a function is differentiated."""

import io
import math

import numpy as np
import pytest

import tracer


def assigned(x):
    out = np.zeros(2)
    out[0] = x
    return out[0] * x


@tracer.custom_gradient
def by_a_rule(x):
    value = math.exp(x)
    return tracer.constant(value), lambda g: g * value


DEPARTURES = {
    "math.exp": lambda x: math.exp(x) * x,
    "math.floor": lambda x: math.floor(x) * x,
    "float": lambda x: float(x) * x,
    "np.float64": lambda x: np.float64(x) * x,
    "int": lambda x: int(x) * x,
    "complex": lambda x: complex(x).real * x,
    "item": lambda x: x.item() * x,
    "numpy": lambda x: x.numpy() * x,
    "tolist": lambda x: x.tolist() * x,
    "eval": lambda x: x.eval() * x,
    "eval-of-another": lambda x: (x * x).eval({tracer.constant(3.0): 1.0}) * x,
    "array": lambda x: np.array([x, 1.0])[0] * x,
    "percent": lambda x: float("%f" % x) * x,  # noqa: UP031
    "format": lambda x: float(f"{x:.17g}") * x,
    "variable": lambda x: tracer.Variable(x) * x,
    "range": lambda x: tracer.reduce_sum(tracer.range(x, 5.0)) * x,
    "intermediate": lambda x: float(2 * x + 1) * x,
}

STAYING = {
    "stop_gradient": (lambda x: float(tracer.stop_gradient(x)) * x, 2.0),
    "stop_gradient-array": (lambda x: np.asarray(tracer.stop_gradient(x)) * x, 2.0),
    "floor": (lambda x: float(tracer.floor(x)) * x, 2.0),
    "argmax": (lambda x: [x, 3 * x][int(tracer.argmax(tracer.stack([x, 3 * x])))], 3.0),
    "integer": (lambda x: int(tracer.cast(x, "int64")) * x, 2.0),
    "branch": (lambda x: x * x if x > 0 else -x, 4.0),
    "truth": (lambda x: 3 * x if x else x, 3.0),
    "largest": (lambda x: max(x, 1.0, 3 * x), 3.0),
    "sorted": (lambda x: sorted([x, 1.0, 3 * x])[2], 3.0),
    "sum": (lambda x: sum([x, x * x]), 5.0),
    "round": (lambda x: round(x) * x, 2.0),
    "round-digits": (lambda x: round(1.234 * x, 1) * x, 2.5),
    "divmod": (lambda x: divmod(x, 1.5)[1], 1.0),
    "divmod-by": (lambda x: divmod(5.0, x)[1], -2.0),
    "loop": (lambda x: tracer.reduce_sum(tracer.range(0.0, x) * x), 1.0),
    "fed": (lambda x: (x * x).eval({x: 3.0}) * x, 9.0),
    "fed-by-name": (lambda x: (x * x).eval({"x": 3.0}) * x, 9.0),
    "shown": (lambda x: len(f"{x} {x!r} %s" % x) * 0 + x, 1.0),
    "printed": (lambda x: [tracer.print(x, output_stream=io.StringIO()), 2 * x][1], 2.0),
    "rule": (lambda x: by_a_rule(x), math.exp(2.0)),
}


@pytest.mark.parametrize("name", DEPARTURES)
def test_a_number_taken_out_of_the_trace_is_refused(name):
    with pytest.raises(TypeError, match=r"would cut its gradient; .*stop_gradient"):
        tracer.grad(DEPARTURES[name])(2.0)


@pytest.mark.parametrize("name", STAYING)
def test_what_cuts_no_gradient_is_allowed(name):
    f, slope = STAYING[name]
    np.testing.assert_allclose(tracer.grad(f)(2.0).numpy(), slope, rtol=1e-12)


def test_an_element_of_an_array_is_refused():
    with pytest.raises(ValueError, match="array element") as error:
        tracer.grad(assigned)(2.0)
    assert "would cut its gradient" in str(error.value.__cause__)


@pytest.mark.parametrize(
    "call",
    [
        lambda f: tracer.value_and_grad(f)(2.0),
        lambda f: tracer.jacobian(f)(2.0),
        lambda f: tracer.hessian(f)(2.0),
        lambda f: tracer.vjp(f, 2.0),
        lambda f: tracer.jvp(f, (2.0,), (1.0,)),
        lambda f: tracer.grad(lambda y: tracer.grad(lambda z: y * f(z))(y))(2.0),
        lambda f: tracer.grad(lambda y: tracer.grad(lambda z: z * f(y))(y))(2.0),
    ],
    ids=["value_and_grad", "jacobian", "hessian", "vjp", "jvp", "by-inner", "by-outer"],
)
def test_every_derivative_of_a_function_refuses(call):
    with pytest.raises(TypeError, match=r"float\(\) of \w+ takes a number out of the trace"):
        call(lambda x: float(x) * x)


def test_the_message_names_the_argument_and_what_to_write():
    with pytest.raises(TypeError, match=r"float\(\) of rate .*tracer\.exp\(x\) for math\.exp\(x\)"):
        tracer.hessian(lambda rate: math.exp(rate))(2.0)


def test_arguments_that_are_not_differentiated_by_may_leave():
    assert float(tracer.grad(lambda x, n: x ** int(n))(2.0, 3.0)) == 12.0
    assert float(tracer.grad(lambda x, A: np.sum(x * np.asarray(A)))(2.0, np.ones(3))) == 3.0


def test_without_gradient_numbers_may_leave():
    def f(x):
        with tracer.no_gradient():
            factor = float(x)
        return factor * x

    assert float(tracer.grad(f)(2.0)) == 2.0


def test_a_rule_does_not_stand_for_what_it_closes_over():
    def f(x):
        @tracer.custom_gradient
        def scaled(y):
            return y * float(x), lambda g: g

        return scaled(2 * x)

    with pytest.raises(TypeError, match="would cut its gradient"):
        tracer.grad(f)(2.0)


def test_a_variable_may_be_assigned_as_a_state():
    mean = tracer.Variable(0.0, trainable=False)

    def f(x):
        mean.assign(0.5 * mean + 0.5 * x)
        return x * x

    assert float(tracer.grad(f)(2.0)) == 4.0
    assert float(mean) == 1.0


def test_on_a_tape_numbers_leave():
    x = tracer.Variable(2.0)
    with tracer.GradientTape() as tape:
        y = x * float(x) * x.item() * x.numpy() * math.sqrt(x) * int(x)
    assert float(tape.gradient(y, x)) == pytest.approx(16 * math.sqrt(2))


def test_the_reason_is_said_once():
    class Wrapped:
        def __init__(self, tensor):
            self.tensor = tensor

        def __array__(self, dtype=None, copy=None):
            return np.asarray(self.tensor)

    for make in (Wrapped, lambda x: [Wrapped(x), Wrapped(x)]):
        with pytest.raises(TypeError, match=r"^np.asarray\(\) of x takes a number out of the trace"):
            tracer.grad(lambda x, make=make: tracer.reduce_sum(tracer.constant(make(x))))(1.0)
