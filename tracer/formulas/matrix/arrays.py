"""Contractions and what is made of them as array expressions, for what has more than two axes on the way."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from tracer.formulas.matrix.array_products import OneArray, multiply_arrays, scale_array
from tracer.formulas.matrix.classes import Identity
from tracer.formulas.matrix.constructors import scalar_product
from tracer.formulas.matrix.network import Network


def contract_arrays(network: Network) -> sympy.Expr:
    """A network as a contraction of what it can't be reduced to."""
    network.reduce()
    factors, labels, out = _label_factors(network)
    c = scalar_product(*network.scalars)
    return scale_array(c, multiply_arrays(labels, out, factors)) if factors else c


def _label_factors(network: Network) -> tuple[list[sympy.Expr], list[Sequence[int]], list[int]]:
    """The arrays of a reduced network, the labels of the axes of each, and those of the result, each once.

    A label that the result has twice is joined to a new one by an identity matrix; one that only the result has is that
    of an array of ones.
    """
    factors: list[sympy.Expr] = []
    labels: list[Sequence[int]] = []
    for part, word in network.open_parts():
        factors.append(part)
        labels.append(tuple(word))
    out = list(network.out)
    fresh = max([*(k for word in labels for k in word), *out, 0]) + 1
    for p, k in enumerate(out):
        if k in out[:p]:
            factors.append(Identity(network.sizes[k]))
            labels.append((k, fresh))
            out[p] = fresh
            fresh += 1
    missing = [k for k in out if not any(k in word for word in labels)]
    factors += [OneArray(network.sizes[k]) for k in missing]
    return factors, [*labels, *((k,) for k in missing)], out
