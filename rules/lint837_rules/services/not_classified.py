"""The HCPCS codes that stand for anything without a code of its own.

From CMS's alphanumeric HCPCS file of 2019, which is in the public domain: the codes of supplies, equipment, drugs and
prostheses that are not ended and whose text says unlisted, unclassified, miscellaneous, "not otherwise classified" or
"not otherwise specified" of the whole thing. The unlisted codes of CPT are not in it: they need a license.
"""

_CODES = (
    "A0999 A4335 A4421 A4641 A4649 A4913 A6512 A6549 A9279 A9280 A9597 A9598 A9699 A9900 A9999 B9998 B9999 C9399 "
    "E0446 E0625 E0676 E0769 E0770 E1229 E1239 E1399 E1699 E2599 J3490 J3590 J3591 J7199 J7599 J7699 J7799 J7999 "
    "J8498 J8499 J8597 J8999 J9999 K0108 K0812 K0898 L0999 L1499 L2999 L3649 L3999 L5999 L7499 L8039 L8499 L8608 "
    "L8698 L8699 Q0507 Q0508 Q0509 Q4082 V2199 V2799 V5267 V5298 V5299 "
)
NOT_CLASSIFIED = frozenset(_CODES.split())
