"""The command line: ``tracer grad "sum((X @ w - y)**2)" --wrt w --shape X=n,m --shape w=m --shape y=n``."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import tracer
from tracer.expressions import ExpressionError, Reader, parse_shape
from tracer.tensor import Tensor

FORMS = ("matrix", "components", "steps", "latex", "python")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tracer", description="Symbolic gradients of tensor expressions.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {tracer.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in (("grad", "the gradient of an expression"), ("hessian", "its matrix of second derivatives")):
        command = commands.add_parser(
            name,
            help=summary,
            description=f"Print {summary}.",
            epilog=f'for instance: tracer {name} "sum((X @ w - y)**2)" --wrt w --shape X=n,m --shape w=m --shape y=n',
        )
        command.add_argument("expression", help="such as 'sum((X @ w - y)**2)'")
        command.add_argument("--wrt", action="append", required=True, metavar="NAME", help="differentiate by this source")
        command.add_argument(
            "--shape", action="append", default=[], metavar="NAME=DIMS", help="the shape of a source, such as X=n,3"
        )
        command.add_argument("--stop", action="append", default=[], metavar="NAME", help="read through stop_gradient")
        command.add_argument("--form", choices=FORMS, help="how to print (default: matrix; steps where that is too long)")
        command.add_argument("--render", metavar="FILE", help="draw the graph into an .svg, .png, .pdf or .dot file")
    return parser


def _derivatives(command: str, target: Tensor, sources: Sequence[Tensor]) -> dict[str, Tensor | None]:
    """What is asked for, each under the name that it is printed with."""
    gradients = tracer.gradients(target, list(sources))
    if command == "grad":
        return {s.name: g for s, g in zip(sources, gradients, strict=True)}
    return {
        s.name if s is t else f"{s.name}, {t.name}": None if g is None else _jacobian(g, t)
        for k, (s, g) in enumerate(zip(sources, gradients, strict=True))
        for t in sources[k:]
    }


def _jacobian(target: Tensor, source: Tensor) -> Tensor | None:
    raise NotImplementedError


def _text(derivative: Tensor | None, form: str | None) -> str:
    if derivative is None:
        return "None"
    if form is None:
        return tracer.describe(derivative)
    answer: Any = tracer.formula(derivative, form=form)
    if form != "steps":
        return str(answer)
    steps, results = answer
    return "\n".join([*(f"{symbol} = {expression}" for symbol, expression in steps), *map(str, results)])


def _run(options: argparse.Namespace) -> str:
    shapes = dict(map(parse_shape, options.shape))
    if len(shapes) < len(options.shape):
        raise ExpressionError("a name is given two shapes")
    wrt = list(dict.fromkeys(name for names in options.wrt for name in names.split(",")))
    reader = Reader(shapes, options.stop)
    target = reader.read(options.expression)
    for name in wrt + options.stop + list(shapes):
        if name not in reader.sources and not (name in wrt and name in shapes):
            known = ", ".join(reader.sources) or "none"
            raise ExpressionError(f"the expression has no source {name!r}; its sources are: {known}")
    derivatives = _derivatives(options.command, target, [reader.source(name) for name in wrt])
    texts = {name: _text(d, options.form) for name, d in derivatives.items()}
    if options.render:
        drawn = {reader.source(name): derivatives.get(name) for name in wrt}
        tracer.render(target, options.render, gradients=drawn, view="both")
    return "\n".join(f"{name}: {text}" if len(texts) > 1 else text for name, text in texts.items())


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, by default those of the process.

    Returns
    -------
    int
        The exit status: 0. Wrong usage exits with the status 2 and one line on the error stream.
    """
    arguments = sys.argv[1:] if argv is None else argv
    parser = _parser()
    # argparse takes an expression such as -x**2 for an option, unless it does not begin with the sign.
    options = parser.parse_args([f" {a}" if re.match("-[^-h]", a) else a for a in arguments])
    try:
        print(_run(options))
    except (TypeError, ValueError, LookupError, RuntimeError, ArithmeticError, OSError) as error:
        parser.error(str(error) or type(error).__name__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
