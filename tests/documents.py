"""The documents as tests read them: their fenced blocks, and their console blocks run by a shell."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
from lint837.commands.main import cli

ROOT = Path(__file__).parent.parent
_MARK = "<the next command>"


class Block(NamedTuple):
    """A fenced block: its language, the name of the file that it is, "" where it is none, and its text."""

    language: str
    name: str
    text: str


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str) -> Iterator[Block]:
    for language, name, text in re.findall(
        r"^```(\w*) ?(\S*)\n(.*?)^```$", text_of(document), re.DOTALL | re.MULTILINE
    ):
        yield Block(language, name, text)


def commands(document: str) -> list[tuple[str, str]]:
    """Each `$ command` of a document's console blocks, with the output that stands below it."""
    found = []
    for block in blocks(document):
        if block.language == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found.append((command, output))
    return found


def lint837_commands() -> dict[str, click.Command]:
    """Every command of lint837 by its name."""
    context = click.Context(cli)
    return {name: command for name in cli.list_commands(context) if (command := cli.get_command(context, name))}


def updating() -> bool:
    """Whether LINT837_UPDATE asks to write what the program prints into the documents and samples."""
    return bool(os.environ.get("LINT837_UPDATE"))


def update(document: str, old: str, new: str) -> None:
    """Replace a part of a document."""
    assert old in text_of(document)
    (ROOT / document).write_text(text_of(document).replace(old, new, 1), encoding="utf-8")


def outputs(document: str, folder: Path) -> list[tuple[str, str]]:
    """Each command of a document with what it prints, run by bash one after another in a folder that has the samples,
    the examples, the files of CMS that tests use, and the files that the document shows. pip installs into the folder.
    Times are left out.
    """
    for name, source in (("samples", "samples"), ("examples", "examples"), ("cms", "tests/facts/cms")):
        shutil.copytree(ROOT / source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks(document):
        if block.name:
            path = folder / block.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    given = [command for command, _ in commands(document)]
    script = "".join(f"{command}\necho '{_MARK}'\n" for command in given)
    done = subprocess.run(
        ["bash", "--norc", "-c", script],  # noqa: S607 - the bash of whoever runs the tests
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    said = re.sub(r"\bin \d+\.\d+s", "in 0.10s", done.stdout)
    *printed, rest = said.split(f"{_MARK}\n")
    assert rest == ""
    return list(zip(given, printed, strict=True))


def _environment(folder: Path) -> dict[str, str]:
    """The commands of this environment go first; nothing is installed into it, and nothing fetched."""
    site = str(folder / "site")
    pip = {"PIP_TARGET": site, "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    plain = {"PYTHONPATH": site, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80", "PATH": path, "LC_ALL": "C"}
    return {**os.environ, **pip, **plain}
