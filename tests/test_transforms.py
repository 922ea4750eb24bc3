"""Transformations of functions: grad, value_and_grad, jacobian, hessian, vjp, jvp."""

import functools
import math

import numpy as np
import pytest
from jaxtyping import Complex, Float, Float32, Int

import tracer
from tests.helpers import assert_same

A = np.array([[1.0, 2.0], [3.0, 5.0]])
x0 = np.array([0.5, -1.5])


def quadratic(x):
    return tracer.reduce_sum(x * (tracer.constant(A) @ x))


class TestAnnotatedArguments:
    """An argument whose shape is annotated may be left out."""

    @staticmethod
    def squares(w: Float[np.ndarray, "m"], X: Float[np.ndarray, "n m"], y: Float[np.ndarray, "n"]):
        return tracer.reduce_sum((X @ w - y) ** 2)

    def test_it_is_a_placeholder_of_its_name_and_shape(self):
        assert str(tracer.grad(self.squares)().formula()) == "2*X.T*(X*w - y)"
        value, (by_w, by_y) = tracer.value_and_grad(self.squares, (0, -1))()
        assert (value.shape, str(by_w.shape), str(by_y.shape)) == ((), "(m,)", "(n,)")
        assert str(tracer.hessian(self.squares)().formula()) == "2*X.T*X"
        assert str(tracer.jacobian(tracer.grad(self.squares), 2)().formula()) == "-2*X.T"

    def test_it_has_the_annotated_dtype(self):
        def f(x: Float32[np.ndarray, "n"], k: Int[np.ndarray, ""], *, c: "Float[Array, '']"):
            return c * tracer.reduce_sum(x) * tracer.cast(k, "float32")

        gradient = tracer.grad(f)()
        assert (gradient.dtype, str(gradient.formula())) == ("float32", "c*k*ones(n, 1)")
        with pytest.raises(TypeError, match="the argument k has the dtype int64"):
            tracer.grad(f, 1)()

    def test_the_sizes_of_arrays_that_are_given_are_known(self):
        gradient = tracer.grad(self.squares)(y=np.ones(3))
        assert str(gradient.shape) == "(m,)"
        assert str(tracer.grad(self.squares, 1)(y=np.ones(3)).shape) == "(3, m)"
        assert tracer.grad(self.squares, 1)(np.ones(2), y=np.ones(3)).shape == (3, 2)
        p = tracer.placeholder("p", ("k",))
        assert str(tracer.grad(self.squares, 1)(p).shape) == "(n, k)"

    def test_arrays_that_contradict_annotations_are_refused(self):
        for transform in (tracer.grad, tracer.value_and_grad, tracer.jacobian, tracer.hessian):
            with pytest.raises(ValueError, match=r"the size m is 4 in it; m is 3 in w of shape \(3,\)"):
                transform(self.squares)(np.ones(3), np.ones((2, 4)))
        assert_same(tracer.grad(self.squares)(np.ones(2), np.eye(2), np.zeros(2)), [2.0, 2.0])

    def test_a_shape_that_is_open_is_asked_for(self):
        def total(x: Float[np.ndarray, "*batch n"]):
            return tracer.reduce_sum(x)

        with pytest.raises(ValueError, match="'\\*batch' is no single size"):
            tracer.grad(total)()
        assert tracer.grad(total)(np.ones((2, 3))).shape == (2, 3)

        def unknown(x: Complex[np.ndarray, "n"]):
            return tracer.reduce_sum(x)

        with pytest.raises(TypeError, match="tensors have no such dtype"):
            tracer.grad(unknown)()

    def test_arguments_without_annotation_and_with_a_default_are_as_before(self):
        def f(x: Float[np.ndarray, "n"], y, z: Float[np.ndarray, ""] = 2.0):
            return z * tracer.reduce_sum(x) * y

        assert str(tracer.grad(f)(y=3.0).formula()) == "2*y*ones(n, 1)"
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
            tracer.grad(f)()
        assert str(tracer.grad(functools.partial(f, y=5.0))().formula()) == "10*ones(n, 1)"


class TestGrad:
    def test_values(self):
        assert_same(tracer.grad(quadratic)(x0), (A + A.T) @ x0)
        value, g = tracer.value_and_grad(quadratic)(x0)
        assert_same(value, x0 @ A @ x0)
        assert_same(g, (A + A.T) @ x0)

    def test_argnums(self):
        def f(x, y, z=2.0):
            return x * y**2 * z

        assert float(tracer.grad(f, 1)(3.0, 4.0)) == 48.0
        assert float(tracer.grad(f, -1)(3.0, 4.0)) == 48.0
        assert [float(g) for g in tracer.grad(f, (1, 0))(3.0, 4.0)] == [48.0, 32.0]
        assert float(tracer.grad(f)(3.0, 4.0, z=5.0)) == 80.0
        for bad in (2, -3):
            with pytest.raises(ValueError, match=r"argnums is .* 2 positional arguments; pass by position"):
                tracer.grad(f, bad)(3.0, 4.0)

    def test_nests_and_auxiliaries(self):
        def f(p):
            return p["w"] * p["b"][0], "aux"

        g, aux = tracer.grad(f, has_aux=True)({"w": 2.0, "b": [3.0]})
        assert aux == "aux"
        assert (float(g["w"]), float(g["b"][0])) == (3.0, 2.0)

    def test_letters_in_formulas(self):
        g = tracer.grad(lambda rate, t: tracer.exp(-rate * t))(0.5, 2.0)
        assert str(g.formula()) == "-t*exp(-rate*t)"

    def test_unconnected_arguments_are_zero(self):
        assert_same(tracer.grad(lambda x: tracer.constant(1.0))(x0), np.zeros(2))
        assert_same(tracer.grad(lambda x: tracer.stop_gradient(x[0]))(x0), np.zeros(2))

    def test_errors(self):
        with pytest.raises(TypeError, match=r"scalar.* \(2,\).*jacobian"):
            tracer.grad(lambda x: x)(x0)
        with pytest.raises(TypeError, match="int64"):
            tracer.grad(lambda k: k)(np.array(3))
        with pytest.raises(TypeError, match="None"):
            tracer.grad(lambda k: k)(None)

    def test_symbolic(self):
        X, w = tracer.placeholder("X", ("n", "m")), tracer.placeholder("w", ("m",))
        assert str(tracer.grad(lambda w: tracer.reduce_sum((X @ w) ** 2))(w).formula()) == "2*X.T*X*w"


class TestConfusion:
    """Nested derivatives by one and the same number stay apart (perturbation confusion)."""

    def test_siskind_pearlmutter(self):
        f = tracer.grad(lambda x: x * tracer.grad(lambda y: x + y)(1.0))
        assert float(f(1.0)) == 1.0

    def test_the_same_tensor_twice(self):
        x = tracer.constant(3.0)
        g = tracer.grad(lambda x: x * tracer.grad(lambda y: x * y)(x))(x)
        assert float(g) == 6.0

    def test_derivatives_within(self):
        def f(x):
            return tracer.grad(lambda y: y**2 * x)(x)

        assert float(f(tracer.constant(3.0))) == 18.0
        assert float(tracer.grad(f)(3.0)) == 12.0

    @pytest.mark.parametrize("order", range(5))
    def test_orders(self, order):
        f = tracer.sin
        for _ in range(order):
            f = tracer.grad(f)
        assert float(f(0.7)) == pytest.approx(math.sin(0.7 + order * math.pi / 2), rel=1e-13)


class TestJacobian:
    @pytest.mark.parametrize(
        ("f", "expected"),
        [
            (lambda x: x, np.eye(2)),
            (lambda x: tracer.constant(A) @ x, A),
            (lambda x: x * x, np.diag(2 * x0)),
            (lambda x: tracer.reduce_sum(x), np.ones(2)),
            (lambda x: x[:, None] * x, np.einsum("ik,j->ijk", np.eye(2), x0) + np.einsum("i,jk->ijk", x0, np.eye(2))),
            (lambda x: tracer.constant([1.0, 2.0, 3.0]), np.zeros((3, 2))),
            (lambda x: x[1], np.array([0.0, 1.0])),
            (lambda x: tracer.concat([x, x * 2], 0), np.vstack([np.eye(2), 2 * np.eye(2)])),
            (lambda x: tracer.reshape(x, (1, 2)), np.eye(2)[None]),
            (lambda x: tracer.linalg.diag(x), np.einsum("ij,jk->ijk", np.eye(2), np.eye(2))),
            (lambda x: tracer.where(x > 0, x, 0.0), np.diag([1.0, 0.0])),
            (lambda x: x + 1.0, np.eye(2)),
            (lambda x: tracer.reduce_max(x), np.array([1.0, 0.0])),
            (lambda x: tracer.cumsum(x), np.array([[1.0, 0.0], [1.0, 1.0]])),
            (lambda x: tracer.exp(x[0]) * x, np.exp(0.5) * (np.eye(2) + np.outer(x0, [1, 0]))),
        ],
    )
    def test_values(self, f, expected):
        assert_same(tracer.jacobian(f)(x0), expected, atol=1e-14)

    def test_nests(self):
        j = tracer.jacobian(lambda x, y: {"p": x * y, "q": x}, (0, 1))(x0, 2.0)
        assert_same(j["p"][0], 2 * np.eye(2))
        assert_same(j["p"][1], x0)
        assert_same(j["q"][1], np.zeros(2))

    def test_symbolic_shapes(self):
        B, x = tracer.placeholder("B", ("n", "m")), tracer.placeholder("x", ("m",))
        j = tracer.jacobian(lambda x: tracer.tanh(B @ x))(x)
        assert j.shape == B.shape
        b = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 1.0]])
        v = np.array([0.1, 0.2, 0.3])
        np.testing.assert_allclose(j.eval({B: b, x: v}), (1 - np.tanh(b @ v) ** 2)[:, None] * b, rtol=1e-13)


class TestHessian:
    def test_values(self):
        assert_same(tracer.hessian(quadratic)(x0), A + A.T)
        assert_same(tracer.hessian(lambda x: tracer.reduce_sum(x))(x0), np.zeros((2, 2)))
        h = tracer.hessian(lambda x: tracer.reduce_sum(tracer.exp(x)) + x[0] * x[1])(x0)
        assert_same(h, np.diag(np.exp(x0)) + np.array([[0, 1], [1, 0]]))

    def test_blocks(self):
        h = tracer.hessian(lambda x, y: tracer.reduce_sum(x * x * y), (0, 1))(x0, 3.0)
        assert_same(h[0][0], 6 * np.eye(2))
        assert_same(h[0][1], 2 * x0)
        assert_same(h[1][0], 2 * x0)
        assert_same(h[1][1], 0.0)


class TestProducts:
    @staticmethod
    def f(x):
        return tracer.sin(x) * x[0]

    def test_adjoint(self):
        """A jvp and a vjp of the same function are transposes of each other, and rows of the Jacobian."""
        j = tracer.jacobian(self.f)(x0).numpy()
        value, pull = tracer.vjp(self.f, x0)
        assert_same(value, np.sin(x0) * x0[0])
        for u in np.eye(2):
            assert_same(pull(u)[0], u @ j)
            assert_same(tracer.jvp(self.f, (x0,), (u,))[1], j @ u)
            assert_same(pull(list(u))[0], u @ j)
            assert_same(tracer.jvp(self.f, ([0.5, -1.5],), (list(u),))[1], j @ u)

    def test_linear_and_unconnected(self):
        assert_same(tracer.jvp(lambda x: x * 3, (x0,), (x0,))[1], 3 * x0)
        assert_same(tracer.jvp(lambda x: tracer.constant([1.0, 2.0, 3.0]), (x0,), (x0,))[1], np.zeros(3))
        assert_same(tracer.vjp(lambda x: tracer.constant(1.0), x0)[1](1.0)[0], np.zeros(2))

    def test_wrong_shapes(self):
        with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
            tracer.jvp(self.f, (x0,), (np.ones(3),))
        with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
            tracer.vjp(self.f, x0)[1](np.ones(3))
        with pytest.raises(ValueError, match="structure"):
            tracer.jvp(self.f, (x0,), (x0, x0))
        with pytest.raises(TypeError, match="sequence"):
            tracer.jvp(self.f, x0, x0)


def test_wrapped_functions_keep_name_and_signature():
    def loss(w, X):
        return tracer.reduce_sum(X @ w)

    assert tracer.grad(loss).__name__ == "loss"
    assert str(__import__("inspect").signature(tracer.hessian(loss))) == "(w, X)"


def test_an_array_made_of_what_is_differentiated_is_refused():
    with pytest.raises(TypeError, match="would cut its gradient"):
        tracer.grad(lambda x: np.sum(np.asarray(x) ** 2))(np.ones(2))
    np.testing.assert_array_equal(np.asarray(tracer.grad(lambda x: np.sum(x**2))(np.ones(2))), [2.0, 2.0])
