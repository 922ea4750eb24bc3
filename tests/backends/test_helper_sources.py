"""Functions of the runtime as text: what they need stands before them, and a source runs by itself."""

import ast
import builtins
import pickle
import subprocess
import sys

import numpy as np
import pytest

import tracer as tf
from tests.ops.samples import SAMPLES
from tracer import runtime
from tracer.backends.helper_sources import _read_runtime, write_helpers


def write_text(names):
    imports, definitions = write_helpers(names)
    return "\n".join([*imports, *definitions])


@pytest.mark.parametrize("name", runtime.__all__)
def test_a_function_needs_nothing_that_does_not_stand_before_it(name):
    text = write_text([name])
    scope = {}
    exec(text, scope)
    assert scope[name].__doc__ == getattr(runtime, name).__doc__
    tree = ast.parse(text)
    own = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    own |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    own |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    assert read <= own | scope.keys() | set(dir(builtins))
    assert "import tracer" not in text
    assert "from tracer" not in text


def test_nothing_stands_there_that_is_not_needed():
    assert write_text([]) == ""
    imports, definitions = write_helpers(["softmax"])
    assert imports == ["import numpy as np"]
    assert [d.partition("(")[0] for d in definitions] == ["def softmax"]


def test_definitions_that_users_do_not_call_have_names_that_no_array_of_a_source_has():
    definitions, _ = _read_runtime()
    assert {name for name in definitions if name not in runtime.__all__} == {n for n in definitions if n[0] == "_"}


def test_an_array_is_named_apart_from_the_functions_beside_it():
    x = tf.placeholder("x", (2,))
    constant = tf.constant([0.25, 0.5], name="_floats")
    source = tf.compile(tf.digamma(x) + constant, [x]).source
    scope = {}
    exec(source, scope)
    np.testing.assert_array_equal(scope["compiled"](np.ones(2)), (tf.digamma(np.ones(2)) + constant).numpy())


ALONE = """
import pickle, sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tracer", "sympy", "networkx", "mpmath", "graphviz"):
            raise ImportError(f"{name} is not installed")

sys.meta_path.insert(0, Nothing())
import numpy as np

with open(sys.argv[1], "rb") as file:
    programs = pickle.load(file)
for name, source, arrays, expected in programs:
    scope = {}
    exec(source, scope)
    np.testing.assert_array_equal(scope["compiled"](*arrays), expected, err_msg=name)
"""


def test_sources_of_all_rows_run_where_tracer_is_not_installed(tmp_path):
    """And compute what the compiled functions do."""
    programs = []
    for name, sample in SAMPLES.items():
        sources, arrays = sample.sources(), sample.draw(0)
        function = tf.compile(sample.build(*sources), sources)
        programs.append((name, function.source, arrays, function(*arrays)))
    file = tmp_path / "programs"
    file.write_bytes(pickle.dumps(programs))
    done = subprocess.run([sys.executable, "-I", "-W", "error", "-c", ALONE, str(file)], capture_output=True, text=True)
    assert not done.returncode, done.stderr
