"""A fault that is planted is there: in functions that are alive, in tables of rewrites, and in nothing else."""

import ast
import builtins
import textwrap

import pytest

import tracer
from tracer.rules import TABLE, Elementwise
from tracer.terms.rule import Procedure, Rule
from tracer.terms.rules import standard

from .operators import mutants
from .planting import by_place, compile_statement, is_table, observe, plant, replace_rules
from .report import score, state, table
from .session import Outcome
from .targets import GRADIENTS, REWRITES, SHAPES, Module, all_faults, live_functions


@pytest.fixture(scope="module")
def faults():
    given = [
        Module(f"tracer.{name}") for name in ("ops.scan", "ops.elementwise", "shapes", "terms.rules.function_rules")
    ]
    return {m.name: m for m in given}, {f.name: f for f in all_faults(given)}


@pytest.fixture
def planted(faults):
    """Plants faults by their names, and takes them out again."""
    modules, named = faults
    kept = [(f, f.__code__) for f in live_functions()]
    rules = [(rule, dict(vars(rule))) for rule in standard.STANDARD]

    def plant_named(name):
        fault = named[name]
        module = modules[fault.module]
        if is_table(fault):
            fault.mutant.plant()
            replace_rules(module)
        else:
            plant(fault, module, by_place(f for f, _ in kept))

    yield plant_named
    for function, code in kept:
        if function.__code__ is not code:
            function.__code__ = code
    for rule, values in rules:
        vars(rule).clear()
        vars(rule).update(values)
    standard.STANDARD.__init__(standard.STANDARD.rules)
    for op in TABLE.values():
        if isinstance(op, Elementwise):
            op._steps.clear()


def after(source):
    (root,) = ast.parse(textwrap.dedent(source)).body
    return [mutant.after for mutant in mutants(root)]


def test_what_takes_the_place_of_an_expression():
    assert after("y = -x @ A.T") == ["-x * A.T", "A.T @ -x", "-x", "A.T", "x", "A"]
    assert after("if a < 1 and b: y += 2")[:5] == [
        "not (a < 1 and b)", "a < 1 or b", "b", "a < 1", "a >= 1",
    ]  # fmt: skip
    assert after("y = f(a, b, axis=0)")[:4] == ["a", "f(b, a, axis=0)", "f(a, axis=0)", "f(a, b)"]
    assert after("if not x: raise ValueError(1 + 2)") == ["not not x", "False", "x"]
    assert after("x: int = 1") == ["2", "0"]
    assert after("y = 'a' + b") == []


GRADIENT = "tracer.ops.scan._cumsum_pullback: `not backwards` -> `backwards`"
PARTIAL = "tracer.ops.elementwise.tanh: `1 - OUT ** 2` -> `1 + OUT ** 2`"
SHAPE = "tracer.shapes.normalize_axis: `return value % rank` -> `return value`"
REWRITE = "tracer.terms.rules.function_rules: `-SOFTPLUS(-x)` -> `SOFTPLUS(-x)`"


def test_faults_of_each_kind_are_found(faults):
    named = faults[1]
    assert [named[name].kind for name in (GRADIENT, PARTIAL, REWRITE)] == [GRADIENTS, GRADIENTS, REWRITES]
    assert {f.kind for f in named.values() if f.module == "tracer.shapes"} == {SHAPES}


def test_a_fault_in_a_gradient_rule(planted):
    x = tracer.placeholder("x", (3,))
    planted(GRADIENT)
    (gradient,) = tracer.gradients(tracer.cumsum(x)[0], [x])
    assert gradient.numpy().tolist() == [1, 1, 1]


def test_a_fault_in_a_shape_rule(planted):
    planted(SHAPE)
    assert tracer.shapes.normalize_axis(-1, 3) == -1


def test_a_fault_in_a_stated_derivative(planted):
    x = tracer.placeholder("x")
    planted(PARTIAL)
    assert str(tracer.gradients(tracer.tanh(x), [x])[0].formula()) == "tanh(x)**2 + 1"


@pytest.mark.unchecked
def test_a_fault_in_a_rewrite(planted):
    x = tracer.placeholder("x", ("n",))
    assert str(tracer.math.log(tracer.sigmoid(x)).formula()) == "-softplus(-x)"
    planted(REWRITE)
    assert str(tracer.math.log(tracer.sigmoid(x)).formula()) == "softplus(-x)"


def test_a_place_is_reached_though_it_raises(planted, monkeypatch):
    for kind in (Rule, Procedure):
        monkeypatch.setattr(kind, "apply", kind.apply)
    monkeypatch.setattr(builtins, "_reached", None, raising=False)
    module = Module("tracer.shapes")
    sites = set()
    observe(all_faults([module]), {module.name: module}, by_place(live_functions()), sites.add)
    with pytest.raises(TypeError, match="must be an int"):
        tracer.shapes.integer("a", "it")
    assert sites == {"tracer.shapes.integer: `return _index(value)` -> `return None`"}


def test_every_fault_of_a_module_compiles(faults):
    modules, named = faults
    for fault in list(named.values())[::40]:
        old = fault.mutant.old
        fault.mutant.plant()
        compile_statement(fault.statement, modules[fault.module].path)
        planted = fault.mutant.old
        assert planted is not old
        value = getattr(fault.mutant.parent, fault.mutant.field)
        if fault.mutant.index is None:
            setattr(fault.mutant.parent, fault.mutant.field, old)
        else:
            value[fault.mutant.index] = old


def test_the_table_counts_what_is_known(faults):
    chosen = [f for f in faults[1].values() if f.module == "tracer.shapes"][:4]
    outcomes = {f.name: Outcome(f.name, k == 0, "", 1, 0.1) for k, f in enumerate(chosen[:3])}
    why = {chosen[1].name: "a reason"}
    assert [state(f, outcomes, why) for f in chosen] == ["killed", "equivalent", "survived", "unknown"]
    assert table(chosen, outcomes, why)[-1] == "| `shapes` | 3 | 1 | 1 | 1 | 50.0 % |"
    assert score({"killed": 0, "survived": 0}) == ""
