"""What the fuzzer begins with: the samples, the tests' batches, and a file full of canaries."""

import gzip
from pathlib import Path

from fuzz.mutation import zipped
from tests import batch
from tests.report import test_privacy
from tests.x12.test_fast_scanner import BASES

# What no report may tell, and what no redacted one may besides, as patterns: see tests/test_privacy.py.
NAMES = (test_privacy.CANARY[:5],)
_DAYS = (test_privacy.BIRTH, test_privacy.DAY, "2025-01-10")
NUMBERS = (test_privacy.NUMBER, *(rf"(?<!\d){day}(?!\d)" for day in _DAYS))  # in a longer number a day is none
REGRESSIONS = Path(__file__).parent.parent / "tests" / "regressions"
_SAMPLES = Path(__file__).parent.parent / "samples"


def seeds() -> list[bytes]:
    """Synthetic claim files, whole and damaged, plain and packed."""
    canaries = test_privacy.FILE.encode()
    foreign = batch.interchange(
        batch.group(
            ["ST*275*0001*005010X210", "BGN*11*1*20260115", "BIN*12*ISA~SE*1*1~~", "SE*4*0001"],
            batch.transaction_set(batch.subscriber(2, batch.claim("A", batch.line())), control="0002"),
        )
    )
    day = "DTP*472*D8*20250110"
    # Claims that are known to hold a drug by one thing alone: its code, its NDC, its name.
    by_one = (["SV1*HC:J9026*1*UN*1***1", day], ["SV1*HC:99213*1*UN*1***1", day, "LIN**N4*55513007701", "CTP****1*UN"])
    by_name = (["SV1*HC:J9999*1*UN*1***1", day, "NTE*ADD*TARLATAMAB"], ["SV1*HC:J3590:::::IMDELLTRA*1*UN*1***1", day])
    claims = (batch.claim(f"C{number}", one) for number, one in enumerate((*by_one, *by_name)))
    known = batch.interchange(batch.group(batch.transaction_set(batch.subscriber(2, *claims))))
    texts = [
        *BASES,
        foreign,
        known,
        *(text.replace("~", "~\n") for text in (foreign, test_privacy.FILE)),
    ]
    files = [path.read_bytes() for path in sorted([*_SAMPLES.glob("*/*.837"), *REGRESSIONS.glob("*.837")])]
    files += [canaries, *(text.encode("latin-1") for text in texts)]
    packed = [gzip.compress(canaries, mtime=0), zipped({"a.837": canaries, "b.txt": b"none"})]
    return [*files, *packed]
