"""What every test and every example of the documentation has: what it traces, reads and evaluates is checked."""

import gc
import os
import sys
from importlib.util import find_spec

import pytest
from _pytest.runner import runtestprotocol

# What a library is needed for that is an extra.
collect_ignore = [f"tracer/{name}_runtime.py" for name in ("jax", "numba", "torch") if not find_spec(name)]


def pytest_addoption(parser):
    parser.addoption("--every-case", action="store_true", help="read back the text of all cases, not of a sample")


def pytest_configure(config):
    sys.dont_write_bytecode = False  # What a subprocess compiles is there for the next one.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    config.addinivalue_line("markers", "unchecked: tests of size and time, whose nodes are not checked one by one")


def pytest_collection_modifyitems(items):
    """Examples run where a function is defined, and not again where it is public."""
    items[:] = [item for item in items if not _is_repeated(getattr(item, "dtest", None))]


def _is_repeated(example):
    if example is None:
        return False
    module, _, name = example.name.rpartition(".")
    wrapped = getattr(vars(sys.modules[module]).get(name), "__wrapped__", None) if module in sys.modules else None
    return wrapped is not None and wrapped.__module__ != module


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage meanwhile: what is collected stays, and there is more of it with each look."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish():
    """Leave what all tests share out of the search for garbage, and look for it seldom: most of it is no cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    from tests import watching  # Not above: a process that only hands tests out to others traces nothing.

    watching.start(checked=item.get_closest_marker("unchecked") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A hook and no fixture: each fixture costs as much as many of the tests."""
    from tests import watching

    try:
        result = yield
        faults = watching.faults()
    finally:
        watching.stop()
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """Report the call of a test, and its other phases where they fail: each report is sent to another process."""
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True
