"""Why no operation leads from a source to a target, as far as it can be known, and what to do about it.

The likeliest causes come first: the two are exchanged; a variable of Python was bound anew; the source was computed
from what the target uses, and not the other way round; a value left the trace, or Python decided by one; the target is
a derivative in which the source does not occur.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tracer.branches import branches_of
from tracer.explanations.derivatives import find_derivative, given_for
from tracer.explanations.sentences import CHOICE_ADVICE, short_title, title, title_with_line
from tracer.notes import Departure
from tracer.places import Place, show_line
from tracer.tensor import CONSTANT, SOURCES, Tensor
from tracer.walk import ancestors


class Absence(NamedTuple):
    """A source from which no operation leads to the targets.

    ``versions`` are the tensors that the source stood for, the latest last, and ``order`` all that is behind the
    targets; ``names`` are variables of the caller, by the keys of the tensors in them.
    """

    source: Tensor
    versions: Sequence[Tensor]
    targets: Sequence[Tensor]
    order: Sequence[Tensor]
    names: Mapping[int, str]

    def __str__(self) -> str:
        source, target = self.source_again, self.target_again
        return f"no operation leads from {source} to {target}. {next(s for tell in CAUSES if (s := tell(self)))}"

    @property
    def source_again(self) -> str:
        """The source, which the sentence has named before."""
        return short_title(self.source, self.names)

    @property
    def target_again(self) -> str:
        """The targets, which the sentence has named before."""
        return list_titles(self.targets, self.names, short_title)


FORMS: Mapping[str, str] = {
    "numpy": "a NumPy array",
    "np.asarray": "a NumPy array",
    "eval": "a NumPy array",
    "tolist": "a list",
    "float": "a Python number",
    "int": "a Python number",
    "item": "a Python number",
    "Variable": "the value of a new variable",
    "range": "a bound of range",
}
"""What a value is when it has left the trace, by what it was taken out with."""


def list_titles(
    tensors: Sequence[Tensor],
    names: Mapping[int, str],
    call: Callable[[Tensor, Mapping[int, str]], str] = title,
) -> str:
    """The sum of targets as a sentence names it: ``"a + b"``; ``call`` names one of them."""
    named = [call(t, names) for t in tensors]
    return " + ".join(named if len(named) <= 3 else [*named[:3], "..."]) or "an empty sum"


def _locate(place: Place) -> str:
    """The line of a place, to put behind a verb: ``" at demo.py:6"``."""
    line = show_line(place)
    return f" at {line}" if line else ""


def _tell_exchanged(absence: Absence) -> str:
    """The source was computed from a target."""
    wanted = {t.node for t in absence.targets} - {t.node for t in absence.versions}
    found = [t for t in ancestors([absence.source]) if t.node in wanted]
    if not found:
        return ""
    source, target = absence.source_again, short_title(found[-1], absence.names)
    return f"It is {source} that was computed from {target}: exchange the two, for the target comes first."


def _tell_derived(absence: Absence) -> str:
    """The source was computed from what the targets use, such as a part or a copy."""
    behind = {t.node for t in absence.order}
    found = [t for t in ancestors([absence.source]) if t.node in behind]
    if not found:
        return ""
    source, target, origin = absence.source_again, absence.target_again, title(found[-1], absence.names)
    return (
        f"Both were computed from {origin}, and {target} not by way of {source}: ask for the gradient by "
        f"{short_title(found[-1], absence.names)}, or compute {target} from {source}."
    )


def _tell_namesake(absence: Absence) -> str:
    """The targets depend on another tensor of the source's name, as on a variable before ``w = w - step``."""
    found = [t for t in absence.order if t.label == absence.source_again and t.rule in SOURCES]
    if not found:
        return ""
    target, place = absence.target_again, _locate(found[-1].place)
    return (
        f"{target} depends on another tensor of that name{place and f', made{place}'}: keep that one and ask for the "
        f"gradient by it, or compute {target} anew."
    )


def _tell_later(absence: Absence) -> str:
    """The source was made after the targets."""
    first = min(t.node for t in absence.versions)
    if not absence.targets or first < max(t.node for t in absence.targets):
        return ""
    source, target = absence.source_again, absence.target_again
    made = _locate(absence.versions[0].place)
    return f"{source} was made after {target}{made and f',{made}'}: compute {target} anew, from {source}."


def _tell_departure(absence: Absence) -> str:
    """A value left the trace before numbers came into the targets."""
    numbers = [t.node for t in absence.order if _takes_numbers(t)]
    last = max(numbers, default=-1)
    noted = [d for t in absence.versions if t.notes is not None for d in t.notes.departures if d.time < last]
    if not noted:
        return ""
    departure = max(noted, key=lambda d: d.time)
    return (
        f"The value of {_name_departed(departure, absence)} was taken out of the trace as "
        f"{FORMS[departure.what]}{_locate(departure.place)}; what is computed from that is a constant, so compute with "
        "the tensor instead."
    )


def _takes_numbers(tensor: Tensor) -> bool:
    """Whether numbers come in with a tensor, which may have been computed outside the trace."""
    if tensor.rule in SOURCES:
        return tensor.value is not None
    return tensor.rule.name == "getitem" or any(type(a) is not Tensor for a in tensor.args)


def _name_departed(departure: Departure, absence: Absence) -> str:
    if any(t.node == departure.key for t in absence.versions):
        return absence.source_again
    variable = absence.names.get(departure.key)
    name = departure.name if variable in (None, departure.name) else f"{variable} ({departure.name})"
    return f"{name}, computed from {absence.source_again},"


def _tell_choice(absence: Absence) -> str:
    """Python decided by a value that depends on the source."""
    last = max((t.node for t in absence.targets), default=-1)
    made = [b.tensor for t in absence.versions for b in branches_of(t) if b.tensor.node < last]
    if not made:
        return ""
    condition = max(made, key=lambda t: t.node)
    return (
        f"Python chose by the value of {title_with_line(condition, absence.names)}, "
        f"and no gradient flows through a choice. {CHOICE_ADVICE}."
    )


def _tell_slope(absence: Absence) -> str:
    """The target is a derivative that does not depend on the source, as that of a linear function."""
    derivative = find_derivative(absence.targets[0]) if len(absence.targets) == 1 else None
    if derivative is None:
        return ""
    source, target = absence.source_again, absence.target_again
    function = list_titles(derivative.targets, absence.names)
    variable = short_title(given_for(derivative.source), absence.names)
    return (
        f"{target} is the {derivative.kind} of {function} by {variable}, in which {source} does not occur: its own "
        f"derivative by {source} is zero. Ask for it with unconnected_gradients=UnconnectedGradients.ZERO."
    )


def _tell_dependence(absence: Absence) -> str:
    """What the targets depend on in place of the source."""
    source, target = absence.source_again, absence.target_again
    sources = [t for t in absence.order if t.rule in SOURCES]
    names = [short_title(t, absence.names) for t in sources if t.label is not None or t.rule is not CONSTANT]
    if not names:
        return f"{target} is computed from constants alone: compute it from {source}."
    if target in names:
        target = list_titles(absence.targets, absence.names)
    shown = names if len(names) <= 6 else [*names[:5], "..."]
    instead = names[0] if len(names) == 1 else "one of these"
    return f"{target} depends on {', '.join(shown)}: compute it from {source}, or ask for the gradient by {instead}."


CAUSES = (
    _tell_exchanged,
    _tell_namesake,
    _tell_derived,
    _tell_later,
    _tell_departure,
    _tell_choice,
    _tell_slope,
    _tell_dependence,
)
"""What may be said of an absence, the first that applies."""
