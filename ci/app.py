"""`make app`: lint837 as one file that needs Python alone, with what its page needs and nothing that is compiled.

python ci/app.py FILE

The packages are those of this environment, which ci/development.txt pins, and each of their files is compared with its
hash. Nothing in FILE depends on the machine, the day or the Python that makes it: its members are in the order of their
names, of one date, and not compressed.
"""

import base64
import hashlib
import io
import re
import stat
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("anyio", "click", "h11", "idna", "starlette", "typing_extensions", "uvicorn")
OWN = ("linter/lint837", "rules/lint837_rules")
_SUFFIXES = (".py", ".toml", ".html", ".css", ".js")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a ZIP archive
_MAIN = b"""\
import sys

if sys.version_info < (3, 11):
    sys.exit("lint837 needs Python 3.11 or later. This is Python %d.%d." % sys.version_info[:2])
if len(sys.argv) == 1:
    sys.argv.append("serve")

from lint837.commands.main import main

main()
"""


def contents() -> Iterator[tuple[str, bytes]]:
    """The files, each with its name. Raises ValueError where a package was changed or needs something compiled."""
    yield "__main__.py", _MAIN
    for folder in map(ROOT.joinpath, OWN):
        for path in folder.rglob("*"):
            if path.suffix in _SUFFIXES:
                yield path.relative_to(folder.parent).as_posix(), path.read_bytes()
    yield from _metadata()
    for name in PACKAGES:
        yield from _files_of(name)


def _metadata() -> Iterator[tuple[str, bytes]]:
    """What an installer leaves of lint837: its rules are found by it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.findall('^__version__ = "(.*)"$', (ROOT / OWN[0] / "__init__.py").read_text(), re.MULTILINE)[0]
    points = project["entry-points"]["lint837.rules"].items()
    folder = f"lint837-{version}.dist-info"
    yield f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: lint837\nVersion: {version}\n".encode()
    yield f"{folder}/entry_points.txt", "\n".join(["[lint837.rules]", *map(" = ".join, points), ""]).encode()
    yield f"{folder}/licenses/LICENSE", (ROOT / "LICENSE").read_bytes()


def _files_of(name: str) -> Iterator[tuple[str, bytes]]:
    """The modules, the licenses and the metadata of an installed package."""
    for file in distribution(name).files or ():
        path = file.as_posix()
        if path.startswith("..") or "__pycache__" in path or file.name in ("RECORD", "INSTALLER", "REQUESTED"):
            continue
        if file.suffix in (".so", ".pyd"):
            raise ValueError(f"{name} is not pure Python: {path}")
        data = Path(str(file.locate())).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        if file.hash is None or file.hash.value != digest:
            raise ValueError(f"{name} is not as it was installed: {path}")
        yield path, data


def app() -> bytes:
    """The one file."""
    packed = io.BytesIO()
    packed.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(contents()):
            member = zipfile.ZipInfo(name, _FIRST_DAY)
            member.create_system = 3  # on Windows too
            member.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(member, data)
    return packed.getvalue()


def main(place: str) -> None:
    """Write the file to `place`, and say what it is."""
    data = app()
    path = Path(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)
    sys.stdout.write(f"{path}: {len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}\n")


if __name__ == "__main__":
    main(sys.argv[1])
