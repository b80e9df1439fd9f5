"""The sources that more than one rule stands on."""

from lint837 import Citation

AMGEN_FLYER = Citation(
    "Amgen, IMDELLTRA permanent J-code flyer",
    "From date of service 2025-01-01 tarlatamab is billed with J9026, 1 unit for each mg; temporary and miscellaneous "
    "codes are no longer used. The packages are 55513-059-01 (1 mg) and 55513-077-01 (10 mg).",
)
ASP_CROSSWALK = Citation(
    "CMS, ASP NDC-HCPCS crosswalk, October 2026",
    "J9026 is 1 unit for a package 55513-0059-01 and 10 units for a package 55513-0077-01.",
)
TEXAS_NOTICE = Citation(
    "TMHP, notice of 2024-10-18; Texas Children's Health Plan, alert of 2024-10-16",
    "C9170 is valid from date of service 2024-10-01.",
)
LOOP_2410 = Citation(
    "837P 005010X222A1 and 837I 005010X223A2, loop 2410, as in the maps of pyx12",
    "The loop occurs once a service line and holds one LIN and one CTP, both required in it; CTP05-1 is F2, GR, ME, ML "
    "or UN.",
)
RFI_2151 = Citation(
    "X12, request for interpretation 2151",
    "On 837P and 837I alike LIN02 is N4, LIN03 the NDC, CTP04 its quantity and CTP05-1 the unit of measure.",
)
RFI_1924 = Citation(
    "X12, request for interpretation 1924",
    "CTP04 is a decimal number of at most 15 digits, without a plus sign and without commas.",
)
BCBSM_UNITS = Citation(
    "Blue Cross Blue Shield of Michigan, The Record, August 2014 and February 2015",
    "A vial of powder is billed by the vial (UN), a liquid by the milliliter (ML); F2 has to be converted, ME is not "
    "accepted.",
)
JW_POLICY = Citation(
    "CMS, JW and JZ modifier policy; Noridian, JW modifier",
    "The discarded amount is billed in whole units on a line of its own with JW, the administered amount beside it.",
)
DISCARD_POLICY = Citation(
    "CMS, JW and JZ modifier policy; Noridian A53024; CGS cope134488",
    "Since 2023-07-01 Medicare wants JZ on a drug from a single-dose container of which nothing was discarded, or a "
    "line of its own with JW for the discarded amount; not for inpatients, rural health clinics and FQHCs.",
)
DATE_FORMAT = Citation(
    "Stedi, claim edits: Invalid date format, Invalid date range",
    "A date of service is CCYYMMDD under D8 or CCYYMMDD-CCYYMMDD under RD8, its first day not after its last; claims "
    "with others are rejected.",
)
DATE_PLACES = Citation(
    "837 guides 005010X222 and 005010X223, DTP*472 in loop 2400 and DTP*434 in loop 2300",
    "A professional claim dates each service line. An institutional claim has a statement period that holds all its "
    "services, and may date its lines besides.",
)
