"""How a gradient comes about, step by step, as it is written on a blackboard."""

from __future__ import annotations

from tracer.explanations.blackboard import Blackboard
from tracer.explanations.lecture import Derivation as Derivation
from tracer.explanations.lecture import Step as Step
from tracer.nest import shown
from tracer.tensor import Tensor, as_tensor


def derivation(tensor: Tensor) -> Derivation:
    """How a gradient comes about, step by step.

    Parameters
    ----------
    tensor : Tensor
        What ``gradients``, ``tape.gradient``, ``grad`` or a function of ``vjp`` answered.

    Returns
    -------
    Derivation
        A sequence of steps, one rule each: names for the values between source and target, then the gradients by them,
        at the end the formula of the tensor. ``print`` shows it, and so does a notebook.

    Raises
    ------
    TypeError
        If it is no tensor.
    ValueError
        If the tensor is no gradient, it has no formula, or its program has more than 300 operations.

    Examples
    --------
    >>> import tracer
    >>> X, w = tracer.placeholder("X", ("n", "m")), tracer.placeholder("w", ("m",))
    >>> steps = tracer.derivation(tracer.gradients(tracer.reduce_sum((X @ w) ** 2), w)[0])
    >>> steps[-3].text, steps[-3].rule
    ('dw = X.T*dz1', 'by (1): matrix product rule, the transpose of the left factor times it')
    >>> print(steps[-1].formula)
    2*X.T*X*w
    """
    if tensor is None:
        raise TypeError(
            "derivation takes a gradient, got None: the source is not connected to the target; "
            "tracer.explain(target, source) says why"
        )
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"derivation takes one gradient, a tensor, got {shown(tensor)}; write derivation(gradients(y, x)[0])"
        )
    given = as_tensor(tensor)
    if given.derived is None:
        raise ValueError(
            f"{given.name} is no gradient that gradients, tape.gradient, grad or vjp computed: it is a value, zeros "
            "for a source that is not connected, the output gradient unchanged, or a Jacobian or Hessian; for a row of "
            "a Jacobian, derive the gradient of one element, derivation(gradients(y[i], x)[0])"
        )
    return Blackboard(given, given.derived).derive()
