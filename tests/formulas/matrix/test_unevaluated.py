"""Copies of expressions: sympy's own substitution says the same, but evaluates."""

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.tensor.array.expressions import ArraySymbol, ArrayTensorProduct

from tracer.formulas.matrix.bodies import VectorElement, element
from tracer.formulas.matrix.classes import DiagMatrix
from tracer.formulas.matrix.unevaluated import copier, from_parts, has_part, list_parts

x, y, z, p, q = sympy.symbols("x y z p q", real=True)
n = sympy.Symbol("n", integer=True, positive=True)
v, w = (sympy.MatrixSymbol(name, n, 1) for name in "vw")

skeletons = st.recursive(
    st.sampled_from([x, y, z, sympy.Integer(2), sympy.pi]),
    lambda inner: st.one_of(
        inner.map(lambda e: sympy.sin(e, evaluate=False)),
        inner.map(lambda e: sympy.Pow(e, 3, evaluate=False)),
        st.tuples(inner, inner).map(lambda pair: sympy.Add(*pair, evaluate=False)),
        st.tuples(inner, inner).map(lambda pair: sympy.Mul(*pair, evaluate=False)),
    ),
    max_leaves=6,
)
POINT = {x: 0.75, y: -0.5, z: 1.25, p: 0.3, q: 2.5}


@given(skeletons, st.sampled_from([(p, q), (q, p), (p, p), (x, y), (y, x), (p + q, q * z)]))
def test_a_copy_has_the_value_of_a_substitution(skeleton, filling):
    made = copier(skeleton, {x: 0, y: 1})(filling)
    want = skeleton.subs({x: filling[0], y: filling[1]}, simultaneous=True)
    assert float(made.subs(POINT)) == pytest.approx(float(want.subs(POINT)), rel=1e-9)


@given(skeletons)
def test_a_copy_with_the_same_leaves_is_the_same(skeleton):
    assert copier(skeleton, {x: 0, y: 1})([x, y]) == skeleton


def test_what_has_no_slot_is_kept_as_it_is():
    fixed = sympy.cos(z)
    made = copier(sympy.Add(fixed, x, evaluate=False), {x: 0})([p])
    assert any(a is fixed for a in made.args)


@pytest.mark.parametrize(
    ("skeleton", "filling", "text"),
    [
        (sympy.Add(x, y), (p, p), "p + p"),
        (sympy.Mul(x, y), (p, p), "p*p"),
        (sympy.sin(x), (sympy.S.Zero,), "sin(0)"),
        (x**y, (p, sympy.S.One), "p**1"),
    ],
)
def test_nothing_evaluates(skeleton, filling, text):
    assert str(copier(skeleton, {x: 0, y: 1})(filling)) == text


def test_one_skeleton_is_copied_again_and_again():
    build = copier(sympy.sin(x) ** 2, {x: 0})
    assert [build([a]) for a in (y, z)] == [sympy.sin(y) ** 2, sympy.sin(z) ** 2]


@pytest.mark.parametrize("e", [element(v, 2), DiagMatrix(v), sympy.exp(x), x + y, x * y, x**y, x > y], ids=str)
def test_parts_put_together_are_the_whole(e):
    made = from_parts(e.func, e.args)
    assert made == e
    assert type(made) is type(e)


def test_commutative_parts_stay_commutative():
    for func in (sympy.Add, sympy.Mul, sympy.Pow):
        assert from_parts(func, (x, y)).is_commutative


def test_arrays_keep_their_shapes():
    T = ArraySymbol("T", (n, 2, 3))
    made = from_parts(ArrayTensorProduct, (T, T))
    assert made.shape == (n, 2, 3, n, 2, 3)


def test_leaves_may_be_matrices():
    made = copier(DiagMatrix(v), {v: 0})([w])
    assert made == DiagMatrix(w)
    assert not isinstance(copier(element(v, 1), {v: 0})([w]), VectorElement)


@given(skeletons)
def test_the_parts_of_an_expression_are_all_of_it(e):
    assert set(list_parts(e)) == set(sympy.preorder_traversal(e))
    for kind in (sympy.sin, sympy.Symbol, sympy.Pow):
        assert has_part(e, kind) == e.has(kind)


def test_what_several_parts_share_is_gone_through_once():
    e = x
    for _ in range(60):
        e = sympy.Add(sympy.sin(e), sympy.cos(e), evaluate=False)
    assert len(list_parts(e)) < 500
    assert not has_part(e, sympy.exp)
