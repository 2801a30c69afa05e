"""The parts of the frame detective (`geodata.detective`).

In reading order: `readings` (what the numbers could be), `scene` (the sheet's texts and the city
near its rows), `mentions` (what the texts name), `evidence` (how likely places are, given that),
`clues` (the evidence of a sheet), `hypotheses` (how probable each reading is), `testimony` (the
evidence in sentences), `misfits` (rows that do not fit), `verdict`.
"""
