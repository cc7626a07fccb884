"""Files as damage and malice make them, out of good ones: by hypothesis, so that what fails is made small."""

from __future__ import annotations

import signal
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

LONGEST = 60  # seconds of one example: what takes longer hangs
AT_ONCE = 10
CHANGES = (0, 1, 1, 1, 2, 2, 3, 5)  # mostly few: what is changed often is refused at its first line
RECIPE = struct.Struct("<BHHB")
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, 1 << 63)
WORDS = (
    *(b"", b"NaN", b"-Infinity", b"1e999", b"-1", b"1" * 400, b"0.0000001", b"null", b"true", b"[]", b"{}", b'"'),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\n", b"\t", b",", b"[" * 2000, b'{"a":' * 2000, b"../../x"),
    *(b"\xed\xa0\x80", "\u2028\u0000\u202e".encode(), b"1_0", b"0x10", b"<NA>", b"%s%n{0}", b"s3://b/k", b"inf"),
)


def mutated(seeds: Sequence[bytes], at_once: int = 1) -> st.SearchStrategy[list[bytes]]:
    """Give some of the seeds after a few changes each; several at once: to draw costs more than to try."""
    longest = 1 + max(CHANGES) * RECIPE.size

    def made(number: int, drawn: bytes) -> list[bytes]:
        parts = [drawn[at : at + longest] for at in range(0, len(drawn), longest)]
        changes = [part[1 : 1 + CHANGES[part[0] % len(CHANGES)] * RECIPE.size] for part in parts]
        return [applied(seeds, (number + n) % len(seeds), recipe) for n, recipe in enumerate(changes)]

    return st.builds(
        made, st.integers(0, len(seeds) - 1), st.binary(min_size=at_once * longest, max_size=at_once * longest)
    )


def applied(seeds: Sequence[bytes], number: int, recipe: bytes) -> bytes:
    """Change a seed as a recipe says: what, where, with which value, and how much of it."""
    content = bytearray(seeds[number])
    for start in range(0, len(recipe) - RECIPE.size + 1, RECIPE.size):
        what, where, value, much = RECIPE.unpack_from(recipe, start)
        place = where * (len(content) + 1) >> 16
        other = seeds[value % len(seeds)]
        match what % 8:
            case 0:
                content[place : place + 1] = bytes([much])
            case 1:
                content[place : place + 1 + much] = b""
            case 2:
                content[place:place] = content[place : place + 1 + much]
            case 3:
                size = (1, 2, 4, 8)[much % 4]
                number_there = NUMBERS[value % len(NUMBERS)] & ((1 << 8 * size) - 1)
                content[place : place + size] = number_there.to_bytes(size, "little")
            case 4:
                content[place : place + much % 8] = WORDS[value % len(WORDS)]
            case 5:
                content[place:] = other[where * len(other) >> 16 :]
            case 6:
                del content[place:]
            case _:
                content[place : place + 1] = bytes([content[place] ^ 1 << much % 8]) if place < len(content) else b""
    return bytes(content)


@dataclass
class Meter:
    """How many examples there were, what became of them, and how long they took."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    total: float = 0.0

    @contextmanager
    def example(self, *lawful: type[Exception]) -> Iterator[None]:
        """Run an example: it ends in time, and with nothing or with one of these errors."""
        start = time.process_time()
        try:
            with bounded(LONGEST):
                yield
            self.outcomes["read"] += 1
        except lawful as error:
            self.outcomes[type(error).__name__] += 1
        finally:
            took = time.process_time() - start
            self.slowest, self.total = max(self.slowest, took), self.total + took

    def tell(self, what: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Write the counts and times where people see them."""
        told = ", ".join(f"{count:,} {name}" for name, count in self.outcomes.most_common())
        count = sum(self.outcomes.values())
        with capsys.disabled():
            sys.stdout.write(
                f"\n{what}: {count:,} examples in {self.total:.1f} s of a core, "
                f"the slowest {self.slowest:.2f} s; {told}\n"
            )


@contextmanager
def bounded(seconds: int) -> Iterator[None]:
    """End what hangs in Python; what hangs in C ends when it comes back."""

    def over(*_: object) -> None:
        raise AssertionError(f"this hangs: it has not ended after {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fuzz(seeds: Sequence[bytes], count: int, run: Callable[[bytes], None]) -> None:
    """Try so many changed seeds; the first that breaks the law is made small and shown."""
    at_once = 1 if count < 1000 else AT_ONCE

    @settings(
        max_examples=count // at_once,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated(seeds, at_once))
    def each(contents: list[bytes]) -> None:
        for content in contents:
            run(content)

    each()
