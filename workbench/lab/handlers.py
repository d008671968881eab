"""HTTP in and out: parse, call a route off the event loop, answer; errors keep their sentences."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

from workbench.encoding import parse
from workbench.errors import (
    Conflict,
    Denied,
    InputError,
    NotFound,
    TrustError,
    Unavailable,
    WorkbenchError,
)
from workbench.lab.desk import Desk
from workbench.lab.routes import GET, POST, Arguments, Attachment

__all__ = ["RouteHandler", "problem"]

MAX_BODY = 256 * 1024  # bytes; terms and purposes are far smaller
UNCHANGED = "Nothing was changed."
_STATUS: list[tuple[type[WorkbenchError], int]] = [
    (NotFound, 404),
    (Conflict, 409),
    (InputError, 400),
    (Denied, 403),
    (TrustError, 422),
    (Unavailable, 503),
]


class RouteHandler(APIHandler):
    """Every path of the interface; which one is in the URL."""

    def initialize(self, desk: Desk) -> None:
        """Receive the server's desk."""
        self._desk = desk

    @web.authenticated
    async def get(self, path: str) -> None:
        """Answer a question."""
        arguments = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        await self._answer(GET.get(path), arguments)

    @web.authenticated
    async def post(self, path: str) -> None:
        """Do something."""
        try:
            body = parse(self.request.body or b"{}", limit=MAX_BODY)
        except InputError as error:
            self._finish(*problem(error))
            return
        if not isinstance(body, dict):
            self._finish(*problem(InputError("The request is not an object.", unchanged=UNCHANGED)))
            return
        await self._answer(POST.get(path), body)

    async def _answer(
        self, route: Callable[[Desk, Arguments], Any] | None, arguments: dict[str, Any]
    ) -> None:
        if route is None:
            raise web.HTTPError(404)
        try:
            result = await asyncio.to_thread(route, self._desk, Arguments(arguments))
        except WorkbenchError as error:
            self._finish(*problem(error))
            return
        except OSError as error:
            said = f"The system said: {error.strerror or type(error).__name__}."
            self._finish(*problem(Unavailable(said, hint="The server's log may say more.")))
            return
        if isinstance(result, Attachment):
            self.set_header("Content-Disposition", f'attachment; filename="{result.name}"')
            self.finish(result.data, set_content_type=result.type)
            return
        self._finish(200, result)

    def _finish(self, status: int, value: Any) -> None:
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(value))


def problem(error: WorkbenchError) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and body that say an error to the front end."""
    decision = error.decision if isinstance(error, Denied) else None
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return status, {
        "error": type(error).__name__,
        "message": error.message,
        "unchanged": error.unchanged,
        "hint": error.hint,
        "step": error.step if isinstance(error, TrustError) else None,
        "decision": decision.model_dump(mode="json") if decision else None,
    }
