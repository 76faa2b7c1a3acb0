"""The load generator's own small HTTP interface: what clients saw so far, and the settings."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from aiohttp import web

from lab.loadgen.client import LoadGenerator, Settings
from lab.loadgen.report import Report

if TYPE_CHECKING:
    from lab.loadgen.records import Record

_GENERATOR = web.AppKey("generator", LoadGenerator)


def application(generator: LoadGenerator) -> web.Application:
    """Return `GET /report`, `GET /records` (JSON Lines), both with `?since=<Unix seconds>`, and `PUT /settings`."""
    app = web.Application()
    app[_GENERATOR] = generator
    app.add_routes(
        [
            web.get("/healthz", _healthy),
            web.get("/report", _report),
            web.get("/records", _records),
            web.get("/settings", _settings),
            web.put("/settings", _change),
        ]
    )
    return app


async def _healthy(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _report(request: web.Request) -> web.Response:
    return web.json_response(Report.of(_since(request)).summary())


async def _records(request: web.Request) -> web.Response:
    return web.Response(text="".join(f"{record.line()}\n" for record in _since(request)))


async def _settings(request: web.Request) -> web.Response:
    return web.json_response(asdict(request.app[_GENERATOR].settings))


async def _change(request: web.Request) -> web.Response:
    changes = await request.json()
    known = {field.name for field in fields(Settings)} - {"seed"}
    if not isinstance(changes, dict) or not changes.keys() <= known:
        return web.json_response({"error": f"an object with some of {sorted(known)} is wanted"}, status=400)
    settings = request.app[_GENERATOR].settings
    for name, value in changes.items():
        setattr(settings, name, float(value))
    return web.json_response(asdict(settings))


def _since(request: web.Request) -> list[Record]:
    start = float(request.query.get("since", 0))
    return [record for record in request.app[_GENERATOR].records if record.sent >= start]
