"""TensorFlow's ``tf.debugging``: checks of values, shapes and dtypes that say why they fail.

Shapes and dtypes are known at once. Values are checked where all sources that they depend on have one. What depends on
a placeholder has no value to check, as nothing has while TensorFlow traces a function; but the graph keeps no check to
run later. Check what ``eval`` answers; have every value checked by ``enable_check_numerics``; or ask
:func:`tracer.diagnose`, which searches for values that fail.
"""

from typing import TYPE_CHECKING

from tracer import namespaces
from tracer.debugging.comparisons import (
    Assert,
    assert_equal,
    assert_greater,
    assert_greater_equal,
    assert_less,
    assert_less_equal,
    assert_near,
    assert_negative,
    assert_non_negative,
    assert_non_positive,
    assert_none_equal,
    assert_positive,
)  # fmt: skip
from tracer.debugging.numerics import (
    assert_all_finite,
    check_numerics,
    disable_check_numerics,
    disable_source_lines,
    enable_check_numerics,
    enable_source_lines,
)  # fmt: skip
from tracer.debugging.static_checks import (
    assert_integer,
    assert_proper_iterable,
    assert_rank,
    assert_rank_at_least,
    assert_rank_in,
    assert_same_float_dtype,
    assert_scalar,
    assert_shapes,
    assert_type,
    is_numeric_tensor,
)  # fmt: skip

__all__ = [
    "Assert",
    "assert_all_finite",
    "assert_equal",
    "assert_greater",
    "assert_greater_equal",
    "assert_integer",
    "assert_less",
    "assert_less_equal",
    "assert_near",
    "assert_negative",
    "assert_non_negative",
    "assert_non_positive",
    "assert_none_equal",
    "assert_positive",
    "assert_proper_iterable",
    "assert_rank",
    "assert_rank_at_least",
    "assert_rank_in",
    "assert_same_float_dtype",
    "assert_scalar",
    "assert_shapes",
    "assert_type",
    "check_numerics",
    "disable_check_numerics",
    "disable_source_lines",
    "enable_check_numerics",
    "enable_source_lines",
    "is_numeric_tensor",
]
globals().update(namespaces.functions(__name__, {name: globals()[name] for name in __all__}))

if not TYPE_CHECKING:  # Checkers know what is here.
    __getattr__, __dir__ = namespaces.lookups(__name__)
