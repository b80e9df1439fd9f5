"""A rule's examples made into whole claim files, and run: by the tests, and by whoever writes a rule."""

from dataclasses import replace

from lint837.facts.payers import Profiles
from lint837.lint.engine import Report, lint_bytes
from lint837.lint.finding import Finding
from lint837.rules.rule import Bad, Good, Rule
from lint837.rules.rulebook import Rulebook

_ISA = "ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*RECEIVER       *{short}*1200*^*00501*000000001*0*P*:~"
_PAYER_ID = "00952"
_GUIDES = {
    "837P": ("005010X222A1", "11", "B", "1"),
    "837I": ("005010X223A2", "13", "A", "20"),
}


def claim_file(example: Good | Bad) -> bytes:
    """The example as a claim file that is otherwise right: one claim, with its lines numbered."""
    version, facility, qualifier, _ = _GUIDES[example.guide]
    facility = example.facility or facility
    created = example.created
    lines = ""
    number = 0
    for segment in example.lines.split("~")[:-1]:
        if segment.startswith(("SV1", "SV2")):
            number += 1
            lines += f"LX*{number}~"
        lines += segment + "~"
    claim = f"CLM*CLAIM-1*16000***{facility}:{qualifier}:{example.frequency}**A*Y*Y~"
    if example.statement:
        claim += f"DTP*434*RD8*{example.statement}~"
    if example.guide == "837I":
        claim += "CL1*3*1*01~"
    claim += example.claim
    if example.diagnoses:
        claim += f"HI*{example.diagnoses}~"
    if example.other_payer:
        claim += f"SBR*S*18*******{example.other_payer}~OI***Y***Y~NM1*IL*1*DOE*JANE****MI*MEMBER2~"
        claim += "NM1*PR*2*OTHER PAYER*****PI*99999~"
    relation = "" if example.dependent else "18"
    body = (
        f"BHT*0019*00*1*{created}*1200*{example.purpose}~"
        "NM1*41*2*SUBMITTER*****46*SUB1~PER*IC*OFFICE*TE*5555550100~NM1*40*2*RECEIVER*****46*REC1~"
        "HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~N3*1 MAIN ST~N4*AUSTIN*TX*787010000~REF*EI*123456789~"
        f"HL*2*1*22*{int(example.dependent)}~SBR*P*{relation}*******{example.filing_code}~"
        "NM1*IL*1*DOE*JANE****MI*MEMBER1~"
        + ("" if example.dependent else "N3*1 ELM ST~N4*AUSTIN*TX*787010000~DMG*D8*19500101*F~")
        + f"NM1*PR*2*PAYER*****PI*{_PAYER_ID}~"
        + (
            "HL*3*2*23*0~PAT*19~NM1*QC*1*DOE*JOHN~N3*1 ELM ST~N4*AUSTIN*TX*787010000~DMG*D8*19800101*M~"
            if example.dependent
            else ""
        )
        + claim
        + lines
    )
    count = body.count("~") + 2
    head = _ISA.format(short=created[2:])
    return (
        f"{head}GS*HC*SUBMITTER*RECEIVER*{created}*1200*1*X*{version}~"
        f"ST*837*0001*{version}~{body}SE*{count}*0001~GE*1*1~IEA*1*000000001~"
    ).encode("latin-1")


def lint(example: Good | Bad, rulebook: Rulebook) -> Report:
    """The report of an example, with what it says of its payer."""
    if example.payer:
        payer = replace(example.payer, name=example.payer.name or "example", payer_ids=(_PAYER_ID,), filing_codes=())
        rulebook = replace(rulebook, profiles=Profiles([payer]))
    return lint_bytes(claim_file(example), "example.837", rulebook=rulebook)


def run(example: Good | Bad, rulebook: Rulebook) -> tuple[Finding, ...]:
    """The findings of an example."""
    return lint(example, rulebook).findings


def failures(rule: Rule, rulebook: Rulebook) -> list[str]:
    """What is wrong with a rule's examples, run with the rule alone: nothing on a Good, and on a Bad one finding a
    line named, at its element and severity, with every sentence whole.
    """
    alone = Rulebook((rule,), rulebook.formulary, frozenset({rule.code}))
    wrong = []
    examples: list[Good | Bad] = [*rule.good, *rule.bad]
    for example in examples:
        seen = [(f.rule, f.element, f.severity, f.service_line or "") for f in run(example, alone)]
        expected = []
        if isinstance(example, Bad):
            severity = example.severity or rule.severity
            expected = [(rule.code, example.at, severity, line) for line in example.line.split() or [""]]
        if seen != expected:
            wrong.append(f"{rule.code} {example.note or example.lines}: expected {expected}, found {seen}")
    return wrong
