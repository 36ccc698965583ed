"""A talk of many messages: sessions begin anew with all that is known, and stay short."""

import asyncio
import sqlite3
import warnings
from pathlib import Path

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.store import Conversations
from bot.components.turns import SESSION_MESSAGES, new_session

MUSIC = "someone plays really loud music with the bass thumping through my ceiling"
MANY = 3 * SESSION_MESSAGES
with warnings.catch_warnings():
    # Rasa tells whoever makes a domain with slots about mappings, also where each slot has one.
    warnings.simplefilter("ignore")
    DOMAIN = Domain.from_dict(
        {
            "version": "3.1",
            "slots": {
                name: {"type": "text", "mappings": [{"type": "custom"}]}
                for name in ("phase", "name", "who")
            },
            "forms": {"report_form": {"required_slots": ["who"]}},
        }
    )


def sessions(data_dir: Path, conversation: str) -> list[int]:
    """How many of the resident's messages each session of a conversation holds."""
    with sqlite3.connect(data_dir / "conversations.sqlite3") as database:
        kinds = database.execute(
            "SELECT type_name FROM events WHERE sender_id = ? ORDER BY id", (conversation,)
        )
        counted: list[int] = []
        for (kind,) in kinds:
            if kind == "session_started":
                counted.append(0)
            elif kind == "user":
                counted[-1] += 1
    return counted


def test_a_long_talk_goes_on_where_it_was(resident, bot_data):
    grace = resident()
    for words in (MUSIC, "1", "last night at 2am"):
        grace.says(words)
    asked, known = grace.last["requested_slot"], dict(grace.slots)
    for _ in range(MANY):
        grace.says("why do you ask")
        assert grace.last["requested_slot"] == asked
        assert {name: grace.slots.get(name) for name in known} == known
    counted = sessions(bot_data, grace.conversation)
    assert len(counted) == 4
    assert max(counted) == SESSION_MESSAGES
    grace.says("in my bedroom")
    assert grace.slots["happened_where"] == "in my bedroom"
    assert grace.last["requested_slot"] != asked


def test_going_back_finds_the_question_before_a_new_session(resident):
    grace = resident()
    for words in (MUSIC, "1", "last night at 2am", "in my bedroom"):
        grace.says(words)
    for _ in range(MANY):
        grace.says("why do you ask")
    for slot in ("happened_where", "happened_when"):
        grace.says("go back")
        assert grace.last["requested_slot"] == slot


def tracker_after(*events) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("one", list(events), slots=DOMAIN.slots)


def test_a_short_session_goes_on():
    few = [UserUttered("words")] * (SESSION_MESSAGES - 1)
    assert new_session(tracker_after(SessionStarted(), *few)) == []


def test_a_new_session_holds_facts_form_and_questions_in_order():
    many = [UserUttered("words")] * SESSION_MESSAGES
    old = tracker_after(
        SessionStarted(),
        SlotSet("phase", "report"),
        ActiveLoop("report_form"),
        SlotSet("requested_slot", "happened_when"),
        SlotSet("requested_slot", "happened_where"),
        SlotSet("requested_slot", "happened_when"),
        *many,
    )
    begun = new_session(old)
    assert begun[0].action_name == "action_session_start"
    assert begun[-1] == ActionExecuted("action_listen")
    old.update_with_events(begun, DOMAIN)
    assert old.get_slot("phase") == "report"
    assert old.active_loop_name == "report_form"
    asked = [e.value for e in begun if isinstance(e, SlotSet) and e.key == "requested_slot"]
    assert asked == ["happened_where", "happened_when"]
    assert new_session(old.__class__.from_events("one", begun, slots=DOMAIN.slots)) == []


def test_the_store_keeps_what_rasas_own_keeps(tmp_path):
    url = f"sqlite:///{tmp_path / 'ours.sqlite3'}"
    ours = Conversations(host=url, domain=DOMAIN)
    first = [ActionExecuted("action_session_start"), SessionStarted(), SlotSet("name", "Robin")]
    again = [*first[:2], SlotSet("name", "Rowan"), UserUttered("hello"), SlotSet("who", "them")]

    async def talk() -> tuple[DialogueStateTracker, DialogueStateTracker]:
        for events in (first, again):
            tracker = await ours.get_or_create_tracker("one", append_action_listen=False)
            tracker.update_with_events(events, DOMAIN)
            await ours.save(tracker)
            await ours.save(tracker)
        kept = await ours.retrieve("one")
        everything = await SQLTrackerStore(host=url, domain=DOMAIN).retrieve_full_tracker("one")
        return kept, everything

    kept, everything = asyncio.run(talk())
    assert [event.type_name for event in everything.events] == [
        event.type_name for event in [*first, *again]
    ]
    # The last session's, and nothing of the first.
    assert [event.type_name for event in kept.events] == [event.type_name for event in again[1:]]
    assert kept.get_slot("name") == "Rowan"
    with sqlite3.connect(tmp_path / "ours.sqlite3") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_session_is_found_though_the_clock_was_set_back(tmp_path):
    ours = Conversations(host=f"sqlite:///{tmp_path / 'ours.sqlite3'}", domain=DOMAIN)
    tracker = tracker_after()
    tracker.update_with_events(
        [SessionStarted(timestamp=2000.0), UserUttered("hello", timestamp=1000.0)], DOMAIN
    )
    asyncio.run(ours.save(tracker))
    kept = asyncio.run(ours.retrieve("one"))
    assert [event.type_name for event in kept.events] == ["session_started", "user"]


def test_a_conversation_is_read_back_only_where_somebody_else_has_written(tmp_path):
    url = f"sqlite:///{tmp_path / 'talks.sqlite3'}"
    one, other = Conversations(url, domain=DOMAIN), Conversations(url, domain=DOMAIN)

    async def talks():
        tracker = DialogueStateTracker.from_events("grace", [UserUttered("hello")], DOMAIN.slots)
        await one.save(tracker)
        again = await one.retrieve("grace")
        assert again is tracker
        # A turn that failed in the middle: what it changed is not there the next time.
        again.update(SlotSet("name", "Half"), DOMAIN)
        fresh = await one.retrieve("grace")
        assert fresh is not tracker
        assert fresh.get_slot("name") is None
        fresh.update(SlotSet("name", "Grace"), DOMAIN)
        await one.save(fresh)
        theirs = await other.retrieve("grace")
        theirs.update(SlotSet("who", "him"), DOMAIN)
        await other.save(theirs)
        assert (await one.retrieve("grace")).current_slot_values()["who"] == "him"

    asyncio.run(talks())


def test_a_conversation_kept_is_the_conversation_read_back(resident, bot_data):
    grace = resident()
    for words in (MUSIC, "1", "last night at 2am", "why do you ask", "in my bedroom"):
        grace.says(words)
    store = Conversations(f"sqlite:///{bot_data / 'conversations.sqlite3'}", domain=DOMAIN)
    read_back = asyncio.run(store.retrieve(grace.conversation))
    assert read_back is not None
    users = [event.text for event in read_back.events if isinstance(event, UserUttered)]
    assert users == [MUSIC, "1", "last night at 2am", "why do you ask", "in my bedroom"]
