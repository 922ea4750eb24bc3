"""The command line: what it prints, and that hostile text does nothing but be refused."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer
from tracer import expressions
from tracer.__main__ import main
from tracer.expressions import ExpressionError, Reader, parse_shape
from tracer.formulas import reading
from tracer.formulas.errors import TooLong
from tracer.scripts import explain_names

SQUARES = ["sum((X @ w - y)**2)", "--wrt", "w", "--shape", "X=n,m", "--shape", "w=m", "--shape", "y=n"]


@pytest.fixture
def run(capsys):
    """Runs a command line; answers its status, its output and its errors."""

    def call(*arguments):
        try:
            status = main(arguments)
        except SystemExit as exit:
            status = exit.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def value(text, **shapes):
    """The tensor of an expression, with shapes as on the command line."""
    return Reader({name: parse_shape(f"{name}={dims}")[1] for name, dims in shapes.items()}).read(text)


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["grad", *SQUARES], "2*X.T*(X*w - y)\n"),
        (["hessian", *SQUARES], "2*X.T*X\n"),
        (["grad", *SQUARES, "--form", "latex"], "2 X^{\\top} (X w - y)\n"),
        (
            ["grad", *SQUARES, "--form", "index"],
            "2*Sum((Sum(X[j, k]*w[k], (k, 0, m - 1)) - y[j])*X[j, i], (j, 0, n - 1))\n",
        ),
        (
            ["grad", "norm2(A*x - y)", "--wrt", "x", "--form", "where"],
            "A.T*r/norm(r), where r = A*x - y\n",
        ),
        (["grad", "x**2 * sin(y)", "--wrt", "x"], "2*x*sin(y)\n"),
        (["grad", "-x**2", "--wrt", "x"], "-2*x\n"),
        (["grad", "-x^2", "--wrt", "x"], "-2*x\n"),
        (["grad", "2*x^2^3", "--wrt", "x"], "16*x**7\n"),
        (["grad", "x^-1 + x**2^1", "--wrt", "x"], "2*x - 1/x**2\n"),
        (["grad", "x^(1/2)", "--wrt", "x"], "1/(2*sqrt(x))\n"),
        (["grad", "x*y", "--wrt", "x,y"], "x: y\ny: x\n"),
        (["hessian", "x**2*y", "--wrt", "x", "--wrt", "y"], "x: 2*y\nx, y: 2*x\ny: 0\n"),
        (["grad", "x*y", "--wrt", "y", "--stop", "x"], "x\n"),
        (["grad", "x/3 + 1/3*x", "--wrt", "x"], "2/3\n"),
        (["grad", "sqrt(2)*x", "--wrt", "x"], "sqrt(2)\n"),
        (["grad", "sum(x)/n", "--wrt", "x", "--shape", "x=n", "--form", "python"], None),
        (["grad", "sum(x**2)", "--wrt", "x", "--shape", "x=2", "--form", "components"], "[2*x[0], 2*x[1]]\n"),
        (["grad", "sum(x**2)", "--wrt", "x", "--shape", "x=n", "--form", "index"], "2*x[i]\n"),
        (["grad", "norm2(A*x - b)", "--wrt", "x", "--form", "where"], "A.T*r/norm(r), where r = A*x - b\n"),
        (["grad", "S*E*pi*beta", "--wrt", "beta"], None),
        (["grad", "x'*A*x", "--wrt", "x,A"], "x: (A.T + A)*x\nA: x*x.T\n"),
        (["grad", "x'*A*x", "--wrt", "x", "--assume", "A=symmetric"], "2*A*x\n"),
        (["grad", "norm2(A*x - y)^2", "--wrt", "x", "--shape", "A=3,k"], "2*A.T*(A*x - y)\n"),
        (["grad", "log(det(X))", "--wrt", "X", "--grammar", "matrix"], "(X**(-1)).T\n"),
        (["grad", "2.*x", "--wrt", "x"], "2\n"),
        (["grad", "sum(2.*x)", "--wrt", "x", "--grammar", "matrix"], "2*ones(n, 1)\n"),
        (["grad", "x'*y", "--wrt", "x", "--stop", "y", "--form", "latex"], "y\n"),
        (["hessian", "x'*A*x", "--wrt", "x"], "A.T + A\n"),
        (["hessian", "x @ A @ x", "--wrt", "x", "--shape", "A=n,n", "--shape=x=n", "--assume", "A=symmetric"], "2*A\n"),
    ],
)
def test_prints_the_formula(run, arguments, printed):
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert out == printed if printed is not None else out.strip()


@pytest.mark.parametrize(
    ("arguments", "begins", "says"),
    [
        (["grad", "x*y + floor(z)", "--wrt", "x,z"], ["x: y", "z: The gradient"], "floor_"),
        (["grad", "x > y", "--wrt", "x"], ["The gradient of the expression (greater_"], "answers true or false"),
        (["hessian", "floor(x)*y", "--wrt", "x,y"], ["x: The", "x, y: The", "y: 0"], "is a step function"),
        (["grad", "x*y", "--wrt", "x", "--stop", "x"], ["The gradient"], "stop_gradient_"),
        (["grad", "sum(x)", "--wrt", "z", "--shape", "x=n", "--shape", "z=3"], ["The"], "no operation leads from z"),
        (["explain", "x*y", "--wrt", "x", "--stop", "x"], ["The gradient of"], "counts as a constant"),
        (["explain", "x*y", "--wrt", "x", "--wrt", "y", "--stop", "x"], ["The", "the expression ("], "by y"),
        (["explain", "x'*y", "--wrt", "x", "--stop", "x"], ["The gradient of"], "counts as a constant"),
        (["explain", "sum(x - x)", "--wrt", "x", "--shape", "x=n"], ["the expression"], "the terms that flow back"),
    ],
)
def test_says_why_a_gradient_is_none(run, arguments, begins, says):
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert all(line.startswith(begin) for line, begin in zip(out.splitlines(), begins, strict=True))
    assert says in out
    assert " at " not in out


SCRIPT = """
import tracer as tf

x = tf.Variable(3.0)
z = x * x
with tf.GradientTape() as tape:
    y = 3 * z
other = y
print("noise", tape.gradient(y, x))
"""


def test_explains_a_script(run, tmp_path):
    path = tmp_path / "demo.py"
    path.write_text(SCRIPT)
    status, out, err = run("explain", str(path), "--target", "y", "--source", "x")
    assert (status, err, out.count("\n")) == (0, "", 1)
    name = r"\(multiply_\d+\)"
    assert re.match(f"The gradient of y {name} by x is None: z {name} at demo.py:5 was computed before", out)
    status, out, err = run("explain", str(path), "--target", "y", "--source", "x", "--tape", "t")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "there is no tape 't'; the tapes by name are tape" in err


@pytest.fixture
def left(capsys):
    """The names that the script leaves, without a process of its own."""
    names = {}
    exec(SCRIPT, names)
    assert capsys.readouterr().out == "noise None\n"
    return names


def test_names_of_a_script_are_explained(left):
    assert "tape.watch(z)" in str(explain_names(left, "y", ["z"])[0])


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("q", "there is no name 'q'; the tensors by name are x, z, y"),
        ("tape", "no tensor; the tensors by name are"),
    ],
)
def test_names_of_a_script_are_looked_for(left, target, message):
    with pytest.raises(LookupError, match=message):
        explain_names(left, target, ["x"])


def test_a_script_that_fails_is_said_in_one_line(run, tmp_path):
    status, _, err = run("explain", str(tmp_path / "absent.py"), "--target", "y", "--source", "x")
    assert (status, err.count("\n")) == (2, 1)
    assert "No such file" in err


def test_where_a_script_fails_is_said_and_a_target_is_asked_for(run, tmp_path):
    path = tmp_path / "demo.py"
    for text, message in (("x = = 3", "1: SyntaxError: invalid syntax"), ("\nx = 1 / 0", "2: ZeroDivisionError: ")):
        path.write_text(text)
        status, _, err = run("explain", str(path), "--target", "y", "--source", "x")
        assert status == 2
        assert f"{path}:{message}" in err
    status, _, err = run("explain", str(path), "--source", "x")
    assert (status, "is a script: name the tensor in it that is meant, --target NAME" in err) == (2, True)


def test_a_script_is_given_arguments(run, tmp_path):
    path = tmp_path / "demo.py"
    path.write_text("import sys, tracer\nx = tracer.Variable(float(sys.argv[2]))\ny = x * tracer.floor(x)\n")
    status, out, _ = run("explain", str(path), "--target", "y", "--source", "x", "--args", "--rate 2.5")
    assert status == 0
    assert "y (multiply_2) has a gradient by x" in out


def test_explains_a_script_as_far_as_it_came(run, tmp_path):
    (tmp_path / "helper.py").write_text("def twice(x):\n    return 2.0 * x\n")
    path = tmp_path / "demo.py"
    path.write_text(
        "import sys\nimport helper\nimport tracer as tf\nx = tf.Variable(3.0)\nparams = {'x': x}\n"
        "with tf.GradientTape() as tape:\n    y = helper.twice(tf.floor(x))\n"
        "    losses = [y, y * 2.0]\nif len(sys.argv) > 1:\n    raise SystemExit(1)\n"
        "x.assign_sub(0.1 * tape.gradient(y, x))\n"
    )
    options = ("--target", "losses", "--source", "params", "--render", str(tmp_path / "cut.dot"))
    status, out, err = run("explain", str(path), *options)
    assert (status, err) == (0, "")
    ended, said = out.splitlines()
    assert ended.startswith(f"{path} ended with TypeError: unsupported operand")
    assert "by x is None: floor_" in said
    assert "not differentiable" in (tmp_path / "cut.dot").read_text()
    assert not (tmp_path / "__pycache__").exists()
    path.write_text(SCRIPT + "import sys\nsys.exit(0)\n")
    assert run("explain", str(path), "--target", "y", "--source", "x")[1].count("\n") == 1
    path.write_text("import sys\nsys.exit(3)\n")
    status, out, err = run("explain", str(path), "--target", "y", "--source", "x")
    assert (status, out, err.count("\n")) == (2, "", 1)


def test_explain_draws_the_cut(run, tmp_path):
    path = tmp_path / "cut.dot"
    assert run("explain", "x*y", "--wrt", "x", "--stop", "x", "--render", str(path))[0] == 0
    assert "it is lost" in path.read_text()


def test_steps_name_every_result(run):
    status, out, _ = run("grad", "exp(sin(x)) * sin(x)", "--wrt", "x", "--form", "steps")
    *steps, result = out.splitlines()
    assert status == 0
    assert all(" = " in line for line in steps)
    assert " = " not in result


def test_render_draws_both_directions(run, tmp_path):
    path = tmp_path / "picture.dot"
    assert run("grad", *SQUARES, "--stop", "y", "--render", str(path)) == (0, "2*X.T*(X*w - y)\n", "")
    assert "gradient by w" in path.read_text()
    assert "octagon" in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["explained", "x", "--wrt", "x"], "invalid choice: 'explained'"),
        (["grad", "x"], "the following arguments are required: --wrt"),
        (["grad", "x", "--wrt", "x", "--form", "prose"], "invalid choice: 'prose'"),
        (["grad", "x", "--wrt", "z"], "the expression has no source 'z'; its sources are: x"),
        (["grad", "x", "--wrt", "x", "--shape", "z=3"], "the expression has no source 'z'"),
        (["grad", "x", "--wrt", "x", "--stop", "z"], "the expression has no source 'z'"),
        (["grad", "x", "--wrt", "x", "--shape", "x"], "write a name and its dimensions, such as X=n,3"),
        (["grad", "x", "--wrt", "x", "--shape", "x=n", "--shape", "x=m"], "a name is given two shapes"),
        (["grad", "x", "--wrt", "x", "--assume", "x=positive", "--assume", "x=nonzero"], "given two declarations"),
        (["grad", "x", "--wrt", "x", "--assume", "x"], "declares nothing; write a name and what it is"),
        (["grad", "x", "--wrt", "x", "--assume", "x=true"], "no source can be declared 'true'"),
        (["grad", "x", "--wrt", "x", "--assume", "z=positive"], "the expression has no source 'z'"),
        (["grad", "x", "--wrt", "x", "--grammar", "latex"], "invalid choice: 'latex'"),
        (["grad", "x'*y", "--wrt", "x", "--grammar", "numpy"], "is not well formed"),
        (["grad", "x'*A*x", "--wrt", "x", "--shape", "A=n,m"], "the sizes m and n differ"),
        (["grad", "x", "--wrt", "x", "--shape", "x=-1"], "write a name and its dimensions, such as X=n,3"),
        (["grad", "X @ y", "--wrt", "X", "--shape", "X=n,m", "--shape", "y=n"], "dimensions m and n differ"),
        (["hessian", "x*2", "--wrt", "x", "--shape", "x=n"], "a Hessian is that of a scalar"),
        (["grad", "x & y", "--wrt", "x"], "'&' is an operator of booleans, and x is of dtype float64"),
        (["grad", "x", "--wrt", "x", "--render", "x.html"], "must end in .svg, .png, .pdf or .dot"),
        (["grad", "x", "--wrt", "x", "--render", "no/such/folder/x.dot"], "No such file or directory"),
        (["grad", "sum(x)", "--wrt", "x", "--shape", "x=n", "--form", "components"], "n"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(run, arguments, message):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "error: " in err
    assert message in err


def test_a_formula_that_is_too_long_is_given_as_steps_or_refused_where_its_form_was_asked_for(run, monkeypatch):
    def refuse(tensors, budget):
        raise TooLong("the closed form is too long")

    monkeypatch.setitem(reading.FORMS, "matrix", refuse)
    assert run("grad", "x**2", "--wrt", "x")[:2] == (0, "x0 = 2*x\nx0\n")
    status, out, err = run("grad", "x**2", "--wrt", "x", "--form", "matrix")
    assert (status, out) == (2, "")
    assert err.endswith("error: the closed form is too long\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x +", "the expression 'x +' is not well formed"),
        ("2x", "write products with a star, as 2*x, and calls with parentheses, as sin(x)"),
        ("x^2 +* y", "not well formed: invalid syntax at column 6"),
        ("(x > 0)^(y > 0)", "write logical_xor(a, b)"),
        ("", "not well formed: it is empty; write one such as sum(x**2)"),
        ("x * in", "'in' is a keyword of Python and can't be a name; rename it"),
        ("x if y else z", "write where(condition, a, b)"),
        ("x and y", "write logical_and(a, b)"),
        ("0 < x < 1", "write (a < b) & (b < c)"),
        ("x << 2", "write x * 2**k"),
        ("[x for x in y]", "can't hold ListComp syntax"),
        ("(x := 3)", "can't hold NamedExpr syntax"),
        ("f'{x}'", "can't hold JoinedStr syntax"),
        ("sum(*x)", "can't hold Starred syntax"),
        ("sum(**x)", "can't hold keyword syntax"),
        ("x.__class__", "only .T is"),
        ("(1, 2).T", ".T needs a tensor, got (1, 2); write it behind a name, as in X.T"),
        ("linalg.__dict__", "only .T is"),
        ("linalg.os", "only .T is"),
        ("linalg.trace", "only .T is"),
        ("linalg.trace.__globals__", "only .T is"),
        ("x.T.__class__()", "only a named function can be called"),
        ("__import__('os')", "there is no function '__import__'"),
        ("eval('1')", "there is no function 'eval'"),
        ("compile(x, y)", "there is no function 'compile'"),
        ("render(x, 'y.dot')", "there is no function 'render'"),
        ("Variable(3)", "there is no function 'Variable'"),
        ("apply(x, y)", "there is no function 'apply'"),
        ("sinn(x)", "did you mean 'sin'?"),
        ("sum(x)(y)", "only a named function can be called"),
        ("'text'", "no number of a tensor expression"),
        ("x + 2j", "no number of a tensor expression"),
        ("[x] * 3", "a list needs a tensor on the other side"),
        ("[x, 3]", "it must be one tensor"),
        ("[1] * 1000000000", "a list needs a tensor on the other side"),
        ("(1, 2)[0]", "only a tensor can be indexed"),
        ("9**9**9", "more than 1024 bits"),
        ("(1/3)**99999", "more than 1024 bits"),
        ("2**-99999", "more than 1024 bits"),
        ("9" * 400, "more than 1024"),
        ("9" * 5000, "at most 4000 are read"),
        ("1e999 * x", "real and finite"),
        ("2.0**9999", "can't be computed"),
        ("1/0", "can't be computed"),
        ("(-8)**0.5", "real and finite"),
        ("(" * 1900 + "x" + ")" * 1900, ""),
        ("-" * 300 + "x", "nested more than 200 deep"),
        ("-" * 3999 + "x", "nested more than 200 deep"),
        ("+".join("x" * 1999), "nested more than 200 deep"),
        ("x[" * 1900 + "0" + "]" * 1900, ""),
        ("tile(x, [10000000])", "larger than 1000000"),
        ("x\0", "null byte"),
        ("\ud800", ""),
    ],
)
def test_expressions_that_are_refused(text, message):
    with pytest.raises(ExpressionError) as caught:
        value(text)
    assert message in str(caught.value)


PIECES = """x y n sum max log linalg .trace .T ._ __import__ lambda eval if for in ( ) [ ] { } , : = == < ** * @ - ~ 9 0
1e400 'a' # ... é"""
ALPHABET = st.sampled_from([*PIECES.split(), "\\", "\n", " ", "\x00"])


@given(st.lists(ALPHABET, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_library_error(text):
    try:
        tensor = value(text, x="n", X="n,n")
    except (TypeError, ValueError, LookupError, RuntimeError):
        return
    assert isinstance(tensor, tracer.Tensor)


@given(st.text(max_size=60))
def test_any_shape_is_read_or_refused(text):
    try:
        name, shape = parse_shape(text)
    except ExpressionError:
        return
    assert name.isidentifier()
    assert all(isinstance(d, int) or d.is_positive for d in shape)


def test_keywords_are_names_but_for_those_of_expressions():
    with pytest.raises(ExpressionError, match="'in' is a keyword"):
        parse_shape("in=n")
    assert parse_shape("lambda=class")[0] == "lambda"
    assert main(["grad", "sum(lambda**2*S*E)", "--wrt", "lambda", "--shape", "lambda=n"]) == 0


def test_expressions_reach_operations_alone():
    outside = {
        "GradientTape",
        "Variable",
        "apply",
        "compile",
        "cond",
        "custom_gradient",
        "from_sympy",
        "render",
        "vmap",
    }
    assert outside & expressions.FUNCTIONS.keys() == set()
    assert {f.__module__.partition(".")[0] for f in expressions.FUNCTIONS.values()} == {"tracer"}
    assert {
        "matmul",
        "linalg.trace",
        "nn.relu",
        "math.sin",
        *expressions.ALIASES.values(),
    } <= expressions.FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("max(X)", "reduce_max"),
        ("max(X, axis=0)", "reduce_max"),
        ("max(x, 0)", "maximum"),
        ("min(x, y, z)", "minimum"),
        ("abs(x)", "abs"),
        ("trace(X)", "trace"),
        ("X.T", "transpose"),
        ("linalg.trace(X)", "trace"),
        ("einsum('ij->ji', X)", "einsum"),
        ("X[0, 1:, ...]", "getitem"),
        ("x[:, None]", "getitem"),
        ("where(x > 0, x, 0)", "where"),
        ("~(x > 0)", "logical_not"),
        ("(x > 0) & (x < 1)", "logical_and"),
        ("cast(x, 'float32')", "cast"),
        ("n * x", "multiply"),
        ("3", "constant"),
    ],
)  # fmt: skip
def test_expressions_are_built_of_the_library_s_operations(text, op):
    assert value(text, X="n,n", x="n").op == op


def test_a_name_of_a_dimension_is_the_dimension():
    reader = Reader(dict([parse_shape("x=n")]))
    assert reader.read("sum(x) / n").args[1] == parse_shape("x=n")[1][0]
    assert list(reader.sources) == ["x"]


def test_the_console_script_is_the_module():
    command = [sys.executable, "-m", "tracer", "grad", "x**2", "--wrt", "x"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert done.stdout == "2*x\n"


@pytest.mark.parametrize(
    ("options", "status", "expected"),
    [
        (["sum(x)/n", "mean(x)", "--shape", "x=n"], 0, "Proved: "),
        (["abs(x)", "x"], 1, "Refuted: at x = -1 the first is 1, the second -1."),
        (["-x", "-x*1.0"], 0, "Proved: "),
        (["exp(lgamma(x + 1))", "x*exp(lgamma(x))"], 0, "Undecided: they agree to "),
        (["tr(x*y')", "x'*y"], 0, "Proved: "),
        (["A*x", "(x'*A')'"], 0, "Proved: "),
        (["x'*A*x", "x'*A'*x", "--assume", "A=symmetric"], 0, "Proved: "),
        (["inv(A')", "inv(A)", "--grammar", "matrix"], 1, "Refuted: "),
        (["log(x)", "log(-x)"], 1, "Undecided: no point was found at which both are finite."),
        (["sum(x)", "x", "--shape", "x=2"], 1, "Refuted: at x = [0, 0] the first is 0, the second [0, 0]: the shapes"),
    ],
)
def test_compares(options, status, expected, capsys):
    assert main(["compare", *options]) == status
    assert capsys.readouterr().out.startswith(expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["abs(x)", "x", "--shape", "y=n"], "the expression has no source 'y'; its sources are: x"),
        (["A @ x", "A.T @ x", "--shape", "A=n,m", "--shape", "x=m"], "dimensions n and m differ"),
        (["x", "f(x)"], "there is no function 'f'"),
    ],
)
def test_what_cannot_be_compared_is_refused(options, message, capsys):
    with pytest.raises(SystemExit) as exit:
        main(["compare", *options])
    assert exit.value.code == 2
    assert message in capsys.readouterr().err


def test_comparisons_of_exact_numbers_are_truth_values():
    assert Reader({}).read("where(1 > 1/2, x, 2*x)").formula() == Reader({}).read("x").formula()


def test_an_interrupt_is_no_traceback(monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr("tracer.__main__._run", interrupted)
    assert main(["grad", "x**2", "--wrt", "x"]) == 130
    assert capsys.readouterr() == ("", "")
