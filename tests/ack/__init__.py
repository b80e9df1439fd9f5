"""Tests of the room ack."""
