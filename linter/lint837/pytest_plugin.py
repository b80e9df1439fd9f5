"""The pytest plugin: the fixture `lint837_clean`, and claim files collected as tests where that is asked for.

pytest loads it in every project, so it imports nothing of lint837 until a file is linted.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import pytest

_PATTERNS = "lint837_files"
_FAIL_ON = "lint837_fail_on"
_USUAL = ("*.837", "*.837p", "*.837i")


class Clean(Protocol):
    """The type of the fixture `lint837_clean`."""

    def __call__(
        self,
        path: str | os.PathLike[str],
        *,
        fail_on: str = "warning",
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> None:
        """Raise an AssertionError that holds the findings, unless the claim file could be checked whole, has a claim,
        and nothing in it is at or above `fail_on`: error, warning, info or never. `select` and `ignore`: rules by code,
        by the beginning of a code, or by name. The configuration is that of pytest's root directory.
        """


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option and the settings."""
    group = parser.getgroup("lint837", "claim files (lint837)")
    group.addoption("--lint837", action="store_true", help=f"collect claim files as tests: {' '.join(_USUAL)}")
    parser.addini(_PATTERNS, "collect these claim files as tests: patterns of names or of paths", "linelist", [])
    parser.addini(_FAIL_ON, "the least severity that fails a collected claim file", default="warning")


@pytest.fixture(scope="session")
def lint837_clean(pytestconfig: pytest.Config) -> Clean:
    """What checks that a claim file is clean: called with a path, and fail_on="warning"."""

    def clean(
        path: str | os.PathLike[str],
        *,
        fail_on: str = "warning",
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> None:
        __tracebackhide__ = True
        said = _complaint(pytestconfig, os.fspath(path), fail_on, tuple(select), tuple(ignore))
        if said:
            raise AssertionError(said)

    return clean


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ClaimFile | None":
    """A claim file that is to be a test."""
    patterns = parent.config.getini(_PATTERNS)
    if not patterns and parent.config.getoption("lint837"):
        patterns = _USUAL
    if not patterns:
        return None
    from lint837.files.path_pattern import PathPattern

    if any(PathPattern(text, parent.config.rootpath).matches(str(file_path)) for text in patterns):
        return ClaimFile.from_parent(parent, path=file_path)
    return None


class ClaimFile(pytest.File):
    """A claim file, with its one test."""

    def collect(self) -> Iterable["IsClean"]:
        """The test."""
        yield IsClean.from_parent(self, name="lint837")


class IsClean(pytest.Item):
    """The test that a claim file is clean."""

    def runtest(self) -> None:
        """Lint the file."""
        from lint837.config.discover import shown

        said = _complaint(self.config, shown(self.path), self.config.getini(_FAIL_ON))
        if said:
            pytest.fail(said, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the test is, and its name."""
        return self.path, None, f"lint837: {self.path.name}"


def _complaint(
    config: pytest.Config, path: str, fail_on: str, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
) -> str:
    """What is wrong with a claim file, "" where nothing is. A configuration or a rule that cannot be used fails the
    test with the sentence that says so.
    """
    __tracebackhide__ = True
    from lint837.report.complaint import UNUSABLE, complaint, rulebook_in

    try:
        rulebook = rulebook_in(config.rootpath, select, ignore)
    except UNUSABLE as error:
        said = f"lint837: {error}"
    else:
        return complaint(path, fail_on, rulebook)
    pytest.fail(said, pytrace=False)
