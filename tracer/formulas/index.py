"""Index notation."""
from tracer.formulas.terms import Call, Product, Source, Sum, Term

LETTERS = "ijklmnopqrstuvwxyz"


def einstein(term: Term, labels=None) -> str:
    labels = labels if labels is not None else LETTERS[: len(term.shape)]
    if isinstance(term, Source):
        return term.name + ("[" + ",".join(labels) + "]" if labels else "")
    if isinstance(term, Sum):
        return "(" + " + ".join((f"{c}*" if c != 1 else "") + einstein(t, labels) for c, t in term.terms) + ")"
    if isinstance(term, Call):
        h = term.head if isinstance(term.head, str) else term.head.__name__
        return f"{h}({', '.join(map(einstein, term.args))})" + ("[" + ",".join(labels) + "]" if labels else "")
    names = {}
    text = [] if term.scale == 1 else [str(term.scale)]
    for k, l in zip(term.out, labels):
        if k in names:
            text.append(f"d[{names[k]},{l}]")
        names.setdefault(k, l)
    free = [c for c in LETTERS if c not in labels]
    for t, i, e in term.factors:
        for k in i:
            if k not in names:
                names[k] = free.pop(0)
        text.append(einstein(t, "".join(names[k] for k in i)) + ("" if e == 1 else f"**{e}"))
    return "*".join(text) or "1"
