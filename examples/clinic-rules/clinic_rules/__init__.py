"""The rules of one clinic: one module a rule, one file in drugs/ a drug, and the sources that the rules cite."""
