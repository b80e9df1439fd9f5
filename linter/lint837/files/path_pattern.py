"""Patterns of paths, as the configuration names claim files."""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_SPECIAL = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern with `*` (anything but a slash), `**` (any folders) and `?`. Without a slash it is compared with the
    file's name, else with its path from the folder `base`; a pattern that begins with a slash, with its whole path.
    """

    text: str
    base: Path

    def matches(self, path: str) -> bool:
        """Whether an input's path, as it was given, is meant. "-" is standard input, and no file."""
        if path == "-" or self.text == "-":
            return path == self.text
        absolute = os.path.abspath(path)  # noqa: PTH100 - links are not followed: a path is what the user calls it
        if "/" not in self.text:
            seen = Path(absolute).name
        elif self.text.startswith("/"):
            seen = Path(absolute).as_posix()
        else:
            seen = _from(absolute, self.base)
        return _regex(self.text).fullmatch(seen) is not None


def _from(path: str, base: Path) -> str:
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # on another drive
        return Path(path).as_posix()


@lru_cache(256)
def _regex(text: str) -> re.Pattern[str]:
    text = text.removeprefix("./")
    text += "**" if text.endswith("/") else ""
    parts = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", text)
    return re.compile("".join(_SPECIAL.get(part, re.escape(part)) for part in parts), re.DOTALL)
