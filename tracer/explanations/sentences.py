"""What blocks a gradient, said in words: the operation by its name and line, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tracer import binding
from tracer.dtypes import FLOATS
from tracer.places import show_line
from tracer.recording import Recording
from tracer.rules import TABLE
from tracer.tensor import SOURCES, VARIABLE, Tensor


class Blame(NamedTuple):
    """What a node does to a gradient, and what to write instead: a sentence without its full stop."""

    fact: str
    advice: str


_SMOOTH = "for a gradient by what the condition compares, use a smooth function such as sigmoid"
CHOICE_ADVICE = f"Use where(condition, a, b), which passes gradients to a and b; {_SMOOTH}"
"""What to write in place of a choice that Python took."""

_STEPS = "is a step function, whose derivative is zero"
_ROUNDED = Blame(
    _STEPS, "For the gradient of the identity write grad_pass_through({op})(x), the straight-through estimator"
)
_TRUTH = Blame(
    "answers true or false, which has no derivative", f"A where(condition, a, b) passes gradients to a and b; {_SMOOTH}"
)
_SHAPE = Blame("uses the shape of its operand alone", "Compute with the operand itself if its values are meant")


def _advise_positions(advice: str) -> Blame:
    return Blame("answers positions, and a position has no derivative", advice)


OPERATIONS: Mapping[str, Blame] = {
    **dict.fromkeys(("floor", "ceil", "round", "rint"), _ROUNDED),
    "floordiv": Blame(_STEPS, "For the gradient of the quotient write grad_pass_through(tracer.floor)(x / y)"),
    "argmax": _advise_positions("Use reduce_max(x) for the greatest value, or softmax(x) for weights of the positions"),
    "argmin": _advise_positions("Use reduce_min(x) for the least value, or softmax(-x) for weights of the positions"),
    "argsort": _advise_positions("Use sort(x), or gather(x, positions), which have the gradients of the values"),
    "lu_permutation": _advise_positions("Use the triangular factors, which have gradients"),
    **dict.fromkeys(("zeros_like", "ones_like", "shape", "size", "rank"), _SHAPE),
    "cast": Blame(
        "turns floats into {dtype}, which has no derivative", "Keep floats, or cast after the gradient was taken"
    ),
}
"""What an operation without a gradient does, by its name."""


def find_names(wanted: Iterable[int]) -> dict[int, str]:
    """The variables of the caller that hold the tensors of these keys."""
    frame = binding.caller()  # Until Python 3.13, a function that reads f_locals holds what it read until it returns.
    keys = set(wanted)
    names: dict[int, str] = {}
    if frame is not None:
        for variable, value in (*frame.f_locals.items(), *frame.f_globals.items()):
            if isinstance(value, Tensor) and value.node in keys and variable.isidentifier() and variable[0] != "_":
                names.setdefault(value.node, variable)
    return names


def title(tensor: Tensor, names: Mapping[int, str]) -> str:
    """A tensor as a sentence names it: ``"x"``, ``"z (multiply_3)"``."""
    variable = names.get(tensor.node)
    return tensor.name if variable is None or variable == tensor.name else f"{variable} ({tensor.name})"


def short_title(tensor: Tensor, names: Mapping[int, str]) -> str:
    """A tensor as a sentence names it again: by the variable alone, if one holds it."""
    return names.get(tensor.node) or tensor.name


def title_with_line(tensor: Tensor, names: Mapping[int, str]) -> str:
    """A tensor with the line that computed it: ``"z (multiply_3) at demo.py:6"``."""
    line = show_line(tensor.place)
    return title(tensor, names) + (f" at {line}" if line else "")


def blame_stop(tensor: Tensor, recording: Recording | None) -> Blame:
    """What is to be said of a node that counts as a constant."""
    if tensor.rule is TABLE["stop_gradient"]:
        return Blame("counts as a constant", "Take the stop_gradient away if a gradient is to flow there")
    return Blame(
        "was computed under no_gradient and counts as a constant", "Move it out of the block if a gradient is to flow"
    )


def blame_operation(tensor: Tensor, recording: Recording | None) -> Blame:
    """What is to be said of an operation without a gradient."""
    rule = tensor.rule
    if rule.joint:
        return Blame(f"has a gradient rule of its own ({rule.name}), which answers None", "Return a gradient from it")
    known = OPERATIONS.get(rule.name)
    if known is not None:
        return Blame(*(part.format(op=f"tracer.{rule.name}", dtype=tensor.dtype) for part in known))
    if tensor.dtype == "bool":
        return _TRUTH
    if tensor.dtype not in FLOATS:
        return Blame(f"is of dtype {tensor.dtype}, and only floats have gradients", "Compute with floats")
    if rule.differentiable and rule.pullback is None and not hasattr(rule, "template"):
        return Blame("has no gradient rule", "Write one with custom_gradient")
    return Blame("passes no gradient on to one of its operands", "Write the rule that is meant with custom_gradient")


LIFE: Mapping[str, Blame] = {
    "before the tape": Blame("was computed before the tape began", "Move it inside the `with` block"),
    "before the reset": Blame("was computed before the tape was reset", "Compute it again after the reset"),
    "after the tape": Blame("was computed after the `with` block of the tape", "Move it inside the `with` block"),
    "under stop_recording": Blame("was computed under stop_recording", "Move it out of the stop_recording block"),
    "not recorded": Blame(
        "was computed where the tape does not record, as in another thread", "Compute it in the thread of the tape"
    ),
}
"""What is to be said of a node that a tape did not record, by when it was computed."""


def blame_recording(tensor: Tensor, recording: Recording | None) -> Blame:
    """What is to be said of a node that the tape did not record."""
    if tensor.rule is VARIABLE:
        return Blame(
            "was assigned a value, and an assignment passes no gradient on",
            "Compute with the tensor that was assigned, in place of the variable",
        )
    return LIFE[locate_in_life(tensor, recording)]


def blame_dtype(tensor: Tensor, recording: Recording | None) -> Blame:
    """What is to be said of a source that is no float."""
    return Blame(
        f"is of dtype {tensor.dtype}, and only floats have gradients", "Give it a float dtype, such as dtype='float64'"
    )


def blame_watch(tensor: Tensor, recording: Recording | None) -> Blame:
    """What is to be said of a source that the tape did not watch when it was used."""
    if recording is not None and tensor.node in recording.watched:
        return Blame("was used before it was watched", "Call tape.watch before the first operation on it")
    if tensor.rule is VARIABLE and not tensor.params.trainable:
        return Blame("is not trainable, and the tape does not watch it", "Call tape.watch({name}) inside the block")
    if tensor.rule is VARIABLE:
        return Blame("is not watched by the tape", "Call tape.watch({name}) inside the block")
    fact = "is {}, which a tape watches only if it is told to"
    if tensor.rule in SOURCES:
        return Blame(fact.format(f"a {tensor.rule.name}"), "Call tape.watch({name}) inside the block")
    return Blame(
        fact.format("the result of an operation"),
        "Call tape.watch({name}) inside the block, or assign the value to a variable",
    )


BLAMES: Mapping[str, Callable[[Tensor, Recording | None], Blame]] = {
    "STOP_GRADIENT": blame_stop,
    "NOT_DIFFERENTIABLE": blame_operation,
    "NOT_RECORDED": blame_recording,
    "INTEGER_DTYPE": blame_dtype,
    "NOT_WATCHED": blame_watch,
}
"""What is to be said of a node, by the name of the reason."""


def name_cut(tensor: Tensor, reason: str, recording: Recording | None) -> str:
    """Why a node blocks, in the few words that a picture has room for."""
    if reason == "STOP_GRADIENT":
        return "stop_gradient" if tensor.rule is TABLE["stop_gradient"] else "no_gradient"
    if reason == "NOT_DIFFERENTIABLE":
        return "not differentiable"
    if reason == "INTEGER_DTYPE":
        return tensor.dtype
    if reason == "NOT_WATCHED":
        return "watched too late" if recording is not None and tensor.node in recording.watched else "not watched"
    return "assigned" if tensor.rule is VARIABLE else locate_in_life(tensor, recording)


def locate_in_life(tensor: Tensor, recording: Recording | None) -> str:
    """When a node was computed that a tape did not record: ``"before the tape"``."""
    assert recording is not None
    if any(getattr(r, "owner", None) is recording.owner for r in tensor.context.recordings):
        return "before the reset"
    if tensor.node < recording.start:
        return "before the tape"
    absent = any(begin < tensor.node < end for begin, end in recording.absences)
    if absent or (recording.end is not None and tensor.node > recording.end):
        return "after the tape"
    paused = any(begin < tensor.node < end for begin, end in recording.pauses)
    return "under stop_recording" if paused else "not recorded"


SHOWN = 3
"""How many cuts a sentence names."""


def tell_cuts(cuts: Iterable[tuple[Tensor, str]], recording: Recording | None, names: Mapping[int, str]) -> list[str]:
    """Sentences on nodes that block for one reason each, given with the reason's name.

    >>> from tracer import floor, symbols
    >>> x = symbols("x")
    >>> tell_cuts([(floor(x, name="steps"), "NOT_DIFFERENTIABLE")], None, {})[0].split(" ")[0]
    'steps'
    """
    groups: dict[Blame, list[Tensor]] = {}
    for tensor, reason in cuts:
        fact, advice = BLAMES[reason](tensor, recording)
        blame = Blame(fact, advice.format(name=names.get(tensor.node) or tensor.label or "tensor"))
        groups.setdefault(blame, []).append(tensor)
    return [f"{_list_subjects(found, names)} {fact}. {advice}" for (fact, advice), found in groups.items()]


def _list_subjects(tensors: list[Tensor], names: Mapping[int, str]) -> str:
    """The subject of a sentence: ``"a"``, ``"each of a, b and 3 more"``."""
    rest = len(tensors) - SHOWN + 1
    parts = [title_with_line(t, names) for t in (tensors if rest <= 1 else tensors[: SHOWN - 1])]
    shown = parts if rest <= 1 else [*parts, f"{rest} more"]
    return shown[0] if len(shown) == 1 else f"each of {', '.join(shown[:-1])} and {shown[-1]}"
