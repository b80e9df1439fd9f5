"""What every test has: the bundled rules, and hypothesis set so that a failure is the same on every machine."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from lint837 import Rulebook, load_rulebook

# Under a CI service standard output is redacted; the tests say themselves where they are.
IN_CI = os.environ.pop("CI", "") == "true"

# What runs in the background of a shell script, or under nohup, ignores signals, and so would each process that a test
# starts. The tests say themselves which signal is ignored.
for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "lint837", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("lint837")


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook(isolated=True)
