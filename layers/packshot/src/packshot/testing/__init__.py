"""Fakes that ship: they keep the promises of `packshot.ports` in memory, and the same contract tests."""
