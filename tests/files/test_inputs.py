"""Inputs: archives, files that change under way, what is unreadable; the findings do not depend on how a file is packed."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Rulebook
from lint837.files.archive import BLOCK
from lint837.files.inputs import Blocks, Input, Opened, PassedOver, inputs, read_by_seeking
from lint837.lint.engine import Lint

from tests import batch

SAMPLE = batch.batch().encode()


def read(item: Input, ratio: int = 100) -> tuple[bytes, str | None]:
    blocks = Blocks(item, ratio=ratio)
    return b"".join(blocks), blocks.error


def zipped(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return str(path)


class TestGzip:
    def test_is_read_as_what_it_holds(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.837.gz"
        path.write_bytes(gzip.compress(SAMPLE))
        assert read(Input(str(path))) == (SAMPLE, None)

    def test_several_in_one_file_are_one_after_the_other(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.gz"
        path.write_bytes(gzip.compress(SAMPLE) + gzip.compress(b"~" * 3 * BLOCK))
        assert read(Input(str(path)), ratio=2000) == (SAMPLE + b"~" * 3 * BLOCK, None)

    def test_one_that_is_cut_off_gives_what_there_is(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.837.gz"
        path.write_bytes(gzip.compress(SAMPLE)[:-12])
        data, error = read(Input(str(path)))
        assert (SAMPLE.startswith(data), len(data) > 500, error) == (True, True, "the archive is damaged or cut off")

    def test_one_with_a_wrong_check_sum(self, tmp_path: Path) -> None:
        packed = bytearray(gzip.compress(SAMPLE))
        packed[-8] ^= 1
        path = tmp_path / "claims.837.gz"
        path.write_bytes(bytes(packed))
        assert read(Input(str(path)))[1] == "the archive is damaged or cut off"

    def test_what_would_fill_the_disk_is_left(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.837.gz"
        path.write_bytes(gzip.compress(b"ISA" + b"0" * 50 * 1024 * 1024))
        data, error = read(Input(str(path)))
        assert error == "more than 100 bytes come out of each byte of the archive"
        assert len(data) <= 100 * path.stat().st_size + BLOCK


class TestZip:
    def test_its_members_are_inputs(self, tmp_path: Path) -> None:
        path = zipped(
            tmp_path / "a.zip",
            {"x/b.837": SAMPLE, "a.bin": SAMPLE, "readme.md": b"Read me.", "notes.txt": b"Notes.", "empty/": b""},
        )
        found = list(inputs([path]))
        assert [(one.path, isinstance(one, Input) and one.may_be_other, type(one)) for one in found] == [
            (f"{path}/x/b.837", False, Input),
            (f"{path}/a.bin", False, Input),
            (f"{path}/readme.md", False, PassedOver),
            (f"{path}/notes.txt", True, Input),
        ]
        assert [read(one)[0] for one in found if isinstance(one, Input)] == [SAMPLE, SAMPLE, b"Notes."]

    def test_members_that_begin_as_claims_do(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "a.zip", {"a.txt": SAMPLE.decode().encode("utf-16"), "b.dat": SAMPLE[106:]})
        assert [one.may_be_other for one in inputs([path]) if isinstance(one, Input)] == [False, False]

    def test_two_members_of_one_name_are_both_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.837", b"first")
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr("a.837", b"second")
        assert [read(one) for one in inputs([str(path)]) if isinstance(one, Input)] == [
            (b"first", None),
            (b"second", None),
        ]

    def test_an_archive_in_an_archive_is_not_read(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "a.zip", {"a.837.gz": gzip.compress(SAMPLE), "b.zip": _zip_bytes()})
        said = [read(one) for one in inputs([path]) if isinstance(one, Input)]
        assert said == [(b"", "it is an archive within an archive; unpack it first")] * 2

    def test_one_that_is_damaged(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        path.write_bytes(_zip_bytes()[:-30])
        assert [read(one) for one in inputs([str(path)]) if isinstance(one, Input)] == [
            (b"", "the archive is damaged or cut off")
        ]

    def test_one_that_is_encrypted(self, tmp_path: Path) -> None:
        data = bytearray(_zip_bytes())
        for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(signature) + flags] |= 1
        path = tmp_path / "a.zip"
        path.write_bytes(bytes(data))
        assert [read(one) for one in inputs([str(path)]) if isinstance(one, Input)] == [
            (b"", "it is encrypted; unpack it first")
        ]

    def test_what_would_fill_the_disk_is_left(self, tmp_path: Path) -> None:
        path = zipped(tmp_path / "a.zip", {"a.837": b"ISA" + b"0" * 50 * 1024 * 1024})
        [item] = inputs([path])
        assert isinstance(item, Input)
        assert read(item)[1] == "more than 100 bytes come out of each byte of the archive"


class TestDirectory:
    """A text file that does not look like a claim file may be something else; one that does is told if it is not read."""

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
    @pytest.mark.parametrize("lead", ["", "\ufeff", "\n", "From the clinic:\n"])
    def test_wide_text(self, tmp_path: Path, encoding: str, lead: str) -> None:
        if lead not in ("", "\ufeff") and not encoding.endswith(("16", "32")):
            return  # nothing says that it is such text
        (tmp_path / "a.txt").write_bytes((lead + SAMPLE.decode()).encode(encoding))
        assert list(inputs([str(tmp_path)])) == [Input(f"{tmp_path}/a.txt")]
        (tmp_path / "a.txt").write_bytes("Notes of a meeting.".encode(encoding))
        assert [one.may_be_other for one in inputs([str(tmp_path)]) if isinstance(one, Input)] == [True]

    @pytest.mark.parametrize(
        ("text", "may_be_other"),
        [
            (SAMPLE, False),
            (SAMPLE[106:], False),
            (b"\xef\xbb\xbf \n" + SAMPLE[106:], False),
            (SAMPLE[SAMPLE.index(b"ST*837") :], False),
            (b'"' + SAMPLE, False),
            (b"1 " + SAMPLE, False),
            (SAMPLE.lower(), False),
            (b"GS and ST are segments.", True),
            (b"STATES*1", True),
            (b"isa", True),
            (b"Notes.", True),
            (b"", True),
        ],
    )
    def test_text(self, tmp_path: Path, text: bytes, may_be_other: bool) -> None:  # noqa: FBT001
        (tmp_path / "a.txt").write_bytes(text)
        assert list(inputs([str(tmp_path)])) == [Input(f"{tmp_path}/a.txt", may_be_other=may_be_other)]

    def test_any_name(self, tmp_path: Path) -> None:
        (tmp_path / "a.dat").write_bytes(SAMPLE[106:])
        (tmp_path / "b.md").write_bytes(b"An example:\n\n" + SAMPLE)
        assert list(inputs([str(tmp_path)])) == [Input(f"{tmp_path}/a.dat"), PassedOver(f"{tmp_path}/b.md")]


def _zip_bytes() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.837", SAMPLE)
    return data.getvalue()


@pytest.mark.parametrize("change", [b"more", b""])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, change: bytes) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(b"x" * (BLOCK + 1))
    blocks = Blocks(Input(str(path)))
    for _ in blocks:
        path.write_bytes(path.read_bytes() + change if change else b"")
    assert blocks.error == "the file changed while it was read"


@settings(max_examples=25)
@given(st.integers(1, 5000), st.sampled_from((gzip.compress, bytes)))
def test_findings_do_not_depend_on_how_a_file_is_packed_or_read(
    rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory, size: int, pack: Callable[[bytes], bytes]
) -> None:
    text = batch.batch().replace("*10***1", "*1***1").encode()
    path = tmp_path_factory.mktemp("packed") / "a.837"
    path.write_bytes(pack(text))

    def pieces() -> Iterator[bytes]:
        for block in Blocks(Input(str(path))):
            yield from (block[i : i + size] for i in range(0, len(block), size))

    whole = Lint([text], "a.837", rulebook, scan_from=0)
    assert list(Lint(pieces(), "a.837", rulebook)) == list(whole)


def test_without_pread_a_file_is_read_as_often_and_as_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, which has none; line breaks of two bytes stay two bytes."""
    monkeypatch.setattr("lint837.files.inputs.read_at", read_by_seeking)
    path = tmp_path / "claims.837"
    path.write_bytes(SAMPLE.replace(b"~", b"~\r\n\x1a"))
    with Opened(os.open(path, os.O_RDONLY)) as opened:
        for _ in range(2):
            assert read(Input(str(path), opened=opened)) == (path.read_bytes(), None)
            assert opened.read(3, 9) == path.read_bytes()[3:9]
