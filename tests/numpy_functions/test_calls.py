"""Each function against NumPy: value, shape, kind of dtype, and the gradient in one direction by differences.

The calls are made on arrays under ``grad`` and on placeholders of symbolic shape.
"""

import ast
import math
import warnings

import numpy as np
import pytest
import scipy.special

import tracer
from tests.helpers import assert_each
from tests.numpy_functions.calls import ARRAYS, CALLS, MASK, parsed

SYMBOLS = {2: "l", 3: "k", 4: "m", 5: "n"}


def run(call, **arrays):
    """The outputs of a call, statements before it separated by two semicolons."""
    scope = {"np": np, "sp": scipy.special, "MASK": MASK, **arrays}
    *statements, last = (part.strip() for part in call.split(";;"))
    for statement in statements:
        exec(statement, scope)
    return flattened(eval(last, scope))


def flattened(out):
    return [leaf for part in out for leaf in flattened(part)] if isinstance(out, (tuple, list)) else [out]


def used(call):
    nodes = [node for part in call.split(";;") for node in ast.walk(ast.parse(part.strip()))]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return [name for name in ARRAYS if name in names]


def weights(shape):
    return np.cos(1.7 * np.arange(math.prod(shape)) + 1.0).reshape(shape) + 0.3


def total(outs):
    """A weighted sum of the float outputs; NaN and infinities count as zero."""
    result = 0.0
    for out in outs:
        value = np.asarray(out)
        if value.dtype.kind == "f":
            result += np.sum(np.where(np.isfinite(value), value, 0.0) * weights(value.shape))
    return result


def expected_slope(call, arrays, directions):
    def at(step):
        return total(run(call, **{k: a + step * directions[k] if k in directions else a for k, a in arrays.items()}))

    h = 1e-5
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)


def assert_outputs(outs, values, expected):
    assert len(values) == len(expected)
    for out, value, want in zip(outs, values, expected):
        value, want = np.asarray(value), np.asarray(want)
        assert value.shape == want.shape
        if isinstance(out, tracer.Tensor):
            assert np.dtype(out.dtype).kind == want.dtype.kind, (out.dtype, want.dtype)
        np.testing.assert_allclose(value.astype(float), want.astype(float), rtol=1e-9, atol=1e-11)


def loss(outs, traced_weights):
    """The traced form of :func:`total`."""
    result = tracer.constant(0.0)
    for out, weight in zip(outs, traced_weights):
        if isinstance(out, tracer.Tensor) and out.dtype in ("float64", "float32"):
            finite = tracer.where(tracer.math.is_finite(out), tracer.cast(out, "float64"), 0.0)
            result = result + tracer.reduce_sum(finite * weight)
    return result


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def prepared(call):
    arrays = {name: ARRAYS[name] for name in used(call)}
    floats = {name: a for name, a in arrays.items() if name[0] != "t"}
    rng = np.random.default_rng(len(call))
    directions = {name: rng.normal(size=a.shape) * np.isfinite(a) for name, a in floats.items()}
    return arrays, floats, directions, run(call, **arrays), expected_slope(call, arrays, directions)


def assert_slope(gradients, directions, expected):
    if not directions:
        return
    found = sum(np.sum(np.where(directions[name] != 0, g, 0.0) * directions[name]) for name, g in gradients.items())
    assert math.isclose(found, expected, rel_tol=1e-5, abs_tol=1e-6 * max(1.0, abs(expected))), (found, expected)


def under_grad(call, arrays, floats, directions, expected, slope):
    others = {k: tracer.constant(a) if k[0] == "t" else a for k, a in arrays.items() if k not in floats}
    kept = []

    def function(*sources):
        kept[:] = run(call, **others, **dict(zip(floats, sources)))
        return loss(kept, [weights(np.shape(e)) for e in expected])

    found = tracer.grad(function, tuple(range(len(floats))))(*floats.values()) if floats else ()
    if not floats:
        function()
    values = [out.numpy() if isinstance(out, tracer.Tensor) else out for out in kept]
    assert_outputs(kept, values, expected)
    assert_slope({name: g.numpy() for name, g in zip(floats, found)}, directions, slope)


def on_symbolic_shapes(call, arrays, floats, directions, expected, slope):
    sources = {
        name: tracer.placeholder(name, tuple(SYMBOLS.get(d, d) for d in a.shape), str(a.dtype))
        for name, a in arrays.items()
    }
    feed = {sources[name]: a for name, a in arrays.items()}
    outs = run(call, **sources)
    if not all(isinstance(out, tracer.Tensor) for out in outs):
        return
    values = [out.eval(feed) for out in outs]
    assert_outputs(outs, values, expected)
    placed = [tracer.placeholder(f"weight{k}", out.shape) for k, out in enumerate(outs)]
    feed.update({t: weights(np.shape(e)) for t, e in zip(placed, expected)})
    gradients = tracer.gradients(loss(outs, placed), [sources[name] for name in floats])
    found = {name: g.eval(feed) for name, g in zip(floats, gradients) if g is not None}
    for name, g in found.items():
        assert g.shape == arrays[name].shape
    assert_slope(found, directions, slope)


SIZES = r"size|shape|dimension|elements|vectors of|do not broadcast"


def assert_numpys(call):
    plain = call.removeprefix("!")
    case = prepared(plain)
    under_grad(plain, *case)
    if plain == call:
        on_symbolic_shapes(plain, *case)
    else:
        with pytest.raises((TypeError, ValueError, LookupError), match=SIZES):
            on_symbolic_shapes(plain, *case)


@pytest.mark.parametrize("family", CALLS)
def test_calls_are_numpys(family):
    assert_each(assert_numpys, {call: (call,) for call in parsed(CALLS[family])})


IN_EXACT_DTYPES = """
    np.fmax(f, 2.5) | np.fmin(i, 2) | np.fmax(f, np.float32(2)) | np.heaviside(f, np.float32(2)) | np.logaddexp2(f, 2)
    np.sum(i) | np.prod(i) | np.cumsum(i) | np.cumprod(i) | np.cumulative_sum(i) | np.nansum(i)
    np.trace(np.outer(i, i)) | np.sum(x, dtype=bool) | np.prod(b, dtype=bool) | np.mean(x, dtype=int)
    np.mean(b, dtype=bool) | np.cumsum(b, dtype=bool) | np.sum(i, initial=7.5) | np.prod(i, initial=2.5)
    np.max(i, initial=7.5) | np.min(b, initial=1) | np.max(f, initial=9) | np.max(i[:0], initial=2.5)
    np.sum(f, initial=1.5) | np.mean(f, where=b) | np.var(f, where=b) | np.nanmean(f) | np.nanstd(f)
    np.nanvar(x, dtype="float32") | np.nanquantile(f, 0.3) | np.quantile(i, 0.3, method="lower") | np.quantile(f, 0.3)
    np.quantile(i, [0.2, 0.6], method="inverted_cdf") | np.quantile(i, 0.4, method="nearest") | np.quantile(i, 0.4)
    np.linspace(f, 2.0, 3) | np.linspace(f[0], f[1], 3) | np.linspace(f, x, 3) | np.geomspace(f, 2.0, 3)
    np.linspace(i, 2, 3) | np.pad(i, (3, 2), "linear_ramp", end_values=(15, -4)) | np.pad(b, 2, "linear_ramp")
    np.pad(f, 2, "linear_ramp") | np.logaddexp(f, 0.0) | np.logaddexp(0, f) | np.fmod(f, 2) | np.heaviside(f, 0.5)
    np.ldexp(f, i) | np.float_power(f, 2) | np.angle(f) | np.cov(f) | np.interp(f, x, f) | np.bincount(i, weights=f)
    np.float_power(f, f) | np.fmod(f, np.float64(2)) | sp.rel_entr(f, f + 1) | sp.kl_div(f, 1.0) | sp.huber(1.0, f)
    sp.boxcox(f, 0.5) | sp.binom(f, 1.0) | np.linalg.lstsq(np.outer(x, x), x)[2]
    np.quantile(x, 0.7, method="weibull") | np.geomspace(-x, x, 3)[1] | np.quantile(y, 0.2)
    np.quantile(y, 0.3, method="hazen")
"""
SHORT = {
    "x": np.array([0.3, 1.5, 2.9]), "f": np.array([0.3, 1.5, 2.9], "float32"), "i": np.array([2, 7, 1], "int32"),
    "b": np.array([True, False, True]), "y": np.array([-np.inf, 1.0, 2.0, 4.0]),
}  # fmt: skip


@pytest.mark.parametrize("call", parsed(IN_EXACT_DTYPES))
def test_a_value_is_of_numpys_dtype(call):
    (want,) = map(np.asarray, run(call, **SHORT))
    (out,) = run(call, **{name: tracer.constant(a, a.dtype) for name, a in SHORT.items()})
    value = np.asarray(out.numpy())
    assert (out.dtype, value.dtype, value.shape) == (want.dtype, want.dtype, want.shape)
    np.testing.assert_allclose(value.astype(float), want.astype(float), rtol=1e-6)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("function", [np.convolve, np.correlate])
def test_a_short_vector_slides_along_one_of_symbolic_size_on_either_side(function, mode):
    kernel, signal = np.array([1.0, -2.0]), np.array([0.3, 1.5, 2.9, -1.0])
    x = tracer.placeholder("x", ("n",))
    for call in (lambda a: function(kernel, a, mode), lambda a: function(a, kernel, mode)):
        np.testing.assert_allclose(call(x).eval({x: signal}), call(signal))
