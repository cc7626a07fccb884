"""Run the benchmarks one after the other, keep what each printed, and write docs/benchmarks.md from that.

    python benchmarks/run.py                     # all of them: an hour and more; nothing else should run on the machine
    python benchmarks/run.py logmel esc10        # these scripts again
    python benchmarks/run.py --missing           # those without a result: goes on where a run was ended
    python benchmarks/run.py --page              # nothing; only the page

What is run is what `page.md` names in its lines `<!-- measured: SCRIPT ARGUMENTS -->`; what was printed takes the place
of the line. Results stand in `results/`, a file each, with the machine, other work on it, the versions and the commit.
A benchmark that fails keeps its older result, and is named at the end.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from measured import Result, now, results_of
from page import write_page

HERE = Path(__file__).parent
MEASURED = re.compile(r"^<!-- measured: (.+) -->$", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scripts", nargs="*", help="names, without .py")
    parser.add_argument("--missing", action="store_true", help="those without a result")
    parser.add_argument("--page", action="store_true", help="run nothing")
    asked = parser.parse_args()
    commands = MEASURED.findall((HERE / "page.md").read_text())
    chosen = [] if asked.page else wanted(commands, asked.scripts, asked.missing)
    failed = [command for command in chosen if not measured(command)]
    write_page(commands)
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def wanted(commands: list[str], scripts: list[str], missing: bool) -> list[str]:
    """Give the commands to run, in the order of the page."""
    known = {name_of(command) for command in commands}
    if strange := set(scripts) - known:
        sys.exit(f"page.md names no {', '.join(sorted(strange))}; it has {', '.join(sorted(known))}")
    there = results_of(commands)
    return [
        command
        for command in commands
        if (not scripts or name_of(command) in scripts) and not (missing and command in there)
    ]


def name_of(command: str) -> str:
    return command.split(maxsplit=1)[0].removesuffix(".py")


def measured(command: str) -> bool:
    """Run one and keep its result; False where it failed."""
    print(f"$ python benchmarks/{command}", flush=True)
    script, *arguments = command.split()
    began = now()
    python = [sys.executable, str(HERE / script), *arguments]
    printed = []
    with subprocess.Popen(python, cwd=HERE.parent, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            print(line, end="", flush=True)
            printed.append(line)
    if run.returncode:
        print(f"benchmarks/{script} ended with {run.returncode}: its older result, if any, is kept", flush=True)
        return False
    Result.of(command, began, "".join(printed)).keep()
    return True


if __name__ == "__main__":
    main()
