"""Where the configuration is: lint837.toml, or a pyproject.toml with [tool.lint837], found upwards.

Kept apart from what reads it (settings.py), since most runs have none, and start-up time is a feature.
"""

import contextlib
import tomllib
from pathlib import Path

FILE, SHARED_FILE = "lint837.toml", "pyproject.toml"
_REPOSITORY = (".git", ".hg")


class SettingsError(ValueError):
    """A configuration that cannot be used: says the file, the key, what stands there, and what was expected."""


def find(directory: Path | None = None) -> Path | None:
    """The configuration for a directory, by default the current one: that of the nearest upwards which has one. A
    pyproject.toml counts where it has a table tool.lint837. The search ends at the root of a repository, and where it
    may not look.

    It begins where the command runs, never where the claim files lie: who sends a file must not choose how it is
    checked. Raises SettingsError where a directory has both, or a file cannot be read.
    """
    with contextlib.suppress(OSError):  # also where the current directory is no more
        here = directory or Path.cwd()
        for folder in (here, *here.parents):
            own, shared = folder / FILE, folder / SHARED_FILE
            found = [path for path in (own, shared) if path.is_file() and (path is own or _has_table(path))]
            if len(found) > 1:
                raise SettingsError(f"{shown(own)}: {SHARED_FILE} beside it has [tool.lint837] too; keep one of them")
            if found:
                return found[0]
            if any((folder / mark).exists() for mark in _REPOSITORY):
                break
    return None


def _has_table(path: Path) -> bool:
    data = bytes_of(path)
    # Most have none, and need not be parsed. Whoever writes a key with \u escapes must use --config.
    if b"lint837" not in data:
        return False
    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except ValueError:  # of another tool's making; if it is ours, --config tells what is wrong
        return b"tool.lint837" in data
    return isinstance(tool, dict) and "lint837" in tool


def bytes_of(path: Path) -> bytes:
    """What a file holds. Raises SettingsError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{shown(path)}: {(error.strerror or 'it cannot be read').lower()}") from None


def shown(path: Path) -> str:
    """A path as it is told: without the current directory before it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
