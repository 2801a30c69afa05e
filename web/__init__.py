"""How people reach it: browser, HTTP and command line; the only layer that reads clock and settings."""
