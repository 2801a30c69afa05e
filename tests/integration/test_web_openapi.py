"""The interface does what its own description says, whatever it is asked."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support import small_app

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

OPERATIONS = [
    ("GET", "/data"),
    ("GET", "/stations"),
    ("GET", "/stations/{station_id}"),
    ("GET", "/stations/near"),
    ("POST", "/stations/near"),
    ("POST", "/stations/{station_id}/reports"),
    ("GET", "/areas"),
    ("GET", "/coverage"),
    ("GET", "/suggestions"),
]

CAN_BE_ASKED_WRONGLY = (
    "/stations",
    "/stations/near",
    "/stations/{station_id}/reports",
    "/coverage",
    "/suggestions",
)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give the description, read from the application."""
    app = small_app.make(tmp_path_factory.mktemp("openapi") / "city")
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        (method, path, mode)
        for method, path in OPERATIONS
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or path in CAN_BE_ASKED_WRONGLY
    ],
)
def test_answers_are_as_described(
    schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    """No question, well formed or not, breaks the server or gets an answer of another shape."""
    operation = schema[f"/api/v1{path}"][method]

    @given(data=st.data())
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        # The client of this library does not unpack what it asks to have packed.
        case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})

    ask()


def test_every_address_is_tried(schema: Any) -> None:
    """What is tried above is the whole interface."""
    described = {(op.ok().method.upper(), op.ok().path) for op in schema.get_all_operations()}
    assert described == {(method, f"/api/v1{path}") for method, path in OPERATIONS}
