"""The standard rules are the families, each once, in the order in which they are tried."""

from itertools import chain

from tracer.terms.rules import (
    branch_rules,
    choice_rules,
    condition_rules,
    declared_rules,
    determinant_rules,
    extreme_rules,
    function_rules,
    integer_rules,
    mask_rules,
    matrix_rules,
    normal_rules,
    overlap_rules,
    pooling_rules,
    projector_rules,
    quotient_rules,
    resolvent_rules,
    scan_rules,
    selection_rules,
    softmax_rules,
    stack_rules,
    total_rules,
    triangle_rules,
)
from tracer.terms.rules.standard import STANDARD

FAMILIES = (
    declared_rules.DECLARED,
    projector_rules.PROJECTORS,
    triangle_rules.TRIANGLES,
    selection_rules.SELECTIONS,
    function_rules.FUNCTIONS,
    integer_rules.INTEGERS,
    normal_rules.NORMAL,
    quotient_rules.QUOTIENTS,
    mask_rules.MASKS,
    condition_rules.CONDITIONS,
    extreme_rules.EXTREMES,
    branch_rules.BRANCHES,
    choice_rules.CHOICES,
    scan_rules.SCANS,
    pooling_rules.POOLING,
    overlap_rules.OVERLAPS,
    total_rules.TOTALS,
    softmax_rules.SOFTMAX,
    matrix_rules.MATRICES,
    determinant_rules.DETERMINANTS,
    resolvent_rules.RESOLVENTS,
    stack_rules.STACKS,
)


def test_every_family_is_there_once_and_whole():
    assert list(STANDARD) == list(chain(*FAMILIES))
    assert len({id(rule) for rule in STANDARD}) == len(list(STANDARD))
    assert all(FAMILIES)
