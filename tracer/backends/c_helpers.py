"""What generated C calls beside its library, and the words that name no value in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

HELPERS = {
    "maximum": "static double maximum(double x, double y) { return x != x || x > y ? x : y; }",
    "minimum": "static double minimum(double x, double y) { return x != x || x < y ? x : y; }",
    "sign": "static double sign(double x) { return x != x ? x : (x > 0) - (x < 0); }",
    "heaviside": (
        "static double heaviside(double x, double at_zero) { return x != x ? x : x == 0 ? at_zero : x > 0; }"
    ),
    "remainder_of": (
        "static double remainder_of(double x, double y) {\n"
        "    double r = fmod(x, y);\n"
        "    return r == 0 ? copysign(0, y) : (r < 0) != (y < 0) ? r + y : r;\n"
        "}"
    ),
    "floor_divide": (
        "static double floor_divide(double x, double y) {\n"
        "    double r = fmod(x, y), q = (x - r) / y - (r != 0 && (r < 0) != (y < 0));\n"
        "    return y == 0 ? x / y : q == 0 ? copysign(0, x / y) : floor(q) + (q - floor(q) > 0.5);\n"
        "}"
    ),
    "logaddexp": (
        "static double logaddexp(double x, double y) {\n"
        "    return x == y ? x + log(2) : x > y ? x + log1p(exp(y - x)) : y > x ? y + log1p(exp(x - y)) : x - y;\n"
        "}"
    ),
    "logarithm_of_gamma": (
        "static double logarithm_of_gamma(double x) { return x == -INFINITY ? INFINITY : lgamma(x); }"
    ),
    "scaled_erfc": (
        "static double scaled_erfc(double x) {\n"
        "    double square = x * x;\n"
        "    return x > 25 ? 0.5641895835477563 / (x + 0.5 / (x + 1 / (x + 1.5 / (x + 2 / (x + 2.5 / x)))))\n"
        "        : x < -27 ? INFINITY : exp(square) * (1 + fma(x, x, -square)) * erfc(x);\n"
        "}"
    ),
    "gamma_of": "static double gamma_of(double x) { return x == -INFINITY ? NAN : tgamma(x); }",
}
"""What C's library lacks, or has with other answers for NaN and infinities."""

ARRAY_HELPERS = {
    "scale_of": "static double scale_of(double x) { return x > 0 && x < INFINITY ? x : 1; }",
    "finite_of": "static double finite_of(double x) { return x - x == 0 ? x : 0; }",
    "square_of": "static double square_of(double x) { return x * x; }",
    "is_greater": "static bool is_greater(double x, double y) { return x > y || (x != x && y == y); }",
    "is_less": "static bool is_less(double x, double y) { return x < y || (x != x && y == y); }",
    "comes_before": (
        "static bool comes_before(double x, double y, bool earlier) {\n"
        "    return x < y || ((x == y || x != x) && (x == y || y != y) && earlier) || (y != y && x == x);\n"
        "}"
    ),
    "whole_quotient": (
        "static int64_t whole_quotient(int64_t x, int64_t y) {\n"
        "    return y == 0 ? 0 : x / y - (x % y != 0 && (x < 0) != (y < 0));\n"
        "}"
    ),
    "whole_remainder": (
        "static int64_t whole_remainder(int64_t x, int64_t y) {\n"
        "    return y == 0 ? 0 : x % y + (x % y != 0 && (x < 0) != (y < 0) ? y : 0);\n"
        "}"
    ),
    "wrap": (
        "/* A place that may count from the end; -1 for one that is none. */\n"
        "static int64_t wrap(int64_t at, int64_t size) {\n"
        "    return at < -size || at >= size ? -1 : at < 0 ? at + size : at;\n"
        "}"
    ),
    "eliminate": (
        "/* Write a matrix as triangular factors with its rows in another order; the sign of that order. */\n"
        "static double eliminate(double *a, int64_t *rows, int64_t n) {\n"
        "    double sign = 1;\n"
        "    for (int64_t i = 0; i < n; i++) rows[i] = i;\n"
        "    for (int64_t k = 0; k < n; k++) {\n"
        "        int64_t best = k;\n"
        "        for (int64_t i = k + 1; i < n; i++) {\n"
        "            if (fabs(a[i * n + k]) > fabs(a[best * n + k])) best = i;\n"
        "        }\n"
        "        if (best != k) {\n"
        "            const int64_t row = rows[k];\n"
        "            rows[k] = rows[best];\n"
        "            rows[best] = row;\n"
        "            sign = -sign;\n"
        "            for (int64_t j = 0; j < n; j++) {\n"
        "                const double other = a[k * n + j];\n"
        "                a[k * n + j] = a[best * n + j];\n"
        "                a[best * n + j] = other;\n"
        "            }\n"
        "        }\n"
        "        for (int64_t i = k + 1; i < n && a[k * n + k] != 0; i++) {\n"
        "            const double factor = a[i * n + k] /= a[k * n + k];\n"
        "            for (int64_t j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];\n"
        "        }\n"
        "    }\n"
        "    return sign;\n"
        "}"
    ),
    "substitute": (
        "/* Solve for one right side by triangular factors; NaN where there is no solution. */\n"
        "static void substitute(const double *a, const int64_t *rows, const double *b, double *x, int64_t n) {\n"
        "    for (int64_t i = 0; i < n; i++) {\n"
        "        x[i] = b[rows[i]];\n"
        "        for (int64_t j = 0; j < i; j++) x[i] -= a[i * n + j] * x[j];\n"
        "    }\n"
        "    for (int64_t i = n - 1; i >= 0; i--) {\n"
        "        for (int64_t j = i + 1; j < n; j++) x[i] -= a[i * n + j] * x[j];\n"
        "        x[i] = a[i * n + i] == 0 ? NAN : x[i] / a[i * n + i];\n"
        "    }\n"
        "}"
    ),
    "determinant": (
        "static double determinant(const double *a, double sign, int64_t n) {\n"
        "    for (int64_t i = 0; i < n; i++) sign *= a[i * n + i];\n"
        "    return sign;\n"
        "}"
    ),
    "sign_of_determinant": (
        "static double sign_of_determinant(const double *a, double sign, int64_t n) {\n"
        "    for (int64_t i = 0; i < n; i++) sign *= (a[i * n + i] > 0) - (a[i * n + i] < 0);\n"
        "    return sign;\n"
        "}"
    ),
    "log_of_determinant": (
        "static double log_of_determinant(const double *a, double sign, int64_t n) {\n"
        "    double total = 0 * sign;\n"
        "    for (int64_t i = 0; i < n; i++) total += log(fabs(a[i * n + i]));\n"
        "    return total;\n"
        "}"
    ),
    "log_determinant": (
        "static double log_determinant(const double *a, double sign, int64_t n) {\n"
        "    return sign_of_determinant(a, sign, n) < 0 ? NAN : log_of_determinant(a, sign, n);\n"
        "}"
    ),
    "factor_cholesky": (
        "static void factor_cholesky(double *a, int64_t n) {\n"
        "    for (int64_t j = 0; j < n; j++) {\n"
        "        for (int64_t i = 0; i < j; i++) a[i * n + j] = 0;\n"
        "        for (int64_t k = 0; k < j; k++) a[j * n + j] -= a[j * n + k] * a[j * n + k];\n"
        "        a[j * n + j] = a[j * n + j] > 0 ? sqrt(a[j * n + j]) : NAN;\n"
        "        for (int64_t i = j + 1; i < n; i++) {\n"
        "            for (int64_t k = 0; k < j; k++) a[i * n + j] -= a[i * n + k] * a[j * n + k];\n"
        "            a[i * n + j] /= a[j * n + j];\n"
        "        }\n"
        "    }\n"
        "}"
    ),
    "cofactor": (
        "/* The determinant of a matrix without a row and a column, with its sign. */\n"
        "static double cofactor(\n"
        "    const double *a, double *minor, int64_t *rows, int64_t row, int64_t column, int64_t n\n"
        ") {\n"
        "    for (int64_t i = 0; i < n - 1; i++) {\n"
        "        for (int64_t j = 0; j < n - 1; j++) {\n"
        "            minor[i * (n - 1) + j] = a[(i + (i >= row)) * n + j + (j >= column)];\n"
        "        }\n"
        "    }\n"
        "    return ((row + column) % 2 ? -1 : 1) * determinant(minor, eliminate(minor, rows, n - 1), n - 1);\n"
        "}"
    ),
}
"""What loops over arrays call."""


def write_helpers(used: Iterable[str]) -> list[str]:
    """The texts of helpers and of those that they call, in an order in which they may stand.

    Examples
    --------
    >>> [text.split("(")[0] for text in write_helpers(["log_determinant"])]
    ['static double sign_of_determinant', 'static double log_of_determinant', 'static double log_determinant']
    """
    everything = HELPERS | ARRAY_HELPERS
    waiting = [name for name in used if name in everything]
    needed = set(waiting)
    while waiting:
        called = {*re.findall(r"\w+(?=\()", everything[waiting.pop()])} & everything.keys() - needed
        needed |= called
        waiting += called
    return [text for name, text in everything.items() if name in needed]


RESERVED = frozenset((
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern",
    "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short",
    "signed", "sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile",
    "while", "bool", "true", "false", "int8_t", "int32_t", "int64_t", "_Bool", "_Complex", "_Imaginary",
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh",
    "cbrt", "ceil", "copysign", "cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "fdim", "floor",
    "fma", "fmax", "fmin", "fmod", "frexp", "gamma", "hypot", "ilogb", "isfinite", "isinf", "isnan", "j0",
    "j1", "jn", "ldexp", "lgamma", "log", "log10", "log1p", "log2", "logb", "main", "modf", "nan",
    "nearbyint", "nextafter", "pow", "remainder", "rint", "round", "scalbn", "signbit", "signgam", "sin",
    "sinh", "sqrt", "tan", "tanh", "tgamma", "trunc", "y0", "y1", "yn", "INFINITY", "NAN",
))  # fmt: skip
"""Words of C99 and of its library, which name no value."""


class CNames:
    """Distinct identifiers of C.

    Examples
    --------
    >>> names = CNames("f")
    >>> names.new("x"), names.new("x"), names.new("double"), names.new("2b")
    ('x', 'x_2', 'double_2', 'v2b')
    """

    def __init__(self, *taken: str) -> None:
        self.taken = {"out", *taken, *HELPERS, *ARRAY_HELPERS, *RESERVED}

    def new(self, wanted: str) -> str:
        """An identifier like the wanted one that no other value has."""
        plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in wanted)
        plain = plain if plain[:1].isalpha() else f"v{plain}"
        found, k = plain, 1
        while found in self.taken:
            k += 1
            found = f"{plain}_{k}"
        self.taken.add(found)
        return found
