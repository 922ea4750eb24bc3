"""Ratios against other libraries and code by hand, as the page of the documentation has them.

Not part of the timed tests: ``python -m pytest tests/benchmarks/bench_peers.py``. A ratio is far from its bar only
where something got slower; the machine's other work moves it less.
"""

import pytest

from tests.benchmarks.measures import SECTIONS

pytestmark = pytest.mark.unchecked

SLACK = 1.5
"""How much more than its bar a ratio may be on a busy machine."""


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_ratios(section, benchmark):
    rows = benchmark.pedantic(lambda: list(section()), rounds=1)
    benchmark.extra_info.update({f"{row.what} against {row.peer}": row.ratio for row in rows})
    assert [row for row in rows if row.ratio > SLACK * row.bar] == []
