"""Findings that are told once a file, such as one on a provider's number that thousands of claims have."""

from collections.abc import Iterator
from typing import NamedTuple

from lint837.lint.finding import Finding
from lint837.lint.repeats import Hashes

HELD = 1000  # of a file, until it ends; what is more is told at once, without the number of claims


class Again(NamedTuple):
    """What a process hands over in place of a finding that it has handed over already: `Finding.once`."""

    once: int


class OnceAFile:
    """The findings of one file that are told once, with how many claims they are about."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[Finding, int]] = {}
        self._told = Hashes()

    def take(self, event: Finding | Again) -> Iterator[Finding]:
        """Take the next finding of the file. Yields it where there is no room to hold it, the first time."""
        held = self._held.get(event.once)
        if held:
            self._held[event.once] = (held[0], held[1] + 1)
        elif isinstance(event, Finding) and len(self._held) < HELD:
            self._held[event.once] = (event, 1)
        elif self._told.is_new(event.once) and isinstance(event, Finding):
            yield event

    def rest(self) -> Iterator[Finding]:
        """What was held, when the file has ended, in the order of the places."""
        for finding, claims in self._held.values():
            if claims > 1:
                more = f"{claims - 1:,} more claim{'s' if claims > 2 else ''}"
                note = f"The file has {more} with the same."
                yield finding._replace(note=f"{finding.note} {note}".strip())
            else:
                yield finding
        self._held.clear()
