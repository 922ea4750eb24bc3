"""The names of NumPy's attributes that tensors have are those of the functions behind them."""

import numpy as np
import pytest

import tracer
from tracer import array_attributes, numpy_functions
from tracer.numpy_functions import methods
from tracer.tensor import Tensor


def test_every_method_and_property_is_named():
    assert {*array_attributes.METHODS} == numpy_functions.METHODS.keys() - methods.INSTEAD.keys()
    assert {*array_attributes.PROPERTIES} == numpy_functions.PROPERTIES.keys()
    assert methods.INSTEAD.keys() <= {*array_attributes.REFUSED}


@pytest.mark.parametrize("name", array_attributes.REFUSED)
def test_what_is_refused_says_what_to_write(name):
    with pytest.raises((AttributeError, TypeError), match=r"write|outside tracer"):
        getattr(tracer.constant([1.0]), name)()


def test_names_are_numpys():
    numpys = {*array_attributes.METHODS, *array_attributes.PROPERTIES} - {"mT", "device"}
    assert numpys <= {*dir(np.zeros(1))}


def test_fields_of_tensors_are_read_without_a_hook():
    """A hook would slow down every reading of a field, which is most of what tracing and deriving do."""
    assert not hasattr(Tensor, "__getattr__")
    assert Tensor.__getattribute__ is object.__getattribute__
