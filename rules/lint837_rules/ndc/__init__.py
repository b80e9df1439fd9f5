"""NDC: the National Drug Code of loop 2410."""
