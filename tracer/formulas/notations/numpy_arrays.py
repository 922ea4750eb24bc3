"""Arrays as NumPy text: their shapes, and contractions as ``einsum``.

Every text is that of a value *without its axes of size one*, which are put back where a whole shape is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy
from sympy.tensor.array.expressions.array_expressions import OneArray

from tracer.formulas.matrix import classes as N
from tracer.formulas.matrix.array_products import Einsum, as_number
from tracer.formulas.matrix.array_reductions import ArrayLogSumExp
from tracer.formulas.matrix.array_windows import Window
from tracer.formulas.matrix.index_latex import LETTERS
from tracer.formulas.matrix.means import divide_out, list_factors
from tracer.formulas.matrix.written_parts import split_quotient
from tracer.formulas.notations.numpy_scalars import ATOM, PRODUCT, Scalars, Text, avoid_keywords, wrap
from tracer.shapes import Dim, Shape
from tracer.terms.selections import is_ordered


def thick_axes(shape: Shape) -> list[int]:
    """The axes of a shape that are not of size one.

    >>> thick_axes((3, 1, 4))
    [0, 2]
    """
    return [k for k, d in enumerate(shape) if d != 1]


def write_index(parts: Sequence[str]) -> str:
    """An index behind a text, without the whole axes at its end; nothing where all are whole."""
    kept = list(parts)
    while kept and kept[-1] == ":":
        kept.pop()
    return f"[{', '.join(kept)}]" if kept else ""


class AxisLabels:
    """Labels for the axes of the arrays in a contraction, as ``einsum`` takes them.

    Attributes
    ----------
    scalars : list
        The factors without axes.
    operands : list of (array, list of int)
        The arrays, with a label for each axis; axes that are multiplied element by element have one label.
    out : list of int
        The labels of the result.

    Examples
    --------
    >>> from sympy.tensor.array.expressions import ArraySymbol
    >>> from tracer.formulas.matrix.array_products import multiply_arrays
    >>> A, v = ArraySymbol("A", (3, 4)), ArraySymbol("v", (4,))
    >>> labels = AxisLabels(multiply_arrays([[0, 1], [1]], [0], [A, v]))
    >>> labels.operands, labels.out
    ([(A, [0, 1]), (v, [1])], [0])
    """

    def __init__(self, e: Einsum) -> None:
        factors, words, out = e.axes
        self.scalars = [a for a, word in zip(factors, words) if not word]
        self.operands = [(a, list(word)) for a, word in zip(factors, words) if word]
        self.out = list(out)


Operands = list[tuple[sympy.Expr, list[int]]]
"""Arrays with the labels of their axes."""

ONES = OneArray, N.OneMatrix, N.Identity
"""What is one where all its axes are of size one."""


class Arrays(Scalars):
    """The writer of array expressions: ``of`` gives the text of one without its axes of size one."""

    # Shapes.

    def restore_axes(self, made: Text, shape: Shape, axes: Sequence[int]) -> Text:
        """The text of a value that has some axes of a shape with all of them, those that it lacks being of size one."""
        if len(axes) == len(shape):
            return made
        if not axes:
            return f"np.reshape({made[0]}, {(1,) * len(shape)})", ATOM
        parts = [":" if k in axes else "None" for k in range(len(shape))]
        return f"{wrap(*made, ATOM)}[{', '.join(parts)}]", ATOM

    def write_shape(self, shape: Shape) -> str:
        """The text of a shape without the sizes one: a number, or a tuple."""
        dims = [shape[k] for k in thick_axes(shape)]
        if len(dims) > 1:
            for name, other in self.shapes.items():
                if list(other) == dims and any(isinstance(d, sympy.Basic) for d in dims):
                    return f"{avoid_keywords(name)}.shape"
        return self.write_size(dims[0]) if len(dims) == 1 else f"({', '.join(map(self.write_size, dims))})"

    def fill(self, value: str, shape: Shape) -> Text:
        """Ones or zeros of a shape."""
        if not thick_axes(shape):
            return {"ones": "1.0", "zeros": "0.0"}[value], ATOM
        return f"np.{value}({self.write_shape(shape)})", ATOM

    def _multiply(self, scalars: Sequence[sympy.Expr], text: str, level: int) -> Text:
        """A product of scalars in front of a text."""
        flat = [g for f in scalars for g in (f.args if f.is_Mul else (f,))]
        if not flat or flat == [1]:
            return text, level
        return self._write_quotient(flat, *([] if text == "1.0" else [wrap(text, level, PRODUCT)]))

    # Expressions.

    def of_ArrayAdd(self, e: sympy.Expr) -> Text:
        """NumPy repeats by itself what lacks an axis, where another summand has it."""
        summands = [as_number(a) for a in e.args]
        short = [self._write_repeated_array(a) if isinstance(a, Einsum) else None for a in summands]
        axes = {k for thin in short if thin for k in thin[1]}
        if None not in short and len(axes) < len(thick_axes(e.shape)):
            return self._write_sum([self.of(a) for a in summands])
        return self._write_sum([thin[0] if thin else self.of(a) for a, thin in zip(summands, short)])

    def _write_repeated_array(self, e: Einsum) -> tuple[Text, list[int]] | None:
        """A product that is repeated along axes, for NumPy to repeat it, and the axes that it has; None for others.

        Axes are counted without those of size one.
        """
        scalars, parts, result = self._list_operands(e)
        made = [(a, word) for a, word in parts if not isinstance(a, OneArray)]
        own = {k for _, word in made for k in word}
        kept = [k for k in result if k in own]
        if len(made) == len(parts) or not kept:
            return None
        scalars, text = self._contract(scalars, made, kept)
        places = ", ".join(":" if k in own else "None" for k in result[result.index(kept[0]) :])
        short = (f"{wrap(*text, ATOM)}[{places}]", ATOM) if "None" in places else text
        return self._multiply(scalars, *short), [result.index(k) for k in kept]

    def of_Reshape(self, e: sympy.Expr) -> Text:
        inner, shape = e.args[0], tuple(e.args[1])
        have, wanted = ([s[k] for k in thick_axes(s)] for s in (inner.shape, shape))
        if have == wanted:
            return self.of(inner)
        return f"np.reshape({self.of(inner)[0]}, {self.write_shape(shape)})", ATOM

    def of_ArrayReduction(self, e: sympy.Expr) -> Text:
        """Over axes, counted without those of size one."""
        array, axes = e.args
        thick = thick_axes(array.shape)
        over = [place for place, k in enumerate(thick) if k in axes]
        if not over:
            return self.of(array)
        along = "" if len(over) == len(thick) else f", axis={write_axes(over)}"
        if isinstance(e, ArrayLogSumExp):
            along = along or (", axis=None" if len(thick) > 1 else "")
            return f"np.logaddexp.reduce({self.of(array)[0]}{along})", ATOM
        return f"np.{e.label}({self.of(array)[0]}{along})", ATOM

    def of_Window(self, e: sympy.Expr) -> Text:
        """Where the places along all axes but the last are together that along the last."""
        offset, steps, shape = e.args
        rows = [(int(steps[k]), f"np.arange({self.write_size(shape[k])})") for k in thick_axes(shape)]
        if not rows:
            return f"{float(offset == 0)}", ATOM

        def multiply(by: int, text: str) -> str:
            return text if by == 1 else f"-{text}" if by == -1 else f"{by}*{text}"

        sums = [multiply(*row) for row in rows[:-1]] or ["0"]
        total = sums[0] if offset == 0 else f"{self.write_size(offset)} + {sums[0]}"
        for place in sums[1:]:
            total = f"np.add.outer({total}, {place})"
        return f"np.equal.outer({total}, {multiply(-rows[-1][0], rows[-1][1])})", ATOM

    def of_Einsum(self, e: sympy.Expr) -> Text:
        """An ``einsum`` over the labels of axes that are not of size one."""
        scalars, parts, result = self._list_operands(e)
        if not parts:
            return self._write_product(scalars)
        if e.is_constant:
            return self._multiply(scalars, *self.fill("ones", e.shape))
        scalars, text = self._contract(scalars, parts, result)
        return self._multiply(scalars, *text)

    def _contract(self, scalars: list[sympy.Expr], parts: Operands, result: list[int]) -> tuple[list[sympy.Expr], Text]:
        """The numbers in front of a contraction, and its text: a mean where they divide by the sizes summed over."""
        (first, word), *others = parts
        if len(word) > len(result) and all(w == word for _, w in others):
            negative, over, under = split_quotient(scalars)
            sizes = [d for d in first.shape if d != 1]
            left = divide_out(under, sympy.Mul(*(d for k, d in zip(word, sizes) if k not in result)))
            if left is not None:
                made = _write_reduction(self._write_elements([a for a, _ in parts]), word, result, "np.mean")
                if made is not None:
                    return list_factors(negative, over, left), made
        return scalars, self._write_einsum(parts, result)

    def _list_operands(self, e: Einsum) -> tuple[list[sympy.Expr], Operands, list[int]]:
        """The factors without axes, the others with the labels of their axes, and those of the result.

        There are no axes of size one, and no ones where something else has the axes.
        """
        labels = AxisLabels(e)
        scalars, operands = labels.scalars, labels.operands
        words = [[k for k, d in zip(axes, a.shape) if d != 1] for a, axes in operands]
        single = {k for a, axes in operands for k, d in zip(axes, a.shape) if d == 1}
        result = [k for k in labels.out if k not in single]
        parts = [(a, word) for (a, _), word in zip(operands, words) if word]
        scalars += [a for (a, _), word in zip(operands, words) if not word and not isinstance(a, ONES)]
        covered = {k for a, word in parts for k in word if not isinstance(a, OneArray)}
        parts = [(a, word) for a, word in parts if not (isinstance(a, OneArray) and covered.issuperset(word))]
        return scalars, parts, result

    def _write_product(self, scalars: Sequence[sympy.Expr]) -> Text:
        """A product of texts without axes."""
        return "*".join(self.at(a, PRODUCT) for a in scalars) or "1.0", PRODUCT

    def _write_einsum(self, parts: Operands, result: list[int]) -> Text:
        """A contraction of arrays, each with the labels of its axes; those with equal labels are multiplied before."""
        together: dict[tuple[int, ...], list[sympy.Expr]] = {}
        rest, views = self._view_windows(parts, result)
        for a, word in rest:
            together.setdefault(tuple(word), []).append(a)
        texts = [*views, *((self._write_elements(arrays), [*word]) for word, arrays in together.items())]
        if len(texts) == 1 and texts[0][1] == result:
            return texts[0][0]
        made = _write_reduction(*texts[0], result) if len(texts) == 1 else _write_repeated(texts, result)
        if made is None and len(texts) == 2 and len(result) > 2:
            made = _write_matmul(texts, result)
        if made is not None:
            return made
        labels = dict.fromkeys([*result, *(k for _, word in texts for k in word)])
        letters = dict(zip(labels, LETTERS + LETTERS.upper()))
        words = ["".join(letters[k] for k in word) for word in (*(w for _, w in texts), result)]
        subscripts = f"{','.join(words[:-1])}->{words[-1]}"
        return f"np.einsum({subscripts!r}, {', '.join(text for (text, _), _ in texts)})", ATOM

    def _view_windows(self, parts: Operands, result: list[int]) -> tuple[Operands, list[tuple[Text, list[int]]]]:
        """Arrays whose places are sums of others as views of their windows, and the operands that are left."""
        found: dict[int, list[Sliding]] = {}
        gone: list[int] = []
        for at, (w, word) in enumerate(parts):
            sliding = find_sliding(w, word, parts, result) if isinstance(w, Window) else None
            if sliding is not None:
                found.setdefault(sliding.array, []).append(sliding)
                gone += [at, sliding.array]
        views = []
        for at, slidings in found.items():
            a, word = parts[at]
            slidings.sort(key=lambda s: word.index(s.label))
            axes = [word.index(s.label) for s in slidings]
            spans = [":"] * len(word) + [":" if s.steps[1] == 1 else f"::{s.steps[1]}" for s in slidings]
            for axis, s in zip(axes, slidings):
                if not s.is_whole:
                    step = "" if s.steps[0] == 1 else f":{s.steps[0]}"
                    end = self.write_size(s.first + s.steps[0] * (s.windows - 1) + 1)
                    spans[axis] = f"{s.first or ''}:{end}{step}"
            widths = ", ".join(self.write_size(s.width) for s in slidings)
            sizes = f"({widths})" if len(slidings) > 1 else widths
            text = self.of(a)[0]
            if any(any(s.pads) for s in slidings):
                pads = {axis: s.pads for axis, s in zip(axes, slidings)}
                around = ", ".join(str(pads.get(k, (0, 0))) for k in range(len(word)))
                text = f"np.pad({text}, {f'({around})' if len(word) > 1 else around})"
            view = f"np.lib.stride_tricks.sliding_window_view({text}, {sizes}, axis={write_axes(axes)})"
            moved = {s.label: s.places[0] for s in slidings}
            word = [*(moved.get(k, k) for k in word), *(s.places[1] for s in slidings)]
            views.append(((view + write_index(spans), ATOM), word))
        return [part for at, part in enumerate(parts) if at not in gone], views

    def _write_elements(self, arrays: Sequence[sympy.Expr]) -> Text:
        """The product of arrays element by element."""
        if len(arrays) == 1:
            return self.of(arrays[0])
        return "*".join(self.at(a, PRODUCT + 1) for a in arrays), PRODUCT


class Sliding(NamedTuple):
    """An axis of an array of which the places are those of windows: ``steps[0]*i + steps[1]*j``.

    Attributes
    ----------
    array : int
        Which operand has the axis.
    label : int
        The label of the axis.
    places : tuple of int
        The labels of the number of the window, and of the place in it.
    steps : tuple of int
        By how much the place moves with each; where it goes down in a window, this is read from its end.
    size, windows, length : int or sympy.Expr
        How many places the axis has, how many windows there are, and how many places a window.
    first : int
        Where the first window begins.
    pads : tuple of int
        How many zeros are before the axis, and behind it.
    """

    array: int
    label: int
    places: tuple[int, int]
    steps: tuple[int, int]
    size: Dim
    windows: Dim
    length: Dim
    first: int
    pads: tuple[int, int]

    @property
    def width(self) -> Dim:
        """How many places there are from the first of a window to its last."""
        return abs(self.steps[1]) * (self.length - 1) + 1

    @property
    def is_whole(self) -> bool:
        """Whether these are all windows that there are."""
        count = sum(self.pads) + self.size - self.width + 1
        return self.steps[0] == 1 and self.first == 0 and sympy.expand(count - self.windows) == 0


def find_sliding(w: Window, word: Sequence[int], parts: Operands, result: Sequence[int]) -> Sliding | None:
    """The axis that a window relates to two others, if it is of one array alone; None of any other window.

    Windows in which places go up come before others, of these the shortest.
    """
    if not len({*word}) == len(word) == len(w.shape) == 3:
        return None
    sizes = dict(zip(word, w.shape))
    turned = list[tuple[Dim, int, Sliding]]()
    for label, (place, _, _) in w.list_places(word).items():
        owners = [at for at, (a, own) in enumerate(parts) if label in own and a is not w]
        if len(owners) != 1 or label in result or isinstance(parts[owners[0]][0], (Window, OneArray)):
            continue
        if parts[owners[0]][1].count(label) > 1 or not place.offset.is_Integer:
            continue
        counted = [k for k in place.steps if sizes[k].is_Integer]
        if counted:
            inner = min(counted, key=lambda k: (place.steps[k], sizes[k], k))
            (outer,) = (k for k in place.steps if k != inner)
            steps = place.steps[outer], place.steps[inner]
            offset = place.offset + min(0, steps[1]) * (sizes[inner] - 1)
            last = offset + steps[0] * (sizes[outer] - 1) + abs(steps[1]) * (sizes[inner] - 1)
            beyond = sympy.expand(last + 1 - sizes[label])
            if steps[0] < 1 or not (beyond.is_Integer or is_ordered(beyond, 0)):
                continue
            pads = max(0, -int(offset)), max(0, int(beyond)) if beyond.is_Integer else 0
            spans = sizes[label], sizes[outer], sizes[inner]
            made = Sliding(owners[0], label, (outer, inner), steps, *spans, max(0, int(offset)), pads)
            if steps[1] > 0:
                return made
            if not is_ordered(sizes[label], sizes[inner]):
                turned.append((sizes[inner], label, made))
    return min(turned)[2] if turned else None


def write_axes(axes: Sequence[int]) -> str:
    """The text of axes: a number, or a tuple."""
    return str(axes[0] if len(axes) == 1 else tuple(axes))


def _write_reduction(text: Text, word: list[int], result: list[int], function: str = "np.sum") -> Text | None:
    """An array that is summed along axes, or whose axes are put in order; None where it is both, or of a diagonal."""
    if len({*word}) < len(word):
        return None
    if len(word) == len(result) == 2:
        return f"{wrap(*text, ATOM)}.T", ATOM
    if len(word) == len(result):
        return f"np.transpose({text[0]}, {tuple(map(word.index, result))})", ATOM
    if [k for k in word if k in result] != result:
        return None
    over = [place for place, k in enumerate(word) if k not in result]
    along = f", axis={write_axes(over)}" if result else ""
    return f"{function}({text[0]}{along})", ATOM


def _write_repeated(operands: Sequence[tuple[Text, list[int]]], result: list[int]) -> Text | None:
    """A product element by element, which NumPy repeats along axes that some operands lack; None where it is none."""
    if {k for _, word in operands for k in word} != {*result}:
        return None
    texts = []
    for text, word in operands:
        if [k for k in result if k in word] != word:
            return None
        places = [":" if k in word else "None" for k in result[result.index(word[0]) :]]
        texts.append(f"{wrap(*text, ATOM)}[{', '.join(places)}]" if "None" in places else wrap(*text, PRODUCT + 1))
    return "*".join(texts), PRODUCT


def _write_matmul(operands: Sequence[tuple[Text, list[int]]], result: list[int]) -> Text | None:
    """A contraction that is the product of two batches of matrices, or of one and a matrix; None where it is another.

    The axes of a batch are the first of an operand, in the order of the result.
    """
    batch, rows, columns = result[:-2], *result[-2:]
    if not any(word[:-2] == batch for _, word in operands):
        return None
    for (left, first), (right, second) in (operands, operands[::-1]):
        summed = [k for k in first if k in second and k not in result]
        if len(summed) != 1:
            return None
        made = _turn(left, first, batch, [rows, *summed]), _turn(right, second, batch, [*summed, columns])
        if None not in made:
            return " @ ".join(wrap(*t, PRODUCT + 1) for t in made if t is not None), PRODUCT
    return None


def _turn(text: Text, word: list[int], batch: list[int], wanted: list[int]) -> Text | None:
    """A batch of matrices, or a matrix, with the last two axes as wanted; None where it has others."""
    if word[:-2] not in (batch, []) or sorted(word[-2:]) != sorted(wanted):
        return None
    if word[-2:] == wanted:
        return text
    return (f"np.swapaxes({text[0]}, -1, -2)" if word[:-2] else f"{wrap(*text, ATOM)}.T"), ATOM
