"""What every test has: fixed hypothesis settings, and a check of each node that a test records."""

import functools
import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tracer.checking import check, node_faults
from tracer.graph import live
from tracer.tensor import Tensor

settings.register_profile(
    "tracer", deadline=None, max_examples=40, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tracer")
os.environ.setdefault("TRACER_TRACEBACK", "full")

CROWD = 5000
"""How many more tensors may be left by tests before their garbage is collected."""
_kept = [0]
FEW = 300
"""Of how many nodes left alive the expressions are checked too."""


def pytest_configure(config):
    config.addinivalue_line("markers", "unchecked: tests of size and time, whose nodes are not checked one by one")


def pytest_collection_finish():
    """Leave what all tests share out of the search for garbage, which each look at the graph pays for."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _collector_enabled():
    yield
    gc.enable()
    if len(live) > _kept[-1] + CROWD:
        gc.collect()
        _kept.append(len(live))


@pytest.fixture(autouse=True)
def checked_trace(request, monkeypatch, _collector_enabled):
    """Check every node when it is recorded, and what is left of the graph in the end."""
    if request.node.get_closest_marker("unchecked"):
        yield
        return
    faults = []
    record = Tensor.__init__

    @functools.wraps(record)
    def recorded(self, *args, **kwargs):
        record(self, *args, **kwargs)
        faults.extend(f"{self.op} of {args}: {fault}" for fault in node_faults(self))

    monkeypatch.setattr(Tensor, "__init__", recorded)
    before = set(live)
    # Garbage of earlier tests is not to vanish while this one looks at the graph.
    gc.disable()
    yield
    assert not faults, "\n".join(faults)
    # The keys in one step: whatever allocates may collect garbage, and that takes keys away.
    left = [t for key in set(live) - before if (r := live.get(key)) is not None and (t := r()) is not None]
    if len(left) < FEW:
        check(left)
    assert all(a.node < t.node for t in left for a in t.args if isinstance(a, Tensor))
