"""Derivatives of each kind know their function, and a fix of it gives one that is finite, and equal elsewhere."""

import numpy as np
import pytest

import tracer
from tracer.explanations.derivatives import find_derivative

v = tracer.placeholder("v", ("n",))
w = tracer.placeholder("w", ("n",))


def root(t):
    return t * tracer.sqrt(t)


def taped(kind, target, **options):
    with tracer.GradientTape() as tape:
        tape.watch(v)
        y = target(v)
    return getattr(tape, kind)(y, v, **options)


DERIVATIVES = [
    ("gradient", lambda f: tracer.gradients(f(v), [v])[0], tracer.norm),
    ("gradient", lambda f: tracer.grad(f)(v), tracer.norm),
    ("gradient", lambda f: tracer.gradients(f(v), [v], grad_ys=[w])[0], tracer.sqrt),
    ("gradient", lambda f: taped("gradient", f, output_gradients=w), tracer.sqrt),
    ("gradient", lambda f: tracer.vjp(f, v)[1](w)[0], tracer.sqrt),
    ("Jacobian", lambda f: tracer.jacobian(f)(v), root),
    ("Jacobian", lambda f: taped("jacobian", f), root),
    ("Hessian", lambda f: tracer.hessian(f)(v), tracer.norm),
    ("Hessian", lambda f: tracer.jacobian(lambda t: tracer.gradients(f(t), [t])[0])(v), tracer.norm),
]


@pytest.mark.parametrize(("kind", "derive", "function"), DERIVATIVES)
def test_a_fix_of_the_function_mends_the_derivative(kind, derive, function):
    derivative = derive(function)
    assert find_derivative(derivative).kind == kind
    at, elsewhere = {v: [0.0, 0.0], w: [1.0, 2.0]}, {v: [3.0, 4.0], w: [1.0, 2.0]}
    if w.name not in str(derivative.formula().free_symbols):
        at, elsewhere = {v: at[v]}, {v: elsewhere[v]}
    diagnosis = tracer.diagnose(derivative, at)
    assert f"the {kind} of " in str(diagnosis)
    assert "Write the function as " in str(diagnosis)
    names = {n: getattr(tracer, n) for n in dir(tracer)}
    mended = derive(lambda t: eval(diagnosis.fix, names | {"v": t}))
    assert np.isfinite(mended.eval(at)).all()
    np.testing.assert_allclose(mended.eval(elsewhere), derivative.eval(elsewhere))


@pytest.mark.parametrize("targets", [lambda: [tracer.sqrt(v), v * v], lambda: [tracer.sqrt(v), tracer.norm(v)]])
def test_several_targets_are_their_sum(targets):
    [gradient] = tracer.gradients(targets(), [v])
    fix = tracer.diagnose(gradient, {v: [0.0, 0.0]}).fix
    names = {n: getattr(tracer, n) for n in dir(tracer)} | {"v": v}
    [mended] = tracer.gradients(eval(fix, names), [v])
    assert np.isfinite(mended.eval({v: [0.0, 0.0]})).all()
    np.testing.assert_allclose(mended.eval({v: [3.0, 4.0]}), gradient.eval({v: [3.0, 4.0]}))


def test_what_is_no_derivative_of_one_function_by_a_source_is_none():
    y = tracer.sqrt(v)
    inner = v * v
    others = [y, tracer.gradients(tracer.sin(inner), [inner])[0], tracer.gradients([y, y * y], [v], grad_ys=[w, w])[0]]
    assert [find_derivative(t) for t in others] == [None] * 3


def test_a_replayed_record_has_the_place_of_what_it_repeats():
    y = tracer.sin(v)
    jacobian = tracer.jacobian(tracer.sqrt)(v)
    diagnosis = tracer.diagnose(jacobian, {v: [0.0]})
    assert diagnosis.forward.op == "sqrt"
    assert y.place[0] is jacobian.place[0]
