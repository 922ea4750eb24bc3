"""The NumPy backend."""

from __future__ import annotations

from tracer.backends.array_code import FUNCTIONS, KINDS, ArrayTemplates, list_whole
from tracer.backends.python_source import PythonBackend

TEMPLATES = ArrayTemplates(FUNCTIONS, list_whole)
NUMPY = PythonBackend("numpy", TEMPLATES, KINDS, arrays=True)
