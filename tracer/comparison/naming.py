"""What the parameters of two programs are called, and what they are where no inputs are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tracer.comparison.parameters import Parameter, symbols_in
from tracer.comparison.recorded import share_names
from tracer.comparison.sides import Side
from tracer.nest import shown
from tracer.tensor import Tensor


def infer_parameters(sides: tuple[Side, Side]) -> dict[str, Parameter]:
    """The parameters of programs of which no inputs are given, by name.

    Tensors and formulas know the shapes of theirs, and a function takes them by its parameters' names; what has no
    shape is a scalar. A function beside tensors is called with their sources.

    Raises
    ------
    ValueError
        If a function has a parameter whose shape is not known.
    """
    for side, other in (sides, sides[::-1]):
        if other.recorded is not None and side.ordered:
            _apply_to_sources(side, other.recorded.parameters)
    known = merge_known(sides, {})
    dims = {s.name for p in known.values() for s in symbols_in(p.shape)}
    dims |= {d.name for s in sides if s.recorded is not None for d in s.recorded.dims}
    functions = [s for s in sides if s.recorded is None and callable(s.given)]
    for side in functions:
        if side.names is None or not set(side.required) <= known.keys():
            own = ", ".join(side.required) or "any names"
            raise ValueError(
                f"0 inputs are given for {len(side.required)} parameters ({own}); give a shape for each of them"
            )
    for name in (n for s in sides for n in s.shapeless if n not in known):
        raise ValueError(
            f"the formula has elements of {name}, whose shape is not known; give a shape for each parameter"
        )
    texts = [n for s in sides if not s.ordered for n in s.names or ()]
    names = dict.fromkeys([*(n for s in functions for n in s.names or () if n in known), *known, *texts])
    parameters = {n: known.get(n, Parameter(())) for n in names if n not in dims}
    for side in functions:
        side.positions = [list(parameters).index(n) for n in side.names or () if n in parameters]
    return parameters


def _apply_to_sources(side: Side, sources: Mapping[str, Tensor]) -> None:
    """Take what a function computes from sources of tensors for what is compared, if it can be traced."""
    names = [n for n in side.names or () if n in sources]
    if set(side.required) <= set(names):
        tensors = side.call({n: sources[n] for n in names}, closed=False)
        if tensors is not None:
            side.record(tensors)


def merge_known(sides: tuple[Side, Side], given: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """What is given of parameters, with what tensors and formulas say of theirs."""
    recorded = [s for s in sides if s.recorded is not None]
    share_names([s.recorded for s in recorded if s.recorded is not None])
    for side in recorded:
        side.describe_recorded()
    merged = dict(given)
    for side in sorted(sides, key=lambda s: s.recorded is None):
        for name, own in side.known.items():
            if name in merged:
                merged[name] = merged[name].merge(own)
            elif not given:
                merged[name] = own
    return merged


def name_parameters(sides: Sequence[Side], count: int, dims: Sequence[str]) -> list[str]:
    """The names of as many inputs: those of a function's parameters, else those in texts and formulas.

    Raises
    ------
    ValueError
        If there are more or fewer names than inputs.
    """
    names = [n for n in dict.fromkeys(n for s in sides if not s.ordered for n in s.names or ()) if n not in dims]
    for side in sides:
        if side.ordered and side.names is not None and len(side.names) >= count:
            # One input needs no name; texts and formulas bind by the names of several.
            return names if count == len(names) == 1 else side.names[:count]
    short = next((s for s in sides if s.ordered and len(s.names or ()) < count), None)
    if short is not None:
        raise ValueError(
            f"{count} inputs are given, and the function {shown(short.given)} has {len(short.names or ())} parameters "
            f"({', '.join(short.names or ()) or 'none'}); let both have the same parameters"
        )
    open_sides = [s for s in sides if s.names is None and not isinstance(s.given, np.ufunc)]
    if open_sides and len(names) > 1:
        raise ValueError(
            f"the names {', '.join(names)} can't be bound to the parameters of {shown(open_sides[0].given)}, which has "
            "none by name; give a function with named parameters"
        )
    if not names and any(side.names is None for side in sides):
        return [f"x{k + 1}" for k in range(count)] if count > 1 else ["x"] * count
    if len(names) != count:
        raise ValueError(
            f"{count} inputs are given for {len(names)} parameters ({', '.join(names) or 'none'}); "
            "give a shape for each of them"
        )
    return names
