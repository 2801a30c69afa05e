"""The two views of every page: the usual one and 关怀版, in large type with few buttons.

The view is chosen by ``?view=``, which works without JavaScript, and kept on the phone in a cookie
that holds this one word.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, has_request_context, request

VIEWS = ("normal", "large")
COOKIE = "view"
HOTLINE = "12351"
"""The unions' telephone, the same in all of China."""

_YEAR_S = 365 * 24 * 3600
_PAGES = ("finder", "planner", "national")


def request_view() -> str:
    """Give the view of the request: ``?view=``, else what the phone keeps, else the usual one."""
    if not has_request_context():
        return VIEWS[0]
    wanted = (request.args.get("view"), request.cookies.get(COOKIE))
    return next((view for view in wanted if view in VIEWS), VIEWS[0])


def install(pages: Blueprint) -> None:
    """Tell every page of the app its view, and keep a chosen one."""
    pages.app_context_processor(_context)
    pages.app_url_defaults(_keep_in_links)
    pages.after_app_request(_keep_on_phone)


def _context() -> dict[str, str]:
    view = request_view()
    other = VIEWS[1 - VIEWS.index(view)]
    arguments = request.args.copy()
    arguments["view"] = other
    pairs = urlencode(list(arguments.items(multi=True)))
    return {
        "view": view,
        "other_view": other,
        "other_view_address": f"{request.path}?{pairs}",
        "hotline": HOTLINE,
    }


def _keep_in_links(endpoint: str, values: dict[str, object]) -> None:
    """Carry a chosen view along for phones that keep no cookie."""
    is_page = endpoint.partition(".")[0] in _PAGES
    if is_page and has_request_context() and request.args.get("view") in VIEWS:
        values.setdefault("view", request.args["view"])


def _keep_on_phone(response: Response) -> Response:
    chosen = request.args.get("view")
    if response.mimetype == "text/html":
        response.vary.add("Cookie")
        if chosen in VIEWS:
            response.set_cookie(COOKIE, str(chosen), max_age=_YEAR_S, samesite="Lax")
    return response
