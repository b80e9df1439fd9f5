"""Which claims of a file bill what an earlier claim bills already: by keyed hashes of their lines, in one pass.

What a line bills is handed from one process to another, and kept, only as a hash with a key of this run.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine
from lint837.rules.rule import Problem, Rule, Severity
from lint837.x12.slices import Slice

COMPARED = 1_000_000  # drug lines of a file; after them nothing is compared
SEPARATOR = "\x1f"  # of the texts that a rule gives of a line
_TABLES, _FIRST_SIZE = 16, 256  # of hashes; slots of each at first
_WORD = (1 << 64) - 1


class Bill(NamedTuple):
    """What a drug line bills: the rule that compares it, its place among the claim's drug lines, and what, as text.

    days: where the text has places for days (%b), which of the claim's days these are.
    """

    rule: str
    line: int
    what: bytes
    days: tuple[int, ...] = ()


def bills_of(claim: Claim, rules: Sequence[Rule]) -> list[Bill]:
    """What the drug lines of a claim bill, for each of the rules with `repeats`; whatever one of these raises."""
    return [
        Bill(rule.code, number, SEPARATOR.join((rule.code, *texts)).encode())
        for rule in rules
        if rule.repeats
        for number, line in enumerate(claim.drug_lines)
        if (texts := rule.repeats(line)) is not None
    ]


# What a drug line bills: the rule that compares it, its place among the claim's drug lines, and the hash: of a million
# lines no two have one by chance.
Hashed = tuple[str, int, int]


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


def billed(piece: Slice, patient: bytes, lines: int, bills: Iterable[Bill], days: Sequence[bytes] = ()) -> Billed:
    """What a claim with so many drug lines hands over. `patient`: a hash of whose it is; without one, only the number
    of lines. `days`: of the claim, CCYYMMDD.
    """
    if not patient:
        return Billed(piece.claim, lines, ())
    iso = [*map(_iso, days)]
    hashes = []
    for rule, line, what, dated in bills:
        said = what % tuple([iso[n] for n in dated]) if dated else what
        # Python's hash of bytes has a key of the process, and its processes share it; `patient` is secret besides.
        hashes.append((rule, line, hash(said + patient) & _WORD or 1))  # above 0
    return Billed(piece.claim, lines, tuple(hashes))


@lru_cache(4096)
def _iso(day: bytes) -> bytes:
    return b"%b-%b-%b" % (day[:4], day[4:6], day[6:])


def with_places(bill: Bill, days: Mapping[str, int]) -> Bill:
    """A bill with places in place of its days. `days`: each as a rule writes it, YYYY-MM-DD, and its number."""
    texts = bill.what.decode().split(SEPARATOR)
    what = SEPARATOR.join("%b" if text in days else text.replace("%", "%%") for text in texts).encode()
    dated = tuple(days[text] for text in texts if text in days)
    return bill._replace(what=what if dated else bill.what, days=dated)


class Comparison:
    """Compares the claims of one file, in their order."""

    def __init__(self) -> None:
        self._known = Hashes()
        self._lines = 0  # of the claims so far
        self._over: set[str] = set()  # the rules that said that they compare no more

    def repeats(self, billed: Billed) -> list[Repeat]:
        """What the rules find in the next claim: at most one line for each."""
        found: dict[str, Repeat] = {}
        own: list[int] = []  # a claim does not repeat itself
        for rule, line, digest in billed.hashes:
            if self._lines + line >= COMPARED:
                if rule not in self._over:
                    self._over.add(rule)
                    found.setdefault(f"{rule} over", Repeat(rule, line, uncompared=True))
            elif self._known.is_new(digest):
                own.append(digest)
            elif digest not in own:
                found.setdefault(rule, Repeat(rule, line))
        self._lines += billed.lines
        return list(found.values())


class Hashes:
    """Hashes of up to 64 bits, above 0, that came before. They are in tables with open addressing, since a set of a
    million of them takes four times the memory; in many, so that few are copied where one grows.
    """

    def __init__(self) -> None:
        self._tables = [array("Q", bytes(8 * _FIRST_SIZE)) for _ in range(_TABLES)]
        self._room = [_FIRST_SIZE * 3 // 4] * _TABLES  # until a table grows

    def is_new(self, hashed: int) -> bool:
        """Whether a hash, which is noted, comes for the first time."""
        number = hashed % _TABLES
        table = self._tables[number]
        size = len(table)
        slot = hashed // _TABLES % size
        while known := table[slot]:
            if known == hashed:
                return False
            slot = (slot + 1) % size
        table[slot] = hashed
        self._room[number] -= 1
        if not self._room[number]:
            self._grow(number)
        return True

    def _grow(self, number: int) -> None:
        """Make a table larger by half."""
        old = self._tables[number]
        size = len(old) * 3 // 2
        table = self._tables[number] = array("Q", bytes(8 * size))
        for hashed in filter(None, old):
            slot = hashed // _TABLES % size
            while table[slot]:
                slot = (slot + 1) % size
            table[slot] = hashed
        self._room[number] = size * 3 // 4 - len(old) * 3 // 4


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
