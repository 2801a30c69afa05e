"""How questions are solved: searches that find plans, and bounds that prove them."""
