"""Write frames for other programs and for offices: GeoPackage, GeoJSON, CSV and workbooks.

Every file is finished beside its place and moved there in one step, every text stays a text, and
rows that stand for invented places say so.
"""
