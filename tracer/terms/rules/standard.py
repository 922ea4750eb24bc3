"""The rules that hold in every reading, in the order in which they are tried."""

from __future__ import annotations

from tracer.terms.normalise import RuleTable
from tracer.terms.rules.branch_rules import BRANCHES
from tracer.terms.rules.choice_rules import CHOICES
from tracer.terms.rules.condition_rules import CONDITIONS
from tracer.terms.rules.declared_rules import DECLARED
from tracer.terms.rules.determinant_rules import DETERMINANTS
from tracer.terms.rules.extreme_rules import EXTREMES
from tracer.terms.rules.function_rules import FUNCTIONS
from tracer.terms.rules.integer_rules import INTEGERS
from tracer.terms.rules.mask_rules import MASKS
from tracer.terms.rules.matrix_rules import MATRICES
from tracer.terms.rules.normal_rules import NORMAL
from tracer.terms.rules.overlap_rules import OVERLAPS
from tracer.terms.rules.pooling_rules import POOLING
from tracer.terms.rules.projector_rules import PROJECTORS
from tracer.terms.rules.quotient_rules import QUOTIENTS
from tracer.terms.rules.resolvent_rules import RESOLVENTS
from tracer.terms.rules.scan_rules import SCANS
from tracer.terms.rules.selection_rules import SELECTIONS
from tracer.terms.rules.softmax_rules import SOFTMAX
from tracer.terms.rules.stack_rules import STACKS
from tracer.terms.rules.total_rules import TOTALS
from tracer.terms.rules.triangle_rules import TRIANGLES

FAMILIES = (
    DECLARED,
    PROJECTORS,
    TRIANGLES,
    SELECTIONS,
    FUNCTIONS,
    INTEGERS,
    NORMAL,
    QUOTIENTS,
    MASKS,
    CONDITIONS,
    EXTREMES,
    BRANCHES,
    CHOICES,
    SCANS,
    POOLING,
    OVERLAPS,
    TOTALS,
    SOFTMAX,
    MATRICES,
    DETERMINANTS,
    RESOLVENTS,
    STACKS,
)

STANDARD = RuleTable(rule for family in FAMILIES for rule in family)
