"""Wrong arguments: every public function refuses them by an error of its kinds, in words of its own."""

import inspect

import numpy as np
import pytest
import sympy

import tracer

CYCLIC: list = []
CYCLIC.append(CYCLIC)
DEEP: object = 1.0
for _ in range(3000):
    DEEP = [DEEP]
TWICE_CYCLIC: list = []
TWICE_CYCLIC += [TWICE_CYCLIC, TWICE_CYCLIC]


class Endless:
    """A sequence whose items are itself."""

    def __len__(self):
        return 3

    def __getitem__(self, place):
        if place >= 3:
            raise IndexError(place)
        return self


class Broken:
    """Its array raises."""

    def __array__(self, *args, **kwargs):
        raise ZeroDivisionError("broken")


class NoArray:
    """Its array is none."""

    def __array__(self, *args, **kwargs):
        return 3


class Objects:
    """Its array holds objects."""

    def __array__(self, *args, **kwargs):
        return np.array([object()], dtype=object)


WRONG = [
    None, "x", "", 3, -1, 1.5, True, 2**70, 10**400, float("nan"), float("inf"), 1j, object(), object, b"x", [], {},
    {1: 2},
    ["a"], [None], [[1, 2], [3]], slice(1), Ellipsis, sympy.I, sympy.nan, sympy.Matrix([[1, 2]]), Broken(), NoArray(),
    Objects(), CYCLIC, TWICE_CYCLIC, Endless(), DEEP, np.array([object()]),
]  # fmt: skip
KINDS = (TypeError, ValueError, LookupError, RuntimeError)
CLASSES = ("Comparison", "Connection", "Diagnosis", "Kind", "Reason", "Tensor", "UnconnectedGradients", "Verdict")
"""Those that nobody calls, or whose call is Python's."""
UNBOUNDED = {"unstack"}
"""Functions that do as many steps as a number says."""


def _functions():
    spaces = {"": tracer, "linalg.": tracer.linalg, "math.": tracer.math, "nn.": tracer.nn, "random.": tracer.random}
    found = {}
    for prefix, space in spaces.items():
        for name in space.__all__ if hasattr(space, "__all__") else dir(space):
            value = getattr(space, name, None)
            own = inspect.isfunction(value) or (inspect.isclass(value) and name not in CLASSES)
            if own and not name.startswith("_") and name not in UNBOUNDED | {"formula", "render", "print"}:
                found.setdefault(value, prefix + name)
    return sorted(found.items(), key=lambda item: item[1])


def _required(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return max(1, sum(p.kind in positional and p.default is p.empty for p in parameters))


@pytest.mark.parametrize(("function", "name"), _functions(), ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.filterwarnings("ignore")
def test_wrong_arguments_are_refused(function, name):
    count = _required(function)
    right = tracer.constant([[2.0, 1.0], [1.0, 3.0]])
    for position in range(min(count + 1, 4)):
        for wrong in WRONG:
            args = [right] * max(count, position + 1)
            args[position] = wrong
            try:
                function(*args)
            except RecursionError:
                pytest.fail(f"{name} recurses on its argument {position}")
            except KINDS as error:
                said = str(error)
            else:
                continue
            assert said, (name, position)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tracer.constant(CYCLIC), ValueError, "nested deeper than .*, or contains itself"),
        (lambda: tracer.constant(TWICE_CYCLIC), ValueError, "nested deeper than .*, or contains itself"),
        (lambda: tracer.constant(Endless()), ValueError, "Endless .* is nested deeper than .*, or contains itself"),
        (lambda: tracer.convert_to_tensor(DEEP), ValueError, "nested deeper than .*, or contains itself"),
        (lambda: tracer.Variable("a"), TypeError, r"got str 'a'; give a number, a nested list .* of a numeric dtype$"),
        (lambda: tracer.constant([b"a"]), TypeError, r"got list \[b'a'\]; give a number"),
        (lambda: tracer.Variable(), ValueError, r"needs a value or a shape, got neither; write Variable\(0.0\), or"),
        (lambda: tracer.Variable(dtype="float32"), ValueError, "needs a value or a shape"),
        (
            lambda: tracer.Variable(np.ones((2, 3)), shape=(3, 2)), ValueError,
            r"of shape \(3, 2\) can't hold a value of shape \(2, 3\); reshape the value",
        ),
        (lambda: tracer.unstack(tracer.placeholder("x", ("n",)), num=2**70), ValueError, "from 0 to 1000000, got 118"),
        (lambda: tracer.unstack(tracer.placeholder("x", ("n",)), num=-1), ValueError, "from 0 to 1000000, got -1"),
        (lambda: tracer.Variable(1.0).scatter_add, AttributeError, r"write v.scatter_nd_add\(\[\[k\]\], \[row\]\)"),
        (lambda: tracer.Variable(DEEP), ValueError, "nested deeper than .*, or contains itself"),
        (lambda: tracer.stack(CYCLIC), ValueError, "or contains itself; give a nest of tensors"),
        (lambda: tracer.symbols("x").eval({"x": DEEP}), ValueError, "nested deeper than .*, or contains itself"),
        (lambda: tracer.gradients(tracer.symbols("x"), CYCLIC), ValueError, "or contains itself"),
        (lambda: tracer.gradients(DEEP, tracer.symbols("x")), ValueError, "or contains itself"),
        (lambda: tracer.constant(2**70),
         ValueError, "1180591620717411303424 does not fit the dtype int64; write it as a float"),
        (lambda: tracer.constant([1, 2**70]), ValueError, "does not fit the dtype int64"),
        (lambda: tracer.constant([2**40], dtype="int32"), ValueError, "1099511627776 does not fit the dtype int32"),
        (lambda: tracer.constant(1) * 2**70, ValueError, "does not fit the dtype int64"),
        (lambda: tracer.constant(10**400, dtype="float64"), ValueError, "beyond the largest float"),
        (lambda: (tracer.symbols("x") * 10**400).eval({"x": 1.0}), ValueError, "beyond the largest float"),
        (lambda: tracer.symbols("x").eval({"x": 10**5000}), ValueError, "of 16610 bits is beyond the largest float"),
        (lambda: tracer.constant(Broken()),
         TypeError, "can't be read as an array: ZeroDivisionError: broken; give a number"),
        (lambda: tracer.constant([Broken()]), TypeError, "ZeroDivisionError: broken; give real numbers"),
        (lambda: tracer.constant(NoArray()), TypeError, "can't be read as an array: .*not producing an array"),
        (lambda: tracer.constant(Objects()), TypeError, "holds real numbers, got Objects"),
        (lambda: tracer.gradients(tracer.symbols("x"), [], stop_gradients="x"),
         TypeError, "stop_gradients must be tensors, got 'x'"),
        (lambda: tracer.symbols(3), TypeError, r"takes a string of names, got 3; write for instance symbols\('x y'\)"),
        (lambda: tracer.einsum(None), TypeError, "an einsum equation is a string such as 'ij,jk->ik', got None"),
        (lambda: tracer.cast(1.0, None), TypeError, "cast takes a dtype, got None"),
        (lambda: tracer.compile(None, []), TypeError, "the outputs must be a tensor or a nest of tensors, got None"),
        (lambda: tracer.range(float("inf")), ValueError, "range counts between finite numbers"),
        (lambda: tracer.range(2**70), ValueError, r"less than 2\*\*63, got 1180591620717411303424"),
        (lambda: tracer.random.set_seed(1.5), TypeError, "a seed must be an int, got 1.5"),
        (lambda: tracer.grad(3), TypeError, r"only functions have derivatives, got 3; write for instance grad\(lambda"),
        (lambda: tracer.vjp(3, 1.0), TypeError, "only functions have derivatives, got 3"),
        (lambda: tracer.to_sympy(3), TypeError, "to_sympy takes a function, got 3"),
        (lambda: tracer.case(3), TypeError, "case takes pairs of a condition and a function, got 3"),
        (lambda: tracer.case([(True, 3)]), TypeError, r"a condition and a function, got \(True, 3\) among them"),
        (lambda: tracer.switch_case(0, 3), TypeError, "switch_case takes functions, or pairs .*, got 3"),
        (lambda: tracer.switch_case(0, [3]), TypeError, "switch_case takes functions, or pairs .*, got 3 among them"),
        (lambda: tracer.while_loop(3, lambda x: x, [1.0]), TypeError, "while_loop takes functions, .*, got 3"),
        (lambda: tracer.while_loop(lambda x: x, lambda x: x, 3), TypeError, "are a list or a tuple, got 3"),
        (lambda: tracer.while_loop(lambda x: x, lambda x: x, [1.0], maximum_iterations="a"),
         TypeError, "maximum_iterations must be an int, got 'a'"),
        (lambda: tracer.scan(3, [1.0]), TypeError, "scan takes functions, .*, got 3"),
        (lambda: tracer.foldl(3, tracer.constant([1.0])), TypeError, "a fold takes functions, .*, got 3"),
        (lambda: tracer.map_fn(3, [1.0]), TypeError, "map_fn takes functions, .*, got 3"),
        (lambda: tracer.map_fn(abs, tracer.zeros((0,))), ValueError, "map_fn over an empty axis"),
        (lambda: tracer.vectorized_map(3, [1.0]), TypeError, "vectorized_map takes functions, .*, got 3"),
        (lambda: tracer.gradients(tracer.symbols("x"), [], unconnected_gradients=CYCLIC),
         ValueError, r"unconnected_gradients is \[\[.*; it must be UnconnectedGradients.NONE"),
        (lambda: tracer.top_k([1.0], k="a"), TypeError, "the k of top_k must be an int, got 'a'"),
        (lambda: tracer.split([1.0], "a"), TypeError, "the number of pieces of split must be an int, got 'a'"),
        (lambda: tracer.split([1.0], [None]), TypeError, "a size of split must be an int, got None"),
        (lambda: tracer.linalg.band_part([[1.0]], "a", 0), TypeError, "of band_part must be an int, got 'a'"),
        (lambda: tracer.nn.max_pool1d([[[1.0]]], "a", 1, "VALID"), TypeError, "must be an int, got 'a'"),
        (lambda: tracer.stack(3), TypeError, "stack takes a list of tensors, got 3"),
        (lambda: tracer.concat(None, 0), TypeError, "concat takes a list of tensors, got None"),
        (lambda: tracer.pad([1.0], 3), TypeError, r"pad takes a pair \(before, after\) an axis, got 3"),
        (lambda: tracer.pad([1.0], [[]]), ValueError, r"pad takes a pair \(before, after\) an axis, got \[\[\]\]"),
        (lambda: tracer.repeat([1.0], [None]), TypeError, "a number of repeats must be an int, got None"),
        (lambda: tracer.transpose([1.0], 3), TypeError, "perm must be a list of axes, got 3"),
        (lambda: tracer.norm([1.0], ord=None), TypeError, "ord is a string or a number, got None"),
        (lambda: tracer.random.shuffle(3.0), ValueError, "shuffle puts rows in another order, .* is a scalar"),
        (lambda: tracer.random.normal([1], seed=-1), ValueError, "a seed must not be negative, got -1"),
        (lambda: tracer.to_graphviz(tracer.symbols("x"), max_nodes="a"),
         TypeError, "max_nodes must be an int, got 'a'"),
        (lambda: tracer.formula(tracer.symbols("x"), []), ValueError, r"form=\[\] is unknown"),
        (lambda: tracer.testing.verify_formula(tracer.symbols("x"), seed=DEEP), TypeError, "a seed must be an int"),
        (lambda: tracer.nn.weighted_cross_entropy_with_logits(1.0, 0.0, object),
         TypeError, "a tensor holds real numbers, got type"),
        (lambda: tracer.linalg.pinv([[1.0]], rcond="a"), TypeError, "the rcond of pinv must be a number, got 'a'"),
        (lambda: tracer.slice([1.0], 3, [1]), TypeError, "slice takes a start and a size an axis, got 3"),
        (lambda: tracer.testing.verify_formula(tracer.symbols("x"), values=3),
         TypeError, "values is a dictionary, got 3"),
        (lambda: tracer.testing.verify_formula(tracer.symbols("x"), trials="a"),
         TypeError, "the number of trials must be an int, got 'a'"),
        (lambda: tracer.nn.bias_add([[1.0]], [1.0], 3), TypeError, "the data_format is a string .*, got 3"),
        (lambda: tracer.switch_case(1.5, [lambda: 1]), TypeError, "a branch index must be an int, got 1.5"),
        (lambda: tracer.argmax([1.0], axis=1.5), TypeError, "an axis must be an int, got 1.5"),
    ],
)  # fmt: skip
def test_what_messages_say(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_large_integers_are_floats_where_floats_are():
    x = tracer.symbols("x")
    assert (x * 2**70).eval({x: 2.0}) == 2.0**71
    assert x.eval({x: 2**70}) == 2.0**70
    assert tracer.constant(2**70, dtype="float64").numpy() == 2.0**70


def test_a_message_stays_short():
    with pytest.raises(TypeError) as caught:
        tracer.constant(["a"] * 100_000)
    assert len(str(caught.value)) < 300


def test_a_deep_sympy_expression_is_refused():
    t = sympy.Symbol("t")
    deep = t
    for _ in range(100):
        deep = sympy.sin(deep)
    with pytest.raises(ValueError, match="nested deeper than 60 functions; trace it in parts, each by from_sympy"):
        tracer.from_sympy(deep, {t: tracer.symbols("x")})
