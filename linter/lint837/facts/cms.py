"""The files that CMS publishes, as rows: ASP crosswalks, lists of drugs without a code, HCPCS files, payment limits and
OPPS status tables.

Each line of a file becomes a row or has a reason why not. Rows of CPT codes, which are the AMA's, are left out.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

# Of the crosswalks, the one of drugs that are priced by ASP is the largest; those of AWP and OPPS come in one archive
# with it and have its columns.
CROSSWALKS = ASP, AWP, OPPS = "ASP crosswalk", "AWP crosswalk", "OPPS crosswalk"
NOC, HCPCS, LIMITS, STATUS = "NOC crosswalk", "HCPCS", "payment limits", "OPPS status"
_MONTHS = {"January": 1, "April": 4, "July": 7, "October": 10}
_QUARTER_OF = re.compile(rf"({'|'.join(_MONTHS)}) 1,? ([0-9]{{4}}) through", re.IGNORECASE)
_NAMED_QUARTER = re.compile(rf"({'|'.join(_MONTHS)})[ _-]*([0-9]{{4}})", re.IGNORECASE)
_HEADER_WITHIN = 20  # lines of title before the header
_CODE = re.compile(r"[A-Z][0-9]{4}")
_CPT = re.compile(r"[0-9]{4}[0-9A-Z]")
_NDC = re.compile(r"([0-9]{5})-([0-9]{4})-([0-9]{2})")
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_DRUGS = frozenset({"O1D", "O1E", "O1G"})  # BETOS: chemotherapy, other drugs, immunizations
# What the same types of service have besides drugs: how one is given, procedures and fees.
_SERVICE = re.compile(
    r"administration of|chemotherapy administration|injection procedure|pharmacy (?:supply|dispensing) fee|services,"
    r"|laparoscopy",
    re.IGNORECASE,
)
# Codes that bill any drug without one of its own.
_UNLISTED = re.compile(
    r"unclassified|not otherwise classified|\bnoc\b|\bnos\b|unspecified|unlisted|compounded drug", re.IGNORECASE
)
_RECORD, _FIRST, _NEXT = 320, "3", "4"  # columns of a HCPCS line; its first record of a code, and further ones
_MODIFIERS = frozenset({"7", "8"})
_NO_CODE = ("a CPT code, which is the AMA's", "not a HCPCS level II code")


class PackageRow(NamedTuple):
    """A row of a crosswalk. code: "" in a list of drugs without one. ndc: 5-4-2 with hyphens. size: the content of one
    container. containers: how many the NDC holds. units: how many billed units a container is. All three are
    decimal numbers as text.
    """

    code: str
    ndc: str
    labeler: str
    name: str
    dosage: str
    size: str
    containers: str
    units: str


class CodeRow(NamedTuple):
    """A code of a HCPCS file. first, last: its first and last day, as ISO dates; last is "" where open. successors:
    codes with blanks between them. is_drug: it bills a drug. is_unlisted: it bills any drug without a code of its own.
    """

    code: str
    text: str
    first: str
    last: str
    successors: str
    is_drug: bool
    is_unlisted: bool


class LimitRow(NamedTuple):
    """A payment limit in dollars of one billed unit, as text."""

    code: str
    dosage: str
    limit: str


class StatusRow(NamedTuple):
    """A status indicator of the OPPS."""

    code: str
    status: str


class LeftOut(NamedTuple):
    """A line of a file that is no row: its number, from 1, and why."""

    line: int
    reason: str


Row = PackageRow | CodeRow | LimitRow | StatusRow


@dataclass(slots=True)
class CmsFile:
    """What a file holds. kind: one of the above. day: the first day that it is about, None where it names none."""

    kind: str
    day: date | None
    rows: list[Row] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


class NotCmsError(ValueError):
    """A file that is none of those that CMS publishes, or is damaged. The text says what is wrong."""


def read_cms(data: bytes, name: str) -> CmsFile:
    """A file by its content. `name`: from which the quarter is taken where the file itself names none. Raises
    NotCmsError.
    """
    text = _text(data)
    lines = text.split("\n")
    records = sum(len(line.rstrip("\r")) == _RECORD and line[10] in "3478" for line in lines)
    if records > 1:
        return _hcpcs(lines)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise NotCmsError(f"not a CSV file: {error}") from None
    for at, cells in enumerate(table[:_HEADER_WITHIN]):
        words = {_word(cell): number for number, cell in enumerate(cells) if cell.strip()}
        kind = _kind_of(words)
        if kind:
            title = " ".join(cell for row in table[:at] for cell in row)
            day = _day_of(title, name)
            if kind != STATUS and day is None:
                raise NotCmsError("its title does not say for which quarter it is")
            if kind == ASP:
                kind = next((one for one in (AWP, OPPS) if re.search(rf"\b{one[:4].strip()}\b", title[:80])), ASP)
            return _table(kind, day, words, table, at)
    raise NotCmsError("neither a table nor a HCPCS file that CMS publishes")


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")  # a byte that cp1252 leaves undefined


def _word(cell: str) -> str:
    """A heading without case, blanks and a year: _2025_CODE is code."""
    return re.sub(r"^[0-9]{4}(?=code$)|[^a-z0-9]", "", re.sub(r"[^a-z0-9]", "", cell.lower()))


def _kind_of(words: dict[str, int]) -> str:
    if {"billunits", "pkgsize", "pkgqty"} <= words.keys():
        if {"code", "hcpcsdosage"} <= words.keys() and _ndc_column(words):
            return ASP
        return NOC if {"druggenericname", "dosage"} <= words.keys() and _ndc_column(words) else ""
    if {"hcpcscode", "paymentlimit"} <= words.keys():
        return LIMITS
    return STATUS if _status_columns(words) else ""


def _ndc_column(words: dict[str, int]) -> str:
    return next((word for word in ("ndc2", "ndc", "ndcoralternateid") if word in words), "")


def _status_columns(words: dict[str, int]) -> tuple[str, str] | None:
    code = next((word for word in ("hcpcscode", "hcpcs") if word in words), "")
    status = next((word for word in ("statusindicator", "si") if word in words), "")
    return (code, status) if code and status else None


def _day_of(title: str, name: str) -> date | None:
    """The first day of the quarter in a title, or else in a name."""
    found = _QUARTER_OF.search(" ".join(title.split())) or _NAMED_QUARTER.search(name)
    return date(int(found[2]), _MONTHS[found[1].capitalize()], 1) if found else None


def _table(kind: str, day: date | None, words: dict[str, int], table: list[list[str]], header: int) -> CmsFile:
    made = CmsFile(kind, day)
    width = max(words.values()) + 1
    for number, cells in enumerate(table[header + 1 :], header + 2):
        row = [" ".join(cell.split()) for cell in cells[:width]]
        if not any(row):
            continue
        said = _row(kind, words, row + [""] * (width - len(row)))
        if isinstance(said, str):
            made.left_out.append(LeftOut(number, said))
        else:
            made.rows.append(said)
    return made


def _row(kind: str, words: dict[str, int], cells: Sequence[str]) -> Row | str:
    """The row of a line, or why it is none."""
    if kind == STATUS:
        code, status = (cells[words[word]] for word in _status_columns(words) or ())
        return _no_code(code) or (StatusRow(code, status) if status else "no status")
    if kind == LIMITS:
        code, limit = cells[words["hcpcscode"]], cells[words["paymentlimit"]].replace(",", "")
        dosage = cells[words["hcpcscodedosage"]] if "hcpcscodedosage" in words else ""
        return _no_code(code) or (LimitRow(code, dosage, limit) if _AMOUNT.fullmatch(limit) else "no payment limit")
    code = cells[words["code"]].upper() if kind in CROSSWALKS else ""
    size, count, units = (cells[words[word]].replace(",", "") for word in ("pkgsize", "pkgqty", "billunits"))
    ndc = _NDC.fullmatch(cells[words[_ndc_column(words)]])
    reason = _no_code(code) if kind in CROSSWALKS else ""
    if not reason and ndc is None:
        reason = "not an NDC in the form 5-4-2"
    for what, number in (("PKG SIZE", size), ("PKG QTY", count), ("BILLUNITS", units)):
        if not reason and not (_AMOUNT.fullmatch(number) and float(number) > 0):
            reason = f"{what} is not a number above 0"
    if reason or ndc is None:
        return reason
    dosage = cells[words["hcpcsdosage" if kind in CROSSWALKS else "dosage"]]
    name = cells[words["drugname"]] if "drugname" in words else ""
    labeler = cells[words["labelername"]] if "labelername" in words else ""
    return PackageRow(code, ndc[0], labeler, name, dosage, *(_plain(one) for one in (size, count, units)))


def _no_code(code: str) -> str:
    """Why a text is no code that is taken; "" for one that is."""
    return "" if _CODE.fullmatch(code) else _NO_CODE[0 if _CPT.fullmatch(code) else 1]


def _plain(number: str) -> str:
    whole, point, rest = number.partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole)}{point if rest else ''}{rest}"


# ---------------------------------------------------------------- the HCPCS file


def _hcpcs(lines: Sequence[str]) -> CmsFile:
    """The alpha-numeric HCPCS file: records of 320 columns. It is of the latest day on which one of its codes changed:
    it names none, and holds every code that was valid on that day, and those that ended in the years before.
    """
    made = CmsFile(HCPCS, None)
    texts: dict[str, list[str]] = {}
    firsts: dict[str, str] = {}
    changed = date.min
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r")
        code, record = line[:5].strip(), line[10:11]
        if not line.strip():
            continue
        if len(line) != _RECORD or record not in {_FIRST, _NEXT, *_MODIFIERS}:
            made.left_out.append(LeftOut(number, "not a record of 320 columns"))
        elif record in _MODIFIERS:
            made.left_out.append(LeftOut(number, "a modifier"))
        elif reason := _no_code(code):
            made.left_out.append(LeftOut(number, reason))
        elif record == _NEXT:
            if code in texts:
                texts[code].append(line[11:91].strip())
            else:
                made.left_out.append(LeftOut(number, "a further record of no code"))
        elif code in texts:
            made.left_out.append(LeftOut(number, "a code that the file has already"))
        else:
            days = [_iso(line[268:276]), _iso(line[276:284]), _iso(line[284:292])]
            if not days[0] or (not days[2] and line[284:292].strip()):
                made.left_out.append(LeftOut(number, "a day is not valid"))
                continue
            changed = max(changed, *(date.fromisoformat(day) for day in days[:2] if day))
            texts[code], firsts[code] = [line[11:91].strip()], line
    if not texts:
        raise NotCmsError("a HCPCS file without a code")
    made.day = changed
    made.rows += (_code(code, " ".join(texts[code]), line) for code, line in firsts.items())
    return made


def _code(code: str, text: str, line: str) -> CodeRow:
    related = [line[at : at + 5].strip() for at in range(204, 229, 5)]
    successors = " ".join(one for one in related if _CODE.fullmatch(one))
    is_drug = code[0] == "J" or (line[256:259] in _DRUGS and not _SERVICE.match(text))
    return CodeRow(
        code, text, _iso(line[268:276]), _iso(line[284:292]), successors, is_drug, bool(_UNLISTED.search(text))
    )


def _iso(digits: str) -> str:
    """A day as an ISO date, "" where it is none."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return ""


def numbered(rows: Sequence[LeftOut]) -> Iterator[tuple[str, int]]:
    """How often each reason occurs, the most frequent first."""
    reasons: dict[str, int] = {}
    for one in rows:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    yield from sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
