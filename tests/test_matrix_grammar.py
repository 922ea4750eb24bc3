"""Expressions in the grammar of matrixcalculus.org: their values, their gradients as people write them, and sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer
from tracer.expressions import ExpressionError
from tracer.matrix_grammar import MatrixReader, names_in_matrices

SIZES = {"": 1, "n": 2, "m": 3}
"""Of an extent, by its letter; a number and a vector have an extent without one."""

LEAVES = {
    ("", ""): ["a", "b", "2", "0.5"],
    ("n", ""): ["x", "y"],
    ("m", ""): ["z", "w"],
    ("n", "n"): ["A", "S"],
    ("n", "m"): ["B"],
    ("m", "n"): ["C"],
    ("m", "m"): ["D"],
}
SHAPES = {name: tuple(filter(None, extent)) for extent, names in LEAVES.items() for name in names if name.isalpha()}
SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)
FUNCTIONS = {
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "abs": np.abs,
    "sign": np.sign,
    "relu": lambda v: np.maximum(v, 0),
    "arctan": np.arctan,
}
TO_NUMBER = {"sum": np.sum, "norm1": lambda v: np.sum(np.abs(v)), "norm2": lambda v: np.sqrt(np.sum(v**2))}
OF_SQUARE = {
    "inv": lambda v: np.linalg.inv(v + 9 * np.eye(2)),
    "adj": lambda v: np.linalg.inv(v + 9 * np.eye(2)) * np.linalg.det(v + 9 * np.eye(2)),
}
TRACES = {"tr": np.trace, "trace": np.trace, "det": lambda v: v[0, 0] * v[1, 1] - v[0, 1] * v[1, 0]}


def wrapped(part, level):
    """The text of a part, in parentheses where it binds less tightly."""
    return part[0] if part[1] >= level else f"({part[0]})"


class Arrays(dict):
    """Arrays by their names, and the largest element of each value that was computed of them."""

    def __init__(self, arrays):
        super().__init__(arrays)
        self.largest = []


@st.composite
def parts(draw, extent, depth, root=False):
    """The text of an expression of an extent, how tightly it binds, and its value as a function of two-axis arrays."""
    text, level, value = draw(written_parts(extent, depth, root))

    def noted(arrays):
        found = value(arrays)
        arrays.largest.append(np.abs(found).max())
        return found

    return text, level, noted


@st.composite
def written_parts(draw, extent, depth, root):
    rows, columns = extent
    kinds = [] if root else ["leaf"]
    kinds += ["add", "elements", "scale", "product", "call", "turn", "sign", "power"] if depth else []
    if depth and extent == ("", ""):
        kinds += ["total", "trace", "number power"]
    if depth and extent == ("n", "n"):
        kinds += ["square", "matrix power", "diagonal"]
    kind = draw(st.sampled_from(kinds))

    def part(extent):
        return draw(parts(extent, depth - 1))

    if kind == "leaf" and extent in LEAVES:
        name = draw(st.sampled_from(LEAVES[extent]))
        return name, ATOM, lambda v: v[name] if name.isalpha() else np.full((1, 1), float(name))
    if kind in ("leaf", "turn"):
        x = draw(parts((columns, rows), max(depth - 1, 0)))
        return f"{wrapped(x, POWER)}'", POWER, lambda v: x[2](v).T
    if kind in ("add", "elements"):
        sign = draw(st.sampled_from(["+", "-"] if kind == "add" else [".*", "./"]))
        level = SUM if kind == "add" else PRODUCT
        scalars = draw(st.sampled_from(["no", "left", "right"]))
        a = part(("", "") if scalars == "left" else extent)
        b = part(("", "") if scalars == "right" else extent)
        if sign == "./":
            divisor = b
            b = f"(2 + {wrapped(b, ATOM)}.^2)", ATOM, lambda v: 2 + divisor[2](v) ** 2
        done = {"+": np.add, "-": np.subtract, ".*": np.multiply, "./": np.divide}[sign]
        return f"{wrapped(a, level)} {sign} {wrapped(b, level + 1)}", level, lambda v: done(a[2](v), b[2](v))
    if kind == "scale":
        a, b = part(("", "")), part(extent)
        return f"{wrapped(a, PRODUCT)}*{wrapped(b, SIGN)}", PRODUCT, lambda v: a[2](v) * b[2](v)
    if kind == "product":
        inner = draw(st.sampled_from(["n", "m", ""] if rows and columns else ["n", "m"]))
        a, b = part((rows, inner)), part((inner, columns))
        return f"{wrapped(a, PRODUCT)}*{wrapped(b, SIGN)}", PRODUCT, lambda v: a[2](v) @ b[2](v)
    if kind == "call":
        name, x = draw(st.sampled_from(sorted(FUNCTIONS))), part(extent)
        return f"{name}({x[0]})", ATOM, lambda v: FUNCTIONS[name](x[2](v))
    if kind == "sign":
        x = part(extent)
        return f"-{wrapped(x, SIGN)}", SIGN, lambda v: -x[2](v)
    if kind in ("power", "number power"):
        x, sign = part(extent), ".^" if kind == "power" else draw(st.sampled_from(["^", ".^"]))
        return f"{wrapped(x, ATOM)}{sign}2", POWER, lambda v: x[2](v) ** 2
    if kind == "total":
        name = draw(st.sampled_from(sorted(TO_NUMBER)))
        x = part(draw(st.sampled_from([("n", ""), ("", "m"), ("n", "m"), ("", "")])))
        return f"{name}({x[0]})", ATOM, lambda v: np.full((1, 1), TO_NUMBER[name](x[2](v)))
    if kind == "trace":
        name, x = draw(st.sampled_from(sorted(TRACES))), part(("n", "n"))
        return f"{name}({x[0]})", ATOM, lambda v: np.full((1, 1), TRACES[name](x[2](v)))
    if kind == "square":
        name, x = draw(st.sampled_from(sorted(OF_SQUARE))), draw(st.sampled_from(LEAVES[extent]))
        return f"{name}({x} + 9*eye)", ATOM, lambda v: OF_SQUARE[name](v[x])
    if kind == "diagonal":
        x = part(draw(st.sampled_from([("n", ""), ("", "n")])))
        return f"diag({x[0]})", ATOM, lambda v: np.diag(x[2](v).ravel())
    x = part(extent)
    return f"{wrapped(x, ATOM)}^3", POWER, lambda v: x[2](v) @ x[2](v) @ x[2](v)


VALUES = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(max_examples=20)
@given(st.data(), VALUES, st.booleans())
def test_values_are_those_of_arrays_with_two_axes(data, random, declared):
    for extent in (*LEAVES, ("", "n"), ("", "m"), ("", ""), ("n", "n"), ("n", "m")):
        text, _, value = data.draw(parts(extent, 3, root=True))
        assert_value(extent, text, value, random, declared)


def assert_value(extent, text, value, random, declared):
    """The text has the value that was written beside it, at random arrays.

    The value may be the difference of two that are alike, so that its error is one of the largest value on the way.
    """
    extents = {name: [SIZES[s] for s in (*shape, "", "")][:2] for name, shape in SHAPES.items()}
    arrays = Arrays({name: random.uniform(-1, 1, extent) for name, extent in extents.items()})
    shapes = {name: SHAPES[name] for name in names_in_matrices(text)} if declared else None
    tensor, sources = tracer.parse(text, shapes, "matrix")
    values = {t: arrays[name].reshape([SIZES[s] for s in SHAPES[name]]) for name, t in sources.items()}
    found = np.asarray(tensor.eval(values))
    expected = value(arrays)
    assert found.ndim == (0 if extent == ("", "") else 1 if extent[1] == "" else 2)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-7, atol=1e-9 * max(arrays.largest))


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("x*y'", "x*y.T"),
        ("A*B'", "A*B.T"),
        ("-a^2", "-a**2"),
        ("adj(A)", "adjugate(A)"),
        ("adj(a)", "1"),
        ("inv(A)'", "(A**(-1)).T"),
        ("det(A) + tr(A)", "Determinant(A) + Trace(A)"),
        ("diag(x)", "diag(x)"),
        ("diag(A)", "diag_part(A)"),
        ("norm1(A) + norm2(A)", "norm(A) + sum(abs(A))"),
        ("vector(3) + x", "x + 3"),
        ("matrix(0)*A + eye", "eye(m)"),
    ],
)
def test_operations_are_those_of_the_library(text, formula):
    assert str(tracer.parse(text, grammar="matrix").tensor.formula()) == formula


@pytest.mark.parametrize(
    ("text", "wrt", "gradient"),
    [
        ("x'*A*x", "x", "(A.T + A)*x"),
        ("x'*A*x", "A", "x*x.T"),
        ("norm2(A*x-y)^2", "x", "2*A.T*(A*x - y)"),
        ("norm2(A*x-y)^2", "A", "2*(A*x - y)*x.T"),
        ("norm2(A*x-y)", "x", "A.T*(A*x - y)/norm(A*x - y)"),
        ("tr(A*X'*B)", "X", "B*A"),
        ("tr(X'*A*X)", "X", "(A.T + A)*X"),
        ("log(det(X))", "X", "(X**(-1)).T"),
        ("logdet(X)", "X", "(X**(-1)).T"),
        ("sum(log(vector(1)+exp(-(y.*(X*w)))))", "w", "-X.T*(y o sigmoid(-y o (X*w)))"),
        ("x'*inv(A)*x", "x", "((A**(-1)).T + A**(-1))*x"),
        ("x'*A*x + c*sin(y)'*x", "x", "(A.T + A)*x + c*sin(y)"),
        ("norm2(A - x*y')^2", "x", "2*(x*y.T - A)*y"),
        ("norm2(X - W*H)^2", "W", "2*(W*H - X)*H.T"),
        ("c/2*w'*w + sum((X*w-y).^2)/2", "w", "X.T*(X*w - y) + c*w"),
        ("a*norm1(w) + norm2(X*w-y)^2", "w", "2*X.T*(X*w - y) + a*sign(w)"),
        ("exp(-x'*x/2)", "x", "-exp(-x.T*x/2)*x"),
        ("x'*diag(y)*x", "x", "2*(x o y)"),
        ("sum(relu(A*x))", "x", "A.T*step(A*x)"),
        ("tr((A-eye)'*(A-eye))", "A", "2*(A - eye(n))"),
        ("tr(A^-1*B)", "A", "-(A**(-1)*B*A**(-1)).T"),
        ("norm2(matrix(0)-A)^2", "A", "2*A"),
        ("x.^2'*y", "x", "2*(x o y)"),
        ("tr(x*y')", "x", "y"),
        ("tr(x'*y) + det(x'*x) + inv(a)*diag(x'*y)", "y", "(1 + 1/a)*x"),
        ("sum(1./x)", "x", "-1/x**2"),
    ],
)
def test_gradients_are_written_as_by_hand(text, wrt, gradient):
    loss, sources = tracer.parse(text, grammar="matrix")
    assert str(tracer.gradients(loss, sources[wrt])[0].formula()) == gradient


def shapes_of(text, **options):
    return {name: tuple(map(str, t.shape)) for name, t in tracer.parse(text, grammar="matrix", **options)[1].items()}


def test_sizes_are_found_from_how_they_meet():
    assert shapes_of("norm2(A*x - y)^2") == {"A": ("n", "m"), "x": ("m",), "y": ("n",)}
    assert shapes_of("x'*A*x") == {"x": ("n",), "A": ("n", "n")}
    assert shapes_of("W*H - X") == {"W": ("n", "m"), "H": ("m", "k"), "X": ("n", "k")}
    assert shapes_of("A*x - y", shapes={"y": 3}) == {"A": ("3", "n"), "x": ("n",), "y": ("3",)}
    assert shapes_of("A*x", shapes={"A": ("m", "n")}) == {"A": ("m", "n"), "x": ("n",)}
    assert shapes_of("diag(x) + A + inv(B)") == dict.fromkeys("AB", ("n", "n")) | {"x": ("n",)}


def test_a_name_of_a_size_is_no_source_and_no_other_size():
    assert shapes_of("n'*A*k") == {"n": ("m",), "A": ("m", "l"), "k": ("l",)}
    assert shapes_of("A*B", shapes={"B": ("n", "n")}) == {"A": ("m", "n"), "B": ("n", "n")}
    reader = MatrixReader({})
    assert [str(reader.read(text).shape) for text in ("x", "y", "x*y'")] == ["(n,)", "(m,)", "(n, m)"]


def test_a_declared_size_is_a_number_in_the_expression():
    mean = tracer.parse("sum(x)/n", {"x": "n"}, "matrix")
    assert list(mean.sources) == ["x"]
    assert mean.tensor.eval({"x": np.array([1.0, 2.0, 6.0])}) == 3.0
    assert shapes_of("sum(x)/c", shapes={"x": "c"}) == {"x": ("c",)}


def test_the_first_letter_of_a_name_or_a_declaration_says_what_it_is():
    shapes = shapes_of("alpha + d2 + g + sum(h) + sum(lambda) + sum(z_1) + sum(Sigma) + sum(Z)")
    assert [len(shape) for shape in shapes.values()] == [0, 0, 0, 1, 1, 1, 2, 2]
    declared = shapes_of("lambda*a'*X*eye", shapes={"lambda": (), "a": "n", "X": ("n", "k"), "eye": ("k", 2)})
    assert declared == {"lambda": (), "a": ("n",), "X": ("n", "k"), "eye": ("k", "2")}


def test_rows_are_matrices_with_one_row():
    row, _ = tracer.parse("x'*A", grammar="matrix")
    assert (str(row.shape), str(row.formula())) == ("(1, m)", "x.T*A")
    assert str(tracer.parse("exp(x'')", grammar="matrix").tensor.shape) == "(n,)"
    assert str(tracer.parse("(x*y')*z", grammar="matrix").tensor.formula()) == "(y.T*z)*x"


def test_texts_that_are_read_alike_find_their_sizes_together():
    first, second = MatrixReader({}).read_alike("A*x", "eye*A*(A*x)")
    assert first.shape == second.shape == (*first.shape,)
    with pytest.raises(ExpressionError, match="both must have the same shape"):
        MatrixReader({}).read_alike("A*x", "x'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x*y", "in 'x*y' the sizes do not fit: 'x' is a column and 'y' is a column; write ' to transpose one, or .*"),
        ("A*x + B*y'", "in \"B*y'\" the sizes do not fit: 'B' is a matrix and \"y'\" is a row"),
        ("x + y'", "both must have the same rows and columns"),
        ("A.*x", "'A' is a matrix and 'x' is a column"),
        ("x^2", "in 'x^2' the sizes do not fit: 'x' is a column; write .^ for powers of elements"),
        ("A^x", "in 'A^x' 'x' is a column; an exponent is a number, and a transpose is written A'"),
        ("A^T", "'T' is a matrix; an exponent is a number, and a transpose is written A'"),
        ("A^0.5", "a matrix has the exponent 0.5, which must be an integer"),
        ("A^a", "which must be an integer"),
        ("A^9999999", "of at most 1000000"),
        ("x/y", "in 'x/y' 'y' is a column; write ./ to divide elements, or inv(A)*x"),
        ("inv(x)", "it has to be a square matrix"),
        ("vector(x)", "in 'vector(x)' 'x' is a column; write the number that all elements are, as in vector(1)"),
        ("λ*x", "what 'λ' is does not follow from its first letter; declare its shape"),
        ("_x", "does not follow from its first letter"),
        ("sinn(x)", "there is no function 'sinn'; did you mean 'sin'?"),
        ("__import__(x)", "there is no function '__import__'"),
        ("matmul(x)", "there is no function 'matmul'"),
        ("9^(9^9)", "more than 1024 bits"),
        ("2^-99999*x", "more than 1024 bits"),
        ("9" * 400, "more than 1024"),
        ("1e999*x", "real and finite"),
        ("1/0*x", "can't be computed"),
    ],
)
def test_what_can_not_be_read_is_refused(text, message):
    with pytest.raises(ExpressionError) as caught:
        tracer.parse(text, grammar="matrix")
    assert message in str(caught.value)


def test_declared_sizes_that_clash_are_named():
    with pytest.raises(ExpressionError) as caught:
        tracer.parse("x'*A*x + 1", {"A": ("n", "m")})
    message = "in \"x'*A*x\" the sizes m and n differ: \"x'*A\" is a row of size m and 'x' is a column of size n"
    assert str(caught.value).startswith(message)
    with pytest.raises(ExpressionError, match="the sizes 3 and 4 differ: 'A' is a matrix of size n by 3 and 'B'"):
        tracer.parse("A*B", {"A": ("n", 3), "B": (4, "n")}, "matrix")


PIECES = [*"xyABac2.'*/^+-()", ".*", "./", ".^", "sin(", "tr(", "norm2(", "vector(", "eye", "diag(", "inv("]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_read_or_refused_with_a_library_error(text):
    try:
        tensor = tracer.parse(text, grammar="matrix").tensor
    except (TypeError, ValueError, LookupError, RuntimeError):
        return
    assert isinstance(tensor, tracer.Tensor)
