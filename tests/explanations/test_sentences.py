"""What is said of a node that blocks: its name, its line, what it does, and what to write instead."""

import re

import pytest

import tracer
from tracer.explanations import sentences
from tracer.explanations.connections import Reason
from tracer.explanations.sentences import (
    BLAMES,
    LIFE,
    OPERATIONS,
    blame_operation,
    blame_stop,
    find_names,
    short_title,
    tell_cuts,
    title,
    title_with_line,
)
from tracer.rules import TABLE

x = tracer.symbols("x")
v = tracer.placeholder("v", (3,))


@tracer.custom_gradient
def answers_none(t):
    return t * 1.0, lambda cotangent: None


with tracer.no_gradient():
    HIDDEN = x * x

BLAMED = [
    (blame_stop, tracer.stop_gradient(x), "counts as a constant", "Take the stop_gradient away"),
    (blame_stop, HIDDEN, "under no_gradient", "Move it out of the block"),
    (blame_operation, tracer.floor(x), "step function", "grad_pass_through(tracer.floor)(x)"),
    (blame_operation, tracer.argmax(v), "answers positions", "softmax(x)"),
    (blame_operation, tracer.zeros_like(v), "the shape of its operand alone", "the operand itself"),
    (blame_operation, tracer.cast(x, "int32"), "turns floats into int32", "Keep floats"),
    (blame_operation, x > 0, "true or false", "where(condition, a, b)"),
    (blame_operation, tracer.cast(x, "int64") + 1, "is of dtype int64", "Compute with floats"),
    (blame_operation, answers_none(x), "a gradient rule of its own", "Return a gradient"),
]


@pytest.mark.parametrize(("blame", "tensor", "fact", "advice"), BLAMED)
def test_a_fact_and_an_advice_fit_the_operation(blame, tensor, fact, advice):
    said = blame(tensor, None)
    assert fact in said.fact
    assert advice in said.advice


def test_every_reason_that_blocks_has_its_words():
    assert {*BLAMES} == {r.name for r in Reason} - {"CONNECTED", "NO_PATH"}


def test_every_operation_of_the_table_is_there():
    assert {name for name in OPERATIONS if name not in TABLE} <= {"cast", "shape", "size", "rank", "zeros_like"}


def test_facts_end_no_sentence_and_advice_begins_one():
    for fact, advice in (*OPERATIONS.values(), *LIFE.values()):
        assert fact[0].islower()
        assert advice[0].isupper()
        assert not fact.endswith(".")
        assert not advice.endswith(".")


def early(tape):
    y = x * x
    with tape:
        tape.watch(x)
    return y


def late(tape):
    with tape:
        tape.watch(x)
    return x * x


def paused(tape):
    with tape:
        tape.watch(x)
        with tape.stop_recording():
            return x * x


def reset(tape):
    with tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        return y


@pytest.mark.parametrize(
    ("program", "moment"),
    [
        (early, "before the tape"),
        (late, "after the tape"),
        (paused, "under stop_recording"),
        (reset, "before the reset"),
    ],
)
def test_a_node_that_was_not_recorded_is_placed_in_the_life_of_the_tape(program, moment):
    tape = tracer.GradientTape(persistent=True)
    y = program(tape)
    assert sentences.locate_in_life(y, tape._recording) == moment
    assert sentences.blame_recording(y, tape._recording) == LIFE[moment]
    assert sentences.name_cut(y, "NOT_RECORDED", tape._recording) == moment


def test_a_tensor_is_named_by_the_variable_that_holds_it():
    held = tracer.sin(x, name="wave")
    names = find_names([held.node])
    assert title(held, names) == "held (wave)"
    assert short_title(held, names) == "held"
    assert title(held, {}) == short_title(held, {}) == "wave"
    assert re.fullmatch(r"held \(wave\) at test_sentences\.py:\d+", title_with_line(held, names))


@pytest.mark.parametrize(
    ("count", "subject"),
    [(1, "s0"), (2, "each of s0 and s1"), (3, "each of s0, s1 and s2"), (4, "each of s0, s1 and 2 more")],
)
def test_cuts_of_one_kind_are_told_in_one_sentence(count, subject):
    cuts = [(tracer.floor(x, name=f"s{k}"), "NOT_DIFFERENTIABLE") for k in range(count)]
    told = tell_cuts([*cuts, (tracer.stop_gradient(x), "STOP_GRADIENT")], None, {})
    assert len(told) == 2
    assert re.sub(r" at test_sentences\.py:\d+", "", told[0]).startswith(f"{subject} is a step function")
