"""Changes to claim files as a broken sender or transfer would make them: by segment and element, not by byte alone.

Every change comes from a number, so that the same number makes the same change.
"""

import gzip
import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

_ISA_LENGTH = 106
_LARGEST_UNPACKED = 64 * 1024
_GZIP = b"\x1f\x8b"
_TERMINATORS = (b"~", b"'", b"\n", b"\\", b"\x1c", b"|", b"\xc2\xa7", b"\xa7", b"\r", b"!")
_ELEMENTS = (b"*", b"|", b"\x1d", b"+", b"\t", b"^")
_COMPONENTS = (b":", b">", b"\x1f", b"<", b"\\")

Segments = list[bytes]
Change = Callable[[random.Random, Segments], None]


def words() -> list[bytes]:
    """The words of the dictionary."""
    text = Path(__file__).with_name("words.dict").read_text(encoding="ascii")
    quoted = re.findall(r'^"(.*)"$', text, re.MULTILINE)
    return [re.sub(rb"\\x(..)", lambda match: bytes.fromhex(match[1].decode()), word.encode()) for word in quoted]


WORDS = words()


def mutated(data: bytes, seed: int, largest: int, of_bytes: Callable[[bytes, int], bytes] | None = None) -> bytes:
    """`data` with one to four changes, at most `largest` bytes; `of_bytes` is another mutator, of bytes alone."""
    chance = random.Random(seed)
    if data.startswith(_GZIP) and chance.random() < 0.7:
        return _packed(chance, mutated(_unpacked(data), chance.getrandbits(32), largest, of_bytes))[:largest]
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        kind = chance.random()
        if kind < 0.2 and of_bytes:
            data = of_bytes(data, largest)
        elif kind < 0.3:
            data = _in_bytes(chance, data)
        elif kind < 0.4:
            data = chance.choice((_other_delimiters, _other_line_ends, _wrapped, _in_two))(chance, data)
        else:
            data = _in_segments(chance, data)
    if chance.random() < 0.01:
        data = _packed(chance, data)
    return data[:largest]


def spliced(first: bytes, second: bytes, seed: int, largest: int) -> bytes:
    """A run of segments of the one in the other."""
    chance = random.Random(seed)
    (terminator, into), (_, other) = _segments(first), _segments(second)
    begin, at = chance.randrange(len(other)), chance.randrange(len(into))
    into[at : at + chance.choice((0, 0, 1, 5))] = other[begin : begin + chance.randint(1, 20)]
    return terminator.join(into)[:largest]


# ---------------------------------------------------------------- by segment


def _delimiters(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Element separator, component separator and terminator of the first ISA, if it is a plain one."""
    at = max(data.find(b"ISA"), 0)
    head = data[at : at + _ISA_LENGTH]
    if len(head) < _ISA_LENGTH:
        return b"*", b":", b"~"
    return head[3:4], head[104:105], head[105:106]


def _segments(data: bytes) -> tuple[bytes, Segments]:
    terminator = _delimiters(data)[2]
    return terminator, data.split(terminator)


def _in_segments(chance: random.Random, data: bytes) -> bytes:
    terminator, segments = _segments(data)
    element, component, _ = _delimiters(data)
    kind = chance.choice(("move", "word", "element", "component", "recount", "repeat", "number", "near", "code"))
    at = chance.randrange(len(segments))
    if kind == "move":
        _moved(chance, segments, at)
    elif kind == "word":
        word = chance.choice([word for word in WORDS if word[-1:] == b"~"])[:-1]
        segments.insert(at, word.replace(b"*", element).replace(b":", component))
    elif kind in ("element", "component"):
        separator = element if kind == "element" else component
        parts = segments[at].split(separator)
        _part_changed(chance, parts, [part for segment in segments for part in segment.split(separator)])
        segments[at] = separator.join(parts)
    elif kind == "recount":
        _recount(segments, element)
    elif kind == "number":
        _renumber(segments, element)
    elif kind == "near":
        _nearly(chance, segments, element)
    elif kind == "code":
        _other_code(chance, segments)
    else:
        end = min(len(segments), at + chance.randint(1, 12))
        segments[at:at] = segments[at:end] * chance.choice((1, 2, 5, 40))
    return terminator.join(segments)


def _moved(chance: random.Random, segments: Segments, at: int) -> None:
    """Segments lost, doubled, exchanged, glued together or cut."""
    kind = chance.randrange(5)
    if kind == 0:
        del segments[at : at + chance.choice((1, 1, 2, 10))]
    elif kind == 1:
        segments.insert(chance.randrange(len(segments)), segments[at])
    elif kind == 2:
        other = chance.randrange(len(segments))
        segments[at], segments[other] = segments[other], segments[at]
    elif kind == 3:
        segments[at : at + 2] = [chance.choice((b"", b"*", b" ", b"\n")).join(segments[at : at + 2])]
    else:
        segments[at] = segments[at][: chance.randint(0, len(segments[at]))]


def _part_changed(chance: random.Random, parts: Segments, others: Segments) -> None:
    """One element or component lost, made another's or a word, made long, or written with blanks."""
    at = chance.randrange(len(parts))
    parts[at] = chance.choice(
        (
            b"",
            chance.choice(others),
            chance.choice(WORDS),
            parts[at] + chance.choice(WORDS),
            parts[at] * chance.choice((2, 30)),
            b" " + parts[at] + b" ",
            parts[at].swapcase(),
            b"%d" % chance.choice((0, 1, 2, 9, 10, 99, 1 << 31, 10**12)),
        )
    )
    if chance.random() < 0.2:
        del parts[chance.randrange(len(parts))]


def _recount(segments: Segments, element: bytes) -> None:
    """Make the trailers' counts right again, so that what follows them is looked at too."""
    opened = dict.fromkeys((b"ST", b"GS", b"ISA"), 0)
    sets = groups = 0
    for at, segment in enumerate(segments):
        parts = segment.strip(b"\r\n").split(element)
        if parts[0] in opened:
            opened[parts[0]] = at
        if len(parts) > 2 and parts[0] in (b"SE", b"GE", b"IEA"):
            if parts[0] == b"SE":
                parts[1], sets = b"%d" % (at - opened[b"ST"] + 1), sets + 1
            elif parts[0] == b"GE":
                parts[1], groups, sets = b"%d" % sets, groups + 1, 0
            else:
                parts[1], groups = b"%d" % groups, 0
            segments[at] = element.join(parts)


def _renumber(segments: Segments, element: bytes) -> None:
    """Number the levels in their order, those of subscribers and dependents below the last one above them."""
    number, above = 0, {b"20": b"", b"22": b"1", b"23": b"2"}
    for at, segment in enumerate(segments):
        parts = segment.split(element)
        if parts[0].strip() == b"ST":
            number = 0
        if parts[0].strip() == b"HL" and len(parts) > 3:
            number += 1
            parts[1], parts[2] = b"%d" % number, above.get(parts[3], b"1")
            if parts[3] == b"20":
                above[b"22"] = parts[1]
            elif parts[3] == b"22":
                above[b"23"] = parts[1]
            segments[at] = element.join(parts)


def _nearly(chance: random.Random, segments: Segments, element: bytes) -> None:
    """Another number in a segment that is counted or counts, a little above or below."""
    names = chance.choice(((b"HL",), (b"HL",), (b"LX",), (b"SE", b"GE", b"IEA"), (b"ST", b"GS")))
    found = [at for at, segment in enumerate(segments) if segment.strip().split(element)[0] in names]
    if found:
        at = chance.choice(found)
        parts = segments[at].split(element)
        numbers = [i for i, part in enumerate(parts) if part.isdigit() and len(part) < 10]
        if numbers:
            place = chance.choice(numbers)
            parts[place] = b"%d" % max(0, int(parts[place]) + chance.choice((-1, -1, 1, 1, 2)))
            segments[at] = element.join(parts)


def _other_code(chance: random.Random, segments: Segments) -> None:
    """What names a drug, a code, an NDC or a name, written in another way."""
    named = re.compile(rb"[JC]\d{4}|55513[\d-]{6,8}|TARLATAMAB|IMDELLTRA", re.IGNORECASE)
    found = [at for at, segment in enumerate(segments) if named.search(segment)]
    if not found:
        return
    at = chance.choice(found)
    match = named.search(segments[at])
    if match:
        name, place = match[0], chance.randint(0, len(match[0]))
        others = (b"J9026", b"C9170", b"J9999", b"55513005901", b"55513-077-01", b"Imdelltra")
        ways = (
            name[:place] + b" " + name[place:],
            name.swapcase(),
            name[:place],
            chance.choice(others),
            name + b"\r\n",
        )
        segments[at] = segments[at][: match.start()] + chance.choice(ways) + segments[at][match.end() :]


# ---------------------------------------------------------------- by byte, and as a whole


def _in_bytes(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    width = chance.choice((0, 0, 1, 1, 3, 8, 200))
    kind = chance.randrange(4)
    if kind == 0:
        return data[:at] + chance.choice(WORDS) + data[at + width :]
    if kind == 1:
        return data[:at] + bytes([chance.randrange(256)]) * chance.choice((1, 1, 2, 90)) + data[at + width :]
    if kind == 2:
        return data[:at]
    return data[:at] + data[at + width :]


def _other_delimiters(chance: random.Random, data: bytes) -> bytes:
    """Others, each in the place of the one that the ISA declares."""
    for old, new in zip(_delimiters(data), map(chance.choice, (_ELEMENTS, _COMPONENTS, _TERMINATORS)), strict=True):
        if new not in data and old.strip():
            data = data.replace(old, new)
    return data


def _other_line_ends(chance: random.Random, data: bytes) -> bytes:
    terminator = _delimiters(data)[2]
    if terminator in (b"\r", b"\n"):
        return data
    without = data.replace(b"\r", b"").replace(b"\n", b"")
    newline = chance.choice((b"", b"\n", b"\r\n", b"\n\n", b"\n  ", b"\r"))
    return without.replace(terminator, terminator + newline, chance.choice((-1, -1, 3, 20)))


def _wrapped(chance: random.Random, data: bytes) -> bytes:
    width = chance.choice((2, 40, 72, 80, 107, 600))
    newline = chance.choice((b"\n", b"\r\n"))
    return newline.join(data[i : i + width] for i in range(0, len(data), width))


def _in_two(chance: random.Random, data: bytes) -> bytes:
    """One after the other, as a transfer joins files."""
    return (
        data + chance.choice((b"", b"\n", b"\x1a\x00 ", b"junk~", b"\xef\xbb\xbf")) + data[chance.choice((0, 0, 50)) :]
    )


# ---------------------------------------------------------------- archives


def _packed(chance: random.Random, data: bytes) -> bytes:
    if chance.random() < 0.1:
        data += b"\0" * chance.choice((1, 3, 6)) * 1024 * 1024
    if chance.random() < 0.7:
        packed = gzip.compress(data, mtime=0) * chance.choice((1, 1, 1, 2))
    else:
        packed = zipped({chance.choice(("a.837", "a.bin", "b/", "a.837.gz")): data, "c.txt": b"ISA"})
    return _in_bytes(chance, packed) if chance.random() < 0.3 else packed


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP archive, the same bytes for the same members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, _LARGEST_UNPACKED)
    except zlib.error:
        return data


def sample(seeds: Sequence[bytes], seed: int, rounds: int, largest: int = 16 * 1024) -> bytes:
    """One of `seeds`, changed so many times over."""
    chance = random.Random(seed)
    data = chance.choice(seeds)
    for _ in range(rounds):
        if chance.random() < 0.15:
            data = spliced(data, chance.choice(seeds), chance.getrandbits(32), largest)
        else:
            data = mutated(data, chance.getrandbits(32), largest)
    return data
