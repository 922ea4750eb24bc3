"""The numbers in the code of functions."""

from tracer.testing.written_numbers import DEPTH, MOST, find_written_numbers

LIMIT = 3.75


def helper(x):
    return x > 1e-7


def test_numbers_of_functions_that_are_called_are_found():
    scale = lambda x: 4.5 * x  # noqa: E731
    assert set(find_written_numbers(lambda x: helper(scale(x)) - 7.0)) == {7.0, 4.5, 1e-7}


def test_numbers_of_functions_inside_are_found():
    assert find_written_numbers(lambda x: [y * 31.0 for y in x]) == [31.0]
    assert find_written_numbers(lambda x: lambda y: y + 33.0) == [33.0]


def test_ordinary_numbers_and_truth_values_are_no_boundaries():
    assert find_written_numbers(lambda x: (0.0, 0.5, 1.0, 2.0, True, "9", x)) == []


def test_magnitudes_are_found():
    assert find_written_numbers(lambda x: x < -80.0) == [80.0]


def test_functions_are_followed_to_a_depth():
    chain = lambda x: x * 77.0  # noqa: E731
    for k in range(DEPTH + 1):
        assert (77.0 in find_written_numbers(chain)) == (k <= DEPTH)
        chain = lambda x, inner=None, f=chain: f(x)  # noqa: E731
        chain = _closing(chain.__defaults__[1])


def _closing(f):
    return lambda x: f(x)


def test_a_function_that_calls_itself_is_read_once():
    def count(x):
        return count(x - 12.5) if x > 0 else x

    assert find_written_numbers(count) == [12.5]


def test_a_cell_without_content_and_what_is_no_function_have_none():
    def outer():
        if False:
            unknown = 1
        return lambda x: unknown + x

    assert find_written_numbers(outer()) == []
    assert find_written_numbers(len) == []


def test_there_are_not_too_many():
    f = eval("lambda x: (" + ", ".join(f"x > {k}.25" for k in range(3, 60)) + ")")
    assert len(find_written_numbers(f)) == MOST


class Scaled:
    """A rule that is a method, and holds numbers and functions."""

    def __init__(self):
        self.limit, self.inner = 41.5, lambda x: x - 43.5

    def __call__(self, x):
        return self.inner(x) > self.limit


def test_numbers_of_objects_and_of_what_is_closed_over_are_found():
    rule, bound = Scaled(), 47.5
    assert set(find_written_numbers(lambda x: rule(x) > bound)) == {41.5, 43.5, 47.5}
    assert set(find_written_numbers(rule)) == {41.5, 43.5}


class Made:
    """A rule whose functions are those of a class."""

    @classmethod
    def apply(cls, x):
        return x > 51.5

    @staticmethod
    def backward(g):
        return g > 53.5


def test_numbers_of_the_methods_of_a_class_are_found():
    assert set(find_written_numbers(Made.apply)) == {51.5, 53.5}
    assert set(find_written_numbers(lambda x: Made.apply(x))) == {51.5, 53.5}
