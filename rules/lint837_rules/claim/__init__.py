"""CLM: the claim as a whole."""
