"""Parts of formulas get names where that saves operations, and the formula with the parts put back is what it was."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.matrices.expressions import Inverse, Transpose
from sympy.tensor.array.expressions import ArraySymbol

from tracer.formulas.matrix.array_products import ArrayAdd, multiply_arrays, scale_array
from tracer.formulas.matrix.array_reductions import ArraySoftmax
from tracer.formulas.matrix.bodies import VARIABLE
from tracer.formulas.matrix.classes import ElementwiseApplyFunction, HadamardPower, HadamardProduct, MatAdd, MatMul
from tracer.formulas.matrix.constructors import MatrixAlgebra
from tracer.formulas.matrix.parts import MOST_PARTS, name_parts
from tracer.terms.work import Budget
from tracer.testing.interpreter import evaluate

A, B, C = (sympy.MatrixSymbol(name, 3, 3) for name in "ABC")
x = sympy.MatrixSymbol("x", 3, 1)
RNG = np.random.default_rng(2)
VALUES = {name: RNG.normal(size=(3, 3)) for name in "ABC"}


def exp(m):
    return ElementwiseApplyFunction(sympy.Lambda(VARIABLE, sympy.exp(VARIABLE)), m)


def bell(m):
    return ElementwiseApplyFunction(sympy.Lambda(VARIABLE, 1 / (1 + VARIABLE**2)), m)


def minus(*matrices):
    first, *rest = matrices
    return MatAdd(first, *(MatMul(-1, m) for m in rest))


def named(*formulas):
    count = iter(range(100))
    return name_parts(formulas, MatrixAlgebra(Budget()), lambda m: sympy.MatrixSymbol(f"P{next(count)}", *m.shape))


@pytest.mark.parametrize(
    ("formula", "body", "parts"),
    [
        (MatMul(exp(MatMul(A, B)), C, exp(MatMul(A, B))), "P0*C*P0", ["exp(A*B)"]),
        (MatMul(Transpose(exp(minus(A, B))), exp(minus(A, B))), "P0.T*P0", ["exp(A - B)"]),
        (MatMul(exp(minus(A, B, C)), MatAdd(B, C, MatMul(-1, A))), "-exp(P0)*P0", ["A - B - C"]),
        (HadamardProduct(HadamardPower(minus(A, B, C), -2), minus(A, B, C)), "P0/P0^o2", ["A - B - C"]),
        (
            HadamardProduct(HadamardPower(minus(C, A), 2), exp(minus(A, C)), minus(A, C)),
            "P0^o2 o exp(P0) o P0",
            ["A - C"],
        ),
        (HadamardProduct(bell(minus(C, A)), exp(minus(A, C)), minus(A, C)), "1/(P0^o2 + 1) o exp(P0) o P0", ["A - C"]),
        (HadamardProduct(exp(minus(C, A)), exp(minus(A, C)), minus(A, C)), "exp(-P0) o exp(P0) o P0", ["A - C"]),
        (MatMul(A, B, C, exp(MatMul(B, C)), exp(MatMul(B, C))), "A*B*C*P0**2", ["exp(B*C)"]),
        (MatMul(Inverse(A), B, Inverse(A), C, Inverse(A)), "A**(-1)*B*A**(-1)*C*A**(-1)", []),
        (MatMul(A, Transpose(A), A, Transpose(A)), "P0**2", ["A*A.T"]),
        (MatMul(exp(A), B), "exp(A)*B", []),
        (MatMul(Transpose(x), A, B, Transpose(MatMul(Transpose(x), A, B))), "P0.T*P0", ["(A*B).T*x"]),
    ],
)
def test_what_gets_a_name(formula, body, parts):
    made, found = named(formula)
    assert [str(e) for e in made] == [body]
    assert [str(e) for e in found.values()] == parts


def test_parts_stand_after_those_that_they_are_made_of():
    """Also where what they are made of is an array."""
    T = ArraySymbol("T", (2, 3, 4))
    inner = ArrayAdd(T, T)
    outer = multiply_arrays([[0, 1, 2], [0, 1, 2]], [0, 1, 2], [inner, inner])
    whole = multiply_arrays([[0, 1, 2]] * 3, [0, 1, 2], [ArrayAdd(outer, T), ArrayAdd(outer, T), inner])
    names = iter("VU")
    _, found = name_parts([whole], MatrixAlgebra(Budget()), lambda e: ArraySymbol(next(names), e.shape))
    seen = {T}
    for symbol, part in found.items():
        assert part.atoms(ArraySymbol) <= seen
        seen.add(symbol)
    assert len(found) == 2


def test_what_textbooks_always_name_is_named_where_it_stands_once():
    """But a formula that is that has no name for itself."""
    inner = minus(A, B)

    def name(formula):
        count = iter(range(100))
        call = lambda m: sympy.MatrixSymbol(f"P{next(count)}", *m.shape)  # noqa: E731
        return name_parts([formula], MatrixAlgebra(Budget()), call, is_named_once=lambda part: part == inner)

    (body,), parts = name(exp(inner))
    assert str(body) == "exp(P0)"
    assert [*parts.values()] == [inner]
    assert name(inner) == ([inner], {})


def test_what_textbooks_name_is_named_before_what_is_made_of_it():
    """But not where the other needs a name as well, so that two would stand for one."""
    r, power = minus(A, B), HadamardPower(minus(A, B), 3)
    usual = [r]

    def name(*formulas):
        count = iter(range(9))
        call = lambda m: sympy.MatrixSymbol(f"P{next(count)}", *m.shape)  # noqa: E731
        return name_parts(formulas, MatrixAlgebra(Budget()), call, lambda part: part in usual)

    (body,), parts = name(MatMul(r, power, C, power))
    assert (str(body), list(map(str, parts.values()))) == ("P0*P0^o3*C*P0^o3", ["A - B"])
    (body,), parts = name(MatMul(exp(r), C, exp(r)))
    assert (str(body), list(map(str, parts.values()))) == ("P0*C*P0", ["exp(A - B)"])


def test_products_and_functions_of_arrays_are_parts():
    """A number in front of a product is none of the part, and a factor of numbers alone is one place."""
    T, U = (ArraySymbol(name, (3, 3, 3)) for name in "TU")
    mixed = multiply_arrays([(0, 1, 2), (2, 3)], (0, 1, 3), [T, A])
    count = iter(range(100))
    formula = ArrayAdd(scale_array(sympy.Integer(-2), mixed), U, ArraySoftmax(mixed))
    call = [ArraySymbol(f"P{k}", (3, 3, 3)) for k in range(3)]
    made, found = name_parts([formula], MatrixAlgebra(Budget()), lambda part: call[next(count)])
    assert [str(e) for e in made] == ["-2*P0 + U + softmax(P0)"]
    assert [str(e) for e in found.values()] == ['einsum("ijl,lk->ijk", T, A)']
    assert name_parts([scale_array(sympy.Integer(3), ArrayAdd(T, U))], MatrixAlgebra(Budget()), call.pop)[1] == {}


def test_formulas_share_their_parts():
    whole = exp(MatMul(A, B))
    made, found = named(MatMul(whole, C), MatMul(C, whole))
    assert [str(e) for e in made] == ["P0*C", "C*P0"]
    assert len(found) == 1


leaves = st.sampled_from([A, B, C, Transpose(A)])
formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda x, y: MatMul(x, y), inner, inner),
        st.builds(lambda x, y: MatAdd(x, MatMul(-1, y)), inner, inner),
        st.builds(lambda x, y: HadamardProduct(x, y), inner, inner),
        st.builds(exp, inner),
        st.builds(lambda x: MatrixAlgebra(Budget()).transpose(x), inner),
    ),
    max_leaves=8,
)


@given(formulas, formulas)
def test_the_value_stays(one, other):
    formula = MatAdd(MatMul(one, other), MatMul(Transpose(other), one), one)
    (body,), parts = named(formula)
    known = dict(VALUES)
    with np.errstate(all="ignore"):
        for symbol, part in parts.items():
            known[str(symbol)] = np.asarray(evaluate(part, {}, known))
        want, found = (np.asarray(evaluate(e, {}, known)) for e in (formula, body))
    assert len(parts) <= MOST_PARTS
    if np.isfinite(want).all():
        np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(want).max()))
