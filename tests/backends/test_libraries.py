"""Spellings in NumPy's words become the words of a library."""

import pytest
import sympy

from tracer.backends.libraries import Library, LibraryScope, by_path, like, pointwise
from tracer.backends.templates import Lacking
from tracer.backends.to_torch import TORCH
from tracer.python_code import literal, slot

LIBRARY = Library(
    "a library",
    {
        "np.sum": lambda e, x, axis=None: by_path("lib.total")(x, dim=axis),
        "np.linalg.inv": "lib.inverse",
        "np.exp": pointwise("lib.exp"),
        "np.pi": "lib.pi",
        "box": lambda e, value, dtype: like(dtype).new(value),
        "astype": lambda e, x, dtype: x.to(like(dtype, "dtype")),
    },
    frozenset(("helper",)),
)


def scope(numbers=(), chooses=False):
    return LibraryScope(TORCH.templates, LIBRARY, frozenset(numbers), chooses=chooses)


def test_a_function_has_its_name_there():
    e = scope()
    assert str(e.np.sum(slot(0), axis=1)) == "lib.total(_0, dim=1)"
    assert str(e.np.linalg.inv(slot(0))[0]) == "lib.inverse(_0)[0]"
    assert str(e.helper(slot(0)) + e.np.pi) == "helper(_0) + lib.pi"
    assert e.np.linalg.inv(slot(0)).names == {"lib"}
    assert str(e.max(1, 2)) == "max(1, 2)"


@pytest.mark.parametrize("spell", [lambda e: e.np.cos(slot(0)), lambda e: e.special.erf(slot(0)), lambda e: e.other()])
def test_what_it_lacks_is_named(spell):
    with pytest.raises(Lacking, match=r"(np\.cos|special\.erf|other), which a library lacks"):
        spell(scope())


def test_numbers_become_arrays_where_functions_take_nothing_else():
    e = scope(numbers=(1,))
    assert str(e.np.exp(slot(0))) == "lib.exp(_0)"
    assert e.is_number(slot(1) + 2)
    assert not e.is_number(slot(0) + 2)
    assert str(e.np.exp(slot(1) + 2)).startswith("lib.exp(<")
    constant = e.np.exp(literal(2))
    assert str(constant) == "math.exp(2)"
    assert e.is_number(constant)


def test_methods_of_arrays_are_the_librarys():
    e = scope()
    assert str(e.reshape(slot(0), (2, 3))) == "_0.reshape((2, 3))"
    assert str(e.take(slot(0), (slice(1, None), None), 1)) == "_0[1:, None]"
    assert str(e.transpose(slot(0), 2)) == "_0.T"
    assert str(e.astype(slot(0), "int64")).startswith("_0.to(<")


def test_conditions_are_arrays_of_booleans():
    e = LibraryScope(TORCH.templates, LIBRARY, truths=frozenset((0,)))
    assert str(e.as_condition(slot(0))) == "_0"
    assert str(e.as_condition(slot(1))) == "_1 != 0"
    assert str(e.as_condition(slot(1) > 2)) == "_1 > 2"


def test_what_refuses_matrices_gives_nan_in_programs_that_choose():
    assert str(scope().refusing(scope().np.linalg.inv)(slot(0))) == "lib.inverse(_0)"
    known = Library("a library", LIBRARY.entries, frozenset(("defined",)))
    e = LibraryScope(TORCH.templates, known, chooses=True)
    assert str(e.refusing(e.np.linalg.inv)(slot(0))) == "defined(lib.inverse, _0)"


def test_a_template_is_a_function():
    a = sympy.Symbol("_0", real=True)
    e = LibraryScope(TORCH.templates, TORCH.library)
    assert str(e.function(sympy.exp(a) + 1, ("w",))) == "(lambda w: torch.exp(w) + 1)"
