"""The installed rule packages: entry points, read from the metadata that installers leave; modules; files.

importlib's metadata and resources and pkgutil find them too, but to import those takes as long as to lint a small claim
file; they are asked where a package is installed in another way than as a folder beside its *.dist-info.
"""

import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

_METADATA = ".dist-info"
_OTHER_METADATA = (".egg-info", ".egg", ".egg-link")


class EntryPoint(NamedTuple):
    """Its name, its value (a module), and the distribution that it belongs to."""

    name: str
    value: str
    distribution: str


def entry_points(group: str, of: str = "") -> list[EntryPoint]:
    """The entry points of a group, by their values; of a distribution that is there twice, those of the first. `of`:
    the only distribution that is asked.
    """
    found: dict[str, list[EntryPoint]] = {}
    for folder in dict.fromkeys(os.path.realpath(entry) for entry in sys.path):
        if os.path.isfile(folder) and not folder.endswith((".zip", ".pyz")):
            continue
        try:
            names = sorted(os.listdir(folder))
        except FileNotFoundError:
            continue
        except OSError:
            return _slowly(group, of)  # an archive of modules, perhaps
        if any(name.endswith(_OTHER_METADATA) for name in names):
            return _slowly(group, of)
        for name in names:
            if name.endswith(_METADATA):
                distribution = name.partition("-")[0].lower().replace("_", "-")
                if of not in ("", distribution):
                    continue
                points = _of_file(os.path.join(folder, name, "entry_points.txt"), group)
                found.setdefault(distribution, [EntryPoint(*point, distribution) for point in points])
    return sorted((point for points in found.values() for point in points), key=lambda point: (point.value, point.name))


def _of_file(path: str, group: str) -> Iterator[tuple[str, str]]:
    """The names and values of a group in an entry_points.txt; none where there is no such file."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return
    section = ""
    for line in map(str.strip, text.splitlines() if f"[{group}]" in text else ()):
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == group and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield name.strip(), value.strip()


def _slowly(group: str, of: str) -> list[EntryPoint]:
    from importlib import metadata

    points = [
        EntryPoint(point.name, point.value, point.dist.name.lower().replace("_", "-") if point.dist else "")
        for point in metadata.entry_points(group=group)
    ]
    kept = (point for point in points if of in ("", point.distribution))
    return sorted(kept, key=lambda point: (point.value, point.name))


def modules_of(package: ModuleType) -> list[str]:
    """The names of a package and of all modules in it and in its packages; of a module its own."""
    names = [package.__name__]
    for folder in getattr(package, "__path__", ()):
        if os.path.isdir(folder):
            names += _modules_in(folder, package.__name__)
        else:
            import pkgutil

            names += [module.name for module in pkgutil.walk_packages([folder], f"{package.__name__}.")]
    return names


def _modules_in(folder: str, package: str) -> Iterator[str]:
    for entry in sorted(os.listdir(folder)):
        inside = os.path.join(folder, entry)
        if entry.endswith(".py") and entry != "__init__.py":
            yield f"{package}.{entry.removesuffix('.py')}"
        elif os.path.isfile(os.path.join(inside, "__init__.py")):
            yield f"{package}.{entry}"
            yield from _modules_in(inside, f"{package}.{entry}")


def files_of(package: ModuleType, folder: str, suffix: str) -> Iterator[tuple[str, str]]:
    """The names and texts of the files in a folder of a package whose names end in `suffix`, in their order."""
    for path in getattr(package, "__path__", ()):
        inside = os.path.join(path, folder)
        if os.path.isdir(inside):
            for name in sorted(os.listdir(inside)):
                if name.endswith(suffix):
                    with open(os.path.join(inside, name), encoding="utf-8") as file:
                        yield name, file.read()
        elif not os.path.isdir(path):
            from importlib import resources

            archive = resources.files(package) / folder
            for entry in sorted(archive.iterdir(), key=lambda entry: entry.name) if archive.is_dir() else ():
                if entry.name.endswith(suffix):
                    yield entry.name, entry.read_text(encoding="utf-8")


def files_in(package: ModuleType, name: str) -> Iterator[tuple[str, str]]:
    """The name and text of a file of a package, if it has one."""
    yield from (found for found in files_of(package, "", name) if found[0] == name)
