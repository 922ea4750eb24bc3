"""Record what TensorFlow answers to the programs of why-none.md; run by hand where TensorFlow is installed.

    python docs/record_why_none.py

The programs are those of the page with TensorFlow's name in place of tracer's; the data file stands beside the page.
"""

import contextlib
import io
import json
import re
from pathlib import Path

import tensorflow

PAGE = Path(__file__).with_name("why-none.md")


def answer(program: str) -> str:
    """The gradient that TensorFlow prints for a program, in one line."""
    text = program.replace("import tracer", "import tensorflow as tracer")
    text = re.sub(r'(tracer\.constant\([^\n]*), name="\w+"\)', r"\1)", text)
    text = text.replace("GradientTape()", "GradientTape(persistent=True)").replace("tape.explain", "tape.gradient")
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(text, "demo.py", "exec"), {})
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return " ".join(printed.getvalue().split())


if __name__ == "__main__":
    programs = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    answers = [answer(program) for program in programs]
    record = {"tensorflow": tensorflow.__version__, "answers": answers}
    PAGE.with_name("why-none.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
