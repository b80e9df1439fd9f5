"""The report as JUnit XML: a test suite a file, a test case a finding. Only a finding that makes the exit status 1 is
a failure; what could not be checked is an error.
"""

from itertools import groupby

from lxml import etree

from lint837.lint.finding import Finding
from lint837.report.model import Results
from lint837.report.words import inert, place, sentence
from lint837.rules.rule import Severity
from lint837.rules.values import counted

_INCOMPLETE = 3  # the exit status


def document(results: Results) -> bytes:
    """One document, in UTF-8."""
    root = etree.Element("testsuites", name="lint837")
    for item, findings in results.by_input:
        suite = etree.SubElement(root, "testsuite", name=inert(item.path))
        for finding in findings:
            _case(suite, finding, results.about.fail_on)
        if not findings:
            name = f"{counted(item.claims, 'claim')} checked"
            etree.SubElement(suite, "testcase", classname=inert(item.path), name=name)
    for path, found in groupby(results.elsewhere, key=lambda finding: finding.path):
        suite = etree.SubElement(root, "testsuite", name=inert(path))
        for finding in found:
            _case(suite, finding, results.about.fail_on)
    if results.exit_status == _INCOMPLETE and results.complete:
        # No finding says so, but the run did not pass.
        suite = etree.SubElement(root, "testsuite", name="lint837")
        case = etree.SubElement(suite, "testcase", classname="lint837", name="claims are found")
        etree.SubElement(case, "error", message="no 837P or 837I claim was found", type="lint837")
    for element in (*root, root):
        for name, path in (("tests", ".//testcase"), ("failures", ".//failure"), ("errors", ".//error")):
            element.set(name, str(len(element.findall(path))))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def _case(suite: etree._Element, finding: Finding, fail_on: Severity | None) -> None:
    where = ", ".join(filter(None, [place(finding), f"{finding.line}:{finding.column}"]))
    name = inert(f"{finding.rule} {finding.name}: {where}")
    case = etree.SubElement(suite, "testcase", classname=inert(finding.path), name=name)
    if finding.incomplete or (fail_on is not None and finding.severity >= fail_on):
        kind = "error" if finding.incomplete else "failure"
        etree.SubElement(case, kind, message=inert(finding.message), type=inert(finding.rule)).text = sentence(finding)
    else:
        etree.SubElement(case, "system-out").text = f"{finding.severity}: {sentence(finding)}"
