"""The pytest plugin: the fixture `lint837_clean`, and claim files collected as tests on request.

pytest loads it in every project, so it imports nothing else of lint837 until a file is checked.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import pytest

_PATTERNS = "lint837_files"
_FAIL_ON = "lint837_fail_on"
_CLAIM_FILES = ("*.837", "*.837p", "*.837i")


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
        """Raise an AssertionError with the findings, unless the claim file holds a claim, was checked completely, and
        has no finding at or above `fail_on`: error, warning, info or never. `select` and `ignore`: rules by code, by
        group such as HCP, or by name. The configuration is that of pytest's root directory.
        """


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the settings."""
    group = parser.getgroup("lint837", "claim files (lint837)")
    group.addoption("--lint837", action="store_true", help=f"collect claim files as tests: {' '.join(_CLAIM_FILES)}")
    parser.addini(_PATTERNS, "collect these claim files as tests: patterns of names or paths", "linelist", [])
    parser.addini(_FAIL_ON, "fail a collected claim file for findings of this severity or above", default="warning")


@pytest.fixture(scope="session")
def lint837_clean(pytestconfig: pytest.Config) -> Clean:
    """A function that fails a test unless a claim file is clean. Its parameters are those of `Clean`."""

    def clean(
        path: str | os.PathLike[str],
        *,
        fail_on: str = "warning",
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> None:
        __tracebackhide__ = True
        wrong = _complaint(pytestconfig, os.fspath(path), fail_on, tuple(select), tuple(ignore))
        if wrong:
            raise AssertionError(wrong)

    return clean


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ClaimFile | None":
    """Collect a claim file if the settings or --lint837 say so."""
    patterns = parent.config.getini(_PATTERNS)
    if not patterns and parent.config.getoption("lint837"):
        patterns = _CLAIM_FILES
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
        """Check the file."""
        from lint837.config.discover import shown

        wrong = _complaint(self.config, shown(self.path), self.config.getini(_FAIL_ON))
        if wrong:
            pytest.fail(wrong, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the test is, and its name."""
        return self.path, None, f"lint837: {self.path.name}"


def _complaint(
    config: pytest.Config, path: str, fail_on: str, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
) -> str:
    """What is wrong with a claim file, "" if nothing. Fails the test if the configuration or a rule cannot be used."""
    __tracebackhide__ = True
    from lint837.report.complaint import UNUSABLE, complaint, rulebook_in

    try:
        rulebook = rulebook_in(config.rootpath, select, ignore)
    except UNUSABLE as error:
        unusable = f"lint837: {error}"
    else:
        return complaint(path, fail_on, rulebook)
    pytest.fail(unusable, pytrace=False)
