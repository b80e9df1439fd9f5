"""The few segments of a run that a 277CA answers, found in all its slices at once. This needs numpy, as does the scan
that makes runs.
"""

import numpy as np
from numpy.typing import NDArray

from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Run

_Flags = NDArray[np.bool_]
_Words = NDArray[np.uint64]
_REACH = 32  # bytes behind a run, so that words can be read at its last segment
_DAY = 19  # bytes of DTP*472*D8*20250110, without the terminator


def answered(run: Run, delimiters: Delimiters, mark: bytes) -> bytes:
    """Of each slice of a run its first segment, NM1*IL, NM1*QC, LX*1, REF*D9 and DTP. Dates of another kind than 434
    and 472, a day of service that is the one before it once more, and line breaks are left out. The first byte of each
    slice is the mark.
    """
    begin, end = run.starts[0], run.starts[-1]
    buffer = bytearray(run.text[begin:end]) + bytes(_REACH)
    data = np.frombuffer(buffer, np.uint8)
    words = np.ndarray((len(buffer) - 7,), np.dtype("<u8"), buffer, strides=(1,))
    e, t = delimiters.element, delimiters.terminator
    ends = np.flatnonzero(data[: end - begin] == ord(t))
    starts = np.zeros(len(ends), np.intp)
    starts[1:] = ends[:-1] + 1
    broken = b"\n" in buffer or b"\r" in buffer  # which are no terminators: those of a run are printable
    while broken and (breaks := np.isin(data[starts], (ord("\n"), ord("\r")))).any():
        starts += breaks
    slices = np.array(run.starts[:-1], np.intp) - begin
    opens = np.zeros(len(starts), np.bool_)
    opens[np.searchsorted(starts, slices)] = True
    ids = words[starts]

    def are(*segment: bytes) -> _Flags:
        """Which segments begin with these elements, or with this much of them."""
        text = e.join(segment)
        mask = (1 << 8 * len(text)) - 1
        begins: _Flags = (ids & np.uint64(mask)) == np.uint64(int.from_bytes(text, "little"))
        return begins

    served, stated, dated = are(b"DTP", b"472", b""), are(b"DTP", b"434", b""), are(b"DTP", b"")
    others = np.flatnonzero(dated & ~served & ~stated)
    dated[others] = ~_are_of_another_kind(ids[others], ord(e))
    days = np.flatnonzero(served)
    of = np.cumsum(opens)[days]  # the slice of each
    repeated = (of[1:] == of[:-1]) & (ends[days] - starts[days] == _DAY)[1:]
    for reach in (8, _DAY - 7):  # the last word ends with the terminator
        word = words[starts[days] + reach]
        repeated &= word[1:] == word[:-1]
    dated[days[1:][repeated]] = False
    # An element with a blank before it may be any.
    kept = opens | dated | are(b"LX", b"1" + t) | are(b"REF", b"D9") | are(b"REF", b" ")
    kept |= are(b"NM1", b"IL") | are(b"NM1", b"QC") | are(b"NM1", b" ")

    data[slices] = ord(mark)
    lengths = (ends - starts + 1)[kept]
    shifts = starts[kept] - np.cumsum(lengths) + lengths  # from each byte that is kept to where it was
    kept_bytes: NDArray[np.uint8] = data[np.repeat(shifts, lengths) + np.arange(lengths.sum())]
    return kept_bytes.tobytes()


def _are_of_another_kind(dates: _Words, element: int) -> _Flags:
    """Which of the first words of some DTP have a number of three digits as DTP01."""
    digits = [(dates >> np.uint64(8 * place)).astype(np.uint8) - np.uint8(ord("0")) < 10 for place in (4, 5, 6)]
    found: _Flags = np.logical_and.reduce([*digits, dates >> np.uint64(56) == element])
    return found
