"""Functions with a gradient rule of their own, and regions without gradients."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

from tracer import nest, shapes
from tracer.backprop import backprop, materialise
from tracer.batching import batch, spread
from tracer.dtypes import FLOATS
from tracer.guard import settled
from tracer.ops.contraction import reduce_sum
from tracer.rules import TABLE, Op
from tracer.shapes import Shape
from tracer.tensor import Operand, Tensor, apply, as_tensor, context, next_key, placeholder, record_tensor
from tracer.tracebacks import concise
from tracer.variable import Variable
from tracer.walk import ancestors

P = ParamSpec("P")
R = TypeVar("R")

GradientRule: TypeAlias = Callable[..., object]
"""From the cotangents of results, one argument each, to those of arguments; see :func:`custom_gradient`."""


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
    before = context.get()
    try:
        context.set(before._replace(constant=True))
        yield
    finally:
        context.set(before)


def grad_pass_through(f: Callable[P, R]) -> Callable[P, R]:
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
    def pass_through(*args: P.args, **kwargs: P.kwargs) -> tuple[R, GradientRule]:
        def rule(*cotangents: Tensor, variables: Sequence[Variable] = ()) -> object:
            answer = cotangents[0] if len(cotangents) == 1 else list(cotangents)
            return (answer, [None for _ in variables]) if variables else answer

        return f(*args, **kwargs), rule

    return functools.wraps(f)(pass_through)


def custom_gradient(f: Callable[P, tuple[R, GradientRule]]) -> Callable[P, R]:
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
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return _trace_call(f, args, kwargs)

    return concise(call)


class _VariableReads:
    """A recording of the trainable variables that a function reads; for each it reads a tensor of the call's own."""

    def __init__(self) -> None:
        self.by_variable: dict[int, tuple[Variable, Tensor]] = {}

    def access(self, variable: Variable, tensor: Tensor) -> Tensor:
        if not variable.trainable:
            return tensor
        if id(variable) not in self.by_variable:
            self.by_variable[id(variable)] = (variable, apply(TABLE["identity"], (tensor,)))
        return self.by_variable[id(variable)][1]


class _JointRule(NamedTuple):
    """One gradient rule for all results of a call.

    ``pull`` takes a cotangent or None for each of ``results``, and answers a contribution or None for each of
    ``parents``. It must not hold the recorded nodes, which would be a cycle.
    """

    name: str
    results: list[Tensor]
    parents: tuple[Tensor, ...]
    pull: Callable[[Sequence[Operand | None]], Sequence[Operand | None]]

    def record(self) -> list[Tensor]:
        """One node for each result, with its value and this rule."""
        op = Op(
            self.name,
            numpy=lambda e, node, value, *parents: value,
            components=lambda node, value, *parents: value,
            term=lambda node, value, *parents: value,
            joint_pullback=lambda cotangents: [None, *self.pull(cotangents)],
            joint_batch=self.record_batch,
        )
        nodes = [record_tensor(op, (r, *self.parents), None, r.shape, r.dtype) for r in self.results]
        op.joint = [t.node for t in nodes]
        return nodes

    def record_batch(self, batched: Mapping[int, Tensor], inputs: Mapping[int, Tensor], dims: Shape) -> list[Tensor]:
        """The same call for a batch: nodes with leading axes ``dims``, whose rule is this one for each member.

        What the rule closes over is batched, too. Between the parents and the results it is among ``batched``; all
        else follows from ``inputs``.
        """
        ends = {p.node for p in self.parents}
        inner = [*ancestors(self.results, stop=lambda t: t.node in ends), *self.parents]
        known = {**inputs, **{t.node: batched[t.node] for t in inner if t.node in batched}}

        def replay(tensors: list[Tensor], members: Mapping[int, Tensor]) -> list[Tensor]:
            return [spread(b, dims) if b is t else b for t, b in zip(tensors, batch(tensors, members, dims))]

        results = replay(self.results, known)

        def pull(cotangents: Sequence[Operand | None]) -> list[Operand | None]:
            """The rule traced for one member, and replayed with the cotangents of all."""
            pairs = zip(cotangents, self.results)
            seeds = [None if c is None else placeholder("_cotangent", r.shape, r.dtype) for c, r in pairs]
            members = {s.node: materialise(c, r) for s, c, r in zip(seeds, cotangents, results) if s is not None}
            flows = [f if f is None else materialise(f, p) for f, p in zip(self.pull(seeds), self.parents)]
            replayed = iter(replay([f for f in flows if f is not None], {**known, **members}))
            return [None if f is None else sum_members(next(replayed), p) for f, p in zip(flows, self.parents)]

        def sum_members(flow: Tensor, parent: Tensor) -> Tensor:
            """What flows to a parent that all members share is the sum of what flows from each."""
            return flow if parent.node in known else reduce_sum(flow, list(range(len(dims))))

        parents = tuple(known.get(p.node, p) for p in self.parents)
        return _JointRule(self.name, results, parents, pull).record()


class GradientShapeError(ValueError):
    """A gradient rule answers a gradient of another shape than the argument's.

    Attributes
    ----------
    position : int
        Which argument's.
    given, expected : tuple
        The shapes.
    """

    def __init__(self, message: str, position: int, given: Shape, expected: Shape) -> None:
        super().__init__(message)
        self.position, self.given, self.expected = position, given, expected


def _trace_call(f: Callable[..., tuple[R, GradientRule]], args: tuple[object, ...], kwargs: Mapping[str, object]) -> R:
    """Call a function with a rule: its value, of nodes that have the rule."""
    name = getattr(f, "__name__", "custom_gradient")
    if name in TABLE:  # Rows are known by their names.
        name = f"custom_{name}"
    start = next_key()
    reads = _VariableReads()
    inputs: list[Tensor] = []

    def enter(leaf: Any) -> object:
        if leaf is None or isinstance(leaf, (str, bytes, bool)) or callable(leaf):
            return leaf
        inputs.append(apply(TABLE["identity"], (as_tensor(leaf),)))
        return inputs[-1]

    inner_args, inner_kwargs = nest.map_leaves(enter, args), nest.map_leaves(enter, kwargs)
    here = context.get()
    try:
        context.set(here._replace(recordings=(*here.recordings, reads)))
        with settled(inputs):
            answer = f(*inner_args, **inner_kwargs)
    finally:
        context.set(here)
    if not isinstance(answer, tuple) or len(answer) != 2 or not callable(answer[1]):
        raise TypeError(
            f"{name}: a function with custom_gradient returns a pair of its value and a gradient function, "
            f"got {type(answer).__name__}; write `return y, grad`"
        )
    value, rule = answer
    variables = list(reads.by_variable.values())
    _require_variables_keyword(name, rule, variables)
    results = [as_tensor(leaf) for leaf in nest.flatten(value)]
    own = [*inputs, *(t for _, t in variables)]
    captures = _find_captures(results, {t.node for t in own}, start)
    call = _Call(name, rule, results, inputs, variables, captures)
    parents = (*(t.args[0] for t in own), *captures)
    made: R = nest.pack(value, _JointRule(name, results, parents, call.pull).record())
    return made


def _require_variables_keyword(name: str, rule: GradientRule, variables: list[tuple[Variable, Tensor]]) -> None:
    parameters = inspect.signature(rule).parameters.values()
    takes = any(p.name == "variables" or p.kind is p.VAR_KEYWORD for p in parameters)
    if variables and not takes:
        names = ", ".join(v.name for v, _ in variables)
        raise TypeError(
            f"{name} reads the variables {names}, so that its gradient function needs a keyword `variables` "
            "and answers a pair: gradients of the arguments, and a list of those of the variables"
        )


def _find_captures(results: list[Tensor], own: set[int], start: int) -> list[Tensor]:
    """The tensors older than node ``start`` that results depend on, other than by the call's own tensors."""
    behind = ancestors(results, stop=lambda t: t.node < start or t.node in own)
    return [t for t in behind if t.node < start and t.dtype in FLOATS]


class _Call(NamedTuple):
    """One call of a function with a rule.

    Its results depend on arguments, on variables that it read, and on captures: tensors from outside that are neither.
    Arguments and variables are copied (``inputs``, and the tensors beside ``variables``): the rule answers for the
    copies, and the ordinary gradients of captures end at them.
    """

    name: str
    rule: GradientRule
    results: list[Tensor]
    inputs: list[Tensor]
    variables: list[tuple[Variable, Tensor]]
    captures: list[Tensor]

    def pull(self, cotangents: Sequence[Operand | None]) -> list[Operand | None]:
        """From cotangents of the results, None for zero, to those of arguments, variables and captures."""
        full = [materialise(0 if c is None else c, r) for c, r in zip(cotangents, self.results)]
        copies = [t for _, t in self.variables]
        to_arguments, to_variables = self._apply_rule(full)
        flows: list[Operand | None] = [*self._check_answer(to_arguments, self.inputs, "arguments")]
        flows += self._check_answer(to_variables, copies, "variables")
        if self.captures:
            own = {t.node for t in (*self.inputs, *copies)}
            pairs = [(r, c) for r, c in zip(self.results, full) if r.dtype in FLOATS]
            flows += backprop(pairs, self.captures, stop=lambda t: t.node in own)
        return flows

    def _apply_rule(self, cotangents: list[Tensor]) -> tuple[Any, list[Any]]:
        """What the rule answers for the arguments, and for the variables."""
        if not self.variables:
            return self.rule(*cotangents), []
        answer = self.rule(*cotangents, variables=[v for v, _ in self.variables])
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise TypeError(
                f"{self.name}: with variables the gradient function answers a pair: gradients of the arguments, "
                f"and a list of those of the variables, got {type(answer).__name__}; "
                "write `return gradients, of_variables`"
            )
        return answer[0], list(answer[1])

    def _check_answer(self, answer: object, inputs: list[Tensor], what: str) -> list[Tensor | None]:
        """The gradients in a rule's answer, a tensor or None for each input."""
        leaves = nest.flatten(answer) if nest.is_nest(answer) else [answer] if inputs else []
        if len(leaves) != len(inputs):
            raise ValueError(
                f"the gradient function of {self.name} answers {len(leaves)} gradients for {len(inputs)} {what}; "
                "answer one for each, None where nothing flows"
            )
        gradients = [None if leaf is None else as_tensor(leaf) for leaf in leaves]
        for position, (gradient, tensor) in enumerate(zip(gradients, inputs)):
            if gradient is not None and gradient.shape != tensor.shape:
                raise GradientShapeError(
                    f"the gradient function of {self.name} answers a gradient of shape {shapes.show(gradient.shape)} "
                    f"for an argument of shape {shapes.show(tensor.shape)}; answer one of the same shape",
                    position,
                    gradient.shape,
                    tensor.shape,
                )
        return gradients


FUNCTIONS: dict[str, Callable[..., object]] = {
    "custom_gradient": custom_gradient, "grad_pass_through": grad_pass_through, "no_gradient": no_gradient,
}  # fmt: skip
