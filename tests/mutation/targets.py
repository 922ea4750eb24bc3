"""What is mutated: the functions of gradient rules and of shape rules, and the modules of rewrites."""

from __future__ import annotations

import ast
import gc
import importlib
import pkgutil
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path

import tracer
from tracer import backprop, ops, rules, series, shapes
from tracer.operations import FAMILIES
from tracer.ops import contraction
from tracer.rules import TABLE, Elementwise
from tracer.terms import rules as rewrites

from .operators import Mutant, mutants

GRADIENTS, SHAPES, REWRITES = KINDS = "gradient rules", "shape rules", "rewrites"

LIBRARY = str(Path(tracer.__file__).parent)


Place = tuple[str, str, int, tuple[int, int]]


def place_of(code: types.CodeType) -> Place:
    """Where a code was written: its file, its name, its line, and where its first expression begins."""
    starts = [(line, column) for line, _, column, _ in code.co_positions() if line and column]
    return code.co_filename, code.co_name, code.co_firstlineno, min(starts, default=(0, 0))


class Fault:
    """A mutant of a module.

    Attributes
    ----------
    module : str
        Its name.
    kind : str
        One of ``KINDS``.
    function : str
        The function in which it is; empty in a table of rewrites.
    statement : ast.stmt
        The whole statement of the module.
    mutant : Mutant
    name : str
        What it is known by: the same as long as the function is the same.
    site : str
        The name of the first fault at the same place.
    """

    def __init__(
        self, module: str, kind: str, function: str, statement: ast.stmt, mutant: Mutant, seen: Counter[str]
    ) -> None:
        self.module, self.kind, self.function = module, kind, function
        self.statement, self.mutant = statement, mutant
        name = f"{'.'.join(filter(None, [module, function]))}: `{mutant.before}` -> `{mutant.after}`"
        seen[name] += 1
        self.name = self.site = name if seen[name] == 1 else f"{name} ({seen[name]})"


class Module:
    """A module with what is mutated in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.module = importlib.import_module(name)
        assert self.module.__file__ is not None
        self.path = self.module.__file__
        self.tree = ast.parse(Path(self.path).read_text())

    @cached_property
    def functions(self) -> dict[Place, ast.AST]:
        """Functions and lambdas by their place."""
        found: dict[Place, ast.AST] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Lambda):
                found[self.path, "<lambda>", node.lineno, (node.body.lineno, node.body.col_offset)] = node
            elif isinstance(node, ast.FunctionDef):
                first = [*node.decorator_list, node][0]
                found[self.path, node.name, first.lineno, (0, 0)] = node
        return found

    def node_of(self, code: types.CodeType) -> ast.AST | None:
        """What a code was made of."""
        path, name, line, start = place_of(code)
        return self.functions.get((path, name, line, start if name == "<lambda>" else (0, 0)))

    def faults(self, chosen: dict[int, str]) -> Iterator[Fault]:
        """All faults in chosen functions, by their nodes, and in a table of rewrites."""
        seen: Counter[str] = Counter()
        first: dict[tuple[int, str, int | None], str] = {}
        made = self._called_by_tables() if self.name.startswith(rewrites.__name__) else set()
        for statement in self.tree.body:
            table = self.name.startswith(rewrites.__name__) and getattr(statement, "name", None) in {None, *made}
            for node, name in [(statement, "")] if table else list(_outermost(statement, chosen)):
                kind = REWRITES if table else chosen[id(node)]
                for mutant in list(mutants(node, kind == GRADIENTS)):
                    fault = Fault(self.name, kind, name, statement, mutant, seen)
                    fault.site = first.setdefault((id(mutant.parent), mutant.field, mutant.index), fault.name)
                    yield fault

    def _called_by_tables(self) -> set[str]:
        """The functions that are called when the module is imported: they make rules, and are none."""
        tables = [s for s in self.tree.body if not isinstance(s, ast.FunctionDef)]
        calls = [n.func for s in tables for n in ast.walk(s) if isinstance(n, ast.Call)]
        return {f.id for f in calls if isinstance(f, ast.Name)}


def _outermost(node: ast.AST, chosen: dict[int, str], name: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Chosen functions, not those within them, with their names."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        name = f"{name}.{node.name}" if name else node.name
    if id(node) in chosen:
        yield node, name or _row_of(node)
        return
    for child in ast.iter_child_nodes(node):
        row = name
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and not name:
            row = str(node.args[0].value).split()[0]
        yield from _outermost(child, chosen, row)


def _row_of(node: ast.AST) -> str:
    return "<lambda>"


def modules() -> list[Module]:
    """All modules that rules are in."""
    names = [m.__name__ for m in (backprop, rules, series, shapes)]
    for package in (ops, rewrites):
        names += [f"{package.__name__}.{m.name}" for m in pkgutil.iter_modules(package.__path__)]
    return [Module(name) for name in sorted(names)]


def live_functions() -> list[types.FunctionType]:
    """All functions of the library that are alive."""
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    every = (f for f in gc.get_objects() if type(f) is types.FunctionType)
    found = [f for f in every if f.__code__.co_filename.startswith(LIBRARY)]
    if frozen:
        gc.freeze()  # Every later search for garbage would go through all that was left out of it.
    return found


def all_faults(given: Iterable[Module]) -> list[Fault]:
    """The faults of all rules, gradient rules first."""
    by_path = {m.path: m for m in given}
    chosen: dict[int, str] = {}
    roots = gradient_rules()
    helpers = closure(roots)
    for kind, functions in (
        (GRADIENTS, roots),
        (SHAPES, closure(shape_rules(by_path.values()))),
        (GRADIENTS, helpers),
    ):
        for function in functions:
            module = by_path.get(function.__code__.co_filename)
            node = module and module.node_of(function.__code__)
            if node is not None:
                chosen.setdefault(id(node), kind)
    for module in by_path.values():
        if module.name.startswith(rewrites.__name__):
            chosen |= {id(s): REWRITES for s in module.tree.body if isinstance(s, ast.FunctionDef)}
    return sorted((f for m in by_path.values() for f in m.faults(chosen)), key=lambda f: KINDS.index(f.kind))


def gradient_rules() -> list[Callable]:
    """The functions that rows have for their gradients, and for stated derivatives."""
    rows = [*TABLE.values(), contraction.operation("contraction")]
    found = [f for op in rows for f in (op.pullback, op.joint_pullback)]
    found += [op._partials for op in rows if isinstance(op, Elementwise)]
    return [f for f in found if f is not None] + [Elementwise.step, Elementwise.partial, Elementwise._derive]


def shape_rules(given: Iterable[Module]) -> list[Callable]:
    """The functions of shapes, and what records an operation."""
    found = []
    for module in given:
        for value in vars(module.module).values():
            own = isinstance(value, types.FunctionType) and value.__module__ == module.name
            if own and (module.name == shapes.__name__ or value in operations()):
                found.append(value)
    return found


@cache
def operations() -> frozenset[Callable]:
    """The public operations."""
    names = "FUNCTIONS", "LINALG", "NN", "MATH"
    return frozenset(f for family in FAMILIES for name in names for f in getattr(family, name, {}).values())


def _unwrapped(function: object) -> object:
    """A function without what shows it to others; but one that is remembered, as it may be called at import."""
    return function if hasattr(function, "cache_info") else getattr(function, "__wrapped__", function)


def closure(roots: Iterable[Callable]) -> Iterator[types.FunctionType]:
    """Functions and the helpers that they call, no operations among them."""
    todo = list(roots)
    seen: set[int] = set()
    while todo:
        function = todo.pop()
        function = _unwrapped(function)
        if not isinstance(function, types.FunctionType) or id(function) in seen:
            continue
        seen.add(id(function))
        yield function
        names = {n for code in codes(function.__code__) for n in code.co_names}
        known = [function.__globals__.get(n) for n in names]
        modules = [m for m in known if isinstance(m, types.ModuleType) and m.__name__.startswith("tracer.")]
        called = known + [getattr(m, n, None) for m in modules for n in names]
        called += [c.cell_contents for c in function.__closure__ or () if c.cell_contents is not None]
        todo += [f for f in called if isinstance(_unwrapped(f), types.FunctionType) and f not in operations()]


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code and all codes in it, in their order."""
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes(const)
