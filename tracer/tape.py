"""Gradient tapes and ``gradients``, with TensorFlow's semantics."""

from __future__ import annotations

import enum
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tracer import nest, shapes
from tracer.backprop import Derived, accumulate, backprop, collector_paused, materialise
from tracer.dtypes import FLOATS
from tracer.nest import Nest, shown
from tracer.ops.contraction import full
from tracer.recording import Recording, is_on_tape, recorded, seeds_of_sources
from tracer.rules import TABLE
from tracer.tensor import (
    Operand,
    Tensor,
    TensorLike,
    apply,
    as_tensor,
    attach_measures,
    context,
    explain_gradients,
    next_key,
)
from tracer.tracebacks import concise_methods
from tracer.transforms import batch_jacobian_of, jacobian_of
from tracer.variable import Variable


class UnconnectedGradients(enum.Enum):
    """What the gradient of a source is that has no differentiable path to the target.

    ``NONE`` answers None, ``ZERO`` zeros of the source's shape and dtype. The strings ``"none"`` and ``"zero"`` do too.
    """

    NONE = "none"
    ZERO = "zero"


@concise_methods("__enter__", "watch", "stop_recording", "reset", "gradient", "jacobian", "batch_jacobian")
class GradientTape:
    """Records operations for automatic differentiation; a context manager.

    Parameters
    ----------
    persistent : bool, optional
        Whether several gradients may be asked for.
    watch_accessed_variables : bool, optional
        Whether trainable variables are watched when they are read.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     y = x * x
    >>> float(tape.gradient(y, x))
    6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._automatic = watch_accessed_variables
        self._owner = object()
        self._recording: Recording | None = None
        self._used = False

    def __enter__(self) -> GradientTape:
        if self._is_recording():
            raise ValueError("the tape is already recording; enter another GradientTape for a nested gradient")
        recording = self._recording
        if recording is not None and recording.end is not None:
            recording.absences.append((recording.end, next_key()))
        self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._is_recording():
            self._pop()
            assert self._recording is not None
            self._recording.end = next_key()

    def _is_recording(self) -> bool:
        return self._recording is not None and any(r is self._recording for r in context.get().recordings)

    def _start(self) -> None:
        """Go on recording; anew, where a gradient has used up what was recorded."""
        if self._recording is None or self._used:
            self._recording = Recording(self._automatic, self._owner)
        self._used = False
        self._push(self._recording)

    def _push(self, recording: Recording) -> None:
        here = context.get()
        context.set(here._replace(recordings=(*here.recordings, recording)))

    def _pop(self) -> None:
        here = context.get()
        context.set(here._replace(recordings=tuple(r for r in here.recordings if r is not self._recording)))

    def _require_recording(self, what: str) -> Recording:
        if not self._is_recording():
            raise ValueError(f"{what} needs a tape that is recording; call it inside `with tape:`")
        assert self._recording is not None
        return self._recording

    def watch(self, tensor: Nest[Tensor]) -> None:
        """Watch a tensor, or every tensor of a nest, from now on; without effect where no tape records.

        Raises
        ------
        ValueError
            If the tape was never entered, or something is not a tensor.
        """
        recording = self._recording
        if self._used and not self._persistent:
            raise ValueError(
                "watch of a tape that a gradient has used up; create it with GradientTape(persistent=True)"
            )
        if recording is None:
            raise ValueError("watch needs a tape that is recording; call it inside `with tape:`")
        if not context.get().recordings:
            return
        for t in nest.flatten(tensor):
            if not isinstance(t, Tensor):
                raise ValueError(
                    f"watch takes tensors, got {shown(t)}; write tape.watch(constant(...)) on a tensor you keep"
                )
            recording.watch(t)

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that are watched, in order of their creation."""
        if self._recording is None:
            return ()
        return tuple(sorted(self._recording.variables.values(), key=lambda v: v.serial))

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Pause: what runs in the block counts as a constant."""
        recording = self._require_recording("stop_recording")
        self._pop()
        begin = next_key()
        try:
            yield
        finally:
            recording.pauses.append((begin, next_key()))
            self._start()

    def reset(self) -> None:
        """Forget everything recorded and watched, and go on recording."""
        self._require_recording("reset")
        self._pop()
        self._recording = Recording(self._automatic, self._owner)
        self._push(self._recording)

    def gradient(
        self,
        target: Nest[Tensor],
        sources: Nest[Tensor],
        output_gradients: Nest[TensorLike | None] = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradient of a target by each of the sources.

        Parameters
        ----------
        target : tensor or nest of tensors
            Summed over its elements and members.
        sources : tensor or nest of tensors
            Lists, tuples and dicts, nested.
        output_gradients : tensor or nest, optional
            Weights of the target's elements, of its shape.
        unconnected_gradients : UnconnectedGradients, optional

        Returns
        -------
        tensor, None or nest
            Of the structure of ``sources``.

        Raises
        ------
        RuntimeError
            If the tape was never entered, or is not persistent and was used.
        TypeError
            If the target or a source is None or not a tensor.

        Examples
        --------
        >>> import tracer as tf
        >>> x, y = tf.Variable(1.0), tf.Variable(2.0)
        >>> with tf.GradientTape() as tape:
        ...     z = 3 * x
        >>> [g if g is None else float(g) for g in tape.gradient(z, [x, y])]
        [3.0, None]
        """
        mode = unconnected_mode(unconnected_gradients)
        recording = self._consume("gradient")
        return nest.pack(sources, gradients_of(target, sources, output_gradients, mode, *recorded(recording)))

    def jacobian(
        self,
        target: Tensor,
        sources: Nest[Tensor],
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The Jacobian of a target by each of the sources, in closed form.

        Parameters
        ----------
        target : tensor
        sources : tensor or nest of tensors
        unconnected_gradients : UnconnectedGradients, optional
        parallel_iterations, experimental_use_pfor : optional
            Accepted for TensorFlow's sake; there is no loop.

        Returns
        -------
        tensor, None or nest
            Of the shape of the target followed by that of the source.

        Raises
        ------
        RuntimeError
            As :meth:`gradient`.

        Examples
        --------
        >>> import tracer as tf
        >>> x = tf.Variable([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy()
        array([[2., 0.],
               [0., 4.]])
        """
        mode = unconnected_mode(unconnected_gradients)
        recording = self._consume("jacobian")
        (target,) = target_tensors([target])
        groups = source_tensors(nest.flatten(sources))
        flat = [t for group in groups for t in group]
        known = is_on_tape(target, recording)
        found = iter(jacobian_of(target, flat, *recorded(recording)) if known else [None] * len(flat))
        answers = []
        for group in groups:
            parts = [j for j in (next(found) for _ in group) if j is not None]
            like = (*target.shape, *group[-1].shape), group[-1].dtype
            by = target, group[-1]
            made = attach_measures(as_tensor(accumulate(parts)), by) if parts else unconnected(*like, mode, *by)
            answers.append(made)
        return nest.pack(sources, answers)

    def batch_jacobian(
        self,
        target: Tensor,
        source: Tensor,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """The Jacobians of the rows of a target by the same rows of a source, stacked.

        Parameters
        ----------
        target, source : tensor
            With the same first dimension; each row of the target is to depend on its row of the source alone.
        unconnected_gradients : UnconnectedGradients, optional
            Without effect: as in TensorFlow the answer for an unconnected source is zeros.

        Returns
        -------
        tensor
            Of shape ``(b, *target.shape[1:], *source.shape[1:])``.

        Raises
        ------
        ValueError
            If the first dimensions differ.
        """
        unconnected_mode(unconnected_gradients)
        recording = self._consume("batch_jacobian")
        (target,), (group,) = target_tensors([target]), source_tensors([source])
        source = group[-1]
        if not target.shape or not source.shape or target.shape[0] != source.shape[0]:
            raise ValueError(
                f"batch_jacobian needs equal first dimensions, got the target's shape {shapes.show(target.shape)} "
                f"and the source's {shapes.show(source.shape)}; use jacobian"
            )
        if not is_on_tape(target, recording):
            return full((*target.shape, *source.shape[1:]), 0, "zeros", source.dtype)
        return batch_jacobian_of(target, source, *recorded(recording))

    @property
    def recording(self) -> Recording:
        """What the tape saw.

        Raises
        ------
        RuntimeError
            If the tape was never entered.
        """
        if self._recording is None:
            raise RuntimeError("explain of a tape that was never entered; compute the target inside `with tape:`")
        return self._recording

    def has_recorded(self, tensor: Tensor) -> bool:
        """Whether the tape was recording when an operation ran."""
        return any(getattr(r, "owner", None) is self._owner for r in tensor.context.recordings)

    def explain(self, target: Any, sources: Any) -> Any:
        """Why the gradient of a target by a source is None, or is not; see :func:`tracer.explain`.

        Parameters
        ----------
        target : tensor or nest of tensors
        sources : tensor or nest of tensors

        Returns
        -------
        Connection, or nest of Connection
            Of the structure of ``sources``. The tape is not used up.

        Examples
        --------
        >>> import tracer as tf
        >>> x = tf.constant(2.0)
        >>> with tf.GradientTape() as tape:
        ...     y = x * x
        >>> tape.explain(y, x).reason
        <Reason.NOT_WATCHED: 'not watched'>
        """
        return explain_gradients(target, sources, self)

    def _consume(self, what: str) -> Recording:
        if self._recording is None:
            raise RuntimeError(f"{what} of a tape that was never entered; compute the target inside `with tape:`")
        if self._used:
            raise RuntimeError(
                f"a second {what} of a tape that is not persistent; create it with GradientTape(persistent=True)"
            )
        if not self._persistent:
            self._used = True
            if self._is_recording():
                self._pop()
        return self._recording


def unconnected_mode(value: object) -> UnconnectedGradients:
    """The member for a value, which may be its string."""
    if isinstance(value, UnconnectedGradients):
        return value
    if isinstance(value, str) and value in _MODES:
        return _MODES[value]
    raise ValueError(
        f"unconnected_gradients is {shown(value)}; it must be UnconnectedGradients.NONE or UnconnectedGradients.ZERO"
    )


_MODES = {mode.value: mode for mode in UnconnectedGradients}


def source_tensors(flat: Iterable[object]) -> list[list[Tensor]]:
    """The tensors for each source: of a variable, those of all its values that are in use."""
    found: list[list[Tensor]] = []
    for s in flat:
        if s is None:
            raise TypeError("a source is None; give the variable or tensor to differentiate by")
        if not isinstance(s, Tensor):
            raise TypeError(
                f"a source must be a tensor, got {shown(s)}; give the variable or tensor to differentiate by"
            )
        found.append(s.versions() if isinstance(s, Variable) else [s.read()])
    return found


def target_tensors(flat: Sequence[object]) -> list[Tensor]:
    """The tensors of the targets.

    Raises
    ------
    TypeError
        If one is None or not a tensor.
    """
    for t in flat:
        if not isinstance(t, Tensor):
            raise TypeError(f"the target must be a tensor, got {shown(t)}; give the tensor to differentiate")
    return [as_tensor(t) for t in flat]


def _seeds(target: Nest[Tensor], seeds: Nest[TensorLike | None]) -> list[tuple[Tensor, Operand]]:
    """Pairs of a target's tensor and its cotangent."""
    tensors = target_tensors(nest.flatten(target))
    if seeds is None:
        return [(t, 1) for t in tensors]
    weights = nest.flatten(seeds)
    if not nest.is_nest(target) and not any(isinstance(w, Tensor) for w in weights):
        weights = [seeds]  # The numbers of a nested list are one array.
    if len(weights) != len(tensors):
        raise ValueError(f"{len(weights)} output gradients for {len(tensors)} targets; give one each, or None for ones")
    pairs: list[tuple[Tensor, Operand]] = []
    for t, w in zip(tensors, weights):
        if w is None:
            pairs.append((t, 1))
            continue
        seed = as_tensor(w)
        if seed.shape != t.shape:
            raise ValueError(
                f"the output gradient of {t.name} has the shape {shapes.show(seed.shape)}, "
                f"it must be the target's, {shapes.show(t.shape)}"
            )
        pairs.append((t, seed))
    return pairs


def gradients_of(
    target: Nest[Tensor],
    sources: Nest[Tensor],
    seeds: Nest[TensorLike | None],
    mode: UnconnectedGradients,
    stop: Callable[[Tensor], bool] | None = None,
    watched: Callable[[Tensor, Tensor], bool] | None = None,
    opened: Container[int] = (),
) -> list[Tensor | None]:
    """The gradient by each source of a nest; see :func:`tracer.backprop.backprop` for the last three arguments."""
    groups = source_tensors(nest.flatten(sources))
    seeded = _seeds(target, seeds)
    flat = [t for group in groups for t in group]
    start = next_key()
    if stop is not None and watched is not None:
        seeded = seeds_of_sources(seeded, {s.node for s in flat}, stop, watched)
    pairs = [(t, seed) for t, seed in seeded if t.dtype in FLOATS]
    whole = [(t, seed) for t, seed in seeded if t.dtype not in FLOATS]
    targets = [t for t, _ in seeded]
    answers: list[Tensor | None] = []
    connected: dict[int, Tensor] = {}
    with collector_paused():
        cotangents = iter(backprop(pairs, flat, stop, watched, opened))
        for group in groups:
            found = [c for _ in group if (c := next(cotangents)) is not None]
            if whole:
                found += [seed for t, seed in whole if any(t is s for s in group)]
            source = group[-1]
            if found and source.node not in connected:
                derived = Derived(seeded, group, stop, watched, opened)
                made = materialise(accumulate(found), source)
                given = made.node < start and derived.is_given(made)
                if watched is not None and made.node < start and not given:
                    made = apply(TABLE["identity"], (made,))  # `tape.gradient(x * c, x)` is not c itself.
                made = made if given else derived.attach(made)
                connected[source.node] = attach_measures(made, (*targets, source))
            answers.append(connected[source.node] if found else unconnected(source.shape, source.dtype, mode, source))
    return answers


def finish(cotangent: Operand | None, source: Tensor, mode: UnconnectedGradients) -> Tensor | None:
    """A cotangent in the source's shape and dtype; None or zeros where there is none."""
    if cotangent is None:
        return unconnected(source.shape, source.dtype, mode, source)
    return attach_measures(materialise(cotangent, source), (source,))


def unconnected(shape: shapes.Shape, dtype: str, mode: UnconnectedGradients, *by: Tensor) -> Tensor | None:
    """None or zeros, of the shapes of the tensors ``by``."""
    return attach_measures(full(shape, 0, "zeros", dtype), by) if mode is UnconnectedGradients.ZERO else None


def gradients(
    ys: Nest[Tensor],
    xs: Nest[Tensor],
    grad_ys: Nest[TensorLike | None] = None,
    stop_gradients: Nest[Tensor] | None = None,
    unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
) -> list[Tensor | None]:
    """The gradients of the sum of ``ys`` by each of ``xs``, without a tape.

    Parameters
    ----------
    ys, xs : tensor or nest of tensors
    grad_ys : tensor or nest, optional
        Weights of the ``ys``; None among them stands for ones.
    stop_gradients : tensor or nest, optional
        Tensors that count as constants.
    unconnected_gradients : UnconnectedGradients, optional

    Returns
    -------
    list
        One gradient for each of ``xs``; None (or zeros) where it is not connected.

    Raises
    ------
    TypeError
        If what is to count as constant is no tensor.

    Examples
    --------
    >>> import tracer
    >>> X, w, y = (tracer.placeholder(k, shape=s) for k, s in [("X", ("n", "m")), ("w", ("m",)), ("y", ("n",))])
    >>> print(tracer.gradients(tracer.reduce_sum((X @ w - y) ** 2), w)[0].formula())
    2*X.T*(X*w - y)
    """
    mode = unconnected_mode(unconnected_gradients)
    constants = nest.flatten(stop_gradients) if stop_gradients is not None else []
    for s in constants:
        if not isinstance(s, Tensor):
            raise TypeError(f"stop_gradients must be tensors, got {shown(s)}; give the tensors that count as constants")
    stops = {s.node for s in constants}
    return gradients_of(ys, xs, grad_ys, mode, (lambda t: t.node in stops) if stops else None)


def hessians(
    ys: Nest[Tensor],
    xs: Nest[Tensor],
    gate_gradients: bool = False,
    aggregation_method: object = None,
    name: str = "hessians",
) -> list[Tensor | None]:
    """The second derivatives of the sum of ``ys`` by each of ``xs``, without a tape.

    Parameters
    ----------
    ys, xs : tensor or nest of tensors
    gate_gradients, aggregation_method, name : optional
        Accepted for TensorFlow's sake.

    Returns
    -------
    list
        For each ``x`` one tensor of shape ``(*x.shape, *x.shape)``; None where the first or the second derivative is
        not connected.

    Examples
    --------
    >>> import tracer
    >>> x, A = tracer.placeholder("x", shape=("n",)), tracer.placeholder("A", shape=("n", "n"))
    >>> print(tracer.hessians(tracer.tensordot(x, A @ x, 1), x)[0].formula())
    A.T + A
    """
    flat = nest.flatten(xs)
    first = gradients(ys, flat)
    return [None if g is None else jacobian_of(g, [x.read()])[0] for g, x in zip(first, flat)]
