"""pyx12 and lint837 on the X12 files below a folder, side by side: `python -m fuzz.differential FOLDER`.

On every file that pyx12's reader accepts, the same segments, claims (CLM01) and lines (LX01; id and code of SV1 or SV2)
must be seen. Files of persons' claims may be read so: no value of a file is printed, only its path and numbers.
"""

import sys
from collections import Counter
from pathlib import Path

from lint837 import Rulebook, load_rulebook
from pyx12.errors import X12Error

from tests.peers import Elements, Seen, claims_in, read_by_pyx12, seen_by_lint837


def compared(data: bytes, rulebook: Rulebook) -> tuple[str, Seen]:
    """What came out of the comparison, and what lint837 saw."""
    ours = seen_by_lint837(data, rulebook)
    try:
        segments, wrong = read_by_pyx12(data.decode("ascii"))
    except (UnicodeDecodeError, X12Error, IndexError, AttributeError, TypeError, ValueError) as error:
        return f"pyx12 cannot read it ({type(error).__name__})", ours
    if any(one.startswith(("isa", "gs", "st")) for one in wrong):
        return "pyx12 does not accept its envelope", ours
    claims = [one.bare for one in claims_in(segments)]
    if claims != [one.bare for one in ours.claims]:
        return f"OTHER CLAIMS: {len(claims)} by pyx12, {len(ours.claims)} by lint837", ours
    if segments == ours.segments:
        return "the same", ours
    if [_without_layout(one) for one in segments] == [_without_layout(one) for one in ours.segments]:
        return "the same, but for blanks and line breaks", ours
    return f"OTHER SEGMENTS: {len(segments)} by pyx12, {len(ours.segments)} by lint837", ours


def _without_layout(segment: tuple[str, Elements]) -> list[str]:
    """A segment without line breaks in it, which lint837 takes for wrapping, and without blanks around it."""
    text = "*".join([segment[0], *(":".join(element) for element in segment[1])])
    return text.translate({10: None, 13: None}).strip().split("*")


def main(folder: str) -> None:
    """Print a table, and each file on which the two disagree."""
    rulebook = load_rulebook(isolated=True)
    files, claims, lines, wrong = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file() or b"ISA" not in (data := path.read_bytes())[:4096]:
            continue
        outcome, ours = compared(data, rulebook)
        kind = outcome.partition(":")[0]
        files[kind] += 1
        claims[kind] += len(ours.claims)
        lines[kind] += sum(len(one.lines) for one in ours.claims)
        wrong[kind] += bool(ours.wrong)
        accepted = kind.startswith(("the same", "OTHER"))
        if kind.startswith("OTHER") or accepted == bool(ours.wrong):
            print(f"{path}: {outcome}; lint837: {', '.join(sorted(set(ours.wrong))) or 'nothing'}")
    print(f"\n{'':44} {'files':>6} {'claims':>7} {'lines':>6} {'faults':>7}")
    for kind, number in files.most_common():
        print(f"{kind:44} {number:6} {claims[kind]:7} {lines[kind]:6} {wrong[kind]:7}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
