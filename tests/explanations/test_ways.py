"""Explanations of gradients, compared with the gradients themselves on random programs, and read case by case."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tracer
from tests.conformance import programs, tapes
from tests.explanations.reference import Program
from tracer import nest
from tracer.explanations.ways import Reason
from tracer.recording import recorded
from tracer.tape import UnconnectedGradients, gradients_of


def check_explanations(tape, target, sources):
    """Compare explanations with gradients: connected or not, ways along edges, cuts on ways that lead to the source."""
    gradients = gradients_of(target, sources, None, UnconnectedGradients.NONE, *recorded(tape.recording))
    connections = nest.flatten(tape.explain(target, sources))
    for source, gradient, connection in zip(nest.flatten(sources), nest.flatten(gradients), connections, strict=True):
        assert connection.connected == (gradient is not None), str(connection)
        assert (connection.reason is Reason.CONNECTED) == connection.connected
        assert bool(connection.path) == connection.connected
        assert connection.cuts == (() if connection.connected else connection.blocked)
        assert connection.connected or bool(connection.cuts) == (connection.reason is not Reason.NO_PATH)
        graph = source.graph
        assert all(a in graph.pred[b] for a, b in zip(connection.path, connection.path[1:]))
        assert str(connection)


class ExplainedTape(tracer.GradientTape):
    """A tape that explains each gradient before it is asked for."""

    def gradient(self, target, sources, *args, **kwargs):
        if self._recording is not None:
            check_explanations(self, target, sources)
        return super().gradient(target, sources, *args, **kwargs)

    gradient.is_concise = True


class Namespace:
    """tracer with explained tapes."""

    GradientTape = ExplainedTape

    def __getattr__(self, name):
        return getattr(tracer, name)


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_explanations_agree_with_gradients_over_lives_of_tapes(seed):
    tapes.run(tapes.generate(seed), Namespace())


@given(st.integers(0, 10**6))
@settings(max_examples=12, deadline=None)
def test_explanations_agree_with_gradients_over_operations(seed):
    programs.run(programs.generate(seed), Namespace())


@pytest.mark.parametrize("first", range(0, 150, 15))
def test_cuts_are_those_of_an_enumeration_of_all_ways(first):
    for seed in range(first, first + 15):
        program = Program(seed)
        for target, source in program.pairs():
            connection = program.explain(target, source)
            gradient = program.tape.gradient(target.tensor, program.handle(source))
            said = f"seed {seed}: {target.key} by {source.key}"
            assert connection.connected == (gradient is not None), said
            assert len(set(connection.blocked)) == len(connection.blocked), said
            assert set(connection.blocked) == program.cuts(target, source), said
            assert str(connection), said
