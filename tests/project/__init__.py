"""Tests of the project as a whole: docs, samples, CI files, peers, regressions."""
