"""Proofs: by normal form, for one element, for all sizes, modulo primes."""

import pytest

from tracer.comparison.instances import Instance
from tracer.comparison.proofs import Generic, prove, prove_generic
from tracer.comparison.sides import Side
from tracer.shapes import as_shape


def generic(first, second, **shapes):
    return Generic((Side(first), Side(second)), list(shapes), [as_shape(s) for s in shapes.values()], ["float64"] * 9)


@pytest.mark.parametrize(
    ("first", "second", "shapes", "how"),
    [
        ("sum(x)/n", "mean(x)", {"x": ("n",)}, "their difference has the normal form zero"),
        ("max(x, y)", "(x + y + abs(x - y))/2", {"x": ("n",), "y": ("n",)}, "element by element equal at"),
        ("sum(relu(x))", "sum(x + abs(x))/2", {"x": ("n",)}, "what is of degree 1 at most in the sizes"),
    ],
)
def test_how_programs_are_the_same_for_all_sizes(first, second, shapes, how):
    assert prove_generic(generic(first, second, **shapes)).startswith(how)


@pytest.mark.parametrize(
    ("first", "second", "shapes"),
    [
        ("x*sum(x)", "x*mean(x)", {"x": ("n",)}),
        ("x + y", "y + 2*x", {"x": ("n",), "y": ("n",)}),
        ("sum(x)", "x", {"x": ("n",)}),
    ],
)
def test_what_differs_has_no_proof(first, second, shapes):
    assert prove_generic(generic(first, second, **shapes)) is None


def test_at_numeric_sizes_matrices_are_eliminated():
    sides = Side("det(A @ B)"), Side("det(A)*det(B)")
    assert "modulo primes" in prove(Instance(sides, ["A", "B"], [(2, 2), (2, 2)], ["float64"] * 2, {}))
    wrong = Side("det(A + B)"), Side("det(A) + det(B)")
    assert prove(Instance(wrong, ["A", "B"], [(2, 2), (2, 2)], ["float64"] * 2, {})) is None
