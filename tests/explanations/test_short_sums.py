"""Sums of few summands are written out, others stay; sums keep their bound symbols."""

import sympy

from tracer.explanations.short_sums import evaluate, write_out


def test_sums_are_evaluated_or_written_out():
    k = sympy.Symbol("k", integer=True)
    t = sympy.IndexedBase("t")
    assert evaluate(sympy.Add(t[0], t[0], evaluate=False)) == 2 * t[0]
    assert write_out(sympy.Sum(t[k], (k, 0, 2))) == t[0] + t[1] + t[2]
    whole = sympy.Sum(t[k], (k, 0, 1000))
    assert write_out(whole) == whole
