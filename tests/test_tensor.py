"""Tensors and sources: what is a value, a name, a number; what Python's protocols answer."""

import copy
import fractions
import pickle

import numpy as np
import pytest
import sympy

import tracer
from tests.helpers import assert_same

n = tracer.placeholder("sized", ("n",)).shape[0]


class TestSources:
    @pytest.mark.parametrize(
        ("value", "dtype", "shape"),
        [
            (2, "int64", ()), (2.0, "float64", ()), (True, "bool", ()), ([1, 2], "int64", (2,)), ([], "float64", (0,)),
            ([[1.0], [2.0]], "float64", (2, 1)), (np.float32([1]), "float32", (1,)), (np.int8(3), "int64", ()),
            (np.float16([1]), "float64", (1,)), (range(3), "int64", (3,)), (fractions.Fraction(1, 2), "float64", ()),
            (np.zeros((0, 3)), "float64", (0, 3)), ([True, False], "bool", (2,)),
        ],
    )  # fmt: skip
    def test_constants(self, value, dtype, shape):
        c = tracer.constant(value)
        assert (c.dtype, c.shape) == (dtype, shape)
        assert_same(c, np.asarray(value, dtype))
        assert c.numpy().dtype == dtype

    @pytest.mark.parametrize(
        ("value", "error", "text"),
        [
            ("text", TypeError, "real numbers"), (None, TypeError, "real numbers"), (1j, TypeError, "complex"),
            ([[1.0], [1.0, 2.0]], ValueError, "differ in length"), (object(), TypeError, "real numbers"),
            (np.array([1j]), TypeError, "complex"), (sympy.I, TypeError, "complex"),
            (sympy.Symbol("t"), TypeError, "from_sympy"),
        ],
    )  # fmt: skip
    def test_no_constants(self, value, error, text):
        with pytest.raises(error, match=text):
            tracer.constant(value)

    def test_a_value_is_its_own(self):
        given = np.array([1.0, 2.0])
        c, v = tracer.constant(given), tracer.Variable(given)
        given[0] = 9.0
        assert_same(c, [1.0, 2.0])
        assert_same(v, [1.0, 2.0])

    def test_shape_and_dtype(self):
        assert_same(tracer.constant(1, shape=(2, 2), dtype="float32"), np.ones((2, 2)))
        assert tracer.constant([1, 2, 3, 4], shape=(2, 2)).shape == (2, 2)
        with pytest.raises(TypeError, match="does not fit the dtype int64; write cast"):
            tracer.constant(2.7, dtype=int)
        assert tracer.cast(2.7, int).numpy() == 2
        with pytest.raises(ValueError, match=r"\(3,\).* \(2,\)"):
            tracer.constant([1.0, 2.0, 3.0], shape=(2,))
        with pytest.raises(TypeError, match="complex"):
            tracer.constant(1.0, dtype="complex128")

    def test_lists_of_tensors_are_stacked_and_connected(self):
        """Their values alone would drop the gradient without a word."""
        x, y = tracer.Variable(2.0), tracer.Variable(3.0)
        for made in (
            tracer.convert_to_tensor([x * x, y]),
            tracer.reduce_sum([[x * x], [y]]),
            tracer.constant([1.0, 2.0]) * [x * x, y],
        ):
            gx, gy = tracer.gradients(tracer.reduce_sum(made), [x, y])
            assert float(gx) == 4.0
            assert float(gy) in (1.0, 2.0)

    def test_placeholders(self):
        X = tracer.placeholder("X", (3, "n"), positive=True)
        assert (X.name, X.op, X.shape, X.ndim, X.value) == ("X", "placeholder", (3, n), 2, None)
        with pytest.raises(ValueError, match="X"):
            X.numpy()
        with pytest.raises(TypeError, match="name"):
            tracer.placeholder(3)

    @pytest.mark.parametrize("name", ["symmetric", "diagonal", "orthogonal", "positive_definite"])
    def test_what_only_a_square_matrix_can_be_is_not_declared_of_another(self, name):
        message = rf"V is declared {name}, .* shape is \(3, n\); give it two equal sizes, or leave {name}=True out"
        with pytest.raises(ValueError, match=message):
            tracer.placeholder("V", (3, "n"), **{name: True})
        assert tracer.placeholder("V", (3, "n"), **{name: False}).shape == (3, n)
        assert tracer.placeholder("V", (2, "n", "n"), **{name: True}).shape == (2, n, n)

    def test_symbols(self):
        x, y = tracer.symbols("x, y")
        assert (x.name, y.name, tracer.symbols("z").name) == ("x", "y", "z")
        with pytest.raises(ValueError, match="no names"):
            tracer.symbols(" ")

    def test_names_of_operations_are_unique(self):
        x = tracer.symbols("x")
        y, z = x + 1, x + 1
        assert y.name != z.name
        assert y.name == f"add_{y.node}"


class TestProtocols:
    def test_equality_is_elementwise_and_hash_by_identity(self):
        x, y = tracer.constant([1.0, 2.0]), tracer.constant([1.0, 3.0])
        assert_same(x == y, [True, False])
        assert_same(x != y, [False, True])
        assert len({x, y, x}) == 2
        assert x in [x, y]
        with pytest.raises(ValueError, match="one element"):
            assert y in [x]
        assert tracer.constant(2.0) in [tracer.constant(2.0)]

    def test_none_equals_no_tensor(self):
        x = tracer.constant([1.0, 2.0])
        assert (x == None) is False  # noqa: E711
        assert (x != None) is True  # noqa: E711

    def test_copies(self):
        """A second object with the same key would take the node out of the graph when it goes."""
        x = tracer.constant([1.0, 2.0])
        y = x * 2
        assert copy.copy(y) is y
        assert copy.deepcopy({"y": [y]})["y"][0] is y
        assert y.node in y.graph
        v = tracer.Variable([1.0, 2.0], name="v", trainable=False)
        w = copy.deepcopy(v)
        w.assign_add([1.0, 1.0])
        assert_same(v, [1.0, 2.0])
        assert_same(w, [2.0, 3.0])
        assert (w.trainable, w.dtype) == (False, "float64")
        with pytest.raises(TypeError, match="pickle"):
            pickle.dumps(y)

    def test_numbers(self):
        x = tracer.constant(2.5)
        assert (float(x), int(x), bool(x), f"{x:.1f}", x.item()) == (2.5, 2, True, "2.5", 2.5)
        assert [10, 20, 30][tracer.constant(1)] == 20
        with pytest.raises(TypeError, match="int"):
            [10, 20][x]
        for make in (bool, float, int):
            with pytest.raises(TypeError, match="without a value"):
                make(tracer.symbols("q"))

    def test_length(self):
        assert len(tracer.constant([[1.0], [2.0]])) == 2
        with pytest.raises(TypeError, match="scalar"):
            len(tracer.constant(1.0))
        with pytest.raises(TypeError, match="symbolic"):
            len(tracer.placeholder("x", ("n",)))

    def test_operands_on_either_side(self):
        x = tracer.constant([1.0, 2.0])
        for left, right, expected in [
            (x, [1, 2], [2.0, 4.0]),
            ([1, 2], x, [2.0, 4.0]),
            (np.array([1.0, 2.0]), x, [2.0, 4.0]),
            (np.float64(3), x, [4.0, 5.0]),
            (x, np.int32(3), [4.0, 5.0]),
            (fractions.Fraction(1, 2), x, [1.5, 2.5]),
        ]:
            assert_same(left + right, expected)
        assert_same(3 - x, [2.0, 1.0])
        assert_same(2**x, [2.0, 4.0])
        assert_same([1.0, 1.0] @ x, 3.0)
        assert_same(np.ones((3, 2)) @ x, [3.0, 3.0, 3.0])
        assert_same(-x, [-1.0, -2.0])
        assert_same(abs(-x), [1.0, 2.0])

    def test_a_dimension_in_arithmetic(self):
        """On the left of a tensor with a value too: sympy would make a number of it."""
        for z in (tracer.symbols("z"), tracer.constant(2.0), tracer.Variable(2.0)):
            for made in (n * z, n**0.5 * z, n / z, n - z, n + z, n**z):
                assert isinstance(made, tracer.Tensor)
                assert any(a is z or getattr(z, "current", None) is a for a in made.args)
        x = tracer.placeholder("x", ("n",))
        assert_same(tracer.reduce_sum(x.shape[0] * x).eval({x: [1.0, 2.0]}), 6.0)


class TestEvaluation:
    def test_feeds(self):
        x, y = tracer.symbols("x y")
        z = x * y
        assert z.eval({x: 2.0, "y": 3.0}) == 6.0
        with pytest.raises(ValueError, match="y"):
            z.eval({x: 2.0})
        with pytest.raises((LookupError, ValueError), match="t"):
            z.eval({x: 2.0, y: 1.0, "t": 1.0})

    def test_scalars_compute_as_numpy_does(self):
        """Python's own numbers would raise, or turn complex."""
        zero, minus = tracer.constant(0.0), tracer.constant(-1.0)
        assert (1 / zero).numpy() == np.inf
        assert np.isnan((minus**0.5).numpy())
        assert tracer.exp(tracer.constant(1e4)).numpy() == np.inf
        assert (tracer.constant(10.0) ** 400).numpy() == np.inf
        assert np.isnan((zero / zero).numpy())

    def test_expressions_of_an_operation(self):
        x, y = tracer.symbols("x y")
        z = 2 * x * y
        assert z.expr == sympy.Symbol(z.args[0].name, real=True) * sympy.Symbol("y", real=True)

    def test_an_expression_is_one_object(self):
        X, v = tracer.placeholder("X", ("n", 3)), tracer.Variable(2.0, name="v")
        for t in (X, v, tracer.sin(X), X @ [1.0, 2.0, 3.0], v * v):
            assert t.expr is t.expr
            assert t.expr is t.graph.nodes[t.node]["expr"]

    def test_a_scalar_as_an_array(self):
        array = np.asarray(tracer.constant(2))
        assert type(array) is np.ndarray
        assert (array.shape, array.dtype) == ((), np.int64)
        assert np.asarray(tracer.constant([1, 2]), dtype=float).dtype == np.float64

    def test_a_copy_is_not_the_value(self):
        x = tracer.sin(tracer.constant([0.0, 0.0]))
        copied = np.array(x)
        copied[0] = 9.0
        assert_same(x, np.zeros(2))


class TestSourcesOfOneName:
    """They are told apart wherever they meet."""

    def test_in_expressions_formulas_and_feeds(self):
        x, y = tracer.placeholder("x"), tracer.placeholder("x")
        assert str((x + y).expr) == "x + x_2"
        assert str((x * y).formula()) == "x*x_2"
        assert (x - y).eval({"x": 3.0, "x_2": 1.0}) == 2.0
        assert (x - y).eval({x: 3.0, y: 1.0}) == 2.0
        assert "def compiled(x, x_2)" in tracer.compile(x - y, [x, y]).source
        tracer.check(x + y)

    def test_what_is_missing_is_named(self):
        x, y = tracer.placeholder("x"), tracer.placeholder("x")
        with pytest.raises(ValueError, match="x_2 has none"):
            (x - y).eval({"x": 3.0})

    def test_alone_each_keeps_its_name(self):
        x, y = tracer.placeholder("x"), tracer.placeholder("x")
        assert str((x * 2).formula()) == str((y * 2).formula()) == "2*x"
        assert (y * 2).eval({"x": 3.0}) == 6.0


MASKED = np.ma.masked_array([1.0, 2.0], mask=[True, False])


@pytest.mark.parametrize(
    "enter",
    [
        tracer.constant,
        tracer.Variable,
        lambda m: tracer.Variable([0.0, 0.0]).assign(m),
        lambda m: tracer.constant([1.0, 2.0]) * m,
        lambda m: np.multiply(m, tracer.constant([1.0, 2.0])),
        lambda m: np.dot(tracer.constant([1.0, 2.0]), m),
        lambda m: tracer.constant([m, m]),
        lambda m: tracer.stack([tracer.constant([1.0, 2.0]), m]),
        lambda m: tracer.grad(lambda x: tracer.reduce_sum(x))(m),
        lambda m: tracer.constant([np.ma.masked, 1.0]),
    ],
)
def test_a_masked_array_is_refused_wherever_it_enters(enter):
    with pytest.raises(TypeError, match="a tensor has no mask"):
        enter(MASKED)


def test_a_masked_array_on_the_left_does_not_cut_a_gradient():
    with pytest.raises(TypeError, match="would cut its gradient"):
        tracer.grad(lambda x: np.sum(MASKED + x))(np.ones(2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x ^ 2, r"'\^' is an operator of booleans, and x is of dtype float64; write x\*\*y for a power"),
        (lambda x: 2 ^ x, r"2 is of dtype int64; write x\*\*y"),
        (lambda x: (x > 0) ^ x, r"x is of dtype float64; write x\*\*y"),
        (lambda x: x & (x > 0), r"put parentheses around comparisons, as in \(x > 0\) & \(y > 0\)"),
        (lambda x: x > 0 | (x < 1), r"'\|' is an operator of booleans, and 0 is of dtype int64; put parentheses"),
        (lambda x: ~x, r"'~' is an operator of booleans, and x is of dtype float64; write ~\(x > 0\), or -x"),
        (lambda x: tracer.constant(6) & tracer.constant(3), "is of dtype int64; put parentheses"),
    ],
)
def test_operators_of_logic_refuse_numbers(call, message):
    with pytest.raises(TypeError, match=message):
        call(tracer.placeholder("x"))


def test_operators_of_logic_between_booleans():
    x = tracer.constant([-1.0, 0.5, 2.0])
    np.testing.assert_array_equal(((x > 0) ^ (x > 1)).numpy(), [False, True, False])
    np.testing.assert_array_equal(((x > 0) & ~(x > 1) | [True, False, False]).numpy(), [True, True, False])
    np.testing.assert_array_equal((True ^ (x > 0)).numpy(), [True, False, False])
    flag = tracer.Variable(True)
    assert not (~flag).numpy()


def test_completion_shows_what_a_caller_may_use():
    x, v = tracer.placeholder("x", (2,)), tracer.Variable([1.0, 2.0])
    for tensor, own in ((x, {"formula", "shape"}), (v, {"assign", "value", "trainable"}), (v[0], {"assign_add"})):
        names = {n for n in dir(tensor) if not n.startswith("_")}
        assert own | {"sum", "reshape", "T", "mT", "size", "astype"} <= names
        assert not names & {"rule", "args", "params", "context", "label", "read", "current", "earlier", "put", "key"}
        assert all(hasattr(tensor, n) for n in names - {"expr", "mT"})


def test_a_missing_attribute_is_told_to_python_for_its_suggestion():
    x = tracer.symbols("x")
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'forumla'") as caught:
        x.forumla  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("forumla", x)


def test_a_variable_may_leave_dimensions_of_its_shape_open():
    assert tracer.Variable(np.ones((2, 3)), shape=[None, 3]).shape == (2, 3)
    assert tracer.Variable(1.0, shape=(2,)).numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("value", "written"), [(1.25, "5*x/4"), (3, "3*x"), (True, "x")])
def test_an_array_without_axes_is_a_number_in_formulas(value, written):
    x = tracer.symbols("x")
    given = [np.array(value)]
    made = tracer.where(given[0], x, 2.0) if value is True else tracer.constant(given[0]) * x
    assert str(made.formula()) == written
