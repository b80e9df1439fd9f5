"""The small files that say how to lint: configurations, facts, keys. Anything else in their place is refused."""

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

_LARGEST = 1024 * 1024  # bytes; a claim file named by mistake is not read whole


class SettingsFileError(ValueError):
    """A file that cannot be used. The text says why, without the file's name and content."""


def bytes_of(path: Path, largest: int | None = _LARGEST) -> bytes:
    """The bytes of a file, of which there may be `largest`, or any number where a program has written it (None). Raises
    SettingsFileError; a pipe is not waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SettingsFileError("it is a directory, a pipe or a device, not a file")
            data = file.read(-1 if largest is None else largest + 1)
    except OSError as error:
        raise SettingsFileError((error.strerror or "it cannot be read").lower()) from None
    except ValueError as error:
        raise error if isinstance(error, SettingsFileError) else SettingsFileError("it is not a path") from None
    if largest is not None and len(data) > largest:
        raise SettingsFileError(f"larger than {largest // 1024 // 1024} MiB")
    return data


def head_of(path: Path, size: int) -> bytes:
    """The first bytes of a file, b"" where there is none: reading it will say why."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(size)
    except (OSError, ValueError):
        return b""


def text_of(path: Path) -> str:
    """The text of a file. Raises SettingsFileError."""
    try:
        return bytes_of(path).decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsFileError("not UTF-8 text") from None


def table_of(text: str) -> dict[str, Any]:
    """The TOML document in a text. Raises SettingsFileError."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SettingsFileError("not valid TOML: nested too deeply") from None
    except ValueError as error:  # also of a number with too many digits
        raise SettingsFileError(f"not valid TOML: {error}") from None
