"""Nests."""

import collections

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import nest

Pair = collections.namedtuple("Pair", "a b")

NESTS = st.recursive(
    st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.tuples(inner, inner).map(lambda p: Pair(*p))
    ),
    max_leaves=12,
)


@given(NESTS)
def test_pack_undoes_flatten(value):
    assert nest.pack(value, nest.flatten(value)) == value
    assert nest.flatten_up_to(value, value) == nest.flatten(value)


@given(NESTS)
def test_map_keeps_structure_and_order(value):
    doubled = nest.map_leaves(lambda v: [v, v], value)
    assert nest.flatten_up_to(value, doubled) == [[v, v] for v in nest.flatten(value)]
    assert type(doubled) is type(value) or not nest.is_nest(value)


@pytest.mark.parametrize("structure", [[0, 0], (0, 0), Pair(0, 0)])
def test_a_sequence_like_another_is_of_its_class(structure):
    made = nest.sequence_like(structure, iter([1, 2]))
    assert type(made) is type(structure)
    assert list(made) == [1, 2]


def test_dicts_are_flattened_by_key_and_keep_their_order():
    given_ = {"b": 1, "a": (2, 3)}
    assert nest.flatten(given_) == [2, 3, 1]
    assert list(nest.map_leaves(str, given_)) == ["b", "a"]
    assert nest.flatten({2: "x", "k": "y"}) == ["x", "y"]
    ordered = collections.OrderedDict(z=1, y=2)
    assert type(nest.map_leaves(str, ordered)) is collections.OrderedDict


def test_named_tuples():
    packed = nest.pack(Pair(1, [2]), ["x", "y"])
    assert packed == Pair("x", ["y"])
    assert type(packed) is Pair


@pytest.mark.parametrize(
    ("structure", "value"), [((1, 2), (1,)), ((1,), 1), ({"a": 1}, {"b": 1}), ({"a": 1}, [1]), ([1, [2]], [1, 2])]
)
def test_another_structure(structure, value):
    with pytest.raises(ValueError, match="structure"):
        nest.flatten_up_to(structure, value)
