"""PAY, UBC: what kind of bill it is, and the codes of the UB-04. For every claim."""
