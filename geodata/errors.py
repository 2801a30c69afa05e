"""Everything this project raises on purpose.

::

    YizhanError
    ├── InvalidInputError (ValueError)    the request or data contradict the rules   400 · exit 2
    ├── NotFoundError (LookupError)       a named thing does not exist               404 · exit 3
    ├── UnanswerableError                 a fair question without an answer          422 · exit 4
    └── UnavailableError                  store, data or solver missing or busy      503 · exit 5

A message is a template and its values. The template is the English sentence and the key of its
translation, so that the web layer can say the same thing in Chinese without parsing prose.
"""

from __future__ import annotations


class YizhanError(Exception):
    """Root of all our errors.

    Parameters
    ----------
    template
        One English sentence that says what, where and what to do, with ``{name}`` placeholders.
    **details
        The values of the placeholders; programs read these instead of the sentence.
    """

    exit_code = 1
    status = 500

    def __init__(self, template: str, **details: object) -> None:
        self.template = template
        self.details = details
        super().__init__(template.format_map(_Shown(details)))


class InvalidInputError(YizhanError, ValueError):
    """The request or the data contradict the rules."""

    exit_code = 2
    status = 400


class NotFoundError(YizhanError, LookupError):
    """A named thing does not exist."""

    exit_code = 3
    status = 404


class UnanswerableError(YizhanError):
    """A fair question that has no answer; says what conflicts and what would help."""

    exit_code = 4
    status = 422


class UnavailableError(YizhanError):
    """The store, a data file or the solver is missing or busy."""

    exit_code = 5
    status = 503


class _Shown(dict[str, object]):
    """Details as they appear in a sentence: long values are cut, missing ones stay visible."""

    def __getitem__(self, key: str) -> str:
        text = str(super().__getitem__(key))
        return text if len(text) <= 200 else text[:199] + "…"

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
