"""Every elementwise row: its values against the template, its kinks exactly; its derivatives are tested with all rows.

The tests go through the table: a row that is added is tested without being named here.
"""

import math

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import tracer
from tests.helpers import DIGITS, numeric
from tracer.rules import COTANGENT, TABLE, Elementwise, argument
from tracer.tensor import apply

ROWS = [op for op in TABLE.values() if type(op) is Elementwise]
SMOOTH = [op for op in ROWS if op.differentiable and op.result != "bool"]
CONDITION = {"where": 0}
"""The positions that take booleans."""

DOMAIN = {
    "sqrt": (0.05, 9), "rsqrt": (0.05, 9), "log": (0.05, 9), "log1p": (-0.9, 9), "asin": (-0.95, 0.95),
    "acos": (-0.95, 0.95), "acosh": (1.05, 9), "atanh": (-0.95, 0.95), "lgamma": (0.1, 9), "digamma": (0.1, 9),
    "xlogy": (0.05, 9), "xlog1py": (0.05, 9), "pow": (0.05, 3), "log2": (0.05, 9), "log10": (0.05, 9),
    "erfinv": (-0.95, 0.95), "erfcinv": (0.05, 1.95), "ndtri": (0.05, 0.95), "polygamma": (0.5, 4), "zeta": (1.5, 5),
}  # fmt: skip
"""Where a row is real and smooth, if that is not everywhere."""
ORDER = {"polygamma": 0, "zeta": 0}
"""The positions that no gradient flows to."""


def fit(op, point):
    """The point as the row takes it: with the bounds of an interval in order, with whole orders of derivatives."""
    if op.name == "clip_by_value":
        return (point[0], *sorted(point[1:]))
    return (float(int(point[0])), *point[1:]) if op.name == "polygamma" else tuple(point)


def positions(op):
    return [k for k in range(op.arity) if k not in (CONDITION.get(op.name), ORDER.get(op.name))]


@pytest.mark.parametrize("op", SMOOTH, ids=lambda op: op.name)
def test_a_cotangent_scales(op):
    point = fit(op, [1.7 if op.name in ("acosh", "zeta") else 0.7, 0.4, 0.9][: op.arity])
    for k in positions(op):
        sources = [tracer.constant(v > 0 if CONDITION.get(op.name) == j else v) for j, v in enumerate(point)]
        y = apply(op, tuple(sources))
        one, three = (tracer.gradients(y, sources[k], grad_ys=tracer.constant(c))[0] for c in (1.0, -3.0))
        assert float(three) == pytest.approx(-3 * float(one), rel=1e-14)


@pytest.mark.parametrize("op", [op for op in ROWS if not op.differentiable], ids=lambda op: op.name)
def test_rows_without_a_derivative_are_not_connected(op):
    sources = [tracer.constant(v) for v in (0.7, 0.4, 0.9)[: op.arity]]
    if op.name.startswith("logical"):
        sources = [tracer.cast(s, "bool") for s in sources]
    y = apply(op, tuple(sources))
    assert tracer.gradients(y, sources) == [None] * op.arity


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_values_are_the_templates(op):
    """The compiled value against the template, where the template is real."""
    rng = np.random.default_rng(1)
    low, high = DOMAIN.get(op.name, (-4, 4))
    boolean = op.name.startswith("logical")
    function = numeric(op.template.doit(), op.arity)
    for _ in range(12):
        point = fit(op, [float(v) for v in rng.uniform(low, high, op.arity).round(3)])
        point = [v > 0 if boolean or CONDITION.get(op.name) == k else v for k, v in enumerate(point)]
        actual = apply(op, tuple(tracer.constant(v) for v in point)).numpy()
        with mpmath.workdps(DIGITS):
            expected = function(*(v if isinstance(v, bool) else mpmath.mpf(v) for v in point))
        assert float(actual) == pytest.approx(float(mpmath.re(expected)), rel=1e-12, abs=1e-14), (op, point)


@pytest.mark.parametrize(
    ("name", "function"),
    [("is_nan", np.isnan), ("is_inf", np.isinf), ("is_finite", np.isfinite), ("equal", lambda x: x == 2.0)],
)
def test_a_predicate_holds_somewhere_and_not_elsewhere(name, function):
    points = np.array([math.nan, math.inf, -math.inf, 0.0, 2.0])
    op = {op.name: op for op in ROWS}[name]
    found = apply(op, (tracer.constant(points), tracer.constant(2.0))[: op.arity]).numpy()
    np.testing.assert_array_equal(found, function(points))
    assert 0 < found.sum() < len(points)


def at(f, *point, wrt=0, order=1):
    tensors = [tracer.constant(float(v)) for v in point]
    y = f(*tensors)
    for _ in range(order):
        (y,) = tracer.gradients(y, [tensors[wrt]])
        if y is None:
            return None
    return float(y.numpy())


inf, nan = math.inf, math.nan


def test_no_infinite_cotangent_passes_a_factor_of_zero_without_nan():
    x, y = tracer.constant([1.0, 2.0]), tracer.constant([0.0, 3.0])
    product = tracer.multiply_no_nan(x, y)
    assert tracer.gradients(product, x, grad_ys=[np.inf, np.inf])[0].numpy().tolist() == [0.0, np.inf]


def test_gradients_of_quotients_without_nan_do_not_depend_on_the_quotient():
    a, b = tracer.symbols("a b")
    quotient = tracer.divide_no_nan(a, b)
    (slope,) = tracer.gradients(quotient, b)
    assert tracer.gradients(slope, quotient) == [None]


KINKS = [
    (abs, (0,), 0, [0, 0]),
    (tracer.abs, (-1,), 0, [-1, 0]),
    (tracer.sign, (0,), 0, [0, None]),
    (tracer.sign, (2,), 0, [0, None]),
    (tracer.relu, (0,), 0, [0, 0]),
    (tracer.relu, (1,), 0, [1, 0]),
    (tracer.relu6, (0,), 0, [0, 0]),
    (tracer.relu6, (6,), 0, [0, 0]),
    (tracer.relu6, (5,), 0, [1, 0]),
    (lambda x: tracer.leaky_relu(x, alpha=0.25), (0,), 0, [0.25, 0]),
    (tracer.leaky_relu, (0,), 0, [0.2, 0]),
    (tracer.elu, (0,), 0, [1, 0]),
    (tracer.elu, (-1,), 0, [math.exp(-1), math.exp(-1)]),
    (tracer.maximum, (1, 1), 0, [1, None]),
    (tracer.maximum, (1, 1), 1, [0, None]),
    (tracer.minimum, (1, 1), 0, [1, None]),
    (tracer.minimum, (1, 1), 1, [0, None]),
    (lambda x: tracer.maximum(x, 0.0), (0,), 0, [1, None]),
    (lambda x: tracer.maximum(0.0, x), (0,), 0, [0, None]),
    (lambda x: tracer.clip_by_value(x, 0.0, 1.0), (0,), 0, [1, None]),
    (lambda x: tracer.clip_by_value(x, 0.0, 1.0), (1,), 0, [1, None]),
    (lambda x: tracer.clip_by_value(x, 0.0, 1.0), (2,), 0, [0, None]),
    (tracer.sqrt, (0,), 0, [inf, -inf]),
    (tracer.log, (0,), 0, [inf, -inf]),
    (lambda x: 1 / x, (0,), 0, [-inf, inf]),
    (lambda x: x**0.5, (0,), 0, [inf, -inf]),
    (lambda x: x**2, (0,), 0, [0, 2]),
    (lambda x: x**1, (0,), 0, [1]),
    (tracer.pow, (0, 2), 1, [0, 0]),
    (tracer.pow, (-2, 2), 1, [0, 0]),
    (tracer.pow, (2, 3), 1, [8 * math.log(2), 8 * math.log(2) ** 2]),
    (tracer.divide_no_nan, (0, 0), 0, [0, None]),
    (tracer.divide_no_nan, (0, 0), 1, [0, 0]),
    (tracer.divide_no_nan, (1, 2), 1, [-0.25, 0.25]),
    (tracer.divide_no_nan, (2.0**-600, 2.0**-600), 1, [-(2.0**600)]),
    (tracer.math.xdivy, (2.0**700, 2.0**700), 1, [-(2.0**-700)]),
    (lambda x, y: apply(TABLE["hypot"], (x, y)), (0, 0), 0, [0]),
    (lambda x, y: apply(TABLE["hypot"], (x, y)), (0, 0), 1, [0]),
    (lambda x: x % 2.0, (4,), 0, [1, None]),
    (lambda x: tracer.where(x > 0, x * x, 0.0), (0,), 0, [0, 0]),
    (lambda x: tracer.where(x > 0, x, 0.0), (1,), 0, [1, None]),
    (lambda x: tracer.where(x > 0, 1.0, 0.0), (1,), 0, [None]),
]


@pytest.mark.parametrize(("f", "point", "wrt", "expected"), KINKS)
def test_conventions_at_kinks(f, point, wrt, expected):
    """As TensorFlow: the derivative at the kink, and whether the second is zero or not connected."""
    assert [at(f, *point, wrt=wrt, order=k + 1) for k in range(len(expected))] == expected


INACTIVE = [
    lambda x: tracer.sqrt(x),
    lambda x: tracer.log(x),
    lambda x: 1 / x,
    lambda x: x**0.5,
    lambda x: x**1.5,
    lambda x: tracer.sqrt(x) * tracer.log(x) / x,
    lambda x: tracer.exp(tracer.log(x) * 3),
    lambda x: tracer.rsqrt(x),
    lambda x: tracer.acosh(x),
    lambda x: tracer.where(x < 5, tracer.log(x), 1.0),
    lambda x: tracer.where(x > 0, tracer.log(x), 1.0) * tracer.where(x > 0, tracer.sqrt(x), 1.0),
    lambda x: tracer.sqrt(tracer.reduce_sum(x * x)),
    lambda x: tracer.sqrt(x) + tracer.log(x),
    lambda x: tracer.atanh(x + 1),
]


@pytest.mark.parametrize("branch", range(len(INACTIVE)))
@pytest.mark.parametrize("value", [0.0, -1.0])
@pytest.mark.parametrize("order", [1, 2])
def test_an_inactive_branch_gives_exactly_zero(branch, value, order):
    f = INACTIVE[branch]
    if value < 0 and branch == 11:
        value = 0.0
    assert at(lambda x: tracer.where(x > 0, f(x), 0.0), value, order=order) == 0
    assert at(lambda x: tracer.where(x <= 0, x * x, f(x)), value, order=order) == (2 * value if order == 1 else 2)


def test_an_inactive_branch_in_arrays():
    x = tracer.constant([-1.0, 0.0, 4.0])
    y = tracer.where(x > 0, tracer.sqrt(x), 0.0) * tracer.constant([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(tracer.gradients(tracer.reduce_sum(y), x)[0].numpy(), [0.0, 0.0, 0.75])


class TestTypes:
    """Dtypes, literals, broadcasting, errors."""

    x64, x32 = [1.0, 2.0], tracer.constant([1.0, 2.0], "float32")

    @pytest.mark.parametrize(
        ("make", "dtype"),
        [
            (lambda i, b, f, d: i + 1, "int64"),
            (lambda i, b, f, d: i + 1.5, "float64"),
            (lambda i, b, f, d: i / 2, "float64"),
            (lambda i, b, f, d: i // 2, "int64"),
            (lambda i, b, f, d: b + 1, "int64"),
            (lambda i, b, f, d: f * 2.5, "float32"),
            (lambda i, b, f, d: f * i, "float32"),
            (lambda i, b, f, d: f * d, "float64"),
            (lambda i, b, f, d: tracer.sin(i), "float64"),
            (lambda i, b, f, d: tracer.sin(f), "float32"),
            (lambda i, b, f, d: i * sympy.pi, "float64"),
            (lambda i, b, f, d: i * sympy.Symbol("n", integer=True, positive=True), "int64"),
            (lambda i, b, f, d: sympy.Symbol("n", integer=True, positive=True) ** 0.5 * i, "float64"),
            (lambda i, b, f, d: d > 1, "bool"),
            (lambda i, b, f, d: (d > 1) & b, "bool"),
            (lambda i, b, f, d: tracer.where(b, i, 1.5), "float64"),
            (lambda i, b, f, d: tracer.cast(d, "int32") + 1, "int32"),
        ],
    )
    def test_dtypes(self, make, dtype):
        i, b = tracer.constant([1, 2]), tracer.constant([True, False])
        assert make(i, b, self.x32, tracer.constant(self.x64)).dtype == dtype

    def test_a_gradient_has_the_dtype_of_its_source(self):
        w = tracer.Variable([1.0, 2.0], dtype="float32")
        d = tracer.constant([3.0, 4.0])
        for y in (w * d, tracer.sin(w) * 2.0, w @ d, w):
            (g,) = tracer.gradients(tracer.reduce_sum(y), w)
            assert g.dtype == "float32"
            assert g.numpy().dtype == np.float32

    @given(st.integers(1, 3), st.sampled_from([(), (1,), (3,), (2, 1), (2, 3), (1, 1, 3)]), st.data())
    def test_gradients_of_broadcast_operands(self, rank, shape, data):
        other = data.draw(st.sampled_from([(), (1,), (3,), (2, 1), (2, 3), (4, 1, 1), (0, 1, 3), (4, 2, 3)]))
        a, b = np.arange(math.prod(shape)).reshape(shape) + 1.0, np.arange(math.prod(other)).reshape(other) + 2.0
        x, y = tracer.constant(a), tracer.constant(b)
        ga, gb = tracer.gradients(tracer.reduce_sum(x * y * y), [x, y])
        whole = np.broadcast_shapes(shape, other)

        def back(value, target):
            value = np.broadcast_to(value, whole)
            value = value.sum(axis=tuple(range(len(whole) - len(target))))
            return value.sum(axis=tuple(k for k, d in enumerate(target) if d == 1 != value.shape[k]), keepdims=True)

        np.testing.assert_allclose(ga.numpy(), back(b * b, shape), rtol=1e-13)
        np.testing.assert_allclose(gb.numpy(), back(2 * a * b, other), rtol=1e-13)
        assert (ga.shape, gb.shape) == (shape, other)

    def test_symbolic_broadcasting(self):
        dims = {"X": ("n", "m"), "r": ("m",), "c": ("n", 1), "s": ()}
        X, r, c, s = (tracer.placeholder(name, shape) for name, shape in dims.items())
        gs = tracer.gradients(X * r * c * s, [X, r, c, s])
        assert [g.shape for g in gs] == [t.shape for t in (X, r, c, s)]
        values = [np.arange(6.0).reshape(2, 3), np.array([1.0, 2, 3]), np.array([[1.0], [2]]), 2.0]
        feed = dict(zip((X, r, c, s), values))
        np.testing.assert_allclose(gs[1].eval(feed), (values[0] * values[2] * 2).sum(0))
        np.testing.assert_allclose(gs[2].eval(feed), (values[0] * values[1] * 2).sum(1, keepdims=True))
        np.testing.assert_allclose(gs[3].eval(feed), (values[0] * values[1] * values[2]).sum())

    @pytest.mark.parametrize("value", [1j, np.complex128(1j), [1j, 2.0], sympy.I, "text", object()])
    def test_what_is_no_real_number(self, value):
        with pytest.raises(TypeError, match=r"complex|real numbers|tensor"):
            tracer.constant([1.0, 2.0]) * value

    def test_a_symbol_that_is_no_dimension(self):
        with pytest.raises(TypeError, match="from_sympy"):
            tracer.symbols("x") + sympy.Symbol("t")


class TestSympy:
    def test_apply_differentiates(self):
        x = tracer.constant(0.7)
        y = tracer.apply(sympy.besselj, 0, x)
        assert float(tracer.gradients(y, x)[0]) == pytest.approx(-float(mpmath.besselj(1, 0.7)), rel=1e-12)

    def test_a_function_without_derivative(self):
        x = tracer.symbols("x")
        y = tracer.apply(sympy.Function("f"), x)
        with pytest.raises(LookupError, match="'f' has no gradient rule"):
            tracer.gradients(y, x)

    def test_from_sympy(self):
        t, u = sympy.symbols("t u")
        x, y = tracer.constant([1.0, 2.0]), tracer.constant(3.0)
        z = tracer.from_sympy(t**2 * u + sympy.sin(t), {t: x, u: y})
        np.testing.assert_allclose(z.numpy(), [3 + math.sin(1), 12 + math.sin(2)])
        np.testing.assert_allclose(tracer.gradients(z, y)[0].numpy(), 5.0)
        with pytest.raises(LookupError, match="u"):
            tracer.from_sympy(t + u, {t: x})

    @pytest.mark.parametrize("expression", ["t + 1", "open('written', 'w')", sympy.Matrix([[1]]), None])
    def test_from_sympy_takes_scalar_expressions_alone(self, expression, tmp_path, monkeypatch):
        """Above all no text, which sympy would evaluate."""
        monkeypatch.chdir(tmp_path)
        x = tracer.symbols("x")
        with pytest.raises(TypeError, match="from_sympy takes"):
            tracer.from_sympy(expression, {sympy.Symbol("t"): x})
        with pytest.raises(TypeError, match="from_sympy takes"):
            tracer.from_sympy(sympy.Symbol("t"), {"t": x})
        assert not list(tmp_path.iterdir())

    def test_no_complex_expressions(self):
        t, x = sympy.Symbol("t"), tracer.symbols("x")
        with pytest.raises(TypeError, match="complex"):
            tracer.from_sympy(sympy.I * t, {t: x})
        with pytest.raises(TypeError, match="complex"):
            tracer.apply(lambda s: sympy.exp(sympy.I * s), x)

    def test_apply_takes_a_function(self):
        with pytest.raises(TypeError, match="takes a function"):
            tracer.apply(3, tracer.symbols("x"))

    def test_sympys_own_functions_refuse_a_tensor(self):
        """They would turn it into a number without a trace."""
        with pytest.raises(ValueError, match="apply"):
            sympy.sin(tracer.constant(1.0))


class TestBackwardSteps:
    """One fused node an operation, memoised."""

    def test_a_step_is_one_node(self):
        x = tracer.placeholder("x", ("n",))
        y = tracer.sin(tracer.tanh(x))
        (g,) = tracer.gradients(y, x, grad_ys=tracer.placeholder("g", ("n",)))
        made = [k for k in y.graph if k > y.node]
        assert [y.graph.nodes[k]["op"] for k in made] == [
            "placeholder",
            "sin_grad",
            "tanh_grad",
        ], "the seed, and one step for each operation"
        assert g.node == made[-1]

    def test_no_sympy_while_tracing(self, monkeypatch):
        """The second time an operation is traced and differentiated, no sympy expression is made."""

        def program():
            x = tracer.placeholder("x", (3,))
            y = tracer.reduce_sum(tracer.where(x > 0, tracer.tanh(x) ** 3 / (x + 2.5), tracer.exp(x) * x))
            return tracer.gradients(y, x)

        program()
        calls = []
        real = sympy.Basic.__new__
        monkeypatch.setattr(sympy.Basic, "__new__", lambda cls, *a: calls.append(cls) or real(cls, *a))
        program()
        assert calls == []

    def test_the_template_of_a_step(self):
        a, g = argument(0), COTANGENT
        step = TABLE["tanh"].step(0, (None,), False)
        assert step.picks == (-2, -1)
        assert step.op.template == argument(0) * (1 - argument(1) ** 2)
        assert TABLE["negative"].step(0, (None,), False).op is TABLE["negative"]
        assert TABLE["add"].step(0, (None, None), False).op is None
        assert {a, g} & step.op.template.free_symbols == {a}

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda b: b // b, "floordiv of booleans is not defined; write cast"),
            (lambda b: b % True, "mod of booleans is not defined; write cast"),
            (lambda b: b**b, "pow of booleans is not defined; write cast"),
            (lambda b: True - b, r"subtract of booleans is not defined; write x \^ y, or cast"),
            (lambda b: -b, "negative of booleans is not defined; write ~x, or cast"),
        ],
    )
    def test_arithmetic_of_booleans_alone_is_refused(self, call, message):
        b = tracer.constant([True, False])
        with pytest.raises(TypeError, match=message):
            call(b)
        assert (b // 2).dtype == (b**2).dtype == (1 - b).dtype == "int64"
        assert (b - 0.5).numpy().tolist() == [0.5, -0.5]

    def test_negative_powers_of_integers_are_refused(self):
        i, k = tracer.constant([2, 3]), tracer.placeholder("k", dtype="int64")
        for x in (i, k, tracer.cast(i, "int32")):
            with pytest.raises(ValueError, match=r"no integer power -3; write -3.0 for the exponent, or cast the base"):
                x**-3
        assert (i**-1.0).numpy().tolist() == [0.5, 1 / 3]
        assert (tracer.cast(i, "float64") ** -1).dtype == "float64"


@pytest.mark.parametrize("f", [tracer.math.polygamma, tracer.math.zeta])
def test_no_gradient_flows_to_an_order_from_a_gradient_either(f):
    order, x = tracer.symbols("order x")
    first = tracer.gradients(f(order, x), [order, x])
    assert first[0] is None
    assert [g is None for g in tracer.gradients(first[1], [order, x])] == [True, False]


@pytest.mark.parametrize("x", [-3.0, 0.0, 3.0])
def test_bounds_in_the_wrong_order_are_the_upper_one(x):
    sources = tracer.symbols("x low high")
    y = tracer.clip_by_value(*sources)
    found = tracer.gradients(y, sources)
    feed = dict(zip(sources, [x, 1.0, -1.0]))
    assert y.eval(feed) == -1
    assert [float(g.eval(feed)) for g in found] == [0, 0, 1]
