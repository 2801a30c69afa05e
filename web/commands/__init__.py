"""The commands, one file for each noun; `web.cli` collects them."""
