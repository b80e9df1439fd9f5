"""The most memory of a run that finds 100,000 problems, over an empty Python's, in every format.

    python benchmarks/memory.py [--findings 100000] [--formats json html ...]

Each format is a process of its own. It lints claims that are made as they are read, no two alike, and writes the report
to standard output and to a file, both of which are thrown away. `make bench` prints the table too.
"""

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

MOST = 128  # MiB over an empty Python
_CLAIMS = 100  # in a block
_FINDINGS = 4  # on a claim
_HEAD = (
    f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'SENDER':<15}*ZZ*{'RECEIVER':<15}*260115*1200*^*00501*000000001*0*P*:~"
    "GS*HC*S*R*20260115*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~BHT*0019*00*1*20260115*1200*CH~"
    "NM1*41*2*SENDER*****46*S1~NM1*40*2*RECEIVER*****46*R1~"
)
_FIRST = date(2025, 1, 2)


def blocks(findings: int) -> Iterator[bytes]:
    """A batch on whose claims so many findings are: the code, the modifier and the units of each are wrong."""
    yield _HEAD.encode()
    segments, claims = 4, -(-findings // _FINDINGS)
    for first in range(0, claims, _CLAIMS):
        those = [_claim(number) for number in range(first, min(first + _CLAIMS, claims))]
        segments += sum(one.count("~") for one in those)
        yield "".join(those).encode()
    yield f"SE*{segments + 1}*0001~GE*1*1~IEA*1*000000001~".encode()


def _claim(number: int) -> str:
    """A claim of its own provider, subscriber and payer, with two lines."""
    day = _FIRST + timedelta(days=number % 370)
    line = (
        f"SV1*HC:{{}}*{16000 + number % 9973}.{number % 89 + 10}*UN*{number % 7 + 2}***1~"
        f"DTP*472*D8*{day:%Y%m%d}~LIN**N4*55513007701~CTP****{number % 5 + 30}*UN~"
    )
    return (
        f"HL*{2 * number + 1}**20*1~NM1*85*2*CLINIC*****XX*{1234500000 + number % 50}~"
        f"HL*{2 * number + 2}*{2 * number + 1}*22*0~SBR*P*18*******MB~NM1*IL*1*DOE*JANE****MI*M{number}~"
        f"NM1*PR*2*PAYER*****PI*{number % 90 + 10000}~"
        f"CLM*PCN-{number:08}*{32000 + number}***11:B:1*Y*A*Y*Y~HI*ABK:C3490~"
        f"LX*1~{line.format('J9026:JW')}LX*2~{line.format('C9170')}"
    )


def run(form: str, findings: int) -> None:
    """Lint the batch, and write the report twice. The most memory of the process, in KiB, goes to standard error."""
    from lint837.lint.engine import Lint
    from lint837.report.model import about, rule_texts
    from lint837.report.output import Delivery, OutputOptions
    from lint837.report.redact import Redaction
    from lint837.rules.rule import Severity
    from lint837.rules.rulebook import load_rulebook

    rulebook = load_rulebook(isolated=True)
    options = OutputOptions(form, [(form, os.devnull)], Redaction("never"))
    lint = Lint(blocks(findings), "batch.837", rulebook)
    with Delivery(options, about(rulebook, "0", Severity.ERROR)) as delivery:
        found = 0
        for finding in lint:
            found += 1
            delivery.finding(finding)
        delivery.input(lint.summary)
        totals = delivery.tally.totals()
        delivery.end(rule_texts(rulebook, delivery.tally.rules), totals, totals.exit_status(Severity.ERROR))
    if found < findings or not totals.complete:
        raise SystemExit(f"only {found} findings")
    print(_peak(), file=sys.stderr)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


_EMPTY = "import resource, sys; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
# The system counts to a process what its parent held when it was made, so a small one in between makes it.
_BETWEEN = (
    "import os, sys\n"
    "process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)\n"
    "sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))\n"
)


def peak(form: str, findings: int) -> float:
    """The most memory of a process that writes one format, in MiB over an empty Python's."""
    return (_peak_of(__file__, "--run", form, "--findings", str(findings)) - _peak_of("-c", _EMPTY)) / 1024


def _peak_of(*words: str) -> int:
    command = [sys.executable, "-S", "-c", _BETWEEN, sys.executable, *words]
    done = subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603
    return int(done.stderr)


def table(forms: Sequence[str], findings: int) -> None:
    """Print a row a format. As many processes run at once as there are processors: the memory of one is its own."""
    print(f"| memory over an empty Python: {findings:,} findings | MiB | reached |\n| --- | --- | --- |")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for form, over in zip(forms, pool.map(lambda form: peak(form, findings), forms), strict=True):
            print(f"| {form} | {over:.0f} | {'yes' if over <= MOST else 'no'} |", flush=True)


def main() -> None:
    """Print the table."""
    from lint837.report.formats import FORMATS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--formats", nargs="*", default=[*FORMATS], choices=[*FORMATS])
    parser.add_argument("--run", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.run, given.findings)
        return
    table(given.formats, given.findings)


if __name__ == "__main__":
    main()
