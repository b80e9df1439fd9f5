"""The 999: what it says of each transaction set, that its counts add up, and that the guide's map accepts it."""

import random
import re
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837.ack.x999 import Options999, write_999
from lint837.commands.main import cli
from lint837.files.inputs import Input, Opened

from tests.batch import batch, claim, group, interchange, line, segments_of, subscriber, transaction_set
from tests.documents import ROOT
from tests.oracle import errors

SAMPLES = sorted(ROOT.glob("samples/*/*.837"))
TABLE = ROOT / "docs/clearinghouse.md"


def answer(data: str | bytes, *, values: bool = False, by_claim: bool = False) -> str:
    """The 999 of a file; "" if none was written."""
    with tempfile.TemporaryDirectory() as folder:
        source, place = Path(folder, "in.837"), Path(folder, "ack.999")
        source.write_bytes(data if isinstance(data, bytes) else data.encode())
        items = [Input(str(source), opened=Opened.at(str(source)))]
        written, refused = write_999(items, str(place), Options999(None, values, by_claim))
        assert refused == []
        return place.read_bytes().decode("latin-1") if written else ""


def whole(*claims: list[str], control: str = "0001") -> list[str]:
    return transaction_set(subscriber(2, *claims, whole=True), whole=True, control=control)


def one(*claims: list[str]) -> str:
    return interchange(group(whole(*claims)))


def body(text: str) -> list[str]:
    """The segments from AK1 to AK9."""
    return [
        one
        for one in segments_of(text.replace("\n", ""))
        if one[:3] in ("AK1", "AK2", "IK3", "IK4", "IK5", "AK9", "CTX", "TA1")
    ]


def check_counts(text: str) -> None:
    """AK9 counts the answers above it, and the envelope what it holds."""
    received = accepted = since_st = sets = 0
    for segment in segments_of(text.replace("\n", "")):
        elements = segment.split("*")
        since_st += 1
        if elements[0] == "ST":
            received = accepted = 0
            since_st = 1
            sets += 1
        elif elements[0] == "AK2":
            received += 1
        elif elements[0] == "IK5":
            accepted += elements[1] == "A"
        elif elements[0] == "AK9":
            assert int(elements[3]) == received
            assert int(elements[4]) in (accepted, 0)
            assert (elements[1] == "A") == (accepted == received > 0 and len(elements) == 5)
        elif elements[0] == "SE":
            assert int(elements[1]) == since_st
        elif elements[0] == "GE":
            assert int(elements[1]) == sets
            sets = 0


def test_a_right_file() -> None:
    assert segments_of(answer(one(claim("A", line())))) == [
        "ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *260115*1200*^*00501*000000001*0*P*:",
        "GS*FA*RECEIVER*SENDER*20260115*1200*1*X*005010X231A1",
        "ST*999*0001*005010X231A1",
        "AK1*HC*1*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK5*A",
        "AK9*A*1*1*1",
        "SE*6*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]


def test_what_is_wrong_and_where() -> None:
    text = (
        one(claim("A", line())).replace("11:B:1", "XX:B:1").replace("HI*ABK:C3490~", "").replace("NM1*85*2", "NM1*86*9")
    )
    assert body(answer(text)) == [
        "AK1*HC*1*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK3*NM1*7**8",
        "IK4*1*98*7",
        "IK4*2*1065*7",
        "IK3*CLM*15*2300*8",
        "IK4*5:1*1331*7",
        "IK3*HI*16*2300*3",
        "IK5*R*5*4",
        "AK9*R*1*1*0",
    ]


def test_values_are_copied_only_where_they_are_asked_for() -> None:
    text = (
        one(claim("ANNE-7731", line()))
        .replace("DOE*JANE****MI", "DOE*JANE****QQ")
        .replace("*16000*UN*10", "*JANE*UN*10")
    )
    assert [part for part in ("ANNE", "QQ", "JANE", "DOE") if part in answer(text)] == []
    assert [part for part in body(answer(text, values=True)) if part[:3] in ("IK4", "CTX")] == [
        "IK4*8*66*7*QQ",
        "CTX*CLM01:ANNE-7731",
        "IK4*2*782*6*JANE",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SE*24*", "SE*99*", ["IK5*R*4", "AK9*R*1*1*0"]),
        ("SE*24*0001", "SE*24*0009", ["IK5*R*3", "AK9*R*1*1*0"]),
        ("SE*24*0001~", "", ["IK5*R*2*5", "AK9*R*1*1*0"]),
        ("GE*1*1~", "GE*7*1~", ["IK5*A", "AK9*R*7*1*0*5"]),
        ("GE*1*1~", "GE*1*8~", ["IK5*A", "AK9*R*1*1*0*4"]),
        ("GE*1*1~", "", ["IK5*A", "AK9*R*1*1*0*3"]),
        ("GE*1*1~IEA*1*000000001~", "", ["TA1*000000001*260115*1200*R*023", "IK5*A", "AK9*R*1*1*0*3"]),
        ("IEA*1*", "IEA*4*", ["TA1*000000001*260115*1200*E*021", "IK5*A", "AK9*A*1*1*1"]),
        ("*000000001~", "*000000009~", ["TA1*000000001*260115*1200*E*001", "IK5*A", "AK9*A*1*1*1"]),
        ("*0*P*", "*1*P*", ["TA1*000000001*260115*1200*A*000", "IK5*A", "AK9*A*1*1*1"]),
        ("005010X222A1", "004010X098A1", ["IK5*R*1*I6", "AK9*R*1*1*0"]),
    ],
)
def test_the_envelope(old: str, new: str, expected: list[str]) -> None:
    text = one(claim("A", line(), line(day="20250117"))).replace("SE*28*", "SE*24*")
    count = next(part for part in segments_of(text) if part.startswith("SE*")).split("*")[1]
    text = text.replace(old.replace("SE*24", f"SE*{count}"), new.replace("SE*24", f"SE*{count}"))
    found = answer(text)
    assert [part for part in body(found) if part[:3] in ("IK5", "AK9", "TA1")] == expected
    assert errors(found.encode()) == []


def test_three_groups_in_two_interchanges() -> None:
    found = answer(batch())
    assert [part.split("*")[0] for part in segments_of(found)].count("ISA") == 2
    assert [part for part in body(found) if part.startswith("AK1")] == [
        "AK1*HC*1*005010X222A1",
        "AK1*HC*2*005010X220A1",
        "AK1*HC*1*005010X223A2",
    ]
    assert "AK2*834*0001*005010X220A1" in body(found)
    assert errors(found.encode()) == []
    check_counts(found)


def test_an_acknowledgement_is_not_acknowledged() -> None:
    assert answer(answer(one(claim("A", line())))) == ""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_of_the_samples(path: Path) -> None:
    found = answer(path.read_bytes())
    assert found
    assert found == answer(path.read_bytes())
    assert errors(found.encode()) == []
    check_counts(found)


@settings(max_examples=15)
@given(st.integers(0, 100_000), st.booleans())
def test_of_damaged_files(seed: int, values: bool) -> None:  # noqa: FBT001
    chance = random.Random(seed)  # noqa: S311
    data = bytearray(chance.choice(SAMPLES).read_bytes())
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(106, len(data))
        other = chance.randrange(106, len(data))
        match chance.randrange(4):
            case 0:
                del data[at : at + chance.randrange(1, 40)]
            case 1:
                data[at:at] = data[other : other + chance.randrange(1, 200)]
            case 2:
                data[at] = chance.choice(b"~*:X1 \n\xe9")
            case _:
                data[at:at] = b"~ST*837*1*"
    found = answer(bytes(data), values=values)
    if found:
        assert errors(found.encode("latin-1")) == []
        check_counts(found)


class TestTheCommands:
    def test_check_and_split_write_the_same(self, tmp_path: Path) -> None:
        source = tmp_path / "in.837"
        source.write_text(one(claim("A", line()), claim("B", line("HC:C9170:JZ"))))
        checked, divided = tmp_path / "checked.999", tmp_path / "split.999"
        run = CliRunner().invoke
        assert run(cli, ["check", "--isolated", str(source), f"--report=999={checked}"]).exit_code == 1
        sides = [f"--accepted={tmp_path / 'a'}", f"--rejected={tmp_path / 'r'}"]
        assert run(cli, ["split", "--isolated", str(source), *sides, f"--report=999={divided}"]).exit_code == 1
        assert checked.read_bytes() == divided.read_bytes() == answer(source.read_bytes()).encode()
        assert checked.stat().st_mode & 0o777 == 0o600

    def test_split_rejects_what_the_guide_rejects(self, tmp_path: Path) -> None:
        source, accepted, rejected = (tmp_path / name for name in ("in.837", "a.837", "r.837"))
        text = one(claim("A", line()), claim("B", line())).replace("CLM*B*16000***11", "CLM*B*16000***XX")
        source.write_text(text)
        words = ["split", "--isolated", str(source), f"--accepted={accepted}", f"--rejected={rejected}"]
        assert CliRunner().invoke(cli, words).exit_code == 0
        result = CliRunner().invoke(cli, [*words, "--guide", "all"])
        assert result.exit_code == 1
        assert "GDE007 rejected 1 claim" in result.output
        assert (re.findall(r"CLM\*(\w)", accepted.read_text()), re.findall(r"CLM\*(\w)", rejected.read_text())) == (
            ["A"],
            ["B"],
        )

    def test_a_header_that_is_wrong_rejects_the_claims_below_it(self, tmp_path: Path) -> None:
        source = tmp_path / "in.837"
        source.write_text(one(claim("A", line()), claim("B", line())).replace("NM1*PR*2", "NM1*PR*9"))
        words = ["split", "--isolated", str(source), f"--accepted={tmp_path / 'a'}", f"--rejected={tmp_path / 'r'}"]
        assert "GDE007 rejected 2 claims" in CliRunner().invoke(cli, [*words, "--guide", "all"]).output


def test_where_claims_are_accepted_one_by_one_a_set_is_accepted_with_errors() -> None:
    wrong = whole(claim("A", line()), claim("B", line()), control="0002")
    text = interchange(group(whole(claim("C", line())), wrong)).replace(
        "CLM*B*16000***11:B:1*Y", "CLM*B*16000***11:B:1*X"
    )
    cut = re.sub(r"SE\*\d+\*0002", "SE*99*0002", text)
    told = [one for one in body(answer(text, by_claim=True)) if one[:3] in ("IK5", "AK9")]
    assert told == ["IK5*A", "IK5*E*5", "AK9*E*2*2*2"]
    assert [one for one in body(answer(text)) if one[:3] in ("IK5", "AK9")] == ["IK5*A", "IK5*R*5", "AK9*P*2*2*1"]
    assert errors(answer(text, by_claim=True).encode()) == []
    told = [one for one in body(answer(cut, by_claim=True)) if one[:3] in ("IK5", "AK9")]
    assert [one[:5] for one in told] == ["IK5*A", "IK5*R", "AK9*P"]


def test_what_is_missing_below_a_level_is_in_its_own_set() -> None:
    text = interchange(group(transaction_set(subscriber(2, dependents=[claim("A", line())], whole=True), whole=True)))
    cut = text[: text.index("CLM*A")] + text[text.index("SE*") :]
    assert body(answer(cut)) == [
        "AK1*HC*1*005010X222A1",
        "AK2*837*0001*005010X222A1",
        "IK3*CLM*21*2300*3",
        "IK5*R*4*5",
        "AK9*R*1*1*0",
    ]
    assert errors(answer(cut).encode()) == []
