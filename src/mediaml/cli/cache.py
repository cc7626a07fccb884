"""``mediaml cache``: what pretrained networks heard."""

from __future__ import annotations

import typer

from mediaml.cli.arguments import understood
from mediaml.cli.output import Json, answering

app = typer.Typer(help="What pretrained networks heard, kept so that a clip is not heard twice.", no_args_is_help=True)


@app.command()
def info(as_json: Json = False) -> None:
    """Tell where the cache lies and how full it is."""
    from mediaml.features import cache

    with answering(as_json) as answer:
        with understood(cache.LIMIT):
            found = cache.info()
        answer.give(
            f"{found.path}\n{found.entries:,} clips, {megabytes(found.bytes)} of at most {megabytes(found.limit)}",
            {"path": found.path, "entries": found.entries, "bytes": found.bytes, "limit": found.limit},
        )


@app.command()
def clear(as_json: Json = False) -> None:
    """Forget everything; it only saved time."""
    from mediaml.features import cache

    with answering(as_json) as answer:
        with understood(cache.LIMIT):
            entries, size = cache.clear()
        answer.give(f"{entries:,} clips, {megabytes(size)}, forgotten", {"entries": entries, "bytes": size})


def megabytes(size: int) -> str:
    """Write a number of bytes as a person would read it."""
    return f"{size / 1e6:,.1f} MB"
