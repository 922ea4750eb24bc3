"""Functions of elements that the array API standard (2023.12) has not, written out for generated code.

They take arrays of any library that follows the standard, and are read as text.
"""

from __future__ import annotations

from tracer.array_api_runtime import Array


def cbrt(x: Array) -> Array:
    """The real cube root: a power, and a step of Newton's method."""
    xp = x.__array_namespace__()
    root = xp.sign(x) * xp.abs(x) ** (1 / 3)
    step = (root - x / (root * root)) / 3
    return root - xp.where(xp.isfinite(step), step, xp.zeros_like(step))


def heaviside(x: Array, value: Array) -> Array:
    """Zero below zero, one above it, and a value at zero."""
    xp = x.__array_namespace__()
    found = xp.where(x > 0, xp.ones_like(x), xp.where(x < 0, xp.zeros_like(x), xp.broadcast_to(value, x.shape)))
    return xp.where(xp.isnan(x), x, found)


ERFCX = (
    1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
    0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -6.916973302501207e-05,
    4.13902798607301e-06, 7.74038306619849e-07, -2.1886401049234397e-07, 1.076499946567091e-08,
    4.521959811218287e-09, -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11,
    1.9455868545777435e-13, -9.654696748433421e-13, 3.252548148149003e-14, 3.3478119482871533e-14,
    -1.8645628804150307e-15, -1.2507950530638177e-15, 7.418235257200362e-17, 5.068148905438488e-17,
)  # fmt: skip
"""Coefficients of Chebyshev's polynomials in ``(x - 3.75)/(x + 3.75)`` of ``(1 + 2*x)*exp(x**2)*erfc(x)``."""


def erfcx(x: Array) -> Array:
    """``exp(x**2)*erfc(x)``.

    References
    ----------
    Shepherd and Laframboise, Chebyshev approximation of (1 + 2x)exp(x^2)erfc x, 1981.
    """
    xp = x.__array_namespace__()
    size = xp.abs(x)
    t = xp.where(size == float("inf"), xp.ones_like(x), (size - 3.75) / (size + 3.75))
    later = last = xp.zeros_like(x)
    for c in ERFCX[:0:-1]:
        last, later = 2 * t * last - later + c, last
    above = (t * last - later + ERFCX[0]) / (1 + 2 * size)
    return xp.where(x < 0, 2 * square_exp(x) - above, above)


def square_exp(x: Array, sign: float = 1.0) -> Array:
    """``exp(sign*x**2)``, without what rounding the square would lose."""
    xp = x.__array_namespace__()
    head = xp.round(xp.clip(x, -1e3, 1e3) * 16) / 16
    return xp.exp(sign * head * head) * xp.exp(sign * (x - head) * (x + head))


def erfc(x: Array) -> Array:
    """The complementary error function."""
    xp = x.__array_namespace__()
    size = xp.clip(xp.abs(x), 0, 30)
    above = square_exp(size, -1.0) * erfcx(size)
    return xp.where(size < 0.5, 1 - erf_near(x), xp.where(x < 0, 2 - above, above))


def erf_near(x: Array) -> Array:
    """The error function by its series, for numbers up to one."""
    xp = x.__array_namespace__()
    x = xp.clip(x, -1, 1)
    factor, total = x, x
    for k in range(1, 21):
        factor = -factor * x * x / k
        total = total + factor / (2 * k + 1)
    return total * 1.1283791670955126


def erf(x: Array) -> Array:
    """The error function."""
    xp = x.__array_namespace__()
    return xp.where(xp.abs(x) < 0.75, erf_near(x), xp.sign(x) * (1 - erfc(xp.abs(x))))


def ndtr(x: Array) -> Array:
    """The distribution function of the standard normal distribution."""
    xp = x.__array_namespace__()
    far = square_exp(x, -0.5) * erfcx(-x * 0.7071067811865476)
    return xp.where(x < -1, far, erfc(-x * 0.7071067811865476)) / 2


LGAMMA = (
    0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986, 0.0028905103307415234,
    -0.001192753911703261, 0.0005096695247430425, -0.00022315475845357939, 9.945751278180853e-05,
    -4.492623673813314e-05, 2.050721277567069e-05, -9.439488275268397e-06, 4.374866789907488e-06,
    -2.039215753801366e-06, 9.55141213040742e-07, -4.492469198764566e-07, 2.1207184805554665e-07,
    -1.0043224823968099e-07, 4.7698101693639804e-08, -2.2711094608943164e-08, 1.0838659214896955e-08,
    -5.183475041970047e-09, 2.4836745438024785e-09, -1.1921401405860912e-09, 5.731367241678862e-10,
    -2.7595228851242334e-10, 1.330476437424449e-10, -6.4229645638381e-11,
)  # fmt: skip
"""``(-1)**k*(zeta(k) - 1)/k`` from ``k = 2`` on."""


def lgamma(x: Array) -> Array:
    """The logarithm of the absolute value of gamma: by its series near 1 and 2, by Stirling's, and by reflection.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 5.5.3, 5.7.3 and 5.11.1.
    """
    xp = x.__array_namespace__()
    reflected = x < 0.5
    y = xp.where(reflected, 1 - x, x)
    below = y < 1.5
    z = xp.clip(xp.where(below, y - 1, y - 2), -0.5, 0.5)
    series = xp.zeros_like(z)
    for c in LGAMMA[::-1]:
        series = series * z + c
    near = series * z * z + (1 - 0.5772156649015329) * z - xp.where(below, xp.log1p(z), xp.zeros_like(z))
    small = xp.clip(y, 0.5, 8)
    product = small
    for k in range(1, 8):
        product = product * (small + k)
    far = xp.where(y < 8, small + 8, y)
    w = 1 / (far * far)
    tail = xp.zeros_like(w)
    for c in (-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12):
        tail = tail * w + c
    large = (far - 0.5) * (xp.log(far) - 1) + (0.9189385332046728 - 0.5) + tail / far
    large = xp.where(far == float("inf"), far, large)
    found = xp.where(y < 2.5, near, large - xp.where(y < 8, xp.log(product), xp.zeros_like(y)))
    sine = xp.abs(xp.sin(3.141592653589793 * (x - xp.round(x))))
    return xp.where(reflected, xp.log(3.141592653589793 / sine) - found, found)


def digamma(x: Array) -> Array:
    """The derivative of the logarithm of gamma.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 5.5.4 and 5.11.2.
    """
    xp = x.__array_namespace__()
    reflected = x <= 0
    y = xp.where(reflected, 1 - x, x)
    found = xp.zeros_like(y)
    for _ in range(10):
        found, y = xp.where(y < 10, found - 1 / y, found), xp.where(y < 10, y + 1, y)
    w = 1 / (y * y)
    tail = xp.zeros_like(w)
    for c in (-3617 / 8160, 1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12):
        tail = (tail + c) * w
    found = found + xp.log(y) - 0.5 / y - tail
    pole = xp.where(x < 0, xp.full_like(x, float("nan")), -1 / x)
    slope = 3.141592653589793 / xp.tan(3.141592653589793 * (x - xp.round(x)))
    return xp.where(reflected, xp.where(x == xp.floor(x), pole, found - slope), found)


def trigamma(x: Array) -> Array:
    """The derivative of digamma.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 5.15.6 and 5.15.8.
    """
    xp = x.__array_namespace__()
    reflected = x < 0
    y = xp.where(reflected, 1 - x, x)
    found = xp.zeros_like(y)
    for _ in range(10):
        found, y = xp.where(y < 10, found + 1 / (y * y), found), xp.where(y < 10, y + 1, y)
    w = 1 / (y * y)
    tail = xp.zeros_like(w)
    for c in (-3617 / 510, 7 / 6, -691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6):
        tail = (tail + c) * w
    found = found + (1 + tail) / y + w / 2
    slope = 3.141592653589793 / xp.sin(3.141592653589793 * (x - xp.round(x)))
    found = xp.where(reflected, slope * slope - found, found)
    return xp.where(reflected & (x == xp.floor(x)), xp.full_like(x, float("nan")), found)
