"""What must not change a finding: delimiters, line ends, wrapping, letter case, the order of claims, whose claim it is."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import lint_bytes, load_rulebook

from tests.batch import Delimiters, claim, group, interchange, subscriber, transaction_set, wrapped

RULEBOOK = load_rulebook(isolated=True)
CODES = ["J9026", "C9170", "J9999", "J3490", "C9399", "J9271", "96413", "99213", "J9062", ""]
NDCS = ["55513007701", "55513005901", "55513-077-01", "55513 059 01", "05551307701", "50242013601", "1234567", ""]
DAYS = ["20240515", "20240516", "20240930", "20241001", "20241231", "20250101", "20250110", "20250230", "20260301"]
TEXTS = ["", "", "TARLATAMAB 10 MG", "Premed for Imdelltra", "NDC 55513-077-01", "SALINE"]


@st.composite
def service_lines(draw: st.DrawFn) -> list[str]:
    """A service line of a professional claim, right or wrong."""
    modifiers = draw(st.lists(st.sampled_from(["JZ", "JW", "59", "Q0"]), max_size=2))
    text = draw(st.sampled_from(TEXTS))
    code = ":".join(["HC", draw(st.sampled_from(CODES)), *(modifiers + [""] * 4)[:4], text]).rstrip(":")
    units = draw(st.sampled_from(["1", "10", "7", "3", "10.0", ".5", "0", "-1", "1,0", ""]))
    segments = [
        f"SV1*{code}*{draw(st.sampled_from(['16000', '1.01', '0']))}*{draw(st.sampled_from(['UN', 'UN', 'MJ']))}*{units}***1"
    ]
    day = draw(st.sampled_from(DAYS))
    segments += draw(
        st.sampled_from([[], [f"DTP*472*D8*{day}"], [f"DTP*472*D8*{day}"], [f"DTP*472*RD8*{day}-20250131"]])
    )
    ndc = draw(st.sampled_from([None, *NDCS]))
    if ndc is not None:
        segments.append(f"LIN**{draw(st.sampled_from(['N4', 'N4', 'ND']))}*{ndc}")
        quantity, unit = (
            draw(st.sampled_from(["1", ".7", ".3", "10", "0", ""])),
            draw(st.sampled_from(["UN", "ME", "GR", "ML", "un"])),
        )
        segments += draw(st.sampled_from([[f"CTP****{quantity}*{unit}"], [f"CTP****{quantity}*{unit}"], []]))
    segments += draw(st.sampled_from([[], [], ["REF*VY*1"], ["NTE*ADD*IMDELLTRA"]]))
    return segments


CLAIM_LINES = st.lists(service_lines(), min_size=1, max_size=4)
BATCHES = st.lists(CLAIM_LINES, min_size=1, max_size=4)
Lines = list[list[str]]
Seen = list[tuple[object, ...]]


def batch(claims: list[Lines], delimiters: Delimiters | None = None, *, dependents: bool = False) -> bytes:
    """The claims as a file, each of its own subscriber, or of its dependent."""
    subscribers, ordinal = [], 2
    for number, lines in enumerate(claims):
        one = claim(f"PCN{number}", *lines)
        subscribers.append(subscriber(ordinal, dependents=[one]) if dependents else subscriber(ordinal, one))
        ordinal += 1 + dependents
    text = interchange(group(transaction_set(*subscribers)), delimiters=delimiters or Delimiters())
    return text.encode("latin-1")


def seen(data: bytes) -> Seen:
    """What is said of each claim, whatever its place in the file."""
    return [
        (
            *(
                f.location.claim,
                f.rule,
                f.severity,
                f.message,
                f.correction,
                f.location.element,
                f.location.service_line,
            ),
            *(len(f.related), [(fix.safe, len(fix.edits)) for fix in f.fixes]),
        )
        for f in lint_bytes(data, rulebook=RULEBOOK).findings
    ]


OTHER_DELIMITERS = [
    Delimiters(newline="\n"),
    Delimiters(newline="\r\n"),
    Delimiters("|", ">", "!", "\n"),
    Delimiters("\x1d", "\x1f", "\x1e", "\x1c"),
    Delimiters("^", "&", "%", "$", newline="\r\n    "),
]


@settings(max_examples=60)
@given(BATCHES, st.sampled_from(OTHER_DELIMITERS))
def test_delimiters_and_line_ends(claims: list[Lines], delimiters: Delimiters) -> None:
    expected = seen(batch(claims))
    assert seen(batch(claims, delimiters)) == expected


@settings(max_examples=30)
@given(BATCHES, st.integers(40, 140), st.sampled_from([b"\n", b"\r\n"]))
def test_wrapping(claims: list[Lines], width: int, newline: bytes) -> None:
    data = batch(claims)
    assert seen(wrapped(data, width, newline)) == seen(data)


@settings(max_examples=30)
@given(BATCHES, st.randoms(use_true_random=False))
def test_the_order_of_claims(claims: list[Lines], random: object) -> None:
    numbered = list(enumerate(claims))
    shuffled = numbered[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    in_order = seen(batch(claims))
    again = seen(batch([lines for _, lines in shuffled]))
    names = {f"PCN{place}": f"PCN{number}" for place, (number, _) in enumerate(shuffled)}
    renamed = [(names[str(first)], *rest) for first, *rest in again]
    assert sorted(map(repr, renamed)) == sorted(map(repr, in_order))


@settings(max_examples=30)
@given(BATCHES)
def test_a_subscribers_claim_or_a_dependents(claims: list[Lines]) -> None:
    assert seen(batch(claims, dependents=True)) == seen(batch(claims))


@settings(max_examples=30)
@given(BATCHES, st.sampled_from([str.lower, str.upper]))
def test_letter_case_of_texts_and_modifiers(claims: list[Lines], change: Callable[[str], str]) -> None:
    """Names in texts, and modifiers, are compared whatever their case."""

    def changed(segment: str) -> str:
        if segment.startswith("SV1*"):
            elements = segment.split("*")
            qualifier, code, *rest = [*elements[1].split(":"), ""][:8]
            elements[1] = ":".join([qualifier, code, *(change(value) for value in rest)]).rstrip(":")
            return "*".join(elements)
        return segment.replace("IMDELLTRA", change("IMDELLTRA"))

    other = [[[changed(segment) for segment in line] for line in lines] for lines in claims]
    assert [(s[0], s[1], s[2], s[3], s[5], s[6]) for s in seen(batch(other))] == [
        (s[0], s[1], s[2], s[3], s[5], s[6]) for s in seen(batch(claims))
    ]


@settings(max_examples=30)
@given(BATCHES, st.integers(1, 2000))
def test_blocks_of_any_size(claims: list[Lines], size: int) -> None:
    from lint837.lint.engine import Lint

    data = batch(claims)
    lint = Lint((data[i : i + size] for i in range(0, len(data), size)), "<bytes>", RULEBOOK)
    assert tuple(lint) == lint_bytes(data, rulebook=RULEBOOK).findings


def test_the_generated_claims_exercise_every_rule_that_a_line_can_break() -> None:
    """So that none of the above holds because nothing was found."""
    found: set[str] = set()

    @settings(max_examples=120, database=None)
    @given(BATCHES)
    def collect(claims: list[Lines]) -> None:
        found.update(f.rule for f in lint_bytes(batch(claims), rulebook=RULEBOOK).findings)

    collect()
    assert {"HCP001", "HCP002", "HCP003", "NDC001", "QTY001"} <= found
    assert "INT001" not in found


@pytest.mark.parametrize("count", [1, 50])
def test_claims_do_not_know_of_each_other(count: int) -> None:
    """A claim says the same alone and among others."""
    lines = [["SV1*HC:C9170:JZ*16000*UN*10***1", "DTP*472*D8*20250110", "LIN**N4*55513007701", "CTP****1*UN"]]
    clean = [["SV1*HC:99213*150*UN*1***1", "DTP*472*D8*20250110"]]
    data = batch([*[clean] * count, lines, *[clean] * count])
    [finding] = lint_bytes(data, rulebook=RULEBOOK).findings
    assert (finding.rule, finding.location.claim, finding.location.claim_ordinal) == (
        "HCP001",
        f"PCN{count}",
        count + 1,
    )
