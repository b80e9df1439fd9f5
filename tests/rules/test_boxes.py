"""Each part of a line is named as the form that a biller sees names it."""

import pytest
from lint837 import Rulebook
from lint837_rules.boxes import box

from tests.claims.test_claims import claim_of

ON = "DTP*472*D8*20250110~"
PROFESSIONAL = f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}"
INSTITUTIONAL = f"SV2*0636*HC:J9026:JZ*16000*UN*10~{ON}"


@pytest.mark.parametrize(
    ("part", "professional", "institutional"),
    [
        ("date", "box 24A", "FL 45"),
        ("place of service", "box 24B", "FL 4"),
        ("code", "box 24D", "FL 44"),
        ("modifiers", "box 24D", "FL 44"),
        ("charge", "box 24F", "FL 47"),
        ("units", "box 24G", "FL 46"),
        ("NDC", "shaded line of box 24", "FL 43"),
        ("original reference", "box 22", "FL 64"),
    ],
)
def test_the_box_goes_by_the_segment_of_the_line(
    rulebook: Rulebook, part: str, professional: str, institutional: str
) -> None:
    for guide in ("837P", "837I"):
        claim = claim_of(rulebook, PROFESSIONAL + INSTITUTIONAL, guide=guide)
        assert [box(line, part) for line in claim.service_lines] == [professional, institutional]
        assert box(claim, part) == (professional if guide == "837P" else institutional)
