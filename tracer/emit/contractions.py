"""Contractions as NumPy lines: ``@``, transposes, sums, broadcast products, and ``np.einsum`` for what is none of them.

An operand is a line with a label for each axis, and so is a product, whose axes are put in order once, at the end. A
value may have fewer or thinner axes than its tensor has, as long as it broadcasts to the tensor's shape: ones and
diagonals stay out of products, which take their labels instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy

from tracer.emit.fragments import fragment
from tracer.emit.spelling import number
from tracer.shapes import Dim, Shape, Subscripts, letters, size
from tracer.tensor import Tensor

if TYPE_CHECKING:
    from tracer.emit.program import Program

Labels = tuple[int, ...]


class View(NamedTuple):
    """How a line was made from another one without computing: its axes permuted, repeated or taken from a diagonal.

    ``base`` is None for the identity matrix.
    """

    base: Any
    inputs: Labels
    output: Labels


class Factor(NamedTuple):
    """An operand of a product."""

    line: Any
    labels: Labels


def lower(program: Program, tensor: Tensor, operands: Sequence[Any]) -> Any:
    """The line or literal of a contraction; its shape may only broadcast to the tensor's."""
    return _Contraction(program, tensor).lower(operands)


class _Contraction:
    def __init__(self, program: Program, tensor: Tensor) -> None:
        self.program = program
        self.tensor = tensor
        subscripts: Subscripts = tensor.params
        self.output = subscripts.output
        self.scale: Any = (
            sympy.sympify(subscripts.scale) if not isinstance(subscripts.scale, float) else subscripts.scale
        )
        self.sizes: dict[int, Dim] = dict(zip(self.output, tensor.shape))
        for arg, labels in zip(tensor.args, subscripts.inputs):
            self.sizes.update(zip(labels, arg.shape))
        self.summed: dict[Any, Labels] = {}  # The labels of what a line is the sum of.

    def lower(self, operands: Sequence[Any]) -> Any:
        factors, literals = self._factors(operands)
        present = {k for f in factors for k in f.labels}
        unique = tuple(dict.fromkeys(self.output))
        summed = {k for labels in self.tensor.params.inputs for k in map(self._root, labels)} - present - set(unique)
        count = size(tuple(self.sizes[k] for k in sorted(summed)))
        core = tuple(k for k in unique if k in present)
        value: Any = None
        if factors:
            product, count = self._product(factors, core, count)
            value = self._ordered(product, core)
        for literal in literals:
            value = literal if value is None else self._line("_0 * _1", [value, literal], core)
        value = self._scaled(value, count, core)
        if len(unique) < len(self.output):
            return self._diagonal(value, core, unique)
        return self._stretched(value, core, unique)

    # Operands

    def _root(self, label: int) -> int:
        return self._roots.get(label, label)

    def _factors(self, operands: Sequence[Any]) -> tuple[list[Factor], list[str]]:
        """Operands without what is only a view or a broadcast of others; literals apart."""
        self._roots: dict[int, int] = {}
        todo = [(o, labels, arg.shape) for o, labels, arg in zip(operands, self.tensor.params.inputs, self.tensor.args)]
        factors, literals = [], []
        for operand, labels, shape in todo:
            if type(operand) is str:
                if operand not in ("1", "1.0"):
                    literals.append(operand)
                continue
            operand, labels = self._thin(operand, labels, shape)
            while operand in self.program.views:
                view = self.program.views[operand]
                place: dict[int, int] = {}
                for inner, outer in zip(view.output, labels):
                    if place.setdefault(inner, outer) != outer:
                        self._unify(place[inner], outer)
                operand, labels = view.base, tuple(place[k] for k in view.inputs)
                if operand is None:
                    break
            if operand is not None:
                factors.append(Factor(operand, labels))
        self.output = tuple(map(self._root, self.output))
        return [Factor(f.line, tuple(map(self._root, f.labels))) for f in factors], literals

    def _unify(self, first: int, second: int) -> None:
        """Make two labels one."""
        first, second = self._root(first), self._root(second)
        if first != second:
            self._roots = {k: first if v == second else v for k, v in self._roots.items()}
            self._roots[second] = first

    def _thin(self, line: Any, labels: Labels, shape: Shape) -> tuple[Any, Labels]:
        """An operand without the axes along which it is only broadcast."""
        labels, shape = labels[len(labels) - len(line.shape) :], shape[len(shape) - len(line.shape) :]
        if line.shape == shape:
            return line, labels
        thin = [have == 1 and want != 1 for have, want in zip(line.shape, shape)]
        index = ", ".join("0" if t else ":" for t in thin)
        kept = tuple(d for d, t in zip(line.shape, thin) if not t)
        inner = self.program.add(fragment(f"_0[{index}]"), [line], kept, line.dtype)
        return inner, tuple(k for k, t in zip(labels, thin) if not t)

    # Products

    def _product(self, factors: list[Factor], out: Labels, count: Any) -> tuple[Factor, Any]:
        """The sum of products, its axes in any order, and what is left of the count that scales it."""
        if len(factors) == 1 and self._is_mean(factors[0], out, count):
            self.scale = sympy.Integer(1)
            return self._reduced(factors[0], out, "np.mean"), 1
        while len(factors) > 2 and (pair := self._scaling(factors)) is not None:
            small, large = pair
            joined = self._broadcast([factors[large], factors[small]], factors[large].labels)
            factors = [joined if k == large else f for k, f in enumerate(factors) if k != small]
        if len(factors) > 2:
            return self._einsum(factors, out), count
        needed = [
            set(out) | {k for j, o in enumerate(factors) if j != n for k in o.labels} for n in range(len(factors))
        ]
        factors = [
            self._reduced(f, tuple(k for k in dict.fromkeys(f.labels) if k in want)) for f, want in zip(factors, needed)
        ]
        if len(factors) == 1:
            return factors[0], count
        smallest = min(factors, key=lambda f: len(f.labels))
        if len(smallest.labels) < len(out) and smallest.labels:
            scaled = Factor(self._scaled(smallest.line, count, smallest.labels), smallest.labels)
            factors = [scaled if f is smallest else f for f in factors]
            self.scale, count = sympy.Integer(1), 1
        return self._pair(factors[0], factors[1], out), count

    def _scaling(self, factors: list[Factor]) -> tuple[int, int] | None:
        """A factor whose labels another one has too, and that other one."""
        places = sorted(range(len(factors)), key=lambda k: len(factors[k].labels))
        for small in places:
            for large in places:
                a, b = factors[small].labels, factors[large].labels
                if small != large and set(a) <= set(b) and len(set(a)) == len(a) and len(set(b)) == len(b):
                    return small, large
        return None

    def _pair(self, x: Factor, y: Factor, out: Labels) -> Factor:
        """The product of two factors, every label of which is shared or in the output."""
        inner = tuple(k for k in x.labels if k in y.labels and k not in out)
        batch = tuple(k for k in out if k in x.labels and k in y.labels)
        if not inner:
            return self._broadcast([x, y], out)
        left = tuple(k for k in out if k in x.labels and k not in batch)
        right = tuple(k for k in out if k in y.labels and k not in batch)
        if len(inner) == 1 and len(left) <= 1 and len(right) <= 1 and (not batch or (left and right)):
            flipped = bool(left and right) and out.index(left[0]) > out.index(right[0])
            if flipped:
                x, y, left, right = y, x, right, left
            a = self._ordered(x, (*batch, *left, *inner))
            b = self._ordered(y, (*batch, *inner, *right))
            return self._factor("_0 @ _1", [a, b], (*batch, *left, *right))
        if not batch and not left and not right:
            return self._factor("np.vdot(_0, _1)", [x.line, self._ordered(y, x.labels)], ())
        if not batch:
            axes = tuple(x.labels.index(k) for k in inner), tuple(y.labels.index(k) for k in inner)
            made = (*(k for k in x.labels if k not in inner), *(k for k in y.labels if k not in inner))
            text = f"np.tensordot(_0, _1, {len(inner) if self._adjacent(axes, x, inner) else axes})"
            return self._factor(text, [x.line, y.line], made)
        return self._einsum([x, y], out)

    @staticmethod
    def _adjacent(axes: tuple[Labels, Labels], x: Factor, inner: Labels) -> bool:
        n, rank = len(inner), len(x.labels)
        return axes == (tuple(range(rank - n, rank)), tuple(range(n)))

    def _einsum(self, factors: Sequence[Factor], out: Labels) -> Factor:
        names = ", ".join(f"_{k}" for k in range(len(factors)))
        short = {k: n for n, k in enumerate(dict.fromkeys(k for f in factors for k in f.labels))}
        terms = ",".join(letters(short[k] for k in f.labels) for f in factors)
        text = f"{terms}->{letters(short[k] for k in out)}"
        return self._factor(f"np.einsum({text!r}, {names}, optimize=True)", [f.line for f in factors], out)

    def _broadcast(self, factors: Sequence[Factor], out: Labels) -> Factor:
        """The elementwise product."""
        return self._factor("_0 * _1", [self._laid(f, out) for f in factors], out)

    def _laid(self, factor: Factor, out: Labels) -> Any:
        """A factor with its axes in the order of the output, and new axes where it has none."""
        order = tuple(k for k in out if k in factor.labels)
        line = self._ordered(factor, order)
        start = out.index(order[0]) if order else len(out)
        if order == out[start:]:
            return line
        index = ", ".join(":" if k in order else "None" for k in out[start:])
        shape = tuple(self.sizes[k] if k in order else 1 for k in out[start:])
        return self.program.add(fragment(f"_0[{index}]"), [line], shape, line.dtype)

    # Single operands

    def _ordered(self, factor: Factor, order: Labels) -> Any:
        """A factor with its axes in another order, all labels being distinct."""
        labels, line = factor.labels, factor.line
        if labels == order:
            return line
        axes = tuple(labels.index(k) for k in order)
        if axes == tuple(range(len(axes)))[::-1]:
            text = "_0.T"
        elif len(axes) > 2 and axes == (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2):
            text = "np.swapaxes(_0, -1, -2)"
        else:
            text = f"np.transpose(_0, {axes})"
        made = self._line(text, [line], order)
        self.program.views[made] = View(line, tuple(range(len(axes))), axes)
        return made

    def _reduced(self, factor: Factor, order: Labels, function: str = "np.sum") -> Factor:
        """The sum over the labels that an order lacks, diagonals taken; its axes may be in any order."""
        labels, line = factor.labels, factor.line
        if labels == order:
            return factor
        if len(set(labels)) < len(labels):
            return self._diagonals(factor, order)
        axes = tuple(n for n, k in enumerate(labels) if k not in order)
        kept = tuple(k for k in labels if k in order)
        axis = "" if not kept else f", axis={axes[0] if len(axes) == 1 else axes}"
        made = self._factor(f"{function}(_0{axis})", [line], kept)
        self.summed[made.line] = labels
        return made

    def _diagonals(self, factor: Factor, order: Labels) -> Factor:
        labels = factor.labels
        if len(labels) == 2:
            text = "np.diagonal(_0)" if order else "np.trace(_0)"
        elif (
            len(labels) > 2
            and labels[-1] == labels[-2]
            and len(set(labels)) == len(labels) - 1
            and order == labels[:-2]
        ):
            text = "np.trace(_0, axis1=-2, axis2=-1)"
        elif (
            len(labels) > 2
            and labels[-1] == labels[-2]
            and len(set(labels)) == len(labels) - 1
            and order == labels[:-1]
        ):
            text = "np.diagonal(_0, axis1=-2, axis2=-1)"
        else:
            short = {k: n for n, k in enumerate(dict.fromkeys(labels))}
            text = f"np.einsum({letters(short[k] for k in labels) + '->' + letters(short[k] for k in order)!r}, _0)"
        return self._factor(text, [factor.line], order)

    def _is_mean(self, factor: Factor, out: Labels, count: Any) -> bool:
        labels = factor.labels
        summed = [self.sizes[k] for k in labels if k not in out]
        return (
            bool(summed)
            and count == 1
            and not isinstance(self.scale, float)
            and len(set(labels)) == len(labels)
            and self.scale != 1
            and self.scale * sympy.sympify(size(tuple(summed))) == 1
            and self.tensor.dtype == factor.line.dtype
        )

    # Scale and shape

    def _scaled(self, value: Any, count: Any, labels: Labels) -> Any:
        """A value times the scale and a count; None stands for one."""
        scale = self.scale
        if value is not None and scale is sympy.S.One and count == 1:
            return value
        if isinstance(scale, float) and count == 1:
            text = number(scale)
            return (
                text if value is None else self._line(f"{text} * _0" if scale >= 0 else f"_0 * {text}", [value], labels)
            )
        top, bottom = sympy.fraction(sympy.sympify(scale) * count)
        if value is not None and top == bottom == 1:
            return value
        over = None if bottom == 1 else self._literal(bottom)
        if value is None:
            above = self._literal(top)
            alone = above if over is None else self._line("_0 / _1", [above, over], ())
            return self.program.typed(alone, self.tensor.dtype)
        if top == -1:
            value = self._line("-_0", [value], labels)
        elif top != 1:
            value = self._line("_0 * _1", [self._literal(top), value], labels)
        return value if over is None else self._line("_0 / _1", [value, over], labels)

    def _literal(self, value: sympy.Expr) -> Any:
        if value.free_symbols:
            return self.program.dimension(value)
        return number(int(value) if value.is_Integer else float(value) if value.is_Float else value)

    def _stretched(self, value: Any, core: Labels, unique: Labels) -> Any:
        """The value with an axis of size one for each label that only the output has, but for leading ones."""
        if core == unique or not core:
            return value
        start = unique.index(core[0])
        if core == unique[start:]:
            return value
        index = ", ".join(":" if k in core else "None" for k in unique[start:])
        shape = tuple(self.sizes[k] if k in core else 1 for k in unique[start:])
        if self._keeps(value, core, unique):
            keeping = fragment(value.fragment.text[:-1] + ", keepdims=True)")
            return self.program.add(keeping, value.operands, shape, self.tensor.dtype)
        return self.program.add(fragment(f"_0[{index}]"), [value], shape, self.tensor.dtype)

    def _keeps(self, value: Any, core: Labels, unique: Labels) -> bool:
        """Whether the axes that are new are those that were summed over, in their places."""
        labels = self.summed.get(value, ())
        return (
            core[0] == unique[0]
            and len(labels) == len(unique)
            and all(a == b if b in core else a not in unique for a, b in zip(labels, unique))
        )

    def _diagonal(self, value: Any, core: Labels, unique: Labels) -> Any:
        """The value along the diagonal that repeated labels of the output make."""
        program, output = self.program, self.output
        scribe = program.scribe([value])
        full = scribe.shape(self.tensor.shape)
        one = type(value) is str or not value.shape
        if not core and len(output) == 2:
            text = f"np.eye({scribe.dims(self.tensor.shape[0])})"
            made = program.add(fragment(text), scribe.operands, self.tensor.shape, "float64")
            program.views[made] = View(None, (), (0, 0))
            return made if value in ("1", "1.0") else self._line("_0 * _1", [value, made], output)
        if one or core != unique:
            dims = tuple(self.sizes[k] for k in unique)
            scribe = program.scribe([value if one else self._laid(Factor(value, core), unique)])
            piece = fragment(f"np.broadcast_to(_0, {scribe.shape(dims)})")
            value = program.add(piece, scribe.operands, dims, self.tensor.dtype)
            scribe = program.scribe([value])
            full = scribe.shape(self.tensor.shape)
        axes = tuple(unique.index(k) for k in output)
        text = "np.diag(_0)" if axes == (0, 0) else f"embed(_0, {axes}, {full})"
        made = program.add(fragment(text), scribe.operands, self.tensor.shape, self.tensor.dtype)
        program.views[made] = View(value, tuple(range(len(unique))), axes)
        return made

    def _factor(self, text: str, operands: Sequence[Any], labels: Labels) -> Factor:
        return Factor(self._line(text, operands, labels), labels)

    def _line(self, text: str, operands: Sequence[Any], labels: Labels) -> Any:
        return self.program.add(fragment(text), operands, tuple(self.sizes[k] for k in labels), self.tensor.dtype)
