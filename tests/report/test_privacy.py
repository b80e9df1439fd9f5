"""Privacy: no report and no exception holds a name, member id, birth date, address or free text; a redacted report
holds no number of a claim and no date of service either.
"""

import functools
import gc
import hashlib
import hmac
import itertools
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Report, Rulebook, lint_bytes, load_rulebook
from lint837.claims.claim import DrugLine
from lint837.claims.plain import PlainBills
from lint837.claims.segment import Period
from lint837.commands import main as cli
from lint837.facts.drugs import Drug
from lint837.lint.examples import claim_file, findings_in
from lint837.report import formats
from lint837.report.entry import AsBilled, Entry, Related, SegmentExcerpt, Template, entry_of
from lint837.report.formats import FORMATS, STATISTICS, Writer
from lint837.report.redact import Redaction
from lint837.report.redact import redacted as redacted_entry
from lint837.report.relation import relation, without_days
from lint837.rules.rule import Bad, Good, Problem, Rule

from tests.reports import in_formats, redacted, whole_of
from tests.rules.cases import bad_cases

Run = Callable[..., tuple[int, str, str]]

# Segments of a claim in which every element that identifies somebody holds a canary.
CANARY = "ZZCANARY"
BIRTH = "19610417"
NUMBER = "ZZCLM-1"  # CLM01, a canary in a redacted report only
DAY = "20250110"  # the date of service, another one
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
    f"CLM*{NUMBER}*16000***11:B:1*Y*A*Y*Y",
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


ON = f"DTP*472*D8*{DAY}"
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


# The JSON report holds all that the other formats read: of thousands of damaged files it is enough, with the text.
ENOUGH = ("text", "json")


@lru_cache(maxsize=1)
def linted(data: bytes) -> Report:
    """What is found in an input, once for all that is asked about it."""
    return lint_bytes(data, rulebook=RULEBOOK)


def everything(data: bytes, rulebook: Rulebook = RULEBOOK, names: Sequence[str] = tuple(FORMATS)) -> str:
    """All that any report says of an input, and all that a finding and an entry print."""
    report = linted(data) if rulebook is RULEBOOK else lint_bytes(data, rulebook=rulebook)
    whole = whole_of(report)
    printed = [f"{one!r} {one!s}" for one in (report, *report.findings, *whole.findings)]
    return "\n".join([in_formats(whole, names), *printed])


def hidden(data: bytes, names: Sequence[str] = tuple(FORMATS)) -> str:
    """All that any redacted report says of an input, and all that a redacted entry holds."""
    whole = redacted(whole_of(linted(data)), Redaction("always", b"k" * 16))
    return "\n".join([in_formats(whole, names), repr(whole)])


def test_the_canaries_are_planted_and_silent() -> None:
    said = everything(FILE.encode())
    assert {"HCP001", "HCP002", "NDC001", "QTY001"} <= {f.rule for f in lint_bytes(FILE.encode()).findings}
    assert CANARY not in said
    assert BIRTH not in said
    assert "TARLATAMAB" in said
    assert NUMBER in said
    assert "2025-01-10" in said


def _caches() -> list[Any]:
    """Those of the modules of lint837 and its rules."""
    modules = [module for name, module in sys.modules.items() if name.startswith("lint837")]
    named = {id(one): one for module in modules for one in vars(module).values()}
    return [one for one in named.values() if isinstance(one, functools._lru_cache_wrapper)]


def _remembered() -> Iterator[str]:
    """The texts that the caches of lint837 and its rules hold."""
    found = _caches()
    while found:
        one = found.pop()
        if isinstance(one, (str, bytes)):
            yield one if isinstance(one, str) else one.decode("latin-1")
        elif isinstance(one, PlainBills):
            found.append(one._known)
        elif isinstance(one, (dict, list, tuple)) or type(one).__module__ == "functools":
            found += gc.get_referents(one)


@pytest.mark.parametrize("guide", ["off", "all"])
def test_nothing_of_a_person_is_remembered(guide: str) -> None:
    """In the caches, after a claim was checked by all rules and with the guide, and reported: an NPI may be a person's,
    too.
    """
    line = service_line(1, "SV1*HC:J9026:JZ*16000*UN*1***1", ON, "LIN**N4*55513007701", "CTP****1*UN")
    before, after = FILE.split("~LX*1~", 1)[0], FILE[FILE.index("~SE*") :]
    text = "~".join([before, *line]) + after
    data = text.replace("1093817465", "1093817462").replace(f"J9026:{CANARY}", "J9026").encode()
    for cache in _caches():  # which other tests filled
        cache.cache_clear()
    everyone = RULEBOOK._replace(claims=True, guide=guide).narrowed()
    report = lint_bytes(data, rulebook=everyone)
    assert "NM1" in {finding.raw.at.id for finding in report.findings if finding.raw}
    assert in_formats(whole_of(report))
    held = list(_remembered())
    assert any("J9026" in text for text in held)
    for secret in (CANARY, BIRTH, NUMBER, "1093817462", "1234567893"):
        assert not [text for text in held if secret in text], secret


def test_a_redacted_report_tells_no_claim_and_no_date() -> None:
    said = hidden(FILE.encode())
    assert [word for word in (CANARY, BIRTH, NUMBER, DAY, "2025-01-10") if word in said] == []
    assert "C9170 ended 2024-12-31; for a day after 2024-12-31 the code is J9026." in said
    assert "TARLATAMAB" in said


@settings(max_examples=60)
@given(st.integers(0, len(FILE)), st.integers(0, 120), st.sampled_from(["", "~", "*", ":", "\n", "\x07"]))
def test_a_damaged_file_says_no_more(at: int, length: int, put: str) -> None:
    """Segments glued together, cut, or split put names where codes and numbers should be."""
    data = (FILE[:at] + put + FILE[at + length :]).encode()
    assert [word for word in (DAY, "2025-01-10") if word in hidden(data, ENOUGH)] == []
    said = everything(data, names=ENOUGH)
    # A piece of a canary is one too: 5 of its letters in a row are in no word of ours.
    assert not any(CANARY[i : i + 5] in said for i in range(len(CANARY) - 4))
    assert BIRTH not in said


@pytest.mark.parametrize(
    ("at", "glue"), [*zip((i for i, c in enumerate(FILE) if c == "~"), itertools.cycle(["", "*", ":"]), strict=False)]
)
def test_glued_segments_say_no_more(at: int, glue: str) -> None:
    data = (FILE[:at] + glue + FILE[at + 1 :]).encode()
    assert [word for word in (NUMBER, DAY, "2025-01-10") if word in hidden(data, ENOUGH)] == []
    said = everything(data, names=ENOUGH)
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
    def explode(*_: object) -> None:
        raise RuntimeError(FILE)

    (tmp_path / "claims.837").write_text(FILE)
    monkeypatch.setattr("lint837.lint.engine.findings_of", explode)
    monkeypatch.setattr(sys, "argv", ["lint837", "check", str(tmp_path / "claims.837")])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 4
    out, err = capsys.readouterr()
    assert (out, err.startswith("lint837: internal error: RuntimeError at test_privacy.py:")) == ("", True)
    assert CANARY not in err


@settings(max_examples=60)
@given(st.data())
def test_lost_bytes_say_no_more(data: st.DataObject) -> None:
    """A run of bytes is lost between two delimiters: what came after them is now where something else should be."""
    places = [i for i, c in enumerate(FILE) if c in "*~:"]
    begin = data.draw(st.sampled_from(places))
    end = data.draw(st.sampled_from([i for i in places if begin <= i < begin + 500]))
    damaged = (FILE[:begin] + FILE[end:]).encode()
    assert [word for word in (DAY, "2025-01-10") if word in hidden(damaged, ENOUGH)] == []
    said = everything(damaged, names=ENOUGH)
    assert CANARY[:5] not in said
    assert BIRTH not in said


@pytest.mark.parametrize(
    ("old", "new", "hidden"),
    [
        ("C9170:JZ", "C9170:ANN:JOE", "JOE"),
        ("CLM*CLAIM-1", "CLM*HC:J9999:::::JANE DOE", "JANE"),
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
    assert "claim CLAIM-1 (claim 1 in the file)" in everything(data).replace("\x1b[1m", "").replace("\x1b[0m", "")


EVERY = RULEBOOK._replace(claims=True).narrowed()
KNOWN = {day + timedelta(days=n) for drug in RULEBOOK.formulary.drugs for day in drug.code_changes for n in (-1, 0)}
KNOWN.add(date(2015, 10, 1))  # of ICD-10, which a rule names


@pytest.mark.parametrize("rule", RULEBOOK.claim_rules, ids=lambda rule: rule.code)
def test_no_rule_tells_a_date_of_a_claim(rule: Rule) -> None:
    """Of no rule's examples (every third one) does a redacted report hold a date of a DTP segment, but for days that the
    facts know, which any report may name, and the day on which the file was made.
    """
    entries: list[Entry] = []
    days: set[str] = set()
    facts: set[str] = set()
    for example in bad_cases(rule)[::3]:
        found = [redacted_entry(entry_of(finding)) for finding in findings_in(example, EVERY)]
        assert rule.code in {entry.rule for entry in found} or rule.code == "CLM001"
        entries += found
        written = re.findall(rb"DTP\*[^~]*", claim_file(example))
        days |= {day.decode() for segment in written for day in re.findall(rb"[0-9]{8}", segment)} - {example.created}
        facts |= {day.replace("-", "") for day in re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", " ".join(example.codes))}
    days -= {f"{day:%Y%m%d}" for day in KNOWN} | facts
    said = in_formats(replace(whole_of(lint_bytes(b"")), findings=tuple(entries), inputs=(), rules=()))
    assert [day for day in sorted(days) if day in said or f"{day[:4]}-{day[4:6]}-{day[6:]}" in said] == []


class TestRedaction:
    def test_of_a_finding(self) -> None:
        data = claim_file(Bad("SV1*HC:C9170:JZ*16000*UN*1***1~DTP*472*RD8*20250109-20250110~", at="SV101-2"))
        whole = whole_of(lint_bytes(data, "a.837", rulebook=RULEBOOK.narrowed(["HCP001"])))
        [before] = whole.findings
        [after] = redacted(whole, Redaction("always")).findings
        assert before.as_billed
        assert before.template
        assert after == before._replace(
            message="C9170 ended 2024-12-31; for days after 2024-12-31 the code is J9026.",
            location=before.location._replace(claim=None),
            as_billed=before.as_billed._replace(
                date="after 2024-12-31",
                segments=(before.as_billed.segments[0], SegmentExcerpt(22, "DTP*472*RD8*\u2026")),
            ),
            template=None,
        )

    def test_a_day_in_the_place_of_something_else(self) -> None:
        """Wherever a number that can be a day is, also where the facts say nothing of its code."""
        day, no_day = "20250110", "\u2026"
        billed = AsBilled(
            date="2025-01-10", units=day, quantity=day, charge=day, claim_charge=day, payer_id=day, ndc="55513007701"
        )
        place = Related("the date", 1, 1, 0, 22, "DTP03", f"DTP*472*D8*{day}", (11, 19))
        [base] = whole_of(lint_bytes(b"", rulebook=RULEBOOK)).findings
        values = {"found": day, "expected": f"not {day}"}
        entry = base._replace(
            message=f"It says {day}.",
            found=day,
            expected=f"not {day}",
            correction=f"change {day}",
            location=base.location._replace(claim=NUMBER, claim_ordinal=1, service_line=day),
            as_billed=billed,
            related=(place,),
            template=Template("It says {found}.", "change {found}", (), "", values, ()),
        )
        assert redacted_entry(entry) == entry._replace(
            message=f"It says {no_day}.",
            found=no_day,
            expected=f"not {no_day}",
            correction=f"change {no_day}",
            location=entry.location._replace(claim=None, service_line=no_day),
            as_billed=billed._replace(
                date=no_day,
                units=no_day,
                quantity=no_day,
                charge=no_day,
                claim_charge=no_day,
                payer_id=no_day,
            ),
            related=(place._replace(excerpt=f"DTP*472*D8*{no_day}", highlight=(11, 12)),),
            template=None,
        )

    def test_a_finding_at_the_date(self) -> None:
        data = claim_file(Bad("SV1*HC:J9026:JZ*16000*UN*1***1~DTP*472*D8*20270110~", at="DTP03"))
        whole = whole_of(lint_bytes(data, "a.837", rulebook=RULEBOOK.narrowed(["DOS003"])))
        [finding] = redacted(whole, Redaction("always")).findings
        assert finding.as_billed
        assert (finding.found, finding.as_billed.excerpt, finding.as_billed.highlight) == (
            "a day after 2024-12-31",
            "DTP*472*D8*\u2026",
            (11, 12),
        )

    @staticmethod
    def claims(redaction: Redaction) -> list[str | None]:
        data = FILE.encode()
        report = lint_bytes(data, "a.837", rulebook=RULEBOOK.narrowed(["HCP001"]))
        return [entry.location.claim for entry in redacted(whole_of(report), redaction).findings]

    def test_the_keyed_hash(self) -> None:
        key = b"0123456789abcdef"
        digest = hmac.new(key, NUMBER.encode(), hashlib.sha256).hexdigest()
        assert self.claims(Redaction("always", key)) == [f"hash:{digest[:16]}"]
        assert self.claims(Redaction("always", b"another key of 16")) != [f"hash:{digest[:16]}"]
        assert self.claims(Redaction("always")) == [None]

    def test_file_names_by_choice(self) -> None:
        one = whole_of(lint_bytes(FILE.encode(), "zzdoe.837", rulebook=RULEBOOK))
        whole = replace(one, inputs=(one.inputs[0]._replace(path="-"), *one.inputs), passed_over=("jane.txt",))
        assert "zzdoe.837" in in_formats(redacted(whole, Redaction("always")))
        hid = redacted(whole, Redaction("always", paths=True))
        assert [item.path for item in hid.inputs] == ["-", "file-1"]
        assert (hid.passed_over, {entry.location.path for entry in hid.findings}) == (("file-2",), {"file-1"})
        assert [word for word in ("zzdoe", "jane") if word in in_formats(hid)] == []

    def test_what_is_redacted_stays_as_it_is(self) -> None:
        whole = whole_of(lint_bytes(FILE.encode(), "a.837", rulebook=RULEBOOK))
        once = redacted(whole, Redaction("always", b"k" * 16, paths=True))
        assert redacted(once, Redaction("always", b"x" * 16, paths=True)) == once

    @pytest.mark.parametrize(
        ("mode", "public", "applies"),
        [
            ("auto", True, True),
            ("auto", False, False),
            ("always", False, True),
            ("never", True, False),
        ],
    )
    def test_when(self, mode: str, *, public: bool, applies: bool) -> None:
        assert Redaction(mode).applies(public=public) is applies

    def test_which_formats_are_for_many_readers(self) -> None:
        assert [name for name, form in FORMATS.items() if form.public] == ["sarif", "junit", "github", "gitlab"]


class TestRelation:
    TARLATAMAB: ClassVar[Drug] = RULEBOOK.formulary.drugs[0]
    CHANGES = TARLATAMAB.code_changes

    @pytest.mark.parametrize(
        ("first", "last", "told"),
        [
            ("2024-05-15", "2024-05-15", "before 2024-05-16"),
            ("2024-05-16", "2024-05-16", "from 2024-05-16 to 2024-09-30"),
            ("2024-09-30", "2024-09-30", "from 2024-05-16 to 2024-09-30"),
            ("2024-10-01", "2024-12-31", "from 2024-10-01 to 2024-12-31"),
            ("2025-01-01", "2025-01-01", "after 2024-12-31"),
            ("2024-12-31", "2025-01-01", "on both sides of 2025-01-01"),
            ("2024-09-01", "2025-02-01", "on both sides of 2024-10-01 and 2025-01-01"),
        ],
    )
    def test_of_a_period(self, first: str, last: str, told: str) -> None:
        assert relation(Period(date.fromisoformat(first), date.fromisoformat(last)), self.CHANGES) == told

    def test_without_facts(self) -> None:
        assert relation(Period(date(2025, 1, 1), date(2025, 1, 1)), ()) == "\u2026"

    @pytest.mark.parametrize(
        ("text", "span", "told"),
        [
            ("CTP****20250110*UN", (7, 15), ("CTP****\u2026*UN", (7, 8))),
            ("CTP****20250110*UN", (16, 18), ("CTP****\u2026*UN", (9, 11))),
            ("CTP****20250110*UN", (0, 3), ("CTP****\u2026*UN", (0, 3))),
            ("20250110-20250111", (9, 17), ("\u2026-\u2026", (2, 3))),
            ("20250110-20250111", (0, 17), ("\u2026-\u2026", (0, 3))),
            ("55513007701", (0, 11), ("55513007701", (0, 11))),
            ("20251301", (0, 8), ("20251301", (0, 8))),
            ("16000000", (0, 8), ("16000000", (0, 8))),
            ("2025-01-10", (0, 0), ("2025-01-10", (0, 0))),
        ],
    )
    def test_a_number_that_can_be_a_day(self, text: str, span: tuple[int, int], told: tuple[str, object]) -> None:
        assert without_days(text, span) == told

    @given(st.text("*120589", max_size=40), st.integers(0, 40), st.integers(0, 40))
    def test_a_span_moves_with_its_text(self, text: str, start: int, end: int) -> None:
        start, end = sorted((min(start, len(text)), min(end, len(text))))
        shorter, (first, last) = without_days(text, (start, end))
        assert 0 <= first <= last <= len(shorter)
        assert without_days(text[:start])[0] == shorter[:first] or not text[:start].endswith("*")


class TestCommand:
    """What `lint837 check` writes where: the modes, CI, the key; and crashes on the way."""

    @pytest.fixture
    def run(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
        (tmp_path / "claims.837").write_text(FILE)
        monkeypatch.chdir(tmp_path)

        def main(*arguments: str, **environment: str) -> tuple[int, str, str]:
            for name, value in environment.items():
                monkeypatch.setenv(name, value)
            monkeypatch.setattr(sys, "argv", ["lint837", *arguments])
            with pytest.raises(SystemExit) as exit_:
                cli.main()
            assert isinstance(exit_.value.code, int)
            return exit_.value.code, *capfd.readouterr()

        return main

    @pytest.mark.parametrize("name", list(FORMATS))
    @pytest.mark.parametrize(
        ("mode", "ci", "stdout", "file"),
        [
            ("auto", "", "public", "public"),
            ("auto", "false", "public", "public"),
            ("auto", "true", "always", "public"),
            ("always", "", "always", "always"),
            ("never", "true", "never", "never"),
        ],
    )
    def test_what_is_redacted(self, run: Run, name: str, mode: str, ci: str, stdout: str, file: str) -> None:
        arguments = ["claims.837", "--format", name, "--report", f"{name}=out", "--redact", mode]
        _, out, err = run("check", *arguments, CI=ci)
        for said, where in ((out, stdout), (Path("out").read_text(encoding="utf-8"), file)):
            redacts = where == "always" or (where == "public" and FORMATS[name].public)
            counts_only = name == STATISTICS  # no claim, and of a date the month
            day = "2025-01 " if counts_only else "2025-01-10"
            assert (NUMBER not in said, day not in said) == (redacts or counts_only, redacts)
            assert [word for word in (CANARY, BIRTH) if word in said + err] == []

    @pytest.mark.parametrize("path", ["/dev/stdout", "/dev/stderr"])
    @pytest.mark.parametrize(("ci", "redacts"), [("true", True), ("", False)])
    def test_standard_output_by_another_name(self, run: Run, path: str, ci: str, *, redacts: bool) -> None:
        _, out, err = run("check", "claims.837", "--format", "sarif", "--report", f"concise={path}", CI=ci)
        said = out + err
        assert "HCP001 claim" in said
        assert (NUMBER not in said, "2025-01-10" not in said) == (redacts, redacts)

    @pytest.mark.parametrize(("ci", "told"), [("true", "a day after 2024-12-31"), ("", "2025-01-10")])
    def test_what_show_tells_under_ci(self, run: Run, ci: str, told: str) -> None:
        out = run("show", "claims.837", CI=ci)[1]
        assert f"  date        {told}, from DTP*472\n" in out
        assert f"C9170 ended 2024-12-31; for {told} the code is J9026." in out
        assert ("2025-01-10" in out, DAY in out) == (not ci, False)

    def test_the_key(self, run: Run) -> None:
        key = "0123456789abcdef"
        digest = hmac.new(key.encode(), NUMBER.encode(), hashlib.sha256).hexdigest()
        Path("key").write_text(key + "\n")
        arguments = ["check", "claims.837", "--redact", "always", "--format", "concise", "--select", "HCP001"]
        by_file = run(*arguments, "--redact-key", "key")[1]
        assert f"claim 1, hash:{digest[:16]}, line 2" in by_file
        assert run(*arguments, LINT837_REDACT_KEY=key)[1] == by_file

    @pytest.mark.parametrize("key", ["short", ""])
    def test_a_key_that_is_too_short(self, run: Run, key: str) -> None:
        Path("key").write_text(key)
        status, out, err = run("check", "claims.837", "--redact-key", "key")
        assert (status, out, "the key in the file is shorter than 16 bytes" in err) == (2, "", True)

    def test_a_key_that_cannot_be_read(self, run: Run) -> None:
        status, out, err = run("check", "claims.837", "--redact-key", "no")
        assert (status, out, "the key cannot be read: no such file or directory" in err) == (2, "", True)
        status, _, err = run("check", "claims.837", LINT837_REDACT_KEY="short")
        assert (status, "the key in LINT837_REDACT_KEY is shorter" in err, "'short'" in err) == (2, True, False)

    def test_file_names(self, run: Run) -> None:
        assert "file-1" in run("check", "claims.837", "--redact", "always", "--redact-paths")[1]
        assert "claims.837" in run("check", "claims.837", "--redact-paths")[1]

    def test_a_redacted_report_is_converted_as_it_is(self, run: Run) -> None:
        run("check", "claims.837", "--redact", "always", "--report", "json=out.json")
        assert NUMBER not in Path("out.json").read_text()
        for name in FORMATS:
            assert NUMBER not in run("convert", "out.json", "--redact", "never", "--format", name)[1]

    @pytest.mark.parametrize("name", list(FORMATS))
    def test_a_format_that_raises_tells_its_place_only(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        class Exploding(Writer):
            def finding(self, entry: Entry) -> None:
                raise RuntimeError(f"{entry.location.claim} {FILE}")

        made = formats.writer
        monkeypatch.setattr(
            "lint837.report.output.writer",
            lambda form, write: Exploding(write) if form == name else made(form, write),
        )
        status, out, err = run("check", "claims.837", "--report", f"{name}=out")
        assert (status, out) == (4, "")
        assert err.startswith("lint837: internal error: RuntimeError at test_privacy.py:")
        assert [word for word in (CANARY, BIRTH, NUMBER) if word in err] == []
        assert sorted(path.name for path in Path().iterdir()) == ["claims.837"]

    def test_nothing_is_logged(self, run: Run, caplog: pytest.LogCaptureFixture) -> None:
        """At no level: what a library might log of what it was given would hold claim data."""
        caplog.set_level(0)
        run("check", "claims.837", *[f"--report={name}=out.{name}" for name in FORMATS])
        run("convert", "out.json", "--format", "sarif")
        assert caplog.records == []

    def test_a_report_that_is_none_is_not_quoted(self, run: Run) -> None:
        Path("x.json").write_text(json.dumps({"schema": CANARY, "findings": [{"claim": NUMBER}]}))
        status, out, err = run("convert", "x.json")
        assert (status, out, CANARY in err, NUMBER in err) == (2, "", False, False)
