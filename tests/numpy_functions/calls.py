"""Calls of NumPy's and SciPy's functions, by family, as one writes them; the arrays that they are made on are below.

A call that is refused where sizes are symbolic, because its result depends on their values, bears a mark in front.
"""

import numpy as np

RNG = np.random.default_rng(20)
ARRAYS = {
    "s": np.array(0.7), "r": np.array(-1.3), "v": RNG.normal(size=5), "w": RNG.normal(size=5), "u": RNG.normal(size=4),
    "h": RNG.normal(size=3), "k": RNG.normal(size=3), "A": RNG.normal(size=(3, 4)), "C": RNG.normal(size=(3, 4)),
    "B": RNG.normal(size=(4, 2)), "Q": RNG.normal(size=(3, 3)) + 2 * np.eye(3), "R": RNG.normal(size=(3, 3)),
    "N": RNG.normal(size=(4, 3)), "T": RNG.normal(size=(2, 3, 4)), "L": RNG.normal(size=(2, 3, 3)) + 2 * np.eye(3),
    "O": RNG.normal(size=(1, 4)), "P": RNG.normal(size=(3, 1)), "e": np.zeros(0), "E": np.zeros((0, 3)),
    "vp": RNG.uniform(0.5, 2, 5), "wp": RNG.uniform(0.5, 2, 5), "Ap": RNG.uniform(0.5, 2, (3, 4)),
    "su": np.array(0.35), "vu": RNG.uniform(0.1, 0.9, 5),
    "vn": np.array([0.3, np.nan, -1.2, 2.0, np.nan]), "un": np.full(4, np.nan),
    "An": np.where(RNG.uniform(size=(3, 4)) < 0.3, np.nan, RNG.normal(size=(3, 4))),
    "tz": np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 2.5, -0.5]),
    "ti": np.array([3, -2, 5, 1, 4]), "tj": np.array([2, 3, 1, 4, 2]), "tI": np.arange(-5, 7).reshape(3, 4),
    "tb": np.array([True, False, True, True, False]), "tc": np.array([True, True, False, True, False]),
    "tM": np.arange(12).reshape(3, 4) % 3 > 0,
}  # fmt: skip
"""Floats are differentiated by; what has a name with t is a constant."""
MASK = np.arange(12).reshape(3, 4) % 5 > 1

CALLS = {
    "numpy_numbers": """
        np.tensordot(v, w, np.int64(1)) | np.linalg.norm(v, np.float32(3)) | np.linalg.cond(Q, np.int64(1))
        np.vander(h, np.int64(3)) | np.roll(v, np.array([1, 1])) | np.roll(A, np.array([1, 2]), np.array([0, 1]))
        !np.split(u, np.array(2)) | np.lib.stride_tricks.sliding_window_view(v, np.array([2]))
        np.flip(A, np.array([0])) | np.moveaxis(T, np.array([0]), np.array([1])) | np.gradient(A, axis=range(2))
        np.repeat(v, np.array(2)) | np.apply_over_axes(np.sum, T, np.array([0, 2]))
        np.average(A, axis=np.array([0, 1]))
    """,
    "unary": """
        np.absolute(v) | abs(ti) | np.fabs(v) | np.fabs(ti) | np.sign(v) | np.negative(ti) | np.positive(v) | np.exp(v)
        np.exp2(v) | np.exp2(ti) | np.expm1(v) | np.log(vp) | np.log2(vp) | np.log10(vp) | np.log1p(vp) | np.sqrt(vp)
        np.cbrt(v) | np.cbrt(ti) | np.square(ti) | np.square(tb) | np.reciprocal(vp) | np.reciprocal(ti) | np.sin(ti)
        np.arcsin(vu) | np.arccos(vu) | np.arctan(v) | np.arcsinh(v) | np.arctanh(vu) | np.arccosh(vp + 1) | np.tan(v)
        np.floor(v) | np.ceil(v) | np.trunc(3 * v) | np.fix(3 * v) | np.rint(3 * v) | np.floor(ti) | np.ceil(ti)
        np.trunc(ti) | np.rint(ti) | np.round(v, 1) | np.round(ti) | np.round(123.0 * v, -1) | np.around(ti, -1)
        np.isnan(tz) | np.isinf(tz) | np.isfinite(tz) | np.isposinf(tz) | np.isneginf(tz) | np.signbit(tz)
        np.signbit(ti) | np.isfinite(ti) | np.logical_not(tz) | np.logical_not(tb) | np.invert(tb) | ~tb
        np.modf(2 * v) | np.modf(ti) | np.deg2rad(v) | np.rad2deg(v) | np.degrees(ti) | np.radians(tb * 1) | np.sinc(v)
        np.sinc(tz[:2]) | np.sinc(ti) | np.i0(v) | np.nan_to_num(tz)
        np.nan_to_num(tz, nan=1.0, posinf=2.0, neginf=-3.0) | np.nan_to_num(ti) | np.conj(v) | np.conj(tb)
        np.conjugate(v) | np.real(v) | np.imag(v) | np.real_if_close(v) | np.isreal(v) | np.iscomplex(v)
        np.heaviside(tz, 0.5) | np.heaviside(v, w) | np.sign(tz) | np.trunc(tz) | np.cbrt(tz) | np.floor(tz)
        np.ldexp(v, ti) | np.floor(np.log10(1000.0 + 0 * s)) | np.floor(np.cbrt(64.0 + 0 * s)) | np.log2(8.0 + 0 * s)
        +v | -v | v.real | v.imag | v.conj() | np.astype(v, np.int64) | np.isrealobj(v) | np.iscomplexobj(v)
        np.cos(tb) | np.exp(tb)
    """,
    "binary": """
        v + w | v - ti | v * tb | ti / tj | ti // tj | ti % tj | v // 0.7 | v % 0.7 | 7.5 % vp | vp ** w | 2 ** v
        v ** 2 | ti ** 2 | tb & tc | tb | tc | tb ^ tc | A + P | O * P | A / Ap | T - A | np.add(v, 1)
        np.divide(ti, 2) | np.true_divide(tb, 2) | np.floor_divide(ti, tj) | np.floor_divide(tb, tc)
        np.remainder(ti, -3) | np.mod(v, vp) | np.fmod(v, vp) | np.fmod(v, -0.7) | np.fmod(ti, tj) | np.fmod(ti, -3)
        np.fmod(-7.5, vp) | np.divmod(v, 0.7) | np.divmod(ti, tj) | np.power(vp, w) | np.power(ti, tj)
        np.power(v, tj) | np.power(tb, 2) | np.power(tb, v) | np.power(tb, tc) | np.float_power(vp, w)
        np.float_power(tj, tj) | np.float_power(tj, 2) | np.maximum(v, w) | np.minimum(v, ti) | np.fmax(v, vn)
        np.fmin(vn, w) | np.fmax(vn, vn) | np.fmax(ti, tj) | np.fmin(ti, 2) | np.hypot(v, w) | np.hypot(ti, tj)
        np.hypot(3e200 * vp, 4e200) | np.hypot(1e-200 * vp, 2e-200) | np.hypot(tz, 1.0) | np.arctan2(v, w)
        np.arctan2(ti, tj) | np.logaddexp(v, w) | np.logaddexp2(v, w) | np.copysign(v, w) | !np.copysign(v, tz[:5])
        np.copysign(ti, v) | np.copysign(2, v) | np.heaviside(v, 0) | np.equal(ti, tj) | np.equal(ti, ti) | v < w
        np.greater(v, 0)
        np.less_equal(ti, v) | np.not_equal(tb, tc) | np.logical_and(ti, tb) | np.logical_or(v, tb)
        np.logical_xor(ti, tb) | np.bitwise_and(tb, tc) | np.bitwise_or(tb, tc) | np.isclose(v, v + 1e-9)
        np.isclose(tz, tz) | np.isclose(tz, tz, equal_nan=True) | np.allclose(v, w) | np.allclose(v, v)
        np.array_equal(v, v)
        np.array_equal(v, u) | np.vecdot(v, w) | np.vecdot(A, u) | np.matvec(A, u) | np.matvec(T, u) | np.vecmat(h, A)
        np.vecmat(h, T) | np.matmul(A, B) | T @ B | np.add(v, w, dtype=np.float64) | np.add(ti, tj, dtype=float)
        np.multiply(ti, 2, dtype=np.float64) | np.add.outer(v, h) | np.subtract.outer(v, h) | np.multiply.outer(h, A)
        np.maximum.outer(v, h) | 2 - v | 1 / vp | np.exp(v) @ w | np.remainder(tz, 3.0) | np.floor_divide(tz, 2.0)
        np.subtract(tb, ti) | !np.array([1, 2, 3]) * h
    """,
    "reductions": """
        np.sum(v) | np.sum(A, axis=0) | np.sum(T, axis=(0, -1), keepdims=True) | np.sum(A, 1, float) | np.sum(tb)
        np.sum(ti, dtype=float) | !np.sum(A, where=MASK) | !np.sum(A, axis=0, where=MASK, initial=2.0)
        np.sum(v, initial=3) | np.sum(e) | np.sum(E, axis=0) | np.sum(s) | np.sum(A, axis=()) | np.prod(v)
        !np.prod(A, axis=1, where=MASK) | np.prod(ti) | np.prod(e) | np.prod(A, initial=2.0, axis=0)
        np.prod(v, dtype=int) | np.prod(tb) | np.mean(v) | np.mean(A, axis=1, keepdims=True) | np.mean(ti)
        np.mean(tb) | np.mean(e) | np.mean(E, axis=0) | np.var(e) | np.std(E, axis=0) | np.argmin(E, axis=1)
        !np.mean(A, where=MASK) | !np.mean(A, 0, where=MASK) | np.max(v) | np.max(A, axis=0, keepdims=True)
        !np.max(A, where=MASK, initial=0.0) | np.max(v, initial=9.0) | np.max(E, axis=0, initial=1.0) | np.amax(ti)
        np.max(tb) | np.min(A, axis=(0, 1)) | np.min(T, axis=1) | np.amin(v)
        !np.min(A, axis=1, where=MASK, initial=5.0) | np.ptp(v) | np.ptp(A, axis=0) | np.ptp(A, 1, keepdims=True)
        np.all(tM) | np.all(np.isfinite(A))
        np.all(tM, axis=0) | !np.all(tM, where=MASK) | np.any(tM, axis=1, keepdims=True) | np.any(v)
        np.any(e) | np.all(ti, axis=0) | np.var(v) | np.var(A, axis=0, ddof=1) | np.var(A, correction=1) | np.var(ti)
        np.var(tb) | !np.var(A, where=MASK) | !np.var(A, axis=1, where=MASK, ddof=1) | np.var(A, mean=np.mean(A))
        np.std(v) | np.std(A, axis=0, keepdims=True) | np.std(A, axis=(0, 1), ddof=2) | np.std(A, 1, None, None, 1)
        np.std(ti) | !np.std(A, axis=0, where=MASK) | np.std(A, axis=0, correction=1) | np.count_nonzero(A)
        np.count_nonzero(tM, axis=0) | np.count_nonzero(tM, axis=1, keepdims=True) | np.argmax(v)
        np.argmax(A, axis=1) | np.argmin(A, axis=0) | np.argmin(A, keepdims=True) | np.argmax(A, axis=1, keepdims=True)
        np.argmax(T, axis=-2) | np.argmin(ti) | np.cumsum(v) | np.cumsum(A) | np.cumsum(A, axis=1)
        np.cumsum(ti, dtype=float) | np.cumsum(tb) | np.cumprod(A, axis=0) | np.cumprod(A) | np.cumprod(ti)
        np.cumulative_sum(v) | np.cumulative_sum(A, axis=0, include_initial=True)
        np.cumulative_prod(v, include_initial=True) | np.cumulative_prod(A, axis=1) | np.cumulative_sum(tb)
        np.add.reduce(A) | np.add.reduce(A, axis=None) | np.add.reduce(A, axis=(0, 1), keepdims=True)
        np.add.reduce(tb) | np.multiply.reduce(A, axis=1) | np.maximum.reduce(A) | np.minimum.reduce(v)
        np.logical_and.reduce(tM, axis=0) | np.logaddexp.reduce(v) | np.logaddexp.reduce(A, axis=1, keepdims=True)
        !np.fmax.reduce(vn) | !np.hypot.reduce(v) | !np.subtract.reduce(A, axis=1) | np.add.accumulate(v)
        np.multiply.accumulate(A, axis=1) | np.logaddexp.accumulate(v) | !np.maximum.accumulate(v)
        !np.minimum.accumulate(A, axis=1) | !np.add.reduce(A, where=MASK, initial=1.0) | A.sum()
        A.sum(axis=1, keepdims=True) | A.mean(0) | A.std(ddof=1) | A.var(axis=0) | A.max() | A.min(axis=1)
        A.prod(axis=0) | A.cumsum() | A.argmax() | A.argmin(axis=1, keepdims=True) | tM.all() | tM.any(axis=0)
        !A.sum(where=MASK) | !A.max(where=MASK, initial=0.0) | !sum(v) | np.min(np.stack([v, w]), 0)
    """,
    "without nan": """
        np.nansum(vn) | np.nansum(An, axis=0) | np.nansum(An, keepdims=True) | np.nansum(ti) | np.nanprod(vn)
        np.nanprod(An, axis=1) | np.nanmean(vn) | np.nanmean(An, axis=0) | np.nanmean(An, axis=1, keepdims=True)
        np.nanvar(vn) | np.nanvar(An, axis=1) | np.nanvar(An, ddof=1) | np.nanstd(An) | np.nanstd(An, axis=0, ddof=1)
        np.nanmax(vn) | np.nanmax(An, axis=0) | np.nanmin(An) | np.nanmin(An, axis=1, keepdims=True) | np.nanargmax(vn)
        np.nanargmin(An) | np.nanargmax(An, axis=1) | np.nancumsum(vn) | np.nancumsum(An, axis=0)
        np.nancumprod(An, axis=1) | np.nanmedian(vn) | np.nanmedian(An) | np.nanmedian(An, axis=0)
        np.nanmedian(An, axis=1, keepdims=True) | np.nanmax(ti) | np.nanmean(v) | np.nanmedian(A, axis=0)
        np.nanquantile(vn, 0.3) | np.nanquantile(An, [0.2, 0.7], axis=1) | np.nanpercentile(An, 40)
        np.nanpercentile(An, 40, axis=0, keepdims=True) | !np.nansum(An, where=MASK)
        !np.nanmean(An, axis=0, where=MASK)
    """,
    "statistics": """
        np.average(v) | np.average(v, weights=vp) | np.average(A, axis=0, weights=h + 4)
        np.average(A, axis=1, weights=Ap) | !np.average(A, axis=-1, weights=np.array([1, 2, 3, 4]))
        !np.average(v, weights=[1, 2, 3, 4, 5], returned=True) | np.average(A, axis=0, returned=True)
        !np.average(T, axis=(0, 1), weights=np.abs(A.T[:2, :]) + 1) | np.average(ti)
        np.average(A, axis=1, weights=u + 5, keepdims=True) | np.median(v) | np.median(u) | np.median(A)
        np.median(A, axis=0) | np.median(A, axis=1, keepdims=True) | np.median(T, axis=(0, 2)) | np.median(ti)
        np.median(vn) | np.median(s) | np.median(T, axis=(0, 2), keepdims=True) | np.quantile(v, 0.3)
        np.quantile(A, 0.25, axis=0) | np.quantile(A, [0.1, 0.9], axis=1)
        np.quantile(A, np.array([[0.1, 0.5], [0.9, 1.0]]), axis=0) | np.quantile(v, [0, 1])
        np.quantile(A, 0.5, axis=(0, 1), keepdims=True) | np.quantile(A, [0.5], axis=0, keepdims=True)
        np.quantile(v, su) | np.percentile(v, 30) | np.percentile(A, [25, 75], axis=0)
        np.percentile(T, 40, axis=(0, 2)) | np.percentile(vn, 20) | !np.percentile(v, 30, method='lower')
        !np.percentile(v, 30, method='higher') | !np.quantile(v, 0.3, method='nearest')
        !np.quantile(v, 0.3, method='midpoint') | !np.quantile(v, 0.3, method='hazen')
        !np.quantile(v, 0.3, method='weibull') | !np.quantile(v, 0.33, method='inverted_cdf')
        !np.quantile(v, 0.4, method='averaged_inverted_cdf') | !np.quantile(u, 0.33, method='closest_observation')
        !np.quantile(u, 0.33, method='interpolated_inverted_cdf')
        !np.quantile(A, [0.2, 0.6], axis=1, method='median_unbiased') | !np.quantile(v, 0.3, method='normal_unbiased')
        np.cov(A) | np.cov(A, rowvar=False) | np.cov(v) | np.cov(v, w) | np.cov(A, bias=True) | np.cov(A, ddof=0)
        !np.cov(v, fweights=np.array([1, 2, 1, 3, 1])) | !np.cov(A, aweights=np.array([1.0, 2.0, 0.5, 1.0]))
        !np.cov(v, w, fweights=[1, 2, 1, 1, 2], aweights=[1.0, 0.5, 2.0, 1.0, 1.0]) | !np.cov(A, ti[:4])
        np.corrcoef(A) | np.corrcoef(v, w) | np.corrcoef(A, rowvar=False) | np.corrcoef(v)
        !np.bincount(np.array([0, 2, 0, 1, 2]), weights=v) | !np.bincount(np.array([0, 2, 0, 1, 2]), v, minlength=5)
    """,
    "calculus": """
        np.diff(v) | np.diff(v, n=2) | np.diff(A, axis=0) | np.diff(v, n=0) | np.diff(v, prepend=0.0) | np.diff(ti)
        np.diff(tb) | np.diff(v, prepend=[1.0, 2.0], append=w) | np.diff(A, axis=0, append=O) | np.diff(A, prepend=1.0)
        np.ediff1d(A) | np.ediff1d(v, to_end=[1.0], to_begin=w[:1]) | np.trapezoid(v) | np.trapezoid(v, dx=0.5)
        np.trapezoid(v, x=np.cumsum(vp)) | !np.trapezoid(A, x=np.array([0.0, 1.0, 3.0]), axis=0)
        np.trapezoid(A, x=C, axis=1) | np.trapezoid(T, axis=-3) | np.trapezoid(T, x=h, axis=1) | np.trapezoid(v, dx=s)
        np.gradient(v) | np.gradient(v, 0.5) | np.gradient(v, np.cumsum(vp)) | np.gradient(A) | np.gradient(A, axis=1)
        np.gradient(A, 0.5, 2.0) | np.gradient(T, axis=(1, 2)) | np.gradient(v, s)
        !np.gradient(A, np.array([0.0, 1.0, 3.0]), axis=0) | np.gradient(v, edge_order=2)
        np.gradient(v, np.cumsum(vp), edge_order=2)
        !np.interp(np.array([-2.0, 0.3, 2.0]), np.array([-1.0, 0.0, 1.0]), h)
        !np.interp(v, np.array([-1.0, 0.0, 1.0]), h) | !np.interp(s, np.array([-1.0, 0.0, 1.0]), h)
        np.interp(v, np.cumsum(vp), w) | np.interp(v, [-0.5, 0.5], [1.0, 2.0], left=0)
        np.interp(v, [-0.5, 0.5], [1.0, 2.0], left=s, right=r) | !np.interp(3 * v, [0.1, 0.6, 1.1], h, period=1.5)
        !np.interp([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], h) | !np.interp(A, [-1.0, 0.0, 1.0], h)
        np.interp(v, [0.5], h[:1]) | np.convolve(v, h) | !np.convolve(h, v, 'same') | np.convolve(v, h, 'same')
        np.convolve(v, h, mode='valid') | !np.convolve(u, v, 'same') | np.convolve(v, u, 'same')
        np.convolve(v, [1.0, 2.0], 'valid') | np.convolve(s, v) | np.correlate(v, w) | np.correlate(v, h)
        !np.correlate(h, v) | np.correlate(v, h, 'full') | np.correlate(v, h, 'same') | np.correlate(v, u, 'same')
        !np.correlate(u, v, 'same') | np.correlate(h, v, 'full') | np.unwrap(4 * v) | np.unwrap(v)
        np.unwrap(4 * A, axis=0) | np.unwrap(4 * v, period=3.0) | np.unwrap(4 * v, discont=4.0) | !np.polyval(v, 0.7)
        !np.polyval(h, v) | np.polyval([1.0, -2.0, 3.0], v) | !np.polyval(h, A) | !np.polyadd(h, v) | np.polymul(h, v)
        np.polyder(v) | !np.polysub(h, v) | !np.polyint(h) | !np.polyint(h, 2) | np.polyfit(v, w, 2)
        np.polyfit(v, w, 1, w=vp) | np.polyfit(v, np.stack([w, vp], 1), 2)
        np.lib.stride_tricks.sliding_window_view(v, 3) | np.lib.stride_tricks.sliding_window_view(A, (2, 2))
        np.lib.stride_tricks.sliding_window_view(T, 2, axis=1) | !np.apply_along_axis(np.cumsum, 1, A)
        !np.apply_along_axis(lambda t: t @ t, 0, A) | np.apply_over_axes(np.sum, T, [0, 2])
        !np.apply_along_axis(lambda t: np.outer(t, t), 1, A)
    """,
    "order": """
        np.sort(v) | np.sort(A, axis=0) | np.sort(A, axis=None) | np.sort(T, axis=1) | np.sort(v)[::-1] | np.sort(ti)
        np.argsort(v) | np.argsort(A, axis=0) | np.argsort(A, axis=None) | np.sort(v, kind='stable')
        np.argsort(v, stable=True) | np.lexsort((v, w)) | np.lexsort((v, tj)) | np.searchsorted(np.sort(v), w)
        np.searchsorted(np.sort(v), A, side='right') | np.searchsorted(v, w, sorter=np.argsort(v))
        np.searchsorted(np.sort(v), 0.3) | np.digitize(v, np.array([-1.0, 0.0, 1.0]))
        np.digitize(v, [1.0, 0.0, -1.0]) | np.digitize(v, [-1.0, 0.0, 1.0], right=True) | np.take(v, [0, 2])
        np.take(A, -1, axis=-1) | np.take(A, [0, 2]) | np.take(A, [[0, 2], [1, 1]], axis=1)
        np.take(v, [0, 7], mode='clip') | np.take(v, [0, -7], mode='wrap') | np.take(v, 3)
        np.take_along_axis(A, np.argsort(A, axis=1), axis=1) | np.take_along_axis(v, np.argsort(v), None)
        np.take_along_axis(A, np.argmax(A, axis=1, keepdims=True), axis=1)
        np.take_along_axis(A, np.argsort(A, axis=0), 0)
        np.take_along_axis(O, np.array([[0, 1], [2, 3], [1, 1]]), axis=1) | np.compress([True, False, True], A, axis=0)
        np.compress([True, False, True, True, False], v) | np.extract(np.array([True, False, True, True, False]), v)
        !np.choose(np.array([0, 1, 0, 1, 1]), [v, w]) | !np.choose(np.array([0, 3, 0, 1, 1]), [v, w], mode='wrap')
        !np.choose(np.array([0, 3, -1, 1, 1]), [v, 2.0], mode='clip') | np.choose(tj - 1, [v, w, vp, wp])
        np.select([v > 1, v < 0], [v, w], default=3.0) | np.select([v > 0], [v ** 2]) | np.where(tb, v, w)
        np.where(v > 0, v, 0.1 * v) | np.where(ti, v, 0) | np.where(True, v, w) | np.where(s > 0, v, w)
        np.where(tb, 1, 2) | np.clip(v, -0.5, 0.5) | np.clip(v, None, 0.5) | np.clip(v, a_min=0.0, a_max=1.0)
        np.clip(v, w, w + 0.1) | np.clip(P, O, O + 1) | np.clip(ti, 0, 3) | np.clip(v, min=0.0) | np.clip(v, max=w)
        v.clip(0, 1) | np.piecewise(v, [v < 0, v > 1], [lambda t: -t, 2.0, lambda t: t * t])
        np.unravel_index(np.argmax(A), (3, 4)) | v.take([1, 1]) | v.argsort()
        v.compress([True, False, True, False, False]) | v.repeat(2) | np.sort(v).searchsorted(w) | v[np.argsort(w)]
        np.unravel_index(tj, (3, 4), order='F')
    """,
    "shapes": """
        !np.reshape(A, (4, 3)) | np.reshape(A, -1) | !np.reshape(A, (2, -1), order='F') | !A.reshape(4, 3)
        !A.reshape((2, 6), order='F') | np.ravel(A) | np.ravel(A, order='F') | A.ravel() | A.flatten('F')
        np.transpose(A) | np.transpose(T, (2, 0, 1)) | T.T | A.mT | T.transpose(1, 2, 0) | T.transpose()
        np.permute_dims(T, (1, 0, 2)) | np.matrix_transpose(T) | np.swapaxes(T, 0, -1) | np.moveaxis(T, 0, -1)
        np.moveaxis(T, [0, 1], [-1, -2]) | np.rollaxis(T, 2) | np.rollaxis(T, 0, 2) | np.rollaxis(T, 1, 3)
        np.rollaxis(T, -1) | np.squeeze(O) | np.squeeze(P, axis=1) | np.expand_dims(A, (0, -1)) | np.atleast_1d(s)
        np.atleast_2d(v) | np.atleast_3d(v) | np.atleast_3d(A) | np.atleast_3d(s) | np.atleast_1d(s, v)
        !np.broadcast_to(v, (2, 5)) | np.broadcast_to(s, (2, 3)) | np.broadcast_arrays(O, P) | np.meshgrid(v, h)
        np.meshgrid(v, h, indexing='ij') | np.meshgrid(v, h, u) | np.meshgrid(v) | np.meshgrid(v, h, sparse=True)
        np.meshgrid(v, h, sparse=True, indexing='ij') | np.tile(v, 2) | np.tile(v, (2, 1)) | np.tile(A, (2, 1, 3))
        np.tile(s, 3) | np.repeat(v, 2) | np.repeat(A, 2, axis=0) | !np.repeat(v, [1, 0, 2, 1, 3]) | np.repeat(A, 2)
        np.flip(A) | np.flip(A, axis=1) | np.flip(T, (0, 2)) | np.flipud(A) | np.fliplr(A) | np.rot90(A)
        np.rot90(A, 2) | np.rot90(A, -1) | np.rot90(T, 3, axes=(1, 2)) | np.roll(v, 2) | np.roll(v, -7) | np.roll(v, 7)
        np.roll(A, 1) | np.roll(A, 5, axis=1) | np.roll(v, 3) | np.roll(A, (1, 2), axis=(0, 1))
        np.roll(A, 2, axis=(0, 1)) | np.roll(v, -2) | np.diag(v) | np.diag(v, 2) | np.diag(v, -1) | !np.diag(A)
        !np.diag(A, 1) | np.diag(Q) | np.diag(Q, -1) | !np.diag(Q, 5) | np.diagflat(A) | np.diagflat(v, 1)
        np.diagonal(Q) | np.diagonal(Q, 1) | !np.diagonal(T, offset=1, axis1=1, axis2=2)
        !np.diagonal(T, axis1=-1, axis2=0) | Q.diagonal(-1) | np.trace(Q) | np.trace(Q, 1) | np.trace(Q, offset=-2)
        !np.trace(T, 1, 1, 2) | !np.trace(tM) | !np.trace(tI) | Q.trace() | !np.trace(tI, dtype=float) | np.tril(A)
        np.tril(A, 1) | np.tril(A, -1) | np.triu(T, 1) | np.triu(A, -1) | np.triu(A, 9) | np.tril(A, -9) | np.triu(v)
        np.tril(tI, -1) | np.shape(A) | np.ndim(A) | np.size(A) | np.size(A, 1) | A.size | A.ndim
        np.linalg.diagonal(L) | np.linalg.diagonal(L, offset=1) | np.linalg.trace(L) | np.linalg.trace(L, offset=-1)
        np.linalg.matrix_transpose(L) | np.copy(A) | !np.resize(v, (3, 4)) | !np.resize(A, 5)
    """,
    "joining": """
        np.concatenate([v, w]) | np.concatenate([A, C], axis=1) | np.concatenate([A, C], axis=None)
        np.concat((v, [1.0, 2.0])) | np.concatenate([ti, tj], dtype=float) | np.stack([v, w])
        np.stack([v, w], axis=-1) | np.stack([s, 1.0, r]) | np.stack([v, ti]) | np.stack([ti, tj], dtype=float)
        np.vstack([v, w]) | np.vstack([A, u]) | np.hstack([v, h]) | np.hstack([A, C]) | np.hstack([s, v])
        np.hstack([ti, tj], dtype=float) | np.vstack([ti, v], dtype=float) | np.dstack([v, w]) | np.dstack([A, C])
        np.column_stack([h, A]) | np.column_stack([v, w]) | np.append(v, w) | np.append(A, C, axis=0) | np.append(A, v)
        np.append(v, 3.0) | np.block([v, w]) | np.block([[Q, P], [P.T, np.ones((1, 1))]]) | np.block([[Q, R]])
        np.block([[[v]], [[w]]]) | np.split(v, [2, 4]) | !np.split(v, [2, 9]) | np.split(v, [3, 2])
        !np.split(A, 2, axis=1) | np.split(v, [-2]) | !np.array_split(v, 2) | !np.array_split(A, 3, 1)
        np.array_split(v, [1, 4]) | !np.hsplit(A, 2) | !np.vsplit(A, 3) | !np.dsplit(T, 2) | np.hsplit(v, [2])
        !np.unstack(A) | !np.unstack(A, axis=1) | !np.delete(v, 1) | !np.delete(v, [0, -1])
        !np.delete(A, slice(0, 2), axis=0) | !np.delete(A, [1, 3], axis=1)
        !np.delete(v, np.array([True, False, False, True, False])) | !np.delete(A, 3) | !np.insert(v, 2, 9.0)
        !np.insert(v, [0, 3], [1.0, s]) | !np.insert(v, 5, w) | !np.insert(A, 1, u, axis=0)
        !np.insert(A, 1, h, axis=1) | !np.insert(A, [1, 3], 7.0, axis=1) | !np.insert(v, -1, s)
        !np.insert(A, slice(0, 2), C[:2], axis=0) | !np.insert(A, 1, 5.0)
    """,
    "padding": """
        np.pad(v, 2) | np.pad(v, (1, 2)) | np.pad(A, ((1, 0), (2, 3))) | np.pad(A, 1, constant_values=3.0)
        np.pad(ti, 1) | np.pad(A, ((1, 2), (0, 1)), constant_values=((1, 2), (3, 4)))
        np.pad(v, 1, constant_values=(1, 2)) | np.pad(v, 1, constant_values=s) | np.pad(A, ((1, 1),))
        np.pad(A, {0: 1, -1: (2, 0)}) | np.pad(A, (1, 2)) | np.pad(v, 2, 'edge') | np.pad(A, ((1, 0), (2, 3)), 'edge')
        np.pad(v, 3, 'reflect') | np.pad(v, 2, mode='symmetric') | np.pad(v, (3, 4), 'wrap')
        np.pad(v, 2, 'empty')[2:-2] | !np.pad(v, 9, 'reflect') | !np.pad(v, 11, 'symmetric') | !np.pad(v, 13, 'wrap')
        !np.pad(v, 2, 'reflect', reflect_type='odd') | !np.pad(v, 7, 'reflect', reflect_type='odd')
        !np.pad(v, 3, 'symmetric', reflect_type='odd') | np.pad(A, 1, 'reflect')
        np.pad(A, ((1, 2), (2, 1)), 'symmetric') | np.pad(A, 2, 'wrap') | np.pad(v, 3, 'linear_ramp')
        np.pad(v, 2, 'linear_ramp', end_values=(3, s)) | np.pad(A, 1, 'linear_ramp', end_values=2.0)
        np.pad(v, 2, 'mean') | np.pad(v, 2, 'maximum') | np.pad(v, 2, 'minimum') | np.pad(v, 2, 'median')
        np.pad(v, 2, 'mean', stat_length=2) | np.pad(A, 1, 'maximum', stat_length=((1, 2), (3, 2)))
        np.pad(A, 1, 'mean') | np.pad(A, ((0, 1), (1, 0)), 'median') | np.pad(v, 0) | np.pad(T, 1)
        np.pad(A, [(0, 0), (1, 1)], 'edge')
    """,
    "products": """
        np.dot(v, w) | np.dot(A, B) | np.dot(s, v) | np.dot(T, B) | np.dot(T, u) | np.dot(u, T.transpose(0, 2, 1))
        A.dot(B) | A.dot(u) | np.vdot(v, w) | np.vdot(A, C) | np.inner(v, w) | np.inner(A, C) | np.inner(s, v)
        np.inner(T, A) | np.outer(v, h) | np.outer(A, h) | np.linalg.outer(v, h) | np.tensordot(A, B, 1)
        np.tensordot(T, A, ([1, 2], [0, 1])) | np.tensordot(h, v, 0) | np.tensordot(A, C)
        np.linalg.tensordot(A, B, axes=1) | np.linalg.matmul(A, B) | np.linalg.vecdot(A, C)
        np.linalg.vecdot(A, C, axis=0) | np.kron(v, h) | np.kron(A, B) | np.kron(v, A) | np.kron(s, A) | np.kron(T, A)
        np.kron(A, T) | np.kron(np.eye(2), Q) | np.kron(ti, tj) | !np.cross(h, k) | !np.cross(Q, h)
        !np.cross(Q, R, axis=0) | !np.cross(N.T, 2 * N.T[::-1], axisa=0, axisb=0, axisc=0) | !np.cross(N, h)
        !np.cross(N.T, N.T[::-1], axisa=0, axisb=0) | !np.cross(N.T, N.T[::-1], axis=0) | !np.cross(h[:2], k)
        !np.cross(Q, R, axisc=0) | !np.cross(B, B[::-1]) | !np.linalg.cross(h, k) | !np.linalg.cross(Q, R, axis=0)
        !np.cross(T[..., :3], h) | np.einsum('ij,jk->ik', A, B) | np.einsum('ii', Q) | np.einsum('ii->i', Q)
        np.einsum('ij,ij->j', A, C) | np.einsum('...ij,jk->...ik', T, B) | np.einsum('i,j->ij', v, h)
        np.einsum(A, [0, 1], B, [1, 2], [0, 2]) | np.einsum(A, [0, 1], [1, 0]) | np.einsum(Q, [0, 0])
        np.einsum(T, [..., 0], u, [0], [...]) | np.einsum(A, [0, 1], C, [0, 1])
        np.einsum('ij,jk,kl->il', A, B, B.T, optimize=True) | np.einsum('i,i', tb, tb) | np.einsum('i,i', ti, tj)
        np.einsum('ij->', A) | np.einsum('ji', A)
    """,
    "linear algebra": """
        np.linalg.norm(v) | np.linalg.norm(A) | np.linalg.norm(T) | np.linalg.norm(v, 1) | np.linalg.norm(v, 2)
        np.linalg.norm(v, np.inf) | np.linalg.norm(v, -np.inf) | np.linalg.norm(v, 0) | np.linalg.norm(v, 3)
        np.linalg.norm(vp, 0.5) | np.linalg.norm(vp, -1) | np.linalg.norm(vp, -2) | np.linalg.norm(A, 1)
        np.linalg.norm(A, -1) | np.linalg.norm(A, 2) | np.linalg.norm(A, -2) | np.linalg.norm(A, np.inf)
        np.linalg.norm(A, -np.inf) | np.linalg.norm(A, 'fro') | np.linalg.norm(A, 'nuc') | np.linalg.norm(A, axis=0)
        np.linalg.norm(A, 1, axis=1) | np.linalg.norm(A, axis=1, keepdims=True) | np.linalg.norm(A, np.inf, axis=0)
        np.linalg.norm(T, axis=(0, 2)) | np.linalg.norm(T, 2, axis=(1, 2)) | np.linalg.norm(T, 'nuc', axis=(1, 2))
        np.linalg.norm(T, 1, axis=(2, 0)) | np.linalg.norm(T, np.inf, axis=(2, 0))
        np.linalg.norm(T, -1, axis=(0, 1), keepdims=True) | np.linalg.norm(A, 'fro', keepdims=True)
        np.linalg.norm(A, 2, axis=(0, 1), keepdims=True) | np.linalg.norm(T, 'fro', axis=(-1, 0)) | np.linalg.norm(ti)
        np.linalg.norm(A, 3, axis=0) | np.linalg.vector_norm(A) | np.linalg.vector_norm(A, axis=0, ord=1)
        np.linalg.vector_norm(T, axis=(0, 1), keepdims=True) | np.linalg.vector_norm(A, ord=np.inf)
        np.linalg.vector_norm(A, ord=0) | np.linalg.vector_norm(Ap, ord=-3, axis=1) | np.linalg.matrix_norm(A)
        np.linalg.matrix_norm(T, ord='nuc') | np.linalg.matrix_norm(T, ord=2, keepdims=True)
        np.linalg.matrix_norm(A, ord=-np.inf) | np.linalg.inv(Q) | np.linalg.inv(L) | np.linalg.det(Q)
        np.linalg.det(L) | np.linalg.slogdet(Q) | np.linalg.slogdet(L) | np.linalg.solve(Q, h) | np.linalg.solve(Q, R)
        np.linalg.solve(L, L) | np.linalg.solve(L, h) | np.linalg.matrix_power(Q, 3) | np.linalg.matrix_power(Q, -2)
        np.linalg.matrix_power(L, 0) | np.linalg.multi_dot([A, B, B.T]) | np.linalg.multi_dot([h, A, u])
        np.linalg.multi_dot([A, B]) | np.linalg.pinv(A) | np.linalg.pinv(N) | np.linalg.pinv(A, rcond=1e-10)
        np.linalg.pinv(A, rtol=1e-10) | np.linalg.lstsq(N, u)[0] | np.linalg.lstsq(N, B)[0] | np.linalg.lstsq(A, h)[0]
        np.linalg.lstsq(Q, R)[0] | np.linalg.lstsq(N, B)[1] | np.linalg.lstsq(N, u)[3] | np.linalg.lstsq(N, u)[2]
        np.linalg.lstsq(N, u, rcond=1e-8)[0] | !np.linalg.cholesky(Q @ Q.T + np.eye(3))
        !np.linalg.cholesky(Q @ Q.T + np.eye(3) + np.triu(R, 1)) | np.linalg.cholesky(Q @ Q.T, upper=True)
        np.linalg.eigvalsh(Q + Q.T) | np.linalg.eigvalsh(R) | np.linalg.eigvalsh(R, UPLO='U') | np.linalg.eigh(R)[0]
        np.abs(np.linalg.eigh(Q + Q.T)[1]) | np.abs(np.linalg.eigh(R, 'U')[1]) | np.linalg.svd(A)[1]
        np.linalg.svd(A, compute_uv=False) | np.linalg.svdvals(T) | np.abs(np.linalg.svd(A, full_matrices=False)[0])
        np.abs(np.linalg.svd(A, False)[2]) | np.linalg.svd(T).S | np.abs(np.linalg.svd(Q)[2]) | np.linalg.qr(N)[0]
        np.linalg.qr(N)[1] | !np.linalg.qr(A)[1] | np.linalg.qr(N, mode='r') | np.linalg.qr(Q, 'complete')
        np.linalg.qr(L).Q | np.linalg.cond(Q) | np.linalg.cond(Q, 1) | np.linalg.cond(A) | np.linalg.cond(Q, 'fro')
        np.linalg.cond(Q, -2) | np.linalg.matrix_rank(A) | np.linalg.matrix_rank(L)
        np.linalg.matrix_rank(np.outer(h, h)) | !np.linalg.tensorsolve(np.reshape(L @ L, (2, 3, 3))[0], h)
        np.linalg.tensorinv(Q, ind=1)
    """,
    "creation": """
        np.zeros_like(v) | np.zeros_like(A, dtype=int) | np.zeros_like(v, shape=(2, 3)) | np.ones_like(A) * A
        np.ones_like(v, dtype=bool) | np.full_like(v, 2.5) | np.full_like(ti, 2) | np.full_like(v, 3, dtype=int)
        np.full_like(v, 1.5, shape=4) | np.empty_like(A).shape | np.linspace(0.0, s, 5) | np.linspace(v, w, 3)
        np.linspace(s, r, 4, retstep=True) | np.linspace(s, 1.0, 4, endpoint=False) | np.linspace(v, w, 3, axis=-1)
        np.linspace(v, s, 3, axis=1) | np.linspace(s, r, 1) | np.linspace(A, u, 3, axis=1) | np.logspace(s, r, 4)
        np.logspace(s, r, 3, base=2.0) | np.geomspace(vp[0], vp[1], 4) | np.vander(h, 3)
        np.vander(v, 3, increasing=True)
    """,
    "special": """
        sp.expit(v) | sp.logit(vu) | sp.log_expit(v) | sp.erf(v) | sp.erf(ti) | sp.erfc(v) | sp.erfcx(v)
        sp.erfinv(vu) | sp.erfcinv(vu) | sp.erfi(v) | sp.dawsn(v) | sp.gammaln(vp) | sp.gamma(vp) | sp.rgamma(vp)
        sp.psi(vp) | sp.digamma(vp) | sp.loggamma(vp) | sp.xlogy(vp, wp) | sp.xlog1py(vp, wp) | sp.beta(vp, wp)
        sp.betaln(vp, wp) | sp.ndtr(v) | sp.log_ndtr(v) | sp.log_ndtr(20 * v) | sp.ndtri(vu) | sp.i0(v) | sp.i1(v)
        sp.i0e(v) | sp.i1e(v) | sp.j0(vp) | sp.j1(vp) | sp.y0(vp) | sp.y1(vp) | sp.k0(vp) | sp.k1(vp) | sp.exp1(vp)
        sp.expi(vp) | sp.ellipk(vu) | sp.ellipe(vu) | sp.exp10(v) | sp.exp2(v) | sp.cbrt(v) | sp.expm1(v)
        sp.log1p(vp) | sp.exprel(v) | sp.cosm1(v) | sp.entr(vp) | sp.rel_entr(vp, wp) | sp.kl_div(vp, wp)
        sp.huber(0.8, v) | sp.pseudo_huber(0.8, v) | sp.boxcox(vp, 0.5) | sp.boxcox(vp, 0) | sp.binom(5.5, vp)
        sp.poch(vp, 2.0) | sp.sindg(v) | sp.cosdg(v) | sp.tandg(v) | sp.sinc(v) | sp.iv(2, v) | sp.jv(1, vp)
        sp.xlogy(0.0, 0 * v) | sp.entr(0 * v) | sp.expit(tb) | sp.log_expit(ti) | sp.exp10(ti) | sp.i0e(tb)
        sp.gammaln(ti) | sp.log_ndtr(tz) | sp.ndtr(tz) | sp.ndtri(tz) | sp.erfinv(tz)
    """,
    "assignment": """
        c = np.zeros_like(v);; c[1:3] = w[:2];; c * v | c = np.copy(v);; c *= 2;; c
        c = np.copy(v);; np.copyto(c, w);; c | c = np.copy(v);; np.copyto(c, w, where=tb);; c
        c = np.copy(Q);; np.fill_diagonal(c, 0.0);; c | c = np.copy(v);; np.putmask(c, tb, 0.0);; c
        c = np.copy(v);; c.sort();; c | c = np.copy(A);; c.fill(2.0);; c + A
        c = np.copy(A);; c[1] = c[0] * c[2];; c.sum(axis=0)
        c = np.empty_like(v);; c[::2] = vp[::2];; c[1::2] = w[1::2];; c | c = np.copy(v);; c[c > 0] = 0.0;; c
    """,
    "index": """
        v[0] | v[-1] | v[1:4] | v[4:1:-1] | v[::-1] | v[::2] | v[-3:] | v[:-1] | v[1:-1] | A[0] | A[..., 0]
        A[:, ::-1] | A[::-1, ::-1] | A[None] | T[0, [0, 2], 1:] | v[[0, 0, 3]] | A[[0, 2]] | A[np.ix_([0, 2], [1, 3])]
        A[MASK] | v[np.int64(2)] | v[[]] | v[tj % 5] | A[0:0] | !list(A)[1] | tI.astype(float) | v.astype('f8')
        ti.astype(np.float64) * v | A.take([0, 2], axis=1) | A.compress([True, False, True], axis=0)
        tj.choose([v, w, vp, wp], mode='wrap') | v.round(1) | np.angle(v) | np.angle(v, deg=True)
        np.ravel_multi_index((tj - 1, tj), (4, 5))
        np.ravel_multi_index((tj - 1, tj + 3), (4, 5), mode="wrap", order="F") | !A[np.tril_indices_from(A)]
        !A[np.triu_indices_from(A, k=1)]
    """,
}  # fmt: skip


def parsed(text):
    """The calls of a family with their marks; a bar within an expression stands between booleans alone."""
    calls = []
    for line in text.split("\n"):
        for part in line.split(" | "):
            if part.strip():
                calls.append(part.strip())
    return calls
