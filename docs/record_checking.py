"""Run the programs of checking.md that need a framework, and show what they print where the page says otherwise.

    python docs/record_checking.py [jax] [torch] [tensorflow] [autograd]

By hand, where the frameworks are installed; without a name all are run. ``...`` on the page stands for anything.
"""

import doctest
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).with_name("checking.md")
PROGRAM = re.compile(r"^```python\n(import (\w+)\b.*?)^```\n\n^```text\n(.*?)^```", re.DOTALL | re.MULTILINE)


def check_programs(wanted: list[str]) -> int:
    """How many programs print something else than what stands below them."""
    wrong = 0
    for program, framework, expected in PROGRAM.findall(PAGE.read_text(encoding="utf-8")):
        if wanted and framework not in wanted:
            continue
        answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        same = doctest.OutputChecker().check_output(expected, answer.stdout, doctest.ELLIPSIS)
        print(f"{framework}: " + ("as on the page" if same else f"\n{answer.stdout}{answer.stderr[-2000:]}"))
        wrong += not same
    return wrong


if __name__ == "__main__":
    sys.exit(bool(check_programs(sys.argv[1:])))
