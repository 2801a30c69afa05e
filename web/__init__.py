"""How people reach it: browser, HTTP, command line; the only layer that reads clock and settings."""
