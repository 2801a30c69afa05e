"""A sample city to try everything on: schematic, invented, and marked so in every row.

`make_city` gives streets, districts, stations, demand and hotspots from a seed, laid out like
central Zhengzhou. In reading order: `layout` (the fixed plan), `skeleton`, `blocks`, `drawing`,
`junctions`, `names` and `streets` (the network), `areas`, `frontage` (where doors can be),
`stations`, `demand`, `hotspots`, `city`.
"""

from geodata.sample.city import SampleCity, make_city

__all__ = ["SampleCity", "make_city"]
