"""Runs the tests that reach a fault, each fault in a process of its own.

Tests are collected once. Each fault is planted in a copy of this process, which costs milliseconds, and the tests that
reach its place run there until one fails.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import pickle
import resource
import signal
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from .planting import by_place, changed_rules, forget_templates, is_table, observe, plant, replace_rules
from .targets import Fault, Module, live_functions

MEMORY = 6 * 2**30
"""What a process with a fault may take, in bytes."""


class Reach(NamedTuple):
    """What one test does without a fault: how long it takes, and the places that it comes to.

    ``source`` is a checksum of the test's file.
    """

    seconds: float
    passed: bool
    sites: frozenset[Any]
    source: int


class Outcome(NamedTuple):
    """What becomes of a fault."""

    name: str
    killed: bool
    by: str
    tests: int
    seconds: float


class Session:
    """A plugin of pytest that takes the place of its loop.

    Parameters
    ----------
    modules : list of Module
    faults : list of Fault
        Those to plant, in this order.
    everything : list of Fault
        Those whose places are looked for.
    reach : path
        Where it is kept what tests come to; tests that are not in it, and those whose file was changed since, run once
        without a fault.
    budget : float
        How many seconds of tests are tried on one fault.
    report : callable
        Is given each outcome.
    """

    def __init__(
        self,
        modules: list[Module],
        faults: list[Fault],
        everything: list[Fault],
        reach: Path,
        budget: float,
        report: Callable[[Outcome], None],
    ) -> None:
        self.modules = {m.name: m for m in modules}
        self.faults, self.everything, self.budget, self.report = faults, everything, budget, report
        self.path = reach
        self.kills: Counter[tuple[str, str]] = Counter()
        self.alone: dict[str, bool] = {}

    def pytest_collection(self) -> None:
        """Let hypothesis draw the same each time, and write nothing down."""
        import hypothesis  # Not earlier: pytest rewrites what its plugins import.

        phases = hypothesis.Phase.explicit, hypothesis.Phase.generate
        parent = hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name())
        hypothesis.settings.register_profile("mutation", parent, derandomize=True, database=None, phases=phases)
        hypothesis.settings.load_profile("mutation")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Find what each test reaches, then try the faults."""
        self.live = by_place(live_functions())
        gc.collect()
        gc.freeze()
        self.items = {item.nodeid: item for item in session.items}
        reach: dict[str, Reach] = pickle.loads(self.path.read_bytes()) if self.path.exists() else {}
        self.sources = {path: zlib.crc32(path.read_bytes()) for path in {item.path for item in session.items}}
        missing = [
            item
            for name, item in self.items.items()
            if name not in reach or reach[name].source != self.sources[item.path]
        ]
        if missing:
            print(f"{len(missing)} tests run without a fault", flush=True)
            reach |= in_copy(lambda: self._observe(missing))[0]
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(pickle.dumps(reach))
        self.reach = {name: reach[name] for name in self.items if reach[name].passed}
        self.at: dict[Any, list[str]] = {}
        for name, found in self.reach.items():
            for site in found.sites | {function_of(s) for s in found.sites if isinstance(s, str)}:
                self.at.setdefault(site, []).append(name)
        for fault in self.faults:
            self.report(self._try(fault))
        return True

    def _observe(self, items: Sequence[pytest.Item]) -> dict[str, Reach]:
        """Run tests without a fault."""
        sites: set[Any] = set()
        observe(self.everything, self.modules, self.live, sites.add)
        found = {}
        for item, after in zip(items, [*items[1:], None]):
            forget_templates()
            sites.clear()
            start = time.process_time()
            passed = passes(item, after)
            seconds, source = time.process_time() - start, self.sources[item.path]
            found[item.nodeid] = Reach(seconds, passed, frozenset(sites), source)
        return found

    def _try(self, fault: Fault) -> Outcome:
        start = time.process_time() + sum(os.times()[2:4])
        found, how = in_copy(lambda: self._run_tests(fault))
        seconds = time.process_time() + sum(os.times()[2:4]) - start
        if how:
            outcome = Outcome(fault.name, True, how, 0, seconds)
        else:
            killed, by, tests = found
            outcome = Outcome(fault.name, killed, by, tests, seconds)
        if outcome.by in self.items:
            if not self._passes_alone(outcome.by):
                del self.reach[outcome.by]
                return self._try(fault)
            self.kills[fault.module, outcome.by] += 1
        return outcome

    def _passes_alone(self, name: str) -> bool:
        """Whether a test passes without a fault when no other test ran before."""
        if name not in self.alone:
            self.alone[name] = in_copy(lambda: passes(self.items[name], None)) == (True, "")
        return self.alone[name]

    def _run_tests(self, fault: Fault) -> tuple[bool, str, int]:
        """Whether a test fails, which one, and how many are run."""
        # A place that is new since the tests were observed is reached, perhaps, by those that reach its function.
        sites: list[Any] = [fault.site if fault.site in self.at else function_of(fault.site)]
        module = self.modules[fault.module]
        try:
            if is_table(fault):
                fault.mutant.plant()
                names = [old.name for old, _ in changed_rules(module)]
                if not names:
                    return False, "the same table", 0
                replace_rules(module)
                sites = [(what, name) for what in ("applied", "asked") for name in names]
            else:
                plant(fault, module, self.live)
        except Exception as error:
            return True, f"{type(error).__name__} where it is imported", 0
        tests = self._order(fault, sites)
        for k, (name, after) in enumerate(zip(tests, [*tests[1:], None])):
            # What never ends is stopped by a signal.
            signal.setitimer(signal.ITIMER_VIRTUAL, 5 + 10 * self.reach[name].seconds)
            if not passes(self.items[name], self.items[after] if after else None):
                return True, name, k + 1
        return False, "" if tests else "no test reaches it", len(tests)

    def _order(self, fault: Fault, sites: Sequence[Any]) -> list[str]:
        """The tests that reach a fault, within the budget.

        First those that found others in the module, then those of the module, and of these the quick ones.
        """
        stem = fault.module.rpartition(".")[2]
        names = dict.fromkeys(name for site in sites for name in self.at.get(site, ()) if name in self.reach)
        place = {name: k for k, site in enumerate(reversed(sites)) for name in self.at.get(site, ())}

        def urgency(name: str) -> tuple[Any, ...]:
            return -self.kills[fault.module, name], -place[name], stem not in name, self.reach[name].seconds, name

        found = sorted(names, key=urgency)
        spent = itertools.accumulate(self.reach[name].seconds for name in found)
        return [name for name, seconds in zip(found, spent) if seconds <= self.budget]


def function_of(site: str) -> str:
    """The function in which a place is, by their names."""
    return site.partition(": `")[0]


def passes(item: Any, after: pytest.Item | None) -> bool:
    """Whether a test passes. No report is made of a failure, which would take longer than most tests."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        if hasattr(item, "_request") and not item._request:
            item._initrequest()
        hook, passed = item.ihook, True
        for step in (
            hook.pytest_runtest_setup,
            hook.pytest_runtest_call,
            partial(hook.pytest_runtest_teardown, nextitem=after),
        ):
            try:
                if passed or step is not hook.pytest_runtest_call:
                    step(item=item)
            except pytest.skip.Exception:
                pass
            except (Exception, pytest.fail.Exception):
                passed = False
        return passed


def in_copy(run: Callable[[], Any]) -> tuple[Any, str]:
    """What a function answers in a copy of this process; and how that ended, if it did not answer."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reader)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            with os.fdopen(writer, "wb") as stream:
                pickle.dump(run(), stream)
        except BaseException as error:
            print(repr(error), file=sys.__stderr__, flush=True)
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None, "time" if os.WTERMSIG(status) == signal.SIGVTALRM else f"signal {os.WTERMSIG(status)}"
    return (pickle.loads(answer), "") if answer else (None, "an end of the process")
