"""Every byte of an archive is accounted for: read, or an error says that it is not. What an archive may cost."""

import gzip
import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Rulebook
from lint837.files import zip_archive
from lint837.files.inputs import Blocks, Input, PassedOver, inputs
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.parallel import RunOptions, lint_all

from fuzz.archives import CLAIMS, HELD, changed, seeds, target, widened, written
from tests.invariants import check_archive
from tests.x12.reading import WAYS

ONE, TWO = CLAIMS
DAMAGED = "the archive is damaged or cut off"
DIFFERS = "the archive describes this file in two ways: in its list, and where the file begins"
OVERLAP = "files in the archive overlap, so that its bytes would be read more than once"
SEEDS = seeds()
LOCAL, LISTED, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    return written(io.BytesIO(), list(members), method, comment=comment)


def unused(count: int, first: int) -> str:
    return (
        f"the archive's list of files does not account for {count:,} of its bytes, the first of them byte {first:,}; "
        "another program may find claims there"
    )


def edited(data: bytes, mark: bytes, at: int, number: int, width: int = 2, which: int = 0) -> bytes:
    """An archive with another number at a place in one of its records, the one before all with this mark if `which` is
    0.
    """
    start = 0
    for _ in range(which + 1):
        start = data.index(mark, start) + 1
    start += at - 1
    return data[:start] + number.to_bytes(width, "little") + data[start + width :]


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., list[tuple[str, bytes, str | None]]]:
    """What is read of an archive: the name of each member, its bytes, and what is said."""

    def read(data: bytes, ratio: int = 100, name: str = "x.zip") -> list[tuple[str, bytes, str | None]]:
        path = tmp_path / name
        path.write_bytes(data)
        told: list[tuple[str, bytes, str | None]] = []
        for item in inputs([str(path)], ratio):
            short = item.path.removeprefix(str(path)).removeprefix("/")
            if isinstance(item, PassedOver):
                told.append((short, b"", "passed over"))
            else:
                blocks = Blocks(item, ratio=ratio)
                told.append((short, b"".join(blocks), blocks.error))
        return told

    return read


Found = Callable[..., list[tuple[str, bytes, str | None]]]


# ---------------------------------------------------------------- whatever the bytes are


def test_each_archive_that_is_whole_is_read_whole(found: Found) -> None:
    for data in SEEDS:
        assert {error for _, _, error in found(data)} <= {None, "passed over"}
        target(data, WAYS[0])


def test_changed_archives() -> None:
    for number in range(3000):
        target(changed(SEEDS[number % len(SEEDS)], number, 1 << 16), WAYS[0])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_each_byte_changed_and_each_cut(tmp_path: Path, method: int) -> None:
    data = archive(("a", TWO), ("notes.md", b"None."), method=method)
    for at in range(len(data)):
        for other in (data[:at], data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]):
            check_archive(other, tmp_path / "x.zip", {TWO: HELD[TWO]})


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_all_claims_are_judged_or_the_status_is_3(
    data: st.DataObject, rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same, by the findings: a line that is wrong in every member."""
    wrong = [text.replace(b"*10***1", b"*1***1").replace(b"UN*10~", b"UN*1~") for text in CLAIMS]
    whole = archive(("a.837", wrong[0]), ("b", wrong[1]), method=data.draw(st.sampled_from([0, 8])))
    archived = changed(whole, data.draw(st.integers(0, 1 << 32)), 1 << 16)
    path = tmp_path_factory.mktemp("x") / "x.zip"

    def rules(content: bytes) -> tuple[list[str], bool]:
        path.write_bytes(content)
        items = [item for item in inputs([str(path)]) if isinstance(item, Input)]
        events = list(lint_all(items, RunOptions(rulebook)))
        said = [event.rule for event in events if isinstance(event, Finding)]
        return said, any(isinstance(event, InputSummary) and not event.complete for event in events)

    expected, incomplete = rules(whole)
    assert (len(expected) >= 7, incomplete) == (True, False)
    said, incomplete = rules(archived)
    assert ("ENV011" in said and incomplete) or not Counter(expected) - Counter(said)


# ---------------------------------------------------------------- what is in no member


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (archive(("a", ONE)) + archive(("b", TWO)), [("", unused(len(archive(("a", ONE))), 0)), ("b", None)]),
        (ONE + archive(("b", TWO)), [("", unused(len(ONE), 0)), ("b", None)]),
        (archive(("b", TWO)) + ONE, [("", unused(len(ONE), len(archive(("b", TWO))))), ("b", None)]),
        (archive(("b", TWO)) + b"\0", [("", unused(1, len(archive(("b", TWO))))), ("b", None)]),
        (b"MZ" + widened(archive(("b", TWO))), [("", unused(2, 0)), ("b", None)]),
        (archive(("b", TWO), comment=ONE[:2000]), [("", "comments or extra fields of the archive hold claims, which are in no file"), ("b", None)]),
        (archive(("b", TWO), comment=b"From the clinic."), [("b", None)]),
        (archive(), [("", "the archive is empty")]),
        (widened(archive()), [("", "the archive is empty")]),
        (b"PK00" + archive(("b", TWO)), [("b", None)]),
    ],
    ids=["two", "before", "behind", "a-byte", "program", "claims-in-comment", "comment", "empty", "empty-64", "spanned"],
)  # fmt: skip
def test_what_is_around_the_members(found: Found, data: bytes, said: list[tuple[str, str | None]]) -> None:
    """`PK00` is what an archive of one part may begin with; the places in its list are those of the file without it."""
    told = found(data)
    assert [(name, error) for name, _, error in told] == said
    assert [text for name, text, _ in told if name == "b"] == [TWO] * ("b" in dict(said))


def test_a_member_that_is_not_in_the_list(found: Found) -> None:
    data = archive(("a", ONE), ("b", TWO))
    first, second, end = data.index(LISTED), data.rindex(LISTED), data.index(END)
    short = data[:second] + struct.pack("<4s4H2IH", END, 0, 0, 1, 1, second - first, first, 0)
    at = data.rindex(LOCAL)
    assert found(short) == [("", b"", unused(first - at, at)), ("a", ONE, None)]
    assert found(data[:end] + b"\0" + data[end:]) == [("", b"", DAMAGED)]


def test_a_name_that_ends_like_that_of_a_folder(found: Found) -> None:
    assert found(archive(("x/", ONE), ("y/", b""), ("z/", b"Notes."))) == [
        ("x/", ONE, None),
        ("z/", b"", "passed over"),
    ]


def test_members_that_overlap(found: Found) -> None:
    """20,000 entries of the list that name the same bytes, or bytes within those of another one."""
    data = archive(("a", ONE))
    first, end = data.index(LISTED), data.index(END)
    count = 20_000
    many = data[:first] + data[first:end] * count
    many += struct.pack("<4s4H2IH", END, 0, 0, count, count, (end - first) * count, first, 0)
    assert found(many) == [("", b"", OVERLAP)]
    name = b"n" * 60_000  # read for each of them, it would take long
    header = edited(data[:first], LOCAL, 26, len(name)).replace(b"\0\0a", b"\0\0" + name, 1)
    many = header + data[first:end] * count
    many += struct.pack("<4s4H2IH", END, 0, 0, count, count, (end - first) * count, len(header), 0)
    assert found(many) == [("", b"", OVERLAP)]
    inner = archive(("b", TWO), method=zipfile.ZIP_STORED)
    outer = archive(("a.837", inner), method=zipfile.ZIP_STORED)
    at, begin = outer.index(LOCAL, 4), outer.index(LISTED, len(inner))
    entry = edited(inner, LISTED, 42, at, width=4)
    entry = entry[entry.index(LISTED) : entry.index(END)]
    both = outer[: outer.rindex(END)] + entry
    both += struct.pack("<4s4H2IH", END, 0, 0, 2, 2, len(both) - begin, begin, 0)
    assert found(both) == [("", b"", OVERLAP)]


# ---------------------------------------------------------------- what is wrong with a member

PLAIN = archive(("a.837", TWO), method=zipfile.ZIP_STORED)
PACKED = archive(("a.837", TWO))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (edited(PACKED, LOCAL, 30, ord("b"), 1), DIFFERS),
        (edited(PACKED, LOCAL, 8, 0), DIFFERS),
        (edited(PACKED, LOCAL, 22, 1, 4), DIFFERS),
        (edited(PACKED, LOCAL, 18, 1, 4), DIFFERS),
        (edited(PACKED, LOCAL, 14, 1, 4), DIFFERS),
        (edited(PACKED, LOCAL, 6, 1), DIFFERS),
        (edited(PACKED, LISTED, 34, 1), "it is a part of a split archive; join the parts first"),
        (edited(edited(PACKED, LOCAL, 6, 1), LISTED, 8, 1), "it is encrypted; unpack it first"),
        (edited(edited(PACKED, LOCAL, 8, 14), LISTED, 10, 14), "it is packed by a method that lint837 cannot read (LZMA); unpack it first"),
        (edited(edited(PACKED, LOCAL, 8, 77), LISTED, 10, 77), "it is packed by a method that lint837 cannot read (number 77); unpack it first"),
        (edited(edited(PLAIN, LOCAL, 14, 1, 4), LISTED, 16, 1, 4), DAMAGED),
        (edited(edited(PACKED, LOCAL, 22, 600, 4), LISTED, 24, 600, 4), DAMAGED),
        (edited(edited(PACKED, LOCAL, 22, 60_000, 4), LISTED, 24, 60_000, 4), DAMAGED),
    ],
)  # fmt: skip
def test_a_member_that_cannot_be_read(found: Found, data: bytes, said: str) -> None:
    assert [(name, error) for name, _, error in found(data)] == [("a.837", said)]


@pytest.mark.parametrize("more", [b"junk", zlib.compress(ONE, wbits=-15)])
def test_bytes_after_the_end_of_what_is_packed(found: Found, more: bytes) -> None:
    """They are within the member, and zipfile does not look at them."""
    packed = zlib.compress(TWO, wbits=-15) + more
    header = (8, 0, 0, zlib.crc32(TWO), len(packed), len(TWO), 5, 0)
    data = struct.pack("<4s5H3I2H", LOCAL, 20, 0, *header) + b"a.837" + packed
    listed = struct.pack("<4s6H3I5H2I", LISTED, 20, 20, 0, *header, 0, 0, 0, 0, 0) + b"a.837"
    data += listed + struct.pack("<4s4H2IH", END, 0, 0, 1, 1, len(listed), len(data), 0)
    with zipfile.ZipFile(io.BytesIO(data)) as lenient:
        assert lenient.read("a.837") == TWO
    assert [(name, error) for name, _, error in found(data)] == [("a.837", DAMAGED)]


def test_a_member_that_is_passed_over_is_intact(found: Found) -> None:
    """What it holds is known only if its check sum is right, also that of one that is longer than what is looked at."""
    text = TWO * 20
    data = archive(("a", text), ("readme.md", b"Read me."), method=zipfile.ZIP_STORED)
    assert found(data) == [("a", text, None), ("readme.md", b"", "passed over")]
    at = data.index(b"ISA")
    assert found(data[:at] + b"J" + data[at + 1 :]) == [
        ("a", b"JSA" + text[3:], DAMAGED),
        ("readme.md", b"", "passed over"),
    ]


@pytest.mark.parametrize("name", ["b.zip", "b"])
@pytest.mark.parametrize("inner", [PACKED, archive(), gzip.compress(TWO)], ids=["zip", "empty", "gzip"])
def test_an_archive_in_an_archive(found: Found, inner: bytes, name: str) -> None:
    assert found(archive((name, inner), ("a", TWO))) == [
        (name, b"", "it is an archive within an archive; unpack it first"),
        ("a", TWO, None),
    ]


@pytest.mark.parametrize("cut", ["begin", "end"])
def test_a_part_of_a_split_archive(found: Found, cut: str) -> None:
    data = edited(edited(PACKED, END, 4, 1), END, 6, 1) if cut == "end" else b"PK\x07\x08" + PACKED[:-40]
    assert found(data) == [("", b"", "it is a part of a split archive; join the parts first")]


@pytest.mark.parametrize("name", ["x.zip", "x.dat"])
def test_an_archive_in_a_directory_is_known_by_its_name_its_beginning_or_its_end(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"QK" + PACKED[2:])
    items = [item for item in inputs([str(tmp_path)]) if isinstance(item, Input)]
    begin = PACKED.index(LISTED)
    assert [(item.path, item.error or (item.member and item.member.error)) for item in items] == [
        (f"{tmp_path}/{name}", unused(begin, 0)),
        (f"{tmp_path}/{name}/a.837", DAMAGED),
    ]


# ---------------------------------------------------------------- ZIP64 and what it costs


@pytest.mark.parametrize("full", [True, False])
def test_zip64_is_read_whatever_its_size(found: Found, full: bool) -> None:  # noqa: FBT001
    data = written(io.BytesIO(), [("a", ONE), ("b", TWO)], zipfile.ZIP_DEFLATED, wide=True)
    assert found(widened(data, full=full)) == [("a", ONE, None), ("b", TWO, None)]
    at = data.index(END)
    for place in (24, 32, 40, 48):  # counts, size and place of the list
        assert found(edited(widened(data, full=full), b"PK\x06\x06", place, at + 5, 8))[0][2]


def test_the_places_of_zip64_may_be_in_the_extra_field(found: Found) -> None:
    data = archive(("a", ONE), ("b", TWO))
    first, end = data.index(LISTED), data.index(END)
    listed = b""
    for record in (data[first : data.rindex(LISTED)], data[data.rindex(LISTED) : end]):
        packed, size, place = *struct.unpack_from("<2I", record, 20), *struct.unpack_from("<I", record, 42)
        extra = struct.pack("<2H3QI", 1, 28, size, packed, place, 0)
        record = record[:20] + b"\xff" * 8 + record[28:30] + struct.pack("<H", len(extra)) + record[32:34]
        record += b"\xff\xff" + data[first + 36 : first + 42] + b"\xff" * 4
        listed += record + (b"b" if listed else b"a") + extra
    data = data[:first] + listed + struct.pack("<4s4H2IH", END, 0, 0, 2, 2, len(listed), first, 0)
    assert found(widened(data)) == [("a", ONE, None), ("b", TWO, None)]


def test_the_ratio_holds_for_all_members_together(found: Found) -> None:
    """Each alone is small; together more comes out than may."""
    one = b"ISA" + b"0" * 400_000
    told = found(archive(*((f"{number}.837", one) for number in range(5))))
    too_much = "more than 100 bytes come out of each byte of the archive"
    assert [error for _, _, error in told] == [None, None, too_much, too_much, too_much]
    assert [error for _, _, error in found(archive(("a.md", b"0" * 2_000_000)))] == [too_much]
    assert [error for _, _, error in found(archive(("a.md", b"0" * 2_000_000)), ratio=100_000)] == ["passed over"]


def test_each_member_costs_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is read once, however many members there are."""
    path = tmp_path / "x.zip"
    path.write_bytes(archive(*((f"{number}.837", b"ISA") for number in range(50))))
    lists: list[str] = []
    once = zip_archive.members

    def counted(path: str) -> tuple[list[zip_archive.Member], str]:
        lists.append(path)
        return once(path)

    monkeypatch.setattr(zip_archive, "members", counted)
    items = [item for item in inputs([str(path)]) if isinstance(item, Input)]
    monkeypatch.delattr(zip_archive, "_Listing")
    assert [b"".join(Blocks(item)) for item in items] == [b"ISA"] * 50
    assert lists == [str(path)]


def test_an_archive_that_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(archive(("a.837", ONE), ("b.837", TWO)))
    items = [item for item in inputs([str(path)]) if isinstance(item, Input)]
    path.with_suffix(".new").write_bytes(archive(("a.837", TWO), ("b.837", ONE)))
    path.with_suffix(".new").replace(path)
    for item in items:
        assert (b"".join(blocks := Blocks(item)), blocks.error) == (b"", "the file changed while it was read")


# ---------------------------------------------------------------- gzip


@pytest.mark.parametrize("after", [b"x", ONE, b"\x1f", b"\x1f\x8b", b"\0\0x", PACKED])
def test_data_after_a_gzip_file(found: Found, after: bytes) -> None:
    told = found(gzip.compress(TWO) + after, name="x.837.gz")
    assert told[0][2] == (DAMAGED if after != PACKED else unused(len(gzip.compress(TWO)), 0))


def test_each_byte_of_a_gzip_file(found: Found) -> None:
    """Changed or cut, all is read or it is said. Of its header, only the time and the system may be anything."""
    data = gzip.compress(TWO, mtime=0)
    for at in range(len(data)):
        for other in (data[:at], data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]):
            [(_, text, error)] = found(other, name="x.gz")
            assert error or text in (TWO, other), at


@pytest.mark.parametrize("pack", [lambda text: gzip.compress(b"") + gzip.compress(text), None])
def test_a_gzip_file_of_a_directory_is_not_passed_over_unread(
    tmp_path: Path, pack: Callable[[bytes], bytes] | None
) -> None:
    if pack:
        data = pack(TWO)
    else:  # with a name of 5,000 bytes, longer than what is looked at first
        data = gzip.compress(TWO)
        data = data[:3] + b"\x08" + data[4:10] + b"n" * 5000 + b"\0" + data[10:]
    (tmp_path / "x.gz").write_bytes(data)
    (tmp_path / "y.gz").write_bytes(gzip.compress(b"None."))
    (tmp_path / "z.gz").write_bytes(gzip.compress(b"None.")[:-1])
    first, second, third = inputs([str(tmp_path)])
    assert isinstance(first, Input)
    assert (b"".join(blocks := Blocks(first)), blocks.error) == (TWO, None)
    assert second == PassedOver(str(tmp_path / "y.gz"))
    assert third == Input(str(tmp_path / "z.gz"))
