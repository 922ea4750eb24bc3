"""A part of a function is that function of a whole, and its places, with NumPy's values as the reference."""

import numpy as np
import pytest
import sympy

from tests.terms.values import value
from tracer.terms import record as T
from tracer.terms import wholes
from tracer.terms.normalise import Normaliser
from tracer.terms.record import ONE
from tracer.terms.rules.standard import STANDARD
from tracer.terms.selections import Places, make_part, take_part, window
from tracer.terms.wholes import find_whole

terms = Normaliser(STANDARD)
x, y, k = T.source("x", (8,)), T.source("y", (6,)), T.source("k", (3,))
SOURCES = {"x": np.cos(np.arange(8.0)), "y": np.arange(6.0), "k": np.array([0.5, -1.0, 2.0])}


def part(start, length, step=1):
    return make_part(terms, x, [Places(start, length, step)])


def slide(offset, length):
    """A correlation of x and k from a place on."""
    line = window(offset, (1, 1, -1), (length, 3, 8))
    return terms.product(ONE, [(x, (2,), ONE), (k, (1,), ONE), (line, (0, 1, 2), ONE)], (0,))


def spread(offset, length):
    """A convolution of x and k from a place on."""
    line = window(-offset, (-1, 1, 1), (length, 3, 8))
    return terms.product(ONE, [(x, (2,), ONE), (k, (1,), ONE), (line, (0, 1, 2), ONE)], (0,))


FOUND = {
    "a function": (T.call(sympy.exp, [part(2, 4)]), 2, 8),
    "a function of a sum": (T.call(sympy.exp, [T.add([(1, part(1, 4)), (2, part(3, 4))])]), 1, 6),
    "a function of a correlation": (T.call(sympy.tanh, [slide(1, 3)]), 1, 6),
    "a function of a convolution": (T.call(sympy.tanh, [spread(2, 4)]), 2, 10),
    "a function of a product": (
        T.call(
            sympy.exp,
            [T.product(ONE, [(part(0, 4), (0,), ONE), (make_part(terms, y, [Places(1, 4)]), (0,), ONE)], (0,))],
        ),
        0,
        5,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_function_of_parts_is_a_part(name):
    term, start, size = FOUND[name]
    term = terms.normal(term)
    found = find_whole(terms, term, 0)
    assert found is not None
    whole, places = found
    assert (places, whole.shape) == (Places(start, term.shape[0]), (size,))
    assert take_part(terms, whole, 0, places) is term
    np.testing.assert_allclose(value(whole, SOURCES)[start : start + term.shape[0]], value(term, SOURCES), rtol=1e-12)


@pytest.mark.parametrize(
    "term",
    [T.call(sympy.exp, [x]), T.call(sympy.exp, [part(0, 3, 2)]), T.call(sympy.exp, [T.call("softmax", [part(2, 4)])])],
)
def test_others_are_left(term):
    assert find_whole(terms, terms.normal(term), 0) is None


def test_parts_that_are_shared_are_looked_at_once(monkeypatch):
    """Each function has the one before it twice: looked at again at each level, there would be a hundred parts."""
    term = part(2, 4)
    for head in (sympy.exp, sympy.sin, sympy.tanh, sympy.cos, sympy.sinh, sympy.atan):
        term = T.call(sympy.Max, [T.call(head, [term]), term])
    seen = []
    look = wholes._list_parts
    monkeypatch.setattr(wholes, "_list_parts", lambda t, axis: seen.append(t) or look(t, axis))
    assert wholes._list_spans(term, 0) is None or len(seen) < 40
    assert len(seen) == len(set(seen))
