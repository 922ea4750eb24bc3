"""How whole arrays come about: parts put together, running sums, and the algebra of matrices by plain loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tracer.backends.element_rules import ELEMENT_RULES, locate, read_often, read_once
from tracer.backends.loop_indices import ZERO, Index, Place, align
from tracer.backends.loops import LoopWriter, Rule, refuse_unknown
from tracer.ops import selection
from tracer.ops.selection import Array
from tracer.program.lines import Kind, Line, Operand
from tracer.python_code import AND, COMPARE, PLUS, TIMES, Code, infix, name
from tracer.python_scope import SCOPE, shape_of
from tracer.shapes import Dim, Shape


def rule_of(line: Line) -> Rule:
    """The rule of a line.

    Raises
    ------
    LookupError
        If there is none for its operation.
    """
    key = line.op if isinstance(line.op, Kind) else line.op.name
    if key == "getitem" and any(type(entry) is Array for entry in line.params):
        key = "gather"
    return RULES.get(key) or refuse_unknown(line)


# Parts put together.


def _fill(w: LoopWriter, target: str, shape: Shape, value: Code) -> None:
    with w.loops(shape) as place:
        w.set(w.at(target, shape, place), value)


def _concat(w: LoopWriter, line: Line, target: str) -> None:
    axis, start = line.params, ZERO
    for operand in line.operands:
        own = shape_of(operand)
        with w.loops(own) as place:
            put = (*place[:axis], start + place[axis], *place[axis + 1 :])
            w.set(w.at(target, line.shape, put), w.read(operand, place))
        start = start + own[axis]


def _stack(w: LoopWriter, line: Line, target: str) -> None:
    axis = line.params
    for k, operand in enumerate(line.operands):
        with w.loops(shape_of(operand)) as place:
            put = (*place[:axis], Index({}, k), *place[axis:])
            w.set(w.at(target, line.shape, put), w.read(operand, place))


def _pad(w: LoopWriter, line: Line, target: str) -> None:
    x, value = line.operands
    _fill(w, target, line.shape, w.read(value, ()) if type(value) is Line else w.number(value, line.dtype))
    with w.loops(shape_of(x)) as place:
        put = [index + before for index, (before, _) in zip(place, line.params)]
        w.set(w.at(target, line.shape, put), w.read(x, place))


def _placed(w: LoopWriter, line: Line, target: str, put: Callable[[Code, Code, Sequence[Code]], None]) -> None:
    """Write what happens to each place where an operand is put."""
    for index, operand in zip(line.params, line.operands):
        with w.loops(_selection_shape(line, index)) as place:
            own, tests = locate(w, index, line.shape, line.operands, place)
            put(w.at(target, line.shape, own), w.read(operand, align(place, shape_of(operand))), tests)


def _selection_shape(line: Line, index: selection.Index) -> Shape:
    arrays = [shape_of(line.operands[e.position]) for e in index if type(e) is Array]
    return selection.layout(index, line.shape, arrays).shape


def _scatter(w: LoopWriter, line: Line, target: str) -> None:
    _fill(w, target, line.shape, w.number(0, line.dtype))

    def put(element: Code, value: Code, tests: Sequence[Code]) -> None:
        if not tests:
            w.set(element, value, "+")
            return
        with w.when(w.join(tests, AND)):
            w.set(element, value, "+")

    _placed(w, line, target, put)


def _greatest_at(w: LoopWriter, line: Line, target: str) -> None:
    _fill(w, target, line.shape, w.number(float("-inf")))

    def put(element: Code, value: Code, tests: Sequence[Code]) -> None:
        if not tests:
            w.set(element, SCOPE.maximum(element, value))
            return
        with w.when(w.join(tests, AND)):
            w.set(element, SCOPE.maximum(element, value))

    _placed(w, line, target, put)
    with w.loops(line.shape) as place:
        element = w.at(target, line.shape, place)
        with w.when(infix(element, "==", w.number(float("-inf")), COMPARE)):
            w.set(element, w.number(0.0))


def _segment_max(w: LoopWriter, line: Line, target: str) -> None:
    x, ids = line.operands
    _, empty = line.params
    seen = w.array(line.shape[:1], "bool", "seen")
    _fill(w, seen, line.shape[:1], w.number(False, "bool"))
    _fill(w, target, line.shape, w.number(empty, line.dtype))
    with w.loops(shape_of(ids)) as outer:
        at = w.let(w.read(ids, outer), "int64", "segment")
        zero = w.number(0, "int64")
        tests = [infix(at, ">=", zero, COMPARE), infix(at, "<", w.size(line.shape[0]), COMPARE)]
        with w.when(w.join(tests, AND)):
            own = Index({str(at): 1})
            flag = w.at(seen, line.shape[:1], (own,))
            with w.loops(line.shape[1:]) as inner:
                element, value = w.at(target, line.shape, (own, *inner)), w.read(x, (*outer, *inner))
                w.set(element, w.templates.choose(flag, SCOPE.maximum(element, value), value))
            w.set(flag, w.number(True, "bool"))


def _cross(w: LoopWriter, line: Line, target: str) -> None:
    a, b = line.operands
    with w.loops(line.shape[:-1]) as place:
        for k in range(3):
            i, j = (Index({}, (k + 1) % 3), Index({}, (k + 2) % 3))
            left, right = (
                infix(w.read(a, (*place, m)), "*", w.read(b, (*place, n)), TIMES) for m, n in ((i, j), (j, i))
            )
            w.set(w.at(target, line.shape, (*place, Index({}, k))), infix(left, "-", right, PLUS))


# Along one axis.


def _around(shape: Shape, axis: int) -> tuple[Shape, Dim]:
    """The other axes, and the size of the axis."""
    return (*shape[:axis], *shape[axis + 1 :]), shape[axis]


def _insert(place: Place, axis: int, index: Index) -> Place:
    return (*place[:axis], index, *place[axis:])


def _scan(start: float, sign: str) -> Callable[[LoopWriter, Line, str], None]:
    def write(w: LoopWriter, line: Line, target: str) -> None:
        axis, exclusive, backwards = line.params
        others, size = _around(line.shape, axis)
        with w.loops(others) as place:
            total = w.variable(w.number(start, line.dtype), line.dtype, "total")
            with w.loop(size) as k:
                own = _insert(place, axis, -k + (size - 1) if backwards else k)
                element = w.at(target, line.shape, own)
                if exclusive:
                    w.set(element, total)
                w.set(total, w.read(line.operands[0], own), sign)
                if not exclusive:
                    w.set(element, total)

    return write


def _logsumexp_scan(w: LoopWriter, line: Line, target: str) -> None:
    axis = line.params.axis
    others, size = _around(line.shape, axis)
    with w.loops(others) as place:
        total = w.variable(w.number(float("-inf")), line.dtype, "total")
        with w.loop(size) as k:
            own = _insert(place, axis, k)
            w.set(total, SCOPE.logaddexp(total, w.read(line.operands[0], own)))
            w.set(w.at(target, line.shape, own), total)


def _recurrence(w: LoopWriter, line: Line, target: str) -> None:
    axis, _, backwards = line.params
    others, size = _around(line.shape, axis)
    a, b = line.operands
    with w.loops(others) as place:
        total = w.variable(w.number(0.0), line.dtype, "total")
        with w.loop(size) as k:
            own = _insert(place, axis, -k + (size - 1) if backwards else k)
            factor, term = (w.read(o, align(own, shape_of(o))) for o in (a, b))
            w.set(total, infix(term, "+", infix(factor, "*", total, TIMES), PLUS))
            w.set(w.at(target, line.shape, own), total)


def _softmax(w: LoopWriter, line: Line, target: str) -> None:
    axis = line.params % line.ndim
    others, size = _around(line.shape, axis)
    x = line.operands[0]
    with w.loops(others) as place:
        largest = w.variable(w.number(float("-inf")), line.dtype, "largest")
        with w.loop(size) as k:
            w.set(largest, SCOPE.maximum(largest, w.read(x, _insert(place, axis, k))))
        total = w.variable(w.number(0.0), line.dtype, "total")
        with w.loop(size) as k:
            own = _insert(place, axis, k)
            element = w.at(target, line.shape, own)
            w.set(element, w.exponential(infix(w.read(x, own), "-", largest, PLUS)))
            w.set(total, element, "+")
        with w.loop(size) as k:
            w.set(w.at(target, line.shape, _insert(place, axis, k)), total, "/")


def _argsort(w: LoopWriter, line: Line, target: str) -> None:
    """Each element counts those that come before it, which is its place: equal ones stay in order."""
    axis = line.params
    others, size = _around(line.shape, axis)
    x = line.operands[0]
    with w.loops(others) as place, w.loop(size) as k:
        own = w.let(w.read(x, _insert(place, axis, k)), x.dtype, "element")
        before = w.variable(w.number(0, "int64"), "int64", "before")
        with w.loop(size) as n:
            other = w.read(x, _insert(place, axis, n))
            earlier = infix(w.index(n), "<", w.index(k), COMPARE)
            with w.when(SCOPE.comes_before(other, own, earlier)):
                w.set(before, w.number(1, "int64"), "+")
        put = _insert(place, axis, Index({str(before): 1}))
        w.set(w.at(target, line.shape, put), w.convert(w.index(k), "int64", line.dtype))


# Matrices.


def _copy_matrix(w: LoopWriter, operand: Operand, place: Place, adjoint: bool = False) -> tuple[Code, Dim]:
    """A copy of a matrix to work on, and its size."""
    m, n = shape_of(operand)[-2:]
    matrix = w.array((m, n), "float64", "matrix")
    with w.loops((m, n)) as (i, j):
        own = (*align(place, shape_of(operand)[:-2]), *((j, i) if adjoint else (i, j)))
        w.set(w.at(matrix, (m, n), (i, j)), w.read(operand, own))
    return name(matrix), n


def _eliminate(w: LoopWriter, operand: Operand, place: Place, adjoint: bool = False) -> tuple[Code, Code, Code]:
    """Room for the triangular factors of a matrix, which is there so far, for the order of its rows, and the size."""
    matrix, size = _copy_matrix(w, operand, place, adjoint)
    return matrix, name(w.array((size,), "int64", "rows")), w.size(size)


def _of_factors(helper: str) -> Callable[[LoopWriter, Line, Place], Code]:
    """A number that the triangular factors of a matrix give."""

    def write(w: LoopWriter, line: Line, place: Place) -> Code:
        matrix, rows, n = _eliminate(w, line.operands[0], place)
        sign = w.let(SCOPE.eliminate(matrix, rows, n), "float64", "sign")
        return SCOPE.named(helper)(matrix, sign, n)

    return write


def _inverse(w: LoopWriter, line: Line, target: str) -> None:
    size = line.shape[-1]
    column, found = (w.array((size,), "float64", own) for own in ("column", "solution"))
    with w.loops(line.shape[:-2]) as place:
        matrix, rows, n = _eliminate(w, line.operands[0], place)
        w.call(SCOPE.eliminate(matrix, rows, n))
        with w.loop(size) as j:
            _fill(w, column, (size,), w.number(0.0))
            w.set(w.at(column, (size,), (j,)), w.number(1.0))
            w.call(SCOPE.substitute(matrix, rows, name(column), name(found), n))
            with w.loop(size) as i:
                w.set(w.at(target, line.shape, (*place, i, j)), w.at(found, (size,), (i,)))


def _solve(w: LoopWriter, line: Line, target: str) -> None:
    adjoint, vector = line.params
    a, b = line.operands
    tail = 1 if vector else 2
    size = shape_of(a)[-1]
    column, found = (w.array((size,), "float64", own) for own in ("column", "solution"))
    with w.loops(line.shape[: line.ndim - tail]) as place:
        matrix, rows, n = _eliminate(w, a, place, adjoint)
        w.call(SCOPE.eliminate(matrix, rows, n))
        with w.loops(() if vector else line.shape[-1:]) as j:
            with w.loop(size) as i:
                own = (*align(place, shape_of(b)[: len(shape_of(b)) - tail]), i, *j)
                w.set(w.at(column, (size,), (i,)), w.read(b, own))
            w.call(SCOPE.substitute(matrix, rows, name(column), name(found), n))
            with w.loop(size) as i:
                w.set(w.at(target, line.shape, (*place, i, *j)), w.at(found, (size,), (i,)))


def _cholesky(w: LoopWriter, line: Line, target: str) -> None:
    with w.loops(line.shape[:-2]) as place:
        matrix, size = _copy_matrix(w, line.operands[0], place)
        w.call(SCOPE.factor_cholesky(matrix, w.size(size)))
        shape = (size, size)
        with w.loops(shape) as (i, j):
            w.set(w.at(target, line.shape, (*place, i, j)), w.at(str(matrix), shape, (i, j)))


def _cofactors(turned: bool) -> Callable[[LoopWriter, Line, str], None]:
    """Each cofactor by elimination of its own matrix, so that they are right where the matrix is singular."""

    def write(w: LoopWriter, line: Line, target: str) -> None:
        size = line.shape[-1]
        shape = (size - 1, size - 1)
        with w.loops(line.shape[:-2]) as place:
            matrix, _ = _copy_matrix(w, line.operands[0], place)
            minor, rows = w.array(shape, "float64", "minor"), name(w.array((size - 1,), "int64", "rows"))
            with w.loops((size, size)) as (i, j):
                n = w.size(size)
                code = SCOPE.cofactor(matrix, name(minor), rows, w.index(i), w.index(j), n)
                own = (*place, j, i) if turned else (*place, i, j)
                w.set(w.at(target, line.shape, own), code)

    return write


RULES: Mapping[Kind | str, Rule] = {
    **ELEMENT_RULES,
    Kind.GREATEST_AT: Rule(_greatest_at, read_often, whole=True),
    "scatter": Rule(_scatter, read_often, whole=True),
    "concat": Rule(_concat, read_once, whole=True),
    "stack": Rule(_stack, read_once, whole=True),
    "pad": Rule(_pad, read_once, whole=True),
    "segment_max": Rule(_segment_max, read_often, whole=True),
    "cross": Rule(_cross, read_often, whole=True),
    "cumsum": Rule(_scan(0, "+"), read_once, whole=True),
    "cumprod": Rule(_scan(1, "*"), read_once, whole=True),
    "cumulative_logsumexp": Rule(_logsumexp_scan, read_once, whole=True),
    "recurrence": Rule(_recurrence, read_often, whole=True),
    "softmax": Rule(_softmax, read_often, whole=True),
    "argsort": Rule(_argsort, read_often, whole=True),
    "det": Rule(_of_factors("determinant"), read_once),
    "logdet": Rule(_of_factors("log_determinant"), read_once),
    "slogdet_sign": Rule(_of_factors("sign_of_determinant"), read_once),
    "slogdet_log": Rule(_of_factors("log_of_determinant"), read_once),
    "inv": Rule(_inverse, read_once, whole=True),
    "solve": Rule(_solve, read_often, whole=True),
    "cholesky": Rule(_cholesky, read_once, whole=True),
    "cofactors": Rule(_cofactors(False), read_once, whole=True),
    "adjugate": Rule(_cofactors(True), read_once, whole=True),
}
"""The rules of all operations."""
