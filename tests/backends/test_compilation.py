"""Compiled functions and their sources."""

import copy
import pickle
import re
import shutil
import subprocess
import sys
import textwrap
from collections import OrderedDict

import numpy as np
import pytest
import sympy

import tracer
from tests.helpers import list_backends
from tracer.backends.array_stores import LARGE
from tracer.backends.compilation import write_heading
from tracer.backends.inlining import WIDTH


def test_a_tensor_gives_an_array_and_a_list_a_tuple():
    x, y = tracer.symbols("x y")
    assert tracer.compile(x * y, [x, y])(2.0, 3.0) == 6
    assert tracer.compile([x * y], [x, y])(2.0, 3.0) == (6,)
    assert tracer.compile((x * y, x + y), (x, y))(2.0, 3.0) == (6, 5)
    assert tracer.compile(x * x, x)(3) == 9


def test_inputs_in_any_order_and_of_any_kind():
    x, w = tracer.placeholder("x"), tracer.Variable(3.0, name="w")
    y = x - w
    assert tracer.compile(y, [w, x])(1.0, 5.0) == 4
    assert tracer.compile(y, [x])(5.0) == 2
    inner = tracer.sin(x)
    assert tracer.compile(inner * inner, [inner])(3.0) == 9


def test_golden_regression():
    X, w, y = (tracer.placeholder(n, shape=s) for n, s in {"X": ("n", "m"), "w": ("m",), "y": ("n",)}.items())
    residual = X @ w - y
    loss = tracer.reduce_mean(residual**2)
    function = tracer.compile([loss, tracer.gradients(loss, w)[0]], [X, w, y])
    assert function.source == textwrap.dedent(
        '''\
        import numpy as np


        @np.errstate(all="ignore")
        def compiled(X, w, y):
            """Compute loss and grad_w from X, w and y.

            Parameters
            ----------
            X : float64 of shape (n, m)
            w : float64 of shape (m,)
            y : float64 of shape (n,)

            Returns
            -------
            loss : float64
                (X*w - y).T*(X*w - y)/n
            grad_w : float64 of shape (m,)
                2*X.T*(X*w - y)/n
            """
            n = X.shape[0]
            residual = X @ w - y
            loss = np.mean(residual ** 2)
            grad_w = X.T @ (2 / n * residual)
            return (loss, grad_w)
        '''
    )
    rng = np.random.default_rng(0)
    A, v, b = rng.normal(size=(5, 3)), rng.normal(size=3), rng.normal(size=5)
    value, slope = function(A, v, b)
    np.testing.assert_allclose(value, np.mean((A @ v - b) ** 2))
    np.testing.assert_allclose(slope, 2 * A.T @ (A @ v - b) / 5)


def test_golden_function_that_numpy_lacks():
    x = tracer.placeholder("x", shape=(3,))
    assert tracer.compile(tracer.nn.softmax(x) * 2, x).source == textwrap.dedent(
        '''\
        import numpy as np


        def softmax(x: np.ndarray, axis: int) -> np.ndarray:
            """Exponentials that sum to one along an axis."""
            power = np.exp(x - np.max(x, axis=axis, keepdims=True)) if x.size else x
            share: np.ndarray = power / np.sum(power, axis=axis, keepdims=True)
            return share


        @np.errstate(all="ignore")
        def compiled(x):
            """Compute the result from x.

            Parameters
            ----------
            x : float64 of shape (3,)

            Returns
            -------
            result : float64 of shape (3,)
                2*softmax(x)
            """
            return softmax(x, -1) * 2
        '''
    )


def test_of_many_inputs_and_results_the_first_are_described():
    xs = tracer.symbols(" ".join(f"x{k}" for k in range(20)))
    heading = write_heading([x * x for x in xs], xs)
    assert "from x0, x1, x2, x3, x4, x5, x6, x7 and 12 more." in heading
    assert heading.endswith("result 8 : float64\n    x7**2\nand 12 more")


def test_long_formulas_are_wrapped():
    xs = tracer.symbols(" ".join(f"a_long_name_{k}" for k in range(30)))
    heading = write_heading([sum(xs)], xs)
    assert "    a_long_name_0 + a_long_name_1" in heading
    assert max(map(len, heading.splitlines()[1:])) <= WIDTH


def test_a_name_closes_no_docstring_and_no_comment():
    x = tracer.placeholder('x"""\\ */')
    for backend in [b.name for b in list_backends()]:
        function = tracer.compile(tracer.sin(x), [x], backend=backend)
        assert function(0.5) == pytest.approx(np.sin(0.5))
        if backend != "c":
            scope = {}
            exec(function.source, scope)
            assert scope["compiled"].__doc__.startswith('Compute the result from x"""\\ */.')
        else:
            assert function.source.count("*/") == 1


WEIGHTS = np.linspace(0.0, 1.0, LARGE + 1)


class TestSaving:
    def run(self, path, *names):
        """What pytest says of the files of a folder."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *names]
        return subprocess.run(command, cwd=path, capture_output=True, text=True)

    def test_a_module_and_its_test_stand_alone(self, tmp_path):
        x, y = tracer.placeholder("x", ("n",)), tracer.placeholder("y", ("n",))
        step = tracer.compile({"loss": tracer.reduce_sum(tracer.exp(x) * y), "slope": tracer.sin(x)}, [x, y])
        path = step.save(tmp_path / "step.py", examples=[([0.5, 1.0], [2.0, 3.0]), ([0.0], [1.0])])
        assert path == tmp_path / "step.py"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["step.py", "test_step.py"]
        assert path.read_text() == step.source
        done = self.run(tmp_path, "test_step.py")
        assert "1 passed" in done.stdout, done.stdout
        path.write_text(step.source.replace("np.sin(x)", "2 * np.sin(x)"))
        assert "1 failed" in self.run(tmp_path, "test_step.py").stdout

    def test_many_numbers_are_in_a_file_beside_it(self, tmp_path):
        x = tracer.placeholder("x", WEIGHTS.shape)
        step = tracer.compile(tracer.reduce_sum(x * tracer.constant(WEIGHTS) + tracer.constant([0.5])), [x])
        assert len(step.source) < 1000
        assert '"]\n' in step.source
        step.save(tmp_path / "step.py")
        assert sorted(p.name for p in tmp_path.iterdir()) == ["step.npz", "step.py"]
        code = f"import numpy; from step import compiled; print(compiled(numpy.ones({len(WEIGHTS)})))"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        value = WEIGHTS.sum() + len(WEIGHTS) / 2
        assert float(done.stdout) == pytest.approx(value) == pytest.approx(float(step(np.ones(len(WEIGHTS)))))
        assert pickle.loads(pickle.dumps(step))(np.ones(len(WEIGHTS))) == pytest.approx(value)

    def test_a_test_is_one_of_python(self, tmp_path):
        x = tracer.symbols("x")
        step = tracer.compile(x + 1, [x], backend="c")
        assert "double" in step.save(tmp_path / "step.c").read_text()
        with pytest.raises(ValueError, match=r"a test is written of a module of Python, got the file step.c; name it"):
            step.save(tmp_path / "step.c", examples=[[1.0]])


def test_a_source_runs_on_its_own():
    x = tracer.placeholder("x", shape=(2,))
    A = tracer.constant([[1.0, float("inf")], [float("nan"), 4.0]], name="A")
    half = tracer.constant([0.5], dtype="float32", name="half")
    function = tracer.compile([A * x, tracer.erf(x) + half], [x])
    scope = {}
    exec(function.source, scope)
    point = np.array([0.5, 2.0])
    for got, expected in zip(scope["compiled"](point), function(point)):
        np.testing.assert_array_equal(got, expected)


def test_names_are_safe():
    names = ["lambda", "np", "math", "compiled", "erf", "max", "float", "multiply", "n", "ﬁ", "fi"]
    tensors = [tracer.placeholder(name, shape=("n",)) for name in names]
    total = tensors[0] * 1
    for k, tensor in enumerate(tensors[1:], 2):
        total = total + tracer.erf(tensor * 1.0) * k
    function = tracer.compile(total, tensors)
    points = [np.array([0.1 * k, 0.2]) for k in range(len(names))]
    expected = total.eval(dict(zip(tensors, points)))
    np.testing.assert_allclose(function(*points), expected)


def test_sizes_are_checked_when_it_is_called():
    X, w = tracer.placeholder("X", shape=("n", "m")), tracer.placeholder("w", shape=("m",))
    function = tracer.compile(X @ w, [X, w])
    with pytest.raises(ValueError, match="but m is 3 already"):
        function(np.ones((2, 3)), np.ones(2))
    with pytest.raises(ValueError, match=r"w has the shape \(m,\)"):
        function(np.ones((2, 3)), np.ones((3, 1)))
    with pytest.raises(TypeError, match="takes 2 values, for X, w; 1 were given"):
        function(np.ones((2, 3)))


def test_wrong_calls():
    x, y = tracer.symbols("x y")
    with pytest.raises(ValueError, match="y has no value"):
        tracer.compile(x * y, [x])
    with pytest.raises(TypeError, match="output is None"):
        tracer.compile([x, None], [x])
    with pytest.raises(TypeError, match="an input must be a tensor, got 3"):
        tracer.compile(x, [3])
    with pytest.raises(ValueError, match="named twice"):
        tracer.compile(x, [x, x])
    with pytest.raises(ValueError, match="no backend 'fortran'"):
        tracer.compile(x, [x], backend="fortran")
    v = tracer.placeholder("v", shape=(3,))
    with pytest.raises(ValueError, match="'math' is for programs of scalars"):
        tracer.compile(v * 2, [v], backend="math")
    with pytest.raises(ValueError, match="dimension k is not the size of an axis of any input"):
        tracer.compile(tracer.zeros(("k",)) + x, [x])


def test_scalars_run_with_math():
    x, y = tracer.symbols("x y")
    z = tracer.sin(x) * tracer.exp(y) + x**2 / y
    function = tracer.compile(z, [x, y], backend="math")
    assert "np" not in function.source
    assert type(function(1.0, 2.0)) is float
    expected = np.sin(1.0) * np.exp(2.0) + 0.5
    np.testing.assert_allclose(function(1.0, 2.0), expected)
    both = tracer.compile(z, [x, y])
    np.testing.assert_allclose([both(1.0, 2.0), both(1, 2), both(np.float64(1), np.array(2.0))], expected)


@pytest.mark.parametrize("backend", ["numpy", "math"])
def test_scalars_at_the_edges_of_domains(backend):
    x = tracer.placeholder("x")
    for build, point, expected in (
        (lambda v: 1 / v, 0.0, np.inf),
        (tracer.log, 0.0, -np.inf),
        (tracer.log, -1.0, np.nan),
        (tracer.sqrt, -1.0, np.nan),
        (tracer.exp, 1000.0, np.inf),
        (lambda v: v**0.5, -2.0, np.nan),
        (lambda v: v**-2, 0.0, np.inf),
        (tracer.lgamma, 0.0, np.inf),
    ):
        got = tracer.compile(build(x), x, backend=backend)(point)
        np.testing.assert_equal(float(got), expected)


@pytest.mark.unchecked
def test_a_chain_of_20000_operations_and_its_gradient():
    x = tracer.placeholder("x")
    y = x
    for _ in range(10_000):
        y = y * 0.5 + x
    value, slope = tracer.compile([y, tracer.gradients(y, x)[0]], [x])(0.25)
    np.testing.assert_allclose([value, slope], [0.5, 2.0])


@pytest.mark.unchecked
def test_a_shared_subexpression_is_computed_once():
    x = tracer.placeholder("x")
    y = x
    for _ in range(50):
        y = y + y
    function = tracer.compile(y, x)
    assert len(function.source.splitlines()) < 120
    assert function(1.0) == 2.0**50
    twice = tracer.compile(tracer.sin(x) * tracer.sin(x), x)
    assert twice.source.count("np.sin") == 1


@pytest.mark.unchecked  # The last has no finite value.
@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("a*b**-2", 0.0, np.inf),
        ("a + b**-3", -0.0, -np.inf),
        ("a*(1 + 1/b)", 0.0, np.inf),
        ("a + b**(1/3)", -8.0, np.nan),
    ],
)
def test_literals_within_a_larger_expression_are_numpys(template, value, expected):
    """Text of numbers alone would be Python's arithmetic, which raises or turns complex."""
    a, b = sympy.symbols("a b")
    x = tracer.placeholder("x", ("n",))
    y = tracer.from_sympy(sympy.sympify(template, rational=True), {a: x, b: tracer.constant(value)})
    scope = {}
    exec(tracer.compile(y, [x]).source, scope)
    np.testing.assert_array_equal(scope["compiled"](np.array([1.0, 2.0])), [expected] * 2)


def _programs():
    X, s = tracer.placeholder("X", ("n", 3)), tracer.symbols("s")
    w = tracer.Variable([1.0, 2.0, 3.0], name="w")
    return [
        (tracer.compile([X @ w, tracer.reduce_sum(X)], [X]), [[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]]),
        (tracer.compile(tracer.sin(s) / s, [s]), 0.5),
        (tracer.compile(s**2 + 1, [s], backend="math"), 0.0),
    ]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))])
def test_compiled_functions_are_copied_with_their_source(copied):
    for function, value in _programs():
        again = copied(copied(function))
        assert again.source == function.source
        assert repr(again) == repr(function)
        np.testing.assert_equal(again(value), function(value))
        with pytest.raises(TypeError, match="takes 1 values"):
            again(value, value)


def test_compiled_functions_are_unpickled_in_another_process():
    function, value = _programs()[0]
    code = "import pickle, sys; f, value = pickle.load(sys.stdin.buffer); print([v.tolist() for v in [*f(value)]])"
    data = pickle.dumps((function, value))
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == str([v.tolist() for v in function(value)])
    with pytest.raises(ValueError, match="X has the shape"):
        pickle.loads(data)[0]([[1.0, 2.0]])


class TestNests:
    """Outputs may be a nest; results come in the same one, a list at the top as a tuple."""

    def test_a_dictionary_of_a_value_and_gradients(self):
        x, y = tracer.placeholder("x", ("n",)), tracer.placeholder("y", ("n",))
        loss = tracer.reduce_sum(x**2 * y)
        f = tracer.compile({"loss": loss, "slopes": tracer.gradients(loss, [x, y]), "again": {1: (loss,)}}, [x, y])
        found = f(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        assert list(found) == ["loss", "slopes", "again"]
        assert found["loss"] == 19.0
        assert found["again"] == {1: (19.0,)}
        assert type(found["slopes"]) is list
        np.testing.assert_array_equal(found["slopes"], [[6.0, 16.0], [1.0, 4.0]])
        assert 'return {"loss": ' in f.source
        assert re.search(r"^    loss : float64$", f.source, re.MULTILINE)
        assert re.search(r"^    slopes\[1\] : float64 of shape \(n,\)$", f.source, re.MULTILINE)
        scope: dict[str, object] = {}
        exec(f.source, scope)
        again = scope["compiled"](np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        assert again["loss"] == 19.0
        copied = pickle.loads(pickle.dumps(f))
        assert copied(np.array([1.0, 2.0]), np.array([3.0, 4.0]))["loss"] == 19.0

    @pytest.mark.parametrize("backend", [b.name for b in list_backends()])
    def test_each_backend_has_them(self, backend):
        if backend == "c" and not any(map(shutil.which, ("cc", "gcc", "clang"))):
            pytest.skip("no C compiler")
        x = tracer.symbols("x")
        outputs = [{"b": x + 1, "a": [x * 2, (x * 3,)]}, x]
        assert tracer.compile(outputs, [x], backend)(5.0) == ({"b": 6.0, "a": [10.0, (15.0,)]}, 5.0)

    def test_what_has_no_spelling_comes_as_what_it_is_like(self):
        x = tracer.placeholder("x", (2, 2))
        values, _ = tracer.compile(tracer.linalg.eigh(x), [x])(np.eye(2))
        np.testing.assert_array_equal(values, [1.0, 1.0])
        assert type(tracer.compile(OrderedDict(a=x), [x])(np.eye(2))) is dict

    def test_errors_name_what_is_no_output(self):
        x = tracer.placeholder("x")
        with pytest.raises(TypeError, match=r"an output must be a tensor, got 3; write constant"):
            tracer.compile({"a": [x, 3]}, [x])
        with pytest.raises(TypeError, match=r"a key of the outputs is \(1, 2\); write a text or an integer"):
            tracer.compile({(1, 2): x}, [x])


SINGULAR = {
    "a square of a norm": lambda x: tracer.norm(x) ** 2,
    "a density of a norm": lambda x: tracer.exp(-(tracer.norm(x) ** 2)),
    "norms of rows": lambda x: tracer.reduce_sum(tracer.norm(tracer.outer(x, x + 1), axis=1) ** 4),
    "a mean": lambda x: tracer.reduce_mean(tracer.sqrt(x * x) ** 2),
    "a sum with weights": lambda x: tracer.reduce_sum(tracer.sqrt(x * x) ** 2 / np.array([[1.0], [3.0]])),
    "a quotient that is none": lambda x: tracer.reduce_sum(x * tracer.norm(x) ** 2 / tracer.norm(x) ** 2),
}


@pytest.mark.parametrize("name", SINGULAR)
@pytest.mark.parametrize("together", [False, True])
def test_a_compiled_function_has_the_values_of_its_formula(name, together):
    x = tracer.placeholder("x", (4 if together else "n",))
    value = SINGULAR[name](x)
    gradient = tracer.gradients(value, x)[0]
    assert gradient.shape == x.shape
    function = tracer.compile([value, gradient] if together else gradient, [x])
    for at in (np.zeros(4), np.array([1.0, 0.0, -2.0, 0.5])):
        results = function(at) if together else (function(at),)
        assert all(np.isfinite(r).all() for r in results)
        np.testing.assert_allclose(results[-1], gradient.eval({x: at}), rtol=1e-14)
        assert [r.shape for r in results] == [(), (4,)][-len(results) :]


def test_what_is_undefined_in_a_region_is_compiled_as_written():
    x = tracer.symbols("x")
    function = tracer.compile(tracer.sqrt(x) ** 2, [x])
    assert np.isnan(function(-1.0))
    assert function(0.0) == 0.0


def test_a_program_that_is_cut_is_compiled_as_written():
    x = tracer.placeholder("x", (2,))
    size = tracer.norm(x)
    function = tracer.compile(tracer.gradients(size**2, x)[0], [x, size])
    np.testing.assert_allclose(function(np.array([3.0, 4.0]), np.array(5.0)), [6.0, 8.0])
