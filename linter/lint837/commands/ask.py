"""`lint837 ask`: what to bill for a package on a date, or what is wrong with a line, without a claim file.

The answers become a claim that the same rules judge.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import click

from lint837.claims.segment import plain_decimal
from lint837.commands.advice import Advice, Line, advise, advise_listed
from lint837.commands.common import config_option, facts_option, isolated_option, rulebook_for, say
from lint837.facts.drugs import Drug, Package, digits_of, plain
from lint837.facts.formulary import Formulary
from lint837.facts.settings import HOSPITAL, INPATIENT, OFFICE, SURGERY_CENTER, Setting
from lint837.lint.examples import findings_in
from lint837.lint.finding import Finding
from lint837.report.phrases import payer as payer_in_words
from lint837.rules.rule import Good, Severity
from lint837.rules.rulebook import Rulebook
from lint837.rules.values import counted

# For each --setting the guide, and CLM05-1.
SETTINGS = {"office": ("837P", "11"), "asc": ("837P", "24"), "hospital": ("837I", "13"), "inpatient": ("837I", "11")}
_OFFICE = Setting("837P", "11", "MB")
_IN_WORDS = {
    OFFICE: "an office",
    SURGERY_CENTER: "an ambulatory surgery center",
    HOSPITAL: "a hospital outpatient department",
    INPATIENT: "a hospital stay",
}
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%Y%m%d")
_MOST = 1000  # packages of one line
_MOST_MODIFIERS = 4  # of a line


def _day(context: click.Context, parameter: click.Parameter, value: str) -> date:
    """A date of service, as a biller writes it."""
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(value.strip(), form).date()
        except ValueError:
            continue
    raise click.BadParameter("write the date as 2025-01-31, or as month/day/year: 1/31/2025", context, parameter)


@click.command()
@click.option(
    "--date", "day", required=True, metavar="DATE", callback=_day, help="Date of service: 2025-01-31 or 1/31/2025."
)
@click.option("--ndc", required=True, metavar="NDC", help="NDC of the package, with or without hyphens.")
@click.option("--quantity", required=True, metavar="NUMBER", help="NDC quantity.")
@click.option(
    "--unit", metavar="UNIT", default="UN", show_default=True, help="Unit of the NDC quantity: UN, ME, GR, ML or F2."
)
@click.option(
    "--code", metavar="CODE", default="", help="Procedure code billed. Without it, lint837 says what to bill."
)
@click.option("--units", default="", metavar="NUMBER", help="Units billed, with --code.")
@click.option(
    "--modifier", "modifiers", metavar="CODE", multiple=True, help="Modifier billed, with --code. Repeat for several."
)
@click.option(
    "--payer", metavar="CODE", default="MB", show_default=True, help="Claim filing code (SBR09), such as MB, MC or CI."
)
@click.option(
    "--setting", type=click.Choice([*SETTINGS]), default="office", show_default=True, help="Where the drug was given."
)
@click.option(
    "--place",
    metavar="CODE",
    default="",
    help="Place of service, or the first two digits of the type of bill. Default: that of --setting.",
)
@facts_option
@config_option
@isolated_option
@click.pass_context
def command(
    context: click.Context,
    /,
    day: date,
    ndc: str,
    quantity: str,
    unit: str,
    code: str,
    units: str,
    modifiers: tuple[str, ...],
    payer: str,
    setting: str,
    place: str,
    extra: tuple[str, ...],
    *,
    isolated: bool,
) -> None:
    """Ask what to bill for a package on a date, or what is wrong with a line, without a claim file.

    Exit status: 0 no error found; 1 an error found, or no code for the date; 2 usage error.
    """
    rulebook = rulebook_for(context, extra, isolated=isolated)
    for name, value in (("--quantity", quantity), ("--units", units)):
        if value and plain_decimal(value) is None:
            raise click.UsageError(f"{name} must be a plain decimal number such as 10 or 0.5", context)
    given = [("--code", code), ("--unit", unit), ("--payer", payer), ("--ndc", ndc)]
    for name, value in (*given, *(("--modifier", modifier) for modifier in modifiers)):
        if not re.fullmatch(r"[A-Za-z0-9 -]*", value):
            raise click.UsageError(f"{name} may only hold letters, digits, hyphens and blanks", context)
    if not re.fullmatch("[0-9]{2}|", place):
        raise click.UsageError("--place must be two digits, such as 11 or 24; 13 for type of bill 13x", context)
    if (units or modifiers) and not code:
        raise click.UsageError("--units and --modifier need --code: without a code lint837 says what to bill", context)
    if len(modifiers) > _MOST_MODIFIERS:
        raise click.UsageError(
            f"--modifier can be given {_MOST_MODIFIERS} times: a line has no place for more", context
        )
    guide, usual_place = SETTINGS[setting]
    where = Setting(guide, place or usual_place, payer.strip().upper())
    question = Question(day, ndc.strip(), quantity, unit.strip().upper(), where, code, units, modifiers)
    try:
        reply = answer(question, rulebook)
    except LookupError as error:
        raise click.UsageError(str(error.args[0]), context) from None
    say(_lines(reply))
    wrong = any(finding.severity is Severity.ERROR for finding in reply.findings)
    context.exit(int(wrong or not reply.lines))


@dataclass(frozen=True, slots=True)
class Question:
    """The line in question. "" means not given; `quantity` and `units` are plain decimal numbers."""

    day: date
    ndc: str
    quantity: str
    unit: str = "UN"
    setting: Setting = _OFFICE
    code: str = ""
    units: str = ""
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The lines as billed, or as they should be billed (`advice`), and what the rules find in them. No lines: no code
    bills the drug on the day.
    """

    question: Question
    drug: Drug
    package: Package
    advice: Advice | None
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


def answer(question: Question, rulebook: Rulebook) -> Answer:
    """Judge the line; without a code, what to bill. Raises LookupError where the question has no answer: the NDC is
    unknown, or the quantity is no amount of the package.
    """
    drug, package = _package(question, rulebook.formulary)
    advice = None
    if question.code:
        lines: tuple[Line, ...] = (_as_billed(question, drug, package),)
    elif drug.lacks:
        amount = package.amount_in(question.unit)
        if amount is None:
            raise LookupError("--unit must be UN or ML for this package")
        _check_quantity(Decimal(question.quantity), package.volume if question.unit == "ML" else Decimal(1))
        advice = advise_listed(drug, package, Decimal(question.quantity), question.unit)
        lines = advice.lines
    else:
        advice = advise(drug, package, question.day, question.setting, _amount(question, package))
        lines = advice.lines if advice else ()
    return Answer(question, drug, package, advice, lines, tuple(_findings(question, lines, rulebook)) if lines else ())


def _package(question: Question, formulary: Formulary) -> tuple[Drug, Package]:
    ndc = question.ndc
    match = formulary.by_ndc(ndc) or _listed(question, formulary)
    if match:
        return match
    digits = _eleven_digits(ndc)
    other = next((found for drug in formulary.drugs if (found := drug.other_product(digits))), None)
    if other:
        raise LookupError(
            f"{ndc} is the NDC of {other.name}, billed under {' or '.join(other.codes)}; compare it with the package"
        )
    if any(not one.code for one in formulary.listings(digits_of(ndc))):
        raise LookupError(
            f"CMS lists {ndc} without a code of its own: bill the miscellaneous code that the payer takes"
        )
    raise LookupError(f"{ndc} is not the NDC of a known drug")


def _listed(question: Question, formulary: Formulary) -> tuple[Drug, Package] | None:
    """The package by what CMS lists: under the code in question, else under the code of that day, the newest first."""
    if formulary.stored is None:
        return None
    listed = [one for one in formulary.listings(digits_of(question.ndc)) if one.code]
    quarter = formulary.stored.quarter_of(question.day)
    listed.sort(key=lambda one: (quarter in one.quarters, one.quarters[-1]), reverse=True)
    for code in (question.code.strip().upper(), *(one.code for one in listed)):
        drug = formulary.stored_drug(code)
        packages = drug.packages_with(digits_of(question.ndc)) if drug else ()
        if drug and packages:
            return drug, packages[0]
    return None


def _check_quantity(quantity: Decimal, package: Decimal) -> None:
    if not 0 < quantity <= _MOST * package:
        raise LookupError(f"--quantity must be above 0, and at most {_MOST:,} packages")


def _eleven_digits(ndc: str) -> str:
    """An NDC with hyphens in the form of a claim, 5-4-2."""
    parts = re.findall("[0-9]+", ndc)
    if len(parts) == 3:
        return "".join(part.zfill(width) for part, width in zip(parts, (5, 4, 2), strict=True))
    return "".join(parts)


def _amount(question: Question, package: Package) -> Decimal:
    """The amount in question, in the drug's measure."""
    quantity = Decimal(question.quantity)
    amounts = {package.counted_in: quantity * package.amount, "ME": quantity, "GR": quantity * 1000}
    if question.unit not in amounts:
        raise LookupError(f"--unit must be {', '.join(list(amounts)[:-1])} or GR for this package")
    amount = amounts[question.unit]
    _check_quantity(amount, package.amount)
    return amount


def _as_billed(question: Question, drug: Drug, package: Package) -> Line:
    """The line in question. Under a miscellaneous code it has the description that it needs."""
    code = drug.code(question.code.strip().upper())
    description = ""
    if code and not code.is_product:
        description = f"{drug.name} {drug.measured(package.amount)}".upper()
    return Line(
        question.code,
        question.units,
        package.digits,
        question.quantity,
        question.unit,
        question.modifiers,
        description,
    )


# ---------------------------------------------------------------- the claim


def _findings(question: Question, lines: Sequence[Line], rulebook: Rulebook) -> list[Finding]:
    """What the rules find in the lines. Settings for certain files do not apply here."""
    guide, day = question.setting.guide, f"{question.day:%Y%m%d}"
    example = Good(
        "".join(_segments(line, guide, day) for line in lines),
        guide=guide,
        facility=question.setting.place,
        filing_code=question.setting.payer,
        statement=f"{day}-{day}" if guide == "837I" else "",
        created=day,
    )
    return findings_in(example, rulebook._replace(ignored_in=(), suppressions=()))


def _segments(line: Line, guide: str, day: str) -> str:
    procedure = ["HC", line.code, *line.modifiers]
    if line.description:
        procedure += [""] * (6 - len(procedure)) + [line.description]
    code = ":".join(procedure) if line.code else ""
    service = f"SV1*{code}*1600*UN*{line.units}***1" if guide == "837P" else f"SV2*0636*{code}*1600*UN*{line.units}"
    return f"{service}~DTP*472*D8*{day}~LIN**N4*{line.ndc}~CTP****{line.quantity}*{line.unit}~"


# ---------------------------------------------------------------- in words


def _lines(reply: Answer) -> Iterator[str]:
    """The answer as lines of text."""
    question, drug, package = reply.question, reply.drug, reply.package
    yield f"NDC {package.ndc} is {package.digits} on a claim: {drug.name}, {_holds(drug, package)}"
    where = ", ".join(filter(None, [f"for {question.day} in {_setting(question.setting)}", _payer(question.setting)]))
    if not reply.lines:
        yield f"{where}: no code bills {drug.name}"
        yield f"  {_why(drug, question.day)}"
        return
    if reply.advice:
        yield f"{where}, bill"
        yield from _advice(reply.advice, reply)
    for finding in reply.findings:
        yield f"{finding.severity} {finding.rule} {finding.name} at {finding.location.element or 'the line'}"
        yield f"  {finding.message}"
        if finding.correction:
            yield f"  fix: {finding.correction}"
    if not reply.findings and not reply.advice:
        [line] = reply.lines
        described = f", with {line.description} in {_element(question.setting, 7)}" if line.description else ""
        yield f"{where}, nothing is wrong with this line{described}"
    if question.day > drug.verified_through:
        yield f"the facts are verified through {drug.verified_through}: make sure that the code is still valid"


def _advice(advice: Advice, reply: Answer) -> Iterator[str]:
    drug, setting, code = reply.drug, reply.question.setting, advice.code
    first = reply.lines[0]
    if setting.guide == "837I" and drug.revenue_codes:
        yield f"  revenue    {drug.revenue_codes[0]}"
    if setting.where == INPATIENT:
        yield f"  code       {f'{code.code}, or none' if code else 'none'}: a hospital stay needs no procedure code"
    elif code:
        others = "".join(f", or {other.code} if the payer asks for it" for other in advice.others)
        yield f"  code       {code.code}{others}"
    if first.description:
        yield f"  text       {first.description}   in {_element(setting, 7)}"
    unit = f" (1 unit = {drug.unit_of(code)})" if code and code.is_product else ""
    for line in reply.lines:
        if len(reply.lines) > 1:
            yield "what was given" if line is first else "what was discarded, on a second line"
        if line.modifiers:
            yield f"  modifier   {' '.join(line.modifiers)}{_conditions(line, advice, setting)}"
        yield f"  units      {counted(Decimal(line.units), 'unit')}{unit}"
        yield f"  NDC        LIN**N4*{line.ndc}   CTP****{line.quantity}*{line.unit}"
    if drug.lacks:
        yield from _not_known(reply)
    if code and code.is_product and first.modifiers == ("JZ",) and advice.is_whole:
        yield "  if a part was discarded, bill what was given without JZ, and the rest on a second line with JW"


def _holds(drug: Drug, package: Package) -> str:
    """What a package holds, in words."""
    if package.counted_in:
        return drug.measured(package.amount)
    each = [counted(package.amount, "unit") + " in 1 UN"]
    if package.volume != 1:
        each.append(f"a container of {plain(package.volume)} ML")
    if package.containers != 1:
        each.append(f"{plain(package.containers)} containers in the carton")
    return ", ".join(each)


def _not_known(reply: Answer) -> Iterator[str]:
    """What CMS does not say of a drug."""
    code = reply.drug.codes[0]
    if code.known_through and code.known_through < reply.question.day:
        yield f"  whether {code.code} was valid on that day is not known: no HCPCS file of that day was imported"
    yield "  CMS does not say whether the NDC is counted in UN or ML, nor whether a container is for one dose;"
    yield "  for a single-dose container Medicare needs JZ, or a second line with JW for what was discarded"


def _conditions(line: Line, advice: Advice, setting: Setting) -> str:
    """When the modifier is right."""
    if line.modifiers != ("JZ",):
        return ""
    conditions = ["nothing was discarded"] if advice.is_whole else []
    conditions += [] if setting.is_medicare else ["the payer asks for it"]
    return f", if {' and '.join(conditions)}" if conditions else ""


def _setting(setting: Setting) -> str:
    kind = "place" if setting.guide == "837P" else "type of bill"
    place = setting.place if setting.guide == "837P" else f"{setting.place}x"
    return f"{_IN_WORDS.get(setting.where, 'another facility')} ({setting.guide}, {kind} {place})"


def _payer(setting: Setting) -> str:
    return payer_in_words(setting.payer, "")


def _element(setting: Setting, component: int) -> str:
    return f"{'SV101' if setting.guide == '837P' else 'SV202'}-{component}"


def _why(drug: Drug, day: date) -> str:
    if drug.approved and day < drug.approved:
        return f"the FDA approved it on {drug.approved}: check the date of service"
    return f"lint837 knows no code of it for that day: facts verified through {drug.verified_through}"
