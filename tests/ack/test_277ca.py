"""The 277CA: what it says of each claim, that its totals add up, and that the guide's map accepts it."""

import io
import itertools
import re
import sys
import tempfile
import tomllib
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Rulebook, Severity, load_rulebook
from lint837.ack.status_codes import Statuses, load_statuses
from lint837.ack.x277ca import Acknowledgement, AckOptions, acknowledge_files
from lint837.commands.main import cli
from lint837.files.inputs import Input, Opened
from lint837.files.rereadable import RefusedError, opened
from lint837.lint.verdicts import judged
from lint837.rules.rule import RuleError

from tests.batch import Delimiters, claim, group, interchange, line, segments_of, subscriber, transaction_set
from tests.lint.test_metamorphic import CLAIM_LINES, Lines
from tests.oracle import errors

ROOT = Path(__file__).parents[2]
SAMPLES = sorted(ROOT.glob("samples/*/*.837"))
RULEBOOK = load_rulebook(isolated=True)
STATUSES = load_statuses(RULEBOOK)
EXPIRED = "HC:C9170:JZ"


def answer(
    data: str | bytes,
    *,
    warnings: bool = False,
    made: datetime | None = None,
    statuses: Statuses = STATUSES,
    rulebook: Rulebook = RULEBOOK,
) -> str:
    """The 277CA of a file; "" if none was written."""
    options = AckOptions(made, Severity.WARNING if warnings else Severity.ERROR, statuses)
    with tempfile.TemporaryDirectory() as folder:
        source, place = Path(folder, "in.837"), Path(folder, "ack.277")
        source.write_bytes(data if isinstance(data, bytes) else data.encode())
        made_one, refused = acknowledge_files(
            [Input(str(source), opened=Opened.at(str(source)))], str(place), rulebook, Severity.ERROR, options
        )
        assert refused == []
        assert [path.name for path in Path(folder).iterdir() if path != source] == (["ack.277"] if made_one else [])
        return place.read_bytes().decode("latin-1") if made_one else ""


def one(*claims: list[str], dependents: tuple[list[str], ...] = ()) -> str:
    return interchange(group(transaction_set(subscriber(2, *claims, dependents=dependents))))


def about(text: str, number: str) -> list[str]:
    """The segments of one claim."""
    segments = segments_of(text)
    begin = segments.index(f"TRN*2*{number}")
    end = next(i for i in range(begin + 1, len(segments)) if segments[i].startswith(("TRN", "HL", "SE")))
    return segments[begin:end]


# ---------------------------------------------------------------- claims that are passed over together


def answer_of(data: bytes, scan_from: int) -> bytes:
    """The 277CA of a file that is scanned from a size on."""
    options = AckOptions(None, Severity.ERROR, STATUSES)
    with tempfile.TemporaryDirectory() as folder, io.BytesIO() as out:
        path = Path(folder, "in.837")
        path.write_bytes(data)
        with opened(str(path)) as source, Acknowledgement(out, options, folder, RULEBOOK.formulary) as made:
            for piece, verdict in judged(source, str(path), RULEBOOK, Severity.ERROR, scan_from=scan_from):
                made.take(piece, verdict)
        return out.getvalue()


OFFICE, STAY = "HC:99213", ["SV2*0120**1000*DA*1"]
LARGE = [
    interchange(
        group(
            transaction_set(
                subscriber(2, claim("A", line(OFFICE)[:2], line(OFFICE, day="20250112")[:2]), claim("B", line())),
                subscriber(3, claim("C", line(OFFICE)[:2]), dependents=[claim("D", line(OFFICE)[:2])]),
                subscriber(5, claim("E", line(OFFICE)[:2])),
                subscriber(6, claim("F", line(EXPIRED)), claim("G", line(OFFICE)[:2])),
            )
        )
    ),
    interchange(
        group(
            transaction_set(
                *(
                    subscriber(n, ["CLM*S*16000***11:A:1*Y*A*Y*Y", "DTP*434*RD8*20250101-20250105", "LX*1", *STAY])
                    for n in range(2, 7)
                ),
                version="005010X223A2",
            ),
            version="005010X223A2",
        )
    ),
]
# How a sender may write what an answer is made of.
OTHERWISE = [
    *[("*16000*", f"*{charge}*") for charge in ("16000.00", "016000", "0", "0.5", "", "-5", "1E3", "99999999999999")],
    *[
        ("DTP*472*D8*20250110", f"DTP*{text}")
        for text in ("472*D8*20250230", "472*RD8*20250110-20250112", "472*D8", "")
    ],
    ("DTP*472*D8*20250110", "DTP* 472 *D8*20250110"),
    ("DTP*472*D8*20250110", "DTP*472*D8*20250110 "),
    ("DTP*472*D8*20250110", "DTP*472*D8*20250110~DTP*472*D8*20250111"),
    *[
        ("DTP*434*RD8*20250101-20250105", f"DTP*{text}")
        for text in ("434*D8*20250103", "434*RD8*20250105-20250101", "x")
    ],
    ("DTP*434*RD8*20250101-20250105", "DTP*435*DT*202501010800~DTP*434*RD8*20250101-20250105"),
    ("DTP*434*RD8*20250101-20250105", "DTP*096*TM*1200"),
    ("LX*1~", "DTP*472*D8*20250109~LX*1~"),
    ("LX*1~", "REF*D9*CH 1~REF*D9*CH 2~LX*1~"),
    ("LX*1~", "REF*D9*~REF*D9*CH 2 ~LX*1~"),
    ("LX*1~", "REF*EA*MRN~LX*1~REF*D9*OTHER~"),
    *[
        ("NM1*IL*1*DOE", text)
        for text in ("NM1*PR*2*X~NM1*IL*1*DOE", "NM1* IL *1*DOE", "NM1*QC*1*DOE", "NM1*IL*1*", "NM1*IL~NM1*IL*1*DOE")
    ],
    ("LX*1~", "NM1*IL*1*OTHER~LX*1~"),
    ("LX*1~", "REF* D9 *CH 3~LX*1~"),
    ("LX*1~", "DTP*4 2*D8*20250109~DTP*431*D8*20250109~LX*1~"),
    ("LX*2~", "REF*D9*CH 4~LX*2~"),
    ("MEMBER", " MEMBER "),
    ("DOE", "DE LA DOE"),
    ("DOE", "D\u00d6E "),
    ("NM1*QC*1*DOE*JOHN~", "NM1*QC*1*DOE*JOHN~NM1*QC*1*ROE~"),
    ("CLM*C*", "CLM*C C *"),
    ("11:B:1", "11:B"),
    ("11:B:1", " 1:B:1"),
    ("11:A:1", "11:A:8"),
    ("~", "~\r\n"),
]


@settings(max_examples=80)
@given(st.sampled_from(LARGE), st.lists(st.tuples(st.sampled_from(OTHERWISE), st.integers(0, 9)), max_size=4))
def test_claims_that_are_passed_over_have_the_answers_of_those_that_are_read(
    text: str, changes: list[tuple[tuple[str, str], int]]
) -> None:
    for (old, new), ordinal in changes:
        parts = text.split(old)
        at = 1 + ordinal % max(1, len(parts) - 1)
        text = old.join(parts[:at]) + (new if len(parts) > 1 else "") + old.join(parts[at:])
    count = text.count("~") - text[: text.index("ST*")].count("~") - 2
    data = re.sub(r"SE\*\d+", f"SE*{count}", text).encode()
    try:
        expected = answer_of(data, 1 << 40)
    except RefusedError:
        with pytest.raises(RefusedError):
            answer_of(data, 0)
        return
    assert answer_of(data, 0) == expected


# ---------------------------------------------------------------- by the guide, and by sums


def add_up(text: str) -> None:
    """Each set's and each provider's totals are those of its claims, and their charges."""
    for part in re.findall(r"(?s)ST\*277.*?SE\*", text):
        totals: list[dict[str, Decimal]] = []  # the set's, then each provider's
        claims: list[tuple[int, str, Decimal]] = []  # the provider, the action, the charge
        segments = [segment.split("*") for segment in segments_of(part)]
        for before, elements in itertools.pairwise(segments):
            if elements[0] == "HL" and elements[3] in ("21", "19"):
                totals.append({})
            elif elements[0] == "STC" and elements[1] == "A1:19:AY":
                totals[-1]["charge"] = Decimal(elements[4])
            elif elements[0] in ("QTY", "AMT"):
                totals[-1][elements[1].replace("QA", "90").replace("QC", "AA")] = Decimal(elements[2])
            elif elements[0] == "STC" and before[0] == "TRN":
                claims.append((len(totals) - 1, elements[3], Decimal(elements[4])))
        for place, said in enumerate(totals):
            mine = [(action, charge) for provider, action, charge in claims if place in (0, provider)]
            charges = {action: sum((c for a, c in mine if a == action), Decimal(0)) for action in ("WQ", "U")}
            assert said == {
                "90": sum(action == "WQ" for action, _ in mine),
                "AA": sum(action == "U" for action, _ in mine),
                "YU": charges["WQ"],
                "YY": charges["U"],
                "charge": sum(charges.values()),
            }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_guide_accepts_the_answer_to_each_sample(path: Path, tmp_path: Path) -> None:
    """But the file that was cut: nothing of it is acknowledged."""
    place = tmp_path / "ack.277"
    result = CliRunner().invoke(cli, ["check", "--isolated", "-q", str(path), "--report", f"277ca={place}"])
    if path.stem == "truncated-837p":
        assert (result.exit_code, place.exists()) == (3, False)
        assert "is not in the 277CA: ENV002" in result.stderr
        return
    assert result.exit_code == (path.parent.name == "dirty" or path.stem in ("batch", "rejected"))
    assert errors(place.read_bytes()) == []
    add_up(place.read_text().replace("\n", ""))
    assert place.stat().st_mode & 0o777 == 0o600


@st.composite
def institutional_lines(draw: st.DrawFn) -> list[str]:
    """A service line of an institutional claim, right or wrong."""
    code = draw(st.sampled_from(["HC:J9026:JZ", "HC:C9170", "HC:C9399:::::IMDELLTRA", "", "HC:99213"]))
    revenue_code = draw(st.sampled_from(["0636", "636", "0335"]))
    segments = [f"SV2*{revenue_code}*{code}*{draw(st.sampled_from(['16000', '12.5']))}*UN*{draw(st.integers(0, 12))}"]
    segments += draw(st.sampled_from([[], ["DTP*472*D8*20250110"], ["DTP*472*RD8*20250110-20250112"]]))
    segments += draw(st.sampled_from([[], ["LIN**N4*55513007701", "CTP****1*UN"], ["LIN**N4*55513-077-01"]]))
    return segments


@st.composite
def answered_files(draw: st.DrawFn) -> tuple[str, ...]:
    """Segments of the groups of a file, professional and institutional, one provider and more."""
    sets = []
    for control in range(1, draw(st.integers(1, 3)) + 1):
        institutional = draw(st.booleans())
        lines = st.lists(institutional_lines(), min_size=1, max_size=3) if institutional else CLAIM_LINES
        subscribers, ordinal = [], 2
        for _ in range(draw(st.integers(1, 3))):
            own, dependents = draw(st.lists(lines, max_size=2)), draw(st.lists(lines, max_size=1))
            claims = [_claim(f"P{ordinal}-{n}", each, institutional) for n, each in enumerate([*own, *dependents])]
            subscribers.append(subscriber(ordinal, *claims[: len(own)], dependents=claims[len(own) :]))
            ordinal += 1 + len(dependents)
        version = "005010X223A2" if institutional else "005010X222A1"
        sets.append(
            group(
                transaction_set(*subscribers, control=f"{control:04}", version=version),
                control=control,
                version=version,
            )
        )
    return tuple(segment for each in sets for segment in each)


def _claim(number: str, lines: Lines, institutional: bool) -> list[str]:  # noqa: FBT001 - a strategy's choice
    made = claim(number, *lines, facility="13:A:1" if institutional else "11:B:1")
    return [made[0], "DTP*434*RD8*20250101-20250131", *made[1:]] if institutional else made


def test_the_guide_accepts_the_answers_to_generated_files() -> None:
    """Those to 80 files, put together so that the map is read once."""
    text = ""
    numbers = iter(range(1, 1000))

    @settings(max_examples=40, database=None)
    @given(answered_files(), st.booleans())
    def collect(segments: tuple[str, ...], warnings: bool) -> None:  # noqa: FBT001
        nonlocal text
        groups: list[list[str]] = [[]]
        for segment in segments:
            groups[-1].append(segment)
            if segment.startswith("GE*"):
                groups.append([])
        said = answer(interchange(*groups[:-1], control=next(numbers)), warnings=warnings)
        add_up(said)
        text += said

    collect()
    assert errors(text.encode()) == []
    found = set(re.findall(r"A\d:\d+(?::[A-Z]+)?", text))
    assert found >= {
        "A1:19:AY",
        "A1:20",
        "A3:247",
        "A7:507",
        "A7:732",
        "A7:218",
        "A8:476",
        "A7:476",
        "A6:187",
        "A6:659",
    }
    assert "SVC*NU:0636" in text


# ---------------------------------------------------------------- one claim


def test_the_answer_to_a_file_with_one_claim_rejected() -> None:
    """Everything, except for what is in the envelope of the claims too."""
    text = one(
        claim("GOOD", line()),
        claim("BAD", [*line(EXPIRED, "10"), "REF*6R*LINE-1"]),
        dependents=(claim("CHILD", line(day="20250112")),),
    )
    assert segments_of(answer(text)) == [
        "ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *260115*1200*^*00501*000000001*0*P*:",
        "GS*HN*RECEIVER*SENDER*20260115*1200*1*X*005010X214",
        "ST*277*0001*005010X214",
        "BHT*0085*08*0000000010000000010001*20260115*1200*TH",
        "HL*1**20*1",
        "NM1*AY*2*RECEIVER*****46*R1",
        "TRN*1*0000000010000000010001",
        "DTP*050*D8*20260115",
        "DTP*009*D8*20260115",
        "HL*2*1*21*1",
        "NM1*41*2*SENDER*****46*S1",
        "TRN*2*1",
        "STC*A1:19:AY*20260115*WQ*48000",
        "QTY*90*2",
        "QTY*AA*1",
        "AMT*YU*32000",
        "AMT*YY*16000",
        "HL*3*2*19*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "TRN*1*0",
        "STC*A1:19:AY**WQ*48000",
        "QTY*QA*2",
        "QTY*QC*1",
        "AMT*YU*32000",
        "AMT*YY*16000",
        "HL*4*3*PT",
        "NM1*QC*1*DOE*JANE****MI*MEMBER1",
        "TRN*2*GOOD",
        "STC*A1:20*20260115*WQ*16000",
        "DTP*472*D8*20250110",
        "TRN*2*BAD",
        "STC*A3:247*20260115*U*16000********line 1 HCP001 change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)",
        "DTP*472*D8*20250110",
        "SVC*HC:C9170:JZ*16000*****10",
        "STC*A7:507*20260115*U",
        "REF*FJ*LINE-1",
        "DTP*472*D8*20250110",
        "HL*5*3*PT",
        "NM1*QC*1*DOE*JOHN****MI*MEMBER1",
        "TRN*2*CHILD",
        "STC*A1:20*20260115*WQ*16000",
        "DTP*472*D8*20250112",
        "SE*41*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]


def test_the_answer_is_the_same_every_time_and_dated_as_asked() -> None:
    text = one(claim("BAD", line(EXPIRED)))
    assert answer(text) == answer(text)
    dated = answer(text, made=datetime(2026, 2, 3, 4, 5))
    assert [s for s in segments_of(dated) if re.search("20260203|260203", s)] == [
        "ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *260203*0405*^*00501*000000001*0*P*:",
        "GS*HN*RECEIVER*SENDER*20260203*0405*1*X*005010X214",
        "BHT*0085*08*0000000010000000010001*20260203*0405*TH",
        "DTP*050*D8*20260203",
        "DTP*009*D8*20260203",
        "STC*A1:19:AY*20260203*WQ*16000",
        "STC*A3:247*20260203*U*16000********line 1 HCP001 change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)",
        "STC*A7:507*20260203*U",
    ]


def test_several_findings_of_a_line_are_three_statuses_at_most_the_worst_first() -> None:
    """Of equal severity in the order of the elements; QTY005, a warning, would be the last."""
    bad = [["SV1*HC:c9170:JZ:JZ*16000*MJ*7***1", "DTP*472*D8*20250110", "LIN**N4*55513-077-01", "CTP****1*UN"]]
    segments = about(answer(one(claim("BAD", *bad)), warnings=True), "BAD")
    assert [s for s in segments if s.startswith("STC*A7")] == ["STC*A7:507*20260115*U*******A7:453*A7:659"]
    text = " ".join(s.split("*")[12] for s in segments if s.startswith("STC*A3"))
    assert re.findall("line 1 ([A-Z]{3}[0-9]{3})", text) == ["HCP001", "HCP010", "MOD002", "QTY004", "QTY001", "NDC001"]


def test_what_does_not_fit_into_one_text_is_in_another() -> None:
    lines = [line(EXPIRED, "10", day=f"202501{10 + n}") for n in range(9)]
    segments = about(answer(one(claim("BAD", *lines))), "BAD")
    statuses = [s.split("*") for s in segments if s.startswith("STC*A3")]
    assert len(statuses) > 2
    assert {tuple(elements[:12]) for elements in statuses} == {
        ("STC", "A3:247", "20260115", "U", "16000", "", "", "", "", "", "", "")
    }
    assert max(len(elements[12]) for elements in statuses) <= 264
    texts = "; ".join(elements[12] for elements in statuses).split("; ")
    assert texts == [
        f"line {n} HCP001 change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)"
        for n in range(1, 10)
    ]
    assert [s for s in segments if s.startswith("SVC")] == ["SVC*HC:C9170:JZ*16000*****10"] * 9


@pytest.mark.parametrize(
    "delimiters",
    [
        Delimiters("|", ">", "!", "\n"),
        Delimiters("\x1d", "\x1f", "\x1e", "\x1c"),
        Delimiters("(", ")", "=", ";"),
        Delimiters("^", "&", "%", "$", newline="\r\n"),
    ],
)
def test_the_delimiters_are_those_of_the_file_and_are_in_no_text(delimiters: Delimiters) -> None:
    parts = [group(transaction_set(subscriber(2, claim("BAD", line(EXPIRED, "10")))))]
    said = answer(interchange(*parts, delimiters=delimiters))
    plain = segments_of(answer(interchange(*parts)))
    assert [len(s.split("*")) for s in plain] == [
        len(s.split(delimiters.element)) for s in said.split(delimiters.terminator + delimiters.newline)[:-1]
    ]
    assert "HCP001 change C9170 to J9026" in said
    if delimiters.element.isprintable():  # else pyx12 takes them for blanks
        assert errors(said.encode()) == []


def test_totals_are_sums_of_clm02_also_of_a_negative_one() -> None:
    """The sender's system adds up what it sent, whatever a rule takes for a charge."""
    text = one(claim("A", line()), claim("B", line()), claim("C", line(EXPIRED)))
    text = text.replace("CLM*A*16000*", "CLM*A*-20.5*").replace("CLM*B*16000*", "CLM*B*100.10*")
    said = answer(text)
    assert errors(said.encode()) == []
    add_up(said)
    assert [s for s in segments_of(said) if s.startswith(("AMT", "STC*A1"))] == [
        "STC*A1:19:AY*20260115*WQ*16079.6",
        "AMT*YU*79.6",
        "AMT*YY*16000",
        "STC*A1:19:AY**WQ*16079.6",
        "AMT*YU*79.6",
        "AMT*YY*16000",
        "STC*A1:20*20260115*WQ*-20.5",
        "STC*A1:20*20260115*WQ*100.1",
    ]


def test_a_line_end_that_is_the_terminator_is_not_written_twice() -> None:
    """Blank lines of a file in which each segment is a line would be empty segments in the answer."""
    parts = [group(transaction_set(subscriber(2, claim("BAD", line(EXPIRED, "10")))))]
    blank = answer(interchange(*parts, delimiters=Delimiters(terminator="\n", newline="\n")))
    assert blank == answer(interchange(*parts, delimiters=Delimiters(terminator="\n")))
    assert "\n\n" not in blank


def test_an_institutional_claim() -> None:
    """The statement period, the type of bill, the clearinghouse's number; a line without HCPCS is its revenue code."""
    lines = [
        ["SV2*0636*HC:C9170:JZ*16000*UN*10", "DTP*472*D8*20250110", "LIN**N4*55513007701", "CTP****1*UN"],
        ["SV2*636**16000*UN*1", "DTP*472*RD8*20250111-20250112", "LIN**N4*55513-077-01", "CTP****1*UN"],
    ]
    made = claim("BAD", *lines, facility="13:A:7")
    made[1:1] = ["DTP*434*RD8*20250101-20250131", "REF*D9*CH 0001", "REF*F8*PAYER"]
    version = "005010X223A2"
    said = answer(interchange(group(transaction_set(subscriber(2, made), version=version), version=version)))
    assert errors(said.encode()) == []
    assert about(said, "BAD")[2:] == [
        "REF*D9*CH 0001",
        "REF*BLT*137",
        "DTP*472*RD8*20250101-20250131",
        "SVC*HC:C9170:JZ*16000**0636***10",
        "STC*A7:507*20260115*U",
        "REF*FJ*1",
        "DTP*472*D8*20250110",
        "SVC*NU:0636*16000*****1",
        "STC*A7:218*20260115*U",
        "REF*FJ*2",
        "DTP*472*RD8*20250111-20250112",
    ]


def test_the_period_of_a_professional_claim_is_from_its_first_day_to_its_last() -> None:
    days = ["20250112", "20250110", "20250111"]
    lines = [line(day=day) for day in days]
    lines[2][1] = "DTP*472*RD8*20250111-20250115"
    assert about(answer(one(claim("A", *lines))), "A")[-1] == "DTP*472*RD8*20250110-20250115"


def test_a_claim_without_any_date_has_that_of_the_acknowledgement() -> None:
    lines = [["SV1*HC:J9026:JZ*16000*UN*10***1", "LIN**N4*55513007701", "CTP****1*UN"]]
    segments = about(answer(one(claim("A", *lines))), "A")
    assert segments[2:] == ["DTP*472*D8*20260115", "SVC*HC:J9026:JZ*16000*****10", "STC*A6:187*20260115*U", "REF*FJ*1"]


def test_a_line_that_svc_cannot_name_is_reported_with_the_claim() -> None:
    """SVC must have a code, and an 837P line without one has no revenue code either."""
    segments = about(answer(one(claim("A", ["SV1**16000*UN*10***1", *line()[1:]]))), "A")
    assert segments[1].startswith("STC*A6:507*20260115*U*16000********line 1 HCP006 ")
    assert [s for s in segments if s.startswith("SVC")] == []


def test_warnings_are_included_on_request() -> None:
    """MOD003, a warning to other payers than Medicare, of a claim that is accepted; and beside what rejects one."""
    text = one(claim("A", line("HC:J9026:JW")), claim("B", line("HC:C9170:JW", "10")))
    text = text.replace("SBR*P*18*******MB", "SBR*P*18*******CI")
    assert about(answer(text), "A")[1] == "STC*A1:20*20260115*WQ*16000"
    asked = answer(text, warnings=True)
    assert about(asked, "A")[1].startswith("STC*A1:20*20260115*WQ*16000********line 1 MOD003 ")
    assert [s for s in about(asked, "A") if s.startswith("SVC")] == []
    assert [s for s in about(answer(text), "B") if s.startswith("STC*A7")] == ["STC*A7:507*20260115*U"]
    assert [s for s in about(asked, "B") if s.startswith("STC*A7")] == ["STC*A7:507*20260115*U*******A7:453"]
    assert errors(asked.encode()) == []


def test_every_transaction_set_provider_and_patient_has_its_own() -> None:
    """Two interchanges; sets without claims, and of other kinds, are not answered."""
    second = ["HL*3**20*1", "NM1*85*1*WEBB*ANN****SY*123456789", "REF*SY*987654321"]
    sets = transaction_set(subscriber(2, claim("A", line()), claim("B", line())), control="0007")
    sets[-1:-1] = [*second, *subscriber(4, claim("C", line()))]
    sets[sets.index("HL*4*1*22*0")] = "HL*4*3*22*0"
    sets[sets.index("NM1*85*1*WEBB*ANN****SY*123456789")] = "NM1*85*1*WEBB*ANN"
    sets[-1] = f"SE*{len(sets)}*0007"
    other = ["ST*834*0001*005010X220A1", "BGN*00*1*20260115", "SE*3*0001"]
    text = interchange(
        group(transaction_set(control="0005"), sets, control=4),
        group(other, control=5, version="005010X220A1"),
        group(transaction_set(subscriber(2, claim("D", line()))), control=6),
        control=8,
    )
    said = answer(text + one(claim("E", line())))
    assert errors(said.encode()) == []
    add_up(said)
    kinds = ("ISA", "GS", "ST*", "BHT", "HL", "NM1*85", "TRN*2", "GE", "IEA")
    assert [s for s in segments_of(said) if s.startswith(kinds)][1:] == [
        "GS*HN*RECEIVER*SENDER*20260115*1200*4*X*005010X214",
        "ST*277*0007*005010X214",
        "BHT*0085*08*0000000080000000040007*20260115*1200*TH",
        "HL*1**20*1",
        "HL*2*1*21*1",
        "TRN*2*1",
        "HL*3*2*19*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "HL*4*3*PT",
        "TRN*2*A",
        "TRN*2*B",
        "HL*5*2*19*1",
        "NM1*85*1*WEBB*ANN****FI*987654321",
        "HL*6*5*PT",
        "TRN*2*C",
        "GE*1*4",
        "GS*HN*RECEIVER*SENDER*20260115*1200*6*X*005010X214",
        "ST*277*0001*005010X214",
        "BHT*0085*08*0000000080000000060001*20260115*1200*TH",
        "HL*1**20*1",
        "HL*2*1*21*1",
        "TRN*2*1",
        "HL*3*2*19*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "HL*4*3*PT",
        "TRN*2*D",
        "GE*1*6",
        "IEA*2*000000008",
        "ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *260115*1200*^*00501*000000001*0*P*:",
        "GS*HN*RECEIVER*SENDER*20260115*1200*1*X*005010X214",
        "ST*277*0001*005010X214",
        "BHT*0085*08*0000000010000000010001*20260115*1200*TH",
        "HL*1**20*1",
        "HL*2*1*21*1",
        "TRN*2*1",
        "HL*3*2*19*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "HL*4*3*PT",
        "TRN*2*E",
        "GE*1*1",
        "IEA*1*000000001",
    ]


def test_names_are_as_they_were_sent() -> None:
    """Also in another character set, and secrets of the interchange are not repeated."""
    text = (
        one(claim("A", line()))
        .replace("DOE*JANE*", "MU\xd1OZ*JOS\xc9*")
        .replace("ISA*00*          ", "ISA*01*PASSWORD  ")
    )
    said = answer(text.encode("latin-1"))
    assert "NM1*QC*1*MU\xd1OZ*JOS\xc9****MI*MEMBER1~" in said
    assert "PASSWORD" not in said
    assert said.startswith("ISA*00*          *00*")


def test_a_file_without_claims_has_no_answer() -> None:
    assert answer(interchange(group(transaction_set()))) == ""


# ---------------------------------------------------------------- the command


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and standard error of `lint837 check`."""
    result = CliRunner().invoke(cli, ["check", "--isolated", "-q", *arguments])
    return result.exit_code, result.stderr


def test_check_writes_the_answers_to_several_files(tmp_path: Path) -> None:
    """Refused files are named, and the others are acknowledged."""
    bad, cut, empty = tmp_path / "bad.837", tmp_path / "cut.837", tmp_path / "empty.837"
    bad.write_text(one(claim("BAD", line(EXPIRED))))
    cut.write_text(one(claim("CUT", line()))[:-60])
    empty.write_text(interchange(group(transaction_set())))
    place = tmp_path / "ack.277"
    report = ["--report", f"277ca={place}"]
    assert run(str(bad), *report) == (1, "")
    assert place.read_text() == answer(bad.read_text())
    status, error = run(str(cut), str(bad), str(empty), *report)
    assert status == 3
    assert error.startswith(f"lint837: {cut} is not in the 277CA: ENV002 at 1:")
    assert place.read_text() == answer(bad.read_text())
    assert run(str(empty), "--allow-empty", *report) == (
        0,
        "lint837: no 277CA was written: there are no claims to acknowledge\n",
    )
    assert run(str(bad), "--fail-on", "never", *report) == (0, "")
    assert place.read_text() == answer(bad.read_text())
    assert run(str(bad), "--ignore", "HCP", *report) == (0, "")
    assert "STC*A1:20" in place.read_text()
    warned = tmp_path / "warned.837"
    text = one(claim("A", line("HC:J9026:JW")))
    warned.write_text(text.replace("SBR*P*18*******MB", "SBR*P*18*******CI"))
    assert run(str(warned), *report, "--ack-warnings") == (0, "")
    assert place.read_text() == answer(warned.read_text(), warnings=True)
    assert run(str(warned), *report, "--fail-on", "warning") == (1, "")
    assert "STC*A7:453*20260115*U~" in place.read_text()
    assert run(str(bad), "--report", f"277ca={tmp_path / 'none' / 'x'}") == (
        4,
        f"lint837: the 277CA could not be written to {tmp_path / 'none' / 'x'}: No such file or directory\n",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ack.277",
        "bad.837",
        "cut.837",
        "empty.837",
        "warned.837",
    ]


def test_a_member_of_an_archive_must_be_unpacked_first(tmp_path: Path) -> None:
    packed, place = tmp_path / "in.zip", tmp_path / "ack.277"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.837", one(claim("A", line())))
    status, error = run(str(packed), "--report", f"277ca={place}")
    assert (status, place.exists()) == (3, False)
    assert error.startswith(
        f"lint837: {packed}/a.837 is not in the 277CA: ENV011: it is not a file; unpack members of an archive first"
    )


@pytest.mark.parametrize("report", ["277ca=-", "277ca=in.837", "277ca=", "277ca=/dev/stdout"])
def test_a_277ca_goes_to_a_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.837").write_text(one(claim("A", line())))
    assert run("in.837", "--report", report)[0] == 2
    assert Path("in.837").read_text() == one(claim("A", line()))


def test_a_group_without_a_date_needs_one(tmp_path: Path) -> None:
    source, place = tmp_path / "in.837", tmp_path / "ack.277"
    source.write_text(one(claim("A", line())).replace("*20260115*1200*1*X*", "*20261301*1200*1*X*"))
    report = ["--report", f"277ca={place}"]
    status, error = run(str(source), *report)
    assert (status, place.exists()) == (3, False)
    assert error.startswith(f"lint837: {source} is not in the 277CA: GS04 is not a date")
    assert run(str(source), *report, "--ack-date", "2026-01-15T07:05") == (0, "")
    assert "GS*HN*RECEIVER*SENDER*20260115*0705*1*X*005010X214~" in place.read_text()


# ---------------------------------------------------------------- the codes of the rules


def test_every_rule_has_codes_with_a_meaning() -> None:
    table = tomllib.loads((ROOT / "rules/lint837_rules/claim_status.toml").read_text(encoding="utf-8"))
    assert sorted({rule for entry in table["status"] for rule in entry["rules"]}) == [
        rule.code for rule in RULEBOOK.claim_rules
    ]
    used = {code.split(":")[1] for entry in table["status"] for code in entry["codes"]}
    assert used == set(table["meanings"])
    assert {entry["source"] for entry in table["status"]} == set(table["sources"])


@pytest.mark.parametrize(
    ("faulty", "codes"),
    [
        (["LIN**N4*55513007701"], "A6:659*20260115*U*******A6:218"),
        (["CTP****1*UN"], "A6:218*20260115*U"),
        (["LIN**N4*55513007701", "CTP*****UN"], "A7:476*20260115*U*******A7:218"),
        (["LIN**N4*55513007701", "CTP****1"], "A6:659*20260115*U"),
    ],
    ids=["no CTP", "no LIN", "no quantity", "no unit"],
)
def test_the_place_says_what_of_an_ndc_is_missing(faulty: list[str], codes: str) -> None:
    segments = about(answer(one(claim("A", [*line()[:2], *faulty]))), "A")
    assert [s for s in segments if s.startswith("STC*A") and "247" not in s] == [f"STC*{codes}"]


def test_the_guide_knows_every_code() -> None:
    """Each rule's codes, in a 277CA of which nothing else changes."""
    table = tomllib.loads((ROOT / "rules/lint837_rules/claim_status.toml").read_text(encoding="utf-8"))
    said = answer(one(claim("BAD", line(EXPIRED))))
    codes = {code.format(entity="82") for entry in table["status"] for code in entry["codes"]}
    codes |= {"A1:20", "A3:247", "A3:448"}
    every = "".join(
        said.replace("STC*A7:507", f"STC*{code}").replace("000000001", f"{n:09}") for n, code in enumerate(codes, 1)
    )
    assert errors(every.encode()) == []


def test_a_status_names_the_entity() -> None:
    """Of a provider's number, the loop that it is in."""
    text = one(claim("A", line())).replace("1234567893", "1234567894", 1).replace("MEMBER1", "MEMB+R1", 1)
    said = answer(text, rulebook=RULEBOOK.narrowed(["NPI001", "PAT001"]))
    assert errors(said.encode()) == []
    [status] = [s.split("*") for s in about(said, "A") if s.startswith("STC*A")]
    assert {"A7:562:85", "A7:164:IL"} <= {status[1], *status[10:12]}


@pytest.mark.parametrize(("qualifier", "status"), [("BG", "A7:460"), ("BE", "A7:725")])
def test_a_status_names_the_cause(qualifier: str, status: str) -> None:
    """Of a code that is twice on a bill, which kind it is."""
    bill = ["CLM*A*1000***13:A:1**A*Y*Y", f"HI*{qualifier}:09:::1*{qualifier}:09:::1", "LX*1", *STAY]
    text = interchange(group(transaction_set(subscriber(2, bill), version="005010X223A2"), version="005010X223A2"))
    said = answer(text, rulebook=RULEBOOK.narrowed(["UBC002"]))
    assert [s for s in about(said, "A") if s.startswith(f"STC*{status}*")] != []


def test_a_rule_without_codes() -> None:
    """Of a line and of a claim; the text says what is wrong."""
    said = answer(one(claim("BAD", line(EXPIRED))), statuses=Statuses({}))
    assert errors(said.encode()) == []
    assert [s for s in about(said, "BAD") if s.startswith("STC")] == [
        "STC*A3:247*20260115*U*16000********line 1 HCP001 change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)",
        "STC*A3:448*20260115*U",
    ]


ENTRY = '[sources]\na = "b"\n[[status]]\nrules = ["YYY001"]\ncodes = ["A7:507"]\nsource = "a"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules", "not valid TOML: "),
        ("", "expected the tables sources and [[status]], and optionally meanings"),
        (ENTRY + "[more]\n", "expected the tables sources and [[status]], and optionally meanings"),
        (ENTRY + 'why = "x"\n', "status[0]: expected the keys rules, codes and source, and optionally element"),
        (
            ENTRY.replace("A7:507", "A1:20"),
            "status[0].codes: found ['A1:20'], expected codes such as A7:507 of category",
        ),
        (ENTRY.replace("A7:507", "A7"), "status[0].codes: found ['A7'], expected codes such as A7:507 of category"),
        (ENTRY.replace('["A7:507"]', "[]"), "status[0].codes: found [], expected codes such as A7:507 of category"),
        (ENTRY + "element = 4\n", "status[0].element: found 4, expected an element such as CTP05-1"),
        (ENTRY.replace('source = "a"', 'source = "c"'), "status[0].source: found 'c', expected a"),
        (
            ENTRY.replace("YYY001", "HCP001"),
            "status[0].rules: found ['HCP001'], expected codes of rules in the same package",
        ),
        (ENTRY.replace('"YYY001"', '"YYY001", "YYY001"'), "status[0].rules: YYY001 has codes already"),
    ],
)
def test_a_file_of_codes_is_refused_key_by_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    with pytest.raises(RuleError) as error:
        load_statuses(with_package(tmp_path, monkeypatch, text))
    assert str(error.value).startswith(f"codes_of_rules/claim_status.toml: {said}")


def test_a_rule_package_brings_its_own_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An element's go before those of any element."""
    text = ENTRY + '[[status]]\nrules = ["YYY001"]\ncodes = ["A8:21", "A8:400:85"]\nelement = "CLM02"\nsource = "a"\n'
    rulebook = with_package(tmp_path, monkeypatch, text)
    options = AckOptions(None, Severity.ERROR, load_statuses(rulebook))
    source, place = tmp_path / "in.837", tmp_path / "ack.277"
    source.write_text(one(claim("A", line())))
    acknowledge_files(
        [Input(str(source), opened=Opened.at(str(source)))], str(place), rulebook, Severity.ERROR, options
    )
    said = place.read_text()
    assert errors(said.encode()) == []
    assert about(said, "A")[1] == "STC*A8:21*20260115*U*16000******A8:400:85**YYY001 correct CLM02"
    assert [s for s in about(said, "A") if s.startswith("SVC")] == []


def with_package(folder: Path, monkeypatch: pytest.MonkeyPatch, codes: str) -> Rulebook:
    """The rules with a package beside them, whose one rule rejects every claim at CLM02."""
    package, installed = folder / "codes_of_rules", folder / "codes_of_rules-1.dist-info"
    package.mkdir()
    installed.mkdir()
    (package / "__init__.py").write_text("")
    (package / "always.py").write_text(ALWAYS)
    (package / "claim_status.toml").write_text(codes)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: codes_of_rules\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[lint837.rules]\ncodes = codes_of_rules\n")
    monkeypatch.syspath_prepend(str(folder))
    for name in [name for name in sys.modules if name.startswith("codes_of_rules")]:
        monkeypatch.delitem(sys.modules, name)
    return load_rulebook()


ALWAYS = '''
from lint837 import Bad, Citation, Claim, Good, Problem, Severity, rule


@rule(
    "YYY001",
    severity=Severity.ERROR,
    cites=[Citation("a", "b")],
    good=[Good("SV1*HC:99213*1*UN*1***1~")],
    bad=[Bad("SV1*HC:99213*1*UN*1***1~", at="CLM02")],
)
def always(claim: Claim):
    """It is always wrong.

    Whatever it is.
    """
    yield Problem(where=claim.clm.at(2), found="", expected="", message="", correction="correct CLM02")
'''


def test_the_texts_hold_nothing_of_a_person() -> None:
    """Names and numbers are only in the segments made for them, and free texts are nowhere."""
    text = one(claim("BAD", ["SV1*HC:J9999:::::TARLATAMAB FOR ZQXJANE*16000*UN*1***1", *line()[1:], "NTE*ADD*ZQXNOTE"]))
    text = text.replace("DOE*JANE", "ZQXDOE*ZQXJANE").replace("MEMBER1", "ZQXMEMBER")
    said = answer(text)
    assert [s for s in segments_of(said) if "ZQX" in s] == ["NM1*QC*1*ZQXDOE*ZQXJANE****MI*ZQXMEMBER"]
    assert "HCP002" in said
