"""The instances that are measured: made or read, each with its name, seed and fingerprint."""
