"""Functions of C that CasADi loads: ``casadi.external`` finds their names, sizes and work by functions beside them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tracer.backends.c_arrays import CFunction, CLoops, Room
from tracer.backends.loop_indices import Index, Place, flatten_place
from tracer.backends.templates import Lacking
from tracer.program.program import Program
from tracer.python_code import ANY, PLUS, TIMES, Code, assemble, infix
from tracer.shapes import Shape
from tracer.tensor import Tensor


class ColumnLoops(CLoops):
    """Loops over arrays of which the arguments and the results are column-major matrices of doubles."""

    def __init__(self, program: Program, function: str) -> None:
        super().__init__(program, function)
        self._turned: set[str] = set()

    def element(self, array: str, shape: Shape, place: Place) -> Code:
        """An element of an array; of an argument or a result by columns."""
        if array in self._turned:
            return self._at(array, flatten_place(place[::-1], shape[::-1]).code(self.size))
        return super().element(array, shape, place)

    def element_at(self, array: str, shape: Shape, flat: Index) -> Code:
        """An element of an array by its place in the order of all, which are the rows."""
        if array not in self._turned:
            return super().element_at(array, shape, flat)
        m, n = map(self.size, shape)
        place = flat.code(self.size)
        column, row = infix(place, "%", n, TIMES), infix(place, "/", n, TIMES)
        return self._at(array, infix(infix(column, "*", m, TIMES), "+", row, PLUS))

    def _at(self, array: str, flat: Code) -> Code:
        return assemble(f"{array}[", (flat, ANY), "]")

    def room(self, wanted: str, tensor: Tensor, given: bool) -> Room:
        """The argument for a tensor.

        Raises
        ------
        LookupError
            If CasADi has no such values: its matrices have two axes, known sizes, and are of doubles.
        """
        if tensor.ndim > 2:
            raise Lacking(f"{tensor.name} has {tensor.ndim} axes, and CasADi's arrays have two")
        if not all(isinstance(size, int) for size in tensor.shape):
            raise Lacking(f"{tensor.name} has a size that is no number, and CasADi's arrays have known sizes")
        if given and tensor.dtype != "float64":
            raise Lacking(f"{tensor.name} is of dtype {tensor.dtype}, and CasADi's arrays are of doubles")
        made = super().room(wanted, tensor, given)._replace(dtype="float64")
        if tensor.ndim == 2:
            self._turned.add(made.name)
        return made


def write_interface(made: CFunction, function: str, inner: str) -> tuple[str, str]:
    """The declarations and the definitions by which CasADi calls a function of C named ``inner``."""
    spent, results = 0, []
    for k, room in enumerate(made.outputs):
        results.append(f"res[{k}] ? res[{k}] : w" + (f" + {spent}" if spent else ""))
        spent += _count(room)
    work = int(made.work)
    given = [
        f"arg[{k}] ? arg[{k}] : zeros" if room.shape else f"arg[{k}] ? *arg[{k}] : 0"
        for k, room in enumerate(made.inputs)
    ]
    given += [*results, *([f"w + {spent}"] if work else [])]
    zeros = max((_count(room) for room in made.inputs if room.shape), default=0)
    unused = [n for n, is_used in (("arg", made.inputs), ("res", made.outputs), ("w", results)) if not is_used]
    body = [
        *([f"    static casadi_real zeros[{zeros}]; /* What is not given is zero. */"] if zeros else []),
        *(f"    (void){n};" for n in ("iw", "mem", *unused)),
        f"    {inner}({', '.join(given)});",
        "    return 0;",
    ]
    heads = [head.format(name=function) for head in HEADS]
    bodies = [
        *("    (void)mem;\n    return 0;" if "int mem" in head else "    return 0;" for head in heads[1:3]),
        "    return 0;",
        *["    (void)mem;"] * 2,
        "",
        "",
        f"    return {len(made.inputs)};",
        f"    return {len(made.outputs)};",
        "    (void)i;\n    return 0;",
        *(_write_names(rooms) for rooms in (made.inputs, made.outputs)),
        *(_write_patterns(rooms) for rooms in (made.inputs, made.outputs)),
        "\n".join(
            f"    if (sz_{what}) *sz_{what} = {size};"
            for what, size in (
                ("arg", len(made.inputs)), ("res", len(made.outputs)), ("iw", 0), ("w", spent + work),
            )
        )
        + "\n    return 0;",
    ]  # fmt: skip
    definitions = [f"{head} {{\n{text}\n}}\n" for head, text in zip(heads, ["\n".join(body), *bodies], strict=True)]
    return "\n".join(f"{head};" for head in heads), "\n".join(definitions)


def _count(room: Room) -> int:
    return prod(int(size) for size in room.shape)


def _write_names(rooms: Sequence[Room]) -> str:
    """The body of a function that answers the name of an argument."""
    names = "".join(f'"{room.name}", ' for room in rooms)
    return (
        f"    static const char *const names[] = {{{names}0}};\n"
        f"    return i >= 0 && i < {len(rooms)} ? names[i] : 0;"
    )  # fmt: skip


def _write_patterns(rooms: Sequence[Room]) -> str:
    """The body of a function that answers the sparsity of an argument: rows, columns, and that it is dense."""
    sizes = [(*map(int, room.shape), 1, 1)[:2] for room in rooms]
    rows = "".join(f"{{{m}, {n}, 1}}, " for m, n in sizes)
    return (
        f"    static const casadi_int patterns[][3] = {{{rows}{{0, 0, 1}}}};\n"
        f"    return i >= 0 && i < {len(rooms)} ? patterns[i] : 0;"
    )  # fmt: skip


TYPES = """#ifndef casadi_real
#define casadi_real double
#endif
#ifndef casadi_int
#define casadi_int long long int
#endif
#ifndef CASADI_SYMBOL_EXPORT
#ifdef _WIN32
#define CASADI_SYMBOL_EXPORT __declspec(dllexport)
#else
#define CASADI_SYMBOL_EXPORT
#endif
#endif
"""
"""What CasADi's types are, unless the compiler is told otherwise."""

HEADS = [
    f"CASADI_SYMBOL_EXPORT {head}"
    for head in (
        "int {name}(const casadi_real **arg, casadi_real **res, casadi_int *iw, casadi_real *w, int mem)",
        "int {name}_alloc_mem(void)",
        "int {name}_init_mem(int mem)",
        "int {name}_checkout(void)",
        "void {name}_free_mem(int mem)",
        "void {name}_release(int mem)",
        "void {name}_incref(void)",
        "void {name}_decref(void)",
        "casadi_int {name}_n_in(void)",
        "casadi_int {name}_n_out(void)",
        "casadi_real {name}_default_in(casadi_int i)",
        "const char *{name}_name_in(casadi_int i)",
        "const char *{name}_name_out(casadi_int i)",
        "const casadi_int *{name}_sparsity_in(casadi_int i)",
        "const casadi_int *{name}_sparsity_out(casadi_int i)",
        "int {name}_work(casadi_int *sz_arg, casadi_int *sz_res, casadi_int *sz_iw, casadi_int *sz_w)",
    )
]
"""The functions of the interface."""
