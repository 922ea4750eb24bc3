"""Public modules: what completion shows, and what they say of names that they lack."""

import ast
import importlib
import inspect
import json
import pickle
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

import tracer
from tests.helpers import assert_each
from tracer import namespaces, tensorflow_names
from tracer.tensorflow_names import OUTSIDE, SAME, WRITE

MODULES = [importlib.import_module(name) for name in (*namespaces.NAMESPACES, "tracer.debugging", "tracer.testing")]
RECORDED = json.loads((Path(__file__).parent / "conformance/data/names.json").read_text())["names"]


@pytest.mark.parametrize("module", [*MODULES, tracer.array_api], ids=lambda m: m.__name__)
def test_completion_shows_public_names_alone(module):
    assert {n for n in dir(module) if not n.startswith("__")} == set(module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)


def summary(value):
    return (value.__doc__ or "").strip()


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_public_names_exist_and_are_documented(module):
    for name in module.__all__:
        value = getattr(module, name)
        if callable(value):
            assert re.match(r"[A-Z`0-9].*\.(\n|$)", summary(value)), f"{module.__name__}.{name}"


def public_functions():
    """By function the first of its public names."""
    found = {}
    for module in MODULES:
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.isfunction(value):
                found.setdefault(value, name)
    return found.items()


def section(function, title):
    """The text of a section of a docstring, empty where there is none."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=\n\n\w+\n---|\Z)", inspect.getdoc(function), re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def documented(function):
    """The names of parameters in a docstring; ``prefix_*`` stands for several."""
    entries = [line.split(" : ")[0] for line in section(function, "Parameters").split("\n") if line[:1].strip()]
    return {name.strip() if name.endswith("_*") else name.strip(" *") for e in entries for name in e.split(",")}


def test_docstrings_have_the_sections_of_numpydoc():
    for function, name in public_functions():
        assert section(function, "Examples"), name
        assert section(function, "Returns") or inspect.signature(function).return_annotation in (None, "None"), name
        assert section(function, "Returns") != "Tensor", f"{name}: of which shape?"


def assert_errors_are_named(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    raised = {n.exc.func.id for n in ast.walk(tree) if isinstance(n, ast.Raise) and isinstance(n.exc, ast.Call)}
    assert raised <= set(re.findall(r"^\w+$", section(function, "Raises"), re.MULTILINE))


def test_docstrings_name_the_errors_that_a_function_raises():
    assert_each(assert_errors_are_named, {name: (f,) for f, name in public_functions()})


def assert_parameters_are_named(function):
    written = documented(function)
    several = [name.removesuffix("*") for name in written if name.endswith("_*")]
    parameters = {name for name in inspect.signature(function).parameters if name[0] != "_"}
    assert written - parameters == {f"{start}*" for start in several}
    assert [name for name in parameters - written if not name.startswith(tuple(several))] == []
    assert "As for :func:" not in section(function, "Parameters"), "the reference should have been expanded"


def test_docstrings_name_every_parameter_and_no_other():
    assert_each(assert_parameters_are_named, {name: (f,) for f, name in public_functions()})


def test_all_names_can_be_imported():
    names = {}
    exec("from tracer import *", names)  # the statement is what is tested
    assert names["reduce_sum"] is tracer.reduce_sum
    assert names["testing"] is importlib.import_module("tracer.testing")


def absent():
    for group, names in RECORDED.items():
        for name in names.split():
            yield (*group.split("."), name) if group else (name,)


def place(path):
    owner = tracer
    for part in path:
        if owner is tracer and part in ("Tensor", "Variable"):
            owner = tracer.Variable(0.0) if part == "Variable" else tracer.zeros(())
        elif (owner := getattr(owner, part, None)) is None:
            return None
    return owner


def test_every_name_of_tensorflow_is_here_or_explained():
    silent = {
        ".".join(path)
        for path in absent()
        if place(path) is None and path[-1] != "newaxis" and tensorflow_names.explain(path, lambda name: None) is None
    }
    assert silent == set()


def test_no_name_is_explained_that_is_here():
    named = {*WRITE, *(n for names in OUTSIDE.values() for n in names.split())}
    assert [n for n in named if place(n.split(".")) is not None] == []
    assert sum(len(names.split()) for names in OUTSIDE.values()) + len(WRITE) >= len(named)


def test_what_is_written_exists():
    for text in (*WRITE.values(), *OUTSIDE):
        for dotted in re.findall(r"\btracer\.([A-Za-z_.0-9]*\w)", text):
            assert place(dotted.split(".")) is not None, f"{dotted} in {text}"
        for name in re.findall(r"\bnumpy\.([a-z_.]*\w)", text):
            owner = np
            for part in name.split("."):
                owner = getattr(owner, part, None)
            assert owner is not None or name == "savez", f"numpy.{name}"


X, Y = tracer.constant([[0.5, -1.5], [2.5, 7.5]]), tracer.constant([[2.0, 2.0], [-2.0, 3.0]])
VALUES = {
    "realdiv": X / Y,
    "truncatediv": np.trunc(X.numpy() / Y.numpy()),
    "truncatemod": np.fmod(X.numpy(), Y.numpy()),
    "keras.losses.MSE": [np.mean((Y.numpy()[0] - X.numpy()[0]) ** 2), np.mean((Y.numpy()[1] - X.numpy()[1]) ** 2)],
    "keras.losses.MAE": np.mean(np.abs(Y.numpy() - X.numpy()), -1),
    "math.zero_fraction": 0.0,
    "math.lbeta": None,
    "nn.crelu": np.concatenate([np.maximum(X.numpy(), 0), np.maximum(-X.numpy(), 0)], -1),
    "math.bessel_i0e": None,
    "math.is_non_decreasing": False,
    "sequence_mask": np.arange(4) < np.array([1, 3])[:, None],
    "searchsorted": [0, 2],
    "math.confusion_matrix": [[1, 0, 0], [0, 0, 1], [0, 0, 1]],
    "math.invert_permutation": [2, 0, 1],
}
"""What the text means: its value here, None where it is only run."""
POINTS = {
    "math.invert_permutation": tracer.constant([1, 2, 0]), "math.lbeta": tracer.abs(X),
    "math.is_non_decreasing": tracer.constant([1.0, 3.0, 2.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_what_is_written_means_the_same(name):
    import sympy

    scope = {
        "tracer": tracer, "sympy": sympy, "numpy": np, "y": Y, "prediction": X, "maxlen": 4,
        "x": POINTS.get(name, X),
        "lengths": tracer.constant([1, 3]), "sequence": tracer.constant([1.0, 2.0, 3.0]),
        "values": tracer.constant([0.5, 2.5]), "n": 3, "labels": [0, 1, 2], "predictions": [0, 2, 2],
    }  # fmt: skip
    found = eval(compile(ast.parse(WRITE[name], mode="eval"), name, "eval"), scope)  # our own table
    if VALUES[name] is not None:
        expected = VALUES[name]
        np.testing.assert_allclose(found.numpy(), getattr(expected, "numpy", lambda: expected)())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda tf: tf.keras.losses.MSE(1, 2), "tf.keras.losses.MSE is not in tracer; write tracer.reduce_mean"),
        (lambda tf: tf.keras.layers.Dense(3), "tf.keras.layers.Dense is not in tracer; write activation(x @"),
        (lambda tf: tf.keras, "tf.keras is not in tracer; write tracer.Module"),
        (lambda tf: tf.keras.activations.relu, "tf.keras.activations.relu is not in tracer; write tracer.relu"),
        (lambda tf: tf.compat.v1.reduce_sum, "tf.compat.v1.reduce_sum is not in tracer; write tracer.reduce_sum"),
        (lambda tf: tf.compat.v1.Session(), "tf.compat.v1.Session is not in tracer; write x.numpy()"),
        (lambda tf: tf.compat.v1.truncatediv, "tf.compat.v1.truncatediv is not in tracer; write tracer.sign"),
        (lambda tf: tf.data.Dataset.range(3), "tf.data.Dataset.range is outside tracer: it reads and writes no data"),
        (lambda tf: tf.experimental.numpy.sin, "NumPy's functions on tensors: numpy.sin(x) is traced"),
        (lambda tf: tf.config.list_physical_devices(), "is outside tracer: it works in one process and on one device"),
        (lambda tf: tf.signal.fft, "tf.signal.fft is outside tracer: there are no complex numbers"),
        (lambda tf: tf.softmax, "module 'tracer' has no attribute 'softmax'; write tracer.nn.softmax"),
        (lambda tf: tf.redcue_sum, "module 'tracer' has no attribute 'redcue_sum'; did you mean reduce_sum"),
        (lambda tf: tf.nn.rleu, "module 'tracer.nn' has no attribute 'rleu'; did you mean relu"),
        (lambda tf: tf.linalg.eig, "tf.linalg.eig is outside tracer: eigenvalues of matrices that are not symmetric"),
        (lambda tf: tf.random.norml, "module 'tracer.random' has no attribute 'norml'; did you mean normal"),
        (lambda tf: tf.sofmax, "module 'tracer' has no attribute 'sofmax'; did you mean tracer.nn.softmax"),
        (lambda tf: tf.linalg.redcue_sum, "no attribute 'redcue_sum'; did you mean tracer.reduce_sum"),
        (lambda tf: tf.linalg.determinant, "no attribute 'determinant'; did you mean det?"),
        (lambda tf: tf.nn.zzzqq, "module 'tracer.nn' has no attribute 'zzzqq'"),
        (lambda tf: tf.zzzqq, "module 'tracer' has no attribute 'zzzqq'"),
        (lambda tf: tf._private, "module 'tracer' has no attribute '_private'"),
    ],
)  # fmt: skip
def test_messages(call, message):
    with pytest.raises(AttributeError, match=re.escape(message)):
        call(tracer)


def test_python_keeps_its_ways():
    assert not hasattr(tracer, "keras")
    assert getattr(tracer, "keras", 3) == 3
    assert pickle.loads(pickle.dumps(tracer.reduce_sum)) is tracer.reduce_sum
    with pytest.raises(ImportError, match="keras"):
        importlib.import_module("tracer.keras")
    with pytest.raises(ImportError, match="cannot import name 'keras'"):
        from tracer import keras  # noqa: F401


def test_modules_of_the_same_names_come_first():
    assert all(WRITE.get(name) or name in {*WRITE, *SAME} for name in SAME)
