"""Where can this worker go at this moment, and will they get in?

`catalogue` is an unchanging snapshot of the stations on the street network; `availability` says
whether one is open at a moment, after `calendar` (China's holidays and moved working days),
`readings` (what hours mean on them), `doors` (closures, staff) and `why`; `masks` says it of all
stations at once; `needs` what a worker asks of one; `finder` puts them together: the
nearest stations that are open on arrival and meet the needs.

This layer knows no plan, no web and no clock: every moment is an argument.
"""
