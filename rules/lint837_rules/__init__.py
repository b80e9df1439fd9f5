"""The rules, drug facts and payer profiles that come with lint837: one module a rule, one file a drug or payer."""
