"""Tests of the room lint."""
