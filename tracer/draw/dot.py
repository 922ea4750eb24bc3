"""A picture as DOT text: one table of styles, and labels in which any name is only a name."""

from __future__ import annotations

import html
from typing import NamedTuple

import graphviz

from tracer.draw.picture import Node, Picture
from tracer.draw.renderers import picture

FONT = "Helvetica"
INK, GREY, RED, ORANGE, BLUE, GREEN = "#1f2933", "#7b8794", "#c81e1e", "#c2570c", "#1d4ed8", "#15803d"


class Style(NamedTuple):
    """How a role looks, and what the legend says of it (nothing, where it speaks for itself)."""

    fill: str
    border: str
    legend: str = ""
    text: str = INK
    line: str = "rounded"
    width: str = "1"
    shape: str = "box"
    margin: str = "0.16,0.08"


STYLES = {
    "source": Style("#dbeafe", BLUE, "source"),
    "unconnected": Style("#ffffff", GREY, "source, not connected", GREY, "rounded,dashed", "1.4"),
    "operation": Style("#ffffff", "#9aa5b1"),
    "result": Style("#ffffff", INK, "result", width="2.2"),
    "stop": Style("#fee2e2", RED, "no gradient passes", RED, "solid", "1.4", "octagon", "0.02,0.02"),
    "cut": Style("#fee2e2", RED, "cut", RED, "solid", "2.4", "octagon", "0.02,0.02"),
    "failure": Style("#fee2e2", RED, "the first that is not finite", RED, "solid", "2.4"),
    "group": Style("#ede9fe", "#6d28d9", "name scope", line="solid", shape="box3d"),
    "backward": Style("#fff7ed", "#f0b37e", "reverse pass"),
    "gradient": Style("#fed7aa", ORANGE, "gradient", width="2.2"),
}

EDGES = {
    "value": {"color": "#52606d"},
    "blocked": {"color": RED, "style": "dashed"},
    "cotangent": {"color": ORANGE},
    "read": {"color": "#b8c2cc", "arrowsize": "0.5", "style": "dashed"},
    "lit": {"color": GREEN, "penwidth": "2.6"},
    "dark": {"color": RED, "style": "dashed", "penwidth": "2.6"},
    "poisoned": {"color": RED, "penwidth": "2.6"},
}
WAYS = {"lit": "a gradient flows back", "dark": "it is lost", "poisoned": "not finite from there on"}
"""What the legend says of edges."""

LONGEST = 56

MANY = 60
HURRIED = {"nslimit": "0.2", "nslimit1": "1", "mclimit": "0.1", "splines": "line"}
"""What bounds the time of a large layout, which else grows with the cube of its length."""


class Drawing(graphviz.Digraph):  # type: ignore[misc]
    """A Graphviz graph that a notebook shows by whatever renderer is installed, and else as its text."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None, **_: object) -> dict[str, str]:
        try:
            return {"image/svg+xml": picture(self.source, "svg").decode()}
        except RuntimeError:
            return {"text/plain": self.source}


def draw(shown: Picture) -> Drawing:
    """The drawing of a picture."""
    graph = Drawing(
        graph_attr={
            "fontname": FONT,
            "fontsize": "11",
            "nodesep": "0.3",
            "ranksep": "0.4",
            "labelloc": "b",
            "dpi": "110",
            "bgcolor": "white",
            "label": legend(shown),
            **(HURRIED if len(shown.nodes) > MANY else {}),
        },
        node_attr={"fontname": FONT, "fontsize": "12", "height": "0.3"},
        edge_attr={"arrowsize": "0.7"},
    )
    scopes: dict[tuple[str, ...], graphviz.Digraph] = {(): graph}
    for node in shown.nodes:
        style = STYLES[node.role]
        _scope(scopes, node.scope).node(
            node.id,
            label(node),
            shape=style.shape,
            style=f"filled,{style.line}",
            fillcolor=style.fill,
            color=style.border,
            penwidth=style.width,
            fontcolor=style.text,
            margin=style.margin,
        )
    for scope in sorted(scopes, key=len, reverse=True)[:-1]:
        scopes[scope[:-1]].subgraph(scopes[scope])
    for edge in shown.edges:
        graph.edge(edge.tail, edge.head, **EDGES[edge.role])
    return graph


def _scope(scopes: dict[tuple[str, ...], graphviz.Digraph], scope: tuple[str, ...]) -> graphviz.Digraph:
    """The box of a name scope; those around it are made too."""
    for k in range(1, len(scope) + 1):
        if scope[:k] not in scopes:
            scopes[scope[:k]] = graphviz.Digraph(
                f"cluster_{len(scopes)}",
                graph_attr={
                    "label": f"<{escape(scope[k - 1])}>",
                    "labelloc": "t",
                    "labeljust": "l",
                    "fontcolor": GREY,
                    "style": "rounded",
                    "color": "#9aa5b1",
                },
            )
    return scopes[scope]


def label(node: Node) -> str:
    """An HTML-like label: name and formula in one line, what it is in a small one below."""
    formula = node.formula if len(node.formula) <= LONGEST else node.formula[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
    head = f"<B>{escape(node.name)}</B>" + (f" = {escape(formula)}" if formula else "")
    titles = "".join(f'<FONT COLOR="{ORANGE}"><B>gradient by {escape(n)}</B></FONT><BR/>' for n in node.gradient_of)
    cut = f'<FONT COLOR="{RED}"><B>{escape(node.cut)}</B></FONT><BR/>' if node.cut else ""
    return f'<{titles}{cut}{head}<BR/><FONT POINT-SIZE="9" COLOR="{GREY}">{escape(node.note)}</FONT>>'


def legend(shown: Picture) -> str:
    """One line of the styles that occur and do not speak for themselves."""
    roles = {n.role for n in shown.nodes}
    styles = [s for role, s in STYLES.items() if role in roles and s.legend]
    cells = "".join(
        f'<TD BGCOLOR="{s.fill}" COLOR="{s.border}" BORDER="1" STYLE="{s.line}" '
        f'WIDTH="16" HEIGHT="12" FIXEDSIZE="TRUE"></TD>'
        f'<TD ALIGN="LEFT"><FONT COLOR="{GREY}">{escape(s.legend)}  </FONT></TD>'
        for s in styles
    )
    carried = {edge.role for edge in shown.edges}
    cells += "".join(
        f'<TD ALIGN="LEFT"><FONT COLOR="{EDGES[role]["color"]}">\N{RIGHTWARDS ARROW}</FONT>'
        f'<FONT COLOR="{GREY}"> {escape(words)}  </FONT></TD>'
        for role, words in WAYS.items()
        if role in carried
    )
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="6"><TR>{cells}</TR></TABLE>>' if cells else ""


def escape(text: str) -> str:
    """Text as the content of an HTML-like label."""
    visible = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    # Graphviz replaces \N, \G and the like by names of its own; a backslash in an element of its own is a backslash.
    return html.escape(visible).replace("\\", "<FONT>&#92;</FONT>")
