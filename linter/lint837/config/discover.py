"""Finds the configuration: lint837.toml, or a pyproject.toml with [tool.lint837], in a directory or above, and says
whether it may be trusted.

settings.py reads it. Most runs have no configuration, and start-up time is a feature.
"""

import contextlib
import os
import stat
from pathlib import Path

from lint837.files.settings_file import SettingsFileError, bytes_of, table_of

FILE, SHARED_FILE = "lint837.toml", "pyproject.toml"
_REPOSITORY = (".git", ".hg")


class SettingsError(ValueError):
    """A configuration that cannot be used. The text says the file, the key, what was found, and what was expected."""


def find(directory: Path | None = None) -> Path | None:
    """The configuration for a directory, by default the current one: the nearest one, in it or above. A pyproject.toml
    counts if it has a table tool.lint837. The search ends at the root of a repository, or at a directory that cannot be
    read.

    It begins where the command runs, never where the claim files are: whoever sends a file must not choose how it is
    checked. Raises SettingsError where a directory has two configurations, or one cannot be read, or one above was put
    there by somebody else.
    """
    with contextlib.suppress(OSError):  # such as a current directory that was removed
        here = directory or Path.cwd()
        for folder in (here, *here.parents):
            own, shared = folder / FILE, folder / SHARED_FILE
            found = [path for path in (own, shared) if path.is_file() and (path is own or _has_table(path))]
            if len(found) > 1:
                raise SettingsError(f"{shown(own)}: {SHARED_FILE} next to it has [tool.lint837] too; keep one of them")
            if found:
                if folder != here:
                    _refuse_of_others(found[0], here)
                return found[0]
            if any((folder / mark).exists() for mark in _REPOSITORY):
                break
    return None


def _refuse_of_others(path: Path, here: Path) -> None:
    """Raise SettingsError for a configuration above `here` that another user may have put there: it would decide what
    is found. Root takes any, and a file system without owners has no others.
    """
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return
    trusted = {os.geteuid(), 0, here.stat().st_uid}
    for one in (path, path.parent):
        status = one.stat()
        writable = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
        if status.st_uid not in trusted or writable:
            why = "anybody can write to" if writable else "another user owns"
            what = "it" if one is path else "its folder"
            raise SettingsError(f"{shown(path)}: {why} {what}; if it is to be used, name it: --config {shown(path)}")


def _has_table(path: Path) -> bool:
    try:
        data = bytes_of(path)
    except SettingsFileError as error:
        raise SettingsError(f"{shown(path)}: {error}") from None
    # Most have none, and need not be parsed. A key written with \u escapes is found with --config only.
    if b"lint837" not in data:
        return False
    try:
        tool = table_of(data.decode("utf-8")).get("tool")
    except ValueError:  # it may be another tool's; if it is ours, reading it reports the error
        return b"tool.lint837" in data
    return isinstance(tool, dict) and "lint837" in tool


def shown(path: Path) -> str:
    """A path as messages show it: relative to the current directory if it is in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (OSError, ValueError):  # OSError: the current directory was removed
        return str(path)
