"""The documents: their examples run, and their links lead somewhere."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tracer.__main__ import main
from tracer.formulas.matrix import function_classes, strides  # noqa: F401
from tracer.formulas.matrix.bodies import MatrixFunction
from tracer.formulas.matrix.scalars import Reduction

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


NEEDED = {"docs/scaling.md": ("dask", "distributed", "jax")}
"""Libraries that the examples of a document need, which are extras; it runs in a process of its own."""


def document(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=document)
def test_examples_print_what_is_written(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    # A fence that closes a block would count as output; as empty lines, the blocks keep their line numbers.
    text = re.sub("^```.*$", "", text, flags=re.MULTILINE)
    if needed := NEEDED.get(document(path)):
        missing = [name for name in needed if find_spec(name) is None]
        if missing:
            pytest.skip(f"{document(path)} needs {', '.join(missing)}")
        run_alone(text, tmp_path / path.name)
        return
    test = doctest.DocTestParser().get_doctest(text, {}, document(path), str(path), 0)
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test, out=report.append).failed == 0, "".join(report)


def run_alone(text, path):
    """Run the examples of a text by Python's doctest; what they write is beside it."""
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "doctest", "-o", "NORMALIZE_WHITESPACE", str(path)]
    paths = os.pathsep.join([str(ROOT), *sys.path, str(path.parent)])
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=path.parent, env=os.environ | {"PYTHONPATH": paths}
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", DOCUMENTS, ids=document)
def test_links_lead_to_files(path):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    links += re.findall(r"^```\{image\} (\S+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_first_command_prints_what_is_written(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command, printed = re.findall("```(?:sh)?\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[
        :2
    ]
    assert main(shlex.split(command.partition("bin/tracer ")[2])) == 0
    assert capsys.readouterr().out == printed
    assert (tmp_path / "gradient.png").read_bytes().startswith(b"\x89PNG")


def test_the_guide_explains_the_names_of_functions_in_formulas():
    table = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8").partition("## What signs and names mean")[2]
    known = set(re.findall(r"`(\w+)\(", table)) | set(re.findall(r" `(\w+)`", table))
    named = {"revcumsum", "revcumprod", "prod_before", "prod_after", "interleave_columns", "upsample_columns"}
    named |= {m.__name__ for m in _list_subclasses(MatrixFunction) if m.__name__.islower()} - {"lookup"}
    named |= {m.label for m in _list_subclasses(Reduction) if getattr(m, "label", "")}
    assert named - known == set()


def _list_subclasses(cls):
    found = [m for m in cls.__subclasses__() if m.__module__.startswith("tracer.formulas.matrix")]
    return found + [n for m in found for n in _list_subclasses(m)]
