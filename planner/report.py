"""Maps of coverage and plans, drawn with folium.

This is the only place that uses folium. Folium writes texts as raw HTML and loads its files from
outside hosts; here every value is escaped first, and the files come from where the caller says:
from the web server's own folder, or inlined, so that a saved map opens without a network.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from branca.element import Element, MacroElement
from folium.template import Template
from numpy.typing import NDArray

from geodata.records import INVENTED
from planner.demand import Demand

Say = Callable[[str], str]

_MAIN_STREETS = ("motorway", "trunk", "primary", "secondary", "tertiary")
_COLOURS = {"unserved": "#c8553d", "served": "#5f7a8c", "new": "#12703a"}
_MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Where a map's scripts and styles come from.

    Attributes
    ----------
    scripts, styles
        Addresses on the same server, or the files' contents when `is_inline`.
    is_inline
        Whether to write the contents into the page.
    basemap_module
        Address of a JavaScript module that exports ``addBasemap(map)``; empty draws the main
        streets instead, from the streets frame.
    nonce
        For a Content-Security-Policy; empty leaves it out.
    """

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    is_inline: bool
    basemap_module: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """What a map shows.

    Attributes
    ----------
    demand
        Places of demand.
    covered
        Shape (n_places,): whether a place has a station within the standard.
    stations
        Stations frame in WGS 84.
    sites
        Suggested sites (`planner.suggestion.Suggestion.sites`), or None.
    covered_after
        Shape (n_places,): the same with the sites; None without sites.
    closed_ids, overloaded_ids
        Stations that the plan closes, and those without seats enough in their worst hour.
    gain_words
        What is counted for each site (`planner.wording.gain_words`).
    areas, streets
        Areas and streets frames, or None.
    title, attribution
        Shown on the map.
    is_synthetic
        Whether to write that the data are invented.
    """

    demand: Demand
    covered: NDArray[np.bool_]
    stations: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame | None = None
    covered_after: NDArray[np.bool_] | None = None
    closed_ids: frozenset[str] = frozenset()
    overloaded_ids: frozenset[str] = frozenset()
    gain_words: str = ""
    areas: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    title: str = ""
    attribution: str = ""
    is_synthetic: bool = False


def draw(picture: Picture, assets: Assets, say: Say = str) -> str:
    """Draw a map as one HTML document.

    Parameters
    ----------
    picture
        What to show.
    assets
        Where scripts and styles come from.
    say
        Translates the English texts of the map.

    Returns
    -------
    str
        HTML that contacts no host but the one it came from; every value in it is escaped.
    """
    chart = folium.Map(
        tiles=None, prefer_canvas=True, max_zoom=18, min_zoom=8, attribution_control=False
    )
    chart.default_js, chart.default_css = [], []
    page: Any = chart.get_root()
    header = page.header
    for child in list(header._children):  # noqa: SLF001  folium puts remote styles here unasked
        del header._children[child]  # noqa: SLF001  folium has no other way
    _add_assets(header, assets)
    if assets.basemap_module:
        chart.add_child(_BasemapModule(assets.basemap_module))
    elif picture.streets is not None:
        _streets(picture.streets).add_to(chart)
    if picture.areas is not None:
        _areas(picture.areas, say).add_to(chart)
    for layer in _places(picture, say):
        layer.add_to(chart)
    for kind, part in _kinds(picture).items():
        if part.any():
            _stations(picture.stations[part], kind, say).add_to(chart)
    if picture.sites is not None and len(picture.sites):
        _sites(picture.sites, picture.gain_words, say).add_to(chart)
    west, south, east, north = picture.demand.places.total_bounds
    chart.fit_bounds([[south, west], [north, east]])
    folium.LayerControl(collapsed=False).add_to(chart)
    page.html.add_child(Element(_literal(_legend(picture, say))))
    return _with_nonce(page.render(), assets.nonce)


class _BasemapModule(MacroElement):
    """The server's own offline basemap under the map."""

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <script type="module">
          import { addBasemap } from {{ this.address|tojson }};
          addBasemap(window[{{ this._parent.get_name()|tojson }}]);
        </script>
        {% endmacro %}
        """
    )

    def __init__(self, address: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # folium has no types
        self._name = "BasemapModule"
        self.address = address


def _add_assets(header: Any, assets: Assets) -> None:
    header.add_child(Element('<meta charset="utf-8">'))
    header.add_child(
        Element('<meta name="viewport" content="width=device-width, initial-scale=1">')
    )
    for text in assets.styles:
        tag = f"<style>{text}</style>" if assets.is_inline else _link(text)
        header.add_child(Element(_literal(tag)))
    for text in assets.scripts:
        source = f' src="{html.escape(text)}"' if not assets.is_inline else ""
        body = text.replace("</script", "<\\/script") if assets.is_inline else ""
        header.add_child(Element(_literal(f"<script{source}>{body}</script>")))
    header.add_child(Element(_literal(f"<style>{_STYLE}</style>")))


def _link(address: str) -> str:
    return f'<link rel="stylesheet" href="{html.escape(address)}">'


def _literal(text: str) -> str:
    """Keep a text from being read as a template."""
    return "{% raw %}" + text.replace("{% endraw %}", "") + "{% endraw %}"


def _with_nonce(page: str, nonce: str) -> str:
    if not nonce:
        return page
    mark = f' nonce="{html.escape(nonce)}"'
    return page.replace("<script", f"<script{mark}").replace("<style", f"<style{mark}")


def _safe(value: object) -> str:
    """Escape a value for HTML, and for the template language that folium passes texts through."""
    return html.escape(str(value)).replace("{", "&#123;").replace("}", "&#125;")


def _streets(streets: gpd.GeoDataFrame) -> folium.GeoJson:
    """Draw the main streets and the water as a pale background."""
    kind = streets["highway"].to_numpy(dtype=str)
    is_water = (streets["role"] == "barrier").to_numpy()
    kept = is_water | np.isin(kind, _MAIN_STREETS)
    lines = shapely.simplify(streets.geometry.to_numpy()[kept], 0.00005)
    merged = [
        shapely.line_merge(shapely.union_all(lines[part]))
        for part in (is_water[kept], ~is_water[kept])
        if part.any()
    ]
    colours = [
        c for c, part in (("#9fc3dd", is_water), ("#d5d0c8", ~is_water & kept)) if part.any()
    ]
    frame = gpd.GeoDataFrame({"colour": colours}, geometry=merged, crs="EPSG:4326")
    return folium.GeoJson(
        _rounded(frame),
        control=False,
        style_function=lambda f: {
            "color": f["properties"]["colour"],
            "weight": 2,
            "interactive": False,
        },
    )


def _areas(areas: gpd.GeoDataFrame, say: Say) -> folium.GeoJson:
    frame = gpd.GeoDataFrame(
        {"name": [_safe(n) for n in areas["name"]]},
        geometry=shapely.simplify(areas.geometry.to_numpy(), 0.0001),
        crs=areas.crs,
    )
    return folium.GeoJson(
        _rounded(frame),
        name=_safe(say("Districts")),
        style_function=lambda _: {
            "color": "#6b6b6b",
            "weight": 1.2,
            "fill": False,
            "dashArray": "4 4",
        },
    )


def _places(picture: Picture, say: Say) -> list[folium.GeoJson]:
    """Draw demand as circles whose area grows with the people, one layer for each fate."""
    people = picture.demand.people_by_place()
    usual = np.percentile(people, 90) if len(people) else 1.0
    radius = np.clip(7.0 * np.sqrt(people / max(usual, 1e-9)), 1.5, 16.0)
    after = picture.covered if picture.covered_after is None else picture.covered_after
    fates = {
        "served": picture.covered,
        "new": after & ~picture.covered,
        "unserved": ~after,
    }
    layers = []
    for fate, chosen in fates.items():
        rows = np.flatnonzero(chosen)
        if len(rows) == 0:
            continue
        rows = rows[np.argsort(-people[rows], kind="stable")][:_MOST_PLACES]
        frame = gpd.GeoDataFrame(
            {
                "text": [_safe(f"{people[i]:.0f} {say('people')}") for i in rows],
                "radius": radius[rows].round(1),
            },
            geometry=picture.demand.places.to_numpy()[rows],
            crs="EPSG:4326",
        )
        layers.append(_circles(frame, _COLOURS[fate], _safe(say(_FATE_TEXT[fate]))))
    return layers


def _circles(frame: gpd.GeoDataFrame, colour: str, name: str) -> folium.GeoJson:
    return folium.GeoJson(
        _rounded(frame),
        name=name,
        marker=folium.CircleMarker(fill=True),
        style_function=lambda f: {
            "color": colour,
            "weight": 0.5,
            "fillColor": colour,
            "fillOpacity": 0.45,
            "radius": f["properties"]["radius"],
        },
        tooltip=folium.GeoJsonTooltip(fields=["text"], labels=False),
    )


def _kinds(picture: Picture) -> dict[str, NDArray[np.bool_]]:
    """Give which stations are drawn how."""
    closed = picture.stations["id"].isin(picture.closed_ids).to_numpy()
    overloaded = picture.stations["id"].isin(picture.overloaded_ids).to_numpy() & ~closed
    return {"station": ~closed & ~overloaded, "closed": closed, "overloaded": overloaded}


def _stations(stations: gpd.GeoDataFrame, kind: str, say: Say) -> folium.GeoJson:
    hours = [h or say("hours not recorded") for h in stations["hours"]]
    text = [
        f"<b>{_safe(n)}</b><br>{_safe(h)}" for n, h in zip(stations["name"], hours, strict=True)
    ]
    frame = gpd.GeoDataFrame({"text": text}, geometry=stations.geometry.to_numpy(), crs="EPSG:4326")
    return folium.GeoJson(
        _rounded(frame),
        name=_safe(say(_STATION_TEXT[kind])),
        marker=folium.CircleMarker(
            radius=4,
            color=_STATION_COLOURS[kind],
            weight=2,
            fill=True,
            fill_color=_STATION_FILLS[kind],
            fill_opacity=1,
        ),
        tooltip=folium.GeoJsonTooltip(fields=["text"], labels=False),
    )


def _sites(sites: gpd.GeoDataFrame, gain: str, say: Say) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=_safe(say("Suggested sites")))
    x, y = sites.geometry.x, sites.geometry.y
    rows = zip(x, y, sites["name"], sites["gain_people"], sites["cost_cny"], strict=True)
    for k, (lon_deg, lat_deg, name, people, cost) in enumerate(rows, start=1):
        text = (
            f"<b>{k}. {_safe(name or say('unnamed street'))}</b><br>"
            f"{_safe(gain)} {people:,.0f}<br>{cost:,.0f} CNY"
        )
        folium.Marker(
            [lat_deg, lon_deg],
            icon=folium.DivIcon(
                icon_size=(28, 28),
                icon_anchor=(14, 14),
                class_name="site",
                html=f"<span>{k}</span>",
            ),
            tooltip=folium.Tooltip(text),
        ).add_to(group)
    return group


def _legend(picture: Picture, say: Say) -> str:
    fates: Sequence[str] = ("served", "unserved") if picture.sites is None else tuple(_FATE_TEXT)
    rows = "".join(
        f'<li><i class="{fate}"></i>{_safe(say(_FATE_TEXT[fate]))}</li>' for fate in fates
    )
    kinds = [kind for kind, part in _kinds(picture).items() if kind == "station" or part.any()]
    rows += "".join(
        f'<li><i class="{kind}"></i>{_safe(say(_STATION_TEXT[kind]))}</li>' for kind in kinds
    )
    if picture.sites is not None:
        rows += f'<li><i class="site">1</i>{_safe(say("Suggested sites"))}</li>'
    note = f"<p class=invented>{_safe(say(INVENTED))}</p>" if picture.is_synthetic else ""
    return (
        f'<aside class="legend"><b>{_safe(picture.title)}</b>{note}<ul>{rows}</ul>'
        f"<small>{_safe(picture.attribution)}</small></aside>"
    )


def _rounded(frame: gpd.GeoDataFrame) -> Any:
    """Give GeoJSON with coordinates of a decimetre."""
    shapes = shapely.set_precision(frame.geometry.to_numpy(), 1e-6, mode="pointwise")
    return frame.set_geometry(list(shapes), crs=frame.crs).__geo_interface__


_FATE_TEXT = {
    "served": "Has a station within the standard",
    "new": "Gains a station by this plan",
    "unserved": "Has no station within the standard",
}

_STATION_TEXT = {
    "station": "Stations",
    "closed": "Closed by this plan",
    "overloaded": "Too few seats in the worst hour",
}
_STATION_COLOURS = {"station": "#1d3b53", "closed": "#b0303a", "overloaded": "#b0303a"}
_STATION_FILLS = {"station": "#ffffff", "closed": "#ffffff", "overloaded": "#b0303a"}

_STYLE = """
html,body{margin:0;height:100%;font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;color:#1c1b1a}
.folium-map{position:absolute;inset:0;background:#f7f5f1}
.legend{position:absolute;left:10px;bottom:22px;z-index:900;max-width:17rem;padding:.6rem .8rem;
background:#fffffff2;border:1px solid #cfc9bf;border-radius:6px}
.legend ul{list-style:none;margin:.3rem 0;padding:0}
.legend li{display:flex;gap:.5rem;align-items:center}
.legend i{flex:none;width:14px;height:14px;border-radius:50%;font-style:normal}
.legend .served{background:#5f7a8c}.legend .new{background:#12703a}
.legend .unserved{background:#c8553d}
.legend .station{box-sizing:border-box;background:#fff;border:2px solid #1d3b53}
.legend .closed{box-sizing:border-box;background:#fff;border:2px solid #b0303a}
.legend .overloaded{background:#b0303a}
.legend .invented{margin:.3rem 0;font-weight:700;color:#9a1b12}
.site{display:grid;place-items:center;border-radius:50%;background:#12703a;color:#fff;font-weight:700;
border:2px solid #fff;box-shadow:0 0 0 1px #12703a}
.legend .site{width:20px;height:20px;font-size:12px;border-width:1px}
@media (max-width:720px){.leaflet-control-layers{display:none}
.legend{left:6px;right:6px;bottom:6px;max-width:none;padding:.35rem .6rem;font-size:12px}
.legend>b,.legend small{display:none}
.legend ul{display:flex;flex-wrap:wrap;gap:.1rem .8rem;margin:0}
.legend .invented{margin:0}}
"""
