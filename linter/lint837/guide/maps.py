"""The guides as pyx12's maps have them, with an index of what may follow what. A map is loaded once, where needed."""

import logging
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from lint837.guide.known import OUTDATED_LISTS, allow_predetermination, correct

# The map of each guide. pyx12 has none of X291 and X292, predeterminations: known.py says what they do otherwise.
_MAPS = {"837P": "837.5010.X222.A1.xml", "837I": "837Q3.I.5010.X223.A1.xml"}
_ROOTS = {"st": "ST_LOOP", "hl20": "2000A", "hl22": "2000B", "hl23": "2000C"}


class Element:
    """An element, or a component of a composite. `checks`: pyx12's own element, which judges what is in it."""

    def __init__(self, node: Any) -> None:  # noqa: ANN401 - pyx12 has no types
        self.checks = node
        self.name: str = " ".join((node.name or "").split())
        self.usage: str = node.usage
        self.data_element: str = node.data_ele or ""
        self.components: list[Element] = [] if node.is_element() else [Element(child) for child in node.children]
        self.type, self.codes, self.list = "", frozenset[str](), ""  # of a composite; one that is not used has no parts
        if node.is_element():
            self.type = node.data_type or "AN"
            self.least, self.most = node.min_len, node.max_len
            self.codes = frozenset(code for code in node.valid_codes if code)
            self.list = "" if node.external_codes in OUTDATED_LISTS else node.external_codes or ""
            lists = node.root.ext_codes.codes
            self.listed: frozenset[str] = lists[self.list]["codes"] if self.list else frozenset()


class SegmentNode:
    """A segment of a loop. `codes`: the qualifiers by which it is known, None where its id is enough."""

    def __init__(self, loop: "Loop", node: Any) -> None:  # noqa: ANN401
        self.loop = loop
        self.id: str = node.id
        self.name: str = " ".join((node.name or "").split())
        self.pos: int = node.pos
        self.required: bool = node.usage == "R"
        self.most: int = node.get_max_repeat()
        key = node._resolve_unique_key_field(node.id, with_qual=False)
        self.codes: frozenset[str] | None = frozenset(key[0].valid_codes) if key else None
        self.elements = [Element(child) for child in node.children]
        self.syntax: list[tuple[str, list[int]]] = [(rule[0], [int(n) for n in rule[1:]]) for rule in node.syntax]

    @property
    def label(self) -> str:
        """Its id with its first qualifier, such as NM1*85, where it has exactly one."""
        return f"{self.id}*{next(iter(self.codes))}" if self.codes and len(self.codes) == 1 else self.id

    def is_match(self, segment_id: str, key: str) -> bool:
        """Whether a segment with this id and qualifier is this one."""
        return segment_id == self.id and (self.codes is None or key in self.codes)


class Loop:
    """A loop: its segments and loops, in their order. The first segment opens it."""

    def __init__(self, parent: "Loop | None", node: Any) -> None:  # noqa: ANN401
        self.parent = parent
        self.id: str = node.id or ""
        self.name: str = " ".join((node.name or "").split())
        self.pos: int = node.pos
        self.required: bool = node.usage == "R"
        self.most: int = node.get_max_repeat()
        self.children: list[SegmentNode | Loop] = [
            SegmentNode(self, child) if child.is_segment() else Loop(self, child) for child in node.childIterator()
        ]
        self.needed = frozenset(child for child in self.children if child.required)
        self.steps: dict[tuple[int, str, str], Step | None] = {}

    @property
    def first(self) -> SegmentNode:
        """The segment that opens it."""
        first = self.children[0]
        return first if isinstance(first, SegmentNode) else first.first

    def segments(self) -> Iterator[SegmentNode]:
        """All segments in it and in its loops."""
        for child in self.children:
            if isinstance(child, SegmentNode):
                yield child
            else:
                yield from child.segments()

    def step(self, pos: int, segment_id: str, key: str) -> "Step | None":
        """Where a segment leads from a position in this loop; None for nowhere."""
        place = (pos, segment_id, key)
        try:
            return self.steps[place]
        except KeyError:
            found = next((one for one in self.forward(pos, segment_id) if one.node.is_match(segment_id, key)), None)
            if len(self.steps) < 1024:  # a damaged file can hold any qualifier
                self.steps[place] = found
            return found

    def forward(self, pos: int, segment_id: str) -> Iterator["Step"]:
        """All segments with an id that may come after a position, up to the end of the slice's loop."""
        loop: Loop | None = self
        for pops in range(16):
            if loop is None:
                return
            for child in loop.children:
                if child.pos < pos:
                    continue
                if isinstance(child, Loop):
                    if child.first.id == segment_id:
                        yield Step(pops, _chain(child), child.first)
                elif child.id == segment_id and child is not loop.children[0]:
                    yield Step(pops, (), child)
            pos, loop = loop.pos, None if loop.is_root else loop.parent

    is_root = False


class Step(NamedTuple):
    """A way to a segment: so many loops are left, these are entered, and there it is."""

    pops: int
    enters: tuple[Loop, ...]
    node: SegmentNode


def _chain(loop: Loop) -> tuple[Loop, ...]:
    first = loop.children[0]
    return (loop,) if isinstance(first, SegmentNode) else (loop, *_chain(first))


class Guide:
    """The loops of one guide in which slices begin, by the kind of slice: st, hl20, hl22, hl23, and claim, of a
    subscriber and of a dependent.
    """

    def __init__(self, root: Any) -> None:  # noqa: ANN401
        loops: dict[str, Loop] = {}

        def find(loop: Loop) -> None:
            for child in loop.children:
                if isinstance(child, Loop):
                    loops[child.id if child.id != "2300" else f"{loop.id}/2300"] = child
                    find(child)

        [top] = (child for pos in sorted(root.pos_map) for child in root.pos_map[pos])
        find(Loop(None, top))
        self.roots: dict[str, Loop] = {kind: loops[name] for kind, name in _ROOTS.items()}
        self.roots["claim"], self.roots["claim23"] = loops["2000B/2300"], loops["2000C/2300"]
        for loop in self.roots.values():
            loop.is_root = True
        self.ids = frozenset(node.id for loop in self.roots.values() for node in loop.segments())
        self._open_header(self.roots["st"], loops["2000A"])
        for loop in self.roots.values():
            outside = {other for other in self.roots.values() if other is not loop}
            loop.needed = frozenset(child for child in loop.children if child.required and child not in outside)

    @staticmethod
    def _open_header(root: Loop, first_level: Loop) -> None:
        """Put what is in loop HEADER directly below ST. The levels have slices of their own; they come last, so that
        one whose HL is lost is known.
        """
        root.id = ""
        header = next(child for child in root.children if isinstance(child, Loop) and child.id == "HEADER")
        for child in header.children:
            if isinstance(child, Loop):
                child.parent = root
            else:
                child.loop = root
        root.children = [root.children[0], *header.children, first_level]
        first_level.pos = 1 << 20


def key_of(segment_id: str, elements: list[str], component: str) -> str:
    """The qualifier of a segment: its first element or the first component of that; HL03 of an HL."""
    number = 3 if segment_id == "HL" else 1
    text = elements[number] if number < len(elements) else ""
    return text.partition(component)[0]


@cache
def guide(kind: str, *, predetermination: bool = False) -> Guide:
    """The guide of "837P" or "837I", or that of a predetermination. It reads no settings of pyx12: they could change
    what is found.
    """
    from pyx12.map_if import load_map_file
    from pyx12.params import ParamsBase

    for name in ("pyx12", "pyx12.params", "pyx12.walk_tree"):
        logging.getLogger(name).disabled = True  # it writes data
    settings = ParamsBase()
    settings.set("exclude_external_codes", ",".join(OUTDATED_LISTS))
    root = load_map_file(_MAPS[kind], settings)
    correct(root)
    if predetermination:
        allow_predetermination(root)
    return Guide(root)
