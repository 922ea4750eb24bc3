"""Contractions as array operations: products, transposes, sums, broadcast products, and an einsum for none of them.

An operand is a line with a label for each axis, and so is a product, whose axes are put in order once, at the end. A
value may have fewer or thinner axes than its tensor has, as long as it broadcasts to the tensor's shape: ones and
diagonals stay out of products, which take their labels instead. So ``diag(x) @ B``, labels ``ii,ij``, is the
elementwise product of ``x[:, None]`` and ``B``: the diagonal matrix is never made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from string import ascii_letters
from typing import NamedTuple

import sympy

from tracer.program.axis_selections import select_axes, turn_product
from tracer.program.building import Lines
from tracer.program.effort import measure_size
from tracer.program.einsum_parts import Labels, Part, find_sum_of_diagonals, open_products
from tracer.program.lines import (
    NEGATIVE,
    OVER,
    TIMES,
    Axis,
    Kind,
    Line,
    Operand,
    Reduction,
    operand_of,
)  # fmt: skip
from tracer.python_code import Number
from tracer.python_scope import shape_of
from tracer.shapes import Dim, Shape, Subscripts, size
from tracer.tensor import Tensor

MANY = 5
"""Of more factors the order is found step by step: all orders are too many to compare."""


class View(NamedTuple):
    """How a line was made from another one without computing: its axes permuted, repeated or taken from a diagonal.

    ``base`` is None for the identity matrix.
    """

    base: Line | None
    inputs: Labels
    output: Labels


def view_of(line: Line) -> View | None:
    """What a line is a view of; None where it is not one.

    Examples
    --------
    A transpose has the axes 0 and 1 of its operand in the order 1, 0:

    >>> lines = Lines()
    >>> x = Line(Kind.ARGUMENT, (), None, (2, 3), "float64")
    >>> view_of(lines.add(Kind.TRANSPOSE, [x], (1, 0), (3, 2), "float64"))[1:]
    ((0, 1), (1, 0))
    """
    if line.op is Kind.EYE:
        return View(None, (), (0, 0))
    if line.op is Kind.TRANSPOSE or line.op is Kind.EMBED:
        (base,) = line.operands
        return View(base, tuple(range(base.ndim)), line.params)
    return None


class Factor(NamedTuple):
    """An operand of a product: a line with a label for each axis."""

    line: Line
    labels: Labels


def lower(lines: Lines, tensor: Tensor, operands: Sequence[Operand]) -> Operand:
    """The value of a contraction; its shape may only broadcast to the tensor's."""
    return ContractionWriter(lines, tensor).lower(operands)


class ContractionWriter:
    """The array operations that one contraction is.

    ``scale`` is what the product is yet to be multiplied with; ``output`` and ``sizes`` are those of the contraction,
    and change where a view makes labels equal.
    """

    def __init__(self, lines: Lines, tensor: Tensor) -> None:
        self.lines = lines
        self.tensor = tensor
        subscripts: Subscripts = tensor.params
        self.output = subscripts.output
        self.scale: Number = (
            sympy.sympify(subscripts.scale) if not isinstance(subscripts.scale, float) else subscripts.scale
        )
        self.sizes: dict[int, Dim] = dict(zip(self.output, tensor.shape))
        for arg, labels in zip(tensor.args, subscripts.inputs):
            self.sizes.update(zip(labels, arg.shape))
        self.summed: dict[Line, Labels] = {}
        """The labels of what a line is the sum of."""
        self.roots: dict[int, int] = {}
        """The label that stands for one which was made equal to it."""

    def lower(self, operands: Sequence[Operand]) -> Operand:
        """The value, its scale, diagonals and axes of size one included."""
        subscripts = self.tensor.params.inputs
        return self.lower_parts([Part(o, k, arg.shape) for o, k, arg in zip(operands, subscripts, self.tensor.args)])

    def lower_parts(self, parts: Sequence[Part]) -> Operand:
        """The value of a product of parts; a sum in which there are diagonals is multiplied out."""
        number, parts = open_products(parts, summed=not self.output and abs(self.scale) == 1)
        self.scale = self.scale * (float(number) if isinstance(self.scale, float) else number)
        for k, part in enumerate(parts):
            total = find_sum_of_diagonals(part.operand)
            if total is not None:
                terms = [[*parts[:k], part._replace(operand=o), *parts[k + 1 :]] for o in total.operands]
                return self.elementwise(total.params, [self.copy().lower_parts(term) for term in terms])
        factors, literals = self.separate_factors(parts)
        present = {k for f in factors for k in f.labels}
        unique = tuple(dict.fromkeys(self.output))
        summed = {k for labels in self.tensor.params.inputs for k in map(self.root_of, labels)} - present - set(unique)
        count = size(tuple(self.sizes[k] for k in sorted(summed)))
        core = tuple(k for k in unique if k in present)
        value: Operand | None = None
        if factors:
            product, count = self.multiply(factors, core, count)
            value = self.order_axes(product, core)
        for literal in literals:
            value = literal if value is None else self.elementwise(TIMES, [value, literal])
        value = self.scale_by(value, count)
        if len(unique) < len(self.output):
            return self.embed_diagonal(value, core, unique)
        return self.restore_axes(value, core, unique)

    # Operands

    def root_of(self, label: int) -> int:
        """The label that stands for a label."""
        return self.roots.get(label, label)

    def copy(self) -> ContractionWriter:
        """A writer of the same contraction, of which nothing is written yet."""
        writer = ContractionWriter(self.lines, self.tensor)
        writer.scale = self.scale
        return writer

    def separate_factors(self, parts: Sequence[Part]) -> tuple[list[Factor], list[Operand]]:
        """The lines that are to be multiplied, and the numbers: ``[X, W.T, eye, 2]`` becomes ``[X, W]`` and ``[2]``.

        Of a view, its base is taken, and its axes are relabelled; of a broadcast, the axes that it has.
        """
        factors, literals = [], []
        for operand, labels, shape in parts:
            opposite = operand_of(operand, NEGATIVE)
            if opposite is not None:
                operand, self.scale = opposite, -self.scale
            if type(operand) is not Line:
                if operand != 1:
                    literals.append(operand)
                continue
            factor: Factor | None = self.drop_broadcast_axes(Factor(operand, labels), shape)
            while factor is not None and (view := view_of(factor.line)) is not None:
                factor = self.look_through(factor, view)
            if factor is not None:
                factors.append(factor)
        self.output = tuple(map(self.root_of, self.output))
        return [Factor(f.line, tuple(map(self.root_of, f.labels))) for f in factors], literals

    def look_through(self, factor: Factor, view: View) -> Factor | None:
        """What a factor is a view of, its labels made equal where the view repeats an axis; None for an identity."""
        place: dict[int, int] = {}
        for inner, outer in zip(view.output, factor.labels):
            if place.setdefault(inner, outer) != outer:
                self.unify(place[inner], outer)
        return None if view.base is None else Factor(view.base, tuple(place[k] for k in view.inputs))

    def unify(self, first: int, second: int) -> None:
        """Make two labels one."""
        first, second = self.root_of(first), self.root_of(second)
        if first != second:
            self.roots = {k: first if v == second else v for k, v in self.roots.items()}
            self.roots[second] = first

    def drop_broadcast_axes(self, factor: Factor, shape: Shape) -> Factor:
        """A factor without the axes along which it is only broadcast to its tensor's shape."""
        line, labels = factor
        labels, shape = labels[len(labels) - line.ndim :], shape[len(shape) - line.ndim :]
        if line.shape == shape:
            return Factor(line, labels)
        thin = [have == 1 and want != 1 for have, want in zip(line.shape, shape)]
        kept = tuple(d for d, t in zip(line.shape, thin) if not t)
        axes = tuple(Axis.FIRST if t else Axis.KEPT for t in thin)
        inner = select_axes(self.lines, line, axes, kept)
        return Factor(inner, tuple(k for k, t in zip(labels, thin) if not t))

    # Products

    def multiply(self, factors: list[Factor], out: Labels, count: Dim) -> tuple[Factor, Dim]:
        """The sum of products, its axes in any order, and what is left of the count that scales it."""
        if len(factors) == 1 and self.is_mean(factors[0], out, count):
            self.scale = sympy.Integer(1 if self.scale > 0 else -1)
            return self.sum_out(factors[0], out, Kind.MEAN), 1
        while len(factors) > 2:
            first, second = self.find_pair(factors, out)
            rest = [f for k, f in enumerate(factors) if k not in (first, second)]
            needed = {*out, *(k for f in rest for k in f.labels)}
            factors = [self.join_pair(factors[first], factors[second], needed), *rest]
        wanted = [
            set(out) | {k for j, o in enumerate(factors) if j != n for k in o.labels} for n in range(len(factors))
        ]
        factors = [
            self.sum_out(f, tuple(k for k in dict.fromkeys(f.labels) if k in want)) for f, want in zip(factors, wanted)
        ]
        if len(factors) == 1:
            return factors[0], count
        smallest = min(factors, key=lambda f: len(f.labels))
        if len(smallest.labels) < len(out) and smallest.labels:
            scaled = Factor(self.scale_by(smallest.line, count), smallest.labels)
            factors = [scaled if f is smallest else f for f in factors]
            self.scale, count = sympy.Integer(1), 1
        return self.multiply_pair(factors[0], factors[1], out), count

    def find_pair(self, factors: Sequence[Factor], out: Labels) -> tuple[int, int]:
        """The two of several factors that are multiplied first if the whole is to take the fewest operations."""
        import numpy as np

        names = dict(zip(dict.fromkeys(k for f in factors for k in f.labels), ascii_letters))
        sizes = {k: max(1, round(measure_size((self.sizes[k],)))) for k in names}
        inputs = ",".join("".join(names[k] for k in f.labels) for f in factors)
        arrays = [np.broadcast_to(0.0, [sizes[k] for k in f.labels]) for f in factors]
        subscripts = f"{inputs}->{''.join(names[k] for k in out)}"
        path, _ = np.einsum_path(subscripts, *arrays, optimize="optimal" if len(factors) <= MANY else "greedy")
        first, second, *_ = path[1]
        return first, second

    def join_pair(self, x: Factor, y: Factor, needed: Collection[int]) -> Factor:
        """The product of two factors of several, summed over the labels that are needed no longer."""
        x, y = (
            self.sum_out(f, tuple(k for k in dict.fromkeys(f.labels) if k in needed or k in other.labels))
            for f, other in ((x, y), (y, x))
        )
        out = tuple(k for k in dict.fromkeys((*x.labels, *y.labels)) if k in needed)
        return self.multiply_pair(x, y, out)

    def multiply_pair(self, x: Factor, y: Factor, out: Labels) -> Factor:
        """The product of two factors, every label of which is shared or in the output."""
        inner = tuple(k for k in x.labels if k in y.labels and k not in out)
        batch = tuple(k for k in out if k in x.labels and k in y.labels)
        if not inner:
            return self.multiply_elements([x, y], out)
        left = tuple(k for k in out if k in x.labels and k not in batch)
        right = tuple(k for k in out if k in y.labels and k not in batch)
        if len(inner) == 1 and len(left) <= 1 and len(right) <= 1 and (not batch or (left and right)):
            flipped = bool(left and right) and out.index(left[0]) > out.index(right[0])
            if flipped:
                x, y, left, right = y, x, right, left
            a = self.order_axes(x, (*batch, *left, *inner))
            b = self.order_axes(y, (*batch, *inner, *right))
            return self.factor(Kind.MATMUL, [a, b], None, (*batch, *left, *right))
        if not batch and not left and not right:
            return self.factor(Kind.VDOT, [x.line, self.order_axes(y, x.labels)], None, ())
        if not batch:
            axes = tuple(x.labels.index(k) for k in inner), tuple(y.labels.index(k) for k in inner)
            made = (*(k for k in x.labels if k not in inner), *(k for k in y.labels if k not in inner))
            return self.factor(Kind.TENSORDOT, [x.line, y.line], axes, made)
        return self.write_einsum([x, y], out)

    def write_einsum(self, factors: Sequence[Factor], out: Labels) -> Factor:
        """A product that is no other operation, its labels numbered in order of occurrence."""
        short = {k: n for n, k in enumerate(dict.fromkeys(k for f in factors for k in f.labels))}
        inputs = tuple(tuple(short[k] for k in f.labels) for f in factors)
        params = inputs, tuple(short[k] for k in out)
        return self.factor(Kind.EINSUM, [f.line for f in factors], params, out)

    def multiply_elements(self, factors: Sequence[Factor], out: Labels) -> Factor:
        """The elementwise product."""
        return Factor(self.elementwise(TIMES, [self.lay_along(f, out) for f in factors]), out)

    def lay_along(self, factor: Factor, out: Labels) -> Line:
        """A factor with its axes in the order of the output, and new axes where it has none."""
        order = tuple(k for k in out if k in factor.labels)
        line = self.order_axes(factor, order)
        return self.insert_axes(line, order, out, line.dtype)

    def insert_axes(self, line: Line, order: Labels, out: Labels, dtype: str) -> Line:
        """A line with an axis of size one for each label that only the output has, but for leading ones."""
        start = out.index(order[0]) if order else len(out)
        if order == out[start:]:
            return line
        axes = tuple(Axis.KEPT if k in order else Axis.NEW for k in out[start:])
        shape = tuple(self.sizes[k] if k in order else 1 for k in out[start:])
        return select_axes(self.lines, line, axes, shape, dtype)

    # Single operands

    def order_axes(self, factor: Factor, order: Labels) -> Line:
        """A factor with its axes in another order, all labels being distinct."""
        labels, line = factor.labels, factor.line
        if labels == order:
            return line
        if line.op is Kind.MATMUL and line is self.lines.made[-1]:
            turned = turn_product(self.lines, line)
            if turned is not None:
                return turned
        return self.line(Kind.TRANSPOSE, [line], tuple(labels.index(k) for k in order), order)

    def sum_out(self, factor: Factor, order: Labels, kind: Kind = Kind.SUM) -> Factor:
        """The sum over the labels that an order lacks, diagonals taken; its axes may be in any order."""
        labels, line = factor.labels, factor.line
        if labels == order:
            return factor
        if len(set(labels)) < len(labels):
            return self.take_diagonal(factor, order)
        axes = tuple(n for n, k in enumerate(labels) if k not in order)
        kept = tuple(k for k in labels if k in order)
        made = self.factor(kind, [line], Reduction(axes if kept else None, False), kept)
        self.summed[made.line] = labels
        return made

    def take_diagonal(self, factor: Factor, order: Labels) -> Factor:
        """A diagonal or a trace: of the last two axes, or by an einsum."""
        labels = factor.labels
        if labels[-1] == labels[-2] and len(set(labels)) == len(labels) - 1:
            if order == labels[:-2]:
                return self.factor(Kind.TRACE, [factor.line], None, order)
            if order == labels[:-1]:
                return self.factor(Kind.DIAGONAL, [factor.line], None, order)
        return self.write_einsum([factor], order)

    def is_mean(self, factor: Factor, out: Labels, count: Dim) -> bool:
        labels = factor.labels
        summed = [self.sizes[k] for k in labels if k not in out]
        return (
            bool(summed)
            and count == 1
            and not isinstance(self.scale, float)
            and len(set(labels)) == len(labels)
            and self.scale != 1
            and abs(self.scale * sympy.sympify(size(tuple(summed)))) == 1
            and self.tensor.dtype == factor.line.dtype
        )

    # Scale and shape

    def scale_by(self, value: Operand | None, count: Dim) -> Operand:
        """A value times the scale and a count; None stands for one."""
        scale = self.scale
        if value is not None and scale is sympy.S.One and count == 1:
            return value
        if isinstance(scale, float) and count == 1:
            if value is None:
                return scale
            return self.elementwise(TIMES, [scale, value] if scale >= 0 else [value, scale])
        top, bottom = sympy.fraction(sympy.sympify(scale) * count)
        if value is not None and top == bottom == 1:
            return value
        over = None if bottom == 1 else self.lines.dimension(bottom)
        if value is None:
            above = self.lines.dimension(top)
            alone = above if over is None else self.elementwise(OVER, [above, over])
            return self.lines.cast(alone, self.tensor.dtype)
        if top == -1:
            value = self.elementwise(NEGATIVE, [value])
        elif top != 1:
            value = self.elementwise(TIMES, [self.lines.dimension(top), value])
        return value if over is None else self.elementwise(OVER, [value, over])

    def restore_axes(self, value: Operand, core: Labels, unique: Labels) -> Operand:
        """The value with an axis of size one for each label that only the output has, but for leading ones."""
        if core == unique or not core:
            return value
        if self.keeps_axes(value, core, unique):
            axes, _ = value.params
            shape = tuple(self.sizes[k] if k in core else 1 for k in unique)
            return self.lines.add(value.op, value.operands, Reduction(axes, True), shape, self.tensor.dtype)
        return self.insert_axes(value, core, unique, self.tensor.dtype)

    def keeps_axes(self, value: Operand, core: Labels, unique: Labels) -> bool:
        """Whether the axes that are new are those that were summed over, in their places."""
        labels = self.summed.get(value, ())
        return (
            core[0] == unique[0]
            and len(labels) == len(unique)
            and all(a == b if b in core else a not in unique for a, b in zip(labels, unique))
        )

    def embed_diagonal(self, value: Operand, core: Labels, unique: Labels) -> Operand:
        """The value along the diagonal that repeated labels of the output make."""
        lines, output, tensor = self.lines, self.output, self.tensor
        if not core and len(output) == 2:
            eye = lines.add(Kind.EYE, [], None, tensor.shape, "float64")
            return eye if type(value) is not Line and value == 1 else self.elementwise(TIMES, [value, eye])
        single = not shape_of(value)
        if single or core != unique:
            shape = tuple(self.sizes[k] for k in unique)
            laid = value if single else self.lay_along(Factor(value, core), unique)
            value = lines.add(Kind.BROADCAST, [laid], None, shape, tensor.dtype)
        axes = tuple(unique.index(k) for k in output)
        return lines.add(Kind.EMBED, [value], axes, tensor.shape, tensor.dtype)

    # Lines

    def factor(self, kind: Kind, operands: Sequence[Operand], params: object, labels: Labels) -> Factor:
        return Factor(self.line(kind, operands, params, labels), labels)

    def line(self, kind: Kind, operands: Sequence[Operand], params: object, labels: Labels) -> Line:
        return self.lines.add(kind, operands, params, tuple(self.sizes[k] for k in labels), self.tensor.dtype)

    def elementwise(self, template: sympy.Basic, operands: Sequence[Operand]) -> Operand:
        return self.lines.elementwise(template, operands, self.tensor.dtype)
