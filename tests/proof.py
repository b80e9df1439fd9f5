"""`make proof`: every row of the crosswalks as right lines, in each way of counting, and as lines with a planted fault.

    python -m tests.proof FOLDER

FOLDER has crosswalks and HCPCS files as CMS ships them. tests/facts/test_proof.py runs the same on a cut of them.

The units of a right line are computed here, by SQL over the cells of the files; nothing of lint837 reads them.
"""

import csv
import io
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from lint837 import Finding, Formulary, Rulebook, Severity, load_rulebook
from lint837.facts.store import Store, made_of, read_files
from lint837.facts.stored import StoredDrugs
from lint837.lint.engine import Lint

from tests.x12.reading import NEVER

_MONTHS = {"January": 1, "April": 4, "July": 7, "October": 10}
_CLAIMS = 2000  # of a file
_MOST_WARNINGS = 0.01
_FOUND = 0.99

# What a row says, by SQL over its cells as text. `right`: the units of one container, rounded up.
_TABLE = "CREATE TABLE cell(day TEXT, code TEXT, ndc TEXT, size TEXT, count TEXT, units TEXT)"
_RIGHT = """
SELECT day, code, replace(ndc, '-', ''), trim(size), trim(count), trim(units),
    CAST(units AS INTEGER) + (CAST(units AS REAL) > CAST(units AS INTEGER)),
    CAST(round(CAST(units AS REAL) * CAST(count AS REAL), 6) AS INTEGER)
        + (round(CAST(units AS REAL) * CAST(count AS REAL), 6)
           > CAST(round(CAST(units AS REAL) * CAST(count AS REAL), 6) AS INTEGER))
FROM cell
WHERE ndc GLOB '[0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]-[0-9][0-9]' AND code GLOB '[A-Z][0-9][0-9][0-9][0-9]'
    AND units NOT GLOB '*[^0-9.]*' AND CAST(units AS REAL) > 0
ORDER BY day, code, ndc
"""


class Row(NamedTuple):
    """A row of a crosswalk. right: the units of one container. carton: of all containers of the NDC."""

    day: date
    code: str
    ndc: str
    size: str
    containers: str
    units: str
    right: int
    carton: int


def rows_of(paths: Iterable[Path]) -> list[Row]:
    """The rows of the crosswalks among some files, dated in the middle of their quarter."""
    base = sqlite3.connect(":memory:")
    base.execute(_TABLE)
    for path in paths:
        text = path.read_bytes().decode("cp1252")
        quarter = re.search(r"Effective (January|April|July|October) 1, (\d{4})", text[:500])
        if quarter is None or "BILLUNITSPKG" not in text:
            continue
        day = date(int(quarter[2]), _MONTHS[quarter[1]] + 1, 15).isoformat()
        table = list(csv.reader(io.StringIO(text)))
        header = next(n for n, cells in enumerate(table) if cells and cells[0].endswith("_CODE"))
        base.executemany(
            "INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?)",
            [(day, cells[0].strip(), cells[3].strip(), *cells[6:9]) for cells in table[header + 1 :] if len(cells) > 8],
        )
    found = [Row(date.fromisoformat(day), *rest) for day, *rest in base.execute(_RIGHT)]
    base.close()
    return found


# ---------------------------------------------------------------- lines


class Line(NamedTuple):
    """A claim's only line, and the row that it is of."""

    row: Row
    code: str
    units: int
    ndc: str
    quantity: str
    unit: str
    day: date


def right_line(row: Row, unit: str = "UN", *, carton: bool = False) -> Line:
    """One container, in containers or milliliters; or a carton as one unit."""
    quantity = row.size if unit == "ML" else "1"
    return Line(row, row.code, row.carton if carton else row.right, row.ndc, quantity, unit, row.day)


RIGHT: dict[str, Callable[[Row], Line]] = {
    "vial (UN)": right_line,
    "mL": lambda row: right_line(row, "ML"),
    "carton": lambda row: right_line(row, carton=True),
}


class Faults:
    """Lines with a planted fault, where it can be told from a lawful reading of the line."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._codes: dict[str, set[str]] = {}
        self._right: dict[tuple[str, str], set[int]] = {}
        for row in rows:
            self._codes.setdefault(row.ndc, set()).add(row.code)
            self._right.setdefault((row.code, row.ndc), set()).add(row.right)

    def planted(self) -> Iterator[tuple[str, Line]]:
        """Each kind of fault for each row, but for those that cannot be told."""
        for n, row in enumerate(self._rows):
            lawful, line = self._right[row.code, row.ndc], right_line(row)
            if row.right * 10 not in lawful:
                yield "units tenfold", line._replace(units=row.right * 10)
            if 1 not in lawful:
                yield "a vial billed as one unit", line._replace(units=1)
            other = self._rows[(n * 7919 + len(self._rows) // 2) % len(self._rows)]
            if row.code not in self._codes[other.ndc]:
                yield "another code's NDC", line._replace(ndc=other.ndc)
            lost = n % len(row.ndc)
            yield "a digit lost in the NDC", line._replace(ndc=row.ndc[:lost] + row.ndc[lost + 1 :])


def boundary_lines(store: Store) -> Iterator[tuple[str, Line, str]]:
    """Each drug code of the HCPCS files on its boundary days: what it is, a line, and the rule that must speak, or ""."""
    for code in store.codes():
        if code.code not in store.drug_codes:
            continue
        row = Row(date.min, code.code, "", "1", "1", "1", 1, 1)
        line = Line(row, code.code, 1, "", "", "", date.min)
        first = date.fromisoformat(code.first)
        if first >= date(2000, 1, 1):
            yield "the day before a code begins", line._replace(day=first - timedelta(1)), "HCP003"
        last_known = store.code_lists[-1]
        if first <= last_known:
            yield "the first day of a code", line._replace(day=max(first, date(2000, 1, 1))), ""
        if code.last:
            last = date.fromisoformat(code.last)
            yield "the last day of a code", line._replace(day=last), ""
            yield "an ended code", line._replace(day=last + timedelta(1)), "HCP001"


def file_of(lines: Sequence[Line]) -> bytes:
    """A claim file of claims with one line each."""
    made = max(line.day for line in lines)
    segments = [
        f"ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*RECEIVER       *{made:%y%m%d}*1200*^*00501*000000001*0*P*:",
        f"GS*HC*SUBMITTER*RECEIVER*{made:%Y%m%d}*1200*1*X*005010X222A1",
        "ST*837*0001*005010X222A1",
        f"BHT*0019*00*1*{made:%Y%m%d}*1200*CH",
        "NM1*41*2*SUBMITTER*****46*SUB1",
        "NM1*40*2*RECEIVER*****46*REC1",
        "HL*1**20*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
    ]
    for number, line in enumerate(lines, 2):
        segments += [
            f"HL*{number}*1*22*0",
            "SBR*P*18*******MB",
            f"NM1*IL*1*DOE*JANE****MI*MEMBER{number}",
            "NM1*PR*2*PAYER*****PI*00952",
            f"CLM*CLAIM-{number}*160***11:B:1*Y*A*Y*Y",
            "HI*ABK:C3490",
            "LX*1",
            f"SV1*HC:{line.code}:JZ*160*UN*{line.units}***1",
            f"DTP*472*D8*{line.day:%Y%m%d}",
        ]
        segments += [f"LIN**N4*{line.ndc}", f"CTP****{line.quantity}*{line.unit}"] if line.ndc else []
    segments += [f"SE*{len(segments) - 1}*0001", "GE*1*1", "IEA*1*000000001"]
    return "".join(segment + "~" for segment in segments).encode()


def judged(
    lines: Sequence[Line], rulebook: Rulebook, *, prefilter: bool = True, remember: bool = True
) -> list[list[Finding]]:
    """The findings of each line."""
    found: list[list[Finding]] = []
    for begin in range(0, len(lines), _CLAIMS):
        part = lines[begin : begin + _CLAIMS]
        each: list[list[Finding]] = [[] for _ in part]
        scan_from = 0 if prefilter else NEVER
        lint = Lint([file_of(part)], "x.837", rulebook, prefilter=prefilter, remember=remember, scan_from=scan_from)
        for finding in lint:
            each[(finding.location.claim_ordinal or 0) - 1].append(finding)
        found += each
    return found


# ---------------------------------------------------------------- the report


@dataclass
class Counts:
    """What was found on lines of one kind: how many lines, with an error, with a warning, and with none; by rule."""

    lines: int = 0
    errors: int = 0
    warnings: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, findings: Sequence[Finding]) -> None:
        """Count a line with its findings."""
        worst = max((finding.severity for finding in findings), default=None)
        self.lines += 1
        self.errors += worst is Severity.ERROR
        self.warnings += worst is Severity.WARNING
        self.rules.update(f"{finding.rule} {finding.severity}" for finding in findings)

    @property
    def found(self) -> float:
        """The share of lines with an error or a warning."""
        return (self.errors + self.warnings) / self.lines if self.lines else 1.0


@dataclass
class Proof:
    """What came of the rows: right lines by way of counting, planted faults by kind, boundary days by kind (lines, and
    those that were judged as they must be).
    """

    right: dict[str, Counts]
    faults: dict[str, Counts]
    boundaries: dict[str, list[int]]

    @property
    def broken(self) -> list[str]:
        """What is not as it must be, in words."""
        said = []
        for way, counts in self.right.items():
            if counts.errors:
                said.append(f"{way}: {counts.errors} right lines are errors")
            if way != "carton" and counts.warnings > _MOST_WARNINGS * counts.lines:
                said.append(f"{way}: {counts.warnings} of {counts.lines} right lines are warnings")
        said += [f"{fault}: found {counts.found:.1%}" for fault, counts in self.faults.items() if counts.found < _FOUND]
        said += [f"{what}: {right} of {lines}" for what, (lines, right) in self.boundaries.items() if right < lines]
        return said

    def table(self) -> Iterator[str]:
        """All of it as text."""
        yield "| lines | number | errors | warnings | rules |"
        yield "| --- | --- | --- | --- | --- |"
        for what, counts in (*self.right.items(), *self.faults.items()):
            rules = ", ".join(f"{rule}: {number:,}" for rule, number in sorted(counts.rules.items()))
            yield f"| {what} | {counts.lines:,} | {counts.errors:,} | {counts.warnings:,} | {rules} |"
        yield ""
        yield from (
            f"{what}: {right:,} of {lines:,} as they must be" for what, (lines, right) in self.boundaries.items()
        )


def prove(rows: Sequence[Row], rulebook: Rulebook, *, prefilter: bool = True) -> Proof:
    """Right lines and faults of some rows, and the boundary days of all codes."""
    # A drug with a facts file is judged by that, which says how its packages are counted.
    rows = [row for row in rows if rulebook.formulary.by_code(row.code) is None]
    right = {way: Counts() for way in RIGHT}
    for way, line_of in RIGHT.items():
        lines = [line_of(row) for row in rows]
        for findings in judged(lines, rulebook, prefilter=prefilter):
            right[way].add(findings)
    faults: dict[str, Counts] = {}
    planted = list(Faults(rows).planted())
    for (kind, _), findings in zip(
        planted,
        judged([line for _, line in planted], rulebook, prefilter=prefilter, remember=False),  # hardly any is alike
        strict=True,
    ):
        faults.setdefault(kind, Counts()).add(findings)
    boundaries: dict[str, list[int]] = {}
    stored = rulebook.formulary.stored
    days = list(boundary_lines(stored.store)) if stored else []
    for (what, _, rule), findings in zip(
        days, judged([line for _, line, _ in days], rulebook, prefilter=prefilter), strict=True
    ):
        spoken = {finding.rule for finding in findings} & {"HCP001", "HCP003"}
        counts = boundaries.setdefault(what, [0, 0])
        counts[0] += 1
        counts[1] += spoken == ({rule} if rule else set())
    return Proof(right, faults, boundaries)


def rulebook_with(paths: Iterable[Path]) -> Rulebook:
    """The bundled rules with a store of some files."""
    imported, _ = read_files(map(str, paths))
    bundled = load_rulebook(isolated=True)
    formulary = Formulary(bundled.formulary.drugs, StoredDrugs(Store.of(made_of(imported))))
    return bundled._replace(formulary=formulary)


def main() -> None:
    """Print what was found, and end with 1 where something is not as it must be."""
    folder = Path(sys.argv[1])
    paths = sorted(
        path
        for path in folder.rglob("*")
        if re.search(r"Crosswalk.*\.csv$|HCPC\d{4}.*\.txt$", path.name, re.IGNORECASE)
    )
    paths = [path for path in paths if "layout" not in path.name.lower()]
    rows = rows_of(paths)
    rulebook = rulebook_with(paths)
    print(f"{len(rows):,} rows of {len(paths)} files\n")
    proof = prove(rows, rulebook)
    print("\n".join(proof.table()))
    without = prove(rows, rulebook, prefilter=False)
    same = list(without.table()) == list(proof.table())
    print(f"\nwithout the prefilter: {'the same' if same else 'not the same'}")
    broken = [*proof.broken, *([] if same else ["the prefilter changes what is found"])]
    print("\n".join(broken) or "all is as it must be")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
