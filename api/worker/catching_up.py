"""Texts that came in while nobody answered the provider's webhook are fetched and taken in."""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select

from api import clock
from api.channels.sms.inbound import TextIn, take_in
from api.intake.rulebook import Landlord
from api.messages.model import Message
from api.worker.post import Post

log = structlog.get_logger()

# The provider tries its webhook again for seconds, not for the length of an outage.
LOOKED_BACK = timedelta(days=1)
# A text that is younger may still be on its way to us.
ON_ITS_WAY = timedelta(seconds=60)


def catch_up(post: Post) -> list[dict[str, Any]]:
    """Takes in what the provider holds for us and we do not. Each text is kept once, whoever is
    quicker."""
    done: list[dict[str, Any]] = []
    for landlord in post.rulebook.landlords.values():
        for text in _missed(post, landlord):
            take_in(post.db, post.rulebook, text)
            log.warning("text_fetched", landlord=landlord.code, sid=text.sid)
            done.append({"job": "catch_up", "landlord": landlord.code, "text": text.sid})
    return done


def _missed(post: Post, landlord: Landlord) -> list[TextIn]:
    now = clock.now()
    try:
        found = post.carriers.active.came_in(landlord, since=now - LOOKED_BACK)
    except Exception as trouble:
        log.warning("cannot_catch_up", landlord=landlord.code, trouble=type(trouble).__name__)
        return []
    settled = [text for text in found if text.at and text.at < now - ON_ITS_WAY]
    with post.db.reading() as session:
        kept = set(
            session.scalars(
                select(Message.provider_id).where(
                    Message.provider_id.in_([text.sid for text in settled])
                )
            )
        )
    return [text for text in settled if text.sid not in kept]
