"""Programs of the pages that ask why, and of notebooks, print what stands below them; what others answer is data."""

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
SITUATION = re.compile(r"^## (.*?)\n.*?^```python\n(.*?)^```\n\n(.*?)((?:> [^\n]*\n)+)", re.DOTALL | re.MULTILINE)
PAGES = ["why-none", "why-nan"]
TEXTS = {page: (DOCS / f"{page}.md").read_text(encoding="utf-8") for page in PAGES}
RECORDS = {page: json.loads((DOCS / f"{page}.json").read_text(encoding="utf-8")) for page in PAGES}
SITUATIONS = [s for page in PAGES for s in SITUATION.findall(TEXTS[page])]


def without_counts(text):
    """A sentence in one line, its nodes named without the count of nodes made before them in this process."""
    return re.sub(r"\b([a-z][a-z_0-9]*)_\d+\b", r"\1", " ".join(text.split()))


@pytest.mark.parametrize(("title", "program", "answers", "sentence"), SITUATIONS, ids=[s[0] for s in SITUATIONS])
def test_the_program_prints_the_sentence(title, program, answers, sentence, capsys):
    exec(compile(program, "demo.py", "exec"), {})
    said = re.sub("^> ", "", sentence, flags=re.MULTILINE)
    assert without_counts(capsys.readouterr().out) == without_counts(said)


@pytest.mark.unchecked  # A check of values would be the caller whose variables are named.
@pytest.mark.parametrize("name", ["why_none", "why_nan", "wrong_rule"])
def test_notebooks_hold_what_their_cells_print(name, capsys):
    notebook = json.loads((DOCS.parent / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "demo.py", "exec"), names)
            held = "".join(line for output in cell["outputs"] for line in output.get("text", ()))
            said = re.sub(r"cell In\[\d+\], line ", "demo.py:", held)
            assert without_counts(capsys.readouterr().out) == without_counts(said)


@pytest.mark.parametrize("page", PAGES)
def test_every_situation_is_run_and_recorded(page):
    found = SITUATION.findall(TEXTS[page])
    assert len(found) == len(RECORDS[page]["answers"]) == TEXTS[page].count("\n## ") == 20
    assert TEXTS[page].count("\nAs in [") >= len(found) // 2


@pytest.mark.parametrize("page", PAGES)
def test_frameworks_answered_each_program_as_the_page_says(page):
    record, text = RECORDS[page], " ".join(TEXTS[page].split())
    assert record["recorded"] in text
    assert all(f"{name} {version}" in text for name, version in record["versions"].items())
    for (*_, said, _), answers in zip(SITUATION.findall(TEXTS[page]), record["answers"], strict=True):
        told = {name: a if a == "nothing like it" else f"`{a}`" for name, a in answers.items()}
        assert " ".join(said.split()) == ". ".join(f"{name}: {a}" for name, a in told.items()) + "."


def test_tensorflow_answers_none_where_tracer_does():
    assert {answers["TensorFlow"] for answers in RECORDS["why-none"]["answers"]} == {"None"}
