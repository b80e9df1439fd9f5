"""The statistics: the counts of the page, as a table, in every way that they can be asked for."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from lint837 import Severity, lint_file, load_rulebook
from lint837.report.at_stake import Summary
from lint837.report.entry import AsBilled
from lint837.report.redact import Redaction

from tests.documents import ROOT
from tests.processes import lint837 as process
from tests.reports import Whole, redacted, render, whole_of, wholes

OFFICE = ROOT / "samples/dirty/office-837p.837"
RULEBOOK = load_rulebook(isolated=True)


def linted(path: Path = OFFICE) -> Whole:
    return whole_of(lint_file(path, rulebook=RULEBOOK), fail_on=Severity.ERROR)


def tables(text: str) -> dict[str, list[tuple[str, int, int, int]]]:
    """The rows of each table by its title."""
    found: dict[str, list[tuple[str, int, int, int]]] = {}
    for part in text.split("\n\n"):
        head, *rows = part.splitlines()
        if head.endswith("charges at risk"):
            title = head.partition("  ")[0]
            found[title] = []
            for row in re.findall(r"^(.*?)\s+([\d,]+)\s+([\d,]+)\s+\$([\d,.]+)$", "\n".join(rows), re.MULTILINE):
                name, *numbers = row
                findings, lines, charges = (int(number.removesuffix(".00").replace(",", "")) for number in numbers)
                found[title].append((name, findings, lines, charges))
    return found


def written(whole: Whole) -> str:
    return render("statistics", whole).decode()


def lint837(*arguments: str, ci: str = "") -> tuple[int, str, str]:
    done = process(*arguments, cwd=ROOT, env={"CI": ci})
    return done.returncode, done.stdout, done.stderr


def test_the_tables_of_a_batch() -> None:
    found = tables(written(linted()))
    assert list(found) == ["by rule", "by payer", "by month of service"]
    assert found["by payer"] == [
        ("Medicare B, payer 04412", 2, 2, 32000),
        ("Medicaid, payer 86916", 2, 1, 16000),
        ("Commercial, payer 60054", 1, 1, 16000),
        ("all", 5, 4, 64000),
    ]
    assert found["by month of service"] == [("2025-02", 5, 4, 64000), ("all", 5, 4, 64000)]
    assert ("HCP001 expired-temporary-code", 1, 1, 16000) in found["by rule"]


def test_every_line_fits_a_terminal() -> None:
    assert max(map(len, written(linted()).splitlines())) <= 80


@given(wholes())
@settings(max_examples=50)
def test_they_are_the_counts_of_the_summary(whole: Whole) -> None:
    summary = Summary()
    for entry in whole.findings:
        summary.add(entry)
    text = written(whole)
    assert text.endswith("\n")
    total = f"all {summary.total.findings:,} {summary.total.lines:,} "
    rows = [" ".join(line.split()) for line in text.splitlines() if line.startswith("all ")]
    assert len(rows) == (0 if not whole.findings else 3 if summary.has_lines else 1)
    assert [row for row in rows if not row.startswith(total)] == []


def test_no_findings() -> None:
    assert written(replace(linted(), findings=())) == "statistics: no findings\n"


def test_a_long_name_and_a_charge_that_cannot_be_read() -> None:
    [first, *_] = linted().findings
    long = "Z" * 60
    bare = first._replace(as_billed=AsBilled(payer_id=long, charge="…", date="2025-02-04"))
    text = written(replace(linted(), findings=(bare,)))
    assert f"payer {long}\n{'':42}{1:>10}{1:>8}{'$0.00':>18}\n" in text
    assert text.endswith("1 line has no charge that can be read, and is not in the sums.\n")


def test_a_redacted_report_names_no_month() -> None:
    text = written(redacted(linted(), Redaction("always")))
    assert "2025-02" not in text
    assert tables(text)["by month of service"][0] == ("after 2024-12-31", 5, 4, 64000)


class TestAskedFor:
    """--statistics: after the text, on standard error with another format; or a report of its own."""

    def test_after_the_text(self) -> None:
        plain = lint837("check", "--isolated", str(OFFICE))
        status, out, err = lint837("check", "--isolated", "--statistics", str(OFFICE))
        assert (status, out, err) == (1, f"{plain[1]}\n{written(linted())}", "")

    @pytest.mark.parametrize("form", ["concise", "json", "csv", "github"])
    def test_on_standard_error_with_another_format(self, form: str) -> None:
        options = ("--isolated", "--redact=never", f"--format={form}", str(OFFICE))
        plain = lint837("check", *options)
        assert lint837("check", "--statistics", *options) == (1, plain[1], written(linted()))

    def test_as_a_report_and_from_a_report(self, tmp_path: Path) -> None:
        place, found = tmp_path / "statistics.txt", tmp_path / "results.json"
        lint837("check", "--isolated", "--quiet", f"--report=statistics={place}", f"--report=json={found}", str(OFFICE))
        assert place.read_text() == written(linted())
        assert json.loads(found.read_text())["schema"].startswith("lint837/")
        assert lint837("convert", str(found), "--format=statistics") == (0, written(linted()), "")

    def test_redacted_where_many_read(self) -> None:
        for form in ("text", "json"):
            out = "".join(lint837("check", "--isolated", "--statistics", f"--format={form}", str(OFFICE), ci="1")[1:])
            assert "2025-02" not in out
            assert "after 2024-12-31" in out

    def test_with_no_claim(self, tmp_path: Path) -> None:
        (tmp_path / "empty.837").write_text("")
        status, out, err = lint837("check", "--isolated", "--statistics", "--format=concise", str(tmp_path))
        assert (status, "ENV001" in out, tables(err)["by rule"][-1]) == (3, True, ("all", 1, 0, 0))
