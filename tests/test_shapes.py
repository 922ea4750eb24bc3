"""Dimensions, broadcasting, axes, einsum subscripts."""

import itertools

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import tracer
from tracer import shapes

n, m = shapes.symbolic_dimension("n"), shapes.symbolic_dimension("m")


class TestDimension:
    def test_one_name_is_one_dimension(self):
        assert shapes.dimension("n") is shapes.dimension("n")
        assert shapes.dimension(sympy.Symbol("n")) is n
        assert shapes.as_shape((3, "n")) == (3, n)

    def test_a_sympy_number_is_an_int(self):
        found = shapes.dimension(sympy.Integer(4))
        assert type(found) is int
        assert found == 4

    def test_numpy_integers(self):
        assert type(shapes.as_shape(np.array([2, 3]))[0]) is int

    def test_a_computed_size(self):
        assert shapes.dimension(sympy.Symbol("n") * 2 + 1) == 2 * n + 1

    @pytest.mark.parametrize(
        ("given", "error", "text"),
        [
            (-1, ValueError, "negative"),
            ("two words", ValueError, "identifier"),
            (2.5, TypeError, "2.5"),
            (None, TypeError, "None"),
            (sympy.Rational(1, 2), (TypeError, ValueError), "1/2"),
            (sympy.Integer(-2), ValueError, "-2"),
            (sympy.Float(2.5), (TypeError, ValueError), "2.5"),
            (2**63, ValueError, "less than 2\\*\\*63, got 9223372036854775808"),
        ],
    )
    def test_what_is_no_dimension(self, given, error, text):
        with pytest.raises(error, match=text):
            shapes.as_shape((given,))

    @pytest.mark.parametrize("size", [0, 1, 2**62, 2**63 - 1])
    def test_the_least_and_the_largest(self, size):
        assert shapes.dimension(size) == shapes.dimension(sympy.Integer(size)) == size

    def test_what_stands_for_a_dimension(self):
        x = tracer.placeholder("x", ("n", 3))
        assert [shapes.dimension(tracer.shape(x)[k]) for k in (0, 1)] == [n, 3]
        assert type(shapes.dimension(tracer.shape(x)[1])) is int

        class Named:
            def as_dimension(self):
                return sympy.Symbol("n") + 1

        assert shapes.dimension(Named()) == n + 1

    def test_only_symbols_are_names(self):
        element = sympy.IndexedBase("sizes", integer=True)[n]
        assert isinstance(shapes.dimension(element), sympy.Indexed)

    def test_what_has_no_axes_is_one_dimension(self):
        for one in (np.array(3), tracer.constant(3), tracer.size(tracer.zeros(3))):
            assert shapes.as_shape(one) == (3,)
        assert shapes.as_shape("rows") == (shapes.symbolic_dimension("rows"),)
        assert shapes.as_shape(None) == ()
        assert shapes.as_shape(iter([2, "n"])) == (2, n)

    def test_a_single_dimension_is_a_shape_of_rank_one(self):
        assert shapes.as_shape(3) == (3,)
        assert shapes.as_shape("n") == (n,)
        assert shapes.as_shape(n) == (n,)
        assert shapes.as_shape(np.int64(3)) == (3,)


def concrete_shapes(**kwargs):
    return st.lists(st.integers(0, 3), max_size=4, **kwargs).map(tuple)


class TestBroadcast:
    @given(st.lists(concrete_shapes(), min_size=1, max_size=4))
    def test_as_numpy(self, given):
        try:
            expected = np.broadcast_shapes(*given)
        except ValueError:
            with pytest.raises(ValueError, match="do not broadcast"):
                shapes.broadcast(*given)
        else:
            assert shapes.broadcast(*given) == expected

    @given(concrete_shapes(), concrete_shapes())
    def test_symbolic_as_concrete(self, a, b):
        """Sizes above one stand for names: what broadcasts as symbols broadcasts with the same result as numbers."""
        symbolic = {0: 0, 1: 1, 2: n, 3: m}

        def named(shape):
            return tuple(symbolic[d] for d in shape)

        try:
            expected = np.broadcast_shapes(a, b)
        except ValueError:
            with pytest.raises(ValueError, match="do not broadcast"):
                shapes.broadcast(named(a), named(b))
        else:
            assert shapes.broadcast(named(a), named(b)) == named(expected)

    def test_the_error_names_dimensions_and_operands(self):
        x, y = tracer.placeholder("x", shape=("n", 2)), tracer.placeholder("y", shape=("m", 1))
        with pytest.raises(ValueError, match=r"dimensions n and m .* x of shape \(n, 2\) with .* y of shape \(m, 1\)"):
            x + y

    def test_the_operands_that_clash_are_named_and_not_others(self):
        x, y, z = (tracer.placeholder(k, shape=(d,)) for k, d in [("x", 1), ("y", "n"), ("z", "m")])
        with pytest.raises(ValueError, match=r"n and m.* y .* z "):
            tracer.where(x > 0, y, z)


class TestAxes:
    @given(st.integers(0, 4), st.integers(-6, 6))
    def test_one(self, rank, axis):
        if -rank <= axis < rank:
            assert shapes.normalize_axis(axis, rank) == range(rank)[axis]
        else:
            with pytest.raises(ValueError, match="out of range"):
                shapes.normalize_axis(axis, rank)

    def test_several(self):
        assert shapes.normalize_axes(None, 3) == (0, 1, 2)
        assert shapes.normalize_axes((-1, 0), 3) == (0, 2)
        assert shapes.normalize_axes([], 3) == ()
        with pytest.raises(ValueError, match="twice"):
            shapes.normalize_axes((0, -3), 3)
        with pytest.raises(TypeError, match=r"1\.0"):
            shapes.normalize_axes(1.0, 3)

    def test_one_index_is_a_list_of_it(self):
        assert shapes.as_list(3) == [3]
        assert shapes.as_list(np.int64(3)) == [3]
        assert shapes.as_list(np.array(3)) == [3]
        assert shapes.as_list(np.array([3, 1])) == [3, 1]
        assert shapes.as_list(range(2)) == [0, 1]
        assert len(shapes.as_list(iter([0, 1]))) == 1
        assert len(shapes.as_list(tracer.constant(3))) == 1
        assert list(map(int, shapes.as_list(tracer.constant([3, 1])))) == [3, 1]


TERMS = ["", "i", "ij", "ii", "...", "...i", "i...", "i...j", "......", "...i..."]
OUTPUTS = [None, "", "i", "ji", "...", "...i", "i...", "...ji", "k", "ii", "i......", "..."]


class TestEinsum:
    @pytest.mark.parametrize("term", TERMS)
    def test_an_equation_means_what_numpys_does(self, term):
        """Of one operand, and of two of which one has fewer axes; what NumPy refuses is refused."""
        for other, output, rank in itertools.product([None, *TERMS[1:6]], OUTPUTS, range(4)):
            equation = term + ("" if other is None else f",{other}") + ("" if output is None else f"->{output}")
            arrays = [np.arange(1.0, 1 + 2**rank).reshape((2,) * rank)]
            arrays += [] if other is None else [np.array([[1.0, 5.0], [7.0, 11.0]])]
            ranks = [a.ndim for a in arrays]
            try:
                expected = np.einsum(equation, *arrays)
            except ValueError:
                with pytest.raises(ValueError, match=r"einsum|output|ellipsis|term"):
                    shapes.parse_einsum(equation, ranks)
            else:
                if "..." in (other or term) and output is not None and "..." not in output:
                    continue  # NumPy sums over an ellipsis that the output lacks
                np.testing.assert_array_equal(np.einsum(shapes.parse_einsum(equation, ranks).text(), *arrays), expected)

    @pytest.mark.parametrize(
        ("equation", "ranks", "text"),
        [
            ("ij,jk->ik", (2, 2), "ab,bc->ac"),
            ("ij,jk", (2, 2), "ab,bc->ac"),
            ("hagbfced", (8,), "abcdefgh->bdfhgeca"),
            ("ba", (2,), "ab->ba"),
            ("ii", (2,), "aa->"),
            ("ii->i", (2,), "aa->a"),
            ("...ij,jk->...ik", (3, 2), "abc,cd->abd"),
            ("...,...->...", (2, 1), "ab,b->ab"),
            (" i j , j -> i ", (2, 1), "ab,b->a"),
            (",i->i", (0, 1), ",a->a"),
        ],
    )
    def test_parse(self, equation, ranks, text):
        assert shapes.parse_einsum(equation, ranks).text() == text

    @pytest.mark.parametrize(
        ("equation", "ranks", "text"),
        [
            ("ij,jk->ik", (2,), "2 operands, 1 were given"),
            ("ij->i", (3,), "'ij'.* rank 3"),
            ("ij->k", (2,), "'k' is in none"),
            ("ij->ii", (2,), "each once"),
            ("i1->i", (2,), "'1'"),
            ("...i......->i", (2,), "does not fit"),
            ("...ij->ij", (3,), "ellipsis"),
            ("i..j->ij", (2,), "'.'"),
            ("\u00e9->", (1,), "holds '\u00e9'"),
        ],
    )
    def test_malformed(self, equation, ranks, text):
        with pytest.raises(ValueError, match=text):
            shapes.parse_einsum(equation, ranks)


def test_an_equation_is_a_text():
    with pytest.raises(TypeError, match="an einsum equation is a string such as 'ij,jk->ik', got 3"):
        shapes.parse_einsum(3, ())


def test_labels_are_letters_as_far_as_there_are_any():
    assert shapes.letters([0, 25, 26, 51]) == "azAZ"
    with pytest.raises(ValueError, match="einsum has letters for 52 labels, label 52 is beyond them; contract in two"):
        shapes.letters([52])
