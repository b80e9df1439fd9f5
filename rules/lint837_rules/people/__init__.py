"""NPI, PRV, ADR, PAT: providers, their numbers and addresses, and members. For every claim."""
