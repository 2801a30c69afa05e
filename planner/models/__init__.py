"""Siting models: each reduces a question to sparse arrays, as a pure function."""
