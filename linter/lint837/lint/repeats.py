"""Which claims of a file bill what an earlier claim bills already: by keyed hashes of their lines, in one pass.

What a line bills is handed from one process to another, and kept, only as a hash with a key of this run.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine
from lint837.claims.header import Header, Patients, keyed_hash
from lint837.rules.rule import Problem, Rule, Severity
from lint837.x12.slices import Slice

COMPARED = 1_000_000  # drug lines of a file; after them nothing is compared
_HASH, _CLAIM = 12, 4  # bytes of a hash, and of the ordinal of a claim
_SLOT = _HASH + _CLAIM
_FREE = bytes(_SLOT)
_FIRST_SIZE = 1024  # slots


class Bill(NamedTuple):
    """What a drug line bills: the rule that compares it, its place among the claim's drug lines, and what as texts."""

    rule: str
    line: int
    texts: tuple[str, ...]


def bills_of(claim: Claim, rules: Sequence[Rule]) -> list[Bill]:
    """What the drug lines of a claim bill, for each rule with `repeats`; whatever one of these raises."""
    return [
        Bill(rule.code, number, texts)
        for rule in rules
        if rule.repeats
        for number, line in enumerate(claim.drug_lines)
        if (texts := rule.repeats(line)) is not None
    ]


class Hashed(NamedTuple):
    """What a drug line bills: the rule that compares it, its place among the claim's drug lines, and the hash."""

    rule: str
    line: int
    hash: bytes


class Billed(NamedTuple):
    """What a claim hands over: its ordinal in the file, how many drug lines it has, and those that are compared."""

    claim: int
    lines: int
    hashes: tuple[Hashed, ...]


class Repeat(NamedTuple):
    """A rule, and the first drug line of a claim of which an earlier claim has the same; or, with `uncompared`, the
    first one that is not compared.
    """

    rule: str
    line: int
    uncompared: bool = False


class Hasher:
    """Makes of claims what they hand over."""

    def __init__(self) -> None:
        self._patients = Patients()

    def of(self, piece: Slice, header: Header, lines: int, bills: Iterable[Bill]) -> Billed:
        """What a claim with so many drug lines hands over. Without bills, only that number."""
        patient = self._patients.of(piece.context, header.payer_id) if bills and piece.context else b""
        kind = (header.is_encounter, header.is_predetermination)
        hashes = [
            Hashed(bill.rule, bill.line, keyed_hash(bill.rule, patient, kind, bill.texts)) for bill in bills if patient
        ]
        return Billed(piece.claim, lines, tuple(hashes))


class Comparison:
    """Compares the claims of one file, in their order."""

    def __init__(self) -> None:
        self._known = _Hashes()
        self._lines = 0  # of the claims so far
        self._over: set[str] = set()  # the rules that said that they compare no more

    def repeats(self, billed: Billed) -> list[Repeat]:
        """What the rules find in the next claim: at most one line for each."""
        found: dict[str, Repeat] = {}
        for rule, line, digest in billed.hashes:
            if self._lines + line >= COMPARED:
                if rule not in self._over:
                    self._over.add(rule)
                    found.setdefault(f"{rule} over", Repeat(rule, line, uncompared=True))
            elif self._known.first(digest, billed.claim) != billed.claim:
                found.setdefault(rule, Repeat(rule, line))
        self._lines += billed.lines
        return list(found.values())


class _Hashes:
    """Hashes, each with the first claim that has it: a table with open addressing, since a dict of a million of them
    takes five times the memory.
    """

    def __init__(self) -> None:
        self._count = 0
        self._mask = _FIRST_SIZE - 1
        self._table = bytearray(_FIRST_SIZE * _SLOT)

    def first(self, digest: bytes, claim: int) -> int:
        """The first claim that has this hash; `claim`, which is noted, if it is new."""
        at = self._find(digest)
        slot = self._table[at : at + _SLOT]
        if slot != _FREE:
            return int.from_bytes(slot[_HASH:], "big")
        self._table[at : at + _SLOT] = digest + claim.to_bytes(_CLAIM, "big")
        self._count += 1
        if self._count * 2 > self._mask:
            self._grow()
        return claim

    def _find(self, digest: bytes | bytearray) -> int:
        """Where a hash is in the table, or may be put."""
        table, mask = self._table, self._mask
        slot = int.from_bytes(digest[:8], "big") & mask
        while True:
            at = slot * _SLOT
            known = table[at : at + _HASH]
            if known == digest or table[at : at + _SLOT] == _FREE:
                return at
            slot = (slot + 1) & mask

    def _grow(self) -> None:
        """Double the table."""
        old = self._table
        self._table, self._mask = bytearray(2 * len(old)), 2 * self._mask + 1
        for begin in range(0, len(old), _SLOT):
            slot = old[begin : begin + _SLOT]
            if slot != _FREE:
                at = self._find(slot[:_HASH])
                self._table[at : at + _SLOT] = slot


def problems(rule: Rule, repeat: Repeat, line: DrugLine) -> Iterator[Problem]:
    """What a rule says of a line that repeats another; or that no more lines are compared."""
    if not repeat.uncompared:
        yield from (said for said in rule.check(line) if isinstance(said, Problem))
        return
    yield Problem(
        where=line.at_service,
        found=f"more than {COMPARED:,} drug lines",
        expected=f"at most {COMPARED:,}",
        message="The file has {found}: from this line on, no claim is compared with those before it.",
        correction="look for duplicates of these claims in the billing system",
        severity=Severity.INFO,
    )
