"""``mediaml aws``: what runs in the account, and ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mediaml.cli.output import Json, answering, note

if TYPE_CHECKING:
    from mediaml.backends.sagemaker.creating import Workshop

app = typer.Typer(help="What mediaml has started on AWS, and ending it.", no_args_is_help=True)
Region = Annotated[str | None, typer.Option(help="Which region; the default: this machine's.")]


@app.command()
def running(region: Region = None, as_json: Json = False) -> None:
    """List what mediaml has created and what may cost, from this machine's ledger and from the account."""
    from mediaml.backends.sagemaker.inventory import inventory

    with answering(as_json) as answer:
        found = inventory(_workshop(region))
        lines = [
            f"{one.kind:16} {one.name}  {one.status}{'  costs' if one.bills else ''}{'  to stay' if one.keep else ''}"
            f"{'' if one.known else '  (not of this machine)'}"
            for one in found
        ]
        rows = [
            {"kind": one.kind, "name": one.name, "status": one.status, "bills": one.bills, "keep": one.keep}
            for one in found
        ]
        answer.give("\n".join(lines) or "nothing runs", {"running": rows})


@app.command()
def stop(
    names: Annotated[list[str] | None, typer.Argument(help="What; see mediaml aws running.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of it, but for what is to stay.")] = False,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """End jobs and endpoints that mediaml has created, with what belongs to them."""
    from mediaml.backends.sagemaker.inventory import inventory
    from mediaml.backends.sagemaker.inventory import stop as end

    if bool(names) == everything:
        raise typer.BadParameter("say what to end, by name, or --all", param_hint="names")
    with answering(as_json) as answer:
        workshop = _workshop(region)
        found = [one for one in inventory(workshop) if (everything and not one.keep) or one.name in (names or ())]
        # endpoints first: their configurations and models end with them
        order = ("endpoint", "training-job", "transform-job", "endpoint-config", "model")
        ended: list[str] = []
        for one in sorted(found, key=lambda one: order.index(one.kind)):
            ended.extend(what for what in end(workshop, one) if what not in ended)
        missing = sorted(set(names or ()) - {one.name for one in found})
        for name in missing:
            note(f"error: there is no {name} of mediaml's in {workshop.aws.region}")
        text = "\n".join(f"ended {one}" for one in ended) or "nothing was to be ended"
        answer.give(text, {"ended": ended, "missing": missing}, ok=not missing)


def _workshop(region: str | None) -> Workshop:
    import boto3

    from mediaml.aws.ledger import ledger
    from mediaml.aws.session import aws
    from mediaml.backends.sagemaker.creating import Workshop

    return Workshop(aws(boto3.Session(region_name=region)), ledger())
