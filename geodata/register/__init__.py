"""The rooms behind `geodata.store`: stations and all that is known, said and decided about them.

`transaction` is how anything is written: in turn with other writers, as a whole, and with a line in
the `trail` for every row. `stations` holds the stations, `histories` what they were,
`facts` who said what; `importing` takes over files, `undoing` takes them back, `merging` makes one
station of two, `casebook` keeps reports, cases and inspections, `dump` turns every table into text
and back. These rooms and `geodata.migrations` speak SQL; everybody else asks the store.
"""
