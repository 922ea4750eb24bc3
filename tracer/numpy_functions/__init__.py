"""NumPy's functions and array methods, and SciPy's special functions, over tensors, with NumPy's signatures.

One module a family; each function enters a table, from which :mod:`tracer.protocols` takes it when NumPy dispatches.
The package is imported at the first of these calls.
"""

from tracer.numpy_functions.methods import METHODS, PROPERTIES
from tracer.numpy_functions.signatures import FUNCTIONS
from tracer.numpy_functions.ufuncs import UFUNCS

__all__ = ["FUNCTIONS", "METHODS", "PROPERTIES", "UFUNCS"]
