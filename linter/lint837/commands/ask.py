"""`lint837 ask`: what to bill for a package on a date, or what is wrong with a line, without a claim file.

The answers become a claim that the same rules judge.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import click

from lint837.claims.segment import plain_decimal
from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say
from lint837.facts.drugs import Drug, DrugCode, Package, plain
from lint837.lint.examples import findings_in
from lint837.lint.finding import Finding
from lint837.rules.rule import Good, Severity
from lint837.rules.rulebook import Rulebook
from lint837.rules.values import counted

# For each --setting the guide, and CLM05-1.
SETTINGS = {"office": ("837P", "11"), "asc": ("837P", "24"), "hospital": ("837I", "13"), "inpatient": ("837I", "11")}


@click.command()
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    metavar="DATE",
    help="Date of service, such as 2025-01-31.",
)
@click.option("--ndc", required=True, metavar="NDC", help="NDC of the package, with or without hyphens.")
@click.option("--quantity", required=True, metavar="NUMBER", help="NDC quantity.")
@click.option(
    "--unit", metavar="UNIT", default="UN", show_default=True, help="Unit of the NDC quantity: UN, ME, GR, ML or F2."
)
@click.option(
    "--code", metavar="CODE", default="", help="Procedure code billed. Without it, lint837 says what to bill."
)
@click.option("--units", default="", metavar="NUMBER", help="Units billed.")
@click.option("--modifier", "modifiers", metavar="CODE", multiple=True, help="Modifier billed. Repeat for several.")
@click.option(
    "--payer", metavar="CODE", default="MB", show_default=True, help="Claim filing code (SBR09), such as MB, MC or CI."
)
@click.option(
    "--setting", type=click.Choice([*SETTINGS]), default="office", show_default=True, help="Where the drug was given."
)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(
    context: click.Context,
    /,
    day: datetime,
    ndc: str,
    quantity: str,
    unit: str,
    code: str,
    units: str,
    modifiers: tuple[str, ...],
    payer: str,
    setting: str,
    extra: tuple[str, ...],
    *,
    isolated: bool,
) -> None:
    """Ask what to bill for a package on a date, or what is wrong with a line, without a claim file.

    Exit status: 0 no error found; 1 an error found; 2 usage error.
    """
    rulebook = rulebook_for(context, extra, isolated=isolated)
    for name, value in (("--quantity", quantity), ("--units", units)):
        if value and plain_decimal(value) is None:
            raise click.UsageError(f"{name} must be a plain decimal number such as 10 or 0.5", context)
    for name, value in (
        ("--code", code),
        ("--unit", unit),
        ("--payer", payer),
        ("--ndc", ndc),
        *(("--modifier", m) for m in modifiers),
    ):
        if not re.fullmatch(r"[A-Za-z0-9 -]*", value):
            raise click.UsageError(f"{name} may only hold letters, digits, hyphens and blanks", context)
    question = Question(day.date(), ndc, quantity, unit, code, units, modifiers, payer, setting)
    try:
        reply = answer(question, rulebook)
    except LookupError as error:
        raise click.UsageError(str(error.args[0]), context) from None
    say(_lines(reply))
    context.exit(int(any(finding.severity is Severity.ERROR for finding in reply.findings)))


@dataclass(frozen=True, slots=True)
class Question:
    """The line in question. "" means not given; `quantity` and `units` are plain decimal numbers."""

    day: date
    ndc: str
    quantity: str
    unit: str = "UN"
    code: str = ""
    units: str = ""
    modifiers: tuple[str, ...] = ()
    payer: str = "MB"
    setting: str = "office"


@dataclass(frozen=True, slots=True)
class Answer:
    """The line as billed, or as it should be billed (`advised`), and what the rules find in it."""

    drug: Drug
    package: Package
    billed: Question
    advised: bool
    findings: tuple[Finding, ...]


def answer(question: Question, rulebook: Rulebook) -> Answer:
    """Judge the line; without a code, with the drug's code for the day. Raises LookupError where the NDC is unknown, or
    no code of the drug was valid on the day.
    """
    match = rulebook.formulary.by_ndc(question.ndc)
    if match is None:
        raise LookupError(f"{question.ndc} is not the NDC of a known drug")
    drug, package = match
    billed = question if question.code else _advised(question, drug, package)
    guide, facility = SETTINGS[question.setting]
    example = Good(
        _line(billed, guide),
        guide=guide,
        facility=facility,
        filing_code=question.payer,
        statement=f"{question.day:%Y%m%d}-{question.day:%Y%m%d}" if guide == "837I" else "",
        created=f"{question.day:%Y%m%d}",
    )
    # Settings for certain files do not apply here.
    rulebook = replace(rulebook, ignored_in=(), suppressions=())
    findings = tuple(findings_in(example, rulebook))
    return Answer(drug, package, billed, not question.code, findings)


def _advised(question: Question, drug: Drug, package: Package) -> Question:
    code = drug.product_code_on(question.day) or next(iter(drug.codes_on(question.day)), None)
    if code is None:
        raise LookupError(f"no code of {drug.name} is known for {question.day}: it was approved on {drug.approved}")
    amount = _amount(question, package)
    units = amount / code.amount if code.is_product else Decimal(1)
    quantity = amount / package.amount
    return Question(
        question.day,
        package.digits,
        plain(quantity),
        package.counted_in,
        code.code,
        plain(units),
        question.modifiers or (("JZ",) if code.is_product else ()),
        question.payer,
        question.setting,
    )


def _amount(question: Question, package: Package) -> Decimal:
    """The amount in question, in the drug's measure."""
    quantity = Decimal(question.quantity)
    return {"ME": quantity, "GR": quantity * 1000}.get(question.unit.upper(), quantity * package.amount)


def _line(question: Question, guide: str) -> str:
    code = ":".join(["HC", question.code, *question.modifiers])
    service = (
        f"SV1*{code}*1600*UN*{question.units}***1" if guide == "837P" else f"SV2*0636*{code}*1600*UN*{question.units}"
    )
    return (
        f"{service}~DTP*472*D8*{question.day:%Y%m%d}~LIN**N4*{question.ndc}~CTP****{question.quantity}*{question.unit}~"
    )


def _lines(reply: Answer) -> Iterator[str]:
    """The answer as lines of text."""
    billed, drug = reply.billed, reply.drug
    code = drug.code(billed.code)
    if reply.advised and code:
        yield f"for {billed.day} and NDC {reply.package.ndc} ({drug.name}, {drug.measured(reply.package.amount)}) bill"
        others = [_named(other) for other in drug.codes_on(billed.day) if other != code and code.kind != "permanent"]
        yield f"  code       {' or '.join([_named(code), *others])}"
        if billed.modifiers:
            yield f"  modifier   {' '.join(billed.modifiers)}, if nothing was discarded"
        unit = f" (1 unit = {drug.measured(code.amount)})" if code.is_product else " (or as the payer's policy says)"
        yield f"  units      {counted(Decimal(billed.units), 'unit')}{unit}"
        yield f"  NDC        LIN**N4*{billed.ndc}   CTP****{billed.quantity}*{billed.unit}"
    for finding in reply.findings:
        yield f"{finding.severity} {finding.rule} {finding.name} at {finding.location.element or 'the line'}"
        yield f"  {finding.message}"
        yield f"  fix: {finding.correction}"
    if not reply.findings and not reply.advised:
        yield "nothing is wrong with this line"


def _named(code: DrugCode) -> str:
    return f"{code.code} ({code.settings})" if code.settings else code.code
