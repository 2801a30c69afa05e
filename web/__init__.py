"""How people reach it: browser, HTTP, command line; the one layer that reads clock and settings."""
