"""`python -m tests.phone`: the simulated phone on 127.0.0.1, at PHONE_PORT (8090).

Reads PHONE_PORT, PUBLIC_BASE_URL (or PORT), TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.
Ctrl-C or SIGTERM stops it. Settings that cannot be used end it with one line and status 2.
"""

import os
import socket
import sys

import uvicorn

from tests.phone.app import create_app
from tests.phone.exchange import Exchange
from tests.phone.settings import SettingsError, from_environment


class _Server(uvicorn.Server):
    """Lets go of connections that hang on purpose before it waits for the others."""

    def __init__(self, config: uvicorn.Config, exchange: Exchange) -> None:
        super().__init__(config)
        self.exchange = exchange

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what the network has under way, then the server."""
        self.exchange.close()
        await super().shutdown(sockets)


def main() -> int:
    """Serves until it is stopped; the exit status."""
    try:
        settings = from_environment(os.environ)
    except SettingsError as problem:
        sys.stderr.write(f"simulated phone: {problem}\n")
        return 2
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=2,
        ws="none",
    )
    _Server(config, app.state.exchange).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
