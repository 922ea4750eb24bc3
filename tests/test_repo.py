"""The repository: layers, metadata, and what an installation holds."""

import configparser
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tracer

ROOT = Path(__file__).parents[1]


@pytest.fixture
def config():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_imports_point_downward():
    script = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", script, "--config", "setup.cfg", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_engine_needs_sympy_alone():
    """Tracing, differentiating and reading a formula work where these can't be imported."""
    program = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['numpy', 'networkx', 'graphviz', 'pygraphviz', 'scipy']))\n"
        "import tracer\n"
        "x, y = tracer.symbols('x y')\n"
        "print(tracer.gradients(tracer.sin(x) * y, x)[0].formula())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "y*cos(x)\n"


def test_values_and_formulas_are_imported_when_first_needed():
    """Tracing and differentiating need neither the generator of code nor the notations."""
    program = (
        "import sys, tracer\n"
        "x = tracer.constant(2.0)\n"
        "tracer.gradients(tracer.sin(x) * x, x)\n"
        "late = 'tracer.backends.', 'tracer.formulas.lowering', 'tracer.formulas.notations', 'tracer.formulas.matrix'\n"
        "print([m for m in sys.modules if m.startswith(late)])\n"
        "print(float(x * x), 'tracer.backends.evaluation' in sys.modules)\n"
        "print('scipy' in sys.modules, float(tracer.lgamma(x)), 'scipy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n4.0 True\nFalse 0.0 True\n"


def test_only_what_chooses_a_backend_imports_one():
    """Neither what writers share nor a language knows a language: a new one is a file, and a row of one table."""
    files = (ROOT / "tracer/backends").glob("*.py")
    importing = {p.stem for p in files if re.search(r"^ *from tracer\.backends\.to_", p.read_text("utf-8"), re.M)}
    assert importing == {"blocked_source", "compilation", "emitting", "evaluation"}


WINGS = (
    "terms", "formulas", "program", "backends", "runtime", "explanations", "precise", "comparison",
    "debugging", "draw", "sparse_jacobians",
)  # fmt: skip


@pytest.mark.parametrize("wing", WINGS)
def test_each_module_of_a_wing_has_its_test_file(wing):
    """The file of the same name, at the same place, has tests in it."""
    source, tests = ROOT / "tracer" / wing, ROOT / "tests" / wing
    modules = [p.relative_to(source) for p in source.rglob("*.py") if p.stem != "__init__"]
    files = {p: tests / p.with_name(f"test_{p.name}") for p in modules}
    assert files
    assert [p for p, file in files.items() if not file.is_file() or "\ndef test_" not in file.read_text("utf-8")] == []


def test_no_two_modules_share_a_name():
    """A name leads to one file; the array API has a public module that must be called as another is."""
    stems = [p.stem for p in (ROOT / "tracer").rglob("*.py") if p.stem != "__init__"]
    assert sorted({s for s in stems if stems.count(s) > 1}) == ["linalg"]


def test_metadata():
    assert importlib.metadata.version("symbolic-tracer") == tracer.__version__
    scripts = importlib.metadata.entry_points(group="console_scripts", name="tracer")
    assert [s.value for s in scripts] == ["tracer.__main__:main"]
    extras = importlib.metadata.metadata("symbolic-tracer").get_all("Provides-Extra")
    assert {"docs", "notebooks", "render", "test"} <= set(extras)


def test_types_are_shipped(config):
    assert (ROOT / "tracer/py.typed").is_file()
    assert config["options.package_data"]["tracer"] == "py.typed"


def test_types_are_ignored_where_a_package_has_none():
    """Two lines in three of these state a class of sympy's, which has no types; there is to be no more of them."""
    files = sorted((ROOT / "tracer").rglob("*.py"))
    lines = [line for f in files for line in f.read_text(encoding="utf-8").splitlines()]
    ignored = [line for line in lines if "type: ignore" in line]
    assert len(ignored) <= 57
    assert all(re.search(r"type: ignore\[[a-z-]+\]", line) for line in ignored)
    assert sum(len(re.findall(r"\bAny\b", line)) for line in lines) <= 660
