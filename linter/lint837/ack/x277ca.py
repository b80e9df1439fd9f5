"""The 277CA (005010X214): which claims of a file were accepted and which were rejected, for the submitter's system.

It holds names and member ids, as a claim file does, and is written only to a file that the user names.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from lint837.ack.claim_loops import amount, charge_of, claim_segments, status
from lint837.ack.plain_claims import Name, PlainClaims
from lint837.ack.segments import IN_MEMORY, Segments, swapped_isa
from lint837.ack.status_codes import Statuses
from lint837.claims.header import Headers, header_segments
from lint837.claims.segment import day_of
from lint837.facts.formulary import Formulary
from lint837.files.inputs import Input
from lint837.files.outputs import Staging
from lint837.files.rereadable import RefusedError, again
from lint837.lint.verdicts import Verdict, judged
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.x12.delimiters import parse_isa
from lint837.x12.slices import Context, Run, Slice

_GUIDE = b"005010X214"
_RECEIVED = "A1:19:AY"  # the clearinghouse acknowledges receipt: of the whole set, of a provider's claims
_NO_TRACE = b"0"  # TRN02 of a provider, for which there is no number to trace


class AckOptions(NamedTuple):
    """How a 277CA is made.

    made: its date and time; None for those of the functional group that it answers (GS04, GS05).
    least: findings below this severity are left out.
    statuses: the claim status codes of the rules.
    """

    made: datetime | None
    least: Severity
    statuses: Statuses


@dataclass
class _Totals:
    """Numbers of claims and sums of charges; accepted under False, rejected under True."""

    claims: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    charges: dict[bool, Decimal] = field(default_factory=lambda: {False: Decimal(0), True: Decimal(0)})

    @property
    def charge(self) -> bytes:
        return amount(sum(self.charges.values(), Decimal(0)))

    def add(self, charge: Decimal, *, rejected: bool) -> None:
        """Count a claim."""
        self.claims[rejected] += 1
        self.charges[rejected] += charge

    def segments(self, accepted: bytes, rejected: bytes) -> Iterator[list[bytes]]:
        """QTY and AMT. `accepted` and `rejected`: QTY01."""
        yield [b"QTY", accepted, b"%d" % self.claims[False]]
        yield [b"QTY", rejected, b"%d" % self.claims[True]]
        yield [b"AMT", b"YU", amount(self.charges[False])]
        yield [b"AMT", b"YY", amount(self.charges[True])]


@dataclass
class _Answer:
    """The answer to the current transaction set."""

    header: dict[bytes, list[bytes]]  # ST, BHT, NM1*41 and NM1*40 of the claims
    levels: int = 2  # HL segments so far: the source and the receiver
    totals: _Totals = field(default_factory=_Totals)
    provider: Slice | None = None  # the current one: the slice of loop 2000A of the claims
    provider_level: int = 0
    provider_totals: _Totals = field(default_factory=_Totals)
    patient: tuple[int, int] | None = None  # where the levels of the subscriber and the dependent begin, -1 for none


def acknowledge_files(
    items: Iterable[Input], place: str, rulebook: Rulebook, reject_on: Severity, options: AckOptions
) -> tuple[bool, list[tuple[str, str]]]:
    """Write the 277CA of several files, which are open, to `place`, one after the other. Returns True if it was
    written, which it is not where there is no claim, and the files that were refused, each with the reason. Raises
    OSError where `place` cannot be written.
    """
    refused = []
    folder = folder_of(place)
    with Staging() as staging:
        out = staging.open(place)
        for item in items:
            path, begin = item.path, out.tell()
            try:
                with (
                    again(item, folder) as source,
                    Acknowledgement(out, options, folder, rulebook.formulary) as answer,
                ):
                    for piece, verdict in judged(source, path, rulebook, reject_on):
                        answer.take(piece, verdict)
            except RefusedError as error:
                out.seek(begin)
                out.truncate()
                refused.append((path, str(error)))
        written = out.tell() > 0
        if written:
            staging.publish()
    return written, refused


def folder_of(place: str) -> str:
    """The folder of a file, in which its temporary files may be kept too."""
    return str(Path(place).resolve().parent)


class Acknowledgement:
    """Writes the 277CA of a file into `out`, slice by slice: an interchange for each one that holds claims, and a 277
    for each 837. Use it as a context. `folder`: where claims wait in a nameless file until their totals are known.
    """

    def __init__(self, out: BinaryIO, options: AckOptions, folder: str, formulary: Formulary) -> None:
        self._options = options
        self._formulary = formulary
        self._out = Segments(out)
        self._plain = PlainClaims(self._out.delimiters, b"")
        with contextlib.ExitStack() as files:
            claims = files.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY, dir=folder))
            providers = files.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY, dir=folder))
            self._files = files.pop_all()
        self._claims = Segments(claims)  # of the current provider
        self._providers = Segments(providers)  # of the current transaction set
        self._delimiters = self._out.delimiters
        self._headers = Headers()
        self._isa: tuple[bytes, ...] = ()
        self._gs: list[bytes] = []
        self._groups = 0  # written in the open interchange
        self._sets = 0
        self._day, self._time = b"", b""
        self._answer: _Answer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def take(self, piece: Slice | Run, verdict: Verdict | None) -> None:
        """Answer the next slice of the file; a claim comes with its verdict, and the claims of a run are accepted.
        Raises RefusedError where GS04 is not a date and the options give none.
        """
        if isinstance(piece, Run):
            if piece.claims:
                self._take_run(piece)
        elif piece.kind == "isa" and piece.data:
            self._begin_interchange(piece.data)
        elif piece.kind == "gs" and piece.data:
            self._gs = next(header_segments(piece, self._delimiters, b"GS"))
            self._sets = 0
        elif verdict:
            self._take_claim(verdict)
        elif piece.kind == "se":
            self._end_set()
        elif piece.kind == "ge" and self._sets:
            self._out.write(b"GE", b"%d" % self._sets, self._gs[6])
        elif piece.kind == "iea" and self._groups:
            self._out.write(b"IEA", b"%d" % self._groups, self._isa[12].strip())

    # -- the envelope

    def _begin_interchange(self, data: bytes) -> None:
        header = parse_isa(data)
        self._groups = 0
        if header:
            self._isa, self._delimiters = header.elements, header.delimiters
            line_end = None
            if header.delimiters.terminator != b"\n":  # else a blank line would be an empty segment
                line_end = re.match(rb"\r?\n", data[header.length :])
            for segments in (self._out, self._claims, self._providers):
                segments.delimiters = header.delimiters
                segments.line_end = line_end[0] if line_end else b""
            self._plain = PlainClaims(header.delimiters, self._out.line_end)

    def _begin_group(self) -> None:
        """Begin the group that answers the current one, and the interchange where it is the first."""
        if not self._groups:
            self._write_isa()
        self._groups += 1
        self._day, self._time = self._date()
        _, _, sender, receiver, _, _, control = self._gs[:7]
        self._out.write(b"GS", b"HN", receiver, sender, self._day, self._time, control, b"X", _GUIDE)

    def _write_isa(self) -> None:
        """Write ISA with sender and receiver exchanged, and without their passwords (ISA01 to ISA04)."""
        self._out.write(*swapped_isa(self._isa, self._options.made, self._delimiters))

    def _date(self) -> tuple[bytes, bytes]:
        made = self._options.made
        if made:
            return made.strftime("%Y%m%d").encode(), made.strftime("%H%M").encode()
        day = day_of(self._gs[4].decode("ascii", "replace"))
        if day is None:
            raise RefusedError("GS04 is not a date; set the date of the 277CA with --ack-date")
        time = self._gs[5] if re.fullmatch(rb"[0-9]{4}(?:[0-9]{2}){0,2}", self._gs[5]) else b"0000"
        return day.strftime("%Y%m%d").encode(), time

    # -- a transaction set: its claims are made first, since its totals come before them

    def _take_claim(self, verdict: Verdict) -> None:
        context = verdict.piece.context
        if context is None:
            raise ValueError("not a claim")
        answer = self._answer_in(context)
        patient = (_start(context.hl22), _start(context.hl23))
        if answer.patient != patient:
            answer.patient = patient
            insured = self._name(context.hl22, b"IL")
            named = self._name(context.hl23, b"QC") if context.hl23 else insured
            answer.levels += 1
            text = self._plain.patient(answer.levels, answer.provider_level, named.names, insured.number)
            self._claims.add(text.encode("latin-1"))
        self._take_unusual(answer, verdict)

    def _take_unusual(self, answer: _Answer, verdict: Verdict) -> None:
        claim = verdict.claim(self._headers)
        answer.provider_totals.add(charge_of(claim.clm), rejected=verdict.rejected)
        segments = claim_segments(claim, verdict, self._day, self._options.least, self._options.statuses)
        self._claims.add(b"".join([self._claims.text(*segment) for segment in segments]))

    def _take_run(self, run: Run) -> None:
        """Answer the claims of a run."""
        context, levels, plain = run.context, run.levels, self._plain
        answer, day = self._answer_in(context), self._day.decode("ascii")  # which the first answer sets
        insured = self._name(context.hl22, b"IL")
        names, number = (self._name(context.hl23, b"QC") if context.hl23 else insured).names, insured.number
        subscriber, dependent = _start(context.hl22), _start(context.hl23)
        is_new = answer.patient != (subscriber, dependent)  # and is to be written before the claim
        texts: list[str] = []
        charges: list[str] = []
        at = 0  # the number of the slice
        for row in plain.rows(run):
            claim, level = row[3], levels[at]
            if level:
                if level == 22:
                    names, number = row[:2] if row[0] else self._name(_piece(run, at), b"IL")
                    subscriber, dependent = run.offsets[at], -1
                else:
                    names = plain.dependent(row[2]) if row[2] else self._name(_piece(run, at), b"QC").names
                    dependent = run.offsets[at]
                is_new = True
                at += 1
                if not claim:
                    continue
            if is_new:
                answer.levels += 1
                texts.append(plain.patient(answer.levels, answer.provider_level, names, number))
                answer.patient, is_new = (subscriber, dependent), False
            text = plain.answer(row, day) if claim else ""
            if text:
                texts.append(text)
                charges.append(row[4])
            else:
                self._claims.add("".join(texts).encode("latin-1"))
                texts.clear()
                self._take_unusual(answer, Verdict(_piece(run, at), self._formulary, (), rejected=False))
            at += 1
        self._claims.add("".join(texts).encode("latin-1"))
        answer.provider_totals.claims[False] += len(charges)
        answer.provider_totals.charges[False] += sum(map(Decimal, charges), Decimal(0))

    def _answer_in(self, context: Context) -> _Answer:
        """The answer to the transaction set of a claim, begun where it is the first, at its provider."""
        if self._answer is None:
            if not self._sets:
                self._begin_group()
            self._sets += 1
            self._answer = _Answer(self._header(context.st))
        answer = self._answer
        if answer.provider is not context.hl20:
            self._end_provider(answer)
            answer.provider = context.hl20
            answer.levels += 1
            answer.provider_level = answer.levels
        return answer

    def _end_provider(self, answer: _Answer) -> None:
        """Write a provider with its totals, and its claims after it."""
        if answer.provider is None:
            return
        totals = answer.provider_totals
        write = self._providers.write
        write(b"HL", b"%d" % answer.provider_level, b"2", b"19", b"1")
        write(*self._provider(answer.provider))
        write(b"TRN", b"1", _NO_TRACE)
        write(b"STC", status(_RECEIVED, self._delimiters), b"", b"WQ", totals.charge)
        for segment in totals.segments(b"QA", b"QC"):
            write(*segment)
        self._providers.move(self._claims)
        for rejected in (False, True):
            answer.totals.claims[rejected] += totals.claims[rejected]
            answer.totals.charges[rejected] += totals.charges[rejected]
        answer.provider_totals = _Totals()
        answer.patient = None

    def _end_set(self) -> None:
        answer = self._answer
        if answer is None:  # it held no claim
            return
        self._end_provider(answer)
        st, bht, sender, receiver = (
            answer.header.get(key, [b""] * 10) for key in (b"ST", b"BHT", b"NM1.41", b"NM1.40")
        )
        control = st[2]
        # Unique for the sender, and the same each time the same file is acknowledged.
        trace = self._isa[12].strip() + self._gs[6].zfill(9) + control
        self._out.count = 0
        write = self._out.write
        write(b"ST", b"277", control, _GUIDE)
        write(b"BHT", b"0085", b"08", trace, self._day, self._time, b"TH")
        write(b"HL", b"1", b"", b"20", b"1")
        write(b"NM1", b"AY", b"2", receiver[3], b"", b"", b"", b"", b"46", receiver[9])
        write(b"TRN", b"1", trace)
        write(b"DTP", b"050", b"D8", self._day)
        write(b"DTP", b"009", b"D8", self._day)
        write(b"HL", b"2", b"1", b"21", b"1")
        write(b"NM1", b"41", sender[2], sender[3], sender[4], sender[5], b"", b"", b"46", sender[9])
        write(b"TRN", b"2", bht[3])
        write(b"STC", status(_RECEIVED, self._delimiters), self._day, b"WQ", answer.totals.charge)
        for segment in answer.totals.segments(b"90", b"AA"):
            write(*segment)
        self._out.move(self._providers)
        write(b"SE", b"%d" % (self._out.count + 1), control)
        self._answer = None

    # -- names

    def _header(self, piece: Slice | None) -> dict[bytes, list[bytes]]:
        """The first ST and BHT in a header; and the first NM1 and REF with each qualifier, such as NM1.85."""
        found: dict[bytes, list[bytes]] = {}
        for elements in header_segments(piece, self._delimiters, b"ST", b"BHT", b"NM1", b"REF"):
            segment_id, qualifier = elements[:2]
            found.setdefault(segment_id + b"." + qualifier if segment_id in (b"NM1", b"REF") else segment_id, elements)
        return found

    def _provider(self, piece: Slice) -> list[bytes]:
        """NM1 of the billing provider, with the NPI or else the tax number."""
        header = self._header(piece)
        name = header.get(b"NM1.85", [b""] * 10)
        qualifier, identifier = name[8], name[9]
        if not identifier:
            number = header.get(b"REF.EI") or header.get(b"REF.SY") or [b""] * 10
            qualifier, identifier = (b"FI", number[2]) if number[2] else (b"", b"")
        return [b"NM1", b"85", name[2], name[3], name[4], name[5], b"", name[7], qualifier, identifier]

    def _name(self, piece: Slice | None, kind: bytes) -> Name:
        """The first NM1 of a kind in a level; empty where there is none."""
        found = (one for one in header_segments(piece, self._delimiters, b"NM1") if one[1] == kind)
        return Name.of(next(found, [b""] * 10), self._delimiters.element)


def _start(level: Slice | None) -> int:
    return level.start if level else -1


def _piece(run: Run, number: int) -> Slice:
    """A slice of a run: enough for an answer, which has no place in the file."""
    data = run.text[run.starts[number] : run.starts[number + 1]]
    return Slice("claim", 0, len(data), 1, 0, 1, 1, 1, "", data, damaged=False, context=run.context)
