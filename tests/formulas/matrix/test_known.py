"""Formulas do as sympy's expressions do: each class is worked out, substituted in, pickled, copied and typeset."""

import copy
import os
import pickle
import pkgutil
import subprocess
import sys
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import sympy
from sympy.core.symbol import Str
from sympy.tensor.array.expressions import ArraySymbol

import tracer as tf
import tracer.formulas.matrix
from tests.calculus.cases import CASES
from tests.calculus.derive import derivative
from tests.formulas import texts
from tracer.formulas.errors import FormulaError
from tracer.formulas.matrix import array_classes as C
from tracer.formulas.matrix import array_products as P
from tracer.formulas.matrix import array_reductions as AR
from tracer.formulas.matrix import batch_classes as E
from tracer.formulas.matrix import block_maxima as BM
from tracer.formulas.matrix import bodies as B
from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix import function_classes as F
from tracer.formulas.matrix import member_functions as M
from tracer.formulas.matrix import scalars as S
from tracer.formulas.matrix import slices as L
from tracer.formulas.matrix import strides as ST
from tracer.formulas.matrix.array_scans import multiply_up
from tracer.formulas.matrix.array_windows import Window
from tracer.formulas.matrix.known import ELEMENTS, Kept, KeptScalar, Known, keep, pack, unpack
from tracer.formulas.matrix.padded_arrays import Padded
from tracer.testing.interpreter import evaluate

ROOT = Path(__file__).parents[3]

n, d = sympy.symbols("n d", integer=True, positive=True)
A, G = (sympy.MatrixSymbol(name, n, n) for name in "AG")
X, R = sympy.MatrixSymbol("X", n, d), sympy.MatrixSymbol("R", d, 3)
v, w = (sympy.MatrixSymbol(name, n, 1) for name in "vw")
ids, u = sympy.MatrixSymbol("ids", n, 1), sympy.MatrixSymbol("u", 3, 1)
T, U = (ArraySymbol(name, (n, d, 2)) for name in "TU")
Q = ArraySymbol("Q", (n, 2, 2))
q = ArraySymbol("q", (2,))
c = sympy.Symbol("c", real=True)
x, y = B.variable(0), B.variable(1)
SIZES = {n: 3, d: 2}
RNG = np.random.default_rng(5)
VALUES = {
    str(m): RNG.normal(size=[int(sympy.sympify(k).subs(SIZES)) for k in m.shape])
    for m in (A, X, R, v, w, u, T, U, q, Q)
}
VALUES |= {"G": VALUES["A"] @ VALUES["A"].T + np.eye(3), "ids": np.array([[2.0], [0.0], [2.0]]), "c": np.array(1.5)}

sine, product = sympy.Lambda(x, sympy.sin(x) + 1), sympy.Lambda((x, y), x * sympy.exp(y))
rows, all_columns = sympy.Tuple(1, n, 1), sympy.Tuple(0, d, 1)


def new(cls, *args):
    return sympy.Basic.__new__(cls, *args)


EXAMPLES = [
    N.ElementSum(A, N.OneMatrix(n, n)),
    N.MatAdd(A, N.MatMul(-2, G, evaluate=False), N.OneMatrix(n, n)),
    N.MatMul(c, A, X, evaluate=False),
    N.HadamardProduct(A, N.HadamardPower(G, -1)),
    N.HadamardPower(A, 2),
    N.KroneckerProduct(A, X),
    N.OneMatrix(n, d),
    N.Identity(n),
    N.DiagMatrix(v),
    N.DiagonalOf(A),
    N.ElementwiseApplyFunction(sine, A),
    N.ElementwiseMap(product, A, G),
    B.element(A, 0, 1),
    new(B.VectorElement, v, sympy.Integer(1), sympy.Integer(0)),
    F.band_part(A, 1, 0),
    F.pinv(X),
    F.cholesky(G),
    F.expm(A),
    F.max_rows(A),
    F.min_rows(A),
    F.prod_rows(X),
    F.cumsum(v, *map(sympy.Integer, (0, 1, 0))),
    F.cumprod(v, *map(sympy.Integer, (0, 0, 0))),
    F.cumprod(X, *map(sympy.Integer, (1, 1, 1))),
    F.roll(v, sympy.Integer(1), sympy.Integer(0)),
    F.roll(X, sympy.Integer(-1), sympy.Integer(1)),
    F.correlate(A, X),
    F.convolve(A, X),
    F.arange(sympy.Integer(1), n, sympy.Integer(2)),
    F.onehot(ids, n),
    F.lookup(ids, n),
    new(L.Part, A, ids, sympy.Tuple(0, n, 1)),
    F.argsort(v),
    F.cross(R, N.MatMul(-1, R, evaluate=False)),
    F.softmax(A),
    F.logsumexp_rows(A),
    *(kind(X) for kind in (S.total, S.mean, S.norm, S.logsumexp, S.greatest, S.least, S.product)),
    L.take_part(A, sympy.Tuple(1, n - 1, 1), sympy.Tuple(0, n, 1)),
    L.take_part(A, sympy.Tuple(n - 1, n, -1), sympy.Tuple(0, n, 1)),
    new(L.ArrayPart, T, sympy.Tuple(sympy.Tuple(1, n - 1, 1), sympy.Integer(0), sympy.Tuple(0, 2, 1))),
    L.Concatenation(A, v.T, N.MatMul(c, N.OneMatrix(1, n), evaluate=False)),
    L.Blocks(sympy.Tuple(A, v), sympy.Tuple(v.T, N.OneMatrix(1, 1))),
    L.Elements(1, 2, [c + c**2, sympy.Mul(2, sympy.Add(c, 1), evaluate=False)]),
    ST.upsample(v, *map(sympy.sympify, (2, 2 * n, 0, 0))),
    ST.upsample(X, *map(sympy.sympify, (3, 3 * d, 1, 1))),
    ST.Band(v, sympy.Integer(2)), ST.Band(v, sympy.Integer(-1)),
    ST.interleave(sympy.Integer(0), v, w, N.MatMul(2, v, evaluate=False)),
    ST.interleave(sympy.Integer(1), X, N.MatMul(-1, X, evaluate=False)),
    BM.firstmax(X, sympy.Integer(2), sympy.Integer(1)), new(BM.ArrayFirstMax, T, *map(sympy.Integer, (1, 2, 1))),
    new(Padded, T, sympy.Tuple(*(sympy.Tuple(k, 1) for k in range(3))), sympy.S.Zero),
    new(L.Stack, sympy.Integer(1), A, sympy.ZeroMatrix(*A.shape), 2 * A),
    L.Selection(sympy.Integer(1), n - 1, sympy.Integer(1), n),
    P.multiply_arrays([(0, 1, 2), (2,)], (0, 1), [T, q]),
    new(Window, sympy.Integer(0), sympy.Tuple(1, 1, -1), sympy.Tuple(n, 2, n + 1)),
    P.ArrayAdd(T, P.scale_array(c, U)),
    multiply_up(T, True, False), AR.ArraySoftmax(T), AR.ArraySoftmax(T, sympy.Tuple(0, 2)),
    M.apply_to_members("inverse", (n, 2, 2), 1, [], [Q]), M.apply_to_members("band_part", (n, 2, 2), 1, [-1, 0], [Q]),
    M.apply_to_members("det", (n,), 1, [], [Q]),
    *(AR.reduce_array(kind, T, 2) for kind in (AR.ArrayMax, AR.ArrayMin, AR.ArrayProduct, AR.ArrayLogSumExp)),
    C.ArrayAsMatrix(P.multiply_arrays([(0, 1, 2)], (2, 0), [T])),
    C.ArrayAsScalar(P.multiply_arrays([(0, 1, 2)], (), [T])),
    new(C.Member, T, sympy.Tuple(sympy.Integer(1))),
    new(E.ForEach, sympy.MatrixSymbol("T", d, 2).T * X.T, sympy.Tuple(n), sympy.Tuple(2, n),
        sympy.Tuple(Str("T"), T, sympy.Tuple(0))),
    E.BatchAsMatrix(new(E.ForEach, sympy.MatrixSymbol("T", d, 2).T * R * u, sympy.Tuple(n), sympy.Tuple(2),
        sympy.Tuple(Str("T"), T, sympy.Tuple(0)))),
    E.SumOverBatch(new(E.ForEach, sympy.MatrixSymbol("T", d, 2).T * X.T, sympy.Tuple(n), sympy.Tuple(2, n),
        sympy.Tuple(Str("T"), T, sympy.Tuple(0)))),
    new(E.ForEach, sympy.MatrixSymbol("T", n, 2).T * A, sympy.Tuple(d), sympy.Tuple(2, n),
        sympy.Tuple(Str("T"), T, sympy.Tuple(-1, 0))),
    E.MovedBatch(new(E.ForEach, sympy.MatrixSymbol("T", n, 2).T * A, sympy.Tuple(d), sympy.Tuple(2, n),
        sympy.Tuple(Str("T"), T, sympy.Tuple(-1, 0))), sympy.Tuple(1)),
    new(C.ArrayMap, product, T, U),
    C.ArrayElementwiseApplyFunc(sine, T),
    C.apply_by_name("eigvalsh", None, (n,), [G]),
    C.apply_by_name("f", None, (n, d, 2), [T]),
    C.apply_by_name("f", None, (), [A]),
    S.total(L.Concatenation(A, v.T)),
]  # fmt: skip
NAMED = {f"{type(e).__name__}-{k}": e for k, e in enumerate(EXAMPLES)}
UNKNOWN = [f"{type(e).__name__}-{k}" for k, e in enumerate(EXAMPLES) if str(e).startswith("f(")]


def list_classes():
    """All classes of formulas in the modules of matrix notation."""
    found = set()
    for module in pkgutil.iter_modules(tracer.formulas.matrix.__path__):
        for cls in vars(import_module(f"tracer.formulas.matrix.{module.name}")).values():
            if isinstance(cls, type) and issubclass(cls, (Kept, L.Elements)):
                found.add(cls)
    return found


def give(e):
    """An expression with a matrix, an array or a number for each of its sources."""
    sized = e.subs(SIZES)
    known = {
        m: sympy.ImmutableDenseMatrix(VALUES[m.name]) for m in sized.atoms(sympy.MatrixSymbol) & sized.free_symbols
    }
    known |= {m: sympy.ImmutableDenseNDimArray(VALUES[str(m.name)]) for m in sized.atoms(ArraySymbol)}
    return sized.subs({**known, c: sympy.Float(1.5)})


def test_there_is_an_example_of_each_class():
    examples, classes = {type(e) for e in EXAMPLES}, list_classes()
    abstract = {base for cls in classes for base in cls.__mro__[1:]} | {KeptScalar}
    assert examples <= classes
    assert classes - examples <= abstract


@pytest.mark.parametrize("name", NAMED)
def test_pickles_and_copies_are_the_same(name):
    e = NAMED[name]
    for made in (pickle.loads(pickle.dumps(e)), copy.copy(e), copy.deepcopy(e), unpack(pack(e))):
        assert made == e
        assert hash(made) == hash(e)
        assert type(made) is type(e)
        assert (str(made), sympy.latex(made), sympy.pretty(made)) == (str(e), sympy.latex(e), sympy.pretty(e))
        assert getattr(made, "shape", ()) == getattr(e, "shape", ())


@pytest.mark.parametrize("name", sorted(set(NAMED) - set(UNKNOWN)))
def test_a_formula_of_known_matrices_is_worked_out(name):
    """One that no row has a function for is left as it is."""
    e = NAMED[name]
    want = np.asarray(evaluate(e, {"n": 3, "d": 2}, VALUES), float)
    for made in (give(e).doit(), give(e).evalf(), give(e.doit()).doit()):
        explicit = made.as_explicit() if isinstance(made, sympy.MatrixExpr) else made
        value = np.array(explicit.tolist(), float) if hasattr(explicit, "tolist") else float(explicit)
        np.testing.assert_allclose(np.reshape(value, want.shape), want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", NAMED)
def test_symbols_are_found_and_replaced(name):
    e = NAMED[name]
    names = {s.name for s in e.free_symbols}
    assert names <= {*VALUES, "n", "d"}
    for m in e.free_symbols - {n, d}:
        other = (
            sympy.MatrixSymbol("Other", *m.shape)
            if isinstance(m, sympy.MatrixSymbol)
            else sympy.Symbol("Other", real=True)
        )
        assert e.has(m)
        for made in (e.xreplace({m: other}), e.subs(m, other)):
            assert {s.name for s in made.free_symbols} == (names - {m.name}) | {"Other"}
            assert type(made) is type(e)
    assert not e.subs({n: 7, d: 5}).atoms(sympy.Symbol) & {n, d}


def test_an_element_is_substituted_also_where_sympy_has_made_it():
    assert B.element(A, 0, 1).subs(A[0, 1], 5) == 5
    assert (2 * B.element(A, 0, 1) + c).subs({A[0, 1]: 5, c: 1}) == 11


FORMS = "matrix", "index", "where", "steps", "components"
HIGHER = {name: case for name, case in CASES.items() if case.ask != "gradient"}


def list_expressions(formula):
    """The expressions of a formula, which is given by form, in each form that there is."""
    for form in FORMS:
        try:
            made = formula(form)
        except FormulaError:
            continue
        if form == "where":
            yield from (made.body, *made.parts.keys(), *made.parts.values())
        elif form == "steps":
            yield from (e for row in (*made[0], made[1]) for e in row)
        else:
            yield made


def assert_copies_are_equal(formula):
    for e in list_expressions(formula):
        pickled = pickle.loads(pickle.dumps(e))
        for made in (pickled, copy.copy(e), copy.deepcopy(e)):
            assert made == e
            assert e == made
            assert hash(made) == hash(e)
        assert str(pickled) == str(e)
        assert sympy.latex(pickled) == sympy.latex(e)


@pytest.mark.parametrize("name", texts.PROGRAMS)
def test_the_formula_of_a_program_is_pickled_as_it_is_written(name):
    assert_copies_are_equal(partial(texts.formula_of, name))


@pytest.mark.parametrize("name", HIGHER)
def test_the_formula_of_a_derivative_is_pickled_as_it_is_written(name):
    assert_copies_are_equal(partial(tf.formula, derivative(tf, HIGHER[name])[0]))


OTHER_PROCESS = """
import pickle, sys
from functools import partial
from tests.calculus.cases import CASES
from tests.calculus.derive import derivative
from tests.formulas import texts
from tracer.formulas.errors import FormulaError
from tests.formulas.matrix.test_known import list_expressions

for name, known in pickle.load(open(sys.argv[1], "rb")).items():
    for one, other in zip(known, list_expressions(partial(texts.formula_of, name)), strict=True):
        assert one == other and other == one and hash(one) == hash(other) and str(one) == str(other), name
"""


def test_a_formula_is_equal_to_that_of_another_process(tmp_path):
    known = {name: list(list_expressions(partial(texts.formula_of, name))) for name in list(texts.PROGRAMS)[::8]}
    file = tmp_path / "formulas"
    file.write_bytes(pickle.dumps(known))
    command = [sys.executable, "-c", OTHER_PROCESS, str(file)]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "424242"}, check=True, cwd=ROOT)


def test_a_kept_scalar_is_equal_to_the_same_without_its_class():
    plain = sympy.Mul(2, sympy.Add(c, 1, evaluate=False), evaluate=False)
    made = keep(plain)
    assert made == plain
    assert plain == made
    assert hash(made) == hash(plain)
    assert {plain: 1}[made] == 1
    assert made != c
    assert made != object()
    assert made.func is sympy.Mul
    assert type(made + 1) is sympy.Add
    assert float(made.evalf(subs={c: 2})) == 6
    assert made.subs(c, 2) == 6


def test_a_long_index_form_is_done_within_bounds():
    z = tf.placeholder("z", ("n",))
    formula = tf.formula(tf.gradients(tf.reduce_sum(tf.exp(z)) ** 2 * tf.reduce_sum(tf.sin(z)), z)[0], form="index")
    assert formula.has(sympy.Sum)
    made = formula.subs({s: 3 for s in formula.atoms(sympy.Symbol) if s.name == "n"}).doit()
    assert not made.has(sympy.Sum)


def test_large_constant_matrices_stay_as_they_are():
    assert isinstance((N.MatMul(2, N.OneMatrix(ELEMENTS, 2), evaluate=False)).doit(), Known)
    assert N.MatMul(2, N.OneMatrix(2, 2), evaluate=False).doit() == sympy.Matrix([[2, 2], [2, 2]])
