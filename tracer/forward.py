"""Forward accumulation: derivatives along a given direction, with TensorFlow's interface."""

from __future__ import annotations

from typing import Any

from tracer import nest, shapes
from tracer.backprop import accumulate
from tracer.nest import Nest
from tracer.recording import Recording, recorded
from tracer.tape import GradientTape, UnconnectedGradients, finish, source_tensors, unconnected_mode
from tracer.tensor import Tensor, TensorLike, as_tensor, context
from tracer.tracebacks import concise_methods
from tracer.transforms import pushforward
from tracer.variable import Variable


@concise_methods("__init__", "jvp")
class ForwardAccumulator:
    """Records operations for derivatives along tangents of some inputs; a context manager.

    Parameters
    ----------
    primals : tensor or nest of tensors
        The inputs.
    tangents : tensor or nest
        The direction, of the same structure and shapes.

    Raises
    ------
    ValueError
        If structures or shapes differ.

    Examples
    --------
    >>> import tracer as tf
    >>> x = tf.constant(3.0)
    >>> with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as accumulator:
    ...     y = x * x
    >>> float(accumulator.jvp(y))
    6.0
    """

    def __init__(self, primals: Nest[Tensor], tangents: Nest[TensorLike]) -> None:
        self._primals = nest.flatten(primals)
        groups = source_tensors(self._primals)
        self._tangents = [as_tensor(t) for t in nest.flatten(tangents)]
        if len(self._tangents) != len(groups):
            raise ValueError(f"{len(groups)} primals and {len(self._tangents)} tangents")
        for group, tangent in zip(groups, self._tangents):
            if tangent.shape != group[-1].shape:
                raise ValueError(
                    f"the tangent for {group[-1].name} has the shape {shapes.show(tangent.shape)}, "
                    f"it must be {shapes.show(group[-1].shape)}"
                )
        self._recording = Recording(automatic=False)
        for primal in self._primals:
            self._recording.watch(primal)

    def __enter__(self) -> ForwardAccumulator:
        here = context.get()
        if any(r is self._recording for r in here.recordings):
            raise ValueError("the accumulator is recording already; create another one for a nested derivative")
        context.set(here._replace(recordings=(*here.recordings, self._recording)))
        return self

    def __exit__(self, *exception: object) -> None:
        here = context.get()
        context.set(here._replace(recordings=tuple(r for r in here.recordings if r is not self._recording)))

    def jvp(
        self, primals: Nest[Tensor], unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE
    ) -> Any:
        """The derivatives of results along the tangents.

        Parameters
        ----------
        primals : tensor or nest of tensors
            What was computed.
        unconnected_gradients : UnconnectedGradients, optional
            What to answer where no input is connected.

        Returns
        -------
        tensor, None or nest
            Of the structure and shapes of ``primals``.
        """
        mode = unconnected_mode(unconnected_gradients)
        return nest.map_leaves(lambda t: self._derivative(as_tensor(t), mode), primals)

    def _derivative(self, target: Tensor, mode: UnconnectedGradients) -> Tensor | None:
        stop, watched = recorded(self._recording)
        sources: list[Tensor] = []
        tangents: list[Tensor] = []
        for primal, tangent in zip(self._primals, self._tangents):
            versions = primal.versions() if isinstance(primal, Variable) else [primal]
            sources += versions
            tangents += [tangent] * len(versions)
        own = [tangent for source, tangent in zip(sources, tangents) if source is target]
        # TensorFlow derives along with each operation, so that the tapes that saw the operation see its derivative.
        here = context.get()
        seen = [r for r in target.context.recordings if r is not self._recording and r not in here.recordings]
        try:
            context.set(here._replace(recordings=(*here.recordings, *seen)))
            found = accumulate(own) if own else pushforward(target, sources, tangents, stop, watched)
            return finish(found, target, mode)
        finally:
            context.set(here)


class autodiff:
    """TensorFlow's name for where :class:`ForwardAccumulator` and :class:`GradientTape` are kept."""

    ForwardAccumulator = ForwardAccumulator
    GradientTape = GradientTape
