"""Makes an input that breaks an invariant small: `python -m fuzz.minimise reader|lint FILE > SMALL`."""

import sys
from collections.abc import Callable
from pathlib import Path

from fuzz.targets import TARGETS, Target
from tests.x12.reading import WAYS, Way, way_of


def minimised(data: bytes, breaks: Callable[[bytes], bool]) -> bytes:
    """What is left of `data` when pieces are taken out, ever smaller ones, as long as it `breaks`."""
    size = max(1, len(data) // 2)
    while size:
        at, before = 0, len(data)
        while at < len(data):
            less = data[:at] + data[at + size :]
            if breaks(less):
                data = less
            else:
                at += size
        if size > 1 or len(data) == before:
            size //= 2
    return data


def broken(target: Target, data: bytes, way: Way) -> str:
    """The error that an input makes, and the line at which it comes up; "" for none."""
    try:
        target(data, way)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was found
        place, trace = "", error.__traceback__
        while trace:
            place, trace = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", trace.tb_next
        return f"{type(error).__name__} at {place}"
    return ""


def main(name: str, path: str) -> None:
    """Write the small input to standard output, and what it breaks to standard error."""
    target, data = TARGETS[name], Path(path).read_bytes()
    ways = [way_of(data), *WAYS]
    found = next(((way, what) for way in ways if (what := broken(target, data, way))), None)
    if found is None:
        print("nothing is broken", file=sys.stderr)
        return
    way, what = found
    print(what, way, file=sys.stderr)
    sys.stdout.buffer.write(minimised(data, lambda less: broken(target, less, way) == what))


if __name__ == "__main__":
    main(*sys.argv[1:])
