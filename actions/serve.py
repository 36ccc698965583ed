"""Starts the action server on loopback: `python -m actions.serve`.

Environment: ACTIONS_PORT (5055), API_URL, SERVICE_TOKEN.
"""

import logging
import os
import sys
import traceback
import warnings

# Not a filter: libraries reset those while they are imported, and sanic_cors warns at import.
warnings.showwarning = lambda *_, **__: None

from rasa_sdk.endpoint import create_app  # noqa: E402
from sanic import Sanic, response  # noqa: E402
from sanic.request import Request  # noqa: E402
from sanic.response import HTTPResponse  # noqa: E402

log = logging.getLogger("actions")


def app() -> Sanic:
    """rasa-sdk's app with our actions. Its error answer repeats the whole request, residents'
    words included; ours names the error only."""
    server = create_app("actions", cors_origins="")
    server.error_handler.add(Exception, _failed)
    return server


async def _failed(request: Request, error: Exception) -> HTTPResponse:
    action = (request.json or {}).get("next_action") if request.method == "POST" else None
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s failed: %s at %s:%s", action, type(error).__name__, where.filename, where.lineno)
    return response.json({"error": type(error).__name__}, status=500)


def main() -> None:
    missing = [name for name in ("API_URL", "SERVICE_TOKEN") if not os.environ.get(name)]
    if missing:
        sys.exit(f"The action server needs {' and '.join(missing)} in its environment")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    port = int(os.environ.get("ACTIONS_PORT", "5055"))
    app().run("127.0.0.1", port, workers=1, access_log=False)


if __name__ == "__main__":
    main()
