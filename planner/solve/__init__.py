"""How programmes are solved: a greedy start, and HiGHS for the proof."""
