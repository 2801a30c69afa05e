"""What an OpenStreetMap ``opening_hours`` text says, and nothing about any country.

`tokens` cuts the text, `grammar` reads it into `rules`, whose `selectors` choose days and whose
`spans` choose minutes. Public and school holidays are facts that the caller gives. The rules of the
syntax are those of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification; where that
leaves a choice, the reading of opening_hours.js holds, by which mappers check what they write.
"""
