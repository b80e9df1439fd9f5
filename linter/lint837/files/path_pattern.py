"""Path patterns, with which a configuration names claim files."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern with `*` (anything but a slash), `**` (any folders) and `?`. Without a slash it matches the file's
    name; with one, the path from the folder `base`; with one at its beginning, the whole path.
    """

    text: str
    base: Path

    def matches(self, path: str) -> bool:
        """True if it matches an input's path as the user gave it. "-" is standard input, which only "-" matches."""
        if path == "-" or self.text == "-":
            return path == self.text
        absolute = os.path.abspath(path)  # noqa: PTH100 - links are not followed: the pattern is for the path as given
        if "/" not in self.text:
            text = Path(absolute).name
        elif self.text.startswith("/"):
            text = Path(absolute).as_posix()
        else:
            text = _from(absolute, self.base)
        return _matches(_parts(self.text), text)


def _from(path: str, base: Path) -> str:
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # on another drive
        return Path(path).as_posix()


@lru_cache(256)
def _parts(text: str) -> tuple[str, ...]:
    """A pattern in its parts: `*`, `**`, `?`, `**/`, or one character."""
    text = text.removeprefix("./")
    text += "**" if text.endswith("/") else ""
    return tuple(re.findall(r"\*\*/|\*\*|.", text, re.DOTALL))


def _matches(parts: Sequence[str], text: str) -> bool:
    """Whether a pattern matches the whole of a text. All ways to match are followed at once, so the time is that of
    their lengths multiplied, whatever the pattern is.
    """
    # Two states for each part: even ones are before it, odd ones inside the folders of a `**/`.
    states = _skipped({0}, parts)
    for character in text:
        after = set()
        for state in states:
            number, inside = divmod(state, 2)
            part = parts[number] if number < len(parts) else ""
            if part == "**/":
                after |= {state | 1} | ({state + 2 - inside} if character == "/" else set())
            elif part == "**" or (part == "*" and character != "/"):
                after.add(state)
            elif part == character or (part == "?" and character != "/"):
                after.add(state + 2)
        states = _skipped(after, parts)
    return 2 * len(parts) in states


def _skipped(states: set[int], parts: Sequence[str]) -> set[int]:
    """The states with those that are reached where a part that may be nothing is nothing."""
    found = set(states)
    for state in states:
        while not state % 2 and state // 2 < len(parts) and parts[state // 2] in ("*", "**", "**/"):
            state += 2
            found.add(state)
    return found
