"""The log of corrections: JSON lines, first the files, then what was changed in them, and what that revealed."""

import json
from collections.abc import Iterator, Mapping, Sequence

from lint837.fix.control_numbers import NewNumber
from lint837.fix.edits import Change
from lint837.lint.finding import Finding
from lint837.x12.delimiters import safe_control_number


def log_of(
    before: tuple[str, str],
    after: tuple[str, str],
    changes: Sequence[Change],
    numbers: Sequence[NewNumber] = (),
    revealed: Sequence[Finding] = (),
    *,
    claims: bool,
) -> Iterator[bytes]:
    """The lines. `before`, `after`: the path of a file and its SHA-256. `numbers`: new control numbers. `revealed`: the
    errors that are new, with places in the new file. `claims`: with the numbers of the claims.
    """
    head = {
        "type": "files",
        "input": before[0],
        "input_sha256": before[1],
        "output": after[0],
        "output_sha256": after[1],
    }
    yield _line(head)
    for change in changes:
        line = {
            "type": "change",
            "rule": change.finding.rule,
            "safe": change.safe,
            **_place(change.finding, change.start),
            "old": change.old.decode("latin-1"),
            "new": change.new.decode("latin-1"),
        }
        yield _line(line | _claim(change.finding, shown=claims))
    for number in numbers:
        values = {"old": safe_control_number(number.old), "new": number.new.decode()}
        yield _line({"type": "control_number", "element": number.element, "offset": number.start, **values})
    for finding in revealed:
        line = {"type": "revealed", "rule": finding.rule, **_place(finding, finding.location.offset)}
        yield _line(line | _claim(finding, shown=claims))


def _line(values: Mapping[str, object]) -> bytes:
    return json.dumps(values).encode() + b"\n"


def _place(finding: Finding, offset: int) -> dict[str, object]:
    at = finding.location
    return {
        "claim_ordinal": at.claim_ordinal,
        "service_line": at.service_line,
        "element": at.element,
        "offset": offset,
    }


def _claim(finding: Finding, *, shown: bool) -> dict[str, object]:
    return {"claim": finding.location.claim} if shown else {}
