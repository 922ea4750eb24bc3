"""What generated C calls beside its library."""

import pytest

from tracer.backends.c_arrays import write_includes
from tracer.backends.c_helpers import ARRAY_HELPERS, HELPERS, RESERVED, CNames, write_helpers
from tracer.backends.c_library import build

from .looping import LOOPING


def test_what_a_helper_calls_stands_before_it():
    names = [text.partition("(")[0].split()[-1] for text in write_helpers(["cofactor"])]
    assert names[-1] == "cofactor"
    assert {"eliminate", "determinant"} <= {*"".join(write_helpers(["cofactor"])).replace("(", " ").split()}


@pytest.mark.skipif("c" not in LOOPING, reason="no C compiler")
def test_all_of_them_compile():
    text = "\n".join(write_helpers([*HELPERS, *ARRAY_HELPERS]))
    build(f"{write_includes(text)}\n{text}")


def test_names_are_told_apart():
    names = CNames("f")
    found = [names.new(wanted) for wanted in ("f", "x", "x", "größe", "2", "int64_t", "eliminate")]
    assert len({*found} - RESERVED - {"f", "eliminate"}) == len(found)
