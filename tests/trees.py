"""Claim files as trees, for the tests of splitting: what a side should be is the tree with fewer claims, written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.batch import PLAIN, Delimiters, claim, group, interchange, line

ACCEPTED, REJECTED = 1, 2


@dataclass(frozen=True)
class Node:
    """A part of a file. kind: file, interchange, service (a TA1), group, set, foreign (another transaction set),
    provider, subscriber, dependent, claim; `name` is in no other node of the file.
    """

    kind: str
    name: str
    children: "tuple[Node, ...]" = ()


def claims_of(node: Node) -> list[str]:
    """The names of the claims, in order."""
    return [node.name] if node.kind == "claim" else [name for child in node.children for name in claims_of(child)]


def sides(node: Node, verdicts: Mapping[str, int]) -> set[int]:
    """The sides on which something of a node must be."""
    if node.kind == "claim":
        return {verdicts[node.name]}
    found = {side for child in node.children for side in sides(child, verdicts)}
    alone = node.kind in ("foreign", "set", "group", "interchange")
    return found or ({ACCEPTED} if alone else set())


def pruned(node: Node, verdicts: Mapping[str, int], side: int, above: frozenset[int] = frozenset()) -> Node | None:
    """What of a node is on a side; a part without claims goes with its parent."""
    own = sides(node, verdicts) or {ACCEPTED if ACCEPTED in above else REJECTED}
    if side not in own:
        return None
    kept = (pruned(child, verdicts, side, frozenset(own)) for child in node.children)
    return replace(node, children=tuple(child for child in kept if child))


def written(file: Node | None, delimiters: Delimiters = PLAIN) -> bytes:
    """The file."""
    text = ""
    for one in file.children if file else ():
        groups = [_group(part) for part in one.children if part.kind == "group"]
        whole = interchange(*groups, control=int(one.name))
        services = "".join(f"TA1*{part.name}*260115*1200*A*000~" for part in one.children if part.kind == "service")
        text += whole[:106] + services + whole[106:]
    table = str.maketrans("*:^", delimiters.element + delimiters.component + delimiters.repetition)
    return text.translate(table).replace("~", delimiters.terminator + delimiters.newline).encode()


def _group(one: Node) -> list[str]:
    foreign = any(part.kind == "foreign" for part in one.children)
    version = "005010X220A1" if foreign else "005010X222A1"
    return group(*map(_set, one.children), control=int(one.name), version=version)


def day_of(name: str) -> str:
    """A day for each claim, so that none repeats another."""
    number = name.removeprefix("CLAIM-")
    return (date(2025, 1, 1) + timedelta(days=(int(number) if number.isdigit() else ord(name)) % 365)).strftime(
        "%Y%m%d"
    )


def _set(one: Node) -> list[str]:
    if one.kind == "foreign":
        return [f"ST*834*{one.name}*005010X220A1", "BGN*00*1*20260115", f"SE*3*{one.name}"]
    segments = [f"ST*837*{one.name}*005010X222A1", f"BHT*0019*00*BATCH{one.name}*20260115*1200*CH"]
    segments += ["NM1*41*2*SENDER*****46*S1", "PER*IC*DESK*TE*5125550143", "NM1*40*2*RECEIVER*****46*R1"]
    level = 0

    def add(node: Node, above: int) -> None:
        nonlocal level, segments
        if node.kind == "claim":
            segments += claim(node.name, line(day=day_of(node.name)))
            return
        level += 1
        here = level
        child = int(any(part.kind in ("subscriber", "dependent") for part in node.children))
        if node.kind == "provider":
            segments += [f"HL*{here}**20*{child}", f"NM1*85*2*CLINIC {node.name}*****XX*1234567893"]
            segments += ["N3*1 ROAD", "N4*AUSTIN*TX*787560000", "REF*EI*123456789"]
        elif node.kind == "subscriber":
            segments += [
                f"HL*{here}*{above}*22*{child}",
                "SBR*P*18*******MB",
                f"NM1*IL*1*{node.name}*JANE****MI*MEMBER1",
            ]
            segments += ["N3*2 ROAD", "N4*AUSTIN*TX*787560000", "DMG*D8*19490322*F", "NM1*PR*2*PAYER*****PI*00952"]
        else:
            segments += [f"HL*{here}*{above}*23*0", "PAT*19", f"NM1*QC*1*{node.name}*JOHN"]
            segments += ["N3*2 ROAD", "N4*AUSTIN*TX*787560000", "DMG*D8*20010322*M"]
        for part in node.children:
            add(part, here)

    for provider in one.children:
        add(provider, 0)
    return [*segments, f"SE*{len(segments) + 1}*{one.name}"]


@st.composite
def files(draw: st.DrawFn) -> Node:
    """Files of every shape that a split meets: most with several claims, some with parts that hold none."""
    numbers = iter(range(1, 10_000))

    def some(*counts: int) -> range:
        return range(draw(st.sampled_from(counts)))

    def claims(*counts: int) -> tuple[Node, ...]:
        return tuple(Node("claim", f"CLAIM-{next(numbers)}") for _ in some(*counts))

    def subscriber() -> Node:
        own = claims(1, 2, 3, 0)
        dependents = tuple(Node("dependent", f"CHILD{next(numbers)}", claims(1, 2, 1, 0)) for _ in some(0, 0, 1, 2))
        return Node("subscriber", f"DOE{next(numbers)}", own + dependents)

    def provider() -> Node:
        return Node("provider", str(next(numbers)), tuple(subscriber() for _ in some(1, 2, 3, 3, 0)))

    def transaction_set() -> Node:
        return Node("set", f"{next(numbers):04}", tuple(provider() for _ in some(1, 1, 1, 1, 2, 0)))

    def one_group() -> Node:
        if draw(st.sampled_from([False, False, False, True])):
            sets = tuple(Node("foreign", f"{next(numbers):04}") for _ in some(1, 2))
        else:
            sets = tuple(transaction_set() for _ in some(1, 2, 2, 1, 0))
        return Node("group", str(next(numbers)), sets)

    def one_interchange() -> Node:
        services = tuple(Node("service", f"{next(numbers):09}") for _ in some(0, 0, 1))
        groups = tuple(one_group() for _ in some(1, 2, 1, 2, 1, 0))
        return Node("interchange", str(next(numbers)), services + groups)

    return Node("file", "", tuple(one_interchange() for _ in some(1, 1, 2)))


DELIMITERS = [
    PLAIN,
    Delimiters(newline="\n"),
    Delimiters(newline="\r\n"),
    Delimiters("|", ">", "!", "\n"),
    Delimiters("\x1d", "\x1f", "\x1e", "\x1c"),
    Delimiters("^", "&", "%", "$", newline="\r\n    "),
]
