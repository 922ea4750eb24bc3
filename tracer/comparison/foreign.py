"""What a function takes that is no parameter of it: placeholders that it closes over."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.nest import join_names, shown
from tracer.places import OWN
from tracer.tensor import PLACEHOLDER, Tensor
from tracer.walk import ancestors


def require_parameters(function: object, tensors: Iterable[Tensor], sources: Iterable[Tensor]) -> None:
    """Check that tensors depend on no placeholders but the parameters.

    Raises
    ------
    ValueError
        If one does; the message names them.
    """
    known = list(sources)
    nodes = {t.node for t in known}
    others = dict.fromkeys(str(t.label) for t in ancestors(tensors) if t.rule is PLACEHOLDER and t.node not in nodes)
    if not others:
        return
    names = join_names([*others])
    number = "parameters" if len(others) > 1 else "parameter"
    every = ", ".join(dict.fromkeys([*(str(t.label) for t in known), *others]))
    raise ValueError(
        f"the function {shown(function)} depends on {names}, which {'are' if len(others) > 1 else 'is'} no {number} of "
        f"it; write lambda {every}: ... and give a shape for each"
    )


def tensors_in_frames(error: BaseException) -> list[Tensor]:
    """The tensors that the user's code which raised an error has by name."""
    found: list[Tensor] = []
    step = error.__traceback__
    while step is not None:
        frame = step.tb_frame
        if not OWN[frame.f_code.co_filename]:
            values = [*frame.f_locals.values(), *(frame.f_globals.get(n) for n in frame.f_code.co_names)]
            found += [v.read() for v in values if isinstance(v, Tensor)]
        step = step.tb_next
    return found
