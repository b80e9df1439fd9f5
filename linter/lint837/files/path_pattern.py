"""Path patterns, with which a configuration names claim files."""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_SPECIAL = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


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
        return _regex(self.text).fullmatch(text) is not None


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
