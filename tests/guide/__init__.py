"""The guide check: its findings, and its proof against pyx12."""
