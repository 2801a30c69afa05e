"""Pages for planners: who is served, what should be built, and the proposal to take away."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from geodata.streets import MODES
from planner import proposal as proposals
from planner import report
from planner.coverage import WEEKDAYS, Coverage
from planner.question import MODELS
from planner.report import Picture
from planner.setting import Setting
from planner.suggestion import Suggestion
from planner.wording import gain_words, objective_words
from web import headers, plan_words, planning, rules, words
from web.i18n import request_language, translator
from web.plans import plans, read_plan, read_standard
from web.served import Snapshot, served
from web.settings import Settings

pages = Blueprint("planner", __name__, url_prefix="/planner")

_MINUTES = (5, 10, 15, 20, 30)
_MORE_RULES = tuple(n for n in rules.PARAMETERS if n not in ("model", "new", "budget_cny"))
_HEAT_STEPS = 10
_SEED = 0


@pages.get("")
def home() -> str:
    """Show coverage, and when asked the suggested sites."""
    snapshot = served().snapshot()
    language = request_language()
    values = request.args.to_dict()
    minutes, mode = read_standard(values)
    found = plans().coverages(snapshot, minutes, mode)
    plan, seats = None, snapshot.city.settings.new_seats
    asked: dict[str, Any] = {"minutes": f"{minutes:g}", "mode": mode}
    if _asks_for_sites():
        question = read_plan(values, snapshot.city.settings)
        plan, seats = plans().suggestion(snapshot, question)[1], question.seats
        asked |= {k: v for k, v in values.items() if v and k in rules.PARAMETERS}
    return render_template(
        "planner.html",
        values=values,
        minutes=f"{minutes:g}",
        mode=mode,
        offered=_MINUTES,
        modes=[(key, words.mode_words(key, language)) for key in MODES],
        models=[(key, plan_words.model_words(key, language)) for key in MODELS],
        default_new=rules.DEFAULT_NEW,
        most_new=rules.MAX_NEW,
        coverages=[(f"{m:g}", c) for m, c in found.items()],
        coverage=found[minutes],
        worst=_worst(found[minutes], language),
        week=_week(found[minutes], language),
        groups=[
            (words.group_words(row["group"], language), row) for row in found[minutes].by_group
        ],
        plan=plan,
        areas=[] if snapshot.city.areas is None else list(snapshot.city.areas["name"]),
        has_rules=any(values.get(name) for name in _MORE_RULES),
        **(_told(plan, seats, language) if plan else {}),
        kind=words.kind_words(snapshot.city.settings.new_kind, language),
        own=snapshot.city.settings,
        map_before=url_for("planner.map_before", minutes=asked["minutes"], mode=mode),
        map_after=url_for("planner.map_after", **asked) if plan else "",
        download=url_for("planner.download", **asked) if plan else "",
    )


@pages.get("/map/before")
def map_before() -> Response:
    """Draw who has a station today."""
    snapshot = served().snapshot()
    minutes, mode = read_standard(request.args.to_dict())
    found = plans().coverages(snapshot, minutes, mode)[minutes]
    setting = planning.setting(
        snapshot.city,
        snapshot.stations,
        snapshot.hotspots,
        version=snapshot.version,
        minutes=minutes,
        mode=mode,
    )
    title = translator(request_language())("Today")
    return _document(snapshot, _picture(snapshot, setting, found, title))


@pages.get("/map/after")
def map_after() -> Response:
    """Draw who gains a station by the plan."""
    snapshot = served().snapshot()
    question = read_plan(request.args.to_dict(), snapshot.city.settings)
    setting, found = plans().suggestion(snapshot, question)
    title = translator(request_language())("With the suggested sites")
    return _document(snapshot, _picture(snapshot, setting, found.before, title, found))


@pages.get("/proposal.zip")
def download() -> Response:
    """Give the proposal: GeoPackage, workbook and map in one archive."""
    snapshot = served().snapshot()
    question = read_plan(request.args.to_dict(), snapshot.city.settings)
    setting, found = plans().suggestion(snapshot, question)
    proposal = planning.proposal(
        snapshot.city,
        setting,
        found,
        moment=served().now(snapshot),
        seed=_SEED,
    )
    say = translator(request_language())
    body = io.BytesIO()
    with TemporaryDirectory() as scratch, zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as file:
        for path in proposals.write(proposal, Path(scratch), planning.inlined_assets(), say):
            file.write(path, path.name)
    response = Response(body.getvalue(), mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="proposal.zip"'
    return response


def _asks_for_sites() -> bool:
    return any(request.args.get(name) for name in ("new", "budget_cny", "model"))


def _told(plan: Suggestion, seats: int, language: str) -> dict[str, Any]:
    """Give what a plan achieves in words: outcome, objective and bound, and what sites count."""
    say = translator(language)
    return {
        "outcome": plan_words.outcome_words(plan.plan, language),
        "model_words": plan_words.model_words(plan.plan.model, language),
        "objective": objective_words(plan.unit, say),
        "value": plan_words.number(plan.unit, plan.plan.objective),
        "bound": plan_words.number(plan.unit, plan.plan.bound),
        "gain": gain_words(plan.plan.model, say),
        "seats": seats,
    }


def _worst(coverage: Coverage, language: str) -> dict[str, Any] | None:
    row = coverage.worst_hour
    if row is None:
        return None
    day = words.weekdays(language)[WEEKDAYS.index(row["weekday"])]
    return {**row, "day": day, "from": f"{row['hour']:02d}:00", "to": f"{row['hour'] + 1:02d}:00"}


def _week(coverage: Coverage, language: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Give seven rows of 24 cells: the share in per cent, and a step of shade from 0 to 10."""
    names = words.weekdays(language)
    rows = []
    for k, name in enumerate(names):
        cells = [_cell(row) for row in coverage.by_hour[24 * k : 24 * k + 24]]
        rows.append((name, cells))
    return rows


def _cell(row: dict[str, Any]) -> dict[str, Any]:
    if row["share"] is None:
        return {"text": "–", "step": "none", "possible": ""}
    text, possible = (f"{100 * row[key]:.0f}" for key in ("share", "share_possible"))
    return {
        "text": text,
        "step": str(int(row["share"] * _HEAT_STEPS)),
        "possible": possible if possible != text else "",
    }


def _picture(
    snapshot: Snapshot,
    setting: Setting,
    before: Coverage,
    title: str,
    plan: Suggestion | None = None,
) -> Picture:
    settings: Settings = current_app.config["YIZHAN_SETTINGS"]
    own = snapshot.city.settings
    say = translator(request_language())
    number = settings.map_approval_number or own.map_approval_number
    sources = (own.attribution, f"审图号 {number}" if number else "")
    return Picture(
        demand=setting.demand,
        covered=before.covered,
        stations=setting.in_service(),
        sites=plan.sites if plan else None,
        covered_after=plan.after.covered if plan else None,
        closed_ids=frozenset(plan.closed["id"]) if plan else frozenset(),
        gain_words=gain_words(plan.plan.model, say) if plan else "",
        areas=setting.areas,
        streets=snapshot.city.streets,
        title=title,
        attribution=" · ".join(part for part in sources if part),
        is_synthetic=snapshot.is_synthetic or before.is_synthetic,
    )


def _document(snapshot: Snapshot, picture: Picture) -> Response:
    settings: Settings = current_app.config["YIZHAN_SETTINGS"]
    has_base = settings.tiles != "offline" or snapshot.city.basemap_path.is_file()
    module = url_for("static", filename="report-basemap.js") if has_base else ""
    assets = planning.served_assets(basemap_module=module, nonce=headers.nonce())
    document = report.draw(picture, assets, translator(request_language()))
    response = Response(document, mimetype="text/html")
    response.headers["Content-Security-Policy"] = headers.map_policy(settings.tiles)
    return response
