"""How much work formulas may take. The work is counted by the ``Budget`` that a reading is handed."""

from __future__ import annotations

FORMULA = 150_000
"""The work that a formula may take."""

PRINT = 30_000
"""The work that a formula may take where a tensor is printed, which can show its steps instead."""

PRINTED = 5
"""The work of printing a part of an expression as LaTeX or Python."""
