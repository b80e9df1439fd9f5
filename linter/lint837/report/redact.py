"""A report without what tells of one patient's claim: for a place where many read, such as a CI service.

A claim is its ordinal in the file, and a keyed hash of its number where a key is given; a date of service is its
relation to the days on which the drug's codes change; a file is its ordinal, where that is asked for.
"""

from dataclasses import dataclass, replace
from itertools import count

from lint837.files.inputs import STANDARD_INPUT
from lint837.lint.finding import HASHED, AsBilled, Finding, Redacted, RelatedPlace, SeenSegment
from lint837.report.excerpt import ELLIPSIS
from lint837.report.model import Results
from lint837.report.relation import without_days

SHORTEST_KEY = 16  # bytes; with a shorter one a claim's number could be found by trying
_HASH = 16  # hexadecimal digits of the hash, 64 bits


@dataclass(frozen=True, slots=True)
class Redaction:
    """When to redact (auto, always or never), the key of the hash (b"": none), and whether file names are redacted."""

    mode: str = "auto"
    key: bytes = b""
    paths: bool = False

    def applies(self, *, public: bool) -> bool:
        """Whether a report is redacted; `public`: many may read it."""
        return self.mode == "always" or (self.mode == "auto" and public)


def redacted(results: Results, redaction: Redaction) -> Results:
    """The results redacted. What is redacted already stays as it is, but for file names."""
    if not results.about.redacted:
        findings = tuple(without_claim(finding, redaction.key) for finding in results.findings)
        results = replace(results, findings=findings, about=replace(results.about, redacted=True))
    return _without_paths(results) if redaction.paths else results


def _without_paths(results: Results) -> Results:
    """file-1, file-2 and so on for the inputs and then the files that were passed over."""
    paths = dict.fromkeys(
        [*(item.path for item in results.inputs), *(one.path for one in results.findings), *results.passed_over]
    )
    number = count(1)
    names = {path: path if path == STANDARD_INPUT else f"file-{next(number)}" for path in paths}
    return replace(
        results,
        findings=tuple(replace(finding, path=names[finding.path]) for finding in results.findings),
        inputs=tuple(replace(item, path=names[item.path]) for item in results.inputs),
        passed_over=tuple(names[path] for path in results.passed_over),
    )


def without_claim(finding: Finding, key: bytes = b"") -> Finding:
    """One finding without the number of its claim and without any date of it."""
    texts = finding.redacted or Redacted(
        without_days(finding.message)[0],
        without_days(finding.found)[0],
        without_days(finding.expected)[0],
        without_days(finding.correction)[0],
        "",
    )
    return replace(
        finding,
        message=texts.message,
        found=texts.found,
        expected=texts.expected,
        correction=texts.correction,
        claim=_hash(finding.claim, key),
        service_line=finding.service_line and without_days(finding.service_line)[0],
        as_billed=finding.as_billed and _as_billed(finding.as_billed, texts.date),
        related=tuple(_related(place) for place in finding.related),
        redacted=None,
    )


def _hash(claim: str | None, key: bytes) -> str | None:
    """A name for the claim that only who has the key can make; None without a key, or without a number."""
    if not key or not claim or claim == ELLIPSIS:
        return None
    import hashlib
    import hmac

    digest = hmac.new(key, claim.encode("utf-8", "backslashreplace"), hashlib.sha256).hexdigest()
    return f"{HASHED}{digest[:_HASH]}"


def _as_billed(billed: AsBilled, date: str) -> AsBilled:
    text, highlight = _excerpt(billed.excerpt, billed.highlight)
    return replace(
        billed,
        date=date or (ELLIPSIS if billed.date else ""),
        units=without_days(billed.units)[0],
        quantity=without_days(billed.quantity)[0],
        charge=without_days(billed.charge)[0],
        claim_charge=without_days(billed.claim_charge)[0],
        payer_id=without_days(billed.payer_id)[0],
        excerpt=text,
        highlight=highlight,
        segments=tuple(SeenSegment(one.segment, _excerpt(one.excerpt)[0]) for one in billed.segments),
    )


def _related(place: RelatedPlace) -> RelatedPlace:
    text, highlight = _excerpt(place.excerpt, place.highlight)
    return replace(place, excerpt=text, highlight=highlight)


def _excerpt(text: str, highlight: tuple[int, int] = (0, 0)) -> tuple[str, tuple[int, int]]:
    """An excerpt without a date: of a DTP segment without DTP03, of another without a number that can be a day."""
    if not text.startswith("DTP"):
        return without_days(text, highlight)
    *head, date = text.split(text[3:4] or None, 3)
    if len(head) < 3 or not date:
        return text, highlight
    at = len(text) - len(date)
    start, end = highlight
    return text[:at] + ELLIPSIS, (min(start, at), min(end, at + len(ELLIPSIS)))
