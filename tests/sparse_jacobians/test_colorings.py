"""Colourings of sparse matrices: what shares a colour can be told apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from tracer.sparse_jacobians.colorings import color_columns, color_symmetric


@st.composite
def patterns(draw, square=False):
    rows = draw(st.integers(0, 9))
    columns = rows if square else draw(st.integers(0, 9))
    cells = draw(st.sets(st.tuples(st.integers(0, max(rows - 1, 0)), st.integers(0, max(columns - 1, 0)))))
    dense = np.zeros((rows, columns), bool)
    for i, j in cells if dense.size else ():
        dense[i, j] = True
    return dense


@given(patterns())
def test_no_row_has_two_columns_of_one_color(dense):
    colors = color_columns(sparse.csr_array(dense))
    for row in dense:
        assert len({*colors[row].tolist()}) == row.sum()


@given(patterns(square=True))
def test_of_two_mirrored_elements_one_is_alone(dense):
    dense = dense | dense.T
    colors = color_symmetric(sparse.csr_array(dense))
    for i, j in zip(*np.nonzero(dense)):
        alone = (colors[dense[i]] == colors[j]).sum() == 1
        mirrored = (colors[dense[j]] == colors[i]).sum() == 1
        assert alone or mirrored


def test_an_arrow_takes_two_colors_and_a_band_three():
    arrow = np.eye(2000, dtype=bool)
    arrow[0] = arrow[:, 0] = True
    assert color_symmetric(sparse.csr_array(arrow)).max() == 1
    band = sum(sparse.eye_array(2000, k=k, dtype=bool, format="csr") for k in (-1, 0, 1))
    assert color_symmetric(band).max() == color_columns(band).max() == 2


def test_large_degrees_first_where_that_takes_fewer():
    """Two vertices that all others meet, of which the second comes last in the given order."""
    dense = np.array([[1, 1, 1, 1], [1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 1, 1]], bool)
    assert color_symmetric(sparse.csr_array(dense)).max() == 2
