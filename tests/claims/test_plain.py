"""Lines that are plain, well coded or right: a short cut changes neither what a claim says nor what is found in it."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Claim, Rule, ServiceLine, load_rulebook
from lint837.claims.header import Headers
from lint837.claims.lazy import lazy
from lint837.claims.mentions import unjudged
from lint837.claims.plain import plain_bills
from lint837.claims.segment import Segment
from lint837.facts.payers import UNKNOWN_PAYER
from lint837.lint.asked import Rules
from lint837.lint.examples import findings_in
from lint837.lint.judgment import judge
from lint837.rules.rule import QUIET
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

from tests import batch
from tests.lint.test_metamorphic import BATCHES, CODES, Lines
from tests.lint.test_metamorphic import batch as file_of
from tests.rules.cases import cases_of
from tests.x12.test_fast_scanner import BASES, mutated, mutations

NEVER = re.compile("(?!)")


RULEBOOK = load_rulebook(isolated=True)
# The same rules, which promise nothing.
PROMISED = RULEBOOK._replace(rules=tuple(rule._replace(unless="") for rule in RULEBOOK.rules))


def claims_of(data: bytes) -> list[Claim]:
    slices = [one for one in Reader([data]) if isinstance(one, Slice) and one.kind == "claim" and one.data]
    return [Claim(one, RULEBOOK.formulary, Headers().of(one.context)) for one in slices if one.context]


def value(thing: object) -> object:
    """A value that can be compared with that of another claim."""
    if isinstance(thing, Segment):
        return thing.id, thing.raw, thing.offset, thing.ordinal, thing.texts
    if isinstance(thing, ServiceLine):
        return type(thing).__name__, thing.ordinal
    if isinstance(thing, Rule):
        return thing.code
    if isinstance(thing, dict):
        return [(value(key), value(one)) for key, one in thing.items()]
    if isinstance(thing, list | tuple | set | frozenset):
        return [value(one) for one in thing]
    if type(thing).__module__.startswith("lint837.claims.") and hasattr(thing, "__dict__"):
        return attributes(thing)
    return thing


def attributes(thing: object) -> dict[str, object]:
    """What a line, a LIN or a claim says, under the names of its properties."""
    names = [
        name
        for one in type(thing).__mro__
        for name, attribute in vars(one).items()
        if isinstance(attribute, lazy | property) and name not in (*QUIET, "lines_by_code")
    ]
    return {name: value(getattr(thing, name)) for name in sorted(set(names))}


def read(claim: Claim) -> Iterator[object]:
    """All that is read of a claim."""
    for line in [*claim.service_lines, *claim.drug_lines]:
        yield value(line), value([line.lx, line.segments]), line.has_other_service, attributes(line)
    yield attributes(claim), [value(place) for place in unjudged(claim)]


def check_that_both_ways_agree(data: bytes) -> list[Claim]:
    """The claims as they are read, after they were read and judged without a short cut too."""
    claims = claims_of(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lint837.claims.claim.plain_lines", lambda *_: NEVER)
        slow = claims_of(data)
        assert not any(line.is_plain for claim in slow for line in claim.service_lines)
        expected = [list(read(claim)) for claim in slow]
    rules = Rules(RULEBOOK.rules_for(UNKNOWN_PAYER))
    promised = Rules(PROMISED.rules_for(UNKNOWN_PAYER))
    for claim, other, said in zip(claims, slow, expected, strict=True):
        assert list(read(claim)) == said
        here, there = judge(claim, rules), judge(other, promised)
        assert (here.failures, there.failures) == ([], [])
        for mine, theirs in zip(here, there, strict=True):
            assert value(mine) == value(theirs)
    return claims


# ---------------------------------------------------------------- drawn claims


# What is changed in a right line, of which each change alone must be noticed: a text, and what stands in its place.
CHANGES = [
    *(
        (":JZ*", f"{one}*")
        for one in ("", ":JW", ":JZ:76", ":76:JZ", ":JZ:JZ", "::JZ", ":JZ:JW", ":jz", ":JZ::", ":JZ::::TEXT")
    ),
    *(("J9026", one) for one in [*CODES, "J 9026", " J9026", "j9026", "55513007701"]),
    *(
        ("*UN*10", one)
        for one in ("*UN*1", "*UN*20", "*UN*3", "*UN*0", "*UN*10.0", "*MJ*10", "**10", "*UN*", "*UN* 10")
    ),
    *(("16000", one) for one in ("16000.00", "1.01", "0", "55513059", "160:00", "")),
    *(("***1", one) for one in ("*11**1:2", "", "*1**1", "**1", "***1::2", "*11**1**Y", "***1****J9026")),
    *(("20250110", one) for one in ("20250117", "20241231", "20240516", "20250230", "20260301", "")),
    *(("55513007701", one) for one in ("55513005901", "50242013601", "5551307701", "05551307701", "")),
    *(
        ("****1*UN", one)
        for one in (
            "****10*UN",
            "****.5*UN",
            "****0*UN",
            "****0.1*UN",
            "****1*ME",
            "****1*un",
            "****1*UN ",
            "***5*1*UN",
        )
    ),
    *(("SV1*HC:J9026:JZ*16000*UN*10***1", one) for one in ("SV2*0636*HC:J9026:JZ*16000*UN*10", "SV1", "SV5*HC:E0748")),
    *(("D8*20250110", one) for one in ("RD8*20250110-20250111", "D8*20250110~DTP*472*D8*20250111")),
    # A tenth of the package, and the units of it: a dose of the label.
    (
        "*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*",
        "*UN*1***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****0.1*",
    ),
    ("DTP*472", "DTP*471"),
    ("LIN**N4", "LIN**ND"),
    ("LIN**", "LIN*1*"),
]
# What is put before a segment of it, or after the last one.
OTHERS = [
    "REF*6R*1",
    "REF*VY*1",
    "REF*P4*1",
    "REF*F8*1",
    "REF*N4*55513007701",
    "NM1*82*1*DOE",
    "NTE*ADD*IMDELLTRA",
    "K3*IMDELLTRA",
    "XX*J9026",
    "SVD*1*2*HC:J9026",
    "CTP****1*UN",
    "LIN**N4*55513005901",
    "",
]


# What may stand above the first line.
ABOVE = [["NTE*ADD*IMDELLTRA"], ["LIN**N4*55513007701"], ["DTP*434*RD8*20250101-20250131"], ["XX*J9026"], ["REF*F8*1"]]


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A right line in which at most two things are changed."""
    text = "~".join(batch.line(day=draw(st.sampled_from(["20250110", "20250110", "20250117"]))))
    for old, new in draw(st.lists(st.sampled_from(CHANGES), max_size=2)):
        text = text.replace(old, new, 1)
    segments = text.split("~")
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        segments.insert(draw(st.integers(0, len(segments))), draw(st.sampled_from(OTHERS)))
    return segments[: draw(st.sampled_from([len(segments), len(segments), 2]))]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A claim of such lines, for either guide, in several layouts."""
    above = draw(st.sampled_from(["11:B:1", "11:B:1", "13:A:1", "11:A:1", "11:B:7", "13:A:8", "22:B:1"]))
    one = batch.claim("PCN", *draw(st.lists(lines(), min_size=1, max_size=3)), facility=above)
    one[2:2] = draw(st.sampled_from([[], *ABOVE]))
    version = draw(st.sampled_from(["005010X222A1", "005010X223A2"]))
    whole = batch.group(batch.transaction_set(batch.subscriber(2, one), version=version))
    delimiters = draw(
        st.sampled_from(
            [batch.PLAIN, batch.PLAIN, batch.Delimiters(newline="\r\n"), batch.Delimiters("|", "^", "~", "\n")]
        )
    )
    return batch.interchange(whole, delimiters=delimiters).encode()


@settings(max_examples=80)
@given(files())
def test_a_line_that_is_right_or_nearly_so(data: bytes) -> None:
    check_that_both_ways_agree(data)


@pytest.mark.parametrize("guide", ["005010X222A1", "005010X223A2"])
def test_each_change_of_a_right_line_alone(guide: str) -> None:
    right = "~".join(batch.line())
    changed = [right.replace(old, new, 1).split("~") for old, new in CHANGES]
    for other in OTHERS:
        for at in range(5):
            segments = right.split("~")
            segments.insert(at, other)
            changed.append(segments)
    claims = [batch.claim("PCN", line, batch.line(day="20250117")) for line in changed]
    clm, hi, *rest = batch.claim("PCN", batch.line())
    claims += [[clm, hi, *above, *rest] for above in ABOVE]
    for claim in claims:
        one = batch.transaction_set(batch.subscriber(2, claim), version=guide)
        check_that_both_ways_agree(batch.interchange(batch.group(one)).encode())


@settings(max_examples=30)
@given(BATCHES)
def test_any_line(claims: list[Lines]) -> None:
    check_that_both_ways_agree(file_of(claims))


@settings(max_examples=30)
@given(st.sampled_from(BASES), mutations)
def test_a_damaged_file(base: str, changes: list[tuple[float, int, str]]) -> None:
    check_that_both_ways_agree(mutated(base, changes))


def test_the_cases_of_all_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the payers and the files of CMS that they name. One in four: what a rule says of each is tested elsewhere."""
    cases = [case for rule in RULEBOOK.drug_rules for case in cases_of(rule)][::4]
    found = [findings_in(case, RULEBOOK) for case in cases]
    monkeypatch.setattr("lint837.claims.claim.plain_lines", lambda *_: NEVER)
    assert found == [findings_in(case, PROMISED) for case in cases]


# ---------------------------------------------------------------- which lines are so


def quiet(data: bytes) -> list[tuple[bool, bool, bool]]:
    claims = check_that_both_ways_agree(data)
    return [(line.is_plain, line.is_well_coded, line.is_right) for claim in claims for line in claim.drug_lines]


@pytest.mark.parametrize("newline", ["", "\n", "\r\n"])
def test_a_usual_line_is_right(newline: str) -> None:
    data = batch.interchange(
        batch.group(
            batch.transaction_set(batch.subscriber(2, batch.claim("1", batch.line(), batch.line(day="20250117"))))
        ),
        delimiters=batch.Delimiters(newline=newline),
    ).encode()
    assert quiet(data) == [(True, True, True)] * 2
    assert [claim.is_right for claim in claims_of(data)] == [True]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("HC:J9026", "HC:C9170", (True, False, False)),
        ("HC:J9026", "HC: J9026", (False, False, False)),
        ("55513007701", "50242013601", (True, False, False)),
        ("*UN*10*", "*UN*1*", (True, True, False)),
        (":JZ", "", (True, True, False)),
        ("CTP****1*UN", "CTP****10*ME", (True, True, False)),
        ("20250110", "20250230", (False, False, False)),
    ],
)
def test_what_a_wrong_line_is(old: str, new: str, expected: tuple[bool, bool, bool]) -> None:
    data = file_of([[batch.line()]]).replace(old.encode(), new.encode())
    assert quiet(data) == [expected]


def test_two_lines_of_a_day_are_right_and_their_claim_is_not() -> None:
    data = file_of([[batch.line(), batch.line()]])
    assert quiet(data) == [(True, True, True)] * 2
    assert [claim.is_right for claim in claims_of(data)] == [False]


# ---------------------------------------------------------------- what is held


def test_what_lines_bill_is_read_once_and_tells_nothing_of_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of lines with other days, charges, numbers and claims."""
    formulary = load_rulebook(isolated=True).formulary
    lines = [[batch.line(day=f"202501{day}")] for day in range(10, 30)]
    slices = [one for one in Reader([file_of(lines)]) if isinstance(one, Slice) and one.kind == "claim"]
    claims = [Claim(one, formulary) for one in slices]
    found = [line.is_right for claim in claims for line in claim.drug_lines]
    known = plain_bills(formulary, b":", "837P")._known
    assert found == [True] * 20
    assert list(known) == [("HC:J9026:JZ", "10", "55513007701", "1", "UN")]
    monkeypatch.setattr("lint837.claims.plain._REMEMBERED", 3)
    for n in range(1, 10):
        plain_bills(formulary, b":", "837P").of("HC:J9026:JZ", str(n), None, None, None)
        assert len(known) <= 3
