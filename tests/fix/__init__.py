"""Tests of the room fix."""
