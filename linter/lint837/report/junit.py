"""The report as JUnit XML: a test suite a file, a test case a finding. Only a finding that makes the exit status 1 is
a failure; what could not be checked is an error.
"""

import zlib
from collections import Counter
from collections.abc import Iterator

try:
    from lxml import etree
except ModuleNotFoundError:  # in the one file that needs nothing installed; it writes the same
    from xml.etree import ElementTree as etree  # type: ignore[no-redef] # noqa: N813 - lxml's name

from lint837.lint.finding import InputSummary
from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Write
from lint837.report.model import About
from lint837.report.phrases import inert, place, sentence
from lint837.rules.rule import Severity
from lint837.rules.values import counted

_INCOMPLETE = 3  # the exit status


class Writer(formats.Writer):
    """Keeps the test cases, packed, and writes one document, in UTF-8, at the end: its counts come first."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._fail_on: Severity | None = None
        self._name = "lint837"
        self._suites: list[_Suite] = []
        self._counts: Counter[str] = Counter()
        self._suite = _Suite()

    def begin(self, about: About) -> None:
        """Keep what is a failure, and whose configuration it is."""
        self._fail_on = about.fail_on
        self._name = f"lint837, configuration: {inert(about.configuration)}" if about.configuration else "lint837"

    def finding(self, entry: Entry) -> None:
        """A test case."""
        if self._suite.name != entry.location.path:
            self._close()
            self._suite.name = entry.location.path
        self._suite.add(_case(entry, self._fail_on))

    def input(self, item: InputSummary) -> None:
        """A test suite."""
        if self._suite.name != item.path:
            self._close()
            self._suite.name = item.path
        if not self._suite.counts:
            name = f"{counted(item.claims, 'claim')} checked"
            self._suite.add(etree.Element("testcase", classname=inert(item.path), name=name))
        self._close()

    def end(self, ending: Ending) -> None:
        """The document."""
        self._close()
        if ending.exit_status == _INCOMPLETE and ending.totals.complete:
            # No finding says so, but the run did not pass.
            self._suite.name = "lint837"
            case = etree.Element("testcase", classname="lint837", name="claims are found")
            etree.SubElement(case, "error", message="no 837P or 837I claim was found", type="lint837")
            self._suite.add(case)
            self._close()
        head = _text(_with_counts(etree.Element("testsuites", name=self._name), self._counts))
        self._write(b"<?xml version='1.0' encoding='UTF-8'?>\n")
        if not self._suites:
            self._write(head + b"\n")
            return
        self._write(head.removesuffix(b"/>") + b">\n")
        for suite in self._suites:
            for text in suite.text():
                self._write(text)
        self._write(b"</testsuites>\n")

    def _close(self) -> None:
        if self._suite.counts:
            self._suite.close()
            self._suites.append(self._suite)
            self._counts += self._suite.counts
        self._suite = _Suite()


class _Suite:
    """A test suite. Its cases are packed text: there may be many, and they are much alike."""

    def __init__(self) -> None:
        self.name = ""
        self.counts: Counter[str] = Counter()
        self._packed: list[bytes] = []
        self._packer = zlib.compressobj(1)

    def add(self, case: "etree._Element") -> None:
        """Take a test case."""
        self.counts["tests"] += 1
        self.counts["failures"] += len(case.findall("failure"))
        self.counts["errors"] += len(case.findall("error"))
        etree.indent(case, level=2)
        self._pack(self._packer.compress(b"    " + _text(case) + b"\n"))

    def close(self) -> None:
        """Take no more test cases."""
        self._pack(self._packer.flush())
        del self._packer

    def text(self) -> Iterator[bytes]:
        """The suite as text, in pieces."""
        head = _text(_with_counts(etree.Element("testsuite", name=inert(self.name)), self.counts))
        yield b"  " + head.removesuffix(b"/>") + b">\n"
        unpacker = zlib.decompressobj()
        for packed in self._packed:
            yield unpacker.decompress(packed)
        yield b"  </testsuite>\n"

    def _pack(self, packed: bytes) -> None:
        if packed:
            self._packed.append(packed)


def _text(element: "etree._Element") -> bytes:
    """An element as text: the same, whatever wrote it. In text and attributes > is written as &gt;."""
    return etree.tostring(element, encoding="UTF-8").replace(b" />", b"/>")


def _with_counts(element: "etree._Element", counts: Counter[str]) -> "etree._Element":
    for name in ("tests", "failures", "errors"):
        element.set(name, str(counts[name]))
    return element


def _case(entry: Entry, fail_on: Severity | None) -> "etree._Element":
    at = entry.location
    where = ", ".join(filter(None, [place(entry), f"{at.line}:{at.column}"]))
    name = inert(f"{entry.rule} {entry.name}: {where}")
    case = etree.Element("testcase", classname=inert(at.path), name=name)
    if entry.incomplete or (fail_on is not None and entry.severity >= fail_on):
        kind = "error" if entry.incomplete else "failure"
        etree.SubElement(case, kind, message=inert(entry.message), type=inert(entry.rule)).text = sentence(entry)
    else:
        etree.SubElement(case, "system-out").text = f"{entry.severity}: {sentence(entry)}"
    return case
