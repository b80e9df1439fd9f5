"""CLM002: a drug's own code under a revenue code that does not go with it."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Fact, Good, Problem, Severity, rule

from lint837_rules.boxes import box

_DAY = "20250110-20250110"
_REST = "*16000*UN*10~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "CLM002",
    severity=Severity.INFO,
    cites=[
        Citation(
            "HCPro, APCs Insider, 2008-04-18 and 2011-04-08",
            "Medicare asks hospitals to report a drug that has a HCPCS code under revenue code 0636, separately "
            "payable or not; under 0250 the code can be lost.",
        ),
        "rfi-1664",
    ],
    good=[
        Good(f"SV2*636*HC:J9026:JZ{_REST}", guide="837I", statement=_DAY, note="636 is 0636"),
        Good(
            "SV2*0250*HC:C9399:::::TARLATAMAB*16000*UN*1~DTP*472*D8*20240610~",
            guide="837I",
            statement="20240610-20240610",
            note="a miscellaneous code",
        ),
    ],
    bad=[
        Bad(f"SV2*0250*HC:J9026:JZ{_REST}", at="SV201", guide="837I", statement=_DAY),
        Bad(f"SV2*DRUG*HC:J9026:JZ{_REST}", at="SV201", guide="837I", statement=_DAY, note="not a revenue code"),
    ],
    needs=[Fact.USES],
)
def unexpected_revenue_code(line: DrugLine) -> Iterator[Problem]:
    """A drug's own code is billed under a revenue code that does not go with it.

    The revenue code for drugs with detailed coding tells a payer that the HCPCS code of an outpatient drug counts;
    under a general pharmacy code the drug may be packaged with the visit. Change the revenue code unless the payer
    requires another one. Some do, so it is info. A missing revenue code is not reported, nor is a drug whose facts give
    none.
    """
    if not line.is_outpatient or not line.is_product_line:
        return
    written, expected = line.revenue_code, line.drug.revenue_codes
    if not expected or written in ("", *expected):
        return
    yield Problem(
        where=line.at_revenue_code,
        found=int(written) if re.fullmatch(r"[0-9]{4}", written) else "not a number",
        expected=" or ".join(expected),
        message="{code} is billed under a revenue code other than {expected}.",
        correction="change the revenue code to {expected} ({box}), unless the payer requires another",
        values={"code": Code(line.procedure_code), "box": box(line, "revenue code")},
    )
