"""Claim files for the benchmark, made of nothing but a seed: 837P batches, valid by count, of any size.

    python benchmarks/generate.py sparse out.837 --megabytes 300 [--every 1000] [--lines] [--claims-in-st 5000]

sparse: of `every` claims one bills tarlatamab; right: and no public edit finds anything; unlisted: and of 25 claims one
bills another drug under a miscellaneous code, with a text; services: and the others bill no drug; dense: all bill it,
four lines each; dirty: and each claim has one line that is wrong; half: each second one. People, days, charges, second
diagnoses, numbers of claims and lines differ in every claim.
"""

import argparse
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

ISA = f"ISA*00*          *00*          *ZZ*{'SENDER':<15}*ZZ*{'RECEIVER':<15}*260115*1200*^*00501*000000001*0*P*:"
_PAYERS = [("MB", "04412"), ("MB", "00952"), ("CI", "60054"), ("BL", "84980"), ("HM", "62308"), ("16", "61101")]
_PAYERS += [("MC", "86916"), ("CI", "87726"), ("MB", "05301"), ("MC", "77003")]
_WEIGHTS = [20, 15, 12, 10, 8, 8, 6, 8, 7, 6]
_CODES = ["99213", "99214", "96413", "96415", "J1100", "J2405", "85025", "80053", "J3490", "J9271"]
_DRUG_CODE = re.compile(r"HC:J\d{4}\*")
_UNLISTED_CODES = ["J3490", "J3590", "J9999", "C9399"]
_UNLISTED = [
    "PEMBROLIZUMAB",
    "NIVOLUMAB",
    "INFLIXIMAB-DYYB",
    "TRASTUZUMAB",
    "ONDANSETRON INJ",
    "CARBOPLATIN",
    "STERILE VIAL",
]
_EVERY_UNLISTED = 25
_EVERY_OF_MANY = 3
_NAMES = ["SMITH", "JOHNSON", "GARCIA", "MILLER", "NGUYEN", "LEE", "BROWN", "DAVIS", "MARTINEZ", "WILSON"] * 20
_NAMES += ["STARR", "TARANTO", "DISA"]  # what begins like a literal or ends like a segment id
_FIRST_NAMES = ["MARY", "JAMES", "PATRICIA", "JOHN", "LINDA", "ROBERT", "SUSAN", "MICHAEL", "KAREN", "DAVID"] * 10
_FIRST_NAMES += ["LISA"]
_DOLLARS_A_MILLIGRAM = 1641

Drug = tuple[str, str, int]  # its code, an NDC, and the units of one container


def interchange(
    kind: str, size: int, *, every: int, claims_in_st: int, newline: str, drugs: Sequence[Drug] = ()
) -> Iterator[str]:
    """The text of an interchange of at least `size` bytes, in pieces."""
    end = "~" + newline
    rng = random.Random(837)  # noqa: S311 - no secret is made of it
    sets, claims, written = 0, 0, 0
    yield f"{ISA}{end}GS*HC*S*R*20260115*1200*1*X*005010X222A1{end}"
    while written < size:
        sets += 1
        head = _head(sets)
        segments, hl, inside = len(head), 1, 0
        yield end.join([*head, ""])
        while inside < claims_in_st and written < size:
            claims, hl, inside = claims + 1, hl + 1, inside + 1
            drug = kind in ("dense", "dirty", "half") or claims % every == 0
            one = _subscriber(rng, hl, claims, drug=drug, lines=4)
            if kind == "right":
                one = [segment.replace(":J3490*", ":J1885*") for segment in one]
            if kind == "services":
                one = [_DRUG_CODE.sub("HC:99213*", segment) for segment in one]
            if kind == "dirty" or (kind == "half" and claims % 2):
                _spoil(rng, one)
            if kind == "unlisted" and not drug and claims % _EVERY_UNLISTED == 0:
                _unlist(rng, one)
            if drugs and not drug and claims % _EVERY_OF_MANY == 0:
                _bill(rng, one, drugs)
            segments += len(one)
            text = end.join([*one, ""])
            written += len(text)
            yield text
        yield f"SE*{segments + 1}*{sets:04}{end}"
    yield f"GE*{sets}*1{end}IEA*1*000000001{end}"


def _head(number: int) -> list[str]:
    return [
        f"ST*837*{number:04}*005010X222A1",
        f"BHT*0019*00*{number}*20260115*1200*CH",
        "NM1*41*2*SENDER*****46*S1",
        "PER*IC*DESK*TE*5550100000",
        "NM1*40*2*RECEIVER*****46*R1",
        "HL*1**20*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
        "N3*1 MAIN STREET",
        "N4*SPRINGFIELD*IL*627010000",
        "REF*EI*741852963",
    ]


def _subscriber(rng: random.Random, hl: int, number: int, *, drug: bool, lines: int) -> list[str]:
    filing, payer = rng.choices(_PAYERS, _WEIGHTS)[0]
    segments = [
        f"HL*{hl}*1*22*0",
        f"SBR*P*18*GRP{rng.randrange(100000):05}******{filing}",
        f"NM1*IL*1*{rng.choice(_NAMES)}*{rng.choice(_FIRST_NAMES)}****MI*{_member_id(rng, filing)}",
        f"N3*{rng.randrange(9999)} MAIN STREET",
        "N4*SPRINGFIELD*IL*62701",
        f"DMG*D8*19{rng.randrange(30, 99)}0{rng.randrange(1, 10)}15*{rng.choice('MF')}",
        f"NM1*PR*2*PAYER*****PI*{payer}",
    ]
    billed = [*(_drug_lines if drug else _other_lines)(rng, number, lines)]
    charge = sum(int(line[1].split("*")[2]) for line in billed)
    diagnosis = rng.choice(("C3490", "C3491", "C3492", "C3410", "C3411"))
    segments += [
        f"CLM*ACC{number:08}*{charge}***11:B:1*Y*A*Y*Y",
        f"REF*D9*{rng.randrange(10**12):012}",
        f"HI*ABK:{diagnosis}*ABF:{rng.choice('EIJKMZ')}{rng.randrange(100):02}{rng.randrange(10)}",
        "NM1*82*1*DOCTOR*JANE****XX*1234567893",
        "PRV*PE*PXC*207RH0003X",
    ]
    for line in billed:
        segments += line
    return segments


def _member_id(rng: random.Random, filing: str) -> str:
    """A member id; one of Medicare in its own form."""
    digits = f"{rng.randrange(10**9):09}"
    return f"1EG{digits[0]}TE{digits[1]}MK{digits[2:4]}" if filing == "MB" else digits + "A"


def _drug_lines(rng: random.Random, number: int, lines: int) -> Iterator[list[str]]:
    """A cycle: the first one begins with 1 mg, all others are 10 mg every two weeks."""
    first = date(2025, 1, 6) + timedelta(rng.randrange(300))
    begins = rng.random() < 0.25
    for n, days in zip(range(1, lines + 1), (0, 7, 14, 28) if begins else (0, 14, 28, 42), strict=True):
        units = 1 if begins and n == 1 else 10
        yield [
            f"LX*{n}",
            f"SV1*HC:J9026:JZ*{units * _DOLLARS_A_MILLIGRAM + rng.randrange(500)}*UN*{units}***1",
            f"DTP*472*D8*{first + timedelta(days):%Y%m%d}",
            f"REF*6R*{number}L{n}",
            f"LIN**N4*{'55513005901' if units == 1 else '55513007701'}",
            "CTP****1*UN",
        ]


def _other_lines(rng: random.Random, number: int, lines: int) -> Iterator[list[str]]:
    day = f"2025{rng.randrange(1, 13):02}{rng.randrange(1, 28):02}"
    for n in range(1, lines + 1):
        code, charge = rng.choice(_CODES), rng.randrange(20, 900)
        yield [f"LX*{n}", f"SV1*HC:{code}*{charge}*UN*1***1:2", f"DTP*472*D8*{day}", f"REF*6R*{number}L{n}"]


def _spoil(rng: random.Random, segments: list[str]) -> None:
    """Make one line wrong: its code, its units or its NDC."""
    old, new = rng.choice((("HC:J9026:JZ", "HC:C9170:JZ"), ("*UN*10*", "*UN*100*"), ("55513007701", "55513-077-01")))
    at = rng.choice([n for n, segment in enumerate(segments) if old in segment])
    segments[at] = segments[at].replace(old, new)


def _unlist(rng: random.Random, segments: list[str]) -> None:
    """Bill the first line under a miscellaneous code, with the name of another drug and its dose."""
    at = next(n for n, segment in enumerate(segments) if segment.startswith("SV1"))
    elements = segments[at].split("*")
    text = f"{rng.choice(_UNLISTED)} {rng.randrange(1, 1000)} MG"
    segments[at] = "*".join(["SV1", f"HC:{rng.choice(_UNLISTED_CODES)}:::::{text}", *elements[2:]])


def _bill(rng: random.Random, segments: list[str], drugs: Sequence[Drug]) -> None:
    """Bill one container of a drug on the last line."""
    at = max(n for n, segment in enumerate(segments) if segment.startswith("SV1"))
    code, ndc, units = rng.choice(drugs)
    _, _, charge, *_ = segments[at].split("*")
    segments[at] = f"SV1*HC:{code}*{charge}*UN*{units}***1:2"
    segments += [f"LIN**N4*{ndc}", "CTP****1*UN"]


_HEAD = f"{ISA}~GS*HC*S*R*20260115*1200*1*X*005010X222A1~" + "~".join(_head(1)) + "~"
_CLAIM = "CLM*A*100***11:B:1*Y*A*Y*Y~HI*ABK:C3490~LX*1~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20250110~"
_END = "SE*1*0001~GE*1*1~IEA*1*000000001~"
_MILLION = 1_000_000

# Files that are made to be slow or large to read, or to have no end; the counts in their trailers are wrong.
HOSTILE: dict[str, Callable[[], Iterator[str]]] = {
    "100,000 HL, each below the one before": lambda: (
        f"HL*{n}*{n - 1}*22*1~" if n > 1 else _HEAD for n in range(1, 100_001)
    ),
    "10 million empty segments": lambda: chain([_HEAD], ("~" * 1000 for _ in range(10_000)), [_END]),
    "a segment of 1 GB": lambda: chain([_HEAD, "NTE*ADD*"], ("A" * _MILLION for _ in range(1000)), ["~", _END]),
    "500 MB without a terminator": lambda: chain([_HEAD], ("A*" * (_MILLION // 2) for _ in range(500))),
    "a million claims in one transaction set": lambda: chain(
        [_HEAD], (f"HL*{n}*1*22*0~SBR*P*18*******MB~{_CLAIM}" for n in range(2, _MILLION + 2)), [_END]
    ),
    "200,000 service lines in one claim": lambda: chain(
        [_HEAD, f"HL*2*1*22*0~SBR*P*18*******MB~{_CLAIM}"],
        (f"LX*{n}~SV1*HC:J9026:JZ*16410*UN*10***1~DTP*472*D8*20250110~" for n in range(2, 200_001)),
        [_END],
    ),
    "100,000 transaction sets of one claim": lambda: chain(
        [_HEAD.partition("ST*")[0]],
        ("~".join(_head(n)) + f"~HL*2*1*22*0~SBR*P*18*******MB~{_CLAIM}SE*18*{n:04}~" for n in range(1, 100_001)),
        [_END.partition("~")[2]],
    ),
    "50,000 claims, a line break after every 80 bytes": lambda: _wrapped(
        chain([_HEAD], (f"HL*{n}*1*22*0~SBR*P*18*******MB~{_CLAIM}" for n in range(2, 50_002)), [_END])
    ),
}


def _wrapped(pieces: Iterable[str]) -> Iterator[str]:
    text = "".join(pieces)
    return (text[at : at + 80] + "\n" for at in range(0, len(text), 80))


def write_hostile(path: Path, name: str) -> None:
    """Write one of HOSTILE."""
    with path.open("w", newline="", buffering=1 << 20) as file:
        file.writelines(HOSTILE[name]())


def write(
    path: Path,
    kind: str,
    megabytes: float,
    *,
    every: int = 1000,
    claims_in_st: int = 5000,
    lines: bool = False,
    drugs: Sequence[Drug] = (),
) -> None:
    """Write a file, with a line break after each segment if `lines`; with `drugs` one claim in three bills one."""
    newline, size = "\n" if lines else "", int(megabytes * 1e6)
    with path.open("w", newline="", buffering=1 << 20) as file:
        file.writelines(interchange(kind, size, every=every, claims_in_st=claims_in_st, newline=newline, drugs=drugs))


def write_many(folder: Path, number: int) -> None:
    """Write files of one claim each, every third of which bills the drug."""
    rng = random.Random(837)  # noqa: S311 - no secret is made of it
    for n in range(1, number + 1):
        segments = [*_head(1), *_subscriber(rng, 2, n, drug=n % 3 == 0, lines=4)]
        text = "~".join([ISA.replace("000000001", f"{n:09}"), "GS*HC*S*R*20260115*1200*1*X*005010X222A1", *segments])
        text += f"~SE*{len(segments) + 1}*0001~GE*1*1~IEA*1*{n:09}~"
        (folder / f"{n:06}.837").write_text(text)


def main() -> None:
    """Write one file, as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["sparse", "right", "unlisted", "services", "dense", "dirty", "half"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--megabytes", type=float, default=300)
    parser.add_argument("--every", type=int, default=1000, help="of so many claims one bills the drug (sparse)")
    parser.add_argument("--claims-in-st", type=int, default=5000)
    parser.add_argument("--lines", action="store_true", help="a line break after each segment")
    given = parser.parse_args()
    write(
        given.path, given.kind, given.megabytes, every=given.every, claims_in_st=given.claims_in_st, lines=given.lines
    )


if __name__ == "__main__":
    main()
