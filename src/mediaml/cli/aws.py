"""``mediaml aws``: what stands in the way of working there, what runs in the account, and ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mediaml.cli.output import Json, answering, note

if TYPE_CHECKING:
    from mediaml.aws.ledger import Ledger
    from mediaml.aws.session import Aws
    from mediaml.backends.doctor import Finding
    from mediaml.backends.found import Found
    from mediaml.backends.inventory import Inventory

app = typer.Typer(
    help="Looking before work on AWS; what mediaml has started there, and ending it.", no_args_is_help=True
)
Region = Annotated[str | None, typer.Option(help="Which region; the default: this machine's.")]


@app.command()
def doctor(
    region: Region = None,
    role: Annotated[str | None, typer.Option(help="ARN of the role that SageMaker is to work with.")] = None,
    bucket: Annotated[str | None, typer.Option(help="Where data and models are to be kept.")] = None,
    image_uri: Annotated[str | None, typer.Option(help="Of the container image.")] = None,
    project: Annotated[str | None, typer.Option(help="Of Custom Labels, by name.")] = None,
    instance_type: Annotated[str | None, typer.Option(help="Of SageMaker, for its quotas: ml.c5.2xlarge.")] = None,
    as_json: Json = False,
) -> None:
    """Look for what stands in the way of working on AWS, and say what to do; nothing is changed.

    The exit code is 1 where there is a problem.
    """
    from mediaml.backends.doctor import PROBLEM
    from mediaml.backends.doctor import doctor as look

    with answering(as_json) as answer:
        found = look(
            region=region, role=role, bucket=bucket, image_uri=image_uri, project=project, instance_type=instance_type
        )
        rows = [{"what": one.what, "level": one.level, "found": one.found, "remedy": one.remedy} for one in found]
        ok = all(one.level != PROBLEM for one in found)
        answer.give("\n".join(map(_finding, found)), {"findings": rows}, ok=ok)


def _finding(one: Finding) -> str:
    told = f"{one.level:8} {one.what}: {one.found}"
    return f"{told}\n{'':8} -> {one.remedy}" if one.remedy else told


@app.command()
def running(region: Region = None, as_json: Json = False) -> None:
    """List what mediaml has created and what may cost, from this machine's ledger and from the account."""
    with answering(as_json) as answer:
        listed = _listed(*_account(region))
        rows = [
            {"kind": one.kind, "name": one.name, "status": one.status, "bills": one.bills, "keep": one.keep}
            for one in listed.found
        ]
        nothing = "nothing runs, as far as could be asked" if listed.unknown else "nothing runs"
        facts = {"running": rows, "unknown": listed.unknown}
        answer.give("\n".join(map(_line, listed.found)) or nothing, facts)


def _line(one: Found) -> str:
    told = f"{one.kind:20} {one.name}  {one.status}"
    marks = [
        *(["costs"] if one.bills else []),
        *(["to stay"] if one.keep else []),
        *(["(not of mediaml)"] if not one.ours else ["(not of this machine)"] if not one.known else []),
    ]
    return "  ".join([told, *marks])


@app.command()
def stop(
    names: Annotated[list[str] | None, typer.Argument(help="What; see mediaml aws running.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that mediaml has created, but for what is to stay.")
    ] = False,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """End jobs, endpoints and running versions, with what belongs to them.

    A training of Custom Labels cannot be ended.
    """
    from mediaml.backends.inventory import NOT_KNOWN
    from mediaml.backends.inventory import stop as end

    if bool(names) == everything:
        raise typer.BadParameter("say what to end, by name, or --all", param_hint="names")
    with answering(as_json) as answer:
        aws, ledger = _account(region)
        there = _listed(aws, ledger).found
        # whether what cannot be asked about is to stay by now is not known: it is ended by its name alone
        unasked = [one for one in there if everything and one.ours and not one.keep and one.status == NOT_KNOWN]
        found = [
            one
            for one in there
            if (everything and one.ours and not one.keep and one not in unasked) or one.name in (names or ())
        ]
        ended = end(aws, ledger, found)
        for one in unasked:
            note(f"error: {one.name} could not be asked about, and may be meant to stay: mediaml aws stop {one.name}")
        for one in found:
            if one.kind == "rekognition-training":
                note(f"{one.name} is being trained: the service cannot end a training")
            if one.kind == "rekognition-faces":
                note(f"{one.name} holds people: FaceCollection({one.name!r}).delete() deletes them, nothing else does")
        missing = sorted(set(names or ()) - {one.name for one in found})
        for name in missing:
            note(f"error: there is no {name} of mediaml's in {aws.region}")
        text = "\n".join(f"ended {one}" for one in ended) or "nothing was to be ended"
        answer.give(text, {"ended": ended, "missing": missing}, ok=not missing and not unasked)


@app.command()
def setup(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    region: Region = None,
    as_json: Json = False,
) -> None:
    """Make the role with which AWS itself ends deployments whose hours are over, though this machine is off.

    It shows what it would make, and asks first. Deployments that are made from this machine then find the role.
    """
    import json

    from mediaml.aws.stop_role import NAME, make, stop_role

    with answering(as_json) as answer:
        aws, _ = _account(region)
        role = stop_role(aws)
        note(f"the role {NAME} in the account {role.account}, which costs nothing")
        note(f"may be taken on by: {json.dumps(role.trust, indent=2)}")
        note(f"may do: {json.dumps(role.policy, indent=2)}")
        if not yes and not typer.confirm("Make it?", err=True):
            answer.give("nothing was made", {"made": False, "role": role.arn})
            return
        make(aws, role)
        answer.give(f"{role.arn} is there, and known to this machine", {"made": True, "role": role.arn})


def _listed(aws: Aws, ledger: Ledger) -> Inventory:
    from mediaml.backends.inventory import inventory

    listed = inventory(aws, ledger)
    for reason in listed.unknown:
        note(f"a service cannot be asked what runs there; what this machine's ledger has of it is listed: {reason}")
    return listed


def _account(region: str | None) -> tuple[Aws, Ledger]:
    from mediaml.aws.ledger import ledger
    from mediaml.aws.session import aws, session_of

    return aws(session_of(region)), ledger()
