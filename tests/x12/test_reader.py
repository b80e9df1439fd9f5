"""The reader: slices join to the input, nothing is skipped in silence, and what real files do is read."""

import pickle
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lint837.x12.faults import Cause, Fault
from lint837.x12.reader import Reader
from lint837.x12.slices import Counts, Limits, Slice

from tests.batch import (
    Delimiters,
    batch,
    claim,
    group,
    interchange,
    line,
    segments_of,
    subscriber,
    transaction_set,
)

Read = tuple[list[Slice], list[Fault], Counts]
SAMPLES = sorted(Path(__file__).parents[2].glob("samples/*/*.837"))


def read(data: bytes | str, block: int | None = None, limits: Limits | None = None) -> Read:
    """The slices, the faults by place, and the counts of an input, read in blocks of so many bytes."""
    data = data.encode("latin-1") if isinstance(data, str) else data
    size = block or len(data) or 1
    reader = Reader((data[i : i + size] for i in range(0, len(data), size)), limits)
    events = list(reader)
    slices = [event for event in events if isinstance(event, Slice)]
    faults = sorted(
        (one for one in events if isinstance(one, Fault)), key=lambda fault: (fault.offset, fault.cause.value)
    )
    return slices, faults, reader.counts


def causes(faults: Iterable[Fault]) -> list[Cause]:
    return [fault.cause for fault in faults]


def kinds(slices: Iterable[Slice]) -> list[str]:
    return [piece.kind for piece in slices]


def joins(slices: list[Slice], data: bytes) -> bool:
    """Whether the slices tile the input, and those that carry data carry theirs."""
    ends = [0, *(piece.end for piece in slices)]
    starts = [*(piece.start for piece in slices), len(data)]
    carried = all(piece.data in (None, data[piece.start : piece.end]) for piece in slices)
    return ends == starts and carried


# Bytes that look like an interchange to a reader that is not careful.
FRAGMENTS = st.sampled_from(
    [
        *(segment + "~" for segment in segments_of(batch())),
        "~",
        "~~",
        "\n",
        "ISA",
        "ISA*",
        "ST*837*",
        "IEA*1*1",
        "\xef\xbb",
    ]
)
NOISE = st.lists(st.one_of(FRAGMENTS.map(lambda s: s.encode("latin-1")), st.binary(max_size=40)), max_size=30)


class TestTiling:
    @given(st.binary(max_size=2000), st.integers(1, 700))
    def test_any_bytes(self, data: bytes, block: int) -> None:
        whole, small = read(data), read(data, block)
        assert joins(whole[0], data)
        assert small == whole

    @given(NOISE, st.integers(1, 700))
    def test_anything_that_looks_like_x12(self, parts: list[bytes], block: int) -> None:
        head = batch()[:106].encode()
        data = head + b"".join(parts)
        whole, small = read(data), read(data, block)
        assert joins(whole[0], data)
        assert small == whole

    @pytest.mark.parametrize("junk", ["junk~ST*837*1~", "xISA*", "x\nC\nL\nM\n*1", "ALGST*837*", "\x00ST|"])
    @pytest.mark.parametrize("block", [1, 2, 3, 4, 5, 7, 11])
    def test_junk_in_any_blocks(self, junk: str, block: int) -> None:
        assert read(batch() + junk, block) == read(batch() + junk)

    @pytest.mark.parametrize("block", [1, 7, 100, 333])
    def test_a_slice_past_the_limit_that_is_cut_too(self, block: int) -> None:
        text, limits = batch()[:1200], Limits(slice=100)
        assert read(text, block, limits) == read(text, None, limits)

    @given(st.data())
    def test_a_damaged_batch_in_any_blocks(self, data: st.DataObject) -> None:
        text = bytearray(batch().encode())
        for _ in range(data.draw(st.integers(0, 4))):
            at = data.draw(st.integers(0, len(text)))
            until = data.draw(st.integers(at, min(len(text), at + 200)))
            text[at:until] = data.draw(
                st.one_of(st.binary(max_size=10), st.sampled_from([b"~", b"*", b"\n", b"~ST*837*"]))
            )
        damaged = bytes(text)
        whole, small = read(damaged), read(damaged, data.draw(st.integers(1, 1500)))
        assert joins(whole[0], damaged)
        assert small == whole

    @pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
    @pytest.mark.parametrize("block", [1, 2, 3, 105, 106, 107, 512, 4096])
    def test_a_sample_in_blocks(self, path: Path, block: int) -> None:
        data = path.read_bytes()
        whole = read(data)
        assert joins(whole[0], data)
        assert read(data, block) == whole

    def test_kinds_and_counts(self) -> None:
        slices, faults, counts = read(batch())
        claims_of_first = ["hl20", "hl22", "claim", "claim", "hl22", "hl23", "claim"]
        assert kinds(slices) == [
            *["isa", "gs", "st", *claims_of_first, "se", "st", "hl20", "hl22", "claim", "se", "ge"],
            *["gs", "other", "ge", "iea"],
            *["isa", "gs", "st", "hl20", "hl22", "claim", "se", "ge", "iea"],
        ]
        assert faults == []
        total = len(segments_of(batch()))
        assert counts == Counts(
            len(batch()), total, 0, interchanges=2, transaction_sets=4, claims=5, not_read={"834 005010X220": 1}
        )
        assert sum(piece.segments for piece in slices) == total

    def test_context_of_a_dependents_claim(self) -> None:
        third = [piece for piece in read(batch())[0] if piece.kind == "claim"][2]
        context = third.context
        assert context is not None
        assert (context.guide, context.ordinals, context.control_numbers) == (
            "837P",
            (1, 1, 1),
            ("000000001", "1", "0001"),
        )
        headers = [context.isa, context.gs, context.st, context.hl20, context.hl22, context.hl23]
        beginnings = [(header.data or b"")[:7] if header else None for header in headers]
        assert beginnings == [b"ISA*00*", b"GS*HC*S", b"ST*837*", b"HL*1**2", b"HL*3*1*", b"HL*4*3*"]

    def test_a_new_subscriber_has_no_dependent(self) -> None:
        text = interchange(
            group(transaction_set(subscriber(2, dependents=[claim("A", line())]), subscriber(4, claim("B", line()))))
        )
        last = [piece for piece in read(text)[0] if piece.kind == "claim"][-1]
        assert last.context is not None
        assert last.context.hl23 is None


class TestNothingIsSkippedInSilence:
    """One segment of a valid file is lost, doubled or swallowed: at every position that is noticed."""

    SEGMENTS = segments_of(batch())
    POSITIONS = range(len(SEGMENTS))

    def test_dropped(self) -> None:
        texts = ["~".join([*self.SEGMENTS[:at], *self.SEGMENTS[at + 1 :], ""]) for at in self.POSITIONS]
        assert [at for at, text in enumerate(texts) if not read(text)[1]] == []

    def test_doubled(self) -> None:
        texts = ["~".join([*self.SEGMENTS[: at + 1], *self.SEGMENTS[at:], ""]) for at in self.POSITIONS]
        assert [at for at, text in enumerate(texts) if not read(text)[1]] == []

    @pytest.mark.parametrize("glue", ["", "*", ":", " ", "X"])
    def test_swallowed(self, glue: str) -> None:
        """Its terminator is lost, or became another byte, and the next segment is part of it."""
        silent = []
        for at in self.POSITIONS:
            rest = "~".join([*self.SEGMENTS[at + 1 :], ""])
            text = "~".join([*self.SEGMENTS[:at], self.SEGMENTS[at]]) + glue + rest
            if not read(text)[1]:
                silent.append(at)
        # The last terminator of a whole IEA may be missing.
        assert silent == ([len(self.SEGMENTS) - 1] if glue in ("", " ", "*") else [])

    @pytest.mark.parametrize("part", range(8))
    def test_cut(self, part: int) -> None:
        """At each byte."""
        for at in range(1 + part, len(batch()) - 1, 8):
            faults = read(batch()[:at])[1]
            first = batch().index("~ISA") + 1
            if at in (first, first - 1):
                assert faults == []
            elif at in (first + 1, first + 2, first + 3):
                assert causes(faults) == [Cause.DATA_OUTSIDE]  # "ISA" alone may be anything
            else:
                assert any(fault.incomplete for fault in faults), at

    def test_every_claim_is_whole_or_said(self) -> None:
        """For every cut, the claims that are handed on undamaged are whole in the input."""
        for at in range(0, len(batch()), 3):
            slices, _, counts = read(batch()[:at])
            claims = [piece for piece in slices if piece.kind == "claim"]
            assert len(claims) == counts.claims
            whole = [piece for piece in claims if not piece.damaged]
            assert [piece.data for piece in whole] == [batch()[piece.start : piece.end].encode() for piece in whole]
            assert all(re.search(rb"CTP\*\*\*\*1\*UN~$", piece.data or b"") for piece in whole)


class TestWhatRealFilesDo:
    EXPECTED = kinds(read(batch())[0])

    @pytest.mark.parametrize(
        "delimiters",
        [
            Delimiters(newline="\n"),
            Delimiters(newline="\r\n"),
            Delimiters(newline="\n\n"),
            Delimiters(newline="\n    "),
            Delimiters(terminator="\n"),
            Delimiters(terminator="\r", newline="\n"),
            Delimiters(element="|", component=">", repetition="!", terminator="\\"),
            Delimiters(element="\x1d", component="\x1f", repetition="\x1e", terminator="\x1c"),
            Delimiters(terminator="\xa7"),
        ],
        ids=repr,
    )
    def test_delimiters_and_line_ends(self, delimiters: Delimiters) -> None:
        plain = transaction_set(subscriber(2, claim("A", line()), claim("B", line())))
        text = interchange(group(plain), delimiters=delimiters)
        slices, faults, counts = read(text)
        assert (kinds(slices), faults) == (
            ["isa", "gs", "st", "hl20", "hl22", "claim", "claim", "se", "ge", "iea"],
            [],
        )
        assert counts.segments == len(plain) + 4

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_wrapped_inside_segments(self, newline: str) -> None:
        text = batch()[: batch().index("~ISA") + 1]
        for width in (*range(21, 140), 200, 256):
            wrapped = newline.join(text[i : i + width] for i in range(0, len(text), width)) + newline
            slices, faults, counts = read(wrapped)
            assert (causes(faults), counts.segments, counts.claims) == ([], len(segments_of(text)), 4), width
            assert kinds(slices) == self.EXPECTED[:21], width

    @pytest.mark.parametrize("lead", ["\xef\xbb\xbf", "   ", "\x1a"])
    def test_wrapped_behind_something(self, lead: str) -> None:
        wrapped = lead + "\n".join(batch()[i : i + 80] for i in range(0, len(batch()), 80))
        assert causes(read(wrapped)[1]) == [Cause.BEFORE_FIRST_ISA]

    def test_wrapped_files_that_were_joined(self) -> None:
        one = interchange(group(transaction_set(subscriber(2, claim("A", line())))))
        wrapped = "\n".join(one[i : i + 80] for i in range(0, len(one), 80))
        two = wrapped + wrapped.replace("00000000", "00000001")
        assert causes(read(two)[1]) == []

    def test_wrapped_wider_than_is_looked_ahead(self) -> None:
        wrapped = "\n".join(batch()[i : i + 900] for i in range(0, len(batch()), 900))
        assert read(wrapped)[1] == []

    def test_two_interchanges_wrapped_as_one_text(self) -> None:
        wrapped = "\n".join(batch()[i : i + 80] for i in range(0, len(batch()), 80))
        slices, faults, _ = read(wrapped)
        assert (kinds(slices), faults) == (self.EXPECTED, [])

    def test_interchanges_with_different_delimiters(self) -> None:
        one = group(transaction_set(subscriber(2, claim("A", line()))))
        text = (
            interchange(one)
            + interchange(one, control=2, delimiters=Delimiters("|", ">", "!", "\n"))
            + interchange(one, control=3, delimiters=Delimiters(newline="\r\n"))
        )
        _, faults, counts = read(text)
        assert (faults, counts.interchanges, counts.claims) == ([], 3, 3)

    def test_terminator_of_two_bytes(self) -> None:
        text = batch().replace("~", "…\n").encode()
        slices, faults, _ = read(text)
        assert (kinds(slices), faults) == (self.EXPECTED, [])

    def test_last_terminator_missing(self) -> None:
        assert read(batch()[:-1])[1] == []
        assert read(batch()[:-1] + "\n\x1a")[1] == []

    def test_padding_between_and_behind(self) -> None:
        first, second = batch().split("~ISA")
        text = first + "~\r\n\x00\x00\x1a\n ISA" + second + "\n\n\x1a\x00"
        assert read(text)[1] == []

    def test_isa_inside_a_name_or_text(self) -> None:
        text = (
            batch()
            .replace("DOE*JANE", "ISA*ISABEL")
            .replace("CLINIC", "LISA ISA*00*")
            .replace("REF*EI*123456789", "REF*EI*ISA*00*X")
        )
        assert causes(read(text)[1]) == []

    def test_latin_1_and_utf_8_names(self) -> None:
        text = batch().replace("JANE", "JOS\xc9\x85 \xe9\xf1\xff")
        assert read(text)[1] == []

    def test_short_padded_isa(self) -> None:
        text = batch().replace("SENDER         *ZZ", "SENDER*ZZ", 1)
        slices, faults, _ = read(text)
        assert (kinds(slices), causes(faults), faults[0].values) == (
            self.EXPECTED,
            [Cause.ISA_WIDTHS],
            {"elements": ("ISA06",), "entity": ""},
        )

    def test_service_segments_of_the_interchange(self) -> None:
        text = batch().replace("GS*", "TA1*000000001*260115*1200*A*000~GS*", 1)
        slices, faults, _ = read(text)
        assert (kinds(slices)[:4], faults) == (["isa", "other", "gs", "st"], [])

    @pytest.mark.parametrize("count", ["0", "1"])
    def test_interchange_of_ta1_alone(self, count: str) -> None:
        head = batch()[:106]
        assert read(head + f"TA1*000000001*260115*1200*A*000~IEA*{count}*000000001~")[1] == []

    def test_binary_data_is_read_by_its_length(self) -> None:
        data = "ISA~SE*1*0001~~" + batch()[:300]
        body = ["BGN*11*1*20260115", f"BIN*{len(data)}*{data}", f"BDS*ASC*{len(data)}*{data}"]
        text = interchange(group(["ST*275*0001*005010X210", *body, f"SE*{len(body) + 2}*0001"], version="005010X210"))
        _, faults, counts = read(text)
        assert (faults, counts.segments, counts.interchanges) == ([], 9, 1)
        assert read(text, 7) == read(text)

    @pytest.mark.parametrize("off", [-1, 1, 400])
    def test_binary_data_of_another_length(self, off: int) -> None:
        data = "ISA*00*" + "~" * 20 + "XX"
        body = ["BGN*11*1*20260115", f"BIN*{len(data) + off}*{data}"]
        text = interchange(group(["ST*275*0001*005010X210", *body, "SE*4*0001"], version="005010X210"))
        faults = read(text + batch())[1]
        assert causes(fault for fault in faults if fault.incomplete)[:1] == [Cause.BINARY_LENGTH]
        assert read(text + batch(), 7) == read(text + batch())

    def test_an_unpadded_control_number_at_the_end(self) -> None:
        text = interchange(group(transaction_set(subscriber(2, claim("A", line())))))
        assert read(text.replace("IEA*1*000000001~", "IEA*1*1"))[1] == []

    def test_a_tab_between_elements(self) -> None:
        slices, faults, _ = read(batch().replace("*", "\t"))
        assert (kinds(slices), faults) == (self.EXPECTED, [])

    def test_other_transaction_sets_are_counted_and_not_judged(self) -> None:
        dental = transaction_set(subscriber(2, claim("A", ["SV3*AD:D0120*50"])), version="005010X224A2")
        odd = ["ST*834*0002*005010X220A1", "bad id*1", "", "HL*9*8*22", "LX*1", "SE*5*0002"]
        text = interchange(group(dental, odd, version="005010X224A2"))
        _, faults, counts = read(text)
        assert (faults, counts.claims, counts.transaction_sets, counts.unchecked) == ([], 0, 2, 0)


class TestLimits:
    LIMITS = Limits(segment=200, elements=20, slice=2000)

    def faults(self, text: str, block: int | None = None) -> tuple[list[tuple[Cause, object]], list[bool], int]:
        slices, faults, counts = read(text, block, self.LIMITS)
        damaged = [piece.damaged for piece in slices if piece.kind == "claim"]
        return [(fault.cause, fault.values) for fault in faults if fault.incomplete], damaged, counts.unchecked

    @pytest.mark.parametrize("block", [None, 1, 50])
    @pytest.mark.parametrize(
        ("segment", "limit", "unit"), [("NTE*ADD*" + "X" * 300, 200, "byte"), ("K3" + "*" * 21, 20, "element")]
    )
    def test_segment(self, segment: str, limit: int, unit: str, block: int | None) -> None:
        big, small = claim("A", [*line(), segment]), claim("B", line())
        text = interchange(group(transaction_set(subscriber(2, big, small))))
        fault = (Cause.PAST_SEGMENT_LIMIT, {"limit": limit, "unit": unit})
        assert self.faults(text, block) == ([fault], [True, False], len(big))

    @pytest.mark.parametrize("block", [None, 1, 50])
    def test_slice(self, block: int | None) -> None:
        big, small = claim("A", *[line()] * 40), claim("B", line())
        text = interchange(group(transaction_set(subscriber(2, big, small))))
        assert self.faults(text, block) == ([(Cause.PAST_SLICE_LIMIT, {"limit": 2000})], [True, False], len(big))

    @pytest.mark.parametrize("block", [None, 1, 50, 333])
    @pytest.mark.parametrize("version", ["005010X222A1", "005010X221A1"])
    def test_an_envelope_behind_an_oversize_segment(self, version: str, block: int | None) -> None:
        """Also in a transaction set that is not read, the set that was glued to it is found and read."""
        kind = "837" if "222" in version else "835"
        cut = [f"ST*{kind}*0001*{version}", "NTE*ADD*" + "A" * 400]
        whole = transaction_set(subscriber(2, claim("B", line())), control="0002")
        text = interchange(group([*cut[:1], cut[1] + whole[0], *whole[1:]], version=version))
        _, faults, counts = read(text, block, self.LIMITS)
        cut_off = [fault.values for fault in faults if fault.cause is Cause.CUT_OFF]
        assert ("ST", True) in [(values["came"], values["inside_segment"]) for values in cut_off]
        assert counts.claims == 1

    @pytest.mark.parametrize("block", [199, 200, 201, 202, 305, 306, 307])
    def test_a_segment_of_the_limit_with_a_terminator_of_two_bytes(self, block: int) -> None:
        text = interchange(group(transaction_set(subscriber(2, claim("A", [*line(), "NTE*ADD*" + "X" * 192])))))
        data = text.replace("~", "§").encode()
        assert read(data, block, self.LIMITS) == read(data, None, self.LIMITS)
        assert self.faults(text)[0] == []

    @pytest.mark.parametrize("block", [1, 100, 512])
    def test_many_malformed_segments_in_a_slice_past_the_limit(self, block: int) -> None:
        text = interchange(group(transaction_set(subscriber(2, claim("A", *[[*line(), "~x*1"]] * 150)))))
        assert read(text, block, self.LIMITS) == read(text, None, self.LIMITS)

    def test_many_malformed_segments_become_one(self) -> None:
        text = interchange(group(transaction_set(subscriber(2, claim("A", line())))))
        faults = read(text.replace("BHT*", "~" * 101 + "BHT*"))[1]
        assert [(fault.cause, fault.values) for fault in faults] == [
            (Cause.MANY_MALFORMED, {"count": 101, "first": "EMPTY_SEGMENT"})
        ]
        assert len(read(text.replace("BHT*", "~" * 100 + "BHT*"))[1]) == 100

    @given(st.integers(1, 400))
    @example(200)
    def test_the_limit_does_not_depend_on_the_blocks(self, block: int) -> None:
        big = claim("A", [*line(), "NTE*ADD*" + "X" * 191 + "ISA~" + "Y" * 300])
        text = interchange(group(transaction_set(subscriber(2, big)))).encode()
        assert read(text, block, self.LIMITS) == read(text, None, self.LIMITS)


def test_a_fault_can_be_sent_to_another_process() -> None:
    _, faults, _ = read(batch()[:-60] + "~junk")
    assert faults
    assert pickle.loads(pickle.dumps(faults)) == faults  # noqa: S301 - its own
