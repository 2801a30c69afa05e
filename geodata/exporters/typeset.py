"""Set documents as PDF with typst: text and data apart, Chinese type inside the file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from geodata.errors import UnavailableError

FAMILIES = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei",
    "SimHei", "Droid Sans Fallback",
)  # fmt: skip
"""Families with Chinese type, the first that is installed is used."""


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Set a document.

    Parameters
    ----------
    template
        Typst source; it reads the data with ``json(bytes(sys.inputs.data))``, so that no text of a
        station is ever read as typst.
    data
        What JSON can hold; ``fonts`` is added.

    Raises
    ------
    UnavailableError
        When no family of `FAMILIES` is installed.
    """
    import typst  # here: it takes a tenth of a second, and few commands set anything

    packed = json.dumps({**data, "fonts": installed()}, ensure_ascii=False)
    made = typst.compile(template.encode(), format="pdf", sys_inputs={"data": packed})
    assert isinstance(made, bytes)  # noqa: S101  one document, one file
    return made


@cache
def installed() -> Sequence[str]:
    """Give the families of `FAMILIES` that are installed, in their order.

    Raises
    ------
    UnavailableError
        When there is none.
    """
    import typst

    known = set(typst.Fonts().families())
    found = [family for family in FAMILIES if family in known]
    if not found:
        raise UnavailableError(
            "no Chinese typeface is installed, so no PDF can be set; install one of {families} "
            "(on Debian: apt-get install fonts-noto-cjk)",
            families=", ".join(FAMILIES),
        )
    return found
