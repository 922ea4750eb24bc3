"""Diagnoses: what is named is what maintainers named in public threads, and everything that is said holds."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import sympy

import tracer
from tracer.explanations.diagnosis import describe, show_value


def gradient(function, source):
    return tracer.gradients(function, [source])[0]


def norm(t):
    return tracer.sqrt(tracer.reduce_sum(t * t))


def scalars(names):
    return tracer.symbols(names)


def vectors(*names):
    return [tracer.placeholder(name, ("n",)) for name in names]


def squared_norm():
    (v,) = vectors("v")
    return gradient(tracer.norm(v) ** 2, v), {v: [0.0, 0.0]}


def root_of_a_product():
    c, x = scalars("c x")
    return gradient(tracer.sqrt(c * x), x), {c: 0.0, x: 2.0}


def norm_of_zero():
    (v,) = vectors("v")
    return gradient(tracer.norm(v), v), {v: [0.0]}


def deviation_of_equals():
    (v,) = vectors("v")
    return gradient(tracer.math.reduce_std(v), v), {v: [1.0, 1.0]}


def angle_of_equals():
    v, w = vectors("v", "w")
    return gradient(tracer.acos(tracer.reduce_sum(tracer.sqrt(v) * tracer.sqrt(w))), v), {v: [0.25] * 4, w: [0.25] * 4}


def angle_at_one():
    x = scalars("x")
    return gradient(tracer.acos(x), x), {x: 1.0}


def triplet_of_equals():
    a, p = vectors("a", "p")
    return gradient(norm(a - p), a), {a: [1.0, 2.0], p: [1.0, 2.0]}


def gradient_penalty():
    v, w = vectors("v", "w")
    inner = gradient(tracer.reduce_sum(w * v) ** 2, v)
    return gradient((norm(inner) - 1.0) ** 2, w), {v: [0.0, 0.0], w: [1.0, 1.0]}


def fractional_norm():
    (v,) = vectors("v")
    return gradient(tracer.reduce_sum(tracer.abs(v) ** 0.5) ** 2, v), {v: [0.0, 1.0]}


def matern_kernel():
    (v,) = vectors("v")
    return gradient(tracer.reduce_sum(tracer.exp(-tracer.sqrt(v * v))), v), {v: [0.0, 1.0]}


def angle_at_the_origin():
    y, x = scalars("y x")
    return gradient(tracer.atan2(y, x), y), {x: 0.0, y: 0.0}


def cosine_at_the_origin():
    y, x = scalars("y x")
    return gradient(tracer.atan2(y, x), x), {x: 0.0, y: 0.0}


def saturated_action():
    a = scalars("a")
    return tracer.math.log(1.0 - tracer.tanh(a) ** 2), {a: 20.0}


def cross_entropy_of_a_zero():
    y, p = vectors("y", "p")
    return -tracer.reduce_sum(y * tracer.math.log(p)), {y: [1.0, 0.0], p: [1.0, 0.0]}


def divergence_with_a_zero():
    p, q = vectors("p", "q")
    return tracer.reduce_sum(p * tracer.math.log(p / q)), {p: [0.0, 1.0], q: [0.5, 0.5]}


def squashed_action():
    (a,) = vectors("a")
    return -tracer.reduce_sum(tracer.math.log(1.0 - (2.0 * tracer.tanh(a)) ** 2 + 1e-6)), {a: [0.0, 2.0]}


def normalized_zero():
    (v,) = vectors("v")
    return v / tracer.reduce_sum(tracer.abs(v)), {v: [0.0, 0.0]}


def cosine_of_zero():
    v, w = vectors("v", "w")
    return tracer.reduce_sum(v * w) / (tracer.norm(v) * tracer.norm(w)), {v: [0.0, 0.0], w: [1.0, 2.0]}


def mean_of_nothing():
    v, m = vectors("v", "m")
    return tracer.reduce_sum(v * m) / tracer.reduce_sum(m), {v: [1.0, 2.0], m: [0.0, 0.0]}


def variance_of_one():
    (v,) = vectors("v")
    count = tracer.cast(tracer.size(v), "float64")
    return tracer.reduce_sum((v - tracer.reduce_mean(v)) ** 2) / (count - 1.0), {v: [3.0]}


def sine_quotient():
    x = scalars("x")
    return tracer.sin(x) / x, {x: 0.0}


def indefinite_covariance():
    a = tracer.placeholder("a", (2, 2))
    return tracer.linalg.cholesky(a), {a: [[1.0, 2.0], [2.0, 1.0]]}


def singular_determinant():
    a = tracer.placeholder("a", (2, 2))
    return gradient(tracer.linalg.slogdet(a)[1], a), {a: [[1.0, 2.0], [2.0, 4.0]]}


def singular_values():
    a = tracer.placeholder("a", (2, 2))
    return tracer.reduce_sum(tracer.math.log(tracer.linalg.svd(a)[0])), {a: [[1.0, 0.0], [0.0, 0.0]]}


def infinite_mask():
    v, m = vectors("v", "m")
    return gradient(tracer.nn.softmax(v * m)[2], v), {v: [1.0, 1.0, 1.0], m: [4.0, -np.inf, 4.0]}


THREADS = [
    ("tensorflow/tensorflow#4914", root_of_a_product, "sqrt", True),
    ("jax-ml/jax#4177", squared_norm, "sqrt", True),
    ("pytorch/pytorch#2421", norm_of_zero, "sqrt", True),
    ("pytorch/pytorch#4320", deviation_of_equals, "sqrt", True),
    ("jax-ml/jax#15798", angle_of_equals, "acos", True),
    ("jax-ml/jax#23649", angle_at_one, "acos", True),
    ("tensorflow/tensorflow#30199", triplet_of_equals, "sqrt", True),
    ("keras-team/keras-io#910", gradient_penalty, "sqrt", True),
    ("pytorch/pytorch#44452", fractional_norm, "pow", True),
    ("jax-ml/jax#26248", matern_kernel, "sqrt", True),
    ("pytorch/pytorch#98276", angle_at_the_origin, "atan2", True),
    ("pytorch/pytorch#98276 by x", cosine_at_the_origin, "atan2", True),
    ("aymericdamien/TensorFlow-Examples#383", cross_entropy_of_a_zero, "log", True),
    ("JuliaStats/Distributions.jl#793", divergence_with_a_zero, "log", True),
    ("philtabor/Actor-Critic-Methods-Paper-To-Code#7", squashed_action, "log", False),
    ("philtabor/Actor-Critic-Methods-Paper-To-Code#7 without a margin", saturated_action, "log", True),
    ("tensorflow/tensorflow#35257", normalized_zero, "divide", True),
    ("deeplearning4j/nd4j#1789", cosine_of_zero, "divide", True),
    ("MhLiao/DB#14", mean_of_nothing, "divide", True),
    ("pytorch/pytorch#1381", variance_of_one, "divide", True),
    ("pytorch/pytorch#53989", sine_quotient, "divide", True),
    ("probml/dynamax#404", indefinite_covariance, "cholesky", False),
    ("PaddlePaddle/Paddle#36013", singular_determinant, "slogdet_log", False),
    ("google-deepmind/ferminet#5", singular_values, "log", False),
    ("tensorflow/tensorflow#11756", infinite_mask, "placeholder", False),
]
"""Public threads, programs of their kind, the operation that was named there, and whether there is a fix."""


@pytest.mark.parametrize(("build", "operation", "fixed"), [t[1:] for t in THREADS], ids=[t[0] for t in THREADS])
def test_the_cause_is_the_one_that_maintainers_named(build, operation, fixed):
    tensor, values = build()
    diagnosis = tracer.diagnose(tensor, values)
    assert diagnosis.finite is False
    named = diagnosis.first if diagnosis.forward is None else diagnosis.forward
    assert named.op == operation
    assert (diagnosis.condition is None) is (operation == "placeholder")
    assert (diagnosis.fix is not None) is fixed
    assert (diagnosis.path[0], diagnosis.path[-1]) == (diagnosis.node, tensor.node)
    assert all(a in tensor.graph.pred[b] for a, b in zip(diagnosis.path, diagnosis.path[1:], strict=False))


def where_of_a_root():
    x = scalars("x")
    return gradient(tracer.where(x > 0, tracer.sqrt(x), x), x), {x: -1.0}


def where_of_a_logarithm():
    x = scalars("x")
    return gradient(tracer.where(x < 0, 1.0 / (1.0 - x), tracer.math.log(x + 1.0)), x), {x: 1.0}


def where_of_an_overflow():
    x = scalars("x")
    return gradient(tracer.where(x < 15.0, x, 10.0 ** tracer.exp(x)), x), {x: 10.0}


def sigmoid_far_out():
    x = scalars("x")
    return gradient(1.0 - 1.0 / (1.0 + tracer.exp(-(x - 1000.0) * 100.0)), x), {x: 0.0}


def product_with_a_zero():
    (v,) = vectors("v")
    return gradient(tracer.reduce_sum(tracer.math.cumprod(v)), v), {v: [0.0, 2.0]}


def where_of_sinc():
    x = scalars("x")
    return gradient(tracer.where(tracer.equal(x, 0.0), 1.0, tracer.sin(x) / x), x), {x: 0.0}


def clipped_angle():
    x = scalars("x")
    return gradient(tracer.acos(tracer.clip_by_value(x, -1.0, 1.0)), x), {x: 10.0}


def zero_to_a_power():
    x, y = scalars("x y")
    return gradient(x**y, y), {x: 0.0, y: 2.0}


FINITE = [
    ("tensorflow/tensorflow#38467", where_of_a_root),
    ("tensorflow/tensorflow#20355", where_of_a_logarithm),
    ("tensorflow/tensorflow#38349", where_of_an_overflow),
    ("jax-ml/jax#7205", sigmoid_far_out),
    ("tensorflow/tensorflow#3862", product_with_a_zero),
    ("jax-ml/jax#1722", where_of_sinc),
    ("jax-ml/jax#23649", clipped_angle),
    ("tensorflow/tfjs#346", zero_to_a_power),
]
"""Public threads on what is finite here."""


@pytest.mark.parametrize("build", [b for _, b in FINITE], ids=[n for n, _ in FINITE])
def test_what_is_finite_here_is_said_to_be(build):
    diagnosis = tracer.diagnose(*build())
    assert diagnosis.finite is True
    assert (diagnosis.node, diagnosis.line, diagnosis.condition, diagnosis.fix, diagnosis.path) == (None,) * 4 + ((),)
    assert str(diagnosis).endswith(".")
    assert " is finite at " in str(diagnosis)


def test_everything_is_said():
    x, y = scalars("x y")
    ratio = x / y
    z = 3.0 * ratio
    diagnosis = tracer.diagnose(z, {x: 0.0, y: 0.0})
    assert diagnosis.node == ratio.node
    assert diagnosis.line[0] == __file__
    assert diagnosis.operands == {"x": 0.0, "y": 0.0}
    assert str(diagnosis.condition.relation) == "Ne(y, 0)"
    assert diagnosis.path == (ratio.node, z.node)
    assert diagnosis.witness == {"x": 0.0, "y": 0.0}
    said = str(diagnosis)
    for part in (f"z ({z.name}) is NaN at x = 0.0, y = 0.0.", f"ratio ({ratio.name}) at {Path(__file__).name}:",
                 "x = 0.0, y = 0.0.", "It needs y != 0.", f"Write {diagnosis.fix} ("):  # fmt: skip
        assert part in said
    assert repr(diagnosis) == f"<Diagnosis of {z.name}: not finite>"


def test_the_line_of_a_gradient_is_that_of_its_operation():
    x = scalars("x")
    root = tracer.sqrt(x)
    diagnosis = tracer.diagnose(gradient(3.0 * root, x), {x: 0.0})
    assert diagnosis.line == tracer.diagnose(root, {x: -1.0}).line
    assert diagnosis.forward.node == root.node
    assert f"in the gradient of root ({root.name})" in str(diagnosis)
    assert "Write the function as " in str(diagnosis)


def test_a_gradient_is_called_one():
    x = scalars("x")
    y = tracer.sqrt(x)
    assert str(tracer.diagnose(gradient(y, x), {x: 0.0})).startswith(
        f"The gradient of y ({y.name}) by x is infinite at"
    )
    dy = gradient(y, x)
    assert (
        str(tracer.diagnose(dy, {x: 1.0}))
        == f"dy ({dy.name}), the gradient of y ({y.name}) by x, is finite at x = 1.0."
    )
    assert str(tracer.diagnose(tracer.gradients([x, x * x], [x])[0])).endswith(
        " by x is finite wherever its sources are."
    )


def test_rounding_out_of_a_domain_has_no_condition_and_no_guard():
    z = scalars("z")
    loss = -tracer.math.log(1.0 - tracer.sigmoid(z))
    for tensor in (loss, gradient(loss, z)):
        diagnosis = tracer.diagnose(tensor, {z: 800.0})
        if diagnosis.finite:
            continue
        assert diagnosis.condition is None
        assert diagnosis.fix == "-math.log_sigmoid(-z)"
        assert "Its operands are in its domain but for rounding: with more digits the result is " in str(diagnosis)
    margin = tracer.sqrt(1.0 - tracer.sigmoid(z)) * tracer.math.log(1.0 - tracer.sigmoid(z))
    assert tracer.diagnose(margin, {z: 800.0}).fix is None or "where" not in tracer.diagnose(margin, {z: 800.0}).fix


@pytest.mark.parametrize("reduce", [tracer.reduce_mean, tracer.reduce_max])
def test_what_is_taken_of_no_elements_is_said(reduce):
    (v,) = vectors("v")
    y = reduce(v)
    diagnosis = tracer.diagnose(2.0 * y, {v: np.zeros(0)})
    assert (diagnosis.finite, diagnosis.node) == (False, y.node)
    assert "There are no elements to take it of." in str(diagnosis)


def test_all_pairs_are_spelled():
    X = tracer.placeholder("X", ("n", 2))
    difference = X[:, None] - X[None]
    distances = tracer.sqrt(tracer.reduce_sum(difference * difference, axis=2))
    diagnosis = tracer.diagnose(gradient(tracer.reduce_sum(distances), X), {X: [[0.0, 0.0], [3.0, 4.0]]})
    assert "X[:, None] - X[None]" in diagnosis.fix


LIMITS = [
    (lambda x: (tracer.exp(x) - 1.0) / x, 1.0, 0.5),
    (lambda x: tracer.log1p(x) / x, 1.0, -0.5),
    (lambda x: x / (1.0 - tracer.exp(-x)), 1.0, 0.5),
    (lambda x: tracer.sin(x) / x, 1.0, 0.0),
    (lambda x: (1.0 - tracer.cos(x)) / x, 0.0, 0.5),
]


@pytest.mark.parametrize(("function", "value", "slope"), LIMITS)
def test_a_limit_has_the_right_value_and_slope(function, value, slope):
    x = tracer.placeholder("x")
    y = function(x)
    names = {n: getattr(tracer, n) for n in dir(tracer)} | {"x": x}
    assert eval(tracer.diagnose(y, {x: 0.0}).fix, names).eval({x: 0.0}) == value
    respelled = eval(tracer.diagnose(gradient(y, x), {x: 0.0}).fix, names)
    assert gradient(respelled, x).eval({x: 0.0}) == slope


def test_values_are_searched_of_sizes_that_indices_allow():
    (v,) = vectors("v")
    diagnosis = tracer.diagnose(tracer.sqrt(v[0] - v[3]))
    assert diagnosis.finite is False
    assert len(diagnosis.witness["v"]) > 3


def test_what_no_values_mend_is_said():
    x = scalars("x")
    y = x / (tracer.constant(1.0) - 1.0)
    diagnosis = tracer.diagnose(y, {x: 2.0})
    assert diagnosis.condition.relation == sympy.false
    assert "No values of the sources bring it into its domain." in str(diagnosis)


def test_a_fix_is_told_with_letters_for_what_it_repeats():
    v, w = vectors("v", "w")
    diagnosis = tracer.diagnose(gradient(norm(v - w), v), {v: [1.0], w: [1.0]})
    assert "as where(s > 0.0, sqrt(where(s > 0.0, s, 1.0)), 0.0), with s = reduce_sum((v - w) * (v - w)) (" in str(
        diagnosis
    )


def test_the_first_failure_counts_and_inactive_branches_do_not():
    x, y = scalars("x y")
    first, second = tracer.math.log(x), tracer.sqrt(y)
    assert tracer.diagnose(first + second, {x: -1.0, y: -1.0}).node == first.node
    chosen = tracer.where(x > 0, first, 0.0) + second
    assert tracer.diagnose(chosen, {x: -1.0, y: -1.0}).node == second.node


def test_an_inactive_branch_does_not_count_after_its_elements_were_moved():
    (v,) = vectors("v")
    logarithm = tracer.math.log(v)
    root = tracer.sqrt(v - 10.0)
    moved = tracer.reverse(tracer.where(v > 0, logarithm, 0.0), [0])
    diagnosis = tracer.diagnose(tracer.reduce_sum(moved) + tracer.reduce_sum(root), {v: [-1.0, 2.0]})
    assert diagnosis.node == root.node
    apart = tracer.where(v > 0, tracer.reverse(logarithm, [0]), 0.0)
    assert tracer.diagnose(apart, {v: [2.0, -1.0]}).node == logarithm.node
    assert tracer.diagnose(apart, {v: [-1.0, 2.0]}).node == logarithm.node
    assert tracer.diagnose(tracer.where(v > 0, tracer.identity(logarithm), 0.0), {v: [-1.0, 2.0]}).finite


def test_a_source_that_is_not_finite_is_first():
    x = scalars("x")
    diagnosis = tracer.diagnose(tracer.math.log(x), {x: np.nan})
    assert (diagnosis.node, diagnosis.condition, diagnosis.fix) == (x.node, None, None)
    assert "Its source x is not finite itself." in str(diagnosis)


def test_an_overflow_has_no_condition():
    x = scalars("x")
    diagnosis = tracer.diagnose(tracer.exp(x) + 1.0, {x: 1000.0})
    assert (diagnosis.finite, diagnosis.condition) == (False, None)
    assert "beyond the largest float" in str(diagnosis)


def test_an_infinite_number_that_is_written_is_said_to_be_one():
    (v,) = vectors("v")
    masked = tracer.nn.softmax(tracer.where(v > 0, v, -np.inf))
    assert str(tracer.diagnose(masked, {v: [-1.0, -2.0]})).endswith("A number that is not finite stands in it.")


def test_a_result_that_is_no_number_is_not_called_an_overflow():
    a = tracer.placeholder("a", (2, 2))
    root = gradient(tracer.reduce_sum(tracer.linalg.sqrtm(a)), a)
    diagnosis = str(tracer.diagnose(root, {a: np.zeros((2, 2))}))
    assert "It is NaN at [0, 0]" in diagnosis
    assert "beyond the largest float" not in diagnosis


def test_values_of_other_sources_may_be_given():
    x, y = scalars("x y")
    stacked = tracer.reduce_sum(tracer.stack([tracer.sqrt(x * x), y]))
    at = {x: 0.0, y: 1.0}
    assert tracer.diagnose(gradient(stacked, x), at).fix == "reduce_sum(stack([abs(x), y], axis=0))"
    assert tracer.diagnose(x * tracer.math.log(x), at).fix == "math.xlogy(x, x)"


def test_variables_keep_their_values():
    w = tracer.Variable(-2.0, name="w")
    x = scalars("x")
    assert tracer.diagnose(tracer.math.log(w)).witness == {"w": -2.0}
    witness = tracer.diagnose(tracer.math.log(w * x) + 0.0 * x).witness
    assert witness["w"] == -2.0
    assert witness["x"] >= 0
    assert tracer.diagnose(tracer.math.log(w), {w: 1.0}).finite is True


def test_constants_are_diagnosed():
    diagnosis = tracer.diagnose(tracer.math.log(tracer.constant(-1.0)))
    assert diagnosis.finite is False
    assert diagnosis.condition is not None


def test_what_nothing_is_asked_of_is_finite_everywhere():
    x, y = scalars("x y")
    diagnosis = tracer.diagnose(x * x * y - 3.0 * x)
    assert (diagnosis.finite, diagnosis.witness) == (True, None)
    assert str(diagnosis) == f"{diagnosis.tensor.name} is finite wherever its sources are."


def test_what_can_neither_be_shown_nor_refuted_is_said():
    x = scalars("x")
    diagnosis = tracer.diagnose(1.0 / (x * x - 2.0))
    assert (diagnosis.finite, diagnosis.witness) == (None, None)
    assert "no values were found" in str(diagnosis)


def test_a_gradient_of_a_tape_is_diagnosed():
    w = tracer.Variable([0.0, 0.0], name="w")
    with tracer.GradientTape() as tape:
        loss = tracer.norm(w)
    diagnosis = tracer.diagnose(tape.gradient(loss, w))
    assert diagnosis.fix is not None
    assert "sqrt" in str(diagnosis)


def test_diagnosing_records_nothing():
    x = tracer.Variable(0.0, name="x")
    with tracer.GradientTape() as tape:
        y = x * tracer.math.log(x)
        diagnosis = tracer.diagnose(y)
        assert diagnosis.fix == "math.xlogy(x, x)"
    assert tape.watched_variables()[0].name == "x"
    assert not np.isfinite(tape.gradient(y, x).numpy())


def test_wrong_values_are_refused():
    x, y = scalars("x y")
    with pytest.raises(TypeError, match="takes a dictionary of values by tensor or name, got"):
        tracer.diagnose(x, [1.0])
    with pytest.raises(LookupError, match="is not computed from 'z'"):
        tracer.diagnose(x + y, {"z": 1.0})
    with pytest.raises(ValueError, match="y has none"):
        tracer.diagnose(x + y, {x: 1.0})
    with pytest.raises(ValueError, match="has the shape"):
        tracer.diagnose(x, {x: [1.0, 2.0]})


def test_large_programs_are_diagnosed_in_a_moment():
    (v,) = vectors("v")
    y = v
    for _ in range(1000):
        y = tracer.sin(y) + 1.5
    diagnosis = tracer.diagnose(tracer.math.log(y - 1.0e3), {v: [1.0, 2.0]})
    assert diagnosis.first.op == "log"
    assert diagnosis.condition is not None
    assert diagnosis.fix is None


def test_numpy_warns_of_nothing():
    x, y = scalars("x y")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        str(tracer.diagnose(tracer.math.log(x) / y, {x: -1.0, y: 0.0}))
        str(tracer.diagnose(tracer.math.log(x) / y))


def test_values_are_shown_in_few_words():
    assert describe(np.array([1.0])) == "finite"
    assert show_value(np.zeros((30, 30))) == "an array of shape (30, 30)"
    assert show_value(np.eye(2)) == "[[1.0, 0.0], [0.0, 1.0]]"
    assert show_value(np.array([0.1, 2000.0], np.float32)) == "[0.1, 2000.0]"


@pytest.mark.parametrize(
    ("values", "words"),
    [([1.0, -1.0], "NaN at [1], for"), ([1.0, -1.0, -2.0, -3.0], "NaN at [1] and 2 more, for"), (-1.0, "NaN, for")],
)
def test_the_elements_that_fail_are_counted(values, words):
    x = tracer.placeholder("x", np.shape(values))
    assert f"It is {words} x = " in str(tracer.diagnose(tracer.math.log(x) * 2.0, {x: values}))


@pytest.mark.parametrize("between", range(7))
def test_the_way_is_told_by_what_lies_between(between):
    x = scalars("x")
    way = [tracer.math.log(x)]
    for _ in range(between):
        way.append(tracer.sin(way[-1]))
    said = str(tracer.diagnose(tracer.cos(way[-1]), {x: -1.0}))
    names = [t.name for t in way[1:]]
    told = names if between <= 4 else [*names[:2], "...", names[-1]]
    assert (f"From there it goes by {', '.join(told)}." in said) is bool(between)
    assert ("From there" in said) is bool(between)


def test_all_conditions_of_the_domain_are_told_and_no_kinks():
    x, y = scalars("x y")
    said = str(tracer.diagnose(1.0 / (x * x - 2.0) + 1.0 / (y * y - 3.0)))
    assert all(part in said for part in ("x", "y", " and ", "no values were found"))
    gradient = tracer.gradients(tracer.abs(y) / (x * x - 2.0), y)[0]
    assert "y" not in str(tracer.diagnose(gradient)).partition("is finite for")[2].partition(";")[0]
