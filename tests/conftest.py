"""What every test has: the bundled rules, and hypothesis set so that a failure is the same on every machine."""

import os

import pytest
from hypothesis import HealthCheck, settings
from lint837 import Rulebook, load_rulebook

# Under a CI service standard output is redacted; the tests say themselves where they are.
os.environ.pop("CI", None)

settings.register_profile(
    "lint837", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("lint837")


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook(isolated=True)
