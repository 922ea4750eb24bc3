"""What is written where it is used, and what is given a name."""

import tracer
from tracer.backends.inlining import WIDTH


def _body(outputs, *sources):
    return tracer.compile(outputs, list(sources)).source.rpartition('"""\n')[2].strip()


def test_what_is_used_once_is_written_where_it_is_used():
    x = tracer.symbols("x")
    assert _body(tracer.sin(tracer.cos(x) + 1), x) == "return np.sin(np.cos(x) + 1)"


def test_what_is_used_twice_has_the_name_of_its_variable():
    x = tracer.symbols("x")
    y = tracer.sin(x)
    assert _body(y * y + x, x) == "y = np.sin(x)\n    return y * y + x"


def test_an_operand_that_one_operation_mentions_twice_has_a_name():
    x = tracer.symbols("x")
    assert _body((x + 1) ** 3, x) == "total = x + 1\n    return total * total * total"


def test_several_results_have_names():
    x = tracer.symbols("x")
    assert _body([tracer.sin(x), x], x) == "sin_x = np.sin(x)\n    return (sin_x, x)"
    assert "sin_x = np.sin(x)" in _body([tracer.sin(x), tracer.cos(x)], x)


def test_what_would_be_too_long_is_given_names_the_longest_first():
    v = tracer.placeholder("velocity_of_the_first_body")
    w = tracer.placeholder("velocity_of_the_second_body")
    body = _body(tracer.sin(v * w + v) * tracer.cos(w * w - v) + tracer.exp(v - w), v, w)
    assert max(map(len, body.splitlines())) < 2 * WIDTH
    assert " = " in body


def test_nothing_dead_is_assigned():
    x = tracer.placeholder("x", ("n",))
    body = _body(tracer.zeros_like(tracer.exp(x)) + 1.0, x)
    assert "exp" not in body or "np.zeros_like(np.exp(x)" in body
