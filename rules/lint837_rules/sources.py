"""The sources that more than one rule stands on."""

from lint837.rule import Citation

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
