"""The rules and the drug facts that come with lint837: one module a rule, one file in drugs/ a drug."""
