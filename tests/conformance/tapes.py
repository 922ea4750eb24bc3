"""Random programs about the life of tapes, as plain data, and their interpreter over any TensorFlow-like namespace.

The operations are few and smooth; what is random is when which tape records, what is watched and when, what a variable
is assigned, and by what and of what gradients are asked for: outputs of ``stop_gradient`` and tensors that nobody
watches among them. A program is a JSON object:

``sources``
    ``{"out", "kind": "variable" | "constant", "value", "dtype", "trainable"}``.
``tapes``
    The options of each tape by its name. A tape may be entered several times.
``steps``
    ``{"out", "op", "in"}``: an operation of ``OPERATIONS`` over names; ``{"tape", "steps"}``: a block in which the tape
    records; ``{"pause": tape, "steps"}``; ``{"reset": tape}``; ``{"watch": names, "tape"}``;
    ``{"assign": method, "to": variable, "value": number or name}``; ``{"gradient": tape, "target", "sources", "seeds",
    "unconnected", "out": names}``, whose results are values of the program again; constants where unconnected sources
    have zeros, and in place of a None.

`run` answers what each gradient was, or the kind of error that a step raised.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from .programs import Json, encode, leaves, mapped

OPERATIONS: dict[str, Callable[..., Any]] = {
    "sin": lambda tf, x: tf.sin(x),
    "tanh": lambda tf, x: tf.tanh(x),
    "negative": lambda tf, x: -x,
    "scaled": lambda tf, x: x * 0.5,
    "moved": lambda tf, x: 0.25 + x,
    "square": lambda tf, x: tf.square(x),
    "identity": lambda tf, x: tf.identity(x),
    "convert": lambda tf, x: tf.convert_to_tensor(x),
    "stop": lambda tf, x: tf.stop_gradient(x),
    "floor": lambda tf, x: tf.floor(x),
    "like": lambda tf, x: tf.ones_like(x),
    "whole": lambda tf, x: tf.cast(x, tf.int64),
    "float": lambda tf, x: tf.cast(x, tf.float64),
    "add": lambda tf, x, y: x + y,
    "subtract": lambda tf, x, y: x - y,
    "multiply": lambda tf, x, y: x * y,
    "minimum": lambda tf, x, y: tf.minimum(x, y),
    "maximum": lambda tf, x, y: tf.maximum(x, y),
    "where": lambda tf, x, y: tf.where(x > y, x, y),
    "stack": lambda tf, x, y: tf.reduce_sum(tf.stack([x, y])),
    "add_n": lambda tf, x, y: tf.add_n([x, y]),
}
UNARY = ("sin", "tanh", "negative", "scaled", "moved", "square", "identity", "convert", "convert", "stop", "stop",
         "stop", "floor", "like", "whole")  # fmt: skip
BINARY = ("add", "subtract", "multiply", "multiply", "multiply", "minimum", "maximum", "where", "stack", "add_n")
ACTS = ("op", "watch", "assign", "gradient", "reset", "pause", "tape")
UNCONNECTED = ("none", "none", "zero")


class Draw:
    """A program under construction: seeded choices over the names made so far."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.floats: list[str] = []
        self.integers: list[str] = []
        self.variables: list[str] = []
        self.untraced: list[str] = []
        self.used = 0
        self.active: list[str] = []

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def choice(self, options: Any) -> Any:
        return self.random.choice(list(options))

    def name(self) -> str:
        self.used += 1
        return f"v{self.used - 1}"

    def number(self) -> float:
        return round(self.random.uniform(0.3, 1.9) * self.choice((1, -1)), 3)

    def float(self) -> str:
        """The name of a float, more likely a late one."""
        return self.choice(self.floats[-4:] if self.chance(0.5) else self.floats)

    def source(self) -> dict:
        kind = self.choice(("variable", "variable", "variable", "untrainable", "constant", "constant", "integer"))
        name = self.name()
        value = self.choice((1, 2, 3)) if kind == "integer" else self.number()
        (self.integers if kind == "integer" else self.floats).append(name)
        variable = kind in ("variable", "untrainable") or (kind == "integer" and self.chance(0.4))
        if variable and kind != "integer":
            self.variables.append(name)
        return {
            "out": name, "kind": "variable" if variable else "constant", "value": value,
            "dtype": "int64" if kind == "integer" else "float64", "trainable": kind != "untrainable",
        }  # fmt: skip

    def operation(self) -> dict:
        if self.integers and self.chance(0.08):
            op, operands = "float", [self.choice(self.integers)]
        elif self.chance(0.45):
            op, operands = self.choice(UNARY), [self.float()]
        else:
            op, operands = self.choice(BINARY), [self.float(), self.float()]
        out = self.name()
        (self.integers if op == "whole" else self.floats).append(out)
        if op in ("stop", "float", "like"):
            self.untraced.append(out)
        return {"out": out, "op": op, "in": operands}

    def gradient(self, tape: str) -> dict:
        targets = [self.asked() for _ in range(self.choice((1, 1, 1, 2, 2, 3)))]
        wanted = [self.asked() for _ in range(self.choice((1, 2, 3, 4)))]
        if self.chance(0.3):
            wanted.append(self.choice(targets))
        if self.chance(0.3) and self.untraced:
            chosen = self.choice(self.untraced)
            wanted.append(chosen)
            targets += [chosen] if self.chance(0.5) else []
        target: Json = targets[0] if len(targets) == 1 and self.chance(0.7) else targets
        if isinstance(target, list) and self.chance(0.2):
            target = {f"t{k}": name for k, name in enumerate(targets)}
        seeds = None
        if self.chance(0.25) and not set(leaves(target)) & set(self.integers):
            seeds = mapped(lambda name: self.number(), target)
        out = [self.name() for _ in wanted]
        self.floats += [o for o, w in zip(out, wanted) if w not in self.integers]
        form = self.choice(("list", "list", "nested", "dict"))
        asked: Json = {"list": wanted, "nested": [wanted[0], {"a": wanted[1:]}]}.get(
            form, {f"s{k}": name for k, name in enumerate(wanted)}
        )
        return {
            "gradient": tape, "target": target, "sources": asked, "seeds": seeds, "out": out,
            "unconnected": self.choice(UNCONNECTED),
        }  # fmt: skip

    def asked(self) -> str:
        if self.integers and self.chance(0.06):
            return self.choice(self.integers)
        return self.float()

    def assignment(self) -> dict:
        method = self.choice(("assign", "assign_add", "assign_sub"))
        value = self.number() if self.chance(0.6) else self.float()
        return {"assign": method, "to": self.choice(self.variables), "value": value}

    def block(self, tapes: dict, count: int, depth: int) -> list:
        steps: list = []
        for _ in range(count):
            chance = self.random.random()
            if chance < 0.10 and depth < 3:
                tape = self.choice(tapes)
                if tape in self.active and self.chance(0.9):
                    continue
                self.active.append(tape)
                steps.append({"tape": tape, "steps": self.block(tapes, self.choice((3, 5, 8)), depth + 1)})
                self.active.remove(tape)
            elif chance < 0.20:
                names = [self.asked() for _ in range(self.choice((1, 1, 2)))]
                steps.append({"watch": names, "tape": self.choice(self.active or tapes)})
            elif chance < 0.24 and self.active and depth < 3:
                tape = self.choice(self.active)
                steps.append({"pause": tape, "steps": self.block(tapes, self.choice((1, 2, 3)), depth + 1)})
            elif chance < 0.25:
                steps.append({"reset": self.choice(self.active or tapes)})
            elif chance < 0.31 and self.variables:
                steps.append(self.assignment())
            elif chance < 0.38:
                steps.append(self.gradient(self.choice(tapes)))
            else:
                steps.append(self.operation())
        return steps


def generate(seed: int) -> Json:
    """The random program of this seed, as plain data."""
    draw = Draw(seed)
    made = [draw.source() for _ in range(draw.choice((2, 3, 4)))]
    if not draw.floats:
        draw.floats.append(draw.name())
        made.append({"out": draw.floats[0], "kind": "variable", "value": 0.7, "dtype": "float64", "trainable": True})
    tapes = {
        name: {"persistent": draw.chance(0.7), "watch_accessed_variables": not draw.chance(0.12)}
        for name in ("a", "b", "c")[: draw.choice((1, 2, 2, 3))]
    }
    steps = draw.block(tapes, draw.choice((0, 1, 2)), 3)
    first, *others = tapes
    draw.active.append(first)
    inner = draw.block(tapes, draw.choice((3, 5)), 1)
    if others and draw.chance(0.8):
        draw.active.append(others[0])
        inner.append({"tape": others[0], "steps": draw.block(tapes, draw.choice((4, 6, 9)), 2)})
        draw.active.remove(others[0])
        inner += draw.block(tapes, draw.choice((0, 2)), 2)
        inner.append(draw.gradient(others[0]))
    steps.append({"tape": first, "steps": inner + draw.block(tapes, draw.choice((1, 3)), 1)})
    draw.active.clear()
    steps += draw.block(tapes, draw.choice((0, 1, 3)), 1)
    steps += [draw.gradient(tape) for tape in tapes for _ in range(draw.choice((1, 2)))]
    return {"seed": seed, "sources": made, "tapes": tapes, "steps": steps}


def acts(program: Json) -> list[str]:
    """The kinds of the steps of a program."""
    found = []
    pending = [*program["steps"]]
    while pending:
        step = pending.pop()
        pending += step.get("steps", [])
        found.append(next(act for act in ACTS if act in step))
    return found


def run(program: Json, tf: Any) -> list:
    """What each gradient of the program is, in order; the kind of error where a step raised one."""
    return Machine(program, tf).answers()


def tolerance(program: Json) -> float:
    """How far answers may be apart."""
    return 1e-9


class Machine:
    """One run of a program over a namespace."""

    def __init__(self, program: Json, tf: Any) -> None:
        self.program, self.tf = program, tf
        self.tapes = {name: tf.GradientTape(**options) for name, options in program["tapes"].items()}
        self.found: list = []
        self.values: dict[str, Any] = {}
        for source in program["sources"]:
            make = tf.Variable if source["kind"] == "variable" else tf.constant
            options = {"trainable": source["trainable"]} if source["kind"] == "variable" else {}
            self.values[source["out"]] = make(source["value"], dtype=getattr(tf, source["dtype"]), **options)

    def answers(self) -> list:
        self.run(self.program["steps"])
        return self.found

    def run(self, steps: list) -> None:
        for step in steps:
            try:
                self.step(step)
            except (ValueError, RuntimeError, AttributeError) as error:
                # TensorFlow's kinds differ for a tape that was used up or never entered.
                self.found.append(type(error).__name__ if "gradient" in step else "error")

    def step(self, step: Json) -> None:
        values, tapes = self, self.tapes
        if "op" in step:
            self.values[step["out"]] = OPERATIONS[step["op"]](self.tf, *(values[name] for name in step["in"]))
        elif "steps" in step:
            with tapes[step["pause"]].stop_recording() if "pause" in step else tapes[step["tape"]]:
                self.run(step["steps"])
        elif "watch" in step:
            tapes[step["tape"]].watch([values[name] for name in step["watch"]])
        elif "reset" in step:
            tapes[step["reset"]].reset()
        elif "assign" in step:
            value = values[step["value"]] if isinstance(step["value"], str) else step["value"]
            getattr(values[step["to"]], step["assign"])(value)
        else:
            self.gradient(step)

    def __getitem__(self, name: str) -> Any:
        """The value of a name; a constant, where the step that would have made it raised an error."""
        return self.values.setdefault(name, self.tf.constant(0.5, dtype=self.tf.float64))

    def gradient(self, step: Json) -> None:
        tf = self.tf
        look = self.__getitem__
        seeds = mapped(lambda s: tf.constant(s, dtype=tf.float64), step["seeds"]) if step["seeds"] is not None else None
        found = self.tapes[step["gradient"]].gradient(
            mapped(look, step["target"]), mapped(look, step["sources"]), output_gradients=seeds,
            unconnected_gradients=step["unconnected"],
        )  # fmt: skip
        self.found.append(encode(found))
        for name, gradient in zip(step["out"], leaves(found), strict=True):
            constant = gradient is None or step["unconnected"] == "zero"
            self.values[name] = tf.constant(0.5, dtype=tf.float64) if constant else gradient


def as_python(program: Json) -> str:
    """The program as a TensorFlow user would write it, for reading and for bug reports."""
    lines = []
    for source in program["sources"]:
        variable = source["kind"] == "variable"
        tail = f", trainable={source['trainable']}" if variable else ""
        call = "tf.Variable" if variable else "tf.constant"
        lines.append(f"{source['out']} = {call}({source['value']}{tail}, dtype=tf.{source['dtype']})")
    for name, options in program["tapes"].items():
        lines.append(f"{name} = tf.GradientTape({', '.join(f'{key}={value}' for key, value in options.items())})")
    return "\n".join(lines + written(program["steps"], ""))


def plain(tree: Json) -> str:
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {plain(entry)}" for key, entry in tree.items()) + "}"
    return "[" + ", ".join(map(plain, tree)) + "]" if isinstance(tree, list) else str(tree)


def written(steps: list, indent: str) -> list[str]:
    lines = []
    for step in steps:
        if "op" in step:
            lines.append(f"{indent}{step['out']} = {step['op']}({', '.join(step['in'])})")
        elif "steps" in step:
            entered = f"{step['pause']}.stop_recording()" if "pause" in step else step["tape"]
            lines += [f"{indent}with {entered}:", *(written(step["steps"], indent + "    ") or [f"{indent}    pass"])]
        elif "watch" in step:
            lines.append(f"{indent}{step['tape']}.watch({plain(step['watch'])})")
        elif "reset" in step:
            lines.append(f"{indent}{step['reset']}.reset()")
        elif "assign" in step:
            lines.append(f"{indent}{step['to']}.{step['assign']}({step['value']})")
        else:
            seeds = "" if step["seeds"] is None else f", output_gradients={plain(step['seeds'])}"
            call = f"{step['gradient']}.gradient({plain(step['target'])}, {plain(step['sources'])}{seeds})"
            lines.append(f"{indent}{', '.join(step['out'])} = {call}  # {step['unconnected']}")
    return lines
