"""What a docstring says of parameters that several functions share.

It is written once. Another function names the parameters and says ``As for :func:`one`.``; where the function becomes
public, the text takes the place of that line, so that ``help`` shows all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

NAME = """\
name : str, optional
    The name of the result, made unique."""

_REFERENCE = "As for :func:`"


def add_parameter(docstring: str, entry: str) -> str:
    """The docstring with one more entry after the others of its Parameters.

    Examples
    --------
    >>> print(add_parameter("Parameters\\n---\\nx : tensor\\n\\nReturns", "name : str"))
    Parameters
    ---
    x : tensor
    name : str
    <BLANKLINE>
    Returns
    """
    start, end, margin = _parameters(docstring)
    if start == end:
        return docstring
    added = f"\n{entry}".replace("\n", f"\n{margin}")
    return f"{docstring[:end]}{added}{docstring[end:]}"


def expand(docstring: str, find: Callable[[str], str | None]) -> str:
    """The docstring with entries in place of references to the entries of other functions.

    Parameters
    ----------
    docstring : str
    find : callable
        The docstring of the function of a name, or None. A reference stays where there is none, or where it says
        nothing of one of the parameters.

    Returns
    -------
    str

    Examples
    --------
    >>> other = "Parameters\\n---\\nx, y : tensor\\naxis : int\\n    By default 0."
    >>> print(expand("Parameters\\n---\\ny, axis\\n    As for :func:`other`.", {"other": other}.get))
    Parameters
    ---
    y : tensor
    axis : int
        By default 0.
    """
    if _REFERENCE not in docstring:
        return docstring
    start, end, margin = _parameters(docstring)
    lines: list[str] = []
    for line in docstring[start:end].split("\n"):
        _, refers, name = line.partition(_REFERENCE)
        other = find(name[:-2]) if refers and name.endswith("`.") else None
        entries = other and _entries(other, _names(lines[-1]))
        if entries:
            lines[-1:] = [margin + part for part in entries]
        else:
            lines.append(line)
    return docstring[:start] + "\n".join(lines) + docstring[end:]


def _parameters(docstring: str) -> tuple[int, int, str]:
    """Where the section of parameters begins and ends, the same place if there is none, and its margin."""
    start = docstring.find("Parameters\n")
    if start < 0:
        return 0, 0, ""
    end = docstring.find("\n\n", start)
    return start, end if end >= 0 else len(docstring.rstrip()), docstring[docstring.rfind("\n", 0, start) + 1 : start]


def _names(line: str) -> list[str]:
    """The parameters that the first line of an entry names."""
    return line.strip().partition(" : ")[0].split(", ")


def _entries(docstring: str, names: Collection[str]) -> list[str] | None:
    """The lines of the entries of some parameters, without their margin; None if one is missing."""
    start, end, margin = _parameters(docstring)
    found: list[str] = []
    left, taken = set(names), False
    for line in (text[len(margin) :] for text in docstring[start:end].split("\n")[2:]):
        if not line.startswith(" "):
            wanted = [name for name in _names(line) if name in left]
            left.difference_update(wanted)
            taken = bool(wanted)
            _, colon, kind = line.partition(" : ")
            line = f"{', '.join(wanted)}{colon}{kind}"
        if taken:
            found.append(line)
    return None if left else found
