"""How single elements come about: of functions of elements, sums of products, and what only moves elements.

A rule answers the code of the element at a place; what it needs for that, as the loop of a sum, it writes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tracer.backends.loop_indices import ZERO, Index, Place, align, flatten_place
from tracer.backends.loops import LoopWriter, Read, Rule, flat_size
from tracer.ops import selection
from tracer.ops.selection import Array, Slice
from tracer.program.lines import Axis, Kind, Line, Operand
from tracer.python_code import AND, COMPARE, OR, PLUS, TIMES, Code, infix
from tracer.python_scope import SCOPE, shape_of
from tracer.shapes import Dim, Shape


def read_points(line: Line, k: int) -> Read:
    """How a function of elements reads an operand: one that is smaller than the result is read again and again."""
    own = shape_of(line.operands[k])
    if own == line.shape:
        return Read.POINT
    return Read.ONCE if flat_size(own) == flat_size(line.shape) else Read.MANY


def read_once(line: Line, k: int) -> Read:
    """How an operation reads that takes each element once at the most."""
    return Read.ONCE


def read_often(line: Line, k: int) -> Read:
    """How an operation reads that takes an element several times."""
    return Read.MANY


def _elementwise(w: LoopWriter, line: Line, place: Place) -> Code:
    operands = _read_all(w, line, place)
    return w.elementwise(line, w.shorten(operands))


def _read_all(w: LoopWriter, line: Line, place: Place) -> list[tuple[Code, str]]:
    """The elements of all operands at a place, with their dtypes; numbers among whole numbers are such."""
    kind = line.dtype if line.dtype.startswith("int") else "float64"
    return [(w.read(o, align(place, shape_of(o)), kind), _dtype_of(o)) for o in line.operands]


def _dtype_of(operand: Operand) -> str:
    return operand.dtype if type(operand) is Line else "bool" if isinstance(operand, bool) else "float64"


def _add(w: LoopWriter, line: Line, place: Place) -> Code:
    terms = _read_all(w, line, place)
    total: Code | None = None
    for k in range(0, len(terms), 8):  # Of many terms, some at a time.
        group = terms[k : k + 8] if total is None else [(total, line.dtype), *terms[k : k + 8]]
        codes = w.shorten(group)
        total = codes[0]
        for code in codes[1:]:
            total = infix(total, "+", code, PLUS)
        if k + 8 < len(terms):
            total = w.let(total, line.dtype, "part")
    assert total is not None
    return total


def _cast(w: LoopWriter, line: Line, place: Place) -> Code:
    operand = line.operands[0]
    return w.convert(w.read(operand, place), _dtype_of(operand), line.dtype)


# Reductions.


def _split_axes(line: Line) -> tuple[list[int], list[Dim]]:
    """The axes that a reduction is along, and their sizes."""
    axes, _ = line.params
    shape = shape_of(line.operands[0])
    found = [*range(len(shape))] if axes is None else [a % len(shape) for a in axes]
    return found, [shape[a] for a in found]


def _join_place(line: Line, place: Place, axes: Sequence[int], inner: Place) -> Place:
    """The place in the operand of a reduction."""
    own = dict(zip(axes, inner))
    kept = iter([p for k, p in enumerate(place) if k not in axes] if line.params[1] else place)
    return tuple(own[k] if k in own else next(kept) for k in range(len(shape_of(line.operands[0]))))


def _accumulate(
    w: LoopWriter, line: Line, place: Place, start: Code, step: Callable[[Code, Code], tuple[Code, str]], wanted: str
) -> Code:
    """A variable to which a step adds each element of the operand that the place is made of."""
    axes, sizes = _split_axes(line)
    total = w.variable(start, line.dtype, wanted)
    with w.loops(sizes) as inner:
        element = w.read(line.operands[0], _join_place(line, place, axes, inner))
        w.set(total, *step(total, element))
    return total


def _plus(total: Code, element: Code) -> tuple[Code, str]:
    return element, "+"


def _sum(w: LoopWriter, line: Line, place: Place) -> Code:
    return _accumulate(w, line, place, w.number(0, line.dtype), _plus, "total")


def _mean(w: LoopWriter, line: Line, place: Place) -> Code:
    count = w.convert(w.size(flat_size(tuple(_split_axes(line)[1]))), "int64", "float64")
    return infix(_accumulate(w, line, place, w.number(0.0), _plus, "total"), "/", count, TIMES)


def _extreme(helper: str, start: float) -> Callable[[LoopWriter, Line, Place], Code]:
    def write(w: LoopWriter, line: Line, place: Place) -> Code:
        first = w.number(start) if line.dtype == "float64" else None
        if first is None:
            axes, sizes = _split_axes(line)
            first = w.read(line.operands[0], _join_place(line, place, axes, (ZERO,) * len(sizes)))
        join = SCOPE.named(helper)
        return _accumulate(w, line, place, first, lambda total, element: (join(total, element), ""), "extreme")

    return write


def _product(w: LoopWriter, line: Line, place: Place) -> Code:
    return _accumulate(w, line, place, w.number(1, line.dtype), lambda total, element: (element, "*"), "product")


def _all(w: LoopWriter, line: Line, place: Place) -> Code:
    join = lambda total, element: (infix(total, w.both, element, AND), "")  # noqa: E731
    return _accumulate(w, line, place, w.number(True, "bool"), join, "every")


def _any(w: LoopWriter, line: Line, place: Place) -> Code:
    join = lambda total, element: (infix(total, w.either, element, OR), "")  # noqa: E731
    return _accumulate(w, line, place, w.number(False, "bool"), join, "some")


def _scaled(w: LoopWriter, line: Line, place: Place, size: Callable[[Code], Code]) -> tuple[Code, Code]:
    """The greatest size of the elements, and by what they are divided so that no square overflows."""
    join = SCOPE.maximum
    largest = _accumulate(w, line, place, w.number(0.0), lambda t, x: (join(t, size(x)), ""), "largest")
    return largest, w.let(SCOPE.scale_of(largest), "float64", "scale")


def _norm(w: LoopWriter, line: Line, place: Place) -> Code:
    absolute = w.absolute
    _, scale = _scaled(w, line, place, absolute)
    square = lambda total, x: (SCOPE.square_of(infix(x, "/", scale, TIMES)), "+")  # noqa: E731
    return infix(scale, "*", w.root(_accumulate(w, line, place, w.number(0.0), square, "squares")), TIMES)


def _logsumexp(w: LoopWriter, line: Line, place: Place) -> Code:
    largest = _accumulate(w, line, place, w.number(float("-inf")), lambda t, x: (SCOPE.maximum(t, x), ""), "largest")
    shift = w.let(SCOPE.finite_of(largest), "float64", "shift")
    step = lambda total, x: (w.exponential(infix(x, "-", shift, PLUS)), "+")  # noqa: E731
    total = _accumulate(w, line, place, w.number(0.0), step, "total")
    return infix(shift, "+", w.logarithm(total), PLUS)


def _argument_of(helper: str) -> Callable[[LoopWriter, Line, Place], Code]:
    """The place of the first element that none is better than; NaN is better than any number."""

    def write(w: LoopWriter, line: Line, place: Place) -> Code:
        x, axis = line.operands[0], line.params
        best = w.variable(w.read(x, (*place[:axis], ZERO, *place[axis:])), x.dtype, "best")
        found = w.variable(w.number(0, "int64"), line.dtype, "place")
        with w.loop(shape_of(x)[axis]) as k:
            own = w.let(w.read(x, (*place[:axis], k, *place[axis:])), x.dtype, "element")
            with w.when(SCOPE.named(helper)(own, best)):
                w.set(best, own)
                w.set(found, w.convert(w.index(k), "int64", line.dtype))
        return found

    return write


# Sums of products.


def _labels(line: Line) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """The labels of the axes of the operands of a product, and of the result."""
    operands = [shape_of(o) for o in line.operands]
    if line.op is Kind.EINSUM:
        inputs, output = line.params
        return tuple(map(tuple, inputs)), tuple(output)
    if line.op is Kind.VDOT:
        own = tuple(range(len(operands[0])))
        return (own, own), ()
    if line.op is Kind.TENSORDOT:
        left, right = line.params
        first = tuple(range(len(operands[0])))
        fresh = iter(range(len(first), 100))
        joined = {b: first[a] for a, b in zip(left, right)}
        second = tuple(joined[k] if k in joined else next(fresh) for k in range(len(operands[1])))
        return (first, second), (*(a for a in first if a not in left), *(b for b in second if b not in first))
    # Of a matrix product the labels -1, -2, -3 are rows, columns and what is summed over.
    vectors = [len(shape) == 1 for shape in operands]
    batch = line.ndim - (2 - sum(vectors))
    found = []
    for shape, vector, ends in zip(operands, vectors, ((-1, -3), (-3, -2))):
        own = (-3,) if vector else ends
        found.append((*range(batch - (len(shape) - len(own)), batch), *own))
    rows, columns = ([] if v else [end] for v, end in zip(vectors, (-1, -2)))
    return tuple(found), (*range(batch), *rows, *columns)


def _read_product(line: Line, k: int) -> Read:
    inputs, _ = _labels(line)
    sizes = _label_sizes(line, inputs)
    own = [label for label, size in zip(inputs[k], shape_of(line.operands[k])) if size == sizes[label]]
    missing = [label for label, size in sizes.items() if label not in own and size != 1]
    return Read.MANY if missing else Read.ONCE


def _label_sizes(line: Line, inputs: tuple[tuple[int, ...], ...]) -> dict[int, Dim]:
    sizes: dict[int, Dim] = {}
    for labels, operand in zip(inputs, line.operands):
        for label, size in zip(labels, shape_of(operand)):
            if sizes.get(label, 1) == 1:
                sizes[label] = size
    return sizes


def _product_sum(w: LoopWriter, line: Line, place: Place) -> Code:
    inputs, output = _labels(line)
    sizes = _label_sizes(line, inputs)
    at = dict(zip(output, place))
    at |= {label: ZERO for label, size in sizes.items() if label not in at and size == 1}
    inner = [label for label in sizes if label not in at]

    def multiply() -> Code:
        factors = []
        for labels, operand in zip(inputs, line.operands):
            own = [ZERO if size == 1 else at[label] for label, size in zip(labels, shape_of(operand))]
            factors.append((w.read(operand, own), _dtype_of(operand)))
        codes = w.shorten(factors)
        total = codes[0]
        for code in codes[1:]:
            total = infix(total, "*", code, TIMES)
        return total

    if not inner:
        return multiply()
    total = w.variable(w.number(0, line.dtype), line.dtype, "total")
    with w.loops([sizes[label] for label in inner]) as places:
        at |= dict(zip(inner, places))
        w.set(total, multiply(), "+")
    return total


def _trace(w: LoopWriter, line: Line, place: Place) -> Code:
    x = line.operands[0]
    total = w.variable(w.number(0, line.dtype), line.dtype, "total")
    with w.loop(_shorter(shape_of(x))) as k:
        w.set(total, w.read(x, (*place, k, k)), "+")
    return total


def _shorter(shape: Shape) -> Dim:
    m, n = shape[-2:]
    return m if m == n else min(m, n)


# What moves elements.


def _transpose(w: LoopWriter, line: Line, place: Place) -> Code:
    own: list[Index] = [ZERO] * len(place)
    for k, axis in enumerate(line.params):
        own[axis] = place[k]
    return w.read(line.operands[0], own)


def _select(w: LoopWriter, line: Line, place: Place) -> Code:
    own, given = [], iter(place)
    for axis in line.params:
        if axis is Axis.NEW:
            next(given)
        else:
            own.append(ZERO if axis is Axis.FIRST else next(given))
    return w.read(line.operands[0], (*own, *given))


def _reshape(w: LoopWriter, line: Line, place: Place) -> Code:
    x = line.operands[0]
    if _differs_by_ones(x, line.shape):
        wide = iter([index for index, size in zip(place, line.shape) if size != 1])
        return w.read(x, [ZERO if size == 1 else next(wide) for size in shape_of(x)])
    return w.read_at(x, flatten_place(place, line.shape))


def _differs_by_ones(operand: Operand, shape: Shape) -> bool:
    return [s for s in shape_of(operand) if s != 1] == [s for s in shape if s != 1]


def _read_reshaped(line: Line, k: int) -> Read:
    return Read.ONCE if _differs_by_ones(line.operands[0], line.shape) else Read.FLAT


def locate(
    w: LoopWriter, index: selection.Index, shape: Shape, operands: Sequence[Operand], place: Place
) -> tuple[Place, list[Code]]:
    """Where an index finds the element of a selection, and what must hold for it to be there."""
    arrays = [shape_of(operands[e.position]) for e in index if type(e) is Array]
    plan = selection.layout(index, shape, arrays)
    rank = len(plan.arrays)
    inner = place[plan.front : plan.front + rank]
    outer = iter((*place[: plan.front], *place[plan.front + rank :]))
    used = sum(e is not None for e in index)
    own: list[Index] = []
    tests: list[Code] = []
    for entry in (*index, *map(selection.full, shape[used:])):
        if entry is None:
            next(outer)
        elif type(entry) is Slice:
            own.append(next(outer) * entry.step + entry.start)
        elif type(entry) is Array:
            operand = operands[entry.position]
            dims = shape_of(operand)
            value = w.read(operand, align(inner, dims))
            found = w.let(SCOPE.wrap(value, w.size(shape[len(own)])), "int64", "at")
            tests.append(infix(found, ">=", w.number(0, "int64"), COMPARE))
            own.append(Index({str(found): 1}))
        else:
            assert not isinstance(entry, (Slice, Array))
            own.append(ZERO + (shape[len(own)] + entry if _is_negative(entry) else entry))
    return tuple(own), tests


def _is_negative(entry: Dim) -> bool:
    return entry < 0 if isinstance(entry, int) else bool(entry.is_negative)


def _getitem(w: LoopWriter, line: Line, place: Place) -> Code:
    x = line.operands[0]
    own, tests = locate(w, line.params, shape_of(x), line.operands, place)
    code = w.read(x, own)
    if not tests:
        return code
    outside = w.number(float("nan")) if line.dtype == "float64" else w.number(0, line.dtype)
    return w.templates.choose(w.join(tests, AND), code, outside)


def _read_selected(line: Line, k: int) -> Read:
    return Read.MANY if k or any(type(e) is Array for e in line.params) else Read.ONCE


def _read_broadcast(line: Line, k: int) -> Read:
    return Read.ONCE if flat_size(shape_of(line.operands[0])) == flat_size(line.shape) else Read.MANY


def _on_diagonal(w: LoopWriter, place: Place, axes: Sequence[int], code: Code, zero: Code) -> Code:
    """A value where the places of all axes that run along one of the operand are equal, else another."""
    tests = []
    for axis in dict.fromkeys(axes):
        first, *rest = [index for index, own in zip(place, axes) if own == axis]
        tests += [infix(w.index(first), "==", w.index(other), COMPARE) for other in rest if other.key != first.key]
    return w.templates.choose(w.join(tests, AND), code, zero) if tests else code


def _embed(w: LoopWriter, line: Line, place: Place) -> Code:
    x = line.operands[0]
    own = [next(i for i, a in zip(place, line.params) if a == axis) for axis in range(len(shape_of(x)))]
    return _on_diagonal(w, place, line.params, w.read(x, own), w.number(0, line.dtype))


def _eye(w: LoopWriter, line: Line, place: Place) -> Code:
    one, zero = w.number(1, line.dtype), w.number(0, line.dtype)
    return _on_diagonal(w, place[-2:], (0, 0), one, zero)


def _band(w: LoopWriter, line: Line, place: Place) -> Code:
    lower, upper = line.params
    i, j = place[-2:]
    tests = []
    if lower >= 0:
        tests.append(infix(w.index(i), "<=", w.index(j + lower), COMPARE))
    if upper >= 0:
        tests.append(infix(w.index(j), "<=", w.index(i + upper), COMPARE))
    code = w.read(line.operands[0], place)
    return w.templates.choose(w.join(tests, AND), code, w.number(0, line.dtype)) if tests else code


def _set_diagonal(w: LoopWriter, line: Line, place: Place) -> Code:
    x, diagonal = line.operands
    own, put = w.read(x, place), w.read(diagonal, place[:-1])
    *_, m, n = line.shape
    if isinstance(m, int) and isinstance(n, int) and m > n:
        put = w.read(diagonal, (*place[:-2], place[-1]))
    return _on_diagonal(w, place[-2:], (0, 0), put, own)


def _one_hot(w: LoopWriter, line: Line, place: Place) -> Code:
    indices, on, off = line.operands
    axis = line.params
    own = w.read(indices, (*place[:axis], *place[axis + 1 :]))
    test = infix(own, "==", w.index(place[axis]), COMPARE)
    values = [w.convert(w.read(o, ()), _dtype_of(o), line.dtype) for o in (on, off)]
    return w.templates.choose(test, *values)


def _range(w: LoopWriter, line: Line, place: Place) -> Code:
    start, step = line.params
    if isinstance(start, int) and isinstance(step, int):
        return w.convert(w.index(place[0] * step + start), "int64", line.dtype)
    steps = infix(w.number(step), "*", w.convert(w.index(place[0]), "int64", "float64"), TIMES)
    return infix(w.number(start), "+", steps, PLUS)


def _sizes_of(name: str, shape: Shape) -> list[Dim]:
    return {"shape": list(shape), "size": [flat_size(shape)], "rank": [len(shape)]}[name]


def _size(w: LoopWriter, line: Line, place: Place) -> Code:
    size = line.leaf if line.op is Kind.DIMENSION else line.params
    return w.ratio(size) if line.dtype == "float64" else w.convert(w.size(size), "int64", line.dtype)


def _measure(w: LoopWriter, line: Line, place: Place) -> Code:
    own = _sizes_of(line.op.name, shape_of(line.operands[0]))
    if len(own) == 1:
        return w.convert(w.size(own[0]), "int64", line.dtype)
    code = w.size(own[-1])
    for k, size in reversed([*enumerate(own[:-1])]):
        test = infix(w.index(place[0]), "==", w.size(k), COMPARE)
        code = w.templates.choose(test, w.size(size), code)
    return w.convert(code, "int64", line.dtype)


def _filled(value: int) -> Callable[[LoopWriter, Line, Place], Code]:
    return lambda w, line, place: w.number(value, line.dtype)


POINTWISE = Rule(_elementwise, read_points)
CONTRACTION = Rule(_product_sum, _read_product)
ELEMENT_RULES: Mapping[Kind | str, Rule] = {
    Kind.ELEMENTWISE: POINTWISE,
    Kind.ADD: Rule(_add, read_points),
    Kind.CAST: Rule(_cast, read_points),
    Kind.SUM: Rule(_sum, read_once),
    Kind.MEAN: Rule(_mean, read_once),
    Kind.MAX: Rule(_extreme("maximum", float("-inf")), read_once),
    Kind.NORM: Rule(_norm, read_often),
    Kind.MATMUL: CONTRACTION,
    Kind.VDOT: CONTRACTION,
    Kind.TENSORDOT: CONTRACTION,
    Kind.EINSUM: CONTRACTION,
    Kind.TRANSPOSE: Rule(_transpose, read_once, view=True),
    Kind.SELECT: Rule(_select, read_once, view=True),
    Kind.TRACE: Rule(_trace, read_once),
    Kind.DIAGONAL: Rule(lambda w, line, place: w.read(line.operands[0], (*place, place[-1])), read_once, view=True),
    Kind.BROADCAST: Rule(
        lambda w, line, place: w.read(line.operands[0], align(place, shape_of(line.operands[0]))),
        _read_broadcast,
        view=True,
    ),
    Kind.EYE: Rule(_eye, read_once, view=True),
    Kind.EMBED: Rule(_embed, read_often, view=True),
    Kind.DIMENSION: Rule(_size, read_once, view=True),
    Kind.SIZE: Rule(_size, read_once, view=True),
    "cast": Rule(_cast, read_points),
    "reduce_max": Rule(_extreme("maximum", float("-inf")), read_once),
    "reduce_min": Rule(_extreme("minimum", float("inf")), read_once),
    "reduce_prod": Rule(_product, read_once),
    "reduce_all": Rule(_all, read_once),
    "reduce_any": Rule(_any, read_once),
    "reduce_logsumexp": Rule(_logsumexp, read_often),
    "argmax": Rule(_argument_of("is_greater"), read_often),
    "argmin": Rule(_argument_of("is_less"), read_often),
    "reshape": Rule(_reshape, _read_reshaped, view=True),
    "getitem": Rule(_getitem, _read_selected, view=True),
    "gather": Rule(_getitem, _read_selected),
    "band_part": Rule(_band, read_points),
    "set_diag": Rule(_set_diagonal, read_often),
    "one_hot": Rule(_one_hot, read_often),
    "range": Rule(_range, read_once, view=True),
    "zeros_like": Rule(_filled(0), read_once, view=True),
    "ones_like": Rule(_filled(1), read_once, view=True),
    "shape": Rule(_measure, read_once, view=True),
    "size": Rule(_measure, read_once, view=True),
    "rank": Rule(_measure, read_once, view=True),
}
"""The rules of operations, by their kind or by the name of their row."""
