"""Which conversations are taken up: those with something to answer that nobody holds."""

from datetime import timedelta

from api import clock
from api.conversation.model import Conversation
from api.conversation.receive import start_conversation
from api.conversation.turns import LOCK, waiting_conversations
from api.db import Database
from api.messages.model import Message


def test_a_conversation_that_somebody_holds_is_left_to_them(database: Database) -> None:
    now = clock.now()
    with database.writing() as session:
        conversation, _ = start_conversation(
            session, landlord="vivid", channel="web_chat", number=None, at=now
        )
        session.add(
            Message(
                landlord="vivid",
                conversation_id=conversation.id,
                sender="resident",
                text="loud music",
                raw={},
                at=now,
            )
        )
        # Kept of a number that is nobody's: no conversation, and never taken up.
        session.add(Message(sender="resident", text="hello", raw={}, at=now))

    def waiting(seconds: float) -> list[str]:
        with database.reading() as session:
            return waiting_conversations(session, at=now + timedelta(seconds=seconds))

    assert waiting(0) == [conversation.id]
    with database.writing() as session:
        held = session.get_one(Conversation, conversation.id)
        held.locked_by, held.locked_until = "somebody", now + LOCK
    assert waiting(0) == []
    assert waiting(LOCK.total_seconds() - 1) == []
    # Whoever held it is gone: somebody else takes it.
    assert waiting(LOCK.total_seconds() + 1) == [conversation.id]
