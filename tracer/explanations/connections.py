"""Why a gradient is None: the connections between targets and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tracer import nest
from tracer.branches import branches_of
from tracer.explanations.absent_ways import Absence, list_titles
from tracer.explanations.sentences import find_names, tell_cuts, title
from tracer.explanations.ways import ORDER, Cut, Reason, Trace, Ways
from tracer.recording import Recording
from tracer.tape import GradientTape, source_tensors, target_tensors
from tracer.tensor import Tensor

if TYPE_CHECKING:
    from tracer.explanations.counterfactual import Counterfactual


class Connection:
    """Whether a target is connected with a source, and what blocks the ways between them.

    Attributes
    ----------
    connected : bool
        Whether the gradient is not None.
    reason : Reason
        ``CONNECTED``, or the gravest of the cuts' reasons, or ``NO_PATH``.
    cuts : tuple of Cut
        Where ways to the source end, each a pair of the key of a node and the reason; empty if it is connected.
    blocked : tuple of Cut
        The same, where the source is connected on other ways too.
    path : tuple of int
        The nodes of a way that is open, from the source to the target; empty if there is none.
    source : Tensor
    targets : tuple of Tensor

    Examples
    --------
    >>> import tracer
    >>> x, y = tracer.symbols("x y")
    >>> z = tracer.stop_gradient(x) * y
    >>> connection = tracer.explain(z, x)
    >>> connection.connected, connection.reason
    (False, <Reason.STOP_GRADIENT: 'stop_gradient'>)
    >>> tracer.explain(z, y).path == (y.node, z.node)
    True
    """

    def __init__(self, trace: Trace, given: Tensor, versions: Sequence[Tensor], names: Mapping[int, str]) -> None:
        self.given, self.versions, self.source = given, versions, versions[-1]
        self.targets = tuple(trace.targets)
        self.trace, self.names = trace, names
        self.tensors = {t.node: t for t in (*trace.order, *versions)}
        ways = Ways(trace, versions)
        self.leads, self.sources = ways.leads, ways.sources
        self.path = ways.open_path
        self.connected = bool(self.path)
        self.blocked = ways.blocked
        self.cuts = () if self.connected else self.blocked
        reasons = [Reason.CONNECTED] if self.connected else [cut.reason for cut in self.cuts]
        self.reason = min(reasons, key=ORDER.__getitem__, default=Reason.NO_PATH)

    def __str__(self) -> str:
        target = list_titles(self.targets, self.names)
        source = title(self.source, self.names)
        facts = self.tell_blocked(None if self.connected else self.reason)
        if self.connected:
            ways = f" Other ways are blocked: {'. '.join(facts)}." if facts else ""
            return f"{target} has a gradient by {source}{self._tell_zero()}.{ways}"
        why = f"The gradient of {target} by {source} is None"
        if self.reason is Reason.NO_PATH:
            return f"{why}: {Absence(self.source, self.versions, self.targets, self.trace.order, self.names)}"
        others = sum(reason is not self.reason for _, reason in self.cuts)
        more = f" {others} other operation{' blocks' if others == 1 else 's block'} ways too." if others else ""
        return f"{why}: {'. '.join(facts)}.{more}"

    def tell_blocked(self, reason: Reason | None = None) -> list[str]:
        """A sentence for each kind of cut; with a reason, only for the cuts of this reason."""
        cuts = [(self.tensors[key], r.name) for key, r in self.blocked if reason in (None, r)]
        return tell_cuts(cuts, self.trace.recording, self.names)

    def counterfactual(self, cuts: Iterable[Cut] | None = None) -> Counterfactual:
        """What the gradient would be if cuts let it pass.

        Parameters
        ----------
        cuts : iterable of Cut, optional
            Pairs of the key of a node and a reason, by default all of ``blocked`` that can be lifted: ``stop_gradient``
            and what was not recorded or not watched.

        Returns
        -------
        Counterfactual
            Its gradients are traced tensors of the same program, in which the cuts are open.

        Raises
        ------
        ValueError
            If nothing can be lifted, or a cut is named that blocks nothing or can't be lifted.

        Examples
        --------
        >>> import tracer
        >>> x = tracer.symbols("x")
        >>> rounded = x + tracer.stop_gradient(tracer.round(x) - x)
        >>> answer = tracer.explain(rounded, x).counterfactual()
        >>> print(answer.actual.formula(), answer.gradient.formula())
        1 0
        """
        from tracer.explanations.counterfactual import lift

        return lift(self, cuts)

    def _tell_zero(self) -> str:
        """Why the gradient is zero, if it is: everywhere, or where the sources have their values."""
        from tracer.explanations.present_zeros import tell_present_zero
        from tracer.explanations.vanishing import Cotangents, tell_zero

        cotangents = Cotangents(self.trace, self.leads)
        if why := tell_zero(cotangents, self.versions, self.names):
            return f", and it is zero: {why}"
        why = tell_present_zero(cotangents, self.versions, self.names)
        return f", and it is zero at these values: {why}" if why else ""

    def __repr__(self) -> str:
        return f"<Connection {self.source.name} {self.reason.value}>"


def explain_absence(targets: Sequence[Tensor], source: Tensor) -> Connection:
    """Why a source has no gradient, given that it has none: by one of the tapes that recorded the targets, if by none
    without a tape."""
    known = [r for t in targets for r in reversed(t.context.recordings) if isinstance(r, Recording)]
    names = find_names(_keys_to_name(targets, [source]))
    candidates = (Connection(Trace(targets, r), source, [source], names) for r in (None, *dict.fromkeys(known)))
    first = next(candidates)
    return next((c for c in (first, *candidates) if not c.connected), first)


def explain(target: Any, sources: Any, tape: GradientTape | None = None) -> Any:
    """Why the gradient of a target by a source is None, or is not.

    Parameters
    ----------
    target : tensor or nest of tensors
        Several count as their sum.
    sources : tensor or nest of tensors
        Lists, tuples and dicts, nested.
    tape : GradientTape, optional
        Whose gradient is explained; it is not used up. Without one all operations count as recorded and all sources as
        watched, as for :func:`tracer.gradients`.

    Returns
    -------
    Connection, or nest of Connection
        Of the structure of ``sources``; ``str()`` says it in words.

    Raises
    ------
    TypeError
        If the target or a source is no tensor, or the tape is none.
    RuntimeError
        If the tape was never entered.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.Variable(3.0, name="x")
    >>> z = x * x
    >>> with tf.GradientTape() as tape:
    ...     y = 3 * z
    >>> tf.explain(y, x, tape).cuts == ((z.node, tf.Reason.NOT_RECORDED),)
    True
    """
    if tape is not None and not isinstance(tape, GradientTape):
        raise TypeError(f"tape must be a GradientTape, got {nest.shown(tape)}; leave it out for gradients without one")
    return nest.pack(sources, connect(target_tensors(nest.flatten(target)), nest.flatten(sources), tape))


def connect(
    targets: Sequence[Tensor], sources: Sequence[Any], tape: GradientTape | None, names: Mapping[int, str] | None = None
) -> list[Connection]:
    """The connections with a list of sources; ``names`` are those of the tensors, by default the caller's variables."""
    groups = source_tensors(list(sources))
    trace = Trace(targets, None if tape is None else tape.recording)
    if names is None:
        names = find_names(_keys_to_name(trace.order, [t for group in groups for t in group]))
    return [Connection(trace, s, group, names) for s, group in zip(sources, groups, strict=True)]


def _keys_to_name(behind: Iterable[Tensor], sources: Iterable[Tensor]) -> Iterator[int]:
    """The keys of what may be named in a sentence."""
    for tensor in behind:
        yield tensor.node
        if tensor.derived is not None:
            yield from (t.node for t, _ in tensor.derived.targets)
    for source in sources:
        yield source.node
        if source.notes is not None:
            yield from (d.key for d in source.notes.departures)
            yield from (b.tensor.node for b in branches_of(source))
