"""A model so small that many fit on one node: answers Seldon's `POST /predict`, or misbehaves as its tag says."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys

BEHAVIOUR = os.environ.get("BEHAVIOUR", "good")
PORT = int(os.environ.get("PREDICTIVE_UNIT_HTTP_SERVICE_PORT", "9000"))
ERRING_EVERY = 5
CRASH_AFTER = 60
"""Requests that a crashing model serves before it ends: enough to become ready and to get traffic."""
SLOW_AFTER, SLOW_EVERY, SLOW_SECONDS = 60, 2, 0.3
"""From its 61st request on a slow model takes its time for every other one."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_served = 0


def answer(number: int) -> tuple[int, bytes]:
    """Return status and body of the n-th request."""
    if BEHAVIOUR == "erring" and number % ERRING_EVERY == 0:
        return 500, json.dumps({"status": {"code": 500, "info": "the model failed", "status": "FAILURE"}}).encode()
    tags = {"model_version": BEHAVIOUR, "predictor": os.environ.get("PREDICTOR_ID", "")}
    return 200, json.dumps({"data": {"names": [], "ndarray": ["positive"]}, "meta": {"tags": tags}}).encode()


def delay(number: int) -> float:
    """Return the seconds that the n-th request takes beyond what it needs."""
    late = BEHAVIOUR == "slow" and number > SLOW_AFTER and number % SLOW_EVERY == 0
    return SLOW_SECONDS if late else 0.0


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    global _served  # noqa: PLW0603 (one process, one count)
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            found = _LENGTH.search(head)
            await reader.readexactly(int(found[1]) if found else 0)
            _served += 1
            if BEHAVIOUR == "crashing" and _served > CRASH_AFTER:
                os._exit(1)
            number = _served
            await asyncio.sleep(delay(number))
            status, body = answer(number)
            begin = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Internal Server Error'}\r\n"  # noqa: PLR2004
            rest = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write((begin + rest).encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve for ever; a silent model runs but never listens."""
    if BEHAVIOUR == "silent":
        await asyncio.Event().wait()
    server = await asyncio.start_server(serve, "0.0.0.0", PORT)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
