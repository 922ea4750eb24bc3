"""Identities for all sizes, from those for a few.

Take two programs whose elements are sums over indices, where what is summed is a product of functions of elements, and
the sums may be divided by one another and be arguments of functions: ``sum((x - mean(x))**2)/sqrt(sum(y*y) + 1)``. Put
over a common denominator, the numerator of their difference is a sum over at most K indices of a function of the
elements at these indices, with coefficients that are polynomials in the sizes of a degree up to D.

Let all elements have one value, but for those at s of the indices: by inclusion and exclusion the numerator is a sum of
functions, each of the elements at some indices alone. What the indices beside them contribute is a polynomial in the
size of a degree up to D + K - s, for there are up to K - s more of them in a term. A function of s indices can be read
off at each size of s and more. So if the difference is zero at all elements for the K + D + 1 sizes from any first one
on, the polynomials have more zeros than their degrees, and the difference is zero for all sizes. With several
dimensions K + D bounds the total degree, and sizes whose excess over the first is K + D in all are enough.

A function of what depends on sizes, as ``exp(sum(x + 1))``, brings factors that are no polynomials in them. They are
the same everywhere if there is but one such function, and an argument that depends on elements.

A :class:`Form` is what has to be known of a node for K and D; a program for which the argument does not hold, because a
function mixes elements and sums over the same index, has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import sympy

from tracer import scalar
from tracer.comparison.identities import Identity
from tracer.comparison.parameters import symbols_in
from tracer.comparison.tried_sizes import fill_shape
from tracer.explanations.vanishing import is_zero
from tracer.precise.interpreting import READERS
from tracer.precise.sized import record_again
from tracer.reader import Reader
from tracer.rules import Elementwise, argument
from tracer.shapes import Dim, Literal, Shape
from tracer.tensor import PLACEHOLDER, Tensor, placeholder
from tracer.walk import ancestors

MOST = 12
"""The largest number of indices and degree for which a proof is tried."""


class Degree(NamedTuple):
    """A bound of the degree of a fraction: of its numerator, and of the factors of its denominator.

    Attributes
    ----------
    top : int
    bottom : dict
        By factor, its degree and its power.

    Examples
    --------
    >>> half = Degree(1, {"n": (1, 2)})
    >>> half.plus(Degree(0, {"n": (1, 1)}))
    Degree(top=1, bottom={'n': (1, 2)})
    """

    top: int = 0
    bottom: Mapping[object, tuple[int, int]] = MappingProxyType({})

    @property
    def below(self) -> int:
        """The degree of the denominator."""
        return sum(degree * power for degree, power in self.bottom.values())

    def plus(self, other: Degree) -> Degree:
        """That of a sum, over the common denominator."""
        common = {**self.bottom, **other.bottom}
        for key in self.bottom.keys() & other.bottom.keys():
            common[key] = max(self.bottom[key], other.bottom[key], key=lambda own: own[1])
        made = Degree(0, common)
        return made._replace(top=max(d.top + made.below - d.below for d in (self, other)))

    def times(self, other: Degree) -> Degree:
        """That of a product."""
        bottom = dict(self.bottom)
        for key, (degree, power) in other.bottom.items():
            bottom[key] = degree, power + bottom.get(key, (0, 0))[1]
        return Degree(self.top + other.top, bottom)

    def inverted(self, key: object, power: int) -> Degree:
        """That of one over a power of what the key stands for."""
        return Degree(self.below * power, {key: (self.top, power)} if self.top else {})

    def joined(self) -> Degree:
        """That of an unknown which is known to be the same where the fraction is."""
        return Degree(self.top + self.below)


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
    indices : Degree
        How many indices are summed over in a term.
    sizes : Degree
        The degree in the sizes.
    vanishing : frozenset of int
        The axes, counted from the end, along which it is zero where the unknowns at that index are.
    """

    free: bool = False
    summed: bool = False
    indices: Degree = Degree()
    sizes: Degree = Degree()
    vanishing: frozenset[int] = frozenset()

    def pointwise(self) -> Form:
        """The form, if a function may be applied to it: one of elements or one of sums, but not of both."""
        if self.free and self.summed:
            raise NoFormError("a function of elements and of sums over them")
        return self


def _sum(forms: Sequence[Form]) -> Form:
    result = forms[0]
    for f in forms[1:]:
        result = Form(
            result.free or f.free,
            result.summed or f.summed,
            result.indices.plus(f.indices),
            result.sizes.plus(f.sizes),
        )
    return result


def _product(forms: Sequence[Form]) -> Form:
    result = Form()
    for f in forms:
        result = Form(
            result.free or f.free,
            result.summed or f.summed,
            result.indices.times(f.indices),
            result.sizes.times(f.sizes),
        )
    return result


def _function(forms: Sequence[Form]) -> Form:
    """A function of values, which counts as an unknown: known to be equal where the arguments are."""
    if any(f.sizes != Degree() and not f.free and not f.summed for f in forms):
        # 2**n is 2*n for the sizes 1 and 2.
        raise NoFormError("a function of sizes alone")
    joined = _product(forms).pointwise()
    return joined._replace(indices=joined.indices.joined(), sizes=joined.sizes.joined())


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
        base, power = read_form(e.base, values), abs(int(e.exp))
        if e.exp > 0:
            return _product([base] * power)
        inverse = base.indices.inverted(e.base, power), base.sizes.inverted(e.base, power)
        return base.pointwise()._replace(indices=inverse[0], sizes=inverse[1])
    if isinstance(e, sympy.exp):
        # The exponential of a sum is a product, and each factor may be of elements or of sums.
        return _product([_function([read_form(t, values)]) for t in sympy.Add.make_args(e.args[0])])
    forms = [read_form(t, values) for t in e.args]
    if any(f.sizes != Degree() for f in forms) and _chooses(e):
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
        self.arguments: list[Tensor] = []
        self.sized = False

    def literal(self, value: Literal) -> Form:
        """A number, or a rational expression in sizes."""
        if not isinstance(value, sympy.Expr) or not value.free_symbols:
            return Form()
        symbols = sorted(value.free_symbols, key=str)
        top, bottom = value.together().as_numer_denom()
        if not (top.is_polynomial(*symbols) and bottom.is_polynomial(*symbols)):
            raise NoFormError(f"{value} is not rational in sizes")
        factors = sympy.factor_list(bottom, *symbols)[1]
        below = {f: (int(sympy.Poly(f, *symbols).total_degree()), int(power)) for f, power in factors}
        return Form(sizes=Degree(int(sympy.Poly(top, *symbols).total_degree()), below))

    def source(self, tensor: Tensor) -> Form:
        """A source."""
        if tensor.value is None:
            axes = {len(tensor.shape) - k for k, d in enumerate(tensor.shape) if measure_degree(d)}
            return Form(free=bool(axes), vanishing=frozenset(axes))
        if tensor.shape:
            raise NoFormError("an array of numbers")
        return self.literal(tensor.value)

    def elementwise(self, tensor: Tensor, *parts: Form) -> Form:
        """The template, of the forms of the operands; those that are sums of other nodes are seen through."""
        assert isinstance(tensor.rule, Elementwise)
        known = [None if isinstance(a, (Tensor, sympy.Expr)) else a for a in tensor.args]
        template = tensor.rule.evaluated(known)
        if not (isinstance(template, sympy.Expr) and template.is_rational_function(*map(argument, range(len(parts))))):
            self.arguments += [a for a, p in zip(tensor.args, parts) if isinstance(a, Tensor) and (p.free or p.summed)]
            self.sized |= any(p.sizes != Degree() for p in parts)
        vanishing = _find_vanishing(template, parts)
        if template in (sympy.exp(argument(0)),) and isinstance(tensor.args[0], Tensor):
            terms = self.sums.get(tensor.args[0].node, [parts[0]])
            return _product([_function([t]) for t in terms])._replace(vanishing=vanishing)
        # An operand is called by its node, so that equal denominators are known.
        names = {argument(k): sympy.Symbol(f"t{getattr(a, 'node', a)}") for k, a in enumerate(tensor.args)}
        values = dict(zip(names.values(), parts))
        form = read_form(template.xreplace(names), values)._replace(vanishing=vanishing)
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
        degrees: dict[int, int] = {}
        vanishing = set()
        for labels, a, p in zip(subscripts.inputs, tensor.args, parts):
            if isinstance(a, Tensor):
                degrees |= {k: measure_degree(d) for k, d in zip(labels, a.shape)}
                vanishing |= {labels[-axis] for axis in p.vanishing}
        summed = {k: degree for k, degree in degrees.items() if degree and k not in subscripts.output}
        # A sum of what is no zero where the elements are, as of ones, is a size.
        hidden = sum(degree for k, degree in summed.items() if k not in vanishing)
        result = Form(
            _is_symbolic(tensor.shape),
            form.summed or bool(summed),
            form.indices.times(Degree(sum(summed.values()))),
            form.sizes.times(Degree(hidden)),
            frozenset(len(subscripts.output) - k for k, label in enumerate(subscripts.output) if label in vanishing),
        )
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
        axes = sum(measure_degree(d) for a in tensor.args if isinstance(a, Tensor) for d in a.shape)
        indices = joined.indices.joined().times(Degree(axes))
        return Form(_is_symbolic(tensor.shape), False, indices, joined.sizes.joined())


def _is_symbolic(shape: Shape) -> bool:
    return any(not isinstance(d, int) for d in shape)


def measure_degree(dim: Dim) -> int:
    """The degree of a size in the dimensions it is made of.

    Raises
    ------
    NoFormError
        If it does not grow with each of them as a polynomial.
    """
    if isinstance(dim, int):
        return 0
    size = sympy.sympify(dim)
    symbols = sorted(size.free_symbols, key=str)
    if not size.is_polynomial(*symbols):
        raise NoFormError(f"the size {size} is no polynomial")
    polynomial = sympy.Poly(size, *symbols)
    if any(c < 0 for powers, c in polynomial.terms() if any(powers)):
        raise NoFormError(f"the size {size} may shrink")
    return int(polynomial.total_degree())


def _find_vanishing(template: sympy.Expr, parts: Sequence[Form]) -> frozenset[int]:
    """The axes along which a function is zero, as its operands are zero along them."""
    axes = frozenset().union(*(p.vanishing for p in parts))
    return frozenset(k for k in axes if _is_zero_at(template, tuple(k in p.vanishing for p in parts)))


@lru_cache(maxsize=1024)
def _is_zero_at(template: sympy.Expr, zeros: tuple[bool, ...]) -> bool:
    """Whether a function is zero where some of its operands are."""
    return bool(template.subs({argument(k): 0 for k, zero in enumerate(zeros) if zero}).doit() == 0)


def _is_one(arguments: Sequence[Tensor]) -> bool:
    """Whether all arguments of functions are the same, but for the sign or for an inverse, and depend on unknowns."""
    first, *others = dict.fromkeys(arguments)
    return all(_are_like(a, first) for a in others) and not _is_constant(first)


def _are_like(a: Tensor, b: Tensor) -> bool:
    """Whether two numbers are the same but for the sign, or one is the other's inverse."""
    if a.shape != b.shape or {a.dtype, b.dtype} != {"float64"}:
        return False
    return is_zero(a - b) or is_zero(a + b) or is_zero(a * b - 1)


def _is_constant(tensor: Tensor) -> bool:
    """Whether a value is the same whatever the unknowns are, as ``sum(sin(x)**2 + cos(x)**2)``, which is the size."""
    order = ancestors([tensor])
    others = {t.node: placeholder(f"other{t.node}", t.shape, **dict(t.params)) for t in order if t.rule is PLACEHOLDER}
    elsewhere = record_again(order, {}, others)[tensor.node]
    unknowns = [t for t in order if t.node in others] + list(others.values())
    sizes = {s: 2 for t in unknowns for s in symbols_in(t.shape)}
    shapes = {t.node: fill_shape(t.shape, sizes) for t in unknowns}
    return Identity([tensor], [elsewhere], shapes, sizes=sizes, opaque=True).prove() is not None


def bound_degree(left: Sequence[Tensor], right: Sequence[Tensor]) -> int | None:
    """The degree K + D of an identity in the sizes, one more than which are enough; None where nothing is known.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.placeholder("x", ("n",))
    >>> bound_degree([tracer.reduce_sum(x) ** 2], [tracer.reduce_sum(x * x)])
    2
    """
    reader = Forms()
    try:
        forms = reader.read([*left, *right])
        degree = 1
        for a, b, t in zip(forms[: len(left)], forms[len(left) :], left):
            axes = sum(map(measure_degree, t.shape))
            degree = max(degree, a.indices.plus(b.indices).top + axes + a.sizes.plus(b.sizes).top)
    except NoFormError:
        return None
    if degree > MOST or (reader.sized and not _is_one(reader.arguments)):
        return None
    return degree
