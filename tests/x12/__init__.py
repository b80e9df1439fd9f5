"""Tests of the room x12."""
