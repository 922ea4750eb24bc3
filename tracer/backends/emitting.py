"""C99 for embedded use: a header and a source, with named arguments and no allocation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from tracer.backends.backend import refuse
from tracer.backends.c_arrays import WORK, CFunction, write_includes
from tracer.backends.c_helpers import RESERVED
from tracer.backends.c_library import write_comment
from tracer.backends.casadi_interface import TYPES as CASADI_TYPES
from tracer.backends.casadi_interface import ColumnLoops, write_interface
from tracer.backends.compilation import read_program, write_heading
from tracer.backends.line_names import name_results
from tracer.backends.program_choice import choose_program
from tracer.backends.templates import Lacking
from tracer.backends.to_c import C, CWriter, has_arrays, write_arrays
from tracer.nest import Nest, shown
from tracer.program.program import Program
from tracer.tensor import Tensor


class CSource(NamedTuple):
    """A function in C99, as two texts.

    Attributes
    ----------
    header : str
        Its declaration, also for C++.
    source : str
        Its definition, which includes the header by the name of the function.
    """

    header: str
    source: str

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the source to a file that ends in ``.c``, whose path is answered, and the header beside it."""
        path = Path(path).with_suffix(".c")
        path.write_text(self.source, encoding="utf-8")
        path.with_suffix(".h").write_text(self.header, encoding="utf-8")
        return path


ABIS = (None, "casadi")


def emit_c(outputs: Nest[Tensor], inputs: Tensor | Sequence[Tensor], name: str, abi: str | None = None) -> CSource:
    """The header and the source of a C99 function; see :func:`tracer.emit_c`."""
    if not isinstance(name, str) or not (name.isidentifier() and name.isascii()) or name in RESERVED:
        raise ValueError(
            f"the name of a function in C is letters, digits and underscores, and no word of C's, got {shown(name)}"
        )
    if abi not in ABIS:
        raise ValueError(f"there is no interface {shown(abi)}; there is 'casadi', or None for plain arguments")
    leaves, given, structure = read_program(outputs, inputs)
    program = choose_program(leaves, given)
    refuse(C, program)
    labels = ["_".join(re.findall(r"\w+", label)) for label in name_results(leaves, structure)]
    heading = write_heading(leaves, given, structure)
    if abi == "casadi":
        heading += "\n\nThe interface is CasADi's: matrices are column-major, and casadi.external loads it."
        return _put_together(name, heading, *_write_for_casadi(program, given, name, labels))
    if has_arrays(program):
        made = write_arrays(program, given, name, names=labels)
        declaration, definition, heading = f"{made.head};", made.source, heading + _describe_arrays(made)
    else:
        declaration, definition = CWriter(C, program).emit(name, given, labels)
    includes = "".join(f"{line}\n" for line in write_includes(declaration).splitlines()[1:])
    return _put_together(name, heading, includes and includes + "\n", declaration, definition)


def _put_together(name: str, heading: str, before: str, declaration: str, definition: str) -> CSource:
    """Both texts, given what stands before the declarations."""
    header = _HEADER.format(
        includes=before, comment=write_comment(heading), guard=f"{name.upper()}_H", declaration=declaration
    )
    return CSource(header, f'#include "{name}.h"\n\n{definition}')


def _write_for_casadi(
    program: Program, given: Sequence[Tensor], name: str, labels: Sequence[str]
) -> tuple[str, str, str]:
    """What stands before the declarations, these, and the definitions of the interface of CasADi."""
    inner = f"{name}_values"
    try:
        made = ColumnLoops(program, inner).write(given, labels)
    except Lacking as error:
        raise ValueError(f"the interface of CasADi does not have this: {error}; write abi=None") from None
    declarations, definitions = write_interface(made, name, inner)
    source = made.source.replace(f"\nvoid {inner}(", f"\nstatic void {inner}(", 1)
    return CASADI_TYPES + "\n", declarations, f"{source}\n{definitions}"


def _describe_arrays(made: CFunction) -> str:
    """How arrays lie, and what the function takes beside them."""
    lines = ["Arrays are row-major, and no result may overlap another argument."]
    if made.sizes:
        lines.append(f"The sizes {', '.join(map(str, made.sizes))} come first.")
    if made.work != 0:
        lines.append(f"{WORK} is room for {made.work} numbers, whatever they are.")
    return "\n\n" + "\n".join(lines)


_HEADER = """#ifndef {guard}
#define {guard}

{includes}#ifdef __cplusplus
extern "C" {{
#endif

{comment}
{declaration}

#ifdef __cplusplus
}}
#endif

#endif
"""
