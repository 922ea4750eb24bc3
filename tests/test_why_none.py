"""Programs of "Why is my gradient None?" print the sentences below them; TensorFlow's answers are recorded."""

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "why-none.md").read_text(encoding="utf-8")
SITUATIONS = re.findall(r"^## (.*?)\n.*?^```python\n(.*?)^```\n\n((?:> [^\n]*\n)+)", TEXT, re.DOTALL | re.MULTILINE)


def without_counts(text):
    """A sentence in one line, its nodes named without the count of nodes made before them in this process."""
    return re.sub(r"\b([a-z_]+)_\d+\b", r"\1", " ".join(text.split()))


@pytest.mark.parametrize(("title", "program", "sentence"), SITUATIONS, ids=[s[0] for s in SITUATIONS])
def test_the_program_prints_the_sentence(title, program, sentence, capsys):
    exec(compile(program, "demo.py", "exec"), {})
    said = re.sub("^> ", "", sentence, flags=re.MULTILINE)
    assert without_counts(capsys.readouterr().out) == without_counts(said)


def test_tensorflow_answered_each_program_as_the_page_says():
    record = json.loads((DOCS / "why-none.json").read_text(encoding="utf-8"))
    assert f"TensorFlow {record['tensorflow']} prints `None` for each" in TEXT
    assert record["answers"] == ["None"] * len(SITUATIONS) == ["None"] * TEXT.count("\n## ")
