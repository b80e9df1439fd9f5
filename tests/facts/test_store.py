"""The store of CMS's files: how it is made, refused and used, beside the facts files."""

import random
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Bad, FactsError, Finding, Good, Rulebook, load_rulebook
from lint837.claims.header import Headers
from lint837.commands.main import cli
from lint837.facts.payers import UNKNOWN_PAYER
from lint837.facts.store import Store, StoreError, made_of, read_files
from lint837.lint.asked import Rules
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file, findings_in
from lint837.lint.memory import Memory
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests.proof import Line, Row, file_of, rows_of
from tests.x12.reading import NEVER

CMS = Path(__file__).parent / "cms"
PATHS = sorted([*CMS.glob("*.csv"), *CMS.glob("*.txt")])


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("store") / "facts.sqlite"
    imported, skipped = read_files(map(str, PATHS))
    assert skipped == []
    store.write_bytes(made_of(imported))
    return store


@pytest.fixture(scope="module")
def stored(path: Path) -> Rulebook:
    return load_rulebook(isolated=True, facts=[path])


def found(lines: str, rulebook: Rulebook) -> list[tuple[str, str, str]]:
    return [(one.rule, str(one.severity), one.location.element) for one in findings_in(Good(lines), rulebook)]


def line(code: str, units: object, day: str, ndc: str = "", quantity: object = 1, unit: str = "UN") -> str:
    drug = f"LIN**N4*{ndc}~CTP****{quantity}*{unit}~" if ndc else ""
    return f"SV1*HC:{code}*900*UN*{units}***1~DTP*472*D8*{day}~{drug}"


# ---------------------------------------------------------------- import


def test_any_order_and_an_archive_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    archive = tmp_path / "cms.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for one in PATHS[:4]:
            made.write(one, f"folder/{one.name}")
        made.writestr("folder/readme.pdf", b"%PDF")
        made.writestr("folder/notes.txt", b"nothing of CMS")
    others = [*map(str, PATHS[4:]), str(archive), str(PATHS[0])]
    random.Random(837).shuffle(others)  # noqa: S311 - any order
    imported, skipped = read_files(others)
    assert made_of(imported) == path.read_bytes()
    assert [(one.name.rpartition(":")[2], one.reason) for one in skipped] == [
        ("folder/notes.txt", "neither a table nor a HCPCS file that CMS publishes"),
        ("folder/readme.pdf", "not a CSV or text file"),
    ]


def test_every_line_is_a_row_or_has_its_reason(path: Path) -> None:
    store = Store(str(path))
    for source in store.sources:
        [file] = [one for one in PATHS if one.name == source.name]
        lines = [text for text in file.read_bytes().decode("cp1252").splitlines() if text.strip(",")]
        title = next((n for n, text in enumerate(lines, 1) if "BILLUNITS" in text or text.startswith("HCPCS Code,")), 0)
        further = sum(text[10:11] == "4" for text in lines) if source.kind == "HCPCS" else 0
        assert source.taken + source.left_out + further == len(lines) - title, source.name
    assert {reason for _, _, reason in store.left_out()} == {
        "a modifier",
        "not an NDC in the form 5-4-2",
        "BILLUNITS is not a number above 0",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("J", "9"), "a CPT code, which is the AMA's"),
        (lambda text: text.replace("00006-3026-02", "0006-3026-02"), "not an NDC in the form 5-4-2"),
        (lambda text: text.replace(",100,100", ",1O0,100"), "BILLUNITS is not a number above 0"),
        (lambda text: text.replace(",4,1,100,", ",0,1,100,"), "PKG SIZE is not a number above 0"),
        (lambda text: text.partition(",4,1")[0], "PKG SIZE is not a number above 0"),
    ],
)
def test_why_a_line_is_left_out(tmp_path: Path, change: Callable[[str], str], said: str) -> None:
    head = (
        "Effective July 1, 2025 through September 30, 2025\n_2025_CODE,Short Description,LABELER NAME,NDC2,Drug Name,"
    )
    head += "HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG\n"
    row = "J9271,Inj pembrolizumab,Merck,00006-3026-02,Keytruda,1 MG,4,1,100,100"
    file = tmp_path / "crosswalk.csv"
    file.write_text(head + change(row) + "\n", encoding="cp1252")
    [one], _ = read_files([str(file)])
    assert ([*one.file.rows], [left.reason for left in one.file.left_out]) == ([], [said])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n", "neither a table nor a HCPCS file that CMS publishes"),
        (b"CODE,HCPCS dosage,NDC2,PKG SIZE,PKG QTY,BILLUNITS\n", "its title does not say for which quarter it is"),
        (b"PK\x03\x04 damaged", "the archive is damaged or cannot be read"),
        (b'"', "not a CSV file"),
    ],
)
def test_a_file_that_is_not_of_cms(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=said):
        read_files([str(file)])


def test_two_editions_of_one_quarter(tmp_path: Path) -> None:
    other = tmp_path / "corrected.csv"
    other.write_bytes(
        next(one for one in PATHS if "July-2025" in one.name).read_bytes().replace(b"Keytruda", b"KEYTRUDA")
    )
    imported, _ = read_files([*map(str, PATHS), str(other)])
    with pytest.raises(StoreError, match=r"are both the ASP crosswalk of 2025-07-01; name only one"):
        made_of(imported)


# ---------------------------------------------------------------- a store that cannot be used


def test_a_damaged_store_is_refused(path: Path, tmp_path: Path) -> None:
    data, broken = path.read_bytes(), tmp_path / "broken.sqlite"
    rng = random.Random(837)  # noqa: S311 - any byte
    places = (16, 24, 60, 68, 99, *(rng.randrange(100, len(data)) for _ in range(20)))
    changed = [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in places]
    for content in (*changed, data[:-1], data[:4096], data[:50], data + b"\0", b"", b"text"):
        broken.write_bytes(content)
        with pytest.raises(FactsError, match=r"broken\.sqlite: (the store is damaged or cut off|not a store)"):
            load_rulebook(isolated=True, facts=[broken])


def test_another_database_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as base:
        base.execute("CREATE TABLE package(code TEXT)")
    base.close()
    with pytest.raises(FactsError, match="not a store that lint837 facts import made"):
        load_rulebook(isolated=True, facts=[other])


def test_the_command_ends_with_status_2(path: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes(path.read_bytes()[:-4096])
    for words in (["check", "--facts", str(cut), "samples"], ["facts", "diff", str(path), str(cut)]):
        done = CliRunner().invoke(cli, words)
        assert (done.exit_code, "the store is damaged or cut off" in done.output) == (2, True)
    two = CliRunner().invoke(cli, ["check", "--facts", str(path), "--facts", str(path), "samples"])
    assert (two.exit_code, "only one store can be used" in two.output) == (2, True)


def test_what_is_used_is_what_was_checked(path: Path, tmp_path: Path) -> None:
    """A file that changes under way changes nothing."""
    own = tmp_path / "own.sqlite"
    own.write_bytes(path.read_bytes())
    store = Store(str(own))
    own.write_bytes(b"gone")
    assert [one.code for one in store.of_ndc("00006302602")] == ["J9271"]


# ---------------------------------------------------------------- use


def test_a_facts_file_goes_first(stored: Rulebook, rulebook: Rulebook) -> None:
    """What is found on tarlatamab does not change, but that the product of a foreign NDC is named."""
    for rule in rulebook.drug_rules:
        examples: list[Good | Bad] = [*rule.good, *rule.bad]
        for example in examples:
            if example.listed or example.codes or "J9271" in example.lines:
                continue
            before, after = (findings_in(example, one) for one in (rulebook, stored))
            assert [_but_for_names(one) for one in after] == [_but_for_names(one) for one in before], example
    [finding] = findings_in(Good(line("J9026:JZ", 10, "20250801", "00006302602")), stored)
    assert (
        finding.message == "The line bills J9026, but 00006302602 is the NDC of Keytruda, which is billed with J9271."
    )


def _but_for_names(finding: Finding) -> object:
    return (
        finding._replace(message_template="", values={}, correction_template="", choices=(), sources=())
        if (finding.rule == "NDC002")
        else finding
    )


@pytest.mark.parametrize(
    ("old", "new", "factor"),
    [
        ("C9121", "J0883", 5),
        ("C9443", "J0875", 2),
        ("J9010", "J0202", 10),
        ("C9497", "J2062", 10),
        ("C9134", "J7181", 10),
        ("C9483", "J9022", 1),
        ("C9465", "J7318", None),
    ],
)
def test_the_units_of_a_code_that_replaced_another(stored: Rulebook, old: str, new: str, factor: int | None) -> None:
    assert stored.formulary.stored
    drug = stored.formulary.stored.drug(old)
    assert drug
    [successor] = drug.successors
    assert (successor.code.code, successor.factor) == (new, factor and Fraction(factor))


@pytest.mark.parametrize("code", ["G0008", "Q0514"])
def test_giving_a_drug_and_fees_are_no_drugs(stored: Rulebook, code: str) -> None:
    """CMS counts them under the same type of service. Two on one day are no drug billed twice."""
    assert stored.formulary.stored
    assert code not in stored.formulary.stored.codes
    assert found(2 * line(code, 1, "20180110"), stored) == []


def test_several_codes_for_one_ndc(stored: Rulebook) -> None:
    """ESRD or not: both codes are right."""
    both = next(one for one in stored.formulary.stored.store.every() if one.code == "J0882")  # type: ignore[union-attr]
    for code in ("J0881", "J0882"):
        assert found(line(f"{code}:JZ", both.units, "20250801", both.ndc), stored) == []


@pytest.mark.parametrize(
    "written",
    [
        "HC:j9271",
        "HC: J9271",
        "HC J9271",
        "HCJ9271:JZ",
        "J9271:JZ",
        ":J9271",
        "HC::J9271",
        "HC:J 9271",
        "HC:J92:71",
        "HC*J9271",
        "HC-J9271",
        "HC:J9271JZ",
        "hc:J9271",
    ],
)
@pytest.mark.parametrize("guide", ["837P", "837I"])
def test_a_malformed_code_with_and_without_the_prefilter(stored: Rulebook, written: str, guide: str) -> None:
    lines = line("J9271", 200, "20250801").replace("HC:J9271", written)
    if guide == "837I":
        lines = lines.replace("SV1*", "SV2*0636*").replace("***1~", "~")
    data = claim_file(Good(lines, guide=guide, statement="20250801-20250801"))
    quick, slow = (
        [one.rule for one in Lint([data], "x.837", stored, prefilter=fast, scan_from=0 if fast else NEVER)]
        for fast in (True, False)
    )
    assert quick == slow
    assert ("HCP010" in quick) == (guide == "837P" or written.upper().startswith("HC")), quick


# ---------------------------------------------------------------- claims that are alike

ROWS = rows_of(PATHS)
DAYS = st.sampled_from([timedelta(-1), timedelta(0), timedelta(1), timedelta(40)])


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.sampled_from(ROWS), st.sampled_from(ROWS), DAYS, st.sampled_from([1, 2, 10])),
        min_size=8,
        max_size=25,
    )
)
def test_cold_and_warm_give_the_same(stored: Rulebook, drawn: list[tuple[Row, Row, timedelta, int]]) -> None:
    """Codes with their own and other NDCs, about the first days of quarters."""
    lines = []
    for row, other, days, times in drawn:
        first = row.day.replace(day=1, month=row.day.month - 1)
        lines.append(Line(row, row.code, row.right * times, other.ndc, "1", "UN", first + days))
        lines.append(Line(row, row.code, row.right * times, row.ndc, "1", "UN", first + days))
    data = file_of([*lines, *reversed(lines)])
    warm, cold = (list(Lint([data], "x.837", stored, remember=remember)) for remember in (True, False))
    assert warm == cold


def test_nearly_all_are_found_again(stored: Rulebook) -> None:
    """Claims of forty drugs on all days of two quarters, in which nothing of these drugs changes."""
    rows = [row for row in ROWS if row.day == date(2025, 8, 15)][:40]
    lines = [
        Line(row, row.code, row.right, row.ndc, "1", "UN", date(2025, 8, 1) + timedelta(n))
        for n in range(25)
        for row in rows
    ]
    rules = Rules(stored.rules_for(UNKNOWN_PAYER))
    memory, headers = Memory(stored.formulary, rules.drugs), Headers()
    pieces = [one for one in Reader([file_of(lines)]) if isinstance(one, Slice) and one.kind == "claim"]
    assert all(memory.recall(one, headers.of(one.context), UNKNOWN_PAYER, rules) for one in pieces)
    assert len(pieces) == 1000
    assert len(memory._known) <= 80


# ---------------------------------------------------------------- the commands


def run(*words: str) -> list[str]:
    done = CliRunner().invoke(cli, ["facts", *words])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_import_and_show(tmp_path: Path, path: Path) -> None:
    store = str(tmp_path / "facts.sqlite")
    said = run("import", *map(str, PATHS), "-o", store)
    assert Path(store).read_bytes() == path.read_bytes()
    assert said[-1] == f"wrote {store}"
    assert "January-2024-crosswalk.csv: ASP crosswalk 2024-01-01, 209 rows" in said
    assert run("00006-3026-02", "--facts", store) == [
        "00006-3026-02: Keytruda, Merck Sharp & Dohme LLC",
        "  J9271  00006-3026-02  1 UN = 100 units, 1 ML = 25 units  2024Q1 to 2026Q1  Keytruda, Merck Sharp & Dohme LLC",
    ]
    assert run("c9121", "--facts", store)[:3] == [
        "C9121: Injection, argatroban, per 5 mg",
        "  days           2003-01-01 to 2016-12-31, by the HCPCS file of 2019-01-01",
        "  replaced by    J0883",
    ]
    assert len(run("--left-out", "--facts", store)) == sum(one.left_out for one in Store(store).sources)
    assert run("--facts", store)[-len(PATHS) - 1].startswith("Store of CMS files: ")


def test_what_a_quarter_changes(tmp_path: Path) -> None:
    stores = []
    for name in ("April-2025", "July-2025"):
        stores.append(str(tmp_path / f"{name}.sqlite"))
        run("import", str(CMS / f"{name}-crosswalk.csv"), "-o", stores[-1])
    said = run("diff", *stores)
    assert said[0] == "2025Q2 to 2025Q3"
    assert said[1:3] == [
        "moved     63323-0295-61  J3370 to J3373  Vancomycin HCl",
        "new       00404-9808-05  J1165  Phenytoin Sodium",
    ]
    assert said[-1] == (
        "units     68084-0220-01  Q0162  1 UN = 4 units, 1 ML = 4 units, 100 in a carton to 1 UN = 400 units, 1 ML = 4 units"
        "  Ondansetron HCl"
    )
    assert len(said) == 8
    assert run("diff", stores[0], stores[0]) == ["2025Q2 to 2025Q2"]
