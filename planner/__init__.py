"""Who is not served, and what should be built?

In reading order: `demand` (people by place, group and hour), `reach` (who gets to which station
within the standard), `coverage` (who is served, when), `scenario` (what changes when a station or
a bridge does), `candidates` (where a station could open), `problem` (a siting question), `siting`
(the way to its answer), `models` and `solve` (how it is answered), `plan` (the answer, with its
proof), `verify` (re-checks it by other means), `question` and `suggestion` (the question put to a
city), `proposal` and `report` (what an office signs and looks at).

This layer knows no web and no clock.
"""
