"""Record what TensorFlow answers to the programs of why-none.md; run by hand where TensorFlow is installed.

    python docs/record_why_none.py

The programs are those of the page with TensorFlow's name in place of tracer's; the data file stands beside the page.
"""

import re
from pathlib import Path

import tensorflow
from recording import record, run


def answer(program: str) -> str:
    """The gradient that TensorFlow prints for a program, in one line."""
    text = re.sub(r'(tracer\.constant\([^\n]*), name="\w+"\)', r"\1)", program)
    text = text.replace("GradientTape()", "GradientTape(persistent=True)").replace("tape.explain", "tape.gradient")
    return run(text, tensorflow)


if __name__ == "__main__":
    record(Path(__file__).with_name("why-none.md"), {"TensorFlow": tensorflow.__version__}, {"TensorFlow": answer})
