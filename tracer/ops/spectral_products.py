"""Products of eigenvectors that are functions of their matrix: ``V diag(f(w)) V^T``, however it is spelled.

The gradient of such a product by its factors is a sum of two, by the vectors and by the values, of which neither is
there where eigenvalues are equal. That of the whole is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import sympy

from tracer.dtypes import FLOATS
from tracer.ops.contraction import Contraction, contract, matmul, multiply_literals
from tracer.ops.indexing import GETITEM, SCATTER, take
from tracer.ops.selection import Slice
from tracer.ops.spectral import EIGENVALUES, EIGENVECTORS, LEFT, RIGHT, SINGULAR
from tracer.ops.spectral_functions import Spectral, W, has_derivatives, record_spectral
from tracer.rules import TABLE, Elementwise, argument, list_positions, position_of
from tracer.shapes import Dim, Literal, Shape, Subscripts
from tracer.tensor import Tensor, record_tensor
from tracer.terms.numbers import exact
from tracer.walk import ancestors

VECTORS = EIGENVECTORS, LEFT, RIGHT
VALUES = EIGENVALUES, SINGULAR
MOST = 12
"""Products of more factors are left as they are."""

Opens = Callable[[Tensor, Tensor], bool]
"""Whether a tensor may be taken apart where another one uses it."""


def find_spectral_products(order: Sequence[Tensor], opens: Opens) -> dict[int, Tensor]:
    """The products in a program that are functions of matrices, written as those, by their keys.

    Parameters
    ----------
    order : sequence of Tensor
        In the order of creation.
    opens : callable
        Whether a tensor may be taken apart where another one uses it.
    """
    found: dict[int, Tensor] = {}
    bearing: set[int] = set()
    for t in order:
        if t.rule in VECTORS:
            bearing.add(t.node)
        elif any(type(a) is Tensor and a.node in bearing for a in t.args) and t.dtype in FLOATS:
            product = type(t.rule) is Contraction or isinstance(t.rule, Elementwise)
            made = _Product(t, bearing, opens).write() if product else None
            if made is not None:
                found[t.node] = made
            elif product or t.rule is GETITEM:
                bearing.add(t.node)
    return found


class _Factor(NamedTuple):
    tensor: Tensor
    labels: tuple[int, ...]


class _Vectors(NamedTuple):
    """A factor that is vectors: of which kind, of what matrix, which of them."""

    kind: object
    matrix: Tensor
    places: Slice | None


class _TooLong(Exception):
    """A product has too many factors, or none that can be told."""


class _Product:
    """A contraction, taken apart into factors.

    Parameters
    ----------
    node : Tensor
    bearing : set of int
        The keys of tensors that eigenvectors are factors of.
    opens : callable
    """

    def __init__(self, node: Tensor, bearing: set[int], opens: Opens) -> None:
        self.node, self.bearing, self.opens = node, bearing, opens
        self.fresh = itertools.count()
        self.same: dict[int, int] = {}
        self.scale: Literal = 1
        self.factors: list[_Factor] = []
        self.singles: dict[Dim, int] = {}

    def write(self) -> Tensor | None:
        """The product with functions of matrices in the place of vectors; None if there is no such function."""
        output = self.node.params.output if type(self.node.rule) is Contraction else range(self.node.ndim)
        if len({*output}) < len(output):
            return None
        labels = [next(self.fresh) for _ in output]
        try:
            if type(self.node.rule) is Contraction:
                self._take_contraction(self.node, labels)
            elif not self._take_elements(self.node, labels):
                return None
        except _TooLong:
            return None
        self.factors = [_Factor(t, self._merge(own)) for t, own in self.factors]
        merged = self._merge(labels)
        if len({*merged}) < len(merged):
            return None
        changed = False
        while (made := self._find_function(merged)) is not None:
            used, factor = made
            self.factors = [f for f in self.factors if not any(f is u for u in used)] + [factor]
            changed = True
        if not changed or not self._is_plain(merged):
            return None
        if len(self.factors) == 1 and self.factors[0].labels == merged and self.scale == 1:
            return self.factors[0].tensor
        inputs = tuple(f.labels for f in self.factors)
        operands = tuple(f.tensor for f in self.factors)
        return contract("spectral_product", operands, Subscripts(inputs, merged, self.scale), self.node.shape)

    def _merge(self, labels: Sequence[int]) -> tuple[int, ...]:
        """Labels, of equal ones the first."""
        found = []
        for k in labels:
            while k in self.same:
                k = self.same[k]
            found.append(k)
        return tuple(found)

    def _is_plain(self, output: Sequence[int]) -> bool:
        """Whether each axis of the output is one of a factor's, so that nothing is repeated."""
        present = {k for f in self.factors for k in f.labels}
        return all(k in present or d == 1 for k, d in zip(output, self.node.shape))

    def _take(self, tensor: Tensor, labels: Sequence[int], user: Tensor) -> None:
        """Add a tensor to the factors, or what it is a product of."""
        if len(self.factors) > MOST:
            raise _TooLong
        single = self._read_single(tensor)
        if single is not None:
            label = self.singles.setdefault(single.params[-1].start, next(self.fresh))
            self.factors.append(_Factor(single, (*labels, label)))
            return
        bears = tensor.node in self.bearing
        opens = tensor.rule not in VECTORS and self.opens(tensor, user)
        if type(tensor.rule) is Contraction and tensor.args and opens and (bears or len(tensor.args) == 1):
            self._take_contraction(tensor, labels)
        elif not (bears and opens and self._take_elements(tensor, labels)):
            self.factors.append(_Factor(tensor, tuple(labels)))

    def _take_elements(self, tensor: Tensor, labels: Sequence[int]) -> bool:
        """Add the operands of an elementwise product, quotient or square; False if a tensor is none."""
        split = _split(tensor)
        if split is None:
            return False
        scale, parts = split
        self.scale = multiply_literals(self.scale, scale)
        for part, power in parts:
            dims = zip(labels[len(labels) - part.ndim :], part.shape, tensor.shape[tensor.ndim - part.ndim :])
            own = [k if d == whole else next(self.fresh) for k, d, whole in dims]
            if power < 0:
                self.factors.append(_Factor(1 / part, tuple(own)))
            for _ in range(power):
                self._take(part, own, tensor)
        return True

    def _take_contraction(self, tensor: Tensor, labels: Sequence[int]) -> None:
        """Add the operands of a contraction, its output having labels."""
        inputs, output, scale = tensor.params
        names: dict[int, int] = {}
        for k, own in zip(output, labels):
            if k in names:
                one, other = self._merge([names[k], own])
                if one != other:
                    self.same[other] = one
            else:
                names[k] = own
        present = {k for own in inputs for k in own}
        if any(k not in present and d != 1 for k, d in zip(output, tensor.shape)):
            raise _TooLong
        self.scale = multiply_literals(self.scale, scale)
        for k in present - names.keys():
            names[k] = next(self.fresh)
        for operand, own in zip(tensor.args, inputs):
            self._take(operand, [names[k] for k in own], tensor)

    def _read_single(self, tensor: Tensor) -> Tensor | None:
        """One of some vectors, as a matrix with one column; None if a tensor is something else."""
        if tensor.rule is not GETITEM or tensor.args[0].rule not in VECTORS or not self.opens(tensor, self.node):
            return None
        (vectors, *arrays), index = tensor.args, tensor.params
        if arrays or len(index) != vectors.ndim or not isinstance(index[-1], int | sympy.Expr):
            return None
        *rest, last = index
        if not _takes_all(rest, vectors.shape):
            return None
        start = last + vectors.shape[-1] if isinstance(last, int) and last < 0 else last
        return take(vectors, (*rest, Slice(start, 1, 1)))

    def _find_function(self, output: Sequence[int]) -> tuple[list[_Factor], _Factor] | None:
        """The factors of one function of a matrix, and what takes their place."""
        known = [(f, v) for f in self.factors if (v := self._read_vectors(f.tensor)) is not None]
        for (one, left), (other, right) in itertools.combinations(known, 2):
            *batch, row, k = one.labels
            *others, column, last = other.labels
            if k != last or k in output or batch != others or k in (row, column, *batch):
                continue
            if left.matrix is not right.matrix or left.places != right.places:
                continue
            if left.kind is RIGHT and right.kind is LEFT:
                left, right, row, column = right, left, column, row
            kinds = left.kind, right.kind
            if kinds not in ((EIGENVECTORS, EIGENVECTORS), (LEFT, RIGHT)) and not _are_all(left, right):
                continue
            scales = [f for f in self.factors if k in f.labels and f is not one and f is not other]
            made = self._read_function(left, right.kind, scales, (*batch, k))
            if made is not None:
                return [one, other, *scales], _Factor(made, (*batch, row, column))
        return None

    def _read_vectors(self, tensor: Tensor) -> _Vectors | None:
        """What vectors a factor is; None if it is something else."""
        places = None
        if tensor.rule is GETITEM and tensor.args[0].rule in VECTORS and self.opens(tensor, self.node):
            places = _read_places(tensor.params, tensor.args[0])
            tensor = tensor.args[0] if places is not None else tensor
        if tensor.rule not in VECTORS or not self.opens(tensor, self.node):
            return None
        return _Vectors(tensor.rule, tensor.args[0], places)

    def _read_function(
        self, vectors: _Vectors, other: object, scales: Sequence[_Factor], labels: tuple[int, ...]
    ) -> Tensor | None:
        """The function of a matrix that has vectors and scales."""
        reading = _Reading(vectors.matrix, self.opens)
        function: sympy.Expr = sympy.S.One
        places = vectors.places
        for tensor, own in scales:
            if tuple(k for k, d in zip(own, tensor.shape) if d != 1 or k in labels) != labels:
                return None
            scattered = None
            tensor = _strip(tensor)
            if tensor.rule is SCATTER and self.opens(tensor, self.node):
                if len(tensor.args) != 1 or vectors.places is not None:
                    return None
                scattered = _read_places(tensor.params[0], tensor)
                if scattered is None or places not in (None, scattered):
                    return None
                places, tensor = scattered, _strip(tensor.args[0])
            value = reading.read(tensor, self.node, vectors.places or scattered)
            if value is None:
                return None
            function *= value
        if len(reading.parameters) > 4 or not has_derivatives(function):
            return None
        matrix, singular = vectors.matrix, vectors.kind is not EIGENVECTORS
        if singular and other is vectors.kind:
            # Singular vectors of one side are the eigenvectors of a symmetric matrix.
            matrix = matmul(matrix, matrix, transpose_a=other is RIGHT, transpose_b=other is LEFT)
            function, singular = function.xreplace({W: sympy.sqrt(W)}), False
            if places is not None or not has_derivatives(function):
                return None
        made = Spectral(function, len(reading.parameters), places, singular)
        return record_spectral(matrix, made, reading.parameters)


def _are_all(left: _Vectors, right: _Vectors) -> bool:
    """Whether vectors are all singular vectors of one side."""
    m, n = left.matrix.shape[-2:]
    if left.kind is not right.kind or left.kind is EIGENVECTORS:
        return False
    own, across = (m, n) if left.kind is LEFT else (n, m)
    return bool(own == across) or (isinstance(own, int) and isinstance(across, int) and own <= across)


def _strip(tensor: Tensor) -> Tensor:
    """A vector without axes of size one that it was given."""
    while _only_adds_axes(tensor):
        tensor = tensor.args[0]
    return tensor


def _only_adds_axes(tensor: Tensor) -> bool:
    """Whether a tensor is another one with axes of size one, at any places."""
    if tensor.rule is GETITEM:
        kept = [entry for entry in tensor.params if entry is not None]
        return len(kept) < len(tensor.params) and _takes_all(kept, tensor.args[0].shape)
    if type(tensor.rule) is not Contraction:
        return False
    inputs, output, scale = tensor.params
    if len(inputs) != 1 or scale != 1 or len({*inputs[0]}) < len(inputs[0]):
        return False
    kept = [k for k, d in zip(output, tensor.shape) if d != 1]
    return kept == [k for k, d in zip(inputs[0], tensor.args[0].shape) if d != 1]


def _read_places(index: object, whole: Tensor) -> Slice | None:
    """The places along the last axis that an index takes, if it takes all of the others."""
    if not isinstance(index, tuple) or len(index) != whole.ndim or not all(type(entry) is Slice for entry in index):
        return None
    *rest, last = index
    return last if _takes_all(rest, whole.shape) and last.step == 1 else None


def _takes_all(index: Sequence[object], shape: Shape) -> bool:
    """Whether an index takes all elements along axes."""
    return all(isinstance(s, Slice) and s[:2] == (0, d) and s.step == 1 for s, d in zip(index, shape))


@lru_cache(maxsize=1024)
def _split_template(template: sympy.Expr) -> tuple[sympy.Expr, tuple[tuple[int, int], ...]] | None:
    """A number, and the powers of arguments that a template is the product of; None if it is no such product."""
    scale: sympy.Expr = sympy.S.One
    powers: list[tuple[int, int]] = []
    for factor in sympy.Mul.make_args(template):
        base, power = factor.as_base_exp()
        if factor.is_number:
            scale *= factor
        elif base.is_Symbol and power in (1, 2, -1):
            powers.append((position_of(base), int(power)))
        else:
            return None
    return scale, tuple(powers)


def _put_numbers(tensor: Tensor) -> sympy.Expr | None:
    """The template of an elementwise operation of numbers with its literals in it; None of another operation."""
    if not isinstance(tensor.rule, Elementwise):
        return None
    template = tensor.rule.template
    if isinstance(template, sympy.logic.boolalg.Boolean):
        return None
    numbers = {argument(k): exact(a) for k, a in enumerate(tensor.args) if type(a) is not Tensor}
    return template.xreplace(numbers) if numbers else template


def _split(tensor: Tensor) -> tuple[Literal, list[tuple[Tensor, int]]] | None:
    """A number, and the tensors with their powers that a tensor is the product of."""
    template = _put_numbers(tensor)
    found = None if template is None else _split_template(template)
    if found is None:
        return None
    scale, powers = found
    number = int(scale) if scale.is_Integer else float(scale) if scale.is_Float else scale
    return number, [(tensor.args[k], power) for k, power in powers]


class _Reading:
    """Vectors as functions of the eigenvalues or singular values of a matrix, and of numbers.

    Attributes
    ----------
    parameters : list of Tensor
        The numbers, in the order of the arguments that stand for them.
    """

    def __init__(self, matrix: Tensor, opens: Opens) -> None:
        self.matrix, self.opens = matrix, opens
        self.parameters: list[Tensor] = []

    def read(self, tensor: Tensor, user: Tensor, places: Slice | None, depth: int = 24) -> sympy.Expr | None:
        """The function; at places, those of a part of the values. None if it is no such function."""
        if type(tensor.rule) is Contraction and not tensor.args:
            return exact(tensor.params.scale)
        if tensor.rule in VALUES and tensor.args[0] is self.matrix and self.opens(tensor, user):
            return W if places is None else None
        if not tensor.shape:
            known = next((k for k, p in enumerate(self.parameters) if p is tensor), len(self.parameters))
            if known == len(self.parameters):
                self.parameters.append(tensor)
            return argument(known + 1)
        if not depth or not self.opens(tensor, user):
            return None
        if _only_adds_axes(tensor):
            return self.read(tensor.args[0], tensor, places, depth - 1)
        if tensor.rule is GETITEM:
            if places is None or _read_places(tensor.params, tensor.args[0]) != places:
                return None
            return self.read(tensor.args[0], tensor, None, depth - 1)
        if tensor.rule.name == "softmax":
            return self._read_softmax(tensor, places, depth)
        template = _put_numbers(tensor)
        if template is None:
            return None
        parts: dict[sympy.Symbol, sympy.Expr] = {}
        for k in list_positions(template):
            part = self.read(tensor.args[k], tensor, places, depth - 1)
            if part is None:
                return None
            parts[argument(k)] = part
        return template.xreplace(parts)

    def _read_softmax(self, tensor: Tensor, places: Slice | None, depth: int) -> sympy.Expr | None:
        """Exponentials, divided by a number."""
        (x,) = tensor.args
        if x.ndim != 1:
            return None
        total = record_tensor(TABLE["reduce_logsumexp"], (x,), ((0,), False), (), x.dtype)
        part, shift = self.read(x, tensor, places, depth - 1), self.read(total, tensor, places)
        return None if part is None or shift is None else sympy.exp(part - shift)


def is_sum_over_values(tensor: Tensor) -> bool:
    """Whether a number is the sum of a function of each eigenvalue, whose order does not matter."""
    if type(tensor.rule) is not Contraction or tensor.shape or len(tensor.args) != 1 or tensor.args[0].ndim != 1:
        return False
    values = [t for t in ancestors(tensor.args, lambda t: t.rule in VALUES) if t.rule in VALUES]
    if not values or values[0].rule is not EIGENVALUES:
        return False
    reading = _Reading(values[0].args[0], lambda t, user: True)
    return reading.read(tensor.args[0], tensor, None) is not None and not reading.parameters
