"""Identities for all sizes, from those for a few.

Take two programs whose elements are sums over indices, where what is summed is a product of functions of elements, and
the sums may be divided by one another and be arguments of functions: ``sum((x - mean(x))**2)/sqrt(sum(y*y) + 1)``. Put
over a common denominator, the numerator of their difference is a sum over at most K indices of a function of the
elements at these indices, with coefficients that are polynomials in the sizes of a degree up to D.

Sort the tuples of indices by which of them are equal. The functions that belong to tuples of distinct indices do not
depend on the size, and for sizes of K and more they can be read off: choose the elements at K indices, and let
inclusion and exclusion of indices pick each. So if the difference is zero at all elements for a size of at least K, so
is each of the functions, but for their coefficients; and those are zero if they are so at more than D sizes. The
difference is then zero for all sizes. With several dimensions, the same is said of each.

A :class:`Form` is what has to be known of a node for K and D; a program for which the argument does not hold, because a
function mixes elements and sums over the same index, has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sympy

from tracer import scalar
from tracer.precise.interpreting import READERS
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Literal, Shape
from tracer.tensor import Tensor

MOST = 12
"""The largest number of indices, or of sizes, for which a proof is tried."""

Pair = tuple[int, int]
"""A bound for the numerator and one for the denominator of a fraction."""


class NoFormError(ValueError):
    """A program of which identities for a few sizes say nothing for others."""


class Form(NamedTuple):
    """What is known of a value.

    Attributes
    ----------
    free : bool
        Whether it has an axis of a symbolic size.
    summed : bool
        Whether it holds a sum over such an axis.
    indices : tuple of int
        Bounds of how many indices are summed over in a term of the numerator and the denominator.
    sizes : tuple of int
        Bounds of their degrees in the sizes.
    """

    free: bool = False
    summed: bool = False
    indices: Pair = (0, 0)
    sizes: Pair = (0, 0)

    def pointwise(self) -> Form:
        """The form, if a function may be applied to it: one of elements or one of sums, but not of both."""
        if self.free and self.summed:
            raise NoFormError("a function of elements and of sums over them")
        return self


def _add(a: Pair, b: Pair) -> Pair:
    return max(a[0] + b[1], b[0] + a[1]), a[1] + b[1]


def _multiply(a: Pair, b: Pair) -> Pair:
    return a[0] + b[0], a[1] + b[1]


def _sum(forms: Sequence[Form]) -> Form:
    result = forms[0]
    for f in forms[1:]:
        result = Form(
            result.free or f.free,
            result.summed or f.summed,
            _add(result.indices, f.indices),
            _add(result.sizes, f.sizes),
        )
    return result


def _product(forms: Sequence[Form]) -> Form:
    result = Form()
    for f in forms:
        result = Form(
            result.free or f.free,
            result.summed or f.summed,
            _multiply(result.indices, f.indices),
            _multiply(result.sizes, f.sizes),
        )
    return result


def _function(forms: Sequence[Form]) -> Form:
    """A function of values, which counts as an unknown: known to be equal where the arguments are."""
    if any(f.sizes != (0, 0) and not f.free and not f.summed for f in forms):
        # 2**n is 2*n for the sizes 1 and 2.
        raise NoFormError("a function of sizes alone")
    joined = _product(forms).pointwise()
    return joined._replace(indices=(sum(joined.indices), 0), sizes=(sum(joined.sizes), 0))


def read_form(e: sympy.Basic, values: Mapping[sympy.Basic, Form]) -> Form:
    """The form of an expression, given those of its symbols.

    Raises
    ------
    NoFormError
        If a function is applied to elements and sums over them.
    """
    if e in values:
        return values[e]
    if isinstance(e, sympy.Add):
        return _sum([read_form(t, values) for t in e.args])
    if isinstance(e, sympy.Mul):
        return _product([read_form(t, values) for t in e.args])
    if isinstance(e, sympy.Pow) and e.exp.is_Integer and abs(e.exp) <= MOST:
        form = _product([read_form(e.base, values)] * abs(int(e.exp)))
        return form if e.exp > 0 else form.pointwise()._replace(indices=form.indices[::-1], sizes=form.sizes[::-1])
    if isinstance(e, sympy.exp):
        # The exponential of a sum is a product, and each factor may be of elements or of sums.
        return _product([_function([read_form(t, values)]) for t in sympy.Add.make_args(e.args[0])])
    forms = [read_form(t, values) for t in e.args]
    if any(f.sizes != (0, 0) for f in forms) and _chooses(e):
        # relu(n - 5) is 0 for the first sizes; so is what holds for sum(x) > 5 and mean(x) < 1.
        raise NoFormError("a choice by what depends on sizes")
    return _function(forms) if forms else Form()


def _chooses(e: sympy.Basic) -> bool:
    """Whether the value of a function is chosen by a sign."""
    slots = [argument(k) for k in range(len(e.args))]
    whole = type(e)(*slots).rewrite() if isinstance(e, (scalar.Named, scalar.step)) else e
    return bool(whole.has(*READERS))


class Forms(Reader[Form]):
    """The forms of tensors of symbolic shapes."""

    def __init__(self) -> None:
        super().__init__()
        self.sums: dict[int, list[Form]] = {}

    def literal(self, value: Literal) -> Form:
        """A number, or a rational expression in sizes."""
        if not isinstance(value, sympy.Expr) or not value.free_symbols:
            return Form()
        symbols = sorted(value.free_symbols, key=str)
        top, bottom = value.together().as_numer_denom()
        if not (top.is_polynomial(*symbols) and bottom.is_polynomial(*symbols)):
            raise NoFormError(f"{value} is not rational in sizes")
        degrees = (sympy.Poly(part, *symbols).total_degree() for part in (top, bottom))
        first, second = map(int, degrees)
        return Form(sizes=(first, second))

    def source(self, tensor: Tensor) -> Form:
        """A source."""
        if tensor.value is None:
            return Form(free=_is_symbolic(tensor.shape))
        if tensor.shape:
            raise NoFormError("an array of numbers")
        return self.literal(tensor.value)

    def elementwise(self, tensor: Tensor, *parts: Form) -> Form:
        """The template, of the forms of the operands; those that are sums of other nodes are seen through."""
        assert isinstance(tensor.rule, Elementwise)
        known = [None if isinstance(a, (Tensor, sympy.Expr)) else a for a in tensor.args]
        template = tensor.rule.evaluated(known)
        if template in (sympy.exp(argument(0)),) and isinstance(tensor.args[0], Tensor):
            terms = self.sums.get(tensor.args[0].node, [parts[0]])
            return _product([_function([t]) for t in terms])
        form = read_form(template, {argument(k): p for k, p in enumerate(parts)})
        if isinstance(template, sympy.Add) and all(t.could_extract_minus_sign() or t.is_Symbol for t in template.args):
            self.sums[tensor.node] = [
                term
                for t in template.args
                for k, a in enumerate(tensor.args)
                if argument(k) in t.free_symbols
                for term in (self.sums.get(a.node, [parts[k]]) if isinstance(a, Tensor) else [parts[k]])
            ]
        return form

    def contraction(self, tensor: Tensor, *parts: Form) -> Form:
        """A sum of products, with as many indices more as are summed over axes of symbolic sizes."""
        subscripts = tensor.params
        form = _product([*parts, self.literal(subscripts.scale)])
        summed = {
            k
            for labels, a in zip(subscripts.inputs, tensor.args)
            if isinstance(a, Tensor)
            for k, d in zip(labels, a.shape)
            if k not in subscripts.output and not isinstance(d, int)
        }
        own = _multiply(form.indices, (len(summed), 0))
        result = Form(_is_symbolic(tensor.shape), form.summed or bool(summed), own, form.sizes)
        if (
            len(tensor.args) == 1
            and not summed
            and isinstance(tensor.args[0], Tensor)
            and tensor.args[0].node in self.sums
        ):
            self.sums[tensor.node] = self.sums[tensor.args[0].node]
        return result

    def row(self, tensor: Tensor, *parts: Form) -> Form:
        """The elements of another operation are unknowns, known to be equal where the operands are."""
        joined = _product(parts)
        axes = sum(not isinstance(d, int) for a in tensor.args if isinstance(a, Tensor) for d in a.shape)
        return Form(_is_symbolic(tensor.shape), False, (sum(joined.indices) + axes, 0), (sum(joined.sizes), 0))


def _is_symbolic(shape: Shape) -> bool:
    return any(not isinstance(d, int) for d in shape)


def bound_sizes(left: Sequence[Tensor], right: Sequence[Tensor]) -> tuple[int, int] | None:
    """From which size on, and for how many sizes, an identity has to hold to hold for all; None where nothing is known.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", ("n",))
    >>> bound_sizes([tracer.reduce_sum(x) ** 2], [tracer.reduce_sum(x * x)])
    (2, 1)
    """
    try:
        forms = Forms().read([*left, *right])
    except NoFormError:
        return None
    indices, degree = 0, 0
    for a, b, t in zip(forms[: len(left)], forms[len(left) :], left):
        axes = sum(not isinstance(d, int) for d in t.shape)
        indices = max(indices, _add(a.indices, b.indices)[0] + axes)
        degree = max(degree, _add(a.sizes, b.sizes)[0])
    return (max(indices, 1), degree + 1) if max(indices, degree) <= MOST else None
