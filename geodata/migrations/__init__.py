"""The tables of the store and the steps that make them.

`tables` says what the newest schema is, `versions` holds one file for each step towards it, and
`upgrade` takes a database there through Alembic, configured in code. `connect` opens a database,
`rows` turns frames into rows and back, `cells` their columns. Beside `geodata.register` and its
door, `geodata.store`, only this package speaks SQL.
"""
