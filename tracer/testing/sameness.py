"""Two programs held against each other, in tests."""

from __future__ import annotations

from tracer.comparison.parameters import Input
from tracer.comparison.sides import Given
from tracer.comparison.verdicts import Comparison, compare


def assert_same(f: Given, g: Given, *inputs: Input) -> Comparison:
    """Check that two programs, or a program and a formula or function written by hand, are not known to differ.

    Parameters
    ----------
    f, g : callable, str, sympy expression, tensor or sequence of tensors
    *inputs : shape, array, placeholder or hypothesis strategy
        One for each parameter; see :func:`tracer.compare`.

    Returns
    -------
    Comparison
        What is known, which is a proof or an agreement at points.

    Raises
    ------
    AssertionError
        If they differ, the message shows the counterexample; or if there is no point at which both are finite.

    Examples
    --------
    >>> import tracer
    >>> gradient = tracer.grad(lambda x: tracer.reduce_sum(tracer.square(x)))
    >>> print(tracer.testing.assert_same(gradient, "2*x", ("n",)))
    Proved: their difference has the normal form zero.
    """
    answer = compare(f, g, *inputs)
    if not answer.agrees:
        raise AssertionError(str(answer))
    return answer
