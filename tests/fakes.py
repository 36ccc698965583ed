"""The edge of the world, for tests of the api alone. Proven elsewhere: the journeys run the
trained bot, and `tests/exchanges/` is checked by both sides."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn
from fastapi import FastAPI

from tests.ports import held_port

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


class ScriptedBot:
    """A bot that answers turns by a script, over HTTP on loopback, and can be out of order."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.up = True
        self.script: Answer = lambda asked: (200, say("ask_description"))
        self.danger: dict[str, float] = {}
        self.ranking: list[dict[str, Any]] = [{"name": "report_noise", "confidence": 0.9}]
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not bot.up:
                    self._send(500, {})
                elif self.path.endswith("/parse"):
                    self._send(
                        200,
                        {
                            "intent": {},
                            "ranking": bot.ranking,
                            "entities": [],
                            "danger": bot.danger,
                        },
                    )
                else:
                    bot.turns.append(body)
                    self._send(*bot.script(body))

            def do_GET(self) -> None:
                self._send(200 if bot.up else 503, {"missing": [] if bot.up else ["model"]})

            def _send(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def say(*keys: str, slots: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A turn's answer: these keys, these slots."""
    return {
        "messages": [{"say": key} for key in keys],
        "slots": slots or {},
        "active_loop": "report_form",
        "requested_slot": None,
        "intent": {"name": "answer", "confidence": 1.0},
        "ranking": [],
        "entities": [],
        **more,
    }


@contextmanager
def serving(app: FastAPI, listener: socket.socket | None = None) -> Any:
    """The app on a real port of loopback, for as long as the block lasts. Gives its address."""
    listener = listener or held_port()[0]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the app did not start"
        thread.join(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
