"""CLM002: a drug's own code under another revenue code than that of drugs with detailed coding."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Good, Problem, Severity, rule

_TEN = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_DAY = "20250110-20250110"
_EXPECTED = "0636"


@rule(
    "CLM002",
    severity=Severity.INFO,
    cites=[
        Citation(
            "HCPro, APCs Insider, 2008-04-18 and 2011-04-08",
            "Medicare asks hospitals to report a drug with a HCPCS code under revenue code 0636, separately payable or "
            "not; under 0250 the code can be lost.",
        ),
        Citation(
            "X12 RFI 1664",
            "X12 itself does not say which revenue codes go with a drug: that is the payer's policy.",
        ),
    ],
    good=[
        Good(f"SV2*0636*HC:J9026:JZ*16000*UN*10~{_TEN}", guide="837I", statement=_DAY),
        Good(f"SV2*636*HC:J9026:JZ*16000*UN*10~{_TEN}", guide="837I", statement=_DAY, note="the same code"),
        Good(
            f"SV2**HC:J9026:JZ*16000*UN*10~{_TEN}",
            guide="837I",
            statement=_DAY,
            note="a missing one is the guide check's business",
        ),
        Good(
            "SV2*0250*HC:C9399:::::TARLATAMAB*16000*UN*1~DTP*472*D8*20240610~",
            guide="837I",
            statement="20240610-20240610",
            note="no product code",
        ),
        Good(
            f"SV2*0250*HC:J9026*16000*UN*10~{_TEN}",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            note="an inpatient claim",
        ),
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{_TEN}", note="an 837P has no revenue codes"),
        Good("SV2*0335*HC:96413*410*UN*1~DTP*472*D8*20250110~", guide="837I", statement=_DAY, note="another line"),
    ],
    bad=[
        Bad(f"SV2*0250*HC:J9026:JZ*16000*UN*10~{_TEN}", at="SV201", guide="837I", statement=_DAY),
        Bad(f"SV2*0637*HC:J9026:JZ*16000*UN*10~{_TEN}", at="SV201", guide="837I", statement=_DAY),
        Bad(f"SV2*DRUG*HC:J9026:JZ*16000*UN*10~{_TEN}", at="SV201", guide="837I", statement=_DAY, note="no code"),
        Bad(
            "SV2*0335*HC:C9170:JZ*16000*UN*10~DTP*472*D8*20241110~LIN**N4*55513007701~CTP****1*UN~",
            at="SV201",
            guide="837I",
            statement="20241110-20241110",
        ),
        Bad(
            f"SV2*0250*HC:J9026:JZ*16000*UN*10~{_TEN}",
            at="SV201",
            guide="837I",
            facility="12",
            statement=_DAY,
            note="type of bill 12x is outpatient here",
        ),
        Bad(
            f"SV2*0250*HC:J9026:JZ*16000*UN*10~{_TEN}",
            at="SV201",
            guide="837I",
            statement=_DAY,
            dependent=True,
            filing_code="",
        ),
        Bad(
            f"SV2*0250*HC:J9026:JZ*16000*UN*10~{_TEN}",
            at="SV201",
            guide="837I",
            statement=_DAY,
            frequency="8",
            severity=Severity.INFO,
        ),
    ],
)
def unexpected_revenue_code(line: DrugLine) -> Iterator[Problem]:
    """A drug's own code is billed under another revenue code than 0636.

    Revenue code 0636 tells a payer that the HCPCS code of an outpatient drug counts; under a general pharmacy code the
    drug may be packaged with the visit. Change the revenue code to 0636 unless the payer asks for another one, which
    some do: it only informs.
    """
    written = line.revenue_code
    if not line.is_product_line or not line.claim.is_outpatient or line.service is None:
        return
    if written in ("", _EXPECTED):
        return
    yield Problem(
        where=line.at_revenue_code,
        found=int(written) if re.fullmatch(r"[0-9]{4}", written) else "not a number",
        expected=_EXPECTED,
        message="{code} is billed under another revenue code than {expected}, that of drugs with detailed coding.",
        correction="change the revenue code to {expected}, unless the payer asks for another",
        values={"code": Code(line.procedure_code)},
    )
