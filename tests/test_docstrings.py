"""What docstrings say of parameters that functions share."""

import inspect

import pytest

import tracer
from tracer.docstrings import add_parameter, expand
from tracer.ops.reduction import reduce_min

OTHER = """Summary.

    Parameters
    ----------
    x, y : tensor
        Operands,
        of one shape.
    axis : int
    *rest : tensor
        More.

    Returns
    -------
    Tensor
"""


def referring(names):
    reference = f"{names}\n        As for :func:`other`."
    return f"Another.\n\n    Parameters\n    ----------\n    {reference}\n    z : int\n\n    Returns"


@pytest.mark.parametrize(
    ("names", "entries"),
    [
        ("x, y", "x, y : tensor\n        Operands,\n        of one shape."),
        ("y", "y : tensor\n        Operands,\n        of one shape."),
        ("x : tensor or None", "x : tensor\n        Operands,\n        of one shape."),
        ("axis, y", "y : tensor\n        Operands,\n        of one shape.\n    axis : int"),
        ("*rest", "*rest : tensor\n        More."),
    ],
)
def test_entries_take_the_place_of_a_reference(names, entries):
    given = referring(names)
    wanted = given.replace(f"{names}\n        As for :func:`other`.", entries)
    assert expand(given, {"other": OTHER}.get) == wanted


@pytest.mark.parametrize("docstrings", [{}, {"other": None}, {"other": "No parameters."}, {"other": OTHER}])
def test_a_reference_that_is_wrong_stays(docstrings):
    assert expand(referring("x, q"), docstrings.get) == referring("x, q")


def test_a_parameter_comes_last_of_its_section():
    given = "Summary.\n\n  Parameters\n  ---\n  x : tensor\n\n  Other Parameters\n  ---\n  y : int\n\n  Returns"
    wanted = given.replace("tensor", "tensor\n  name : str\n      A name.")
    assert add_parameter(given, "name : str\n    A name.") == wanted
    assert add_parameter("Without.", "name : str") == "Without."


@pytest.mark.parametrize(
    "function", [tracer.reduce_sum, tracer.linalg.lu_solve, tracer.tensor_scatter_nd_add, tracer.exp]
)
def test_operations_say_that_they_take_a_name(function):
    text = inspect.getdoc(function)
    assert text.count("name : str, optional\n    The name of the result, made unique.\n\nReturns") == 1


def test_help_shows_what_the_source_refers_to():
    assert "As for :func:`reduce_max`." in inspect.getdoc(reduce_min)
    text = inspect.getdoc(tracer.reduce_min)
    assert "axis : int, sequence of int or None\n    The axes; None means all.\n" in text
    assert text.index("input_tensor : tensor or array\n") < text.index("axis : int") < text.index("name : str")
