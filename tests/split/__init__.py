"""Tests of the room split."""
