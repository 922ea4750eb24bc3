"""The names that the spelling of an operation may use."""

import pytest

from tracer.python_code import slot
from tracer.python_scope import SCOPE, Scope, shape_of


def test_names_are_imported_but_for_those_of_python():
    code = SCOPE.np.sum(SCOPE.abs(slot(0))) + SCOPE.erf(slot(1))
    assert str(code) == "np.sum(abs(_0)) + erf(_1)"
    assert code.names == {"np", "erf"}
    assert SCOPE.named("int64").names == {"int64"}


def test_a_scope_has_no_names_of_its_own():
    with pytest.raises(AttributeError, match="_repr_html_"):
        _ = Scope()._repr_html_


def test_results_are_unpacked():
    code = SCOPE.unpack(("q", "r"), SCOPE.divmod(slot(0), slot(1)), lambda q, r: q * 10 + r)
    assert str(code) == "(lambda q, r: q * 10 + r)(*divmod(_0, _1))"
    assert eval(str(code), {"_0": 17, "_1": 5}) == 32


def test_what_refuses_is_called_as_it_is():
    assert str(SCOPE.refusing(SCOPE.np.linalg.inv)(slot(0))) == "np.linalg.inv(_0)"


def test_a_number_has_no_axes():
    assert shape_of(2.0) == ()
