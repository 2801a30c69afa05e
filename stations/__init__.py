"""Where can this worker go at this moment, and will they get in?

`catalogue` is an unchanging snapshot of the stations on the street network; `availability` says
whether one is open at a moment; `needs` what a worker asks of it; `finder` puts them together: the
nearest stations that are open on arrival and meet the needs.

This layer knows no plan, no web and no clock: every moment is an argument.
"""
