"""Gradients that public reports say were wrong, each as the rule that the framework had, and the mended one."""

from tests.testing.reported import arrays, elementwise, second_order

CONVENTIONS = elementwise.CONVENTIONS
REPORTS = [*elementwise.REPORTS, *arrays.REPORTS, *second_order.REPORTS]
