"""Plants a fault in the library as it is imported: nothing is imported again, and no file is written."""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tracer.rules import TABLE, Elementwise
from tracer.terms.patterns import Pattern
from tracer.terms.rule import Procedure, Rule
from tracer.terms.rules import standard

from .operators import Mutant, put
from .targets import Fault, Module, Place, codes, place_of

Live = dict[Place, list[types.FunctionType]]
"""All functions of the process by the place of their code."""

COMPREHENSIONS = "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"


def by_place(functions: Iterable[types.FunctionType]) -> Live:
    """Functions by the place of their code, which they share if one statement made them."""
    found: Live = {}
    for f in functions:
        found.setdefault(place_of(f.__code__), []).append(f)
    return found


def plant(fault: Fault, module: Module, live: Live) -> None:
    """Let the functions that are alive have the fault."""
    before = function_codes(compile_statement(fault.statement, module.path))
    fault.mutant.plant()
    swap(before, function_codes(compile_statement(fault.statement, module.path)), live)
    forget_templates()


def is_table(fault: Fault) -> bool:
    """Whether a fault is in a table of rewrites, and not in a function."""
    return not fault.function


def compile_statement(statement: ast.stmt, path: str) -> types.CodeType:
    """The code of a statement of a module, as the module has it."""
    future = ast.parse("from __future__ import annotations").body
    return compile(ast.Module([*future, statement], []), path, "exec", dont_inherit=True)


def function_codes(code: types.CodeType) -> list[types.CodeType]:
    """The codes of functions and lambdas in a code, in their order."""
    return [c for c in codes(code) if c.co_name not in COMPREHENSIONS][1:]


def swap(before: list[types.CodeType], after: list[types.CodeType], live: Live) -> None:
    """Give the functions with one code another."""
    assert [c.co_name for c in before] == [c.co_name for c in after]
    for old, new in zip(before, after):
        if old != new:
            for function in live.get(place_of(old), ()):
                function.__code__ = new


def forget_templates() -> None:
    """Let elementwise rows derive their steps anew."""
    for op in TABLE.values():
        if isinstance(op, Elementwise):
            op._steps.clear()
            op._special.clear()
            op._answers.clear()


def replace_rules(module: Module) -> None:
    """Let the rewrites of the standard table be those of a changed module, under their names."""
    for old, new in changed_rules(module):
        name = old.name
        vars(old).clear()
        vars(old).update(vars(new), name=name)
    standard.STANDARD.__init__(standard.STANDARD.rules)


def changed_rules(module: Module) -> Iterator[tuple[Any, Any]]:
    """The rewrites of a module with those that its tree has in their place, if they differ."""
    fresh = types.ModuleType(module.name)
    exec(compile(module.tree, module.path, "exec"), vars(fresh))
    for name, value in vars(module.module).items():
        if isinstance(value, tuple) and name in vars(standard):
            for old, new in zip(value, vars(fresh)[name], strict=True):
                if not _is_same(old, new):
                    yield old, new


DERIVED: dict[type, set[str]] = {Pattern: {"names"}, Rule: {"name", "heads", "needs"}, Procedure: set()}
"""What is computed from the rest when it is asked for."""


def _is_same(x: Any, y: Any) -> bool:
    """Whether two values of rules say the same."""
    if type(x) is not type(y):
        return False
    if isinstance(x, (tuple, list)):
        return len(x) == len(y) and all(map(_is_same, x, y))
    if isinstance(x, types.FunctionType):
        cells = [[c.cell_contents for c in f.__closure__ or ()] for f in (x, y)]
        return x.__code__ == y.__code__ and _is_same(*cells)
    if isinstance(x, types.MethodType):
        return x.__func__ is y.__func__
    if isinstance(x, (Pattern, Rule, Procedure)):
        derived = DERIVED[Pattern if isinstance(x, Pattern) else type(x)]
        keys = (vars(x).keys() | vars(y).keys()) - derived
        return all(_is_same(vars(x).get(k), vars(y).get(k)) for k in keys)
    return bool(x == y)


def observe(faults: Iterable[Fault], modules: dict[str, Module], live: Live, note: Callable[[Any], None]) -> None:
    """Let each place of a fault, and each rule that is asked, be noted when it is reached."""
    vars(builtins)["_reached"] = note
    statements: dict[int, tuple[ast.stmt, Module]] = {}
    places: dict[str, Mutant] = {}
    for fault in faults:
        if is_table(fault):
            continue
        statements[id(fault.statement)] = fault.statement, modules[fault.module]
        places[fault.site] = fault.mutant
    before = {key: function_codes(compile_statement(s, m.path)) for key, (s, m) in statements.items()}
    for site, mutant in places.items():
        _mark(site, mutant)
    for key, (statement, module) in statements.items():
        swap(before[key], function_codes(compile_statement(statement, module.path)), live)
    for kind in (Rule, Procedure):
        kind.apply = _noted(kind.apply, note)


def _mark(site: str, mutant: Mutant) -> None:
    old = mutant.old
    if isinstance(old, ast.stmt):
        mutant = mutant._replace(parent=old, field="value", index=None)
        old = mutant.old
    text = ast.Constant(site)
    note = ast.Call(ast.Name("_reached", ast.Load()), [text], [])
    # In this order, as what stands there may raise.
    marked = ast.Subscript(ast.Tuple([note, old], ast.Load()), ast.Constant(1), ast.Load())
    put(mutant.parent, mutant.field, mutant.index, marked, old)


def _noted(apply: Callable[..., Any], note: Callable[[Any], None]) -> Callable[..., Any]:
    def applied(self: Any, n: Any, term: Any) -> Any:
        answer = apply(self, n, term)
        note(("asked", self.name))
        if answer is not None:
            note(("applied", self.name))
        return answer

    return applied
