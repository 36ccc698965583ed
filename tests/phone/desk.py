"""The operators' desk: JSON addresses by which a test changes the network and looks into it."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from tests.phone.exchange import Exchange
from tests.phone.magic import MAGIC
from tests.phone.resources import message_json
from tests.phone.state import WebhookCall
from tests.phone.twilio_api import Line

router = APIRouter()


class Replay(BaseModel):
    """Which inbound message to call the product with again."""

    model_config = ConfigDict(extra="forbid")

    sid: str


def _situation(exchange: Exchange) -> dict[str, Any]:
    settings = exchange.settings
    return {
        "control": exchange.state.control.model_dump(mode="json"),
        "account_sid": settings.account_sid,
        "landlords": [
            {
                "code": landlord.code,
                "name": landlord.name,
                "number": landlord.number,
                "messaging_service_sid": landlord.messaging_service_sid,
            }
            for landlord in settings.landlords
        ],
        "opted_out": [
            {"handset": handset, "from": number} for handset, number in exchange.state.blocks()
        ],
        "magic": {number: magic.note for number, magic in MAGIC.items()},
    }


@router.get("/_control")
def situation(exchange: Line) -> dict[str, Any]:
    """The switches as they are, the landlords' numbers and services, opt-outs, magic numbers."""
    return _situation(exchange)


@router.post("/_control")
async def control(request: Request, exchange: Line) -> dict[str, Any]:
    """Changes the switches that the JSON object names; 422 and no change where one is wrong."""
    try:
        fields = await request.json()
        if not isinstance(fields, dict):
            raise ValueError("an object of switches is wanted")
        exchange.control(exchange.state.control.changed(fields))
    except ValidationError as problem:
        wrong = problem.errors(include_url=False, include_context=False)
        raise HTTPException(422, detail=wrong) from problem
    except ValueError as problem:
        raise HTTPException(422, detail=str(problem)) from problem
    return _situation(exchange)


@router.post("/_reset")
def reset(exchange: Line) -> dict[str, bool]:
    """Forgets every message, opt-out and call, and sets the switches back."""
    exchange.reset()
    return {"reset": True}


@router.post("/_settle")
def settle(exchange: Line, seconds: float = 10) -> dict[str, bool]:
    """Waits until no message and no callback is under way (those held back do not count)."""
    return {"settled": exchange.state.settle(seconds)}


@router.post("/_callbacks/release")
def release(exchange: Line) -> dict[str, int]:
    """Sends the status callbacks that are held back."""
    return {"released": exchange.release_callbacks()}


@router.post("/_replay")
def replay(wanted: Replay, exchange: Line) -> dict[str, Any]:
    """Calls the product again with an inbound message, same MessageSid; 404 for an unknown one."""
    message = exchange.state.message(wanted.sid)
    if message is None or message.direction != "inbound":
        raise HTTPException(404, detail="no inbound message has this sid")
    return {"sid": message.sid, "webhook_status": exchange.post_inbound(message).status}


@router.get("/_messages")
def messages(exchange: Line) -> list[dict[str, Any]]:
    """Every message as Twilio holds it, oldest first, without paging or credentials."""
    kept = [message for message in exchange.state.messages() if not message.deleted]
    return [message_json(exchange.settings, message) for message in kept]


@router.get("/_webhooks")
def calls(exchange: Line, sid: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
    """Every attempt at a webhook with its answer, in order; of one message or kind, if wanted."""
    return [call_json(call) for call in exchange.state.calls(sid, kind)]


def call_json(call: WebhookCall) -> dict[str, Any]:
    """A webhook attempt: what was sent, and what was answered (`status` null: nothing)."""
    return {
        "kind": call.kind,
        "sid": call.sid,
        "url": call.url,
        "parameters": [list(pair) for pair in call.parameters],
        "attempt": call.attempt,
        "idempotency_token": call.idempotency_token,
        "status": call.status,
        "error": call.error,
        "answer": call.answer,
        "at": call.at.isoformat(),
    }
