"""What is where, and how far apart is it?

Recorded facts: stations, hotspots of outdoor workers, areas and streets, and the travel times
between them. In reading order:

`errors`, `records`, `services`, `frames`, `hours` say what a fact is; `streets`, `network`, `snap`
and
`travel` say how far apart things are; `areas`, `grid`, `hotspots` and `checks` work on whole
tables;
`store`, `importers`, `exporters`, `basemap` and `city` are the parts that touch files and
databases;
`sample` invents a city for the demo.

This layer knows no plan, no web and no clock.
"""
