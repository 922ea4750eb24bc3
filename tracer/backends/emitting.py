"""C99 for embedded use: a header and a source, with named arguments and no allocation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from tracer.backends.backend import refuse
from tracer.backends.compilation import name_results, read_program, write_heading
from tracer.backends.program_choice import choose_program
from tracer.backends.to_c import RESERVED, C, CWriter, write_comment
from tracer.nest import Nest, shown
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


def emit_c(outputs: Nest[Tensor], inputs: Tensor | Sequence[Tensor], name: str) -> CSource:
    """The header and the source of a C99 function; see :func:`tracer.emit_c`."""
    if not isinstance(name, str) or not (name.isidentifier() and name.isascii()) or name in RESERVED:
        raise ValueError(
            f"the name of a function in C is letters, digits and underscores, and no word of C's, got {shown(name)}"
        )
    leaves, given, structure = read_program(outputs, inputs)
    program = choose_program(leaves, given)
    refuse(C, program)
    labels = ["_".join(re.findall(r"\w+", label)) for label in name_results(leaves, structure)]
    declaration, definition = CWriter(C, program).emit(name, given, labels)
    guard = f"{name.upper()}_H"
    header = _HEADER.format(
        comment=write_comment(write_heading(leaves, given, structure)), guard=guard, declaration=declaration
    )
    return CSource(header, f'#include "{name}.h"\n\n{definition}')


_HEADER = """#ifndef {guard}
#define {guard}

#ifdef __cplusplus
extern "C" {{
#endif

{comment}
{declaration}

#ifdef __cplusplus
}}
#endif

#endif
"""
