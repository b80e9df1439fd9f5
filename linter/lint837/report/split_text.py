"""What became of a file that was split, as text."""

from collections.abc import Iterator, Mapping

from lint837.report.words import inert
from lint837.rules.values import counted
from lint837.split.plan import ACCEPTED, REJECTED
from lint837.split.write import Outcome


def lines(path: str, places: Mapping[int, str], acknowledgement: str | None, outcome: Outcome) -> Iterator[str]:
    """The counts; each file, and what is in it; which rules rejected how many claims."""
    yield (
        f"{inert(path)}: {counted(outcome.accepted + outcome.rejected, 'claim')}, "
        f"{outcome.accepted:,} accepted, {outcome.rejected:,} rejected"
    )
    for side, count, name in ((ACCEPTED, outcome.accepted, "accepted"), (REJECTED, outcome.rejected, "rejected")):
        what = (
            counted(count, "claim") if outcome.written[side] else "not written; a file that is there was left as it was"
        )
        yield f"  {name}  {inert(places[side])}: {what}"
    if acknowledgement:
        yield f"  277CA     {inert(acknowledgement)}: {counted(outcome.accepted + outcome.rejected, 'claim')}"
    for rule, count in outcome.rules.items():
        yield f"  {rule} rejected {counted(count, 'claim')}"
