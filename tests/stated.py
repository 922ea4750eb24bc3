"""Whether values are of the shapes and the dtypes that are stated of them."""

import functools

import numpy as np
import sympy

from tracer.backends import evaluation
from tracer.program.lines import Line


@functools.lru_cache(maxsize=4096)
def stated(shape, sizes):
    """A shape with the sizes of its dimensions put in; -1 where one is not known."""
    found = {s: sympy.Integer(size) for s, size in sizes}
    dims = [sympy.sympify(d).xreplace(found) for d in shape]
    return tuple(int(d) if d.is_Integer else -1 for d in dims)


def misstated(value, shape, dtype, sizes):
    """Why a value is not of the shape and the kind of dtype that are stated of it, or nothing."""
    wanted, found = stated(shape, tuple(sizes.items())), np.shape(value)
    if len(found) != len(wanted) or any(w not in (d, -1) for w, d in zip(wanted, found)):
        return f"a value of shape {found} where {shape} is stated, at {sizes}"
    kind = np.asarray(value).dtype.kind
    return "" if kind == np.dtype(dtype).kind else f"a value of kind {kind} where {dtype} is stated"


def line_faults(program, leaves, sizes):
    """Which lines of a program are not what the program takes them for."""
    values = dict(leaves)
    with np.errstate(all="ignore"):
        for line in program.lines:
            operands = [values[o] if type(o) is Line else evaluation.as_float_or_int(o) for o in line.operands]
            value = evaluation.compute(line, operands, sizes, program.chooses)
            # Of nothing, NumPy's counts are integers.
            values[line] = value = value if all(map(np.size, operands)) else np.asarray(value, line.dtype)
            if fault := misstated(value, line.shape, line.dtype, sizes):
                yield f"{line}: {fault}"
