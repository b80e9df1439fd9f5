"""JSON is written without a tree of dictionaries: the bytes are those that `json.dumps` writes of one."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint837 import Severity
from lint837.claims.segment import Period
from lint837.lint.finding import InputSummary, Location, SuppressionUse
from lint837.report.entry import AsBilled, Entry, Related, SegmentExcerpt, Template
from lint837.report.json import SCHEMA, json_of
from lint837.rules.values import Code, Identifier, Value, show

from tests.reports import TEXT, VALUES, Whole, text_of, wholes

ODD = st.text(st.characters())  # with control characters, and surrogates, as a path that is not UTF-8 has them
_CHOICES = st.lists(st.tuples(ODD, ODD), max_size=2).map(tuple)
_VALUES = st.dictionaries(TEXT | ODD, VALUES | ODD | st.booleans() | ODD.map(Code) | ODD.map(Identifier), max_size=6)


def tree(value: object) -> Any:  # noqa: ANN401 - whatever JSON has
    """A value of ours as dictionaries, lists, texts and numbers."""
    if isinstance(value, Severity):
        return str(value)
    if isinstance(value, Template):
        told = {name: tree(one) for name, one in zip(value._fields, value, strict=True) if name != "values"}
        told["code_changes"] = [day.isoformat() for day in value.code_changes]
        values = {name: typed(one) for name, one in value.values.items()}
        return {name: told.get(name, values) for name in Template._fields}
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        items = [tree(one) for one in value]
        return dict(zip(names, items, strict=True)) if names else items
    return value


def typed(value: Value) -> dict[str, object]:
    """A value of a sentence, with its type."""
    if isinstance(value, Period):
        return {"type": "period", "first": value.first.isoformat(), "last": value.last.isoformat()}
    for kind, name in ((Code, "code"), (Identifier, "identifier"), (Decimal, "number"), (date, "date")):
        if isinstance(value, kind):
            return {"type": name, "value": show(value)}
    return {"type": "count" if isinstance(value, int) else "text", "value": value}


@given(wholes())
def test_whatever_can_be_found(whole: Whole) -> None:
    lines = [{"type": "finding" if isinstance(one, Entry) else "input", **tree(one)} for one in whole.in_turn]
    summary = {"tool": tree(whole.about), "summary": tree(whole.totals), "exit_status": whole.exit_status}
    lines.append({"type": "summary", "schema": SCHEMA, **summary})
    assert text_of("jsonl", whole).splitlines() == [json.dumps(line) for line in lines]
    document = text_of("json", whole)
    for items in (whole.findings, whole.inputs, whole.rules):
        assert ",\n".join(json.dumps(tree(one)) for one in items) in document
    for name, said in (("tool", tree(whole.about)), ("summary", tree(whole.totals))):
        assert f'\n"{name}": {json.dumps(said)},\n' in document
    assert json.loads(document)["exit_status"] == whole.exit_status


@given(st.builds(Template, ODD, ODD, _CHOICES, ODD, _VALUES, st.lists(st.dates(), max_size=3).map(tuple)))
def test_any_values_of_sentences(template: Template) -> None:
    assert json_of(template) == json.dumps(tree(template))


@given(ODD, st.integers(), st.none() | ODD, st.booleans())
def test_any_texts_and_numbers(text: str, number: int, maybe: str | None, yes: bool) -> None:  # noqa: FBT001 - drawn
    for value in (
        Location(text, number, claim=maybe, claim_ordinal=number, ordinals=(0, 1, number), element=Code(text)),
        AsBilled(text, modifiers=(text, Identifier(text)), segments=(SegmentExcerpt(number, text),)),
        Related(text, 1, number, 0, 0, text, text, (number, 0)),
        InputSummary(text, yes, number, 0, 1, 2, 3, 4, 5, (SuppressionUse(number, 0, 1),), (text, text)),
        ((), (text,), (Severity.INFO, 1, True, None), [text, number]),
    ):
        assert json_of(value) == json.dumps(tree(value))


@pytest.mark.parametrize("value", [1, True, Severity.INFO, 0, False, None, "", Code("%s")])
def test_values_that_are_equal_are_written_by_their_types(value: object) -> None:
    assert json_of(value) == json.dumps(tree(value))
