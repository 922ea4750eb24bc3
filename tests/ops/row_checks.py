"""What holds of a call of a row: each check raises AssertionError where it does not."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy

import tracer as tf
from tests.formulas.readers import algebra
from tests.formulas.texts import FORMS, faults
from tests.helpers import list_backends
from tracer import runtime
from tracer.formulas.errors import FormulaError
from tracer.program.program import Program
from tracer.rules import TABLE, Elementwise

from .samples import LARGER, SIZES, Sample

UNWRITTEN = {
    **dict.fromkeys(("argmax", "argmin", "argsort", "segment_max"), FORMS),
    **dict.fromkeys(("reduce_all", "reduce_any", "one_hot", "scatter"), FORMS),  # of conditions, or nameless integers
    "recurrence": ("matrix", "where"),
}
"""Rows that some notations do not write."""
UNREAD = {"logical_and", "logical_not", "logical_or", "logical_xor"}
"""Rows of conditions that the readers do not know, or notations do not write: conditions that are sources."""
WRITTEN_BY_OTHERS = {
    "cofactors",
    "cofactors_frechet",
    "logdet",
    "reduce_logsumexp",
    "softmax",
    "spectral_frechet",
    "spectral_function",
}
"""Rows whose formulas are of other functions than their code."""
WITHOUT_ELEMENTS = {"eigenvectors"}
"""Rows whose components are refused."""

LOOPS_LACK = (
        "cast", "cofactors_frechet", "digamma", "eigenvectors", "eigvalsh", "erfcinv", "erfinv", "expm", "expm_frechet",
        "logm", "logm_frechet", "lu", "lu_permutation", "matrix_power", "matrix_power_frechet", "ndtri", "pinv",
        "polygamma", "qr_q", "spectral_frechet", "spectral_function", "sqrtm", "sqrtm_frechet", "svd", "svd_full_left",
        "svd_full_right", "svd_left", "svd_right", "zeta",
    )  # fmt: skip
"""Rows that backends which write loops do not have; of casts those to 32 bits."""
LACKING = {
    "numpy": (),
    "torch": (
        "logm", "logm_frechet", "polygamma", "spectral_frechet", "spectral_function", "sqrtm", "sqrtm_frechet", "zeta",
    ),
    "array_api": (
        "erfcinv", "erfinv", "logm", "logm_frechet", "lu", "lu_permutation", "ndtri", "polygamma", "spectral_frechet",
        "spectral_function", "sqrtm", "sqrtm_frechet", "zeta",
    ),
    "jax": (
        "erfcinv", "logm", "logm_frechet", "lu", "lu_permutation", "polygamma", "spectral_frechet",
        "spectral_function", "sqrtm", "sqrtm_frechet", "zeta",
    ),
    "c": LOOPS_LACK,
    "numba": LOOPS_LACK,
}  # fmt: skip
"""Rows that backends for arrays do not have."""
LOOPING = ("c", "numba")
"""Backends with rules of their own, which a row of a test has not."""

UNSIGNED = {"svd_full_right"}
"""Rows of vectors that libraries may give another sign, since no singular value tells it."""

Check = Callable[[str, Sample], None]

CONTEXTS: dict[str, Callable[[Any], Any]] = {
    "subtracted": lambda y: 2 - y,
    "multiplied": lambda y: 3 * y,
    "raised": lambda y: y**2,
    "first": lambda y: y[0],
    "transposed": lambda y: (tf.transpose if isinstance(y, tf.Tensor) else np.transpose)(y),
}
"""Where the code of a row may stand: there it has to be put in parentheses, or not."""


def close(found: Any, expected: Any, rtol: float = 1e-9) -> None:
    """Both are numbers of one shape that differ by rounding."""
    found, expected = (np.asarray(v, float) for v in (found, expected))
    assert found.shape == expected.shape, f"shape {found.shape}, not {expected.shape}"
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * np.max(np.abs(expected), initial=0))


def sizes_of(tensor: tf.Tensor, values: dict[str, int] = SIZES) -> tuple[int, ...]:
    """The shape with the values of dimensions."""
    dims = map(sympy.sympify, tensor.shape)
    return tuple(int(d.xreplace({s: values[s.name] for s in d.free_symbols})) for d in dims)


def elements(sample: Sample, arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The value by the components, in thirty digits."""
    sources = sample.sources(concrete=True)
    tensor = sample.build(*sources)
    found = tensor.components()
    flat = list(found._array) if hasattr(found, "_array") else [found]
    point = {}
    for source, array in zip(sources, arrays):
        base = sympy.IndexedBase(source.name, real=True)
        point |= {base[k] if k else sympy.Symbol(source.name, real=True): v for k, v in np.ndenumerate(array)}
    symbols = {s: sympy.Dummy() for s in point}
    written = [sympy.sympify(e).xreplace(symbols).doit() for e in flat]
    function = sympy.lambdify(list(symbols.values()), written, "mpmath")
    with mpmath.workdps(30):
        values = [complex(v) for v in function(*(mpmath.mpf(float(v)) for v in point.values()))]
    assert all(abs(v.imag) < 1e-12 for v in values)
    return np.reshape([v.real for v in values], tensor.shape)


@cache
def expected_value(sample: Sample) -> np.ndarray:
    """The value of what is drawn first, by other means than the row's code."""
    return value_at(sample, sample.draw(0))


def value_at(sample: Sample, arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The value by the reference, or else by the components."""
    return np.asarray(sample.reference(*arrays)) if sample.reference else elements(sample, arrays)


def check_value(name: str, sample: Sample) -> None:
    """The code, the components and the reference agree, in value, shape and dtype."""
    arrays, sources = sample.draw(0), sample.sources()
    tensor = sample.build(*sources)
    found = np.asarray(tensor.eval(dict(zip(sources, arrays))))
    assert found.dtype == tensor.dtype
    close(found, expected_value(sample))
    assert found.shape == sizes_of(tensor)
    op = TABLE[name]
    if sample.reference is not None and (op.components is not None or isinstance(op, Elementwise)):
        try:
            close(found, elements(sample, arrays))
        except (TypeError, ValueError):
            assert name in WITHOUT_ELEMENTS
        else:
            assert name not in WITHOUT_ELEMENTS


def check_batch(name: str, sample: Sample) -> None:
    """A batch is its members; a row without a rule for batches is refused by name."""
    batch = [np.stack(pair) for pair in zip(sample.draw(0), sample.draw(1))]
    try:
        found = tf.vectorized_map(lambda args: sample.build(*args), tuple(map(tf.constant, batch))).numpy()
    except LookupError:
        assert TABLE[name].batch is None
        return
    members = [sample.build(*map(tf.constant, sample.draw(seed))).numpy() for seed in (0, 1)]
    close(found, np.stack(members))


def slopes(sample: Sample, seed: int = 0) -> Iterator[tuple[float, float]]:
    """The first and the second derivative of a curved function of the result along a direction, and differences."""
    sources = sample.sources()
    arrays, start, end = (sample.draw(k, LARGER) for k in (seed, seed + 7, seed + 8))
    along = [a - b for a, b in zip(start, end)]
    directions = [tf.placeholder(f"d{k}", s.shape, s.dtype) for k, s in enumerate(sources)]
    result = sample.build(*sources)
    weights = np.random.default_rng(seed).normal(size=sizes_of(result, LARGER))
    C = tf.placeholder("weights", result.shape)
    scalar = tf.reduce_sum(C * result + result * result / 2)
    step = 1e-5 if sample.dtype == "float64" else 2**-4
    for _ in (1, 2):
        gradients = tf.gradients(scalar, sources, unconnected_gradients="zero")
        assert [(g.shape, g.dtype) for g in gradients] == [(s.shape, s.dtype) for s in sources]
        slope = tf.add_n([tf.reduce_sum(tf.cast(g * d, "float64")) for g, d in zip(gradients, directions)])
        given = [*sources, *directions, C]
        function = tf.compile([scalar, slope], given)
        ends = [
            function(*(a + np.asarray(h * d, a.dtype) for a, d in zip(arrays, along)), *along, weights)[0]
            for h in (step, -step)
        ]
        yield float(function(*arrays, *along, weights)[1]), float(ends[0] - ends[1]) / (2 * step)
        scalar = slope


def check_derivatives(name: str, sample: Sample) -> None:
    """The first and the second derivative are differences."""
    tolerance = 1e-6 if sample.dtype == "float64" else 1e-3
    for found, expected in slopes(sample):
        assert abs(found - expected) <= tolerance * (1 + abs(expected)), f"{found} is not {expected}"


def check_gradients_of_batches(name: str, sample: Sample) -> None:
    """The gradient at a batch is that at its members, where the operation itself takes a batch."""

    def gradients(arrays: Sequence[np.ndarray], weights: np.ndarray) -> list[np.ndarray]:
        xs = list(map(tf.constant, arrays))
        weighted = tf.reduce_sum(weights * sample.build(*xs))
        return [g.numpy() for g in tf.gradients(weighted, xs, unconnected_gradients="zero")]

    members = [sample.draw(seed, LARGER) for seed in (0, 1)]
    weights = np.random.default_rng(0).normal(size=(2, *sample.build(*map(tf.constant, members[0])).shape))
    each = [gradients(arrays, w) for arrays, w in zip(members, weights)]
    for found, expected in zip(gradients([np.stack(pair) for pair in zip(*members)], weights), zip(*each)):
        close(found, np.stack(expected))


def check_contexts(name: str, sample: Sample) -> None:
    """The code is put in parentheses where it needs them, in functions that are kept and in NumPy text."""
    arrays, sources = sample.draw(0), sample.sources()
    expected = expected_value(sample)
    if sample.build(*sources).dtype == "bool":
        return
    for context, place in CONTEXTS.items():
        if context == "first" and not expected.ndim:
            continue
        tensor = place(sample.build(*sources))
        close(tf.compile(tensor, sources)(*arrays), place(expected))
        try:
            text = tf.formula(tensor, form="python")
        except FormulaError:
            continue
        scope = {"np": np, **SIZES, **{s.name: a for s, a in zip(sources, arrays)}}
        with np.errstate(all="ignore"):  # A choice computes both of its branches.
            value = eval(text, scope)
        close(value, place(expected), 1e-9 if sample.dtype == "float64" else 1e-6)


def check_backends(name: str, sample: Sample, lacking: bool = False) -> None:
    """Each backend has the value, or says what it lacks before anything runs; ``lacking`` where others may lack it."""
    arrays, sources = sample.draw(0), sample.sources()
    tensor = sample.build(*sources)
    for backend in list_backends():
        if lack := backend.lacks(Program([tensor], sources)):
            is_own = name.endswith("_of_the_tests") and backend.name in LOOPING
            may_lack = (lacking and backend.name != "numpy") or name in LACKING.get(backend.name, ())
            assert not backend.arrays or is_own or may_lack, lack
        else:
            found = tf.compile(tensor, sources, backend=backend.name)(*arrays)
            expected = expected_value(sample)
            if name in UNSIGNED and backend.foreign:
                found, expected = np.abs(found), np.abs(expected)
            close(found, expected)


def check_formulas(name: str, sample: Sample) -> None:
    """Each notation has the value when it is read back, or is refused where this is known."""
    arrays, sources = sample.draw(0), sample.sources()
    tensor = sample.build(*sources)
    expected = np.asarray(expected_value(sample), float)
    named = {s.name: np.asarray(a, float) for s, a in zip(sources, arrays)}
    refused = set(UNWRITTEN.get(name, ()))
    helpers = {"from scipy import", *(f"def {own}(" for own in runtime.__all__)}
    if any(map(tf.compile(tensor, sources).source.__contains__, helpers)) and name not in WRITTEN_BY_OTHERS:
        refused.add("python")
    try:
        with readable(name, sample):
            found = faults(tensor, SIZES, named, expected, refused)
    except TypeError as error:
        found = [str(error)]
    if name in UNREAD:
        assert found, f"{name} is read"
    else:
        assert not found, "\n".join(found)


@contextmanager
def readable(name: str, sample: Sample) -> Iterator[None]:
    """Let the readers of formulas know what is written by the name of a row: its value by components."""

    def of_matrices(*operands: Any) -> Any:
        own = sample.draw(0)
        arrays = [algebra.matrix(v).array for v in operands[: len(own)]]  # then there are the numbers of the call
        drawn = all(map(np.array_equal, arrays, own))
        return algebra.definite(lambda _: expected_value(sample) if drawn else value_at(sample, arrays))(operands[0])

    op = TABLE[name]
    elementwise = isinstance(op, Elementwise)
    latex = getattr(op.template.func, "latex", "") if elementwise else op.latex
    known = algebra.ELEMENTS if elementwise else algebra.MATRICES
    names = {name, latex.removeprefix(r"\operatorname{").rstrip("}")} - {"", *known}
    known.update(dict.fromkeys(names, np.vectorize(sample.reference, otypes=[float]) if elementwise else of_matrices))
    try:
        yield
    finally:
        for own in names:
            del known[own]
