"""Checks of all that a test traces, reads and evaluates: each node, each formula, each value's shape and dtype."""

import gc
import itertools
import math

import numpy as np
import pytest
import sympy

from tests.stated import line_faults, misstated
from tracer import tensor as tensors_module
from tracer.alive import live
from tracer.backends import compilation, evaluation
from tracer.checking import check, node_faults
from tracer.formulas import reading
from tracer.formulas.assuming import assumed
from tracer.formulas.budget import FORMULA
from tracer.formulas.errors import FormulaError
from tracer.formulas.notations.where import Where
from tracer.formulas.reading import own_expression
from tracer.nest import flatten
from tracer.program.lines import LEAVES
from tracer.tensor import SOURCES, Tensor
from tracer.terms.work import Budget
from tracer.testing.verification import compare
from tracer.walk import ancestors

MOST_NODES, MOST_ELEMENTS = 1500, 10_000
"""Formulas of longer programs, of programs of larger concrete sources, and under assumptions, are left out."""
LONGEST = 400
"""Programs of more lines are not looked at line by line."""
CROWD = 5000
"""How many more tensors may be left by tests before their garbage is collected."""
FEW = 300
"""Of how many nodes left alive the expressions are checked too."""

MATRIX = reading.FORMS["matrix"]
WATCHED = [*((reading.FORMS, form) for form in ("matrix", "latex", "python", "where")), (reading.SHOWN, "shorter")]
"""The forms that are verified, with the tables that they stand in."""

_found: list[str] = []
_formulas: dict[tuple[int, ...], object] = {}
"""Those in matrix form that were evaluated since the test began, by the nodes of their tensors."""
_builders: dict[tuple[object, ...], object] = {}
"""What makes the expressions of operations, by what these are."""
_sound: set[tuple[object, ...]] = set()
"""Nodes, by what a check of them looks at, and programs with the shapes that they were run with, without fault."""
_patches = pytest.MonkeyPatch()


class _Test:
    """The test that runs."""

    checked = False
    newest = -1
    """The last node that was recorded before it."""
    kept = 0
    """How many tensors were left when garbage was collected last."""


def start(checked):
    """Begin a test, of which nothing is looked at if it is not checked."""
    if checked != _Test.checked:
        _Test.checked = checked
        _install() if checked else _patches.undo()
    if len(live) > _Test.kept + CROWD:
        gc.collect()
        gc.freeze()  # What is left has been looked at, and is left out of the next search.
        _Test.kept = len(live)
    _found.clear()
    _formulas.clear()
    _Test.newest = next(reversed(live), -1)
    # Garbage of earlier tests is not to vanish while this one looks at the graph.
    gc.disable()


def stop():
    """End a test."""
    gc.enable()


def faults():
    """What was wrong since the test began, and is wrong with what is left of the graph."""
    if not _Test.checked:
        return []
    gc.disable()
    since = itertools.takewhile(_Test.newest.__lt__, reversed(live))
    left = [t for key in list(since) if (r := live.get(key)) is not None and (t := r()) is not None]
    if len(left) < FEW:
        _write_expressions(left)
        try:
            check(left)
        except ValueError as error:
            _found.append(str(error))
    _found.extend(
        f"{t.name} is older than {a.name}, its argument"
        for t in left
        for a in t.args
        if isinstance(a, Tensor) and a.node >= t.node
    )
    return list(_found)


def _write_expressions(tensors):
    """Make the expressions of nodes, which are asked for next: how that of an operation is made is found once for all.

    A tensor that is read finds it anew each time, which is most of the time that a check takes.
    """
    for t in tensors:
        if t.expression is None and t.args:
            t.expression = own_expression(t, builders=_builders)


def _install():
    for table, form in WATCHED:
        _patches.setitem(table, form, _verified(form, table[form]))
    _patches.setattr(tensors_module, "_ref", _recorded(tensors_module._ref))
    _patches.setattr(evaluation, "run", _ran(evaluation.run))
    lent = tensors_module.lent
    _patches.setattr(tensors_module, "lent", lent._replace(evaluate=_evaluated(evaluation.evaluate)))
    _patches.setattr(compilation.Compiled, "__call__", _called(compilation.Compiled.__call__))


def _recorded(refer):
    """Check every node when it is recorded, which ends with a weak reference to it."""

    def recorded(tensor):
        operands = [(type(a), a.shape, a.dtype) if isinstance(a, Tensor) else (type(a), a) for a in tensor.args]
        value = None if tensor.args else np.shape(tensor.value)
        # Not the rule itself: one of a user, which is kept only as long as it is used, would be found again.
        template = getattr(tensor.rule, "template", None)
        key = (tensor.op, template, tensor.params, tensor.shape, tensor.dtype, value, *operands)
        _look_once(key, lambda: [f"{tensor.op} of {tensor.args}: {fault}" for fault in node_faults(tensor)])
        return refer(tensor)

    return recorded


def _look_once(key, look):
    """Note what a look finds, which has to be repeated for no other thing of the same key where it finds nothing."""
    try:
        known = key in _sound
    except TypeError:  # Parameters that are arrays.
        _found.extend(look())
        return
    if not known:
        faults = look()
        _found.extend(faults)
        if not faults:
            _sound.add(key)


def _verified(form, read):
    """Evaluate every formula in matrix form, or the one that another text was made from, once in a test."""

    def verified(tensors, budget, **options):
        answers = read(tensors, budget, **options)
        nodes = tuple(t.node for t in tensors)
        if nodes in _formulas and (form != "matrix" or answers == _formulas[nodes]):
            return answers
        formulas = _in_matrix_form(form, tensors, answers) if _small(tensors) else None
        if formulas is not None:
            try:
                compare(formulas, tensors, trials=1)
            except Exception as error:
                _found.append(f"{type(error).__name__}: {error}")
            _formulas[nodes] = formulas
        return answers

    return verified


def _small(tensors):
    nodes = ancestors(tensors)
    sizes = [math.prod(d for d in t.shape if isinstance(d, int)) for t in nodes if t.rule in SOURCES]
    return len(nodes) <= MOST_NODES and sum(sizes) <= MOST_ELEMENTS and not assumed()


def _in_matrix_form(form, tensors, answers):
    if form == "matrix":
        return answers
    if isinstance(answers, Where) and not answers.parts:
        return answers.bodies
    try:
        return MATRIX(tensors, Budget(FORMULA))
    except FormulaError:
        return None


def _ran(run):
    """Every value on the way through a program has its line's shape and dtype."""

    def ran(program, values, sizes, refused=None):
        results = run(program, values, sizes, refused)
        if refused is not None:
            return results  # what is refused has no lines to look at
        leaves = {line: value for line, value in values.items() if line.op in LEAVES}
        if sum(map(np.size, leaves.values())) <= MOST_ELEMENTS and len(program.lines) <= LONGEST:
            lines = [(line.op, line.params, line.shape, line.dtype) for line in program.lines]
            shapes = [(line.dtype, np.shape(value)) for line, value in leaves.items()]
            _look_once((*lines, *shapes), lambda: list(line_faults(program, leaves, sizes)))
        for line, value in zip(program.results, results):
            if type(line) is evaluation.Line and (fault := misstated(value, line.shape, line.dtype, sizes)):
                _found.append(f"a result: {fault}")
        return results

    return ran


def _evaluated(evaluate):
    """Every value that is evaluated has its tensor's shape and dtype."""

    def evaluated(tensor, feed):
        value = evaluate(tensor, feed)
        if fault := misstated(value, tensor.shape, tensor.dtype, {}):
            _found.append(f"{tensor.name}: {fault}")
        return value

    return evaluated


def _called(call):
    """Every value that is compiled has its tensor's shape and dtype."""

    def called(self, *values):
        results = call(self, *values)
        sizes = {}
        for tensor, value in zip(self._inputs, values):
            sizes.update((d, n) for d, n in zip(tensor.shape, np.shape(value)) if isinstance(d, sympy.Symbol))
        for tensor, value in zip(self._outputs, flatten(results)):
            if fault := misstated(value, tensor.shape, tensor.dtype, sizes):
                _found.append(f"{tensor.name}, compiled: {fault}")
        return results

    return called
