"""A fast scan changes nothing but the time: the slices, faults and counts are the same, whatever the file, the blocks
and the delimiters. Nor does the prefilter.
"""

import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837.facts.drugs import load_drug
from lint837.facts.formulary import Formulary
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import Reader
from lint837.x12.slices import Limits, Slice

from tests import batch
from tests.x12.reading import WAYS, Way, blocks, check_reader, whole_claims

TOML = Path(__file__).parents[2] / "rules/lint837_rules/drugs/tarlatamab.toml"
DRUG = load_drug(TOML.read_text(encoding="utf-8"), "tarlatamab.toml")
PREFILTER = Prefilter({"J9026", "C9170"}, {"55513", *DRUG.names})

HOSPITAL = "005010X223A2"


def stays(count: int) -> list[list[str]]:
    """Subscribers with inpatient claims that bill no procedure code."""
    lines = [["SV2*0120**1000*DA*1"], ["SV2*0250**50*UN*5", "DTP*472*D8*20250110"]]
    return [batch.subscriber(n, batch.claim(f"S{n}", *lines)) for n in range(2, 2 + count)]


BASES = [
    batch.batch(),
    batch.batch().replace("~", "~\n"),
    batch.batch().replace("~", "~\r\n"),
    batch.batch().replace("~", "~\r\n", 40),
    batch.interchange(
        batch.group(
            batch.transaction_set(
                *(
                    batch.subscriber(n, batch.claim(f"C{n}", batch.line("HC:99213"), batch.line()))
                    for n in range(2, 14)
                ),
            )
        ),
        delimiters=batch.Delimiters("|", ">", "^", "'"),
    ),
    # Sets of both guides in turn, and one in which nothing tells the separator until its last claim.
    batch.interchange(
        *(
            batch.group(
                batch.transaction_set(
                    batch.subscriber(2, batch.claim("A", [f"{service}:99213*9*UN*1"]), batch.claim("B", batch.line())),
                    batch.subscriber(3, dependents=[batch.claim("C", [f"{service}:99213*9*UN*1"])]),
                    version=version,
                ),
                control=n,
                version=version,
            )
            for n, (version, service) in enumerate([("005010X222A1", "SV1*HC"), (HOSPITAL, "SV2*0636*HC")] * 2, 1)
        ),
        batch.group(
            batch.transaction_set(
                *stays(6), batch.subscriber(8, batch.claim("Z", ["SV2*0636*HC>J9026*9*UN*1"])), version=HOSPITAL
            ),
            batch.transaction_set(*stays(5), control="0002", version=HOSPITAL),
            control=9,
            version=HOSPITAL,
        ),
    ),
]
OFFICE = batch.interchange(
    batch.group(
        batch.transaction_set(
            *(
                batch.subscriber(
                    n,
                    batch.claim(
                        f"C{n}",
                        batch.line("HC:99213" if n % 5 else "HC:J9026:JZ"),
                        *[batch.line("HC:99213", str(m))[:2] for m in range(n % 4)],
                    ),
                )
                for n in range(2, 14)
            ),
        )
    )
)
# Hard-wrapped at one width, with and without a line end at the end, and at widths that break in all places of a segment.
BASES += [
    line_end.join(OFFICE[i : i + width] for i in range(0, len(OFFICE), width)) + line_end * ends
    for width, line_end, ends in (
        (80, "\n", 0),
        (80, "\r\n", 1),
        (77, "\n", 1),
        (50, "\n", 1),
        (128, "\n", 0),
        (9, "\n", 0),
    )
]
# What a mutation puts into a file: delimiters, segments in a wrong place, texts of the prefilter, and what hides or breaks one.
TOKENS = [
    *("~", "*", ":", "~~", " ", "\n", "\r\n", "\t", "\x00", "\x7f", "\xe9", "A", "1", "0", "22", "23", "20", "*1*22*"),
    *("LIN**N4*55513007701~", "CTP****1*UN~", "SV2*0636*HC:99213*1*UN*1~", "SV3*AD:D0120*1~", "SV5*HC:E0100*DA*1~"),
    *(">", "SV1*HC>99213*1*UN*1~", "SV2*0636*HC>99213*1*UN*1~", "SV1*99213*1*UN*1~", "SV1*HC>99213:25*1*UN*1~"),
    *("LX*2SV1*HC:99213*1*UN*1~", "LX*3~", "SVl*HC:99213~", "Q~", "*1*22*1~", "HL*2*1*22*1~", "HL*1**20*1~"),
    *("HL*", "HL*9*1*22*0~", "HL*3*2*23*0~", "CLM*", "CLM~", "LX*1~", "LX*2~", "LX*01~", "LX~", "SV1*HC:J9026*1*UN*1~"),
    *("ISA", "ISA*", "GS*HC*", "ST*837*0001*005010X222A1~", "SE*1*1~", "GE*1*1~", "IEA*1*1~", "XISAX", "TARISA*"),
    *("J9026", ":J 9026", ": j90 26", "imdelltra", "TAR", "55513077701", "55513 077 01", "NTE*ADD*Tarlatamab~"),
    "A" * 120,
    "*" * 30,
]
mutations = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.sampled_from(TOKENS)), max_size=4)


def mutated(text: str, changes: Sequence[tuple[float, int, str]]) -> bytes:
    """`text` with each change made: at a place (a share of the length) a number of characters is replaced by a token.
    In place of a number, 7 moves a segment to the middle of the text, and 8 cuts the text off.
    """
    for place, width, token in changes:
        at = int(place * len(text))
        if width == 8:
            text = text[:at]
        elif width == 7:
            parts = text.split("~")
            parts.insert(len(parts) // 2, parts.pop(int(place * (len(parts) - 1))))
            text = "~".join(parts)
        else:
            text = text[:at] + token + text[at + width :]
    return text.encode("latin-1")


@pytest.mark.parametrize("part", range(3))
def test_a_fast_scan_changes_no_event(part: int) -> None:
    """Every third base in each part."""

    @settings(max_examples=70)
    @given(st.sampled_from(BASES[part::3]), mutations, st.sampled_from(WAYS))
    def check(base: str, changes: list[tuple[float, int, str]], way: Way) -> None:
        check_reader(mutated(base, changes), way, Formulary([DRUG]), PREFILTER)

    check()


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("SBR*", "Q~SV1*HC:99213*1*UN*1~SBR*"),
        ("SBR*", "Q~LX*1~SV1*HC:99213*1*UN*1~SBR*"),
        ("LX*1~", "Q~LX*1~"),
        ("LX*1~", "LX*1~Q~"),
        ("LX*2~", "Q~LX*1~"),
        ("LX*2~", "LX*10~"),
        ("LX*2~", "LX*1 ~"),
        ("HL*4*", " \n HL*4*"),
        ("HL*4*", "HL*4" + "*" * 1001),
        ("CLM*C4", "CLM*C4" + "A" * 1500),
    ],
)
@pytest.mark.parametrize("block", [1600, 2000, 1 << 20])
def test_what_is_beside_the_plain_is_read_as_ever(plain: str, other: str, block: int) -> None:
    """Malformed, numbered in another way, after blanks, too long."""
    check_reader(OFFICE.replace(plain, other).encode(), Way(block, Limits()), Formulary([DRUG]), PREFILTER)


def test_none_is_made_where_there_is_little_address_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numpy's linear algebra would end the process with status 1, as if claims were wrong."""
    text = OFFICE.encode()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1 << 28, 1 << 28))
    monkeypatch.setitem(sys.modules, "lint837.x12.fast_scanner", None)  # importing it fails
    assert Reader([text], scan_from=0).counts.claims == 0
    assert len(whole_claims(one for one in Reader([text], scan_from=0) if isinstance(one, Slice))) == 12


def test_a_fast_scan_passes_over_what_is_plain() -> None:
    text = batch.interchange(
        batch.group(
            batch.transaction_set(
                *(batch.subscriber(n, batch.claim(f"C{n}", batch.line("HC:99213")[:2])) for n in range(2, 40)),
                batch.subscriber(40, batch.claim("LAST", batch.line())),
            )
        )
    )
    reader = Reader([text.encode()], None, PREFILTER, scan_from=0)
    claims = whole_claims(one for one in reader if isinstance(one, Slice))
    assert [(one.claim, one.claim_name) for one in claims] == [(39, "LAST")]
    assert reader.counts.claims == 39


def test_codes_that_share_a_place_in_the_table_are_told_apart() -> None:
    """Of 10,000 codes two thousand find their place in the table taken."""
    codes = [f"J{n:04}" for n in range(10_000)]
    family = Prefilter((), (), family=lambda code: code.endswith("6"))
    text = batch.interchange(
        batch.group(
            batch.transaction_set(
                *(batch.subscriber(n, batch.claim(code, [f"SV1*HC:{code}*9*UN*1"])) for n, code in enumerate(codes, 2))
            )
        )
    )
    reader = Reader(blocks(text.encode(), 400_000), None, family, scan_from=0)
    claims = whole_claims(one for one in reader if isinstance(one, Slice))
    right = [code for code in codes if code.endswith("6")]
    assert [one.claim_name for one in claims if one.claim_name in right] == right
    assert len(claims) < 2 * len(right)  # where two blocks meet others are handed out
