"""Finds the configuration: lint837.toml, or a pyproject.toml with [tool.lint837], in a directory or above.

settings.py reads it. Most runs have no configuration, and start-up time is a feature.
"""

import contextlib
import tomllib
from pathlib import Path

FILE, SHARED_FILE = "lint837.toml", "pyproject.toml"
_REPOSITORY = (".git", ".hg")


class SettingsError(ValueError):
    """A configuration that cannot be used. The text says the file, the key, what was found, and what was expected."""


def find(directory: Path | None = None) -> Path | None:
    """The configuration for a directory, by default the current one: the nearest one, in it or above. A pyproject.toml
    counts if it has a table tool.lint837. The search ends at the root of a repository, or at a directory that cannot be
    read.

    It begins where the command runs, never where the claim files are: whoever sends a file must not choose how it is
    checked. Raises SettingsError where a directory has two configurations, or one cannot be read.
    """
    with contextlib.suppress(OSError):  # such as a current directory that was removed
        here = directory or Path.cwd()
        for folder in (here, *here.parents):
            own, shared = folder / FILE, folder / SHARED_FILE
            found = [path for path in (own, shared) if path.is_file() and (path is own or _has_table(path))]
            if len(found) > 1:
                raise SettingsError(f"{shown(own)}: {SHARED_FILE} next to it has [tool.lint837] too; keep one of them")
            if found:
                return found[0]
            if any((folder / mark).exists() for mark in _REPOSITORY):
                break
    return None


def _has_table(path: Path) -> bool:
    data = bytes_of(path)
    # Most have none, and need not be parsed. A key written with \u escapes is found with --config only.
    if b"lint837" not in data:
        return False
    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except ValueError:  # it may be another tool's; if it is ours, reading it reports the error
        return b"tool.lint837" in data
    return isinstance(tool, dict) and "lint837" in tool


def bytes_of(path: Path) -> bytes:
    """The bytes of a file. Raises SettingsError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{shown(path)}: {(error.strerror or 'it cannot be read').lower()}") from None


def shown(path: Path) -> str:
    """A path as messages show it: relative to the current directory if it is in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
