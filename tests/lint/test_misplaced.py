"""Drugs before a claim's first service line: NDC009 speaks of those that are known, ENV014 of the others."""

from collections.abc import Sequence

import pytest
from lint837 import Rulebook
from lint837.lint.engine import Lint

from tests.batch import Delimiters, claim, group, interchange, line, subscriber, transaction_set

OWN, SHIFTED, HYPHENS = "LIN**N4*55513007701", "LIN*N4*55513007701", "LIN**N4*55513-077-01"
OTHER, CTP = "LIN**N4*00173071920", "CTP****1*UN"


def with_ndc009(rulebook: Rulebook) -> Rulebook:
    """The rulebook with a rule NDC009 that finds nothing: what matters is that it runs."""
    one = next(one for one in rulebook.rules if one.code == "NDC001")
    silent = one._replace(code="NDC009", check=lambda _: iter(()), yields_to=())
    others = tuple(one for one in rulebook.rules if one.code != "NDC009")
    return rulebook._replace(rules=(*others, silent), chosen=rulebook.chosen | {"NDC009"})


def without_ndc009(rulebook: Rulebook) -> Rulebook:
    return rulebook._replace(chosen=rulebook.chosen - {"NDC009"})


def told(segments: Sequence[str], rulebook: Rulebook, newline: str = "") -> list[str]:
    """The segments that ENV014 names, for a claim with these segments before its first line."""
    one = claim("A", line("HC:99213"))
    one[2:2] = segments
    text = interchange(
        group(transaction_set(subscriber(2, one, claim("B", line())))), delimiters=Delimiters(newline=newline)
    )
    lint = Lint([text.encode()], "a.837", rulebook)
    found: list[str] = []
    for finding in lint:
        if finding.rule == "ENV014":
            place = finding.location
            assert (text.count("\n", 0, place.offset) + 1, place.column) == (
                place.line,
                place.offset - text.rfind("\n", 0, place.offset),
            )
            found.append(text[place.offset :].partition("~")[0])
    assert lint.summary.complete == (not found)
    return found


CASES: list[tuple[list[str], str]] = [
    ([], ""),
    ([OWN, CTP], ""),
    ([SHIFTED, CTP, CTP], ""),
    ([HYPHENS], ""),
    ([OTHER, CTP], OTHER),
    ([CTP], CTP),
    ([OWN, CTP, OTHER, CTP], OTHER),
    ([CTP, OWN], CTP),
    (["NTE*ADD*X", OTHER, OWN], OTHER),
]


@pytest.mark.parametrize("newline", ["", "\n", "\r\n"])
@pytest.mark.parametrize(("segments", "expected"), CASES)
def test_where_ndc009_runs(rulebook: Rulebook, segments: list[str], expected: str, newline: str) -> None:
    assert told(segments, with_ndc009(rulebook), newline) == ([expected] if expected else [])


@pytest.mark.parametrize("segments", [segments for segments, _ in CASES])
def test_where_it_does_not_run_nothing_is_silenced(rulebook: Rulebook, segments: list[str]) -> None:
    first = next((one for one in segments if one[:3] in ("LIN", "CTP")), None)
    assert told(segments, without_ndc009(rulebook)) == ([first] if first else [])


def test_where_it_is_ignored_for_the_file_it_speaks_still(rulebook: Rulebook) -> None:
    hidden = with_ndc009(rulebook)._replace(hidden=frozenset({"NDC009"}))
    assert told([OWN], hidden) == []
