"""The api's internal endpoints, as the actions call them, on loopback.

Answers from a small rule book that tests may change; keeps every request.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "test-service-token"


class FakeApi:
    """`judgements` overrides what /judge says, in order; `down` makes every call fail with 503."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.judgements: list[dict[str, Any]] = []
        self.submits: list[dict[str, Any]] = []
        self.challenge_asks_details = True
        self.down = False
        self.writer: dict[str, Any] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def reset(self) -> None:
        self.requests.clear()
        self.judgements.clear()
        self.submits.clear()
        self.down = False
        self.challenge_asks_details = True
        self.writer = {}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def bodies(self, what: str, conversation: str | None = None) -> list[dict[str, Any]]:
        """The bodies of all calls of one endpoint."""
        return [
            body
            for sender, called, body in self.requests
            if called == what and conversation in (None, sender)
        ]

    def answer(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        if what == "judge":
            return self.judgements.pop(0) if self.judgements else judged("asb", body)
        if what == "submit":
            if self.submits:
                return self.submits.pop(0)
            return {
                "messages": [
                    {
                        "say": "case_opened",
                        "values": {
                            "team_label": "Neighbourhood team",
                            "promise": "We will contact you by 5pm on Tuesday 24 November",
                        },
                    },
                    {"say": "offer_risk", "values": {}},
                ],
                "reference": "VIV-0001",
                "phase": "risk",
            }
        if what == "challenge":
            return {
                "messages": [{"say": "challenge_recorded", "values": {}}],
                "ask_details": self.challenge_asks_details,
            }
        if what == "correct":
            changed = {"changes": {body["what"]: body["to"]}}
            return {"messages": [{"say": "changed", "values": changed}]}
        if what == "new_report":
            return {"messages": [{"say": "new_report", "values": {}}], "facts": self.writer}
        key = {
            "risk": "risk_done",
            "unsafe": "unsafe_now",
            "handover": "handover",
            "status": "status_none",
            "diary": "diary_kept",
            "evidence": "evidence_link",
            "close": "close_kept",
            "complain": "complain_kept",
            "take_up": "take_up_here",
            "accused": "accused_kept",
        }.get(what)
        if what == "role":
            key = {
                "someone_else": "for_someone_else",
                "witness": "am_witness",
                "anonymous": "stay_anonymous",
                "staff": "am_staff",
                "contractor": "about_contractor",
            }[body["role"]]
        if what == "checkin":
            key = f"checkin_thanks_{body['answer']}" if body["answer"] else "checkin_words_kept"
        return {"messages": [{"say": key, "values": {}}]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length) or b"{}")
                *_, conversation, what = self.path.split("/")
                if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    return self._send(401, {"error": "wrong token"})
                if api.down:
                    return self._send(503, {"error": "down"})
                api.requests.append((conversation, what, body))
                return self._send(200, api.answer(what, body))

            def _send(self, status: int, body: dict[str, Any]) -> None:
                sent = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler


def judged(
    outcome: str, body: dict[str, Any], question: str | None = None, details: bool = True
) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "category": body.get("facts", {}).get("kind"),
        "question": {"code": question} if question else None,
        "ask_details": details,
    }
