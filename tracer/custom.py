"""Functions with a gradient rule of their own, and regions without gradients."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tracer import nest, shapes
from tracer.backprop import backprop, materialise
from tracer.batching import batch, spread
from tracer.dtypes import FLOATS
from tracer.guard import settled
from tracer.ops.contraction import reduce_sum
from tracer.rules import TABLE, Op
from tracer.shapes import Shape
from tracer.tensor import Tensor, apply, as_tensor, context, next_key, placeholder
from tracer.tracebacks import concise
from tracer.variable import Variable
from tracer.walk import ancestors


@contextmanager
def no_gradient() -> Iterator[None]:
    """What is computed in the block is constant for every derivative, with a tape or without.

    Returns
    -------
    context manager

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> with tracer.no_gradient():
    ...     c = x * x
    >>> print(tracer.gradients(c * x, x)[0].formula())
    x**2
    """
    token = context.set(context.get()._replace(constant=True))
    try:
        yield
    finally:
        context.reset(token)


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the values of ``f`` and the gradient of the identity.

    Parameters
    ----------
    f : callable
        Its results have the shapes of its arguments.

    Returns
    -------
    callable
        Of the same arguments.

    Examples
    --------
    >>> import tracer
    >>> x = tracer.symbols("x")
    >>> float(tracer.gradients(tracer.grad_pass_through(tracer.round)(x), x)[0])
    1.0
    """

    @custom_gradient
    def passing(*args: Any, **kwargs: Any) -> Any:
        def rule(*cotangents: Tensor, **ignored: Any) -> Any:
            answer = cotangents[0] if len(cotangents) == 1 else list(cotangents)
            return (answer, [None for _ in ignored["variables"]]) if ignored.get("variables") else answer

        return f(*args, **kwargs), rule

    return functools.wraps(f)(passing)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose gradient is the rule that it returns beside its value.

    Parameters
    ----------
    f : callable
        Returns a pair: a tensor or a nest of tensors, and a function from the cotangents of these, one argument each,
        to the cotangents of the tensors among the arguments of ``f``; None where nothing flows. If ``f`` reads
        trainable variables, the rule has a keyword ``variables`` and answers a pair: the cotangents of the arguments
        and a list of those of the variables.

    Returns
    -------
    callable
        A tensor that ``f`` closes over keeps its own gradient. The rule is traced when a gradient is asked for, and
        may be differentiated again.

    Raises
    ------
    TypeError
        If ``f`` does not return such a pair, or reads variables and its rule has no ``variables``.
    ValueError
        When the gradient is asked for, if the rule answers with a wrong count or a wrong shape.

    Examples
    --------
    >>> import tracer
    >>> @tracer.custom_gradient
    ... def clipped(x):
    ...     def rule(cotangent):
    ...         return tracer.clip_by_value(cotangent, -1.0, 1.0)
    ...     return x, rule
    >>> x = tracer.Variable(2.0)
    >>> with tracer.GradientTape() as tape:
    ...     y = 5 * clipped(x)
    >>> float(tape.gradient(y, x))
    1.0
    """

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        return _Call(f).outputs(args, kwargs)

    return concise(call)


class _Variables:
    """Takes note of the variables that a function reads, and gives it tensors of their own."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[Variable, Tensor]] = {}

    def access(self, variable: Variable, tensor: Tensor) -> Tensor:
        if not variable.trainable:
            return tensor
        if id(variable) not in self.found:
            self.found[id(variable)] = (variable, apply(TABLE["identity"], (tensor,)))
        return self.found[id(variable)][1]


class _Joint(NamedTuple):
    """Results of one call for whose gradients one rule answers, by cotangents of all of them.

    ``pull`` takes a cotangent or None for each of ``results`` and answers a contribution or None for each of
    ``parents``. It must not hold the outputs, which would be a cycle.
    """

    name: str
    results: list[Tensor]
    parents: tuple[Tensor, ...]
    pull: Callable[[Sequence[Any]], list[Any]]

    def outputs(self) -> list[Tensor]:
        """The nodes that stand for the results."""
        call = Op(
            self.name,
            lambda node, found, position: [None, *self.pull(found)],
            numpy=lambda e, node, value, *parents: value,
            components=lambda node, value, *parents: value,
            term=lambda node, value, *parents: value,
            joint_batch=self.batched,
        )
        outputs = [Tensor(call, (r, *self.parents), None, r.shape, r.dtype) for r in self.results]
        call.joint = [t.node for t in outputs]
        return outputs

    def batched(self, batched: Mapping[int, Tensor], inputs: Mapping[int, Tensor], dims: Shape) -> list[Tensor]:
        """The outputs with leading axes ``dims``; their rule is the batch of this one.

        What the rule closes over is batched as well: what the results are made of is known, and all else follows from
        the inputs of the batch.
        """
        ends = {p.node for p in self.parents}
        inner = [*ancestors(self.results, stop=lambda t: t.node in ends), *self.parents]
        known = {**inputs, **{t.node: batched[t.node] for t in inner if t.node in batched}}

        def replayed(tensors: list[Tensor], given: Mapping[int, Tensor]) -> list[Tensor]:
            return [spread(b, dims) if b is t else b for t, b in zip(tensors, batch(tensors, given, dims))]

        results = replayed(self.results, known)

        def pull(found: Sequence[Any]) -> list[Any]:
            pairs = zip(found, self.results)
            seeds = [None if c is None else placeholder("_cotangent", r.shape, r.dtype) for c, r in pairs]
            given = {s.node: materialise(c, r) for s, c, r in zip(seeds, found, results) if s is not None}
            plain = [f if f is None else materialise(f, p) for f, p in zip(self.pull(seeds), self.parents)]
            flows = iter(replayed([f for f in plain if f is not None], {**known, **given}))
            answers = []
            for f, p in zip(plain, self.parents):
                flow = None if f is None else next(flows)
                shared = flow is not None and p.node not in known
                answers.append(reduce_sum(flow, list(range(len(dims)))) if shared else flow)
            return answers

        parents = tuple(known.get(p.node, p) for p in self.parents)
        return _Joint(self.name, results, parents, pull).outputs()


class _Call:
    """One call of a function with a rule: its inner operations and what the rule answers for its inputs."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.name = getattr(f, "__name__", "custom_gradient")
        self.inputs: list[Tensor] = []

    def outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The function's value."""
        start = next_key()
        reads = _Variables()
        inner_args, inner_kwargs = self._tensors(args), self._tensors(kwargs)
        here = context.get()
        token = context.set(here._replace(recordings=(*here.recordings, reads)))
        try:
            with settled(self.inputs):
                result = self.f(*inner_args, **inner_kwargs)
        finally:
            context.reset(token)
        if not isinstance(result, tuple) or len(result) != 2 or not callable(result[1]):
            raise TypeError(
                f"{self.name}: a function with custom_gradient returns a pair of its value and a gradient function, "
                f"got {type(result).__name__}; write `return y, grad`"
            )
        value, self.rule = result
        self.variables = list(reads.found.values())
        self._require_variables_keyword()
        self.results = [as_tensor(leaf) for leaf in nest.flatten(value)]
        self.inside = {t.node for t in self.inputs} | {t.node for _, t in self.variables}
        outer = [t.args[0] for t in self.inputs]
        read = [t.args[0] for _, t in self.variables]
        self.captured = self._captured(start)
        parents = (*outer, *read, *self.captured)
        return nest.pack(value, _Joint(self.name, self.results, parents, self._pull).outputs())

    def _tensors(self, args: Any) -> Any:
        def enter(leaf: Any) -> Any:
            if leaf is None or isinstance(leaf, (str, bytes, bool)) or callable(leaf):
                return leaf
            inner = apply(TABLE["identity"], (as_tensor(leaf),))
            self.inputs.append(inner)
            return inner

        return nest.map_leaves(enter, args)

    def _require_variables_keyword(self) -> None:
        parameters = inspect.signature(self.rule).parameters.values()
        takes = any(p.name == "variables" or p.kind is p.VAR_KEYWORD for p in parameters)
        if self.variables and not takes:
            names = ", ".join(v.name for v, _ in self.variables)
            raise TypeError(
                f"{self.name} reads the variables {names}, so that its gradient function needs a keyword `variables` "
                "and answers a pair: gradients of the arguments, and a list of those of the variables"
            )

    def _captured(self, start: int) -> list[Tensor]:
        """The tensors from outside that the function uses without taking them as arguments."""
        found = ancestors(self.results, stop=lambda t: t.node < start or t.node in self.inside)
        return [t for t in found if t.node < start and t.dtype in FLOATS]

    def _pull(self, found: Sequence[Any]) -> list[Any]:
        cotangents = [materialise(0 if c is None else c, r) for c, r in zip(found, self.results)]
        if self.variables:
            answer = self.rule(*cotangents, variables=[v for v, _ in self.variables])
            if not isinstance(answer, tuple) or len(answer) != 2:
                raise TypeError(
                    f"{self.name}: with variables the gradient function answers a pair: gradients of the arguments, "
                    "and a list of those of the variables"
                )
            own, of_variables = answer
        else:
            own, of_variables = self.rule(*cotangents), []
        flows = self._checked(own, self.inputs, "arguments")
        flows += self._checked(list(of_variables), [t for _, t in self.variables], "variables")
        pairs = [(r, c) for r, c in zip(self.results, cotangents) if r.dtype in FLOATS]
        flows += backprop(pairs, self.captured, stop=lambda t: t.node in self.inside) if self.captured else []
        return flows

    def _checked(self, answer: Any, inputs: list[Tensor], what: str) -> list[Any]:
        found = nest.flatten(answer) if nest.is_nest(answer) else [answer] if inputs else []
        if len(found) != len(inputs):
            raise ValueError(
                f"the gradient function of {self.name} answers {len(found)} gradients for {len(inputs)} {what}; "
                "answer one for each, None where nothing flows"
            )
        flows: list[Any] = []
        for given, wanted in zip(found, inputs):
            tensor = None if given is None else as_tensor(given)
            if tensor is not None and tensor.shape != wanted.shape:
                raise ValueError(
                    f"the gradient function of {self.name} answers a gradient of shape {shapes.show(tensor.shape)} "
                    f"for an argument of shape {shapes.show(wanted.shape)}"
                )
            flows.append(tensor)
        return flows


FUNCTIONS: dict[str, Any] = {
    "custom_gradient": custom_gradient, "grad_pass_through": grad_pass_through, "no_gradient": no_gradient,
}  # fmt: skip
