"""docs/benchmarks.md: the words of `page.md` with what was measured in the places that it names."""

from __future__ import annotations

import re
from pathlib import Path

from measured import Result, results_of

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"


def write_page(commands: list[str]) -> None:
    PAGE.write_text(page_of((HERE / "page.md").read_text(), results_of(commands)))


def page_of(words: str, results: dict[str, Result]) -> str:
    """Put in the results; what has none says so."""
    told = words.replace("<!-- machines -->", machines(list(results.values())))
    return re.sub(r"<!-- measured: (.+) -->", lambda found: section(found[1], results.get(found[1])), told)


def section(command: str, result: Result | None) -> str:
    if result is None:
        return f"`python benchmarks/{command}`: not measured yet."
    return f"`python benchmarks/{command}`, {when(result)}:\n\n{shown(result.output)}"


def when(result: Result) -> str:
    if result.others is None:
        return f"{result.date}, commit {result.commit}, before machine and other work were recorded"
    return f"{result.date}, commit {result.commit}, {result.seconds:.0f} s; {beside(result.others)}"


def beside(others: float) -> str:
    """Say whether the machine had other work: a tenth of it is more than a system does for itself."""
    if others < 0.1:
        return "nothing else ran"
    return f"**other work took {others:.0%} of the processor**"


def shown(output: str) -> str:
    """Tables stay; the other lines stand as they were printed."""
    lines = [line for line in output.splitlines() if line.strip()]
    blocks: list[list[str]] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        table = line.startswith("|")
        begins = not blocks or table != blocks[-1][0].startswith("|") or following.startswith("| ---")
        if begins:
            blocks.append([])
        blocks[-1].append(line)
    return "\n\n".join("\n".join(one if one[0].startswith("|") else ["```text", *one, "```"]) for one in blocks)


def machines(results: list[Result]) -> str:
    """Say on which machines, and with which versions."""
    kinds: dict[str, list[Result]] = {}
    for one in results:
        if one.others is None:
            continue
        versions = ", ".join(f"{name} {version}" for name, version in one.versions.items())
        kinds.setdefault(f"{one.machine}; {versions}", []).append(one)
    if len(kinds) == 1:
        return next(iter(kinds))
    return "\n".join(f"- {', '.join(one.command for one in some)}: {told}" for told, some in kinds.items())
