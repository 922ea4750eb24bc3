"""Parts of arrays, and arrays that are put together, as NumPy text."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import sympy

from tracer.formulas.matrix.block_maxima import find_whole_axes
from tracer.formulas.matrix.filled_blocks import find_padding
from tracer.formulas.matrix.slices import list_places, number_of, write_span
from tracer.formulas.matrix.strides import upsample
from tracer.formulas.notations.numpy_arrays import Arrays, thick_axes, write_index
from tracer.formulas.notations.numpy_scalars import ATOM, SUM, Text
from tracer.shapes import Dim


class Parts(Arrays):
    """The writer of slices and blocks: ``of`` gives the text of one without its axes of size one."""

    def of_MatrixSlice(self, e: sympy.Expr) -> Text:
        """A part, without the axes along which it has one place."""
        whole, places = e.args[0], list_places(e)
        parts = [self._write_places(places[k], whole.shape[k]) for k in thick_axes(whole.shape)]
        return f"{self.at(whole, ATOM)}{write_index(parts)}", ATOM

    def _write_places(self, places: sympy.Basic, size: Dim) -> str:
        """A slice, or the only place."""
        if isinstance(places, sympy.Tuple) and places[1] == 1:
            places = places[0]
        return write_span(places, size, self.write_size)

    of_Part = of_ArrayPart = of_MatrixSlice

    def of_Concatenation(self, e: sympy.Expr) -> Text:
        """Rows that are joined along the first axis keep it, if there is one only."""
        padded = self._write_padded(e, [[m] for m in e.args])
        if padded is not None:
            return padded
        if all(m.shape[0] == 1 for m in e.args):
            return f"np.stack([{', '.join(self.of(m)[0] for m in e.args)}])", ATOM
        return f"np.concatenate([{', '.join(self._write_blocks(e.args, thick_axes(e.shape[1:])))}])", ATOM

    def of_Padded(self, e: sympy.Expr) -> Text:
        """NumPy's ``pad``, without the axes that have one place."""
        array, widths, number = e.args
        thick = thick_axes(e.shape)
        shape = tuple(array.shape[k] for k in thick)
        have = [thick.index(k) for k in thick_axes(array.shape)]
        return self.write_pad(self.restore_axes(self.of(array), shape, have)[0], [widths[k] for k in thick], number)

    def write_pad(self, text: str, widths: Sequence[Sequence[Dim]], number: sympy.Expr) -> Text:
        """What has places around it, by the numbers of places before and behind each axis."""
        pairs = [f"({self.write_size(before)}, {self.write_size(behind)})" for before, behind in widths]
        beyond = "" if number == 0 else f", constant_values={self.of(number)[0]}"
        around = pairs[0] if len(pairs) == 1 else f"({', '.join(pairs)})"
        return f"np.pad({text}, {around}{beyond})", ATOM

    def _write_padded(self, e: sympy.Expr, rows: Sequence[Sequence[sympy.Expr]]) -> Text | None:
        """A block with a number around it, of a matrix; None of other ones."""
        padding = find_padding(rows) if len(thick_axes(e.shape)) == 2 else None
        if padding is None:
            return None
        text = self.restore_axes(self.of(padding.block), padding.block.shape, thick_axes(padding.block.shape))[0]
        return self.write_pad(text, padding.widths, padding.number)

    def of_Stack(self, e: sympy.Expr) -> Text:
        """Members that are stacked along an axis, which is counted without those of size one."""
        axis, *members = e.args
        place = thick_axes(e.shape).index(axis) if len(members) > 1 else 0
        along = f", axis={place}" if place else ""
        if len(members) == 1:
            return self.of(members[0])
        return f"np.stack([{', '.join(self.of(m)[0] for m in members)}]{along})", ATOM

    def _write_blocks(self, blocks: Sequence[sympy.Expr], columns: Sequence[int]) -> list[str]:
        """Matrices with all their axes, or columns with their only one."""
        found = []
        for m in blocks:
            number = number_of(m)
            if number is not None:
                found.append(f"np.array([[{self.of(number)[0]}]])" if columns else f"[{self.of(number)[0]}]")
                continue
            shape = (m.shape[0], *(m.shape[1] for _ in columns))
            found.append(self.restore_axes(self.of(m), shape, thick_axes(shape))[0])
        return found

    def of_Blocks(self, e: sympy.Expr) -> Text:
        padded = self._write_padded(e, e.args)
        if padded is not None:
            return padded
        rows = (f"[{', '.join(self._write_blocks(row, (1,)))}]" for row in e.args)
        return f"np.block([{', '.join(rows)}])" + write_index(["0" if d == 1 else ":" for d in e.shape]), ATOM

    def of_upsample(self, e: sympy.Expr) -> Text:
        """The Kronecker product with a one and zeros behind it, without the zeros behind the last row or column."""
        m, step, size, start, _ = e.args
        one = f"[{', '.join(['1.0', *['0.0'] * (int(step) - 1)])}]"
        many, axis = len(thick_axes(e.shape)) == 2, e.axis
        made = self.of(m)
        if many:
            made = self.restore_axes(made, m.shape, thick_axes(m.shape))
            one = f"[{one}]" if axis else f"np.transpose([{one}])"
        text = f"np.kron({made[0]}, {one})[{':, ' if many and axis else ''}:{self.write_size(size - start)}]"
        if start == 0:
            return text, ATOM
        before = f"({self.write_size(start)}, 0)"
        pads = f"((0, 0), {before})" if axis else f"({before}, (0, 0))"
        return f"np.pad({text}, {pads if many else before})", ATOM

    def of_interleave(self, e: sympy.Expr) -> Text:
        """The matrices side by side along a new axis, which is joined with theirs; of other sizes, their sum."""
        axis, *parts = e.args
        step, size = sympy.Integer(len(parts)), e.shape[e.axis]
        if len({m.shape[e.axis] for m in parts}) > 1:
            rows = (upsample(m, step, size, sympy.Integer(k), axis) for k, m in enumerate(parts))
            return " + ".join(self.of_upsample(m)[0] for m in rows), SUM
        kept = range(2) if len(thick_axes(e.shape)) == 2 else [e.axis]
        texts = []
        for m in parts:
            thick = [k for k in kept if k in thick_axes(m.shape)]
            shape = tuple(m.shape[k] for k in kept)
            texts.append(self.restore_axes(self.of(m), shape, [kept.index(k) for k in thick])[0])
        along = f", axis={kept.index(e.axis) + 1}"
        return f"np.reshape(np.stack([{', '.join(texts)}]{along}), {self.write_shape(e.shape)})", ATOM

    def of_firstmax(self, e: sympy.Expr) -> Text:
        """The place of NumPy's ``argmax`` in each block; blocks of several axes are joined for that."""
        m, *sizes = e.args
        thick = thick_axes(m.shape)
        along = [thick.index(k) for k in find_whole_axes(e.args) if k in thick]
        if along and along == [*range(len(thick) - len(along), len(thick))]:
            return self._mark_along_last(m, len(along))
        shape, sizes = [m.shape[k] for k in thick], [int(sizes[k]) for k in thick]
        apart, inner = list[str](), list[int]()
        for d, size in zip(shape, sizes):
            apart.append(self.write_size(d / size))
            if size > 1:
                inner.append(len(apart))
                apart.append(str(size))
        outer = [k for k in range(len(apart)) if k not in inner]
        block = f"np.reshape({self.of(m)[0]}, ({', '.join(apart)}))"
        if len(inner) == 1:
            (k,), count = inner, next(size for size in sizes if size > 1)
            around = "".join(", None" for _ in apart[k + 1 :])
            place = f"np.argmax({block}, axis={k}, keepdims=True) == np.arange({count})"
            text = f"np.where({place}{f'[:{around}]' if around else ''}, 1, 0)"
            return f"np.reshape({text}, {self.write_shape(e.shape)})", ATOM
        order = [*outer, *inner]
        back = [order.index(k) for k in range(len(order))]
        joined = [*(apart[k] for k in outer), str(prod(size for size in sizes))]
        rows = f"np.reshape(np.transpose({block}, ({', '.join(map(str, order))})), ({', '.join(joined)}))"
        marked = f"np.where(np.argmax({rows}, axis=-1)[..., None] == np.arange({prod(sizes)}), 1, 0)"
        whole = f"np.reshape({marked}, ({', '.join(apart[k] for k in order)}))"
        return f"np.reshape(np.transpose({whole}, ({', '.join(map(str, back))})), {self.write_shape(e.shape)})", ATOM

    of_ArrayFirstMax = of_firstmax

    def _mark_along_last(self, m: sympy.Expr, count: int) -> Text:
        """One at the place of NumPy's ``argmax`` along the last axes, which are joined for that."""
        shape = [m.shape[k] for k in thick_axes(m.shape)]
        outer, many = [*map(self.write_size, shape[:-count])], prod(map(int, shape[-count:]))
        rows = self.of(m)[0]
        if count > 1:
            rows = f"np.reshape({rows}, ({', '.join([*outer, str(many)])}))"
        marked = f"np.where(np.argmax({rows}, axis=-1)[..., None] == np.arange({many}), 1, 0)"
        return (marked if count == 1 else f"np.reshape({marked}, {self.write_shape(m.shape)})"), ATOM

    def of_roll(self, e: sympy.Expr) -> Text:
        x, shift, axis = e.args
        if axis not in thick_axes(x.shape):
            return self.of(x)
        over = f", axis={axis}" if len(thick_axes(x.shape)) == 2 else ""
        return f"np.roll({self.of(x)[0]}, {self.write_size(shift)}{over})", ATOM

    def of_correlate(self, e: sympy.Expr) -> Text:
        """NumPy's of vectors; of matrices, the sum of all windows by what they are multiplied with."""
        return self._write_windows(e, "np.correlate({}, {}, 'valid')", "{}")

    def of_convolve(self, e: sympy.Expr) -> Text:
        """NumPy's of vectors; of matrices, the correlation of the one among zeros with the other turned around."""
        pads = ", ".join(f"({d}, {d})" for d in (self.write_size(d - 1) for d in e.args[1].shape))
        return self._write_windows(e, "np.convolve({}, {})", f"np.pad({{}}, ({pads}))", "[::-1, ::-1]")

    def _write_windows(self, e: sympy.Expr, of_vectors: str, padded: str, turned: str = "") -> Text:
        """A function of windows: of two vectors along one axis, or of matrices."""
        x, k = e.args
        along = {axis for m in (x, k) for axis in thick_axes(m.shape)}
        if len(along) <= 1:
            first, second = (self.of(m)[0] if thick_axes(m.shape) else f"[{self.of(m)[0]}]" for m in (x, k))
            return of_vectors.format(first, second) + ("" if thick_axes(e.shape) else "[0]"), ATOM
        whole, kernel = (self.restore_axes(self.of(m), m.shape, thick_axes(m.shape))[0] for m in (x, k))
        size = ", ".join(map(self.write_size, k.shape))
        windows = f"np.lib.stride_tricks.sliding_window_view({padded.format(whole)}, ({size}))"
        turned = self.at(k, ATOM) + turned if turned and len(thick_axes(k.shape)) == 2 else kernel + turned
        text = f"np.einsum('ijkl,kl->ij', {windows}, {turned})"
        return text + write_index(["0" if d == 1 else ":" for d in e.shape]), ATOM

    def of_Elements(self, e: sympy.Expr) -> Text:
        """The elements one by one, in lists of the axes that are not of size one."""
        rows = [f"[{', '.join(self.of(e[i, j])[0] for j in range(e.shape[1]))}]" for i in range(e.shape[0])]
        if len(thick_axes(e.shape)) == 2:
            return f"np.array([{', '.join(rows)}])", ATOM
        elements = ", ".join(self.of(x)[0] for x in e)
        return (f"np.array([{elements}])", ATOM) if thick_axes(e.shape) else self.of(e[0, 0])

    def of_Selection(self, e: sympy.Expr) -> Text:
        if e.shape[0] == 1 and e.shape[1] != 1:
            return f"np.eye({self.write_size(e.shape[1])})[{self.write_size(e.args[0])}]", ATOM
        text = f"np.eye{e.spell(self.write_size)}"
        return text + write_index(["0" if d == 1 else ":" for d in e.shape]), ATOM
