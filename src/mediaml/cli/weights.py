"""``mediaml weights``: what pretrained networks know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mediaml.cli.output import Json, answering, note

if TYPE_CHECKING:
    from mediaml.features.weights import Source

app = typer.Typer(help="Weights of pretrained networks: fetched at your word only.", no_args_is_help=True)

Network = Annotated[str, typer.Argument(help="The network: yamnet.")]


@app.command()
def fetch(network: Network, as_json: Json = False) -> None:
    """Say what the weights are, where they come from and under which licence; then fetch them."""
    from mediaml.features import weights

    with answering(as_json) as answer:
        place = weights.path(network)
        there = place.exists()
        if not there:
            note(_described(weights.SOURCES[network]) + f"\nkept in: {place}\nfetching ...")
        weights.fetch(network)
        answer.give(f"{'already there' if there else 'fetched'}: {place}", {**_facts(network), "fetched": not there})


@app.command(name="list")
def list_(as_json: Json = False) -> None:
    """List the networks that there are weights for, and whether they are on this machine."""
    from mediaml.features import weights

    with answering(as_json) as answer:
        lines = [line for name in weights.SOURCES for line in (_place(name), _described(weights.SOURCES[name]))]
        answer.give("\n".join(lines), {"weights": [_facts(name) for name in weights.SOURCES]})


@app.command()
def remove(network: Network, as_json: Json = False) -> None:
    """Delete fetched weights."""
    from mediaml.features import weights

    with answering(as_json) as answer:
        place = weights.path(network)
        there = weights.remove(network)
        answer.give(f"{'removed' if there else 'not there'}: {place}", {**_facts(network), "removed": there})


def _place(name: str) -> str:
    from mediaml.features import weights

    place = weights.path(name)
    return f"{name}: {'here,' if place.exists() else 'not here; they would be kept in'} {place}"


def _described(source: Source) -> str:
    return (
        f"  what: {source.what}\n"
        f"  from: the package index that pip is set up for, {source.package}=={source.version} "
        f"({source.bytes / 1e6:.1f} MB, sha256 {source.sha256[:12]}...)\n"
        f"  licence: {source.licence}"
    )


def _facts(name: str) -> dict[str, object]:
    from dataclasses import asdict

    from mediaml.features import weights

    place = weights.path(name)
    return {"network": name, "path": place, "here": place.exists(), "source": asdict(weights.SOURCES[name])}
