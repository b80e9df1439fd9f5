"""A file is split: nothing is lost or altered, or nothing is written."""

import gzip
import json
import os
import resource
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import load_rulebook
from lint837.ack.status_codes import load_statuses
from lint837.ack.x277ca import AckOptions
from lint837.commands.main import cli
from lint837.files.rereadable import RefusedError, Source, opened
from lint837.lint.verdicts import slices
from lint837.rules.rule import Severity
from lint837.split.plan import Divided, SplitPlan, make_plan
from lint837.split.sets import Sets
from lint837.split.verify import VerificationError, verify
from lint837.split.write import split_file, write
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import Reader
from lint837.x12.slices import Run, Slice

from tests.batch import Delimiters, batch, claim, group, interchange, line, subscriber, transaction_set
from tests.killing import left_at_each_step
from tests.oracle import errors
from tests.trees import ACCEPTED, DELIMITERS, REJECTED, Node, claims_of, day_of, files, pruned, written

ROOT = Path(__file__).parents[2]
DIRTY = (ROOT / "samples/dirty/office-837p.837").read_bytes()


@contextmanager
def file_of(data: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".837") as file:
        file.write(data)
        file.flush()
        yield file.name


def planned(source: Source, verdicts: Mapping[int, int]) -> SplitPlan:
    """The plan of a file by verdicts on its claims."""
    pieces = (piece for piece, _ in slices(source.blocks()) if isinstance(piece, Slice))
    return make_plan(source, ((piece, verdicts.get(piece.claim) == REJECTED) for piece in pieces))


def sides_of(data: bytes, verdicts: Mapping[int, int]) -> dict[int, bytes]:
    """Both sides of a file, b"" where one holds nothing; `verdicts` by the claim's ordinal."""
    with file_of(data) as path, opened(path) as source:
        return split_by(source, planned(source, verdicts))


def split_by(source: Source, plan: SplitPlan) -> dict[int, bytes]:
    """Both sides of a file by a plan."""
    with tempfile.TemporaryFile() as accepted, tempfile.TemporaryFile() as rejected:
        files = {ACCEPTED: accepted, REJECTED: rejected}
        outputs = {side: file for side, file in files.items() if plan.used(side)}
        write(source, plan, outputs)
        verify(source, plan, outputs)
        for file in files.values():
            file.seek(0)
        return {side: file.read() for side, file in files.items()}


# ---------------------------------------------------------------- what is written


@settings(max_examples=100)
@given(files(), st.sampled_from(DELIMITERS), st.data())
def test_each_side_is_the_file_with_its_claims_only(file: Node, delimiters: Delimiters, data: st.DataObject) -> None:
    names = claims_of(file)
    verdicts = {name: data.draw(st.sampled_from([ACCEPTED, REJECTED]), name) for name in names}
    found = sides_of(written(file, delimiters), dict(enumerate(verdicts.values(), 1)))
    for side in (ACCEPTED, REJECTED):
        assert found[side] == written(pruned(file, verdicts, side), delimiters)


@settings(max_examples=50)
@given(files(), st.sampled_from(DELIMITERS))
def test_all_on_one_side_is_the_file_byte_for_byte(file: Node, delimiters: Delimiters) -> None:
    whole = written(file, delimiters)
    count = len(claims_of(file))
    assert sides_of(whole, {}) == {ACCEPTED: whole, REJECTED: b""}
    verdicts = dict.fromkeys(claims_of(file), REJECTED)
    if not pruned(file, verdicts, ACCEPTED):
        assert sides_of(whole, dict.fromkeys(range(1, count + 1), REJECTED)) == {ACCEPTED: b"", REJECTED: whole}


@settings(max_examples=50)
@given(files(), st.data())
def test_splitting_a_side_again_changes_nothing(file: Node, data: st.DataObject) -> None:
    verdicts = {i: data.draw(st.sampled_from([ACCEPTED, REJECTED])) for i in range(1, len(claims_of(file)) + 1)}
    found = sides_of(written(file), verdicts)
    if found[ACCEPTED]:
        assert sides_of(found[ACCEPTED], {}) == {ACCEPTED: found[ACCEPTED], REJECTED: b""}
    if found[REJECTED]:
        all_rejected = dict.fromkeys(range(1, len(verdicts) + 1), REJECTED)
        assert sides_of(found[REJECTED], all_rejected) == {ACCEPTED: b"", REJECTED: found[REJECTED]}


def test_claims_that_come_as_runs_are_split_as_those_that_are_read() -> None:
    """Those that hold no text of the prefilter, which are never looked at; the others are rejected or not."""
    odd = {"3", "4", "7", "11", "12", "13"}
    lines = {name: line() if name in odd else line("HC:99213")[:2] for name in map(str, range(1, 15))}
    claims = [claim(name, one) for name, one in lines.items()]
    sets = [
        transaction_set(subscriber(2, *claims[:3]), subscriber(3, claims[3], dependents=[claims[4]])),
        transaction_set(subscriber(2, *claims[5:10]), control="0002"),
        transaction_set(subscriber(2, *claims[10:13]), subscriber(3, claims[13]), control="0003"),
    ]
    data = interchange(group(*sets)).encode()
    prefilter = Prefilter({"J9026"}, {"55513"})
    for rejected in ({}, {3: REJECTED}, dict.fromkeys((4, 11, 12, 13), REJECTED), dict.fromkeys((3, 4, 7), REJECTED)):
        expected = sides_of(data, rejected)
        with file_of(data) as path, opened(path) as source:
            events = list(slices(source.blocks(), prefilter=prefilter, scan_from=0))
            assert any(isinstance(piece, Run) for piece, _ in events)
            verdicts = ((piece, isinstance(piece, Slice) and piece.claim in rejected) for piece, _ in events)
            assert split_by(source, make_plan(source, verdicts)) == expected


def test_a_batch_with_everything_in_it() -> None:
    """Claims 2 and 3, a dependent's, of the shared batch are rejected: SE01 changes, and nothing else."""
    data = batch().encode()
    found = sides_of(data, {2: REJECTED, 3: REJECTED})
    accepted = data.replace(b"SE*45*0001", b"SE*19*0001")
    for text in (
        claim("CLAIM-2", line(day="20250117"), line(day="20250131")),
        subscriber(3, dependents=[claim("CLAIM-3", line())]),
    ):
        accepted = accepted.replace("".join(f"{s}~" for s in text).encode(), b"")
    assert found[ACCEPTED] == accepted
    rejected = interchange(
        group(
            transaction_set(
                subscriber(2, claim("CLAIM-2", line(day="20250117"), line(day="20250131"))),
                subscriber(3, dependents=[claim("CLAIM-3", line())]),
            )
        )
    )
    assert found[REJECTED] == rejected.encode()


def test_bytes_around_the_interchanges_go_with_them() -> None:
    """A byte order mark, blanks, line ends and the padding of old transfer programs."""
    one = interchange(group(transaction_set(subscriber(2, claim("A", line())))), control=1)
    two = interchange(group(transaction_set(subscriber(2, claim("B", line())))), control=2)
    data = b"\xef\xbb\xbf" + one.encode() + b"\r\n\r\n" + two.encode() + b"\n\x1a" + bytes(70_000)
    found = sides_of(data, {1: REJECTED})
    assert found == {
        ACCEPTED: b"\xef\xbb\xbf" + two.encode() + b"\n\x1a" + bytes(70_000),
        REJECTED: one.encode() + b"\r\n\r\n",
    }
    assert sides_of(data, {1: REJECTED, 2: REJECTED}) == {ACCEPTED: b"", REJECTED: data}


def test_blanks_around_elements_stay_and_so_does_a_count_that_is_right() -> None:
    text = interchange(group(transaction_set(subscriber(2, claim("A", line()), claim("B", line())))))
    data = text.replace("SE*26*", "SE* 26 *").replace("GE*1*", "GE*01*").replace("IEA*1*", "IEA*1 *")
    found = sides_of(data.encode(), {1: REJECTED})
    for side in found.values():
        assert [s for s in side.decode().split("~") if s[:2] in ("SE", "GE", "IE")] == [
            "SE* 19 *0001",
            "GE*01*1",
            "IEA*1 *000000001",
        ]


def test_hl_numbers_of_any_kind_are_numbered_from_one() -> None:
    """In a transaction set that is taken apart; a level that was the parent of what is left stays its parent."""
    sets = transaction_set(subscriber(2, claim("A", line())), subscriber(3, claim("B", line())))
    text = interchange(group(sets)).replace("HL*3*1", "HL*9*7").replace("HL*1**", "HL*7**").replace("HL*2*1", "HL*8*7")
    found = sides_of(text.encode(), {1: REJECTED})
    levels = [[s for s in side.decode().split("~") if s.startswith("HL")] for side in found.values()]
    assert levels == [["HL*1**20*1", "HL*2*1*22*0"]] * 2
    assert sides_of(text.encode(), {})[ACCEPTED] == text.encode()


def claims_in(data: bytes) -> list[bytes]:
    return [piece.data for piece in Reader(iter([data])) if isinstance(piece, Slice) and piece.data and piece.claim]


@settings(max_examples=150)
@given(
    st.integers(0, 2000),
    st.sampled_from([0, 0, 1, 1, 2, 7, 60]),
    st.sampled_from([b"", b"~", b"*", b"\n", b" ", b"1", b"HL*3*1*22*0~", b"CLM*X*1***11:B:1~", b"SE*1*1~"]),
    st.integers(0, 2**8 - 1),
)
def test_a_torn_file_is_refused_or_split_whole(at: int, length: int, put: bytes, rejected: int) -> None:
    data = batch().encode()
    data = data[:at] + put + data[at + length :]
    verdicts = {number: REJECTED for number in range(1, 9) if rejected >> number & 1}
    try:
        found = sides_of(data, verdicts)
    except RefusedError:
        return
    claims = list(enumerate(claims_in(data), 1))
    assert claims_in(found[REJECTED]) == [claim for number, claim in claims if number in verdicts]
    assert claims_in(found[ACCEPTED]) == [claim for number, claim in claims if number not in verdicts]


# ---------------------------------------------------------------- by the guide


def test_both_sides_of_the_samples_are_right_by_the_guide() -> None:
    """Every other claim is rejected. The sides are put together so that the map is read once."""
    paths = [path for path in sorted(ROOT.glob("samples/*/*.837")) if path.stem != "truncated-837p"]
    sides = [sides_of(path.read_bytes(), {2: REJECTED, 4: REJECTED}) for path in paths]
    for side in (ACCEPTED, REJECTED):
        text = b"".join(found[side] for found in sides)
        assert [said for said in errors(text) if "not unique within file" not in said] == []


def test_both_sides_of_generated_files_are_right_by_the_guide() -> None:
    """Those of 40 files, put together so that the map is read once."""
    outputs = b""
    numbers = iter(range(1, 1000))

    @settings(max_examples=40, database=None)
    @given(files().filter(claims_of), st.data())
    def collect(file: Node, data: st.DataObject) -> None:
        nonlocal outputs
        interchanges = (replace(one, name=str(next(numbers))) for one in file.children)
        file = with_claims(replace(file, children=tuple(interchanges)))
        verdicts = {i: data.draw(st.sampled_from([ACCEPTED, REJECTED])) for i in range(1, len(claims_of(file)) + 1)}
        found = sides_of(written(file), verdicts)
        outputs += found[data.draw(st.sampled_from([ACCEPTED, REJECTED]))]

    collect()
    assert errors(outputs) == []
    assert len(outputs) > 50_000


def test_the_judge_finds_what_is_wrong() -> None:
    data = (ROOT / "samples/clean/office-837p.837").read_bytes().replace(b"SE*94", b"SE*93")
    assert errors(data) == ["SE count of 93 for SE02=0001 is wrong. I count 94"]


def with_claims(node: Node) -> Node:
    """The node without the parts that hold no claim, which the guide does not know."""
    kept = (with_claims(child) for child in node.children if claims_of(child))
    return replace(node, children=tuple(kept))


# ---------------------------------------------------------------- verification


FILE = written(
    Node(
        "file",
        "",
        (
            Node(
                "interchange",
                "1",
                (
                    Node("service", "000000009"),
                    Node("group", "6", (Node("foreign", "0003"),)),
                    Node(
                        "group",
                        "2",
                        (
                            Node(
                                "set",
                                "0004",
                                (
                                    Node(
                                        "provider",
                                        "5",
                                        (
                                            Node("subscriber", "ONE", (Node("claim", "A"), Node("claim", "B"))),
                                            Node(
                                                "subscriber",
                                                "TWO",
                                                (
                                                    Node("claim", "C"),
                                                    Node("dependent", "THREE", (Node("claim", "D"),)),
                                                ),
                                            ),
                                        ),
                                    ),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )
)
VERDICTS = {2: REJECTED, 4: REJECTED}


@pytest.fixture(scope="module")
def verified() -> Iterator[Callable[[Mapping[int, bytes]], bool]]:
    """True if verification accepts these as the sides of FILE."""
    with file_of(FILE) as path, opened(path) as source:
        plan = planned(source, VERDICTS)

        def are_right(found: Mapping[int, bytes]) -> bool:
            with tempfile.TemporaryFile() as accepted, tempfile.TemporaryFile() as rejected:
                outputs = {side: file for side, file in ((ACCEPTED, accepted), (REJECTED, rejected)) if side in found}
                for side, output in outputs.items():
                    output.write(found[side])
                    output.flush()
                try:
                    verify(source, plan, outputs)
                except VerificationError:
                    return False
                return True

        yield are_right


Verified = Callable[[Mapping[int, bytes]], bool]


@pytest.mark.parametrize("side", [ACCEPTED, REJECTED])
def test_verification_finds_a_byte_that_is_not_right(side: int, verified: Verified) -> None:
    """Every third one is changed, every seventh is lost."""
    found = sides_of(FILE, VERDICTS)
    assert verified(found)
    right = found[side]
    for at in range(side, len(right), 3):
        wrong = right[:at] + bytes([right[at] ^ 1]) + right[at + 1 :]
        assert not verified(found | {side: wrong}), right[max(0, at - 20) : at + 20]
    for at in range(0, len(right), 7):
        assert not verified(found | {side: right[:at] + right[at + 1 :]}), right[max(0, at - 20) : at + 20]


def test_verification_finds_a_claim_on_the_other_side_or_twice_or_nowhere(verified: Verified) -> None:
    found = sides_of(FILE, VERDICTS)
    for other in ({}, {1: REJECTED, 4: REJECTED}, {2: REJECTED}, {1: REJECTED, 2: REJECTED, 4: REJECTED}):
        wrong = {side: data for side, data in sides_of(FILE, other).items() if data}
        assert not verified(wrong)
        assert not verified(found | {ACCEPTED: wrong[ACCEPTED]})
    assert not verified({ACCEPTED: found[ACCEPTED]})
    assert not verified({REJECTED: found[REJECTED]})
    assert not verified(found | {ACCEPTED: found[ACCEPTED] * 2})


def test_verification_finds_a_claim_under_another_subscriber(verified: Verified) -> None:
    """Every count is right, and every claim is there."""
    found = sides_of(FILE, VERDICTS)
    a, c = (b"".join(f"{s}~".encode() for s in claim(name, line(day=day_of(name)))) for name in ("A", "C"))
    swapped = found[ACCEPTED].replace(a, b"?").replace(c, a).replace(b"?", c)
    assert sorted(swapped) == sorted(found[ACCEPTED])
    assert not verified(found | {ACCEPTED: swapped})


# ---------------------------------------------------------------- what is refused


GOOD = interchange(group(transaction_set(subscriber(2, claim("A", line()), claim("B", line("HC:C9170:JZ"))))))
OTHER_LEVEL = GOOD.replace("CLM*B", "HL*3*2*EV*0~NM1*QC*1~HL*4*1*22*0~SBR*P*18*******MB~CLM*B").replace(
    "SE*26", "SE*30"
)
REFUSED = [
    (b"", "ENV001 at 1:1: The file is empty. Nothing was checked."),
    (GOOD[:700].encode(), "ENV002 at 1:701: The functional group is cut off: the file ends inside a segment"),
    (GOOD.replace("SE*26", "SE*25").encode(), "ENV003 at 1:684: SE01 is 25, but 26 segments were counted"),
    (GOOD.replace("GE*1*1", "GE*1*2").encode(), "ENV004 at 1:695: GE02 is 2, but GS06 is 1"),
    (
        GOOD.replace("005010X222A1", "004010X098A1").encode(),
        "ENV005 at 1:160: ST03 names the guide version 004010X098A1, which is not supported",
    ),
    (GOOD.replace("~GS", "~XX*1~GS").encode(), "ENV008 at 1:107: Data found outside any transaction set."),
    (
        GOOD.replace("HL*2*1*22", "HL*2*5*22").encode(),
        "ENV010 at 1:332: The HL segment names a parent that does not exist: HL02 is 5",
    ),
    (
        GOOD.replace("HL*2*1*22", "hl*2*1*22").encode(),
        "ENV010 at 1:422: This claim has no subscriber, so its payer is not known.",
    ),
    (
        GOOD.replace("1200*^*00501*000000001*0*P*:", "1200*^*00501*000000001*0*P*>").encode(),
        'ENV013 at 1:469: ISA16 declares ">" as the component separator, but SV101 uses ":".',
    ),
    ("\n".join(GOOD[i : i + 80] for i in range(0, len(GOOD), 80)).encode(), "line 1: the file is hard-wrapped"),
    (GOOD.replace("CLM*B*16000", "CLM*B*\n16000").encode(), "line 1: the file is hard-wrapped"),
    (GOOD.replace("SE*26*", "SE*26\n*").encode(), "line 1: the file is hard-wrapped"),
    (
        GOOD.replace("CLM*B", "HL*3**20*1~NM1*85*2~HL*4*1*22*0~SBR*P*18*******MB~CLM*B")
        .replace("SE*26", "SE*30")
        .encode(),
        "line 1: HL02 does not name the level above",
    ),
    (GOOD.replace("HL*2*1*22", "HL**1*22").encode(), "line 1: an HL segment has no number (HL01)"),
    (OTHER_LEVEL.encode(), "line 1: HL03 is not 20, 22 or 23"),
    (interchange(group(transaction_set())).encode(), "no 837P or 837I claim was found"),
]


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `lint837 split`."""
    result = CliRunner().invoke(cli, ["split", "--isolated", *arguments])
    return result.exit_code, result.stdout, result.stderr


def places(folder: Path) -> list[str]:
    return ["--accepted", str(folder / "accepted.837"), "--rejected", str(folder / "rejected.837")]


@pytest.mark.parametrize(("data", "why"), REFUSED, ids=[str(number) for number in range(len(REFUSED))])
def test_a_file_that_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    source, out = tmp_path / "in.837", tmp_path / "out"
    out.mkdir()
    source.write_bytes(data)
    status, said, error = run(str(source), *places(out), "--report", f"277ca={out / 'ack.277'}")
    assert (status, said) == (3, "")
    assert error.startswith(f"lint837: not split, nothing was written: {why}")
    assert list(out.iterdir()) == []


UNREAD = [
    (GOOD.replace("LX*1~SV1*HC:C", "lx*1~SV1*HC:C"), "ENV007"),
    (GOOD.replace("LX*1~SV1*HC:C", "LX*1~XV1*HC:C"), "ENV014"),
    (GOOD.replace("LX*1~SV1*HC:C", "LX*1SV1*HC:C").replace("SE*26", "SE*25"), "ENV014"),
]


@pytest.mark.parametrize(("text", "code"), UNREAD)
def test_a_claim_that_cannot_be_read_is_rejected(tmp_path: Path, text: str, code: str) -> None:
    """It alone, and its 277CA says so."""
    source, ack = tmp_path / "in.837", tmp_path / "ack.277"
    source.write_text(text)
    status, said, _ = run(str(source), *places(tmp_path), "--report", f"277ca={ack}")
    assert (status, said.splitlines()[0]) == (1, f"{source}: 2 claims, 1 accepted, 1 rejected")
    assert f"{code} rejected 1 claim" in said
    sides = [(tmp_path / f"{side}.837").read_text() for side in ("accepted", "rejected")]
    assert [(side.count("CLM*A"), side.count("CLM*B")) for side in sides] == [(1, 0), (0, 1)]
    statuses = [segment.split("*")[1] for segment in ack.read_text().split("~") if segment.startswith("STC")]
    assert statuses[-2:] == ["A1:20", "A3:684"]


@pytest.mark.parametrize(("ignored", "code"), [("MOD001", "NDC009"), ("NDC009", "ENV014")])
def test_a_drug_before_the_lines_is_rejected_as_check_says(tmp_path: Path, ignored: str, code: str) -> None:
    """Where no claim rule speaks of it, the line that it belongs to could not be checked."""
    source = tmp_path / "in.837"
    source.write_text(GOOD.replace("LX*1~SV1*HC:C", "LIN**N4*55513007701~LX*1~SV1*HC:C").replace("SE*26", "SE*27"))
    status, said, _ = run(str(source), *places(tmp_path), "--ignore", f"HCP,{ignored}")
    assert (status, said.splitlines()[0]) == (1, f"{source}: 2 claims, 1 accepted, 1 rejected")
    assert f"{code} rejected 1 claim" in said


def test_a_claim_is_rejected_where_a_rule_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim that a rule could not judge is not accepted."""
    package = tmp_path / "failing_rules.py"
    package.write_text(FAILING_RULE)
    (tmp_path / "failing-1.dist-info").mkdir()
    (tmp_path / "failing-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: failing\nVersion: 1\n")
    (tmp_path / "failing-1.dist-info" / "entry_points.txt").write_text("[lint837.rules]\nfailing = failing_rules\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    source, ack = tmp_path / "in.837", tmp_path / "ack.277"
    source.write_text(GOOD)
    result = CliRunner().invoke(cli, ["split", str(source), *places(tmp_path), "--report", f"277ca={ack}"])
    assert result.exit_code == 1
    assert "INT001 rejected 2 claims" in result.stdout
    assert ack.read_text().count("STC*A3:684*") == 2
    assert "JANE" not in result.output
    assert not (tmp_path / "accepted.837").exists()


FAILING_RULE = '''
from lint837 import Bad, Citation, Claim, Good, Severity, rule


@rule(
    "XXX001",
    severity=Severity.INFO,
    cites=[Citation("a", "b")],
    good=[Good("SV1*HC:99213*1*UN*1***1~")],
    bad=[Bad("SV1*HC:99213*1*UN*1***1~", at="CLM01")],
)
def failing(claim: Claim):
    """It fails.

    Always.
    """
    raise ValueError("JANE")
    yield
'''


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    status, said, error = run(str(tmp_path / "none.837"), *places(tmp_path))
    assert (status, said) == (3, "")
    assert error == "lint837: not split, nothing was written: ENV011: no such file or directory\n"
    os.mkfifo(tmp_path / "pipe")
    status, _, error = run(str(tmp_path / "pipe"), *places(tmp_path))
    assert (status, error) == (
        3,
        "lint837: not split, nothing was written: ENV011: it cannot be read more than once; name a file\n",
    )


def test_a_packed_file_is_split_as_what_it_holds(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "x.837").write_bytes(DIRTY)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.837", DIRTY)
    (tmp_path / "x.837.gz").write_bytes(gzip.compress(DIRTY, mtime=0))
    expected = run(str(plain / "x.837"), *places(plain))
    for name in ("x.837.gz", "x.zip"):
        folder = tmp_path / f"{name}-sides"
        folder.mkdir()
        status, said, _ = run(str(tmp_path / name), *places(folder))
        assert (status, said.partition(": ")[2]) == (
            expected[0],
            expected[1].partition(": ")[2].replace(str(plain), str(folder)),
        )
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
            path.name: path.read_bytes() for path in plain.iterdir() if path.name != "x.837"
        }


def test_what_comes_out_of_a_packed_file_has_no_name(tmp_path: Path) -> None:
    """So nothing is left of it, however the process ends."""
    packed = tmp_path / "x.837.gz"
    packed.write_bytes(gzip.compress(DIRTY, mtime=0))
    with opened(str(packed), str(tmp_path)) as source:
        status = os.fstat(source._descriptor)
        assert (stat.S_IMODE(status.st_mode), status.st_nlink, list(tmp_path.iterdir())) == (0o600, 0, [packed])
        assert b"".join(source.blocks()) == DIRTY


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.gz", gzip.compress(b"ISA", mtime=0)[:-1], "the archive is damaged or cut off"),
        (
            "x.gz",
            gzip.compress(b"ISA" + bytes(9_000_000), mtime=0),
            "more than 100 bytes come out of each byte of the archive",
        ),
        ("x.zip", b"PK", "the archive is damaged or cut off"),
    ],
)
def test_a_packed_file_that_cannot_be_read(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    status, said, error = run(str(tmp_path / name), *places(tmp_path))
    assert (status, said, error) == (3, "", f"lint837: not split, nothing was written: ENV011: {why}\n")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_archive_of_several_files_is_not_split(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.837", DIRTY)
        archive.writestr("readme.md", "Read me.")
    status, _, error = run(str(tmp_path / "x.zip"), *places(tmp_path))
    why = "ENV011: the archive holds 2 files; unpack it, and name each file by itself"
    assert (status, error) == (3, f"lint837: not split, nothing was written: {why}\n")


def test_a_file_that_changes_while_it_is_read() -> None:
    for change in (GOOD.replace("CLM*A", "CLM*C"), GOOD + GOOD, GOOD[:-20]):
        with file_of(GOOD.encode()) as path, opened(path) as source, tempfile.TemporaryFile() as output:
            plan = planned(source, {})
            Path(path).write_text(change)

            def write_and_verify(source: Source = source, plan: SplitPlan = plan, output: BinaryIO = output) -> None:
                write(source, plan, {ACCEPTED: output})
                verify(source, plan, {ACCEPTED: output})

            with pytest.raises(RefusedError):
                write_and_verify()


@pytest.mark.parametrize(
    "arguments",
    [
        ["-", "--accepted", "a", "--rejected", "r"],
        ["in.837", "--accepted", "a", "--rejected", "a"],
        ["in.837", "--accepted", "in.837", "--rejected", "r"],
        ["in.837", "--accepted", "a", "--rejected", "./in.837"],
        ["in.837", "--accepted", "-", "--rejected", "r"],
        ["in.837", "--accepted", "/dev/null", "--rejected", "r"],
        ["in.837", "--accepted", "/dev/stdout", "--rejected", "r"],
        ["in.837", "--accepted", "a", "--rejected", "."],
        ["in.837", "--accepted", "a", "--rejected", "r", "--report", "277ca=a"],
        ["in.837", "--accepted", "a", "--rejected", "r", "--report", "277ca=-"],
        ["in.837", "--accepted", "a", "--rejected", "r", "--report", "xlsx=x"],
        ["in.837", "--accepted", "a", "--rejected", "r", "--report", "277ca=x", "--report", "277ca=y"],
        ["in.837", "--accepted", "a", "--rejected", "r", "--reject-on", "never"],
        ["in.837", "--accepted", "a", "--rejected", "r", "--ack-date", "tomorrow"],
        ["in.837", "--accepted", "a", "--rejected", "r", "--select", "HCP999"],
        ["in.837", "--accepted", "a"],
    ],
)
def test_wrong_use_reads_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.837").write_text(GOOD)
    status, said, error = run(*arguments)
    assert (status, said, error != "") == (2, "", True)
    assert [path.name for path in tmp_path.iterdir()] == ["in.837"]


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    "table",
    [
        '[per-file-ignores]\n"from-a/*" = ["HCP"]',
        '[[suppressions]]\nrule = "HCP001"\nmatch = {path = "from-a/*"}\nreason = "r"\nlast-day = 2025-12-31',
    ],
    ids=["ignored", "suppressed"],
)
def test_a_configuration_for_files_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """It applies to split as to check: what check does not report rejects no claim, and is in no 277CA."""
    monkeypatch.chdir(tmp_path)
    Path("lint837.toml").write_text(table)
    text = interchange(group(transaction_set(subscriber(2, claim("A", line("HC:C9170:JZ"))))))
    for folder, status in (("from-a", 0), ("from-b", 1)):
        Path(folder).mkdir()
        Path(folder, "in.837").write_text(text)
        out = Path("out", folder)
        out.mkdir(parents=True)
        arguments = [f"{folder}/in.837", "--report", f"277ca={out / 'ack.277'}"]
        assert CliRunner().invoke(cli, ["check", *arguments]).exit_code == status
        answer = (out / "ack.277").read_bytes()
        assert (b"STC*A1:20*" in answer, b"STC*A3:247*" in answer) == (status == 0, status == 1)
        assert CliRunner().invoke(cli, ["split", *arguments, *places(out)]).exit_code == status
        assert (out / "ack.277").read_bytes() == answer
        side = "rejected.837" if status else "accepted.837"
        assert sorted(path.name for path in out.iterdir()) == sorted(["ack.277", side])
        assert (out / side).read_text() == text


def test_both_sides_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    source = tmp_path / "in.837"
    source.write_text(GOOD)
    old = os.umask(0)
    try:
        status, said, error = run(str(source), *places(tmp_path))
    finally:
        os.umask(old)
    accepted, rejected = tmp_path / "accepted.837", tmp_path / "rejected.837"
    assert (status, error) == (1, "")
    assert said == (
        f"{source}: 2 claims, 1 accepted, 1 rejected\n  accepted  {accepted}: 1 claim\n  rejected  {rejected}: 1 claim\n"
        "  HCP001 rejected 1 claim\n"
    )
    assert [stat.S_IMODE(path.stat().st_mode) for path in (accepted, rejected)] == [0o600, 0o600]
    assert {ACCEPTED: accepted.read_bytes(), REJECTED: rejected.read_bytes()} == sides_of(GOOD.encode(), {2: REJECTED})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["accepted.837", "in.837", "rejected.837"]


def test_a_side_without_claims_is_not_written_and_an_old_file_stays(tmp_path: Path) -> None:
    source, accepted, rejected = tmp_path / "in.837", tmp_path / "accepted.837", tmp_path / "rejected.837"
    source.write_text(GOOD)
    rejected.write_text("old")
    status, said, _ = run(str(source), *places(tmp_path), "--ignore", "HCP")
    assert (status, accepted.read_text(), rejected.read_text()) == (0, GOOD, "old")
    assert said.splitlines()[2] == f"  rejected  {rejected}: no claims, so not written; any old file was kept"
    accepted.write_text("old")
    assert run(str(source), *places(tmp_path), "--select", "HCP", "--reject-on", "info", "--quiet")[:2] == (1, "")
    one = tmp_path / "one.837"
    one.write_bytes(rejected.read_bytes())
    accepted.write_text("old")
    assert run(str(one), *places(tmp_path), "-q") == (1, "", "")
    assert (accepted.read_text(), rejected.read_bytes()) == ("old", one.read_bytes())


def test_the_severity_that_rejects(tmp_path: Path) -> None:
    """MOD003, a warning to other payers than Medicare, rejects where it is asked to."""
    source = tmp_path / "in.837"
    text = interchange(group(transaction_set(subscriber(2, claim("A", line("HC:J9026:JW"))))))
    source.write_text(text.replace("SBR*P*18*******MB", "SBR*P*18*******CI"))
    assert run(str(source), *places(tmp_path), "-q")[0] == 0
    status, said, _ = run(str(source), *places(tmp_path), "--reject-on", "warning")
    assert (status, said.splitlines()[3:]) == (1, ["  MOD003 rejected 1 claim"])


def test_reports_of_the_same_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any format, each as that of `check`; none where nothing is split."""
    monkeypatch.chdir(tmp_path)
    Path("in.837").write_text(GOOD)
    forms = ("json", "csv", "html", "junit")
    reports = [word for form in forms for word in ("--report", f"{form}=r.{form}")]
    status, said, error = run("in.837", "--accepted", "a", "--rejected", "r", *reports)
    assert (status, error) == (1, "")
    assert "  json      r.json\n" in said
    for form in forms:
        checked = CliRunner().invoke(cli, ["check", "--isolated", "in.837", "--format", form])
        assert Path(f"r.{form}").read_bytes() == checked.stdout_bytes
        Path(f"r.{form}").unlink()
    Path("cut.837").write_text(GOOD[:-60])
    assert run("cut.837", "--accepted", "a", "--rejected", "r", *reports)[0] == 3
    assert not Path("r.json").exists()
    assert run("in.837", "--accepted", "a", "--rejected", "r", "--report", "json=a")[0] == 2
    status, said, error = run("in.837", "--accepted", "a", "--rejected", "r", "--report", "json=no/x")
    assert (status, error) == (4, "lint837: the json report could not be written to no/x: No such file or directory\n")
    assert "  rejected  r: 1 claim\n" in said


REPORTED = ["in.837", "--accepted", "a", "--rejected", "r", "--report", "json=r.json", "--report", "277ca=r.277"]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_changes_before_its_report_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, replaced: bool
) -> None:
    """The report reads what was opened again, and only if it is as it was: nothing is written else."""
    monkeypatch.chdir(tmp_path)
    Path("in.837").write_text(GOOD)
    other = GOOD.replace("J9026", "J9206")
    assert len(other) == len(GOOD)

    def changing(source: Source, plan: SplitPlan, files: Mapping[int, BinaryIO]) -> None:
        verify(source, plan, files)
        if replaced:
            Path("new").write_text(other)
            Path("new").replace("in.837")
        else:
            Path("in.837").write_text(other)

    monkeypatch.setattr("lint837.split.write.verify", changing)
    status, said, error = run(*REPORTED)
    assert (status, said) == (3, "")
    assert error == "lint837: not split, nothing was written: ENV011: the file changed while it was read\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.837"]


@pytest.mark.parametrize(
    "options", [(), ("--claims",), ("--guide", "all"), ("--claims", "--guide", "all", "--jobs", "2")]
)
def test_the_report_rejects_what_the_split_rejects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """Two readings judge the same bytes by the same rules; only what claims share is told once."""
    monkeypatch.chdir(tmp_path)
    for source in sorted(ROOT.glob("samples/*/*.837")):
        Path("in.837").write_bytes(source.read_bytes())
        status, said, _ = run(*REPORTED, *options)
        if status == 3:
            continue
        report = json.loads(Path("r.json").read_text())
        wrong = {
            one["location"]["claim_ordinal"]
            for one in report["findings"]
            if one["severity"] == "error" and one["location"]["claim_ordinal"]
        }
        rejected = int(said.splitlines()[0].rpartition(", ")[2].split()[0].replace(",", ""))
        shared = any("more claim" in one.get("note", "") for one in report["findings"]) or "--guide" in options
        assert len(wrong) == rejected or (shared and len(wrong) <= rejected), source.name
        Path("r.json").unlink()


def test_an_old_file_is_replaced_through_a_link_too(tmp_path: Path) -> None:
    source, link, real = tmp_path / "in.837", tmp_path / "accepted.837", tmp_path / "elsewhere" / "real.837"
    source.write_text(GOOD)
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to(real)
    assert run(str(source), *places(tmp_path), "-q")[0] == 1
    assert link.is_symlink()
    assert real.read_bytes() == sides_of(GOOD.encode(), {2: REJECTED})[ACCEPTED]


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    source = tmp_path / "in.837"
    source.write_text(GOOD)
    arguments = ["--accepted", str(tmp_path / "a.837"), "--rejected", str(tmp_path / "none" / "r.837")]
    status, said, error = run(str(source), *arguments)
    assert (status, said) == (4, "")
    place = tmp_path / "none" / "r.837"
    assert error == f"lint837: not split: {place} could not be written: No such file or directory\n"
    assert [path.name for path in tmp_path.iterdir()] == ["in.837"]


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Here no file may have more than 600 bytes: nothing is published, also not the side that would fit."""
    source = tmp_path / "in.837"
    source.write_text(interchange(group(transaction_set(subscriber(2, *[claim(f"C{n}", line()) for n in range(9)])))))
    (tmp_path / "accepted.837").write_text("old")
    done = subprocess.run(
        [sys.executable, "-m", "lint837", "split", str(source), *places(tmp_path), "--isolated"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "lint837: not split: a file could not be written: File too large\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["accepted.837", "in.837"]
    assert (tmp_path / "accepted.837").read_text() == "old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_summary_that_cannot_be_written_does_not_change_the_status(tmp_path: Path) -> None:
    source = tmp_path / "in.837"
    source.write_text(GOOD)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lint837", "split", str(source), *places(tmp_path), "--isolated"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["accepted.837", "in.837", "rejected.837"]


@pytest.mark.parametrize("name", ["accepted.837", "rejected.837"])
def test_a_disk_that_loses_a_byte(tmp_path: Path, name: str) -> None:
    """What was written changes before it is read again: then nothing is published."""
    source = tmp_path / "in.837"
    source.write_text(GOOD)

    def trace(frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code.co_name == "verify":
            [making] = tmp_path.glob(f".{name}.*")
            data = making.read_bytes()
            making.write_bytes(data.replace(b"DOE*JANE", b"DOE*JAN"))

    sys.settrace(trace)
    try:
        status, said, error = run(str(source), *places(tmp_path))
    finally:
        sys.settrace(None)
    assert (status, said) == (4, "")
    assert error == (
        "lint837: not split, nothing was written: what was written differs from the input at byte 332 (a defect of "
        "lint837 or of the disk)\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["in.837"]


@pytest.mark.parametrize("verdicts", [[1, 0], [1, 0, 0, 1]])
def test_a_set_with_more_or_fewer_claims_than_were_judged(verdicts: list[int]) -> None:
    """The file was changed between two readings."""
    text = interchange(group(transaction_set(subscriber(2, *[claim(f"C{n}", line()) for n in range(3)]))))
    with file_of(text.encode()) as path, opened(path) as source:
        sets = Sets(source)
        [*pieces] = (piece for piece, _ in slices(source.blocks()) if isinstance(piece, Slice))
        for piece in pieces:
            sets.note(piece.kind, piece.start, piece.end)
        [start] = (piece.start for piece in pieces if piece.kind == "st")
        [end] = (piece.end for piece in pieces if piece.kind == "se")
        with pytest.raises(RefusedError, match=r"^ENV011: the file changed while it was read$"):
            Divided(sets.pieces(start, end), verdicts)


# ---------------------------------------------------------------- kill -9


WRITES = {"files/outputs.py": None, "split/write.py": ("split_file", "put", "flush")}


def test_kill_9_at_every_step_leaves_no_half_file(tmp_path: Path) -> None:
    """Each file is the old one or the new one, whole; where the new accepted file is, the others are new too. Anything
    else left is a hidden file with a telling name.
    """
    source = tmp_path / "in.837"
    source.write_text(GOOD)
    names = ["rejected.837", "ack.277", "accepted.837"]
    rulebook = load_rulebook(isolated=True)
    answer = str(tmp_path / "ack.277"), AckOptions(None, Severity.ERROR, load_statuses(rulebook))
    sides = {ACCEPTED: str(tmp_path / "accepted.837"), REJECTED: str(tmp_path / "rejected.837")}

    def begin() -> None:
        for path in tmp_path.iterdir():
            if path != source:
                path.unlink()
        for name in names:
            (tmp_path / name).write_bytes(b"old")

    def work() -> None:
        split_file(str(source), sides, rulebook, Severity.ERROR, answer)

    *left, done = left_at_each_step(tmp_path, work, WRITES, begin)
    seen = set()
    for held in (*left, done):
        seen.add(tuple("new" if held[name] == done[name] else held[name][0] for name in names))
        for name in held.keys() - {"in.837", *names}:
            assert name.startswith(tuple(f".{one}.lint837-" for one in names))
            assert held[name][1] == 0o600
    old = b"old"
    assert seen == {(old, old, old), ("new", old, old), ("new", "new", old), ("new", "new", "new")}
    assert done.keys() == {"in.837", *names}
    assert len(left) > 100
