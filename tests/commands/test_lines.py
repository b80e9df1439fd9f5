"""`lint837 lines`: every service line is a row, with what was billed and nothing of a person."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lint837.commands.main import cli
from lint837.report.rows import Row

from tests.batch import claim, group, interchange, line, subscriber, transaction_set
from tests.documents import ROOT

OFFICE = str(ROOT / "samples/dirty/office-837p.837")


def lines(*arguments: str, ci: str = "", status: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["lines", "--isolated", *arguments], env={"CI": ci})
    assert result.exit_code == status, result.stderr
    return result


def rows(*arguments: str, **given: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(lines(*arguments, **given).stdout)))  # type: ignore[arg-type]


def test_a_row_has_all_that_was_billed() -> None:
    first, *others = rows(OFFICE, "--with-claim-numbers")
    assert first == {
        "file": OFFICE,
        "claim_in_file": "1",
        "claim": "HCO-25-0203",
        "guide": "837P",
        "line_in_claim": "1",
        "line": "1",
        "segment": "23",
        "offset": "801",
        "first_date": "2025-02-04",
        "last_date": "2025-02-04",
        "code": "C9170",
        "modifiers": "JZ",
        "units": "10",
        "unit_basis": "UN",
        "ndc": "55513007701",
        "ndc_quantity": "1",
        "ndc_unit": "UN",
        "charge": "16000",
        "revenue_code": "",
        "place_of_service": "11",
        "type_of_bill": "",
        "payer_id": "04412",
        "claim_filing_code": "MB",
        "provider_npi": "1477582914",
        "drug": "tarlatamab",
        "findings": "HCP001",
    }
    data = Path(OFFICE).read_bytes()
    assert all(data[int(row["offset"]) :].startswith(b"LX*" + row["line"].encode()) for row in (first, *others))
    assert len(others) + 1 == data.count(b"\nLX*")


def test_both_formats_say_the_same_and_claim_numbers_are_asked_for() -> None:
    objects = [json.loads(text) for text in lines(OFFICE, "--format", "jsonl").stdout.splitlines()]
    assert [list(one) for one in objects] == [list(Row._fields)] * len(objects)
    assert {one["claim"] for one in objects} == {""}
    texts = [
        {
            key: "" if value is None else " ".join(value) if isinstance(value, list) else str(value)
            for key, value in one.items()
        }
        for one in objects
    ]
    assert texts == rows(OFFICE)


def test_findings_are_those_of_check() -> None:
    checked = CliRunner().invoke(cli, ["check", "--isolated", "--format", "jsonl", OFFICE]).stdout.splitlines()
    found = [json.loads(text) for text in checked]
    ours = {
        (row["claim_in_file"], row["line_in_claim"], rule) for row in rows(OFFICE) for rule in row["findings"].split()
    }
    locations = [(one["rule"], one["location"]) for one in found if one.get("rule")]
    assert ours == {
        (str(at["claim_ordinal"]), str(at["service_line_ordinal"]), rule)
        for rule, at in locations
        if at["service_line_ordinal"]
    }
    assert ours


def test_what_is_no_code_and_no_number_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    one = claim("=CLAIM", ["SV1*HC:JANE DOE:JZ*JANE*UN*DOE***1", "DTP*472*D8*20250110"], line(units="-1.50"))
    path.write_text(interchange(group(transaction_set(subscriber(2, one)))))
    first, second = rows(str(path), "--with-claim-numbers")
    assert (first["code"], first["charge"], first["units"]) == ("…", "", "")
    assert (first["claim"], second["units"]) == ("'=CLAIM", "-1.5")


def test_under_ci_there_are_no_dates_on_standard_output(tmp_path: Path) -> None:
    [row, *_] = rows(OFFICE, "--with-claim-numbers", ci="1")
    assert (row["first_date"], row["last_date"], row["claim"]) == ("", "", "")
    out = tmp_path / "rows.csv"
    lines(OFFICE, "--output", str(out), ci="1")
    assert "2025-02-04" in out.read_text(encoding="utf-8")


def test_what_could_not_be_read_is_said() -> None:
    path = str(ROOT / "samples/dirty/truncated-837p.837")
    result = lines(path, status=3)
    assert result.stderr == f"lint837: {path}: 1 place could not be read; lint837 check says which\n"
    assert lines("no-such-file.837", status=3).stderr == "lint837: no-such-file.837: no such file or directory\n"


def test_parquet_has_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "rows.parquet"
    lines(OFFICE, "--format", "parquet", "--output", str(out))
    table = parquet.read_table(out)
    objects = [json.loads(text) for text in lines(OFFICE, "--format", "jsonl").stdout.splitlines()]
    read = table.to_pylist()
    for row in read:
        row.update({key: row[key] and row[key].isoformat() for key in ("first_date", "last_date")})
    assert read == objects


def test_parquet_is_for_files() -> None:
    assert "name a file with --output" in lines(OFFICE, "--format", "parquet", status=2).stderr
