"""Two at once on the same text, number or report: nothing is sent twice, opened twice or lost.

Each test holds one of the two up at the very place where the other would do harm.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.channels.sms import inbound
from api.channels.sms.carrier import Sent
from api.conversation.model import Conversation
from api.conversation.receive import raise_danger, second_opinion
from api.intake import take_report
from api.messages.model import Message, OutboxText
from api.messages.outbox import claim, put_out
from api.reports import drafts
from api.reports.model import Report
from api.worker import sending
from api.worker.sending import send_waiting
from tests.api.town import IMPATIENT, VIVID, Town, town_of
from tests.fakes import ScriptedBot
from tests.people import ALICE, BOB

# How long one waits for the other where a lock keeps the other back.
PATIENCE = 1.5


@pytest.fixture
def town(database_url: str, tmp_path: Path, bot: ScriptedBot) -> Iterator[Town]:
    with town_of(database_url, tmp_path, bot, **IMPATIENT) as found:
        yield found


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Does each in a thread of its own, all from the same moment on. What they gave, or raised."""
    start, found = threading.Barrier(len(works)), list[Any](works)

    def do(place: int, work: Callable[[], Any]) -> None:
        start.wait(10)
        try:
            found[place] = work()
        except Exception as trouble:
            found[place] = trouble

    threads = [
        threading.Thread(target=do, args=(place, work), daemon=True)
        for place, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return found


def meet(both: threading.Barrier) -> None:
    """Neither goes on before the other is as far, unless something keeps the other back."""
    with suppress(threading.BrokenBarrierError):
        both.wait(PATIENCE)


def waiting_text(town: Town, kind: str = "reply") -> int:
    with town.db.writing() as session:
        text = put_out(
            session, landlord="vivid", to=BOB.number, body="hello", kind=kind, at=clock.now()
        )
        session.flush()
        return text.id


def test_a_receipt_amid_our_own_writing_is_not_written_over(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.control(callbacks="none")
    text_id = waiting_text(town)
    real, told = sending._write, threading.Event()
    receipt: list[threading.Thread] = []

    def write(session: Any, text: OutboxText, sent: Sent, *more: Any) -> None:
        # The row has been read, and nothing of it is written yet: now its receipt comes.
        form = {"MessageSid": str(sent.sid), "MessageStatus": "undelivered", "ErrorCode": "30003"}

        def post() -> None:
            path = f"/sms/twilio/status?text={text_id}"
            assert town.post_signed(form, path).status_code == 204
            told.set()

        receipt.append(threading.Thread(target=post, daemon=True))
        receipt[0].start()
        told.wait(PATIENCE)
        real(session, text, sent, *more)

    with monkeypatch.context() as patch:
        patch.setattr(sending, "_write", write)
        send_waiting(town.post)
    receipt[0].join(20)
    assert told.is_set()
    first, again = town.outbox()
    assert (first.status, first.error_code) == ("undelivered", "30003")
    assert (again.again_of, again.status) == (first.id, "queued")
    # Asked for its fate later, Twilio says the same: nothing is put out a second time.
    with town.db.writing() as session:
        session.get_one(OutboxText, again.id).send_after = clock.now() + timedelta(days=1)
    town.work_later(minutes=5)
    assert len(town.outbox()) == 2


def test_of_two_senders_one_takes_a_text(town: Town) -> None:
    text_id = waiting_text(town)

    def take() -> bool:
        with town.db.writing() as session:
            return claim(session, text_id, at=clock.now()) is not None

    assert sorted(at_once(take, take)) == [False, True]
    assert town.outbox_text(text_id).tries == 1


def test_two_workers_at_once_send_a_text_once(town: Town) -> None:
    waiting_text(town)
    at_once(lambda: send_waiting(town.post), lambda: send_waiting(town.post))
    assert len(town.at_twilio()) == 1


def test_a_sender_that_was_away_too_long_leaves_its_text_to_the_next(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other sender's request is taken, and no answer comes: the text still waits.
    town.control(next_sends=["hang_before", "hang_after"], hang_seconds=4.5, callbacks="none")
    text = town.send(BOB.number, "In danger? Call 999.", kind="safety")
    assert (text.status, town.at_twilio()) == ("queued", [])
    carrier = town.post.carriers.twilio
    real, minute = carrier.look_up, timedelta(seconds=61)

    def away(*given: Any, **more: Any) -> Sent | None:
        found = real(*given, **more)
        with monkeypatch.context() as patch:
            patch.setattr(carrier, "look_up", real)
            with clock.moved_to(clock.now() + minute):
                send_waiting(town.post)
        assert len(town.at_twilio()) == 1
        assert town.outbox_text(text.id).status == "queued"
        return found

    monkeypatch.setattr(carrier, "look_up", away)
    with clock.moved_to(clock.now() + minute):
        send_waiting(town.post)
    town.work_later(minutes=10)
    town.settle()
    assert len(town.at_twilio()) == 1
    assert town.on_phone(BOB.number) == ["In danger? Call 999."]
    assert len(town.outbox()) == 1


# Coming in


def inbound_text(town: Town, sid: str, words: str) -> int:
    form = {"MessageSid": sid, "From": ALICE.number, "To": VIVID, "Body": words, "NumMedia": "0"}
    return town.post_signed(form).status_code


def test_two_first_texts_of_a_number_begin_one_conversation(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, both = inbound.conversation_of_number, threading.Barrier(2)

    def found(*given: Any) -> Conversation | None:
        conversation = real(*given)
        meet(both)
        return conversation

    monkeypatch.setattr(inbound, "conversation_of_number", found)
    answered = at_once(
        lambda: inbound_text(town, "SM1", "the music is so loud"),
        lambda: inbound_text(town, "SM2", "it goes on all night"),
    )
    assert answered == [204, 204]
    assert (town.count(Conversation), town.count(Report)) == (1, 1)
    town.work()
    with town.db.reading() as session:
        every = session.scalars(select(Message)).all()
    assert {one.provider_id for one in every if one.sender == "resident"} == {"SM1", "SM2"}
    assert [{"say": "first_words"} in one.said for one in every].count(True) == 1


def test_the_same_text_twice_at_once_is_kept_once(town: Town) -> None:
    texts = [lambda: inbound_text(town, "SM1", "the music is so loud")] * 3
    assert at_once(*texts) == [204, 204, 204]
    assert (town.count(Message), town.count(Conversation)) == (1, 1)


def test_a_text_that_could_not_be_kept_is_asked_for_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = inbound_text(town, "SM1", "the music is so loud")
    with town.db.reading() as session:
        reference = session.scalars(select(Report.reference)).one()
    form = {"MessageSid": "SM2", "From": BOB.number, "To": VIVID, "Body": "it is so loud"}
    with monkeypatch.context() as patch:
        # A reference that is taken: the row that is refused is not the text's own.
        patch.setattr(drafts, "new_reference", lambda landlord: reference)
        assert (taken, town.post_signed(form).status_code) == (204, 500)
    assert (town.count(Message), town.count(Conversation)) == (1, 1)
    assert town.post_signed(form).status_code == 204
    assert (town.count(Message), town.count(Conversation)) == (2, 2)


def test_of_two_dangers_heard_at_once_neither_is_lost(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "he was outside my door with a knife and it is because I am black"
    inbound_text(town, "SM1", "he's outside my door right now with a knife")
    with town.db.reading() as session:
        first = session.scalars(select(Message).where(Message.provider_id == "SM1")).one()
        before = session.scalars(select(Case)).one()
    assert set(before.flags) == {"emergency", "weapon"}
    real, both = take_report.raise_flags, threading.Barrier(2)

    def raised(*given: Any) -> None:
        meet(both)
        real(*given)

    def opinion() -> None:
        read = {"danger": {"self_harm": 0.99}}
        danger, _ = second_opinion(first.text, read, town.post.rulebook)
        with town.db.writing() as session:
            message = session.get_one(Message, first.id)
            raise_danger(
                session, message, danger, read, town.post.rulebook, asked_safe=False, at=clock.now()
            )

    monkeypatch.setattr(take_report, "raise_flags", raised)
    done = at_once(opinion, lambda: inbound_text(town, "SM2", words))
    assert done == [None, 204]
    with town.db.reading() as session:
        case, report = session.scalars(select(Case)).one(), session.scalars(select(Report)).one()
    assert {"emergency", "weapon", "self_harm", "hate"} <= set(case.flags)
    assert case.flags == report.flags
