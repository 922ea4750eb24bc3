"""Python source: distinct names, imports, arrays as text, sizes read off arguments, and NumPy's arithmetic."""

import keyword

import numpy as np
import pytest

import tracer
from tracer.backends.python_source import FUNCTION, MODULES, Module, Names, array_text, namespace
from tracer.backends.to_math import MATH
from tracer.backends.to_numpy import NUMPY
from tracer.program.lines import Kind, Line
from tracer.program.program import Program
from tracer.rules import TABLE, argument


@pytest.mark.parametrize("wanted", ["x", "lambda", "sum", "np", "erf", FUNCTION, "ﬁ"])
def test_names_are_identifiers_that_nothing_else_has(wanted):
    names = Names()
    given = [names.new(wanted) for _ in range(3)]
    taken = {FUNCTION, *MODULES, *tracer.runtime.__all__, *dir(__builtins__)}
    assert len(set(given)) == 3
    assert all(n.isidentifier() and not keyword.iskeyword(n) and n not in taken for n in given)
    assert Names().new(wanted) == given[0]


def test_what_python_takes_for_one_identifier_is_one_name():
    names = Names()
    assert (names.new("ﬁ"), names.new("fi")) == ("fi", "fi_2")


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.5, -0.0, np.inf, -np.inf, np.nan]),
        np.array([[1, 2], [3, 4]]),
        np.array([[True], [False]]),
        np.array([0.1, 2.0], np.float32),
        np.array(3, np.int32),
        np.zeros((0, 3)),
        np.zeros((2, 0), np.int32),
    ],
    ids=str,
)
def test_the_text_of_an_array_is_the_array(array):
    found = eval(array_text(array), {"np": np})
    assert found.dtype == array.dtype
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(array))


def test_a_module_imports_what_it_uses_and_nothing_else():
    module = Module(("erf", "math", "np"), {"c": np.array([1.0])}, f"def {FUNCTION}(x):\n    return erf(x) + c\n")
    assert module.text() == (
        "import math\nimport numpy as np\nfrom tracer.runtime import erf\n\n"
        f"c = np.array([1.0])\n\ndef {FUNCTION}(x):\n    return erf(x) + c\n"
    )
    assert "import" not in Module((), {}, "pass\n").text()
    assert Module((), {"c": np.ones(1)}, "pass\n").text().startswith("import numpy as np\n\nc = ")
    assert module.function()(0.0) == [1.0]
    assert namespace(["erf", "np"]) == {"erf": tracer.runtime.erf, "np": np}


def test_arithmetic_of_numbers_alone_is_numpys():
    """Python raises for 1/0 and turns (-8)**(1/3) complex, where NumPy gives inf and nan."""
    line = Line(Kind.ELEMENTWISE, (1.0, 0.0), argument(0) / argument(1), (), "float64")
    assert str(NUMPY.code(line, False)) == "np.float64(_0) / _1"
    x = Line(Kind.ARGUMENT, (), None, (), "float64")
    beside = Line(Kind.ELEMENTWISE, (x, 2.0), argument(0) * argument(1), (), "float64")
    assert str(NUMPY.code(beside, False)) == "_0 * _1"
    divided = Line(Kind.ELEMENTWISE, (x, 1.0, 0.0), argument(0) + argument(1) / argument(2), (), "float64")
    assert str(NUMPY.code(divided, False)) == "_0 + np.float64(_1) / np.float64(_2)"
    whole = Line(Kind.ELEMENTWISE, (1, 2), argument(0) + argument(1), (), "int64")
    assert str(NUMPY.code(whole, False)) == "np.int64(_0) + _1"
    assert str(MATH.code(line, False)) == "_0 / _1"


def test_functions_that_refuse_matrices_are_lenient_in_a_program_that_chooses():
    A = Line(Kind.ARGUMENT, (), None, (2, 2), "float64")
    line = Line(TABLE["inv"], (A,), None, (2, 2), "float64")
    assert str(NUMPY.code(line, False)) == "np.linalg.inv(_0)"
    assert str(NUMPY.code(line, True)) == "defined(np.linalg.inv, _0)"


@pytest.mark.parametrize(("backend", "form"), [(NUMPY, "NumPy"), (MATH, "math")])
def test_a_row_without_a_spelling_is_lacking(backend, form):
    line = Line(tracer.rules.Op("mystery"), (), None, (), "float64")
    with pytest.raises(LookupError, match=f"^the operation 'mystery' has no {form} form$"):
        backend.code(line, False)


def test_sizes_are_read_off_the_arguments_that_have_them():
    x = tracer.placeholder("x", ("n", "m"))
    mean = tracer.reduce_mean(x, axis=1)
    body = NUMPY.module(Program([tracer.zeros((x.shape[1] + 1, x.shape[0]))], [x]), [x], True).body
    assert "x.shape[" in body
    assert NUMPY.module(Program([mean], [x]), [x], True).body.endswith("return np.mean(x, axis=1)\n")
    k = tracer.placeholder("k", ("k",))
    with pytest.raises(ValueError, match="the dimension k is not the size of an axis of any input; add a tensor that"):
        NUMPY.module(Program([tracer.zeros((k.shape[0],))], [x]), [x], True)


def test_one_result_is_by_itself_and_several_are_a_tuple():
    x = tracer.symbols("x")
    program = Program([x * 2], [x])
    assert NUMPY.module(program, [x], True).function()(3.0) == 6.0
    assert NUMPY.module(program, [x], False).function()(3.0) == (6.0,)
