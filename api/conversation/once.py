"""An action acts once for each message.

A turn may fail, or a process die, after an action has written. The same turn is then taken again,
and its action gets the answer that it had, in place of a second incident, request or correction.
"""

from hashlib import sha256
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.conversation.model import Conversation
from api.conversation.receive import message_in_turn


def answer_before(
    session: Session, conversation: Conversation, what: str, body: BaseModel
) -> dict[str, Any] | None:
    """What the action `what` answered to this body in an earlier try of the turn; None: act."""
    message = message_in_turn(session, conversation.id)
    found: dict[str, Any] | None = ((message and message.acted) or {}).get(_key(what, body))
    return found


def remember(
    session: Session,
    conversation: Conversation,
    what: str,
    body: BaseModel,
    answer: dict[str, Any],
) -> dict[str, Any]:
    """Keeps an answer in the transaction that acts, and gives it back."""
    message = message_in_turn(session, conversation.id)
    if message:
        message.acted = {**(message.acted or {}), _key(what, body): answer}
    return answer


def _key(what: str, body: BaseModel) -> str:
    return f"{what} {sha256(body.model_dump_json().encode()).hexdigest()}"
