"""What the headers of a claim say: the one match for a subscriber that is written as most are says the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837.claims import header
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Slice

DELIMITERS = Delimiters(b"*", b":", b"^", b"~")
SBR = [
    "SBR*P*18*******MB",
    "SBR* S *18*G****** CI *X",
    "SBR*P*18",
    "SBR",
    "SBR*P*18*******M\nB",
    "SBR*P*18*******mb",
    " SBR*P*18*******MA",
]
PEOPLE = [
    "NM1*IL*1*DOE*JANE****MI*1eg4te5mk73",
    "NM1*IL*1*DOE*JANE****MI*A\r\nB12",
    "NM1*IL*1*DOE",
    "NM1* IL *1*DOE*****MI* 12 *X",
    "N\nM1*IL*1*DOE*****MI*77",
    "NM1*QC*1*DOE",
]
PAYERS = [
    "NM1*PR*2*PAYER*****PI*00952",
    "NM1*PR*2*PAYER*****XV*00952*Y",
    "NM1*PR*2*PAYER*****ZZ*00952",
    "NM1*PR*2*PAYER***** PI * 60054 ",
    "NM1*PR*2*PAYER",
    "NM1*PR*2*P\xc4YER*****PI*00953",
]
OTHERS = [
    "HL*2*1*22*0",
    "N3*1 ROAD",
    "N4*AUSTIN*TX*787560000",
    "DMG*D8*19450322*F",
    "REF*SY*123",
    "",
    "n3*X",
    "PAT*\nNM1*PR",
]


@settings(max_examples=400)
@given(
    segments=st.lists(st.one_of(*map(st.sampled_from, (SBR, PEOPLE, PAYERS, OTHERS))), max_size=7),
    newline=st.sampled_from(["", "\n", "\r\n", " "]),
    whole=st.booleans(),
)
def test_any_subscriber(segments: list[str], newline: str, *, whole: bool) -> None:
    drawn = ["HL*2*1*22*0", SBR[0], PEOPLE[0], *segments, PAYERS[0]] if whole else segments
    check("".join(f"{one}~{newline}" for one in drawn).encode("latin-1"))


def check(data: bytes) -> bool:
    """Compare both ways; whether the match was one."""
    piece = Slice("hl22", 0, len(data), 1, 0, 1, 0, 0, "", data, damaged=False, context=None)
    found = header._subscriber(piece, DELIMITERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "_usual_subscriber", lambda _: re.compile(b"(?!)"))
        assert found == header._subscriber(piece, DELIMITERS)
    return bool(header._usual_subscriber(DELIMITERS).match(DELIMITERS.unwrapped(data)))


USUAL = (b"HL*2*1*22*0", b"SBR*P*18*******MB", b"NM1*IL*1*DOE*JANE****MI*77", b"N3*X", b"NM1*PR*2*P*****PI*00952")


@pytest.mark.parametrize("newline", [b"", b"\n", b"\r\n"])
def test_a_usual_subscriber_is_told_by_the_match(newline: bytes) -> None:
    assert check(b"".join(one + b"~" + newline for one in USUAL))


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_line_of_a_wrapped_file_may_break_anywhere(newline: bytes) -> None:
    data = b"".join(one + b"~" for one in USUAL)
    whole = header._Subscriber(b"P", "MB", b"77", "00952")
    for at in range(1, len(data)):
        broken = data[:at] + newline + data[at:]
        piece = Slice("hl22", 0, len(broken), 1, 0, 1, 0, 0, "", broken, damaged=False, context=None)
        assert header._subscriber(piece, DELIMITERS) == whole, broken
