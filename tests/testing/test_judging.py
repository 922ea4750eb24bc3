"""Whether a gradient rule is right at a point."""

import itertools

import numpy as np
import pytest

import tracer as tf
from tracer.testing.judging import GradientCountError, RuleInstance, _sign_patterns
from tracer.testing.subjects import Subject


def judge(f, vjp, *values):
    """What is found of a rule of numbers at numbers and a cotangent of one."""
    names, shapes = [f"x{k}" for k in range(len(values))], [np.shape(v) for v in values]
    subject = Subject(f, len(values), vjp=vjp)
    shape = subject.value([tf.placeholder(n, s) for n, s in zip(names, shapes)]).shape
    instance = RuleInstance(subject, [*names, "g"], [*shapes, shape], ["float64"] * (len(values) + 1), {})
    return instance.compare([*map(np.asarray, values), np.ones(shape)])


def judge_traced(f, rule, value):
    """The same of a rule that is traced."""
    return judge(tf.custom_gradient(lambda x: (f(x), lambda g: rule(g, x))), None, value)


def test_a_derivative_is_right_and_another_is_wrong():
    right, wrong = (judge(tf.sin, lambda g, x, c=c: c * g * np.cos(x), 1.0) for c in (1.0, 1 + 1e-8))
    assert (right.defined, right.differs) == (True, False)
    assert right.digits > 14
    assert wrong.differs


@pytest.mark.parametrize(("f", "value"), [(tf.math.log, -1.0), (tf.math.log, 0.0), (tf.exp, 800.0), (tf.floor, 1.0)])
def test_nothing_is_asked_outside_of_the_domain_of_floats_and_at_jumps(f, value):
    assert not judge(f, lambda g, x: g * np.nan, value).defined


@pytest.mark.parametrize(("answer", "wrong"), [(-1.0, False), (0.3, False), (1.0, False), (1.1, True), (np.nan, True)])
def test_any_subgradient_is_right(answer, wrong):
    assert judge(tf.abs, lambda g, x: answer * g, 0.0).differs == wrong
    assert judge(tf.abs, lambda g, x: answer * g, 1e-17).differs == (answer != 1)


def test_rounding_is_right_and_cancellation_is_wrong():
    near = 1e-4
    assert not judge(lambda x: x - tf.sin(x), lambda g, x: g * 2 * np.sin(x / 2) ** 2, near).differs
    assert judge(lambda x: x - tf.sin(x), lambda g, x: g * (1 - np.cos(x)), near).differs
    assert not judge(tf.sin, lambda g, x: g * np.cos(x), 1e9).differs
    assert not judge(lambda x: (x - 1) ** 3, lambda g, x: 3 * g * (x - 1 + 1e-17) ** 2, 1 + 1e-9).differs


def test_what_a_rule_raises_is_told():
    instance = RuleInstance(Subject(tf.sin, 1, vjp=lambda g, x: 1 // 0), ["x", "g"], [(), ()], ["float64"] * 2, {})
    point = [np.asarray(1.0), np.asarray(1.0)]
    assert instance.compare(point).differs
    assert isinstance(instance.error_at(point), ZeroDivisionError)


def test_an_error_is_wrong_where_there_are_no_elements_too():
    for vjp, wrong in ((lambda g, x: 2 * g * x, False), (lambda g, x: 2 * g * x / (x.size // x.size), True)):
        assert judge(lambda x: tf.reduce_sum(x * x), vjp, np.zeros(0)).differs == wrong


def test_a_wrong_count_of_gradients_can_not_be_judged():
    with pytest.raises(GradientCountError, match="2 gradients for 1 inputs"):
        judge(tf.sin, lambda g, x: (g, g), 1.0)


def test_none_is_zero():
    assert not judge(lambda x, y: x + tf.stop_gradient(y), lambda g, x, y: (g, None), 1.0, 2.0).differs
    assert judge(lambda x, y: x + y, lambda g, x, y: (g, None), 1.0, 2.0).differs


@pytest.mark.parametrize("value", [2.0, 1e-200, 1e200])
def test_traced_rules_are_judged_in_more_digits_than_floats_have(value):
    assert not judge_traced(tf.square, lambda g, x: 2 * g * x, value).differs
    assert judge_traced(tf.square, lambda g, x: g * tf.where(x > 0, 2 + 1e-9, 2.0) * x, value).differs


def test_a_rule_that_cancels_is_right_in_more_digits():
    assert not judge_traced(tf.sinh, lambda g, x: g * (tf.cosh(x) + (1e60 + x) - 1e60 - x), 1.0).differs
    assert not judge_traced(lambda x: x - tf.sin(x), lambda g, x: g * (1 - tf.cos(x)), 1e-30).differs


def test_a_gradient_of_another_shape_is_wrong():
    outcome = judge(lambda x: 2 * x, lambda g, x: 2 * g.sum(), np.ones(3))
    assert outcome.differs
    assert [v.shape for v in outcome.right] == [()]


def test_nothing_is_asked_where_a_matrix_has_a_factor_in_many_digits_alone():
    matrix = np.array([[1.3, 0.4], [0.4, 0.1230769230769231]])
    with pytest.raises(np.linalg.LinAlgError):
        np.linalg.cholesky(matrix)
    assert not judge(tf.linalg.cholesky, lambda g, a: g * np.nan, matrix).defined


@pytest.mark.parametrize("matrix", [[[0.0]], [[0.0, 1.0], [0.0, 1.0]], [[1.0, 2.0], [2.0, 4.0]]])
def test_a_determinant_has_a_derivative_where_a_matrix_has_no_inverse(matrix):
    def rule(g, a):
        return g * np.array([[1.0]] if a.size == 1 else [[a[1, 1], -a[1, 0]], [-a[0, 1], a[0, 0]]])

    assert judge(tf.linalg.det, rule, np.array(matrix)).defined
    assert not judge(tf.linalg.det, rule, np.array(matrix)).differs
    assert judge(tf.linalg.det, lambda g, a: 0 * a, np.array(matrix)).differs


def test_a_rule_by_the_inverse_is_not_asked_where_there_is_none():
    assert not judge(tf.linalg.det, lambda g, a: g * np.linalg.det(a) * np.linalg.inv(a).T, np.zeros((2, 2))).defined


def test_what_holds_at_one_number_alone_has_no_derivative_of_its_own():
    def f(x):
        return tf.where(tf.equal(x, 0.0), 0.0, x)

    assert judge(f, lambda g, x: 0 * g, 0.0).differs
    assert not judge(f, lambda g, x: g, 0.0).differs


def test_nothing_is_asked_by_an_argument_that_can_not_move():
    rule = lambda g, x, y: (g * y * x ** (y - 1), g * x**y * np.log(x))  # noqa: E731
    assert not judge(tf.pow, rule, -2.0, 3.0).differs
    assert judge(tf.pow, lambda g, x, y: (g * y * abs(x) ** (y - 1), 0 * g), -2.0, 2.0).differs
    assert judge(tf.pow, rule, 2.0, 3.0).defined
    assert judge(tf.pow, lambda g, x, y: (rule(g, x, y)[0], 0 * g), 2.0, 3.0).differs


def test_nothing_is_asked_at_a_pole_of_the_derivatives():
    def f(x):
        return tf.where(x > 0, x * tf.math.log(tf.abs(x)), 0.0)

    with np.errstate(divide="ignore"):
        assert not judge(f, lambda g, x: g * np.where(x >= 0, np.log(abs(x)) + 1, 0.0), 0.0).defined
    assert not judge(f, lambda g, x: 0 * g, 0.0).differs
    assert judge(f, lambda g, x: 0 * g, 1.0).differs


def cumulative_max(x):
    return tf.reduce_sum(tf.stack([tf.reduce_max(x[: k + 1]) for k in range(4)]) * [-2.0, 1.0, 3.0, -5.0])


def test_subgradients_of_any_side_of_a_kink_are_right():
    for order in list(itertools.permutations(range(4)))[::9]:
        ranks = np.argsort(order)
        chosen = np.zeros(4)
        np.add.at(chosen, [np.argmax(ranks[: k + 1]) for k in range(4)], [-2.0, 1.0, 3.0, -5.0])
        assert not judge(cumulative_max, lambda g, x, chosen=chosen: g * chosen, np.zeros(4)).differs
    assert judge(cumulative_max, lambda g, x: g * np.array([-2.0, 1.0, 3.0, -4.0]), np.zeros(4)).differs


def test_rounding_of_a_quotient_of_equal_numbers_is_right():
    f = lambda x, y: x * tf.math.log(x / y)  # noqa: E731
    assert not judge(f, lambda g, x, y: [g * (np.log(x) - np.log(y) + 1 - 4e-16), -g * x / y], 24.375, 24.375).differs
    f = lambda x, y: x * tf.math.log(x / y) - x + y  # noqa: E731
    assert not judge(f, lambda g, x, y: [g * -4.4e-16, 0.0], 24.375, 24.375).differs


def normalize(x):
    return x / tf.norm(x)


@pytest.mark.parametrize(
    ("f", "rule", "at"),
    [
        (normalize, lambda g, x: g / np.linalg.norm(x) - x * (x @ g) / np.linalg.norm(x) ** 3, [0.07]),
        (normalize, lambda g, x: g / np.linalg.norm(x) - x * (x @ g) / np.linalg.norm(x) ** 3, [2.9970703125] * 3),
        (tf.nn.log_softmax, lambda g, x: g - np.exp(x - np.log(np.exp(x).sum())) * g.sum(), [1.0] * 3),
    ],
)
def test_rounding_is_right_where_a_derivative_is_zero(f, rule, at):
    x = np.array(at)
    assert not judge(f, rule, x).differs
    assert judge(f, lambda g, x: rule(g, x) + 1e-6, x).differs
    assert judge(tf.nn.relu, lambda g, x: g * (x > 0) + 1e-18, -x).differs


@pytest.mark.parametrize("at", [0.0, 3.0])
def test_a_gradient_that_goes_to_both_of_two_equal_numbers_or_to_none_is_wrong(at):
    for share, wrong in ((0.0, True), (0.5, False), (1.0, True)):
        assert judge(tf.maximum, lambda g, x, y, share=share: [g * share] * 2, at, at).differs == wrong


def test_what_rounding_of_elements_accounts_for_is_right_in_their_sum():
    rule = lambda g, x: g * np.exp(x - np.logaddexp(*x))  # noqa: E731
    assert not judge(tf.reduce_logsumexp, rule, np.array([-1e12, -1e12])).differs


@pytest.mark.parametrize("at", [0.0, 2.0, -3e5])
def test_a_jump_of_the_derivatives_is_no_rounding(at):
    for share, wrong in ((-0.25, True), (0.5, False), (1.25, True)):
        assert (
            judge(tf.reduce_max, lambda g, x, share=share: [g * np.array([share, 1 - share])], np.full(2, at)).differs
            == wrong
        )


@pytest.mark.parametrize(("answer", "wrong"), [(1.0, False), (-0.5, False), (0.0, False), (1.5, True)])
def test_a_kink_that_no_condition_shows_has_subgradients(answer, wrong):
    """The vectors of a singular value that is zero are any."""

    def rule(g, a):
        return np.array([[answer * g[1], 0.0, 0.0], [0.0, 0.0, g[0]]])

    at = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert judge(lambda a: tf.linalg.svd(a, compute_uv=False), rule, at).differs == wrong


def test_so_near_to_a_kink_as_rounding_leads_each_side_is_right():
    """The singular value that is nearly zero has one sign of its vectors or the other in floats."""
    at = np.array([[0.0, 1.0, 0.0], [0.0, 5e16, 1.0]])
    for sign, wrong in ((1, False), (-1, False), (1.5, True)):
        rule = lambda g, a, s=sign: np.array([[0.0, 4e-17, s * g[1]], [0.0, g[0], 4e-17]])  # noqa: E731
        assert judge(lambda a: tf.linalg.svd(a, compute_uv=False), rule, at).differs == wrong


@pytest.mark.parametrize("f", [tf.square, lambda x: tf.exp(x) / x])
def test_a_cotangent_of_zero_is_no_excuse_for_what_is_finite_otherwise(f):
    right = lambda g, x: g * (2 * x if f is tf.square else np.exp(x) * (x - 1) / x / x)  # noqa: E731
    with np.errstate(all="ignore"):
        instance = RuleInstance(
            Subject(f, 1, vjp=lambda g, x: right(g, x) * g / g), ["x", "g"], [(), ()], ["float64"] * 2, {}
        )
        assert instance.compare([np.asarray(3.0), np.asarray(0.0)]).differs
        assert not instance.compare([np.asarray(3.0), np.asarray(1.0)]).differs


def test_zero_times_what_is_too_large_for_a_float_is_excused():
    instance = RuleInstance(
        Subject(tf.math.reciprocal, 1, vjp=lambda g, x: -g / (x * x)), ["x", "g"], [(), ()], ["float64"] * 2, {}
    )
    with np.errstate(all="ignore"):
        assert not instance.compare([np.asarray(1e-155), np.asarray(0.0)]).differs


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_subgradient_that_is_shown_has_the_sum_of_all(share):
    outcome = judge(tf.maximum, lambda g, x, y: [g * share] * 2, 3.0, 3.0)
    assert sum(float(v) for v in outcome.left) == 1.0
    assert outcome.error == 1.0


def test_a_traced_rule_is_judged_once_at_a_point_and_a_rule_of_numbers_each_time(monkeypatch):
    looked = []
    look = RuleInstance._compare_in
    monkeypatch.setattr(RuleInstance, "_compare_in", lambda *args, **how: looked.append(1) or look(*args, **how))
    point, other = [np.asarray(1.0), np.asarray(1.0)], [np.asarray(1.0), np.asarray(2.0)]
    for vjp, count in ((None, 2), (lambda g, x: g * np.cos(x), 3)):
        instance = RuleInstance(Subject(tf.sin, 1, vjp=vjp), ["x", "g"], [(), ()], ["float64"] * 2, {})
        looked.clear()
        assert not any(instance.compare(p).differs for p in (point, point, other))
        assert len(looked) == count


@pytest.mark.parametrize("count", [0, 1, 2, 5, 8, 9, 40])
def test_each_two_elements_go_together_in_one_pattern_of_signs_and_apart_in_another(count):
    patterns = np.array(list(_sign_patterns(count, np.random.default_rng(0))))
    assert len(patterns) >= 5
    assert (abs(patterns) == 1).all()
    for i, j in itertools.combinations(range(count), 2):
        assert {*(patterns[:, i] * patterns[:, j])} == {1, -1}


def test_rounding_in_the_norm_of_a_matrix_is_no_mistake():
    """Of ``U @ V.T`` the elements depend on a difference, or on a sum, of two elements beside a far larger one."""
    for a in ([[605.695373535, 900000000000.0], [3.0, 929.21081543]], [[1.0, 0.0], [1.0, -500000000.0]]):
        subject = Subject(
            lambda a: tf.reduce_sum(tf.linalg.svd(a, compute_uv=False)),
            1,
            vjp=lambda g, a: (lambda u, s, v: g * u @ v)(*np.linalg.svd(a, full_matrices=False)),
        )
        instance = RuleInstance(subject, ["a", "g"], [(2, 2), ()], ["float64"] * 2, {})
        assert not instance.compare([np.array(a), np.array(1.0)]).differs
