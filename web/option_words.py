"""Plans of hours, seats and money in words."""

from __future__ import annotations

import numpy as np

from planner.explain import MORE_CNY, MoreMoney, Why
from planner.option_plan import OptionAnswer
from web.i18n import translator
from web.words import group_words, weekdays

_MOST_NAMED = 3


def action_words(action: str, kind: str, language: str) -> str:
    """Say what is done, and for a new station of which kind."""
    _ = translator(language)
    kinds = {
        "co_built": _("shared station"),
        "smart_24h": _("smart station"),
        "flagship": _("flagship station"),
        "self_built": _("own station"),
        "mobile": _("mobile station"),
    }
    if action == "open":
        return _("Open: {kind}").format(kind=kinds.get(kind, kind))
    return {
        "extend": _("Open longer"),
        "upgrade_24h": _("Open day and night"),
        "add_seats": _("Add seats"),
        "move": _("Move here"),
        "keep": _("Keep"),
    }.get(action, action)


def reason_words(found: OptionAnswer, why: Why, language: str) -> str:
    """Say who gains by an option and when, and what was next best in its place."""
    _ = translator(language)
    total = sum(hours for _group, hours in why.by_group)
    groups = _("{name} {share}")
    named = ", ".join(
        groups.format(name=group_words(group, language), share=f"{hours / total:.0%}")
        for group, hours in why.by_group[:_MOST_NAMED]
        if total
    )
    areas = "、" if language == "zh" else ", "
    said = [
        _("Gains {hours} people-hours a week: {groups}; {areas}; most at {times}").format(
            hours=f"{why.lost_hours:,.0f}",
            groups=named or "–",
            areas=areas.join(name for name, _hours in why.by_area[:_MOST_NAMED] if name) or "–",
            times=_times(why),
        )
    ]
    if why.runner_up < 0:
        said.append(_("nothing else for that money brings any"))
    else:
        row = found.posed.options.table.iloc[why.runner_up]
        said.append(
            _(
                "next best for that money: {action} ({place}), {hours}, {brings} people-hours"
            ).format(
                place=found.place_names[int(row["place"])] or "–",
                action=action_words(str(row["action"]), str(row["kind"]), language),
                hours=row["hours"],
                brings=f"{why.runner_up_hours:,.0f}",
            )
        )
    return ("；" if language == "zh" else "; ").join(said)


def outcome_words(found: OptionAnswer, more: MoreMoney, language: str) -> list[str]:
    """Say how good the plan is, what it costs, and what more money would do."""
    _ = translator(language)
    plan = found.plan
    if plan.outcome == "no_solution":
        return [_("No plan was found in the time given; give more time or lower the floors")]
    quality = _("best possible (proved)") if plan.outcome == "optimal" else _("good plan")
    return [
        _(
            "Result: {quality}: {value} people-hours a week more; "
            "no plan brings more than {bound}; gap {gap}; {seconds} s"
        ).format(
            quality=quality,
            value=f"{found.after_hours - found.before_hours:,.0f}",
            bound=f"{plan.bound - plan.objective + found.after_hours - found.before_hours:,.0f}",
            gap=f"{plan.gap:.2%}",
            seconds=f"{plan.seconds:.1f}",
        ),
        _("Cost {cost} CNY; people-hours covered: {before} today, {after} with the plan").format(
            cost=f"{found.cost_cny:,.0f}",
            before=_per(found.before_hours, found.all_hours),
            after=_per(found.after_hours, found.all_hours),
        ),
        _("{cny} CNY more would bring {least} to {most} people-hours a week").format(
            cny=f"{MORE_CNY:,.0f}",
            least=f"{more.least_hours:,.0f}",
            most=f"{more.most_hours:,.0f}",
        ),
    ]


def hour_words(found: OptionAnswer, language: str) -> str:
    """Say which hour of the week is served worst, today and with the plan."""
    _ = translator(language)
    parts = []
    for share in (found.by_hour_before, found.by_hour_after):
        hour = int(np.nanargmin(share)) if np.isfinite(share).any() else 0
        parts.append(f"{weekdays(language)[hour // 24]} {hour % 24:02d}:00 {share[hour]:.1%}")
    return _("Worst hour: today {before}, with the plan {after}").format(
        before=parts[0], after=parts[1]
    )


def _times(why: Why) -> str:
    """Name the hours of the day with the most, put together where they are neighbours."""
    busiest = np.sort(np.argsort(-why.by_hour, kind="stable")[:4])
    runs = np.split(busiest, np.flatnonzero(np.diff(busiest) > 1) + 1)
    return ", ".join(f"{run[0]:02d}:00-{run[-1] + 1:02d}:00" for run in runs if len(run))


def _per(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole > 0 else "–"
