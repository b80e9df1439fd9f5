"""One claim of a 277CA (loops 2200D and 2220D): its verdict to segments, each a list of elements."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal

from lint837.ack.status_codes import ACCEPTED, LINES_REJECTED, UNREAD, Statuses
from lint837.claims.claim import Claim, ServiceLine
from lint837.claims.normal_form import written
from lint837.claims.segment import Period, Segment, plain_decimal, segments_of
from lint837.facts.drugs import plain
from lint837.lint.finding import Finding
from lint837.lint.verdicts import Verdict
from lint837.rules.rule import Severity
from lint837.x12.delimiters import Delimiters

_LONGEST_TEXT = 264  # STC12
_CLEARINGHOUSE = -1  # instead of the index of a line: the number of the claim itself
_MOST_CODES = 3  # STC01, STC10 and STC11
_QUALIFIERS = frozenset({"AD", "ER", "HC", "HP", "IV", "WK"})  # SVC01-1 of a procedure code
Elements = list[bytes]


def claim_segments(
    claim: Claim, verdict: Verdict, day: bytes, least: Severity, statuses: Statuses
) -> Iterator[Elements]:
    """The segments of a claim.

    day: the date of the acknowledgement, CCYYMMDD.
    least: findings below this severity are left out.
    """
    delimiters = claim.context.delimiters
    shown = [finding for finding in verdict.findings if finding.severity >= least]
    charge = amount(charge_of(claim.clm))
    action = b"U" if verdict.rejected else b"WQ"
    begins = [line.offset for line in claim.service_lines]
    lines, others = _by_line(claim, shown, begins) if verdict.rejected else ({}, [])
    codes: Sequence[str] = [ACCEPTED]
    if verdict.rejected:
        codes = statuses.codes(others) if others else [UNREAD if verdict.unread and not lines else LINES_REJECTED]
    yield [b"TRN", b"2", _exact(claim.clm, 1)]
    unread = [b"the claim could not be read"] if verdict.unread and not shown else [b""]
    for text in _texts(shown, delimiters) or unread:
        yield _stc(codes, day, action, charge, text, delimiters)
    numbers = _numbers(claim, begins, of_lines=bool(lines))
    if _CLEARINGHOUSE in numbers:
        yield [b"REF", b"D9", numbers[_CLEARINGHOUSE]]
    if claim.guide == "837I" and claim.facility_type:
        yield [b"REF", b"BLT", f"{claim.facility_type}{claim.frequency}".encode()]
    yield _period(_claim_period(claim), day)
    for index, findings in lines.items():
        line = claim.service_lines[index]
        number = numbers.get(index) or (_exact(line.lx, 1) if line.lx else b"")
        yield from _line_segments(line, number, statuses.codes(findings), day)


def charge_of(clm: Segment) -> Decimal:
    """CLM02 for the totals: negative charges count too, and a charge that is not a number is 0."""
    text = clm.element(2)
    number = plain_decimal(text.removeprefix("-")) or Decimal(0)
    return -number if text.startswith("-") else number


def amount(value: Decimal) -> bytes:
    """An amount or a quantity as an element."""
    return plain(value).encode()


def status(code: str, delimiters: Delimiters) -> bytes:
    """A status such as A7:507 as a composite element."""
    return code.encode().replace(b":", delimiters.component)


def _stc(
    codes: Sequence[str], day: bytes, action: bytes, charge: bytes, text: bytes, delimiters: Delimiters
) -> Elements:
    first, second, third = ([status(code, delimiters) for code in codes] + [b""] * _MOST_CODES)[:_MOST_CODES]
    return [b"STC", first, day, action, charge, b"", b"", b"", b"", b"", second, third, text]


def _exact(segment: Segment, element: int) -> bytes:
    """The bytes of an element as they were sent."""
    return segment.delimiters.elements(segment.delimiters.clean(segment.raw), element)[element]


def _texts(findings: Sequence[Finding], delimiters: Delimiters) -> list[bytes]:
    """The rule and correction of each finding, joined into as few STC12 texts as can hold them."""
    texts: list[str] = []
    for finding in findings:
        line = f"line {finding.location.service_line} " if finding.location.service_line else ""
        text = _plain_text(f"{line}{finding.rule} {finding.correction}", delimiters)
        joined = _plain_text(f"{texts[-1]}; {text}", delimiters) if texts else ""
        if joined.endswith(text):
            texts[-1] = joined
        else:
            texts.append(text)
    return [text.encode("ascii") for text in texts]


def _plain_text(text: str, delimiters: Delimiters) -> str:
    """The text in printable ASCII without delimiters, cut where it is too long for STC12."""
    text = text.replace("…", "...")
    used = b"".join(delimiters).decode("latin-1")
    allowed = (c if c.isascii() and c.isprintable() and c not in used else " " for c in text)
    text = " ".join("".join(allowed).split())
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 3].rpartition(" ")[0] + "..."


def _numbers(claim: Claim, begins: Sequence[int], *, of_lines: bool) -> dict[int, bytes]:
    """The numbers that a 277CA returns: REF*D9 of the claim and, `of_lines`, REF*6R of each service line, by its index.
    Rules never see them, so they are read here. `begins`: the offsets of the lines.
    """
    delimiters, data = claim.context.delimiters, claim.slice.data or b""
    if begins and not of_lines:
        data = data[: begins[0] - claim.slice.start]
    found: dict[int, bytes] = {}
    for segment_id, raw, offset, _ in segments_of(data, claim.slice, delimiters):
        if segment_id != b"REF":
            continue
        _, qualifier, number = delimiters.elements(delimiters.clean(raw), 2)
        if number and qualifier in (b"6R", b"D9"):
            index = _line_at(begins, offset)
            if qualifier == (b"6R" if index >= 0 else b"D9"):
                found.setdefault(index, number)
    return found


def _line_at(begins: Sequence[int], offset: int) -> int:
    """The index of the service line at an offset, of those that begin at some; -1 before the first."""
    return bisect_right(begins, offset) - 1


def _claim_period(claim: Claim) -> Period | None:
    """The statement period of an 837I, else the first to the last date of service."""
    if claim.guide == "837I" and claim.statement_period:
        return claim.statement_period
    periods = [line.line_period for line in claim.service_lines if line.line_period]
    if not periods:
        return None
    return Period(min(period.first for period in periods), max(period.last for period in periods))


def _period(period: Period | None, otherwise: bytes) -> Elements:
    """DTP*472, which every claim must have: `otherwise`, the day of the acknowledgement, where no date is known."""
    if period is None:
        return [b"DTP", b"472", b"D8", otherwise]
    days = [written(day) for day in dict.fromkeys(period)]
    return [b"DTP", b"472", b"D8" if len(days) == 1 else b"RD8", b"-".join(days)]


# -- service lines


def _by_line(
    claim: Claim, findings: Sequence[Finding], begins: Sequence[int]
) -> tuple[dict[int, list[Finding]], list[Finding]]:
    """The findings on lines that an SVC can identify, by the line's index; and all others. `begins`: as above."""
    found: dict[int, list[Finding]] = {}
    others = []
    for finding in findings:
        index = _line_at(begins, finding.location.offset)
        if index >= 0 and _procedure(claim.service_lines[index]):
            found.setdefault(index, []).append(finding)
        else:
            others.append(finding)
    return dict(sorted(found.items())), others


def _procedure(line: ServiceLine) -> list[str]:
    """SVC01: the procedure code with its qualifier and modifiers; the revenue code where an 837I has no other."""
    if line.procedure_code:
        qualifier = line.qualifier if line.qualifier in _QUALIFIERS else "HC"
        return [qualifier, line.procedure_code, *(code for code in line.modifiers if len(code) == 2)]
    return ["NU", line.revenue_code] if line.revenue_code else []


def _line_segments(line: ServiceLine, number: bytes, codes: Sequence[str], day: bytes) -> Iterator[Elements]:
    delimiters = line.claim.context.delimiters
    procedure = _procedure(line)
    revenue_code = line.revenue_code if procedure[0] != "NU" else ""
    units = line.service_unit_count
    yield [
        b"SVC",
        delimiters.component.join(part.encode() for part in procedure),
        amount(line.charge_amount or Decimal(0)),
        b"",
        revenue_code.encode(),
        b"",
        b"",
        amount(units) if units else b"",
    ]
    yield _stc(codes, day, b"U", b"", b"", delimiters)
    if number:
        yield [b"REF", b"FJ", number]
    if line.line_period:
        yield _period(line.line_period, day)
