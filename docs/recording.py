"""Programs of a page, as other frameworks answer them: the same text with their names in place of tracer's."""

import contextlib
import datetime
import io
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np


def find_programs(page: Path) -> list[str]:
    """The programs of a page, in order."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def run(program: str, namespace: object) -> str:
    """What a program prints in one line, with another namespace for ``tracer``; or the error that it raises."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(program.replace("import tracer\n", "\n"), "demo.py", "exec"), {"tracer": namespace})
    except Exception as error:
        return f"raises {type(error).__name__.lstrip('_')}"
    return " ".join(printed.getvalue().split())


def show(value: object) -> str:
    """A value in few digits: ``[nan, 0.5]``."""
    array = np.asarray(value)
    return f"{array:.3g}" if not array.ndim else f"[{', '.join(map(show, array))}]"


def record(page: Path, versions: Mapping[str, str], answers: Mapping[str, Callable[[str], str]]) -> None:
    """Write what frameworks answer beside a page, by their names, with their versions and the date."""
    found = [{name: answer(program) for name, answer in answers.items()} for program in find_programs(page)]
    data = {"recorded": datetime.date.today().isoformat(), "versions": dict(versions), "answers": found}
    page.with_suffix(".json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
