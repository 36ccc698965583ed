"""Texts that came in while nobody answered the provider's webhook are fetched and taken in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from api import clock
from api.channels.sms.carrier import Carrier
from api.channels.sms.inbound import take_in
from api.intake.rulebook import Landlord
from api.messages.model import CatchUp, Message
from api.worker.post import Post

log = structlog.get_logger()

# How far is looked back at first; afterwards to the last time that all was taken in, however long
# ago that was, and a little further.
AT_FIRST = timedelta(days=1)
ONCE_MORE = timedelta(hours=1)
# A text that is younger may still be on its way to us.
ON_ITS_WAY = timedelta(seconds=60)
IDS_AT_ONCE = 500


def catch_up(post: Post) -> list[dict[str, Any]]:
    """Takes in what the providers hold for us and we do not. Each text is kept once, whoever is
    quicker. The provider that texts go out by is not the only one that they come in by."""
    return [
        done
        for carrier in post.carriers.configured
        if carrier.lists_what_came_in
        for landlord in post.rulebook.landlords.values()
        for done in _catch_up(post, carrier, landlord)
    ]


def _catch_up(post: Post, carrier: Carrier, landlord: Landlord) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = []
    until, all_taken = clock.now() - ON_ITS_WAY, True
    try:
        since = _looked_back_to(post, carrier, landlord, until)
        missed = carrier.came_in(
            landlord, since=since, until=until, missing=lambda sids: _missing(post, sids)
        )
        for text in missed:
            try:
                take_in(post.db, post.rulebook, post.answering, text)
            except Exception:
                # It is met again in the next round; those behind it do not wait for that.
                all_taken = False
                log.exception("text_not_taken_in", landlord=landlord.code, sid=text.sid)
                continue
            log.warning("text_fetched", landlord=landlord.code, sid=text.sid)
            done.append({"job": "catch_up", "landlord": landlord.code, "text": text.sid})
        if all_taken:
            _write_down(post, carrier, landlord, until)
    except Exception as trouble:
        log.warning(
            "cannot_catch_up",
            provider=carrier.name,
            landlord=landlord.code,
            trouble=type(trouble).__name__,
        )
    return done


def _looked_back_to(post: Post, carrier: Carrier, landlord: Landlord, until: datetime) -> datetime:
    with post.db.reading() as session:
        last = session.get(CatchUp, (carrier.name, landlord.number))
    return min(last.until, until) - ONCE_MORE if last else until - AT_FIRST


def _missing(post: Post, sids: Sequence[str]) -> set[str]:
    """Those of a provider's ids that no message of ours has."""
    kept: set[str] = set()
    with post.db.reading() as session:
        for start in range(0, len(sids), IDS_AT_ONCE):
            some = sids[start : start + IDS_AT_ONCE]
            found = session.scalars(
                select(Message.provider_id).where(Message.provider_id.in_(some))
            )
            kept |= {one for one in found if one}
    return set(sids) - kept


def _write_down(post: Post, carrier: Carrier, landlord: Landlord, until: datetime) -> None:
    with post.db.writing() as session:
        session.merge(CatchUp(provider=carrier.name, number=landlord.number, until=until))
