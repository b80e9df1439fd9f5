"""Privacy: no report and no exception holds a name, member id, birth date, address or free text."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint837 import Rulebook, lint_bytes, load_rulebook
from lint837.claims import DrugLine
from lint837.examples import claim_file
from lint837.report import json as json_report
from lint837.report import text
from lint837.report.results import results
from lint837.rule import Bad, Good, Problem, Rule

# Segments of a claim in which every element that identifies somebody holds a canary.
CANARY = "ZZCANARY"
BIRTH = "19610417"
SUBSCRIBER = [
    f"NM1*41*2*{CANARY}CLEARING*****46*SUB1",
    f"PER*IC*{CANARY}CONTACT*TE*5555550199*EM*{CANARY}@EXAMPLE.COM",
    "HL*1**20*1",
    f"NM1*85*1*{CANARY}DOCTOR*{CANARY}FIRST****XX*1234567893",
    f"N3*{CANARY}STREET",
    f"N4*{CANARY}CITY*TX*787010000",
    f"REF*EI*{CANARY}TAX",
    "HL*2*1*22*1",
    f"SBR*P**{CANARY}GROUP*{CANARY}PLAN*****MB",
    f"NM1*IL*1*{CANARY}LAST*{CANARY}FIRST*{CANARY}MIDDLE***MI*{CANARY}MEMBER",
    f"N3*{CANARY}ELM ST*{CANARY}APT",
    f"N4*{CANARY}TOWN*TX*787019999",
    f"DMG*D8*{BIRTH}*F",
    f"REF*SY*{CANARY}SSN",
    f"NM1*PR*2*{CANARY}PAYER*****PI*00952",
    "HL*3*2*23*0",
    "PAT*19",
    f"NM1*QC*1*{CANARY}CHILD*{CANARY}FIRST",
    f"N3*{CANARY}STREET",
    f"DMG*D8*{BIRTH}*M",
]
CLAIM = [
    "CLM*CLAIM-1*16000***11:B:1*Y*A*Y*Y",
    f"REF*EA*{CANARY}RECORD",
    f"REF*G1*{CANARY}AUTH",
    f"K3*{CANARY}FIXED",
    f"NTE*ADD*{CANARY} TARLATAMAB FOR {CANARY}",
    "HI*ABK:C3490",
    f"NM1*82*1*{CANARY}RENDERING*{CANARY}*{CANARY}***XX*1093817465",
]


def service_line(number: int, segment: str, *rest: str) -> list[str]:
    """A line with everything in it that nobody may read in a report."""
    return [
        f"LX*{number}",
        segment,
        *rest,
        f"REF*6R*{CANARY}LINE",
        f"K3*{CANARY}",
        f"NTE*ADD*{CANARY} IMDELLTRA 10MG {CANARY}",
        f"REF*XZ*{CANARY}RX",
        f"NM1*DK*1*{CANARY}ORDERING",
        f"SVD*00952*1*HC:J9026:{CANARY}**1",
    ]


ON = "DTP*472*D8*20250110"
LINES = [
    service_line(1, f"SV1*HC:J9999:::::{CANARY} TARLATAMAB {CANARY}*16000*UN*1***1", ON),
    service_line(2, "SV1*HC:C9170:JZ*16000*UN*10***1", ON, "LIN**N4*55513-077-01", "CTP****1*UN"),
    service_line(3, "SV1*HC:J9026:JZ*16000*UN*1***1", ON, f"LIN**N4*55513007701*{CANARY}", "CTP****1*UN"),
    service_line(
        4, f"SV1*HC:J9026:{CANARY}*{CANARY}*UN*{CANARY}***1*{CANARY}", ON, f"LIN**N4*{CANARY}", f"CTP****{CANARY}*UN"
    ),
    service_line(5, "SV1*HC:J9026:JZ*16000*UN*10***1", f"DTP*472*D8*{CANARY}", "LIN**N4*55513007701", "CTP****10*UN"),
    service_line(6, f"SV1*HC:C9399:::::FOR {CANARY} AND TARLATAMAB*1600*UN*1***1", ON, f"LIN**N4*{CANARY}"),
]
BODY = ["BHT*0019*00*1*20260115*1200*CH", *SUBSCRIBER, *CLAIM, *(segment for line in LINES for segment in line)]
FILE = "~".join(
    [
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260115*1200*^*00501*000000001*0*P*:",
        "GS*HC*SENDER*RECEIVER*20260115*1200*1*X*005010X222A1",
        "ST*837*0001*005010X222A1",
        *BODY,
        f"SE*{len(BODY) + 2}*0001",
        "GE*1*1",
        "IEA*1*000000001",
        "",
    ]
)
RULEBOOK = load_rulebook(isolated=True)


def everything(data: bytes, rulebook: Rulebook = RULEBOOK) -> str:
    """All that any report says of an input, and all that a finding holds."""
    report = lint_bytes(data, rulebook=rulebook)
    whole = results(report, "0", None, 0)
    return "\n".join([text.document(whole), json_report.document(whole), repr(report.findings)])


def test_the_canaries_are_planted_and_silent() -> None:
    said = everything(FILE.encode())
    assert {"HCP001", "HCP002", "NDC001", "QTY001"} <= {f.rule for f in lint_bytes(FILE.encode()).findings}
    assert CANARY not in said
    assert BIRTH not in said
    assert "TARLATAMAB" in said


@given(st.integers(0, len(FILE)), st.integers(0, 120), st.sampled_from(["", "~", "*", ":", "\n", "\x07"]))
def test_a_damaged_file_says_no_more(at: int, length: int, put: str) -> None:
    """Segments glued together, cut, or split put names where codes and numbers should be."""
    said = everything((FILE[:at] + put + FILE[at + length :]).encode())
    # A piece of a canary is one too: 5 of its letters in a row are in no word of ours.
    assert not any(CANARY[i : i + 5] in said for i in range(len(CANARY) - 4))
    assert BIRTH not in said


@pytest.mark.parametrize("at", [i for i, c in enumerate(FILE) if c == "~"])
def test_glued_segments_say_no_more(at: int) -> None:
    for glue in ("", "*", ":"):
        said = everything((FILE[:at] + glue + FILE[at + 1 :]).encode())
        assert CANARY[:5] not in said
        assert BIRTH not in said


def test_a_rule_that_raises_tells_its_place_only() -> None:
    def check(line: DrugLine) -> Iterator[Problem]:
        raise ValueError(f"cannot read {line.description}")
        yield

    rule = RULEBOOK.rules[0]
    broken = Rule(
        "XXX001",
        "broken",
        rule.severity,
        DrugLine,
        check,
        "",
        "",
        rule.cites,
        rule.good,
        rule.bad,
        __name__,
    )
    said = everything(
        FILE.encode(), Rulebook((broken, *RULEBOOK.rules), RULEBOOK.formulary, RULEBOOK.chosen | {"XXX001"})
    )
    assert "Rule XXX001 failed (ValueError at test_privacy.py:" in said
    assert "HCP001" in said
    assert CANARY not in said


def test_an_internal_error_tells_its_place_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lint837 import cli

    def explode(*_: object) -> None:
        raise RuntimeError(FILE)

    (tmp_path / "claims.837").write_text(FILE)
    monkeypatch.setattr("lint837.cli.in_order", explode)
    monkeypatch.setattr(sys, "argv", ["lint837", "check", str(tmp_path / "claims.837")])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 4
    out, err = capsys.readouterr()
    assert (out, err.startswith("lint837: internal error: RuntimeError at test_privacy.py:")) == ("", True)
    assert CANARY not in err


@given(st.data())
def test_lost_bytes_say_no_more(data: st.DataObject) -> None:
    """A run of bytes is lost between two delimiters: what stood behind now stands where something else should."""
    places = [i for i, c in enumerate(FILE) if c in "*~:"]
    begin = data.draw(st.sampled_from(places))
    end = data.draw(st.sampled_from([i for i in places if begin <= i < begin + 500]))
    said = everything((FILE[:begin] + FILE[end:]).encode())
    assert CANARY[:5] not in said
    assert BIRTH not in said


@pytest.mark.parametrize(
    ("old", "new", "hidden"),
    [
        ("C9170:JZ", "C9170:ANN:JOE", "JOE"),
        ("XX*1234567893", "XX*ZZJOHNSONS", "ZZJOHNSONS"),
        ("N4*55513007701", "N4*123-45-6789", "123-45-6789"),
        ("N4*55513007701", "N4*JANE DOE", "JANE DOE"),
        ("UN*10*", "UN*JANE*", "JANE"),
        ("HC:C9170", "JANE:C9170", "JANE"),
        ("LX*1", "LX*JANE", "JANE"),
        ("*MB~", "*JANE~", "JANE"),
        ("SE*25*0001", "SE*25*JANE", "JANE"),
        ("SE*25*0001", "SE*JANE*0001", "JANE"),
        ("HL*2*1*22", "HL*2*JANE*22", "JANE"),
        ("005010X222A1~BHT", "JANE~BHT", "JANE"),
    ],
)
def test_a_name_in_the_wrong_place(old: str, new: str, hidden: str) -> None:
    lines = "SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
    data = claim_file(Bad(lines, at="SV101-2", line="1")).replace(b"JANE", b"").decode()
    assert old in data
    said = everything(data.replace(old, new).encode())
    assert "HCP001" in said or "ENV005" in said
    assert hidden not in said


def test_what_a_terminal_could_act_on_is_inert() -> None:
    data = claim_file(Bad("SV1*HC:C9170*1*UN*1***1~DTP*472*D8*20250110~", at="SV101-2"))
    said = everything(data.replace(b"CLAIM-1", b"\x1b[31mRED\xe2\x80\xae"))
    assert "\x1b[31mRED" not in said
    assert "\\x1b[31mRED" in said
    assert "\u202e" not in said


def test_a_patient_control_number_is_shown() -> None:
    assert "…" in everything(FILE.encode())
    data = claim_file(Good("SV1*HC:C9170*1*UN*1***1~DTP*472*D8*20250110~"))
    assert "claim CLAIM-1 (1 of 1)" in everything(data).replace("\x1b[1m", "").replace("\x1b[0m", "")
