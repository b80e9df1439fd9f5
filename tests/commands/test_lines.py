"""`lint837 lines`: every service line is a row, with what was billed and nothing of a person."""

import csv
import io
import itertools
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import load_rulebook
from lint837.commands.main import cli
from lint837.facts.drugs import plain as plain_number
from lint837.lint.engine import Running
from lint837.report.csv import cell
from lint837.report.row_formats import writer
from lint837.report.rows import Row, Rows, Typed
from lint837.report.usual_lines import usual
from lint837.x12.delimiters import Delimiters
from lint837.x12.reader import Reader
from lint837.x12.slices import Limits, Run, Slice

from tests.batch import claim, group, interchange, line, subscriber, transaction_set
from tests.documents import ROOT
from tests.trees import DELIMITERS, files, written

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


RUNNING = Running(load_rulebook(isolated=True))
# What makes a line other than plain: a second or a missing segment, a blank, a text, a line break, another order.
PIECES = [
    b"LX*2",
    b"SV1*HC:J9026*5*UN*1",
    b"SV2*0636*HC:J9026*5*UN*1",
    b"CTP****2*UN",
    b"LIN**N4*55513007701",
    b"SBR*P",
]
PIECES += [b"NTE*ADD*TARLATAMAB", b"K3*X", b"DTP*472*D8*20250101", b"DTP*434*RD8*20250101-20250103", b"SV3", b"LX *3"]
PIECES += [
    b"SV1*HC:J3490:::::TARLATAMAB 10 MG*5*UN*1",
    b"SV1*HC*J9026*5*UN*1",
    b" ",
    b"\n",
    b"\t~",
    b"~",
    b"\xc3\xa9",
    b"",
    b"LX*1234567",
    b"SV1*HC:99213*007.50*UN*1.0***1",
    b"SV2*0120**1000*DA*1",
    b"SV2*0120**J9026*DA*1",
    b"SV5*HC:A4253*DA*30*50",
    b"DTP*472*D8*20250101 ",
    b"DTP*434",
    b"DTP*573*D8*20250101",
    b"NM1*PR*2*PAYER*****PI*A,B",
    b"NM1* PR*2*PAYER*****PI*7",
    b"CLM*A*1***22:A:7",
]
SAMPLES = [path.read_bytes() for path in sorted(ROOT.glob("samples/*/*.837"))]


FILE = '=a, "b".837'


def rows_of(data: bytes, *, plain: bool, block: int = 1 << 20) -> tuple[list[Row], int]:
    blocks = [data[at : at + block] for at in range(0, len(data), block)]
    found = Rows(blocks, FILE, RUNNING, Limits(), Typed(), with_claim_numbers=True, plain=plain, scan_from=0)
    return [row for rows in found for row in rows], found.unread


def text_of(data: bytes, form: str) -> str:
    file = io.BytesIO()
    with writer(form, file) as out:
        out.write(Rows([data], FILE, RUNNING, Limits(), out.form, with_claim_numbers=True, scan_from=0))
    return file.getvalue().decode()


def straight_csv(rows: list[Row]) -> str:
    """The rows without anything that is remembered or put together."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(Row._fields)
    for row in rows:
        cells = row._replace(file=cell(row.file), claim=cell(row.claim))
        values = [plain_number(value) if isinstance(value, Decimal) else value for value in cells]
        table.writerow([" ".join(value) if isinstance(value, tuple) else value for value in values])
    return text.getvalue()


def straight_json(rows: list[Row]) -> str:
    def value(of: object) -> object:
        if isinstance(of, Decimal):
            return int(of) if of == int(of) else float(of)
        return of.isoformat() if isinstance(of, date) else of

    objects = ({name: value(of) for name, of in row._asdict().items()} for row in rows)
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in objects)


@settings(max_examples=80)
@given(
    st.one_of(
        st.sampled_from(SAMPLES),
        st.builds(written, files(), st.sampled_from(DELIMITERS)),
    ),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 3), st.sampled_from(PIECES), st.booleans()),
        max_size=4,
    ),
)
def test_plain_lines_are_read_as_any_other(data: bytes, damages: list[tuple[float, int, bytes, bool]]) -> None:
    """Cut out of the bytes or read segment by segment: the same rows, also as text."""
    for place, removed, put, is_segment in damages:
        at = int(place * len(data))
        if is_segment:
            at, removed, put = data.find(b"~", at) + 1, 0, put + b"~"
        data = data[:at] + put + data[at + removed :]
    rows = rows_of(data, plain=False)
    assert rows_of(data, plain=True) == rows
    assert text_of(data, "csv") == straight_csv(rows[0])
    assert text_of(data, "jsonl") == straight_json(rows[0])


def test_a_charge_that_may_be_a_code_is_a_part_of_what_is_billed() -> None:
    one = claim("A", ["SV2*0120**1000*DA*1"], ["SV2*0120**J9026*DA*1"], ["SV2*0120*HC:99213*J9026*DA*1"])
    found, _ = rows_of(interchange(group(transaction_set(subscriber(2, one)))).encode(), plain=True)
    assert [(row.code, row.charge) for row in found] == [("", 1000), ("J9026", None), ("99213", None)]


OTHERS = [line("HC:99213")[:2], ["SV2*0120**1000*DA*1"], [*line("HC:99214", day="20250112")[:2], "REF*6R*1", "PS1*X*1"]]
SPARSE = interchange(
    group(
        transaction_set(
            subscriber(
                2, claim("A", *OTHERS), claim("B", OTHERS[0], [*OTHERS[2], "LIN**N4*00000000001", "CTP****1*ML"])
            ),
            subscriber(3, claim("C", OTHERS[0]), dependents=[claim("D", *OTHERS), claim("E", line("HC:C9170:JZ"))]),
            subscriber(5, claim("F", *OTHERS), claim("G", OTHERS[2], OTHERS[0])),
            subscriber(6, claim("H", [*OTHERS[0], "NTE*ADD*X"]), claim("I", *OTHERS)),
        )
    )
)
payers = itertools.count(1)
SPARSE = re.sub(r"PI\*\d+", lambda _: f"PI*{next(payers)}", SPARSE)
FORMS = {
    "one line": SPARSE,
    "a line a segment": SPARSE.replace("~", "~\r\n"),
    "wrapped": "\n".join(SPARSE[at : at + 80] for at in range(0, len(SPARSE), 80)),
    "a blank before an LX": SPARSE.replace("LX*2", " LX*2"),
    "dates twice": SPARSE.replace("DTP*472*D8*20250112", "DTP*472*D8*20250112~DTP*472*D8*20250113"),
    "long": SPARSE.replace("PS1*X", f"PS1*{'X' * 300}").replace("HC:99213*", f"HC:99213:::::{'X' * 240}*"),
}


@pytest.mark.parametrize("block", [600, 1 << 20])
@pytest.mark.parametrize("form", FORMS)
def test_claims_that_are_passed_over_have_the_rows_of_those_that_are_read(form: str, block: int) -> None:
    data = FORMS[form].encode()
    rows_of_all = rows_of(data, plain=False)
    assert rows_of(data, plain=True, block=block) == rows_of_all
    assert {row.claim for row in rows_of_all[0]} == set("ABCDEFGHI")
    assert len({row.payer_id for row in rows_of_all[0]}) == 4
    passed = Reader([data], prefilter=RUNNING.prefilter, scan_from=0).runs(sparse=True)
    assert any(isinstance(event, Run) for event in passed) == (form != "wrapped")


def test_lines_of_the_samples_are_plain() -> None:
    """So that the test above says something."""
    for name in ("office-837p", "hospital-837i"):
        data = (ROOT / f"samples/clean/{name}.837").read_bytes()
        claims = [event.data for event in Reader([data]) if isinstance(event, Slice) and event.kind == "claim"]
        patterns = usual(Delimiters(b"*", b":", b"^", b"~"), has_texts=True)
        assert claims
        assert patterns
        for one in filter(None, claims):
            header = patterns.header.match(one)
            assert header
            assert header[0] + b"".join(line[0] for line in patterns.line.findall(one, header.end())) == one
