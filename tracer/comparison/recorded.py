"""Tensors that were recorded before, as a program of their named sources: recorded again for other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from tracer.dtypes import FLOATS
from tracer.formulas.source_names import source_names
from tracer.precise.sized import SizeError, map_expressions, record_again
from tracer.shapes import Dim, Shape, show, symbolic_dimension
from tracer.tensor import PLACEHOLDER, SOURCES, Tensor, is_fixed
from tracer.walk import ancestors


class Recorded:
    """Tensors as a program. Each source that has a name is a parameter, whether it has a value or not.

    Sources without a name, and integers and truth values that have a value, are part of the program.

    Parameters
    ----------
    tensors : sequence of Tensor

    Attributes
    ----------
    order : list of Tensor
        The tensors and what they are computed from.
    parameters : dict
        The sources, by name, in order of creation.
    """

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self.tensors = list(tensors)
        self.order = ancestors(self.tensors)
        self.name_sources(source_names(self.order))

    def name_sources(self, names: Mapping[int, str]) -> None:
        """Give the sources these names, by their nodes."""
        self.parameters = {names[t.node]: t for t in self.order if _is_parameter(t)}

    @property
    def ambiguous(self) -> bool:
        """Whether two sources bear the same name."""
        return any(str(t.label) != name for name, t in self.parameters.items())

    @property
    def dims(self) -> list[sympy.Symbol]:
        """The symbolic dimensions in it."""
        found: set[sympy.Symbol] = set()

        def note(e: sympy.Basic) -> sympy.Basic:
            found.update(s for s in e.free_symbols if s == symbolic_dimension(str(s)))
            return e

        for t in self.order:
            if t.rule not in SOURCES:
                map_expressions((tuple(a for a in t.args if type(a) is not Tensor), t.params), note)
            map_expressions((tuple(t.shape), t.value if t.rule in SOURCES or is_fixed(t) else None), note)
        return sorted(found, key=str)

    def rebuild(self, sources: Mapping[str, Tensor], sizes: Mapping[str, Dim]) -> list[Tensor]:
        """The tensors over other sources, by name, whose shapes say what the dimensions are.

        Raises
        ------
        SizeError
            If the sources have shapes that the program does not allow.
        """
        missing = [n for n in self.parameters if n not in sources]
        if missing:
            raise ValueError(
                f"the tensor depends on {missing[0]}, the parameters are {', '.join(sources) or 'none'}; give a shape "
                f"for each of {', '.join(self.parameters)}, or none"
            )
        known = self._match(sources)
        for name, size in sizes.items():
            known.setdefault(symbolic_dimension(name), sympy.sympify(size))
        given = {self.parameters[n].node: t for n, t in sources.items() if n in self.parameters}
        made = record_again(self.order, known, given)
        return [made[t.node] for t in self.tensors]

    def _match(self, sources: Mapping[str, Tensor]) -> dict[sympy.Basic, sympy.Expr]:
        """The sizes of the dimensions of the parameters, read off the sources that stand for them."""
        known: dict[sympy.Basic, sympy.Expr] = {}
        pairs = [(n, t.shape, sources[n].shape) for n, t in self.parameters.items() if n in sources]
        for name, own, given in pairs:
            if len(own) != len(given):
                raise _unfit(name, own, given)
            for d, e in zip(own, given):
                if isinstance(d, sympy.Symbol):
                    known.setdefault(d, sympy.sympify(e))
        for name, own, given in pairs:
            if any(sympy.sympify(d).xreplace(known) != e for d, e in zip(own, given)):
                raise _unfit(name, own, given)
        return known


def _is_parameter(t: Tensor) -> bool:
    if t.rule not in SOURCES or t.label is None:
        return False
    return t.rule is PLACEHOLDER or (t.dtype in FLOATS and not isinstance(t.value, sympy.Basic))


def _unfit(name: str, own: Shape, given: Shape) -> SizeError:
    return SizeError(
        f"{name} has the shape {show(own)} in the tensor that is compared, and {show(given)} here; give shapes that "
        "fit together, or none: those of the tensor are taken then"
    )


def share_names(programs: Sequence[Recorded]) -> None:
    """Name sources of the same name apart, in all programs alike, where one program has several."""
    if any(p.ambiguous for p in programs):
        nodes = {t.node: t for p in programs for t in p.order}
        names = source_names([nodes[k] for k in sorted(nodes)])
        for p in programs:
            p.name_sources(names)
