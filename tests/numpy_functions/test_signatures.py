"""The signatures are NumPy's, and what is not served is refused by its name."""

import inspect

import numpy as np
import pytest
import scipy.special

import tracer
from tracer.numpy_functions import FUNCTIONS, METHODS, UFUNCS
from tracer.numpy_functions.signatures import numpy_function

LEAVING = {"row_stack"}
"""What some versions of NumPy have no more."""


def numpys(name):
    module, _, function = name.rpartition(".")
    places = {"": np, "linalg": np.linalg, "lib.stride_tricks": np.lib.stride_tricks}
    return getattr(places[module], function, None)


def signature_fault(name):
    """In what the parameters differ from those of NumPy's function."""
    expected = inspect.signature(numpys(name)).parameters
    ours = inspect.signature(FUNCTIONS[name].__wrapped__).parameters
    missing = [p for p, v in expected.items() if p not in ours and v.kind is not v.VAR_KEYWORD]
    positional = [p for p, v in ours.items() if v.kind is not v.KEYWORD_ONLY and p in expected]
    order = [p for p in expected if p in ours]
    return missing or (positional != order[: len(positional)] and (positional, order)) or None


def test_functions_have_the_parameters_of_numpys():
    assert {name for name in FUNCTIONS if numpys(name) is None} - LEAVING == {"flatten"}
    faults = {name: signature_fault(name) for name in FUNCTIONS if numpys(name) is not None}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_universal_functions_and_methods_bear_the_names_of_numpys_and_scipys():
    places = (np, scipy.special, scipy.special._ufuncs)
    assert [name for name in UFUNCS if not any(hasattr(place, name) for place in places)] == []
    assert [name for name in METHODS if not hasattr(np.ndarray, name)] == []


v = tracer.constant([1.0, 2.0, 4.0])
M = tracer.constant([[1.0, 2.0], [3.0, 4.0]])
n = tracer.placeholder("p", ("n",))
REFUSED = [
    (lambda: np.sum(v, out=np.zeros(())), TypeError, "sum of a tensor does not take out"),
    (lambda: np.add(v, v, out=np.zeros(3)), TypeError, "add of a tensor does not take out"),
    (lambda: np.add(v, v, where=np.ones(3, bool)), TypeError, "add of a tensor does not take where"),
    (lambda: np.stack([v, v], casting="unsafe"), TypeError, "stack of a tensor does not take casting"),
    (lambda: np.linalg.pinv(M, hermitian=True), TypeError, "linalg.pinv of a tensor does not take hermitian"),
    (lambda: np.quantile(v, 0.5, weights=v), TypeError, "quantile of a tensor does not take weights"),
    (lambda: v.mean(out=np.zeros(())), TypeError, "mean of a tensor does not take out"),
    (lambda: v.sum(foo=1), TypeError, "'foo'"),
    (lambda: np.sum(v, axis=[0]), TypeError, "the axis of sum is an int or a tuple of ints"),
    (lambda: np.outer(v), TypeError, "missing .* 'b'"),
    (lambda: np.gcd(tracer.constant([1]), 2), TypeError, "np.gcd has no counterpart"),
    (lambda: np.add.at(v, [0], 1.0), TypeError, "np.add.at has no counterpart"),
    (lambda: np.max(v, where=np.ones(3, bool)), ValueError, "needs initial"),
    (lambda: np.maximum.reduce(n[None], axis=None, where=True), None, ""),
    (lambda: np.fmax.reduce(n), ValueError, "axis of known size"),
    (lambda: np.subtract.accumulate(M, axis=None), TypeError, "runs along one axis"),
    (lambda: np.negative(v > 1), TypeError, "negative of booleans is not defined; write logical_not"),
    (lambda: np.bitwise_and(tracer.constant([1]), 2), TypeError, "bitwise_and of integers is not served"),
    (lambda: np.power(tracer.constant([2]), -1), ValueError, "integers to the negative power -1"),
    (lambda: np.matvec(M, v), ValueError, "matvec: the sizes of axis -1"),
    (lambda: np.reshape(M, 4, order="X"), ValueError, "order of reshape"),
    (lambda: np.moveaxis(M, (0, 1), 0), ValueError, "2 axes in source, 1 in destination"),
    (lambda: np.cumulative_sum(M), ValueError, "axis must be given for a cumulative function of a tensor of rank 2"),
    (lambda: np.diff(v[0]), ValueError, "diff takes an array with an axis at least"),
    (lambda: np.gradient(v > 1), TypeError, "gradient of booleans is not defined"),
    (lambda: np.interp(v, [], []), ValueError, "one point at least, xp is empty"),
    (lambda: np.convolve(v, tracer.zeros(0)), ValueError, "takes vectors with elements, one is empty"),
    (lambda: np.polyfit(v, M[None], 1), TypeError, r"got the shapes \(3,\) and \(1, 2, 2\)"),
    (lambda: np.lib.stride_tricks.sliding_window_view(M, (2, 2), 0), ValueError, "2 sizes in window_shape for 1 axes"),
    (lambda: np.lib.stride_tricks.sliding_window_view(v, 4), ValueError, "window_shape 4 is larger than axis 0"),
    (lambda: np.apply_along_axis(np.sum, 0, tracer.zeros((2, 0))), ValueError, "takes arrays with elements"),
    (lambda: np.apply_along_axis(np.sum, 0, tracer.zeros(0)), None, ""),
    (lambda: np.put_along_axis(v, np.array([0]), 1.0, 0), TypeError, r"assign with an index, array\[index\] = values"),
    (lambda: np.vander(M), ValueError, r"vander takes a vector, got the shape \(2, 2\)"),
    (lambda: np.vander(v, tracer.symbols("k")), ValueError, "a known number of columns N"),
    (lambda: np.linalg.norm(M, axis=(0, 1, 1)), ValueError, "one axis for vectors or two for matrices"),
    (lambda: np.linalg.lstsq(M, M[None]), ValueError, "lstsq takes a matrix and a vector or matrix"),
    (lambda: np.linalg.tensorinv(M, ind=0), ValueError, "the ind of tensorinv is positive, got 0"),
    (lambda: np.cross(v[0], v), ValueError, "cross takes vectors, got a scalar"),
    (lambda: np.ravel_multi_index((tracer.constant([1]),), (2,), order="K"), ValueError, "is 'C' or 'F', got 'K'"),
    (lambda: np.ravel_multi_index((tracer.constant([1]),), (2, 2)), ValueError, "1 coordinates for 2 dimensions"),
    (lambda: np.ravel_multi_index((tracer.constant([5]),), (2,)), ValueError, "out of range for a dimension of 2"),
    (lambda: np.quantile(v > 1, 0.5), TypeError, "quantile and percentile of booleans"),
    (lambda: np.quantile(tracer.zeros(0), 0.5), ValueError, "an axis without elements has no value"),
    (lambda: np.bincount(tracer.constant([-1])), ValueError, "bincount takes no negative integers"),
    (lambda: np.ldexp(v, v), TypeError, r"integers as its second operand; write x1 \* 2.0\*\*x2"),
    (lambda: np.rot90(M, axes=(0, 0)), ValueError, "two different axes"),
    (lambda: np.roll(v, 1.5), TypeError, "the shift of roll"),
    (lambda: np.diagonal(v), ValueError, "diagonal takes an array with 2 axes"),
    (lambda: np.diag(M[None]), ValueError, "diag takes a vector or a matrix"),
    (lambda: np.trace(v), ValueError, "trace takes an array with 2 axes"),
    (lambda: np.tril(tracer.constant(1.0)), ValueError, "tril and triu"),
    (lambda: np.meshgrid(v, sparse=True, indexing="xx"), ValueError, "indexing of meshgrid"),
    (lambda: np.vstack([v, v], dtype=np.float32), TypeError, "vstack of tensors does not narrow to dtype float32"),
    (lambda: np.block([[M], M]), ValueError, "nested to one depth|shapes"),
    (lambda: np.array_split(v, 0), ValueError, "one section at least"),
    (lambda: np.hsplit(tracer.constant(1.0), 1), ValueError, "hsplit takes an array with more axes"),
    (lambda: np.delete(n, 1), ValueError, "delete of a tensor takes an axis of known size"),
    (lambda: np.pad(v, 1, "circular"), ValueError, "the mode of pad is one of 'constant', 'edge'"),
    (lambda: np.pad(v, 1, "edge", constant_values=1), ValueError, "pad in mode 'edge' does not take constant_values"),
    (lambda: np.pad(v, 1, lambda *a: a), TypeError, "the mode of pad is a name"),
    (lambda: np.pad(v, 1, "reflect", reflect_type="x"), ValueError, "reflect_type of pad"),
    (lambda: np.pad(M, ((1, 1), (1, 1), (1, 1))), ValueError, "a pair for each of the 2 axes"),
    (lambda: np.pad(tracer.zeros(0), 1, "wrap"), ValueError, "extend the empty axis"),
    (lambda: np.pad(tracer.zeros(0), 1, "mean"), ValueError, "extend the empty axis 0 in mode 'mean'"),
    (lambda: np.pad(v, -1), ValueError, "pad_width of pad takes no negative numbers, got -1"),
    (lambda: np.pad(v, 1.5), TypeError, "pad_width of pad takes integers, got 1.5"),
    (lambda: np.pad(v, 1, "mean", stat_length=-1), ValueError, "stat_length of pad takes no negative numbers"),
    (lambda: np.sum(v, where=[1.0, 0.0, 1.0]), TypeError, "where of a reduction takes booleans, got float64"),
    (lambda: np.nanmean(v, where=[1, 0, 1]), TypeError, "where of a reduction takes booleans, got int64"),
    (lambda: np.sum(v, where=np.ones((2, 3), bool)), ValueError, "must broadcast to the elements, of shape \\(3,\\)"),
    (lambda: np.var(v, dtype=int), TypeError, "dtype of a variance or deviation is a float"),
    (lambda: np.nanvar(v, ddof=1, correction=1), ValueError, "ddof and correction of a variance are one thing"),
    (lambda: np.ptp(v > 1), TypeError, "ptp of booleans is not defined"),
    (lambda: np.sort(v, kind="bubble"), ValueError, "kind of sort"),
    (lambda: np.searchsorted(v, v, side="middle"), ValueError, "side of searchsorted"),
    (lambda: np.searchsorted(M, v), ValueError, "searchsorted takes a vector"),
    (lambda: np.digitize(v, [0.0, 2.0, 1.0]), ValueError, "must increase or decrease"),
    (lambda: np.take(v, [0], mode="near"), ValueError, "mode of take"),
    (lambda: np.take_along_axis(M, np.array([0]), 0), ValueError, "must have the rank 2"),
    (lambda: np.compress([[True]], v), ValueError, "condition of compress is a vector"),
    (lambda: np.unravel_index(tracer.constant([1]), (2, 2), "K"), ValueError, "order of unravel_index"),
    (lambda: np.where(v), TypeError, "a condition and two values"),
    (lambda: np.select([v > 1], []), ValueError, "as many conditions as choices"),
    (lambda: np.select([v], [v]), TypeError, "must be booleans"),
    (lambda: np.choose(tracer.constant([5]), [v]), ValueError, "out of range for 1 choices"),
    (lambda: np.piecewise(v, [v > 1], [1.0, 2.0, 3.0]), ValueError, "takes 1 or 2 functions"),
    (lambda: np.argwhere(v), TypeError, "argwhere of a tensor is not served"),
    (lambda: np.round(v, 1.5), TypeError, "decimals of round"),
    (lambda: np.copyto(v, 1.0), TypeError, "numpy.copy"),
    (lambda: v.sort(), TypeError, "in place; write numpy.sort"),
    (lambda: v.fill(1.0), TypeError, "in place; write numpy.full_like"),
    (lambda: v.nonzero(), TypeError, "nonzero of a tensor is not served"),
    (lambda: np.average(M, weights=v), TypeError, "axis must be given"),
    (lambda: np.average(M, axis=0, weights=v), ValueError, "the shape of weights"),
    (lambda: np.quantile(v, 1.5), ValueError, "between 0 and 1"),
    (lambda: np.quantile(v, 0.5, method="best"), ValueError, "no method 'best'"),
    (lambda: np.quantile(n, 0.5, method="lower"), ValueError, "known size"),
    (lambda: np.nanquantile(v, 0.5, method="lower"), ValueError, "method='lower'"),
    (lambda: np.cov(M[None]), ValueError, "2 dimensions at the most"),
    (lambda: np.cov(v, fweights=[1, 2]), ValueError, "fweights must be a vector of the size 3"),
    (lambda: np.cov(v, fweights=[1.0, 2.0, 3.0]), TypeError, "fweights must be integers"),
    (lambda: np.cov(v, ddof=0.5), ValueError, "ddof of cov"),
    (lambda: np.bincount(v), TypeError, "bincount takes a vector of integers"),
    (lambda: np.diff(v, n=-1), ValueError, "diff takes differences n >= 0"),
    (lambda: np.gradient(v, edge_order=3), ValueError, "edge_order"),
    (lambda: np.gradient(v, 1.0, 2.0), TypeError, "one spacing"),
    (lambda: np.gradient(M, axis=(0, 0)), ValueError, "given twice"),
    (lambda: np.gradient(v[:1]), ValueError, "2 samples at least"),
    (lambda: np.interp(v, v, M), ValueError, "vectors xp and fp of one size"),
    (lambda: np.interp(v, v, v, period=0), ValueError, "period of interp"),
    (lambda: np.convolve(v, M), ValueError, "convolve takes vectors"),
    (lambda: np.convolve(v, v, "wide"), ValueError, "mode of convolve"),
    (lambda: np.polyval(M, 1.0), ValueError, "vector of coefficients"),
    (lambda: np.vdot(v, M), ValueError, "as many elements on both sides"),
    (lambda: np.cross(v, M[:, 0]), None, ""),
    (lambda: np.cross(tracer.zeros(4), v), ValueError, "dimension 3 or 2"),
    (lambda: np.linalg.norm(M, "trace"), ValueError, "norm order 'trace' is not one of matrices"),
    (lambda: np.linalg.norm(v, "fro"), ValueError, "norm order 'fro' is not one of vectors"),
    (lambda: np.linalg.norm(M[None], 2), ValueError, "takes an axis for an array of rank 3"),
    (lambda: np.linalg.norm(M, axis=(0, 0)), ValueError, "axes of matrices must differ"),
    (lambda: np.linalg.multi_dot([M]), ValueError, "two arrays at least"),
    (lambda: np.linalg.lstsq(v, v), ValueError, "matrix"),
    (lambda: np.linalg.eigh(M, UPLO="X"), ValueError, "UPLO"),
    (lambda: np.linalg.qr(M, mode="raw"), ValueError, "mode of qr"),
    (lambda: np.linalg.qr(tracer.ones((3, 2)), mode="complete"), ValueError, "does not determine"),
    (lambda: np.asarray(tracer.grad(lambda a: np.sum(np.linalg.svd(a)[0]))(np.ones((3, 2)))), LookupError, "svd_full"),
    (lambda: np.linalg.tensorinv(M, 0), ValueError, "the ind of tensorinv is positive, got 0"),
    (lambda: np.ravel_multi_index((v, v), (2, 2, 2)), ValueError, "2 coordinates for 3 dimensions; give one for each"),
    (lambda: np.ravel_multi_index((v, v), (2, 2), order="A"), ValueError, "is 'C' or 'F', got 'A'"),
    (lambda: np.gradient(M, axis=(0, 0)), ValueError, "gradient: an axis is given twice in"),
    (lambda: np.gradient(v, edge_order=3), ValueError, "the edge_order of gradient is 1 or 2, got 3"),
    (lambda: np.interp(v, tracer.zeros(0), tracer.zeros(0)), ValueError, "one point at least, xp is empty"),
    (lambda: np.linalg.norm(tracer.ones((2, 2, 2)), axis=(0, 1, 2)), ValueError, "or two for matrices, got axis="),
    (lambda: np.quantile(v, 1.5), ValueError, "must lie between 0 and 1, and percentiles .*, got 1.5"),
    (lambda: np.quantile(v > 0, 0.5), TypeError, "quantile and percentile of booleans are not defined; cast them"),
    (lambda: np.fill_diagonal(np.copy(v), 1.0), ValueError, r"a matrix and no wrap, got the shape \(3,\) and wrap=F"),
    (lambda: np.fill_diagonal(np.copy(M), 1.0, wrap=True), ValueError, r"and wrap=True; assign with an index"),
    (lambda: np.linalg.outer(v, M), ValueError, r"got the shapes \(3,\) and \(2, 2\); numpy.outer flattens"),
    (lambda: np.lexsort(tracer.zeros((0, 3))), TypeError, "lexsort takes one key at least, got none; give a sequence"),
    (lambda: np.ldexp(v, 0.5), TypeError, r"takes integers as its second operand; write x1 \* 2.0\*\*x2"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_wrong_calls_say_what_is_wrong(call, error, message):
    if error is None:
        assert isinstance(call(), tracer.Tensor)
        return
    with pytest.raises(error, match=message):
        call()


def test_an_argument_may_be_refused_by_name_wherever_it_stands():
    table = {}

    @numpy_function("f", refused="b", tuples="c", table=table)
    def function(a, b=None, *, c=0):
        return a, b, c

    assert table["f"](1) == (1, None, 0)
    assert table["f"](1, None, c=(2,)) == (1, None, (2,))
    for call in (lambda: table["f"](1, 2), lambda: table["f"](1, b=2)):
        with pytest.raises(TypeError, match="f of a tensor does not take b"):
            call()
    with pytest.raises(TypeError, match="the c of f is an int or a tuple"):
        table["f"](1, c=[2])
