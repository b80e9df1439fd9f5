"""The segments of another payer in the examples of rules about several payers."""

VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
# The payer of the claim is the second one; with SECOND in `instead`, OTHER in `claim` is the first.
SECOND = (("SBR*P*18*******MB", "SBR*S*18*******MB"),)
OTHER = "SBR*P*18*******CI~{}OI***Y***Y~NM1*IL*1*DOE*JANE****MI*A1~NM1*PR*2*OTHER*****PI*99999~{}"
DATE = "DTP*573*D8*20260110~"
DECIDED = f"{VISIT}SVD*99999*60*HC:99213**1~CAS*CO*45*40~"
