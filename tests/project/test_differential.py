"""pyx12 as the oracle: of valid files it and this project's reader see the same, and of miscounted ones neither is
silent.
"""

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Rulebook
from pyx12 import map_if
from pyx12.params import params

from tests.batch import (
    PLAIN,
    Delimiters,
    claim,
    group,
    interchange,
    line,
    provider,
    segments_of,
    subscriber,
    transaction_set,
)
from tests.peers import claims_in, read_by_pyx12, seen_by_lint837, seen_by_pyx12

PROFESSIONAL, INSTITUTIONAL = "005010X222A1", "005010X223A2"
DELIMITERS = [
    PLAIN,
    Delimiters(newline="\n"),
    Delimiters(newline="\r\n"),
    Delimiters("|", ">", "!", "\n"),
    Delimiters("\x1d", "\x1f", "\x1e", "\x1c"),
    Delimiters("^", "&", "%", "$"),
]


@pytest.fixture(scope="module", autouse=True)
def _maps_are_read_once() -> Iterator[None]:
    """pyx12 reads a map anew for each file, which takes longer than all else here."""
    load = map_if.load_map_file

    @cache
    def loaded(name: str, path: str | None) -> object:
        return load(name, params(), path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_if, "load_map_file", lambda name, _, path=None: loaded(name, path))
        yield


@st.composite
def service_lines(draw: st.DrawFn, version: str) -> list[str]:
    """A service line: with a drug's code or another, modifiers, a day or a range, an NDC or none."""
    code = draw(st.sampled_from(["J9026", "C9170", "J9999", "96413", "99213"]))
    composite = "HC:" + code + draw(st.sampled_from(["", ":JZ", ":JW", ":JZ:25", ":59:XU:25:76", ":::::DRUG 10 MG"]))
    units = draw(st.sampled_from(["1", "10", "0.5", "100"]))
    if version == PROFESSIONAL:
        segments = [f"SV1*{composite}*{draw(st.integers(1, 99999))}*UN*{units}***1"]
    else:
        segments = [f"SV2*0636*{composite}*{draw(st.integers(1, 99999))}*UN*{units}"]
    segments.append("DTP*472*" + draw(st.sampled_from(["D8*20250110", "RD8*20250110-20250112"])))
    if draw(st.booleans()):
        segments += [f"REF*6R*{draw(st.integers(1, 999))}"]
    if draw(st.booleans()):
        segments += [f"LIN**N4*{draw(st.sampled_from(['55513007701', '00002143380']))}", f"CTP****{units}*UN"]
        segments += ["REF*XZ*RX1"] if draw(st.booleans()) else []
    return segments


@st.composite
def files(draw: st.DrawFn) -> str:
    """A valid interchange of several groups, transaction sets, providers, subscribers, dependents and claims."""
    version = draw(st.sampled_from([PROFESSIONAL, INSTITUTIONAL]))
    numbers = iter(range(1, 10_000))

    def one_claim() -> list[str]:
        lines = draw(st.lists(service_lines(version), min_size=1, max_size=4))
        segments = claim(f"CLAIM-{next(numbers)}", *lines)
        if version == INSTITUTIONAL:
            clm = segments[0].replace("11:B:1*Y*A", f"{draw(st.sampled_from(['13:A:1', '13:A:7']))}**A")
            segments[:1] = [clm, "DTP*434*RD8*20250110-20250112", "CL1*3*1*01"]
        return segments

    def claims() -> list[str]:
        return [segment for _ in range(draw(st.sampled_from([1, 1, 2, 3]))) for segment in one_claim()]

    def levels() -> Iterator[list[str]]:
        ordinal, above = 2, 1
        for first in (True, *[False] * draw(st.integers(0, 3))):
            if not first and draw(st.sampled_from([False, False, True])):
                yield provider(ordinal, whole=True)
                ordinal, above = ordinal + 1, ordinal
            # pyx12's map of the 837I has no place for a dependent behind claims of the subscriber's own.
            dependents = [claims() for _ in range(draw(st.sampled_from([0, 0, 1, 2])))]
            own = [] if dependents else [claims()]
            yield subscriber(ordinal, *own, dependents=dependents, above=above, whole=True)
            ordinal += 1 + len(dependents)

    def one_set() -> list[str]:
        return transaction_set(*levels(), control=f"{next(numbers):04}", version=version, whole=True)

    def one_group() -> list[str]:
        sets = [one_set() for _ in range(draw(st.sampled_from([1, 1, 2])))]
        return group(*sets, control=next(numbers), version=version)

    groups = [one_group() for _ in range(draw(st.sampled_from([1, 1, 2])))]
    return interchange(*groups, control=next(numbers), delimiters=draw(st.sampled_from(DELIMITERS)))


@settings(max_examples=30)
@given(files())
def test_both_see_the_same(rulebook: Rulebook, text: str) -> None:
    ours, theirs = seen_by_lint837(text.encode(), rulebook), seen_by_pyx12(text)
    assert (ours.wrong, theirs.wrong) == ([], [])
    assert ours == theirs
    segments, wrong = read_by_pyx12(text)
    assert (segments, wrong) == (ours.segments, [])
    # What the script for other people's files compares.
    assert [one.bare for one in claims_in(segments)] == [one.bare for one in ours.claims]


COUNTED = segments_of(
    interchange(
        group(
            transaction_set(
                subscriber(2, claim("A", line()), claim("B", line())),
                provider(3),
                subscriber(4, dependents=[claim("C", line()) + claim("D", line())], above=3),
            ),
            transaction_set(subscriber(2, claim("E", line())), control="0002"),
        ),
        group(transaction_set(subscriber(2, claim("F", line()))), control=2),
    )
)
NUMBERS = [
    *((at, element) for at, one in enumerate(COUNTED) for element in (1, 2) if one.startswith(("SE*", "GE*", "IEA*"))),
    *((at, 2) for at, one in enumerate(COUNTED) if one.startswith("ST*")),
    *((at, 6) for at, one in enumerate(COUNTED) if one.startswith("GS*")),
    *((at, 2) for at, one in enumerate(COUNTED) if one.startswith("HL*") and one.split("*")[2]),
]


@pytest.mark.parametrize(("at", "element"), NUMBERS)
def test_neither_is_silent_on_a_wrong_number(rulebook: Rulebook, at: int, element: int) -> None:
    """A count, a control number or the parent of an HL is another, everything else is right."""
    parts = COUNTED[at].split("*")
    parts[element] = str(int(parts[element]) + 1).zfill(len(parts[element]))
    damaged = "~".join([*COUNTED[:at], "*".join(parts), *COUNTED[at + 1 :], ""])
    found = seen_by_lint837(damaged.encode(), rulebook).wrong
    assert (bool(read_by_pyx12(damaged)[1]), bool(found)) == (True, True)


def test_both_are_silent_where_the_numbers_are_right(rulebook: Rulebook) -> None:
    text = "~".join([*COUNTED, ""])
    assert (read_by_pyx12(text)[1], seen_by_lint837(text.encode(), rulebook).wrong) == ([], [])
