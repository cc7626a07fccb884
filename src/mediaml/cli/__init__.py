"""The command line: ``mediaml``. It parses, calls and prints; everything it does can be done in Python too."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import mediaml
from mediaml.cli import archive, aws, cache, pictures, sounds, weights
from mediaml.cli.arguments import in_plain_words
from mediaml.cli.demo import demo
from mediaml.cli.detect import detect
from mediaml.cli.onnx import export_onnx
from mediaml.cli.output import tolerant_streams
from mediaml.cli.serve import serve


class _Plain(TyperGroup):
    """All commands; what is wrong with an option is said in plain words, whichever library checked it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = in_plain_words(error.message)
            raise


app = typer.Typer(
    cls=_Plain,
    help="Find things in pictures, video and sound. Answers go to stdout, everything else to stderr; exit codes: "
    "0 well, 1 something failed, 2 the command line was not understood, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(demo)
app.command()(detect)
app.command()(archive.scan)
app.command()(archive.segments)
app.command()(archive.similar)
app.command()(archive.export)
app.command()(archive.review)
app.command()(export_onnx)
app.command()(serve)
app.add_typer(sounds.app, name="sounds")
app.add_typer(pictures.app, name="pictures")
app.add_typer(weights.app, name="weights")
app.add_typer(cache.app, name="cache")
app.add_typer(aws.app, name="aws")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(mediaml.__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Take what stands before the command."""


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    tolerant_streams()
    app(prog_name="mediaml")
