"""The log of corrections: JSON lines, first the files, then what was changed in them."""

import json
from collections.abc import Iterator, Sequence

from lint837.fix.edits import Change


def log_of(
    before: tuple[str, str], after: tuple[str, str], changes: Sequence[Change], *, claims: bool
) -> Iterator[bytes]:
    """The lines. `before`, `after`: the path of a file and its SHA-256. `claims`: with the numbers of the claims."""
    head = {
        "type": "files",
        "input": before[0],
        "input_sha256": before[1],
        "output": after[0],
        "output_sha256": after[1],
    }
    yield json.dumps(head).encode() + b"\n"
    for change in changes:
        at = change.finding.location
        line = {
            "type": "change",
            "rule": change.finding.rule,
            "safe": change.safe,
            "claim_ordinal": at.claim_ordinal,
            "service_line": at.service_line,
            "element": at.element,
            "offset": change.start,
            "old": change.old.decode("latin-1"),
            "new": change.new.decode("latin-1"),
        }
        if claims:
            line["claim"] = at.claim
        yield json.dumps(line).encode() + b"\n"
