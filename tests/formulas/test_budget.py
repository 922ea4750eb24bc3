"""The work of reading a formula is bounded, whatever the graph, and counted so that the answer is always the same."""

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import tracer as tf
from tests.calculus.cases import CASES
from tests.calculus.derive import derivative
from tracer.formulas import budget
from tracer.formulas.errors import FormulaError, TooLong
from tracer.formulas.reading import read
from tracer.terms.work import Budget

pytestmark = pytest.mark.unchecked

P = tf.placeholder
MARGIN = 3
"""How many times the work of the longest textbook formula may be taken where a tensor is printed."""


def gradient(target: tf.Tensor, *sources: tf.Tensor) -> list[tf.Tensor]:
    return [target, *tf.gradients(target, list(sources))]


def residual(blocks: int) -> list[tf.Tensor]:
    X = h = P("X", ("n", "d"))
    weights = [(P(f"A{k}", ("d", "d")), P(f"B{k}", ("d", "d"))) for k in range(blocks)]
    for A, B in weights:
        h = h + tf.tanh(h @ A) @ B
    return gradient(tf.reduce_mean(h**2), weights[0][0], X)


def transformer(layers: int) -> list[tf.Tensor]:
    h = P("X", ("n", "d"))
    weights = []
    for k in range(layers):
        Q, K, V, A, B = (P(f"{c}{k}", ("d", "d")) for c in "QKVAB")
        weights += [Q, B]
        h = h + tf.nn.softmax(h @ Q @ tf.transpose(h @ K)) @ (h @ V)
        centred = h - tf.reduce_mean(h, axis=-1, keepdims=True)
        h = centred / tf.sqrt(tf.reduce_mean(centred**2, axis=-1, keepdims=True) + 1e-5)
        h = h + tf.nn.relu(h @ A) @ B
    return gradient(tf.reduce_mean(h**2), weights[0], weights[-1])


def pairwise_kernel() -> list[tf.Tensor]:
    X, l = P("X", ("n", "d")), P("l")  # noqa: E741
    squares = tf.reduce_sum((X[:, None, :] - X[None, :, :]) ** 2, axis=2)
    return gradient(tf.reduce_sum(tf.exp(-squares / l)), X, l)


def beta_density() -> list[tf.Tensor]:
    a, b, x = P("a"), P("b"), P("x", ("n",))
    density = (a - 1) * tf.math.log(x) + (b - 1) * tf.math.log1p(-x) - tf.lgamma(a) - tf.lgamma(b) + tf.lgamma(a + b)
    return gradient(tf.reduce_sum(tf.where((x > 0) & (x < 1), density, -np.inf)), a, x)


def softplus() -> list[tf.Tensor]:
    x, y = tf.symbols("x y")
    return [*gradient(tf.softplus(tf.abs(x)), x), *gradient(tf.softplus(x * y), x)]


def batch_norm_of_images() -> list[tf.Tensor]:
    x, scale = P("x", ("N", "C", "H", "W")), P("s", ("C",))
    centred = x - tf.reduce_mean(x, axis=[0, 2, 3], keepdims=True)
    variance = tf.reduce_mean(centred**2, axis=[0, 2, 3], keepdims=True)
    normed = centred / tf.sqrt(variance + 1e-5) * tf.reshape(scale, (1, -1, 1, 1))
    return gradient(tf.reduce_sum(normed**3), x, scale)


def lstm() -> list[tf.Tensor]:
    x, h, c = P("x", ("n",)), P("h", ("d",)), P("c", ("d",))
    weights = [(P(f"W{k}", ("d", "n")), P(f"U{k}", ("d", "d"))) for k in "ifgo"]
    for _ in range(2):
        i, f, g, o = (W @ x + U @ h for W, U in weights)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
    return gradient(tf.reduce_sum(h), weights[0][0], x)


def gelu_block() -> list[tf.Tensor]:
    X, A, B = P("X", ("n", "d")), P("A", ("d", "k")), P("B", ("k", "d"))
    h = X @ A
    return gradient(tf.reduce_mean((X + 0.5 * h * (1 + tf.erf(h / 2**0.5)) @ B) ** 2), X, A)


def rotations() -> list[tf.Tensor]:
    angles = [P(f"t{k}") for k in range(5)]
    product = tf.eye(2)
    for t in angles:
        product = product @ tf.stack([tf.stack([tf.cos(t), -tf.sin(t)]), tf.stack([tf.sin(t), tf.cos(t)])])
    return gradient(tf.reduce_sum(product), angles[0])


def kalman() -> list[tf.Tensor]:
    F, H, Q, R, V = (P(name, shape) for name, shape in zip("FHQRV", [("d", "d"), ("k", "d"), *[("d", "d")] * 3]))
    R = P("R", ("k", "k"))
    for _ in range(2):
        V = F @ V @ tf.transpose(F) + Q
        gain = V @ tf.transpose(H) @ tf.linalg.inv(H @ V @ tf.transpose(H) + R)
        V = V - gain @ H @ V
    return gradient(tf.linalg.trace(V), F, R)


def matrix_squared_many_times() -> list[tf.Tensor]:
    X = y = P("X", ("n", "n"))
    for _ in range(40):
        y = y @ y
    return gradient(tf.linalg.trace(y), X)


def towers_of_numbers() -> list[tf.Tensor]:
    x = tf.symbols("x")
    y = z = x
    for _ in range(12):
        y, z = tf.exp(y) * tf.exp(-x) + y, (1.5 * z) ** 3
    return [y, z, tf.lgamma(tf.constant(1e9)) * x]


def product_of_sums() -> list[tf.Tensor]:
    xs = [P(f"x{k}") for k in range(60)]
    product: Any = 1.0
    for a, b in itertools.pairwise(xs):
        product = product * (a + b)
    return gradient(product, xs[0], xs[30])


def many_terms() -> list[tf.Tensor]:
    xs = [P(f"x{k}") for k in range(800)]
    total = sum((tf.sin(a) * b for a, b in itertools.pairwise(xs)), 0.0)
    return [*gradient(total, xs[1]), tf.add_n(xs), tf.stack(xs)]


def softmax_of_softmax() -> list[tf.Tensor]:
    x = z = P("x", ("n",))
    for _ in range(14):
        z = tf.nn.softmax(z)
    return gradient(tf.reduce_sum(z * x), x)


def sizes_in_arithmetic() -> list[tf.Tensor]:
    X = y = P("X", ("n", "m"))
    n, m = X.shape
    for k in range(12):
        y = y * (n + k) / (m + 2 * k) + X * n
    return gradient(tf.reduce_mean(y**2), X)


def derivatives_of_high_order() -> list[tf.Tensor]:
    x = tf.symbols("x")
    y = tf.exp(tf.sin(x) * tf.cos(x * x)) / (1 + x**2)
    rows = [y]
    for _ in range(5):
        rows += tf.gradients(rows[-1], x)
    return rows


def likelihood_of_changing_variance(steps: int) -> list[tf.Tensor]:
    """GARCH: fractions whose denominators hold those of the steps before."""
    a, b, c, variance = (P(name, positive=True) for name in "abcs")
    r, total = P("r", (steps,)), tf.constant(0.0)
    for k in range(steps):
        total = total + tf.math.log(variance) + r[k] ** 2 / variance
        variance = a + b * r[k] ** 2 + c * variance
    return gradient(total, a, b, c)


def stencil_of_places() -> list[tf.Tensor]:
    """The residual of Lorenz's model of 1996."""
    u, v = P("u", ("n",)), P("v", ("n",))
    residual = (tf.roll(u, -1, 0) - tf.roll(u, 2, 0)) * tf.roll(u, 1, 0) - u - v
    return gradient(tf.reduce_sum(residual**2), u)


def concrete_products() -> list[tf.Tensor]:
    A, B = P("A", (30, 30)), P("B", (30, 30))
    return gradient(tf.reduce_sum((A @ B @ A) ** 2), A)


PROGRAMS: Sequence[Callable[[], list[tf.Tensor]]] = [
    lambda: residual(3),
    lambda: residual(12),
    lambda: transformer(2),
    lambda: transformer(12),
    pairwise_kernel,
    beta_density,
    softplus,
    batch_norm_of_images,
    lstm,
    gelu_block,
    rotations,
    kalman,
    matrix_squared_many_times,
    towers_of_numbers,
    product_of_sums,
    many_terms,
    softmax_of_softmax,
    sizes_in_arithmetic,
    derivatives_of_high_order,
]
NAMES = [f.__name__ if f.__name__ != "<lambda>" else f"program{k}" for k, f in enumerate(PROGRAMS)]


def assert_printed(tensor: tf.Tensor) -> None:
    started = time.process_time()
    shown = tensor._repr_mimebundle_()
    assert time.process_time() - started < 1
    text, latex = shown["text/plain"], shown.get("text/latex")
    assert text.startswith("<Tensor")
    assert ": " in text or "by steps" in text
    assert len(text) < 20_000
    assert latex is None or latex.startswith("$")


def assert_answered(tensor: tf.Tensor, form: str, refused: bool = False) -> None:
    """A formula is given, or refused with the form that has no limit, within seconds."""
    started = time.process_time()
    if refused:
        with pytest.raises(FormulaError, match='steps of work to find; the form "steps" has no limit'):
            tf.formula(tensor, form)
    else:
        assert tf.formula(tensor, form) is not None
    assert time.process_time() - started < 5


@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_printing_answers_in_a_second(program: Callable[[], list[tf.Tensor]]) -> None:
    assert_printed(program()[-1])


@pytest.mark.parametrize(
    "program", [pairwise_kernel, beta_density, softplus, batch_norm_of_images, lstm, gelu_block, rotations]
)
def test_formulas_that_once_crashed_or_hung_are_given(program: Callable[[], list[tf.Tensor]]) -> None:
    for tensor in program():
        assert_answered(tensor, "matrix")


def test_fractions_in_steps_stay_below_the_budget_of_what_is_printed() -> None:
    for tensor in likelihood_of_changing_variance(3)[1:]:
        assert work(tensor) < budget.PRINT
    for tensor in likelihood_of_changing_variance(4)[1:]:
        assert work(tensor) < budget.FORMULA / MARGIN


def test_products_of_rolls_stay_below_the_budget_of_what_is_printed() -> None:
    assert work(stencil_of_places()[1]) < budget.PRINT


@pytest.mark.parametrize("form", ["matrix", "index", "latex", "python"])
def test_a_formula_of_any_form_is_given(form: str) -> None:
    assert_answered(transformer(1)[0], form)


def stencil() -> list[tf.Tensor]:
    u = v = P("u", (64,))
    for _ in range(6):
        v = v - v * (v - tf.roll(v, 1, 0)) / 10 + (tf.roll(v, -1, 0) - 2 * v + tf.roll(v, 1, 0)) / 100
    return gradient(tf.reduce_sum(v**2), u)


FUNCTIONS_OF_MATRICES: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "det": tf.linalg.det,
    "inv": tf.linalg.inv,
    "logdet": tf.linalg.logdet,
    "pinv": tf.linalg.pinv,
    "cholesky": tf.linalg.cholesky,
    "solve": lambda A: tf.linalg.solve(A, P("b", (A.shape[0], 1))),
    "argsort": tf.argsort,
    "argmax": tf.argmax,
    "reduce_max": tf.reduce_max,
    "cumprod": lambda A: tf.math.cumprod(tf.reshape(A, (-1,))),
    "softmax": tf.nn.softmax,
}


SHORT = {"argmax", "cumprod", "softmax"}
"""What has components for matrices of 9 rows."""


@pytest.mark.parametrize("size", [9, 40])
@pytest.mark.parametrize("name", FUNCTIONS_OF_MATRICES)
def test_components_that_grow_fast_are_refused(name: str, size: int) -> None:
    refused = size > 9 or name not in SHORT
    assert_answered(FUNCTIONS_OF_MATRICES[name](P("A", (size, size))), "components", refused)


@pytest.mark.parametrize("name", ["det", "inv", "logdet", "solve", "cholesky"])
def test_components_of_functions_of_small_matrices_are_given(name: str) -> None:
    function = FUNCTIONS_OF_MATRICES[name]
    assert work(function(P("A", (4, 4))), "components") < budget.FORMULA
    A = P("A", (3, 3))
    assert work(gradient(tf.reduce_sum(function(A)), A)[1], "components") < budget.FORMULA


@pytest.mark.parametrize(("program", "refused"), [(concrete_products, True), (softplus, False), (stencil, True)])
def test_components_of_long_sums_are_refused(program: Callable[[], list[tf.Tensor]], refused: bool) -> None:
    assert_answered(program()[0], "components", refused)


def work(tensor: tf.Tensor, form: str = "matrix") -> int:
    whole = Budget()
    read([tensor], form, whole)
    return whole.spent


def test_residual_blocks_grow_polynomially() -> None:
    one, two, four = (work(residual(k)[1]) for k in (1, 2, 4))
    assert two < 2**3 * one
    assert four < 2**3 * two
    assert "tanh" in str(residual(3)[1].formula())


def fractions(x: tf.Tensor) -> list[tf.Tensor]:
    """Sums of fractions in fractions, beside an array turned around."""
    below = 1 / (1 + x**2)
    return gradient(tf.reduce_sum((tf.reverse(x, range(x.ndim)) + below * (below + x)) ** 2), x)


@pytest.mark.parametrize("shape", [("n",), ("n", "m")])
def test_fractions_in_fractions_take_little_work(shape: tuple[str, ...]) -> None:
    assert work(fractions(P("x", shape))[1]) < budget.FORMULA / 4


def test_transposes_of_sums_in_sums_take_little_more_work_than_vectors() -> None:
    vector, matrix = (work(fractions(P("x", shape))[1]) for shape in (("n",), ("n", "m")))
    assert matrix < 2 * vector


def test_textbook_formulas_stay_far_below_the_budget() -> None:
    most = 0
    for name in sorted(CASES)[::8]:
        most = max(most, work(derivative(tf, CASES[name])[0]))
    assert 0 < most * MARGIN < budget.PRINT < budget.FORMULA


def test_the_work_does_not_depend_on_what_was_read_before() -> None:
    tensor = gelu_block()[1]
    assert work(tensor) == work(tensor) == work(gelu_block()[1])


def test_work_beyond_the_budget_is_refused_and_names_the_steps() -> None:
    tensor = residual(3)[1]
    message = rf"{tensor.name} takes more than 100 steps of work.*form=\"steps\""
    with pytest.raises(TooLong, match=message):
        read([tensor], "matrix", Budget(100, tensor.name))
    assert "tanh" in str(tensor.formula())


@pytest.mark.parametrize("form", ["matrix", "index", "latex", "python", "kronecker", "components"])
def test_every_form_draws_on_the_budget_that_it_is_handed(form: str) -> None:
    A = P("A", (2, 2))
    tensor = tf.einsum("ij,kl->ijkl", A, A) if form == "kronecker" else tf.exp(A @ A)
    spent = work(tensor, form)
    assert spent == work(tensor, form) > 0
    with pytest.raises(TooLong):
        read([tensor], form, Budget(spent - 1, tensor.name))


@pytest.mark.parametrize(
    ("program", "what"),
    [
        (lambda x: (x * 1.5) ** 3_000, "a number of more than 2048 bits"),
        (lambda x: tf.exp(tf.exp(tf.constant(9.0)) * tf.identity(1.0)) * x, "beyond floats"),
    ],
)
def test_a_number_that_nobody_reads_is_refused(program: Callable[[tf.Tensor], tf.Tensor], what: str) -> None:
    x = tf.symbols("x")
    with pytest.raises(TooLong, match=f"{what}.*steps"):
        program(x).formula()
    assert "by steps" in repr(program(x))


def test_transposes_that_ask_for_larger_ones_come_to_an_end():
    X = P("X", ("n", "m"))
    share = X / (1 + X * X)
    (slope,) = tf.gradients(tf.reduce_sum(tf.square(share - share * share)), [X])
    with pytest.raises(TooLong):
        read(tf.gradients(tf.reduce_sum(slope), [X]), "matrix", Budget(25_000))
