"""A person takes over: what the resident is told, what the officer sees, and who answers then."""

from datetime import timedelta

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select

from api import clock
from api.cases.model import Case, CaseEntry
from api.conversation.model import Conversation
from api.conversation.turns import Took, take_turns
from api.db import Database
from api.messages.model import Message, OutboxText
from api.reports.model import Report
from tests.api.chats import AtPortal, Chat, conversation_of, report_of, resident_words
from tests.api.town import Town
from tests.browser.estate import PASSWORD, add_case
from tests.fakes import ScriptedBot, say
from tests.people import ALICE

ASKS_WHEN = say("ask_when", requested_slot="happened_when")
GIVES_OVER = say("handover", "ask_when", requested_slot="happened_when")


def bot_says(bot: ScriptedBot, answer: dict[str, object]) -> None:
    bot.script = lambda asked: (200, answer)


def given_over(client: httpx.Client, bot: ScriptedBot) -> Chat:
    """A chat in which somebody has asked for a person amid a question."""
    chat = Chat(client)
    bot_says(bot, ASKS_WHEN)
    chat.says("loud music next door")
    chat.asks("handover", reason="asked")
    bot_says(bot, GIVES_OVER)
    chat.says("can i talk to a person")
    bot_says(bot, ASKS_WHEN)
    return chat


def test_who_asks_for_a_person_hears_that_the_assistant_is_quiet_and_no_more_questions(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, GIVES_OVER)
    [reply] = chat.says("can i talk to a person")
    assert "We have told our team that you want to speak to a person" in reply["text"]
    assert "nothing more" in reply["text"]
    assert "When did it happen" not in reply["text"]
    assert "We cannot say yet when they will read it." in reply["text"]
    assert [choice["value"] for choice in reply["choices"]] == ["go_on"]
    talk = conversation_of(database, chat.id)
    assert talk.handed_over_at is not None
    assert talk.handover_reason == "asked"
    assert talk.handed_over_by is None
    assert report_of(database, chat.id).person_asked_at is not None


def test_words_that_wait_for_a_person_are_kept_and_never_met_with_silence(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    turns = len(bot.turns)
    with database.writing() as session:
        # The reply to the request itself was said some time ago.
        for message in session.scalars(select(Message).where(Message.sender == "assistant")):
            message.at = message.at.replace(year=message.at.year - 1)
    assert "Your words are kept for our team." in chat.hears("it is about my neighbour")
    # Several lines in a row get one answer.
    assert chat.says("and one more thing") == []
    assert len(bot.turns) == turns
    assert resident_words(database, chat.id)[-2:] == [
        "it is about my neighbour",
        "and one more thing",
    ]
    with database.reading() as session:
        waiting = select(Message).where(
            Message.sender == "resident", Message.processed_at.is_(None)
        )
        assert session.scalars(waiting).all() == []


def test_in_a_case_the_promise_is_the_policys(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    chat.asks_for("submit", facts=ENOUGH)
    bot_says(bot, GIVES_OVER)
    text = chat.hears("i want to talk to someone")
    assert "We will contact you by 5pm on" in text
    with database.reading() as session:
        task = session.scalars(select(CaseEntry).where(CaseEntry.kind == "task")).all()[-1]
    assert task.words == "Asked to speak to a person."


ENOUGH = {
    "description": "loud music at 2am most nights",
    "kind": "noise",
    "happened_when": "most nights",
    "name": ALICE.name,
    "address": ALICE.address,
    "contact": ALICE.number,
    "safe_contact": "yes",
}


def test_a_promise_that_was_missed_is_said_to_be_late(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    chat.asks_for("submit", facts=ENOUGH)
    with database.writing() as session:
        case = session.scalars(select(Case)).one()
        for deadline in case.deadlines:
            deadline.due_at = deadline.due_at.replace(year=deadline.due_at.year - 1)
    bot_says(bot, GIVES_OVER)
    assert "We are late and are sorry." in chat.hears("person please")


def test_two_failures_for_one_question_go_to_a_person(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, say("offer_person", "ask_how_often", requested_slot="how_often"))
    [reply] = chat.says("purple monkey dishwasher")
    assert "I still do not understand" in reply["text"]
    assert "a person in our team" in reply["text"]
    assert "How often" not in reply["text"]
    assert conversation_of(database, chat.id).handover_reason == "not_understood"


@pytest.mark.parametrize(
    "words",
    [
        "i cant stop crying i dont know what to do",
        "I'm having a panic attack",
        "sorry I can't do this",
        "im too upset to go on",
    ],
)
def test_distress_goes_to_a_person_and_what_was_told_is_kept(
    words: str, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, {**ASKS_WHEN, "slots": {"description": words}})
    reply = chat.hears(words)
    assert "This sounds very hard" in reply
    assert "call 999" in reply
    talk = conversation_of(database, chat.id)
    assert talk.handover_reason == "distress"
    assert report_of(database, chat.id).description == words


def test_distress_that_the_model_hears_as_danger_goes_to_a_person_all_the_same(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, ASKS_WHEN)
    bot.danger = {"emergency": 0.9, "self_harm": 0.9}
    reply = chat.hears("i can't do this, i can't stop crying")
    assert "This sounds very hard" in reply
    assert "When did it happen?" not in reply
    assert conversation_of(database, chat.id).handover_reason == "distress"
    assert "self_harm" in report_of(database, chat.id).flags


@pytest.mark.parametrize(
    "words",
    [
        "i cant cope with this noise any more, it is every night",
        "i am at my wits end with these people",
        "the baby can't stop crying because of the music",
        "he is too upset about the parking",
    ],
)
def test_what_most_reports_say_is_not_taken_for_distress(
    words: str, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, ASKS_WHEN)
    assert "When did it happen?" in chat.hears(words)
    assert conversation_of(database, chat.id).handed_over_at is None


@pytest.mark.parametrize("pick", ["go_on", "1", "Go on with the questions", "carry on"])
def test_a_resident_may_go_on_while_no_officer_is_there(
    pick: str, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    turns = len(bot.turns)
    [reply] = chat.says(pick)
    assert reply["text"].startswith("When did it happen?")
    assert len(bot.turns) == turns
    assert conversation_of(database, chat.id).handed_over_at is None
    chat.says("last night")
    assert bot.turns[-1]["text"] == "last night"


def test_choices_of_the_question_come_back_with_it(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, say("handover", "ask_how_often", requested_slot="how_often"))
    chat.says("person")
    [reply] = chat.says("1")
    assert [choice["value"] for choice in reply["choices"]][:2] == ["daily", "most_days"]
    bot_says(bot, ASKS_WHEN)
    chat.says("2")
    offered = [choice["value"] for choice in bot.turns[-1]["metadata"]["choices"]]
    assert offered[:2] == ["daily", "most_days"]


def test_once_an_officer_is_there_only_the_officer_hands_back(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"
    olive.presses(page, f"{page}/words", words="Hello, Olive here.")
    turns = len(bot.turns)
    for words in ("1", "go on", "start again", "hello?"):
        assert chat.says(words) == []
    assert len(bot.turns) == turns
    assert conversation_of(database, chat.id).handed_over_at is not None
    answer = olive.presses(page, f"{page}/hand-back")
    assert answer.status_code == 200
    last = chat.sees()[-1]
    assert "Our automated service answers here again." in last["text"]
    assert "When did it happen?" in last["text"]
    chat.says("last night")
    assert len(bot.turns) == turns + 1


def test_an_officers_words_come_through_the_chat_and_the_residents_show_at_the_portal(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"
    assert "Asked to speak to a person." in olive.reads("/officers/conversations")
    assert "can i talk to a person" in olive.reads(page)
    answer = olive.presses(page, f"{page}/words", words="Hello, I read what you wrote.")
    assert answer.status_code == 200
    from_officer = [one for one in chat.sees() if one["from"] == "officer"]
    assert [one["text"] for one in from_officer] == ["Hello, I read what you wrote."]
    chat.says("thank you so much")
    assert "thank you so much" in olive.reads(page)
    assert "thank you so much" in olive.reads("/officers/conversations")
    talk = conversation_of(database, chat.id)
    assert talk.handed_over_by == olive.officer.email


def test_an_officer_steps_in_and_the_resident_is_told(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, ASKS_WHEN)
    chat.says("loud music")
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"
    assert "The assistant answers here." in olive.reads(page)
    olive.presses(page, f"{page}/step-in")
    assert "A person from our team now writes to you here." in chat.sees()[-1]["text"]
    turns = len(bot.turns)
    chat.says("it was last night")
    assert len(bot.turns) == turns
    # Once more changes nothing, and says nothing twice.
    before = len(chat.sees())
    olive.presses(page, f"{page}/step-in")
    assert len(chat.sees()) == before


def test_a_turn_in_hand_when_an_officer_steps_in_is_not_said(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, ASKS_WHEN)
    chat.says("loud music")
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"

    def officer_is_quicker(asked: dict[str, object]) -> tuple[int, dict[str, object]]:
        olive.presses(page, f"{page}/step-in")
        return 200, say("ask_where", requested_slot="happened_where")

    bot.script = officer_is_quicker
    chat.says("last night")
    texts = [one["text"] for one in chat.sees()]
    assert not any("Where did it happen" in text for text in texts)
    assert "A person from our team" in texts[-1]


def test_words_that_waited_for_a_broken_assistant_are_the_officers(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.up = False
    chat.says("loud music")
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"
    olive.presses(page, f"{page}/step-in")
    bot.up = True
    with clock.moved_to(clock.now()):
        assert take_turns(app.state.desk, chat.id) is Took.ALL
    assert bot.turns == []
    assert "loud music" in olive.reads(page)


def test_danger_is_answered_while_a_person_writes(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"
    olive.presses(page, f"{page}/words", words="Hello.")
    replies = chat.says("he is outside my door with a knife right now")
    assert "999" in replies[0]["text"]
    assert report_of(database, chat.id).status == "case"
    assert "Danger screen" in olive.reads(page)


def test_another_landlords_officer_sees_nothing_and_can_do_nothing(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    nell = AtPortal(app, client, "nacro", "housing-support", "nell")
    page = f"/officers/conversations/{chat.id}"
    assert "No conversation waits" in nell.reads("/officers/conversations")
    assert nell.get(page).status_code == 404
    for what in ("step-in", "words", "hand-back"):
        answer = nell.presses("/officers/conversations", f"{page}/{what}", words="Hello.")
        assert answer.status_code == 404
    talk = conversation_of(database, chat.id)
    assert talk.handed_over_by is None
    assert talk.handed_over_at is not None
    assert [one for one in chat.sees() if one["from"] == "officer"] == []


def test_a_conversation_behind_a_case_of_another_team_is_not_there(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)

    def restrict(case: Case) -> None:
        case.restricted, case.team = True, "tenancy-enforcement"

    add_case(app, "VIV-RESTRI", conversation_id=chat.id, adjust=restrict)
    olive = AtPortal(app, client)
    tess = AtPortal(app, client, "vivid", "tenancy-enforcement", "tess")
    page = f"/officers/conversations/{chat.id}"
    assert olive.get(page).status_code == 404
    assert "No conversation waits" in olive.reads("/officers/conversations")
    assert tess.get(page).status_code == 200


def test_a_form_of_another_site_writes_nothing(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"
    answer = olive.post(f"{page}/words", form_token="0" * 64, words="Hi")
    assert answer.status_code == 403
    assert [one for one in chat.sees() if one["from"] == "officer"] == []


@pytest.mark.parametrize(
    ("words", "trouble"),
    [("   ", "Write a few words first."), ("x" * 4001, "At most 4,000 letters")],
)
def test_what_cannot_be_sent_stays_in_the_box_with_the_reason(
    words: str,
    trouble: str,
    app: FastAPI,
    client: httpx.Client,
    bot: ScriptedBot,
    database: Database,
) -> None:
    chat = given_over(client, bot)
    olive = AtPortal(app, client)
    page = f"/officers/conversations/{chat.id}"
    answer = olive.presses(page, f"{page}/words", words=words)
    assert answer.status_code == 422
    assert trouble in answer.text
    assert words.strip() in answer.text
    assert [one for one in chat.sees() if one["from"] == "officer"] == []


# ---- A way to reach them -----------------------------------------------------------------------


def told(database: Database, **facts: object) -> None:
    with database.writing() as session:
        report = session.scalars(select(Report)).one()
        for name, value in facts.items():
            setattr(report, name, value)


@pytest.mark.parametrize(
    ("words", "contact"),
    [
        ("07700 900321", "+447700900321"),
        ("you can ring me on 020 7946 0999 after 6", "+442079460999"),
        ("Grace.Green@example.org is best", "grace.green@example.org"),
    ],
)
def test_who_has_left_no_contact_is_asked_for_one_and_it_is_taken_from_their_words(
    words: str,
    contact: str,
    app: FastAPI,
    client: httpx.Client,
    bot: ScriptedBot,
    database: Database,
) -> None:
    chat = Chat(client)
    bot_says(bot, GIVES_OVER)
    [reply] = chat.says("can i talk to a person")
    assert "If it is safe, leave a phone number or an e-mail here." in reply["text"]
    [answer] = chat.says(words)
    assert f"We have put: {contact}." in answer["text"]
    assert [choice["value"] for choice in answer["choices"]] == ["go_on"]
    report = report_of(database, chat.id)
    assert (report.contact, report.safe_contact) == (contact, None)
    assert conversation_of(database, chat.id).handed_over_at is not None
    # Said once; further words are simply kept.
    assert chat.says("thank you") == []
    page = AtPortal(app, client).reads(f"/officers/conversations/{chat.id}")
    assert f"{contact} (nobody has said whether it is safe)" in page


@pytest.mark.parametrize("facts", [{"contact": ALICE.number}, {"told_as": ["anonymous"]}])
def test_who_has_told_it_or_stays_anonymous_is_not_asked_for_a_contact(
    facts: dict[str, object], client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    told(database, **facts)
    bot_says(bot, GIVES_OVER)
    [reply] = chat.says("can i talk to a person")
    assert "leave a phone number" not in reply["text"]


@pytest.mark.parametrize(
    "words", ["he did it on 12/11/2026 at 8pm", "the crime number is 123456789", "flat 12, block 3"]
)
def test_other_numbers_are_no_contact(
    words: str, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = given_over(client, bot)
    chat.says(words)
    assert report_of(database, chat.id).contact is None


def test_a_number_left_in_a_case_is_a_new_entry_and_gets_no_text_by_itself(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot_says(bot, GIVES_OVER)
    chat.says("he is outside my door with a knife right now")
    assert "leave a phone number" in chat.sees()[-1]["text"]
    chat.says("07700 900321")
    with database.reading() as session:
        case = session.scalars(select(Case)).one()
        kinds = {(one.kind, one.words) for one in case.entries}
    assert ("correction", "contact: +447700900321") in kinds
    assert case.contact_number == "+447700900321"
    assert case.safe_to_text is False


def test_the_officer_is_told_until_when_words_are_read_in_the_chat(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    with time_machine.travel("2026-11-02T10:00:00Z", tick=False) as at:
        chat = given_over(client, bot)
        olive = AtPortal(app, client)
        page = f"/officers/conversations/{chat.id}"
        open_page = olive.reads(page)
        assert "It closes on their device on Monday 2 November 2026, 12:00pm" in open_page
        assert "To reach them They left no number and no e-mail." in open_page
        at.shift(timedelta(hours=3))
        olive.post("/officers/sign-in", email=olive.officer.email, password=PASSWORD)
        rests = olive.reads(page)
        assert "closed on their device on Monday 2 November 2026, 12:00pm" in rests
        assert "in the same browser by Monday 9 November 2026, 12:00pm" in rests
        olive.presses(page, f"{page}/words", words="Hello, Olive here.")
        # It is there once they go on.
        chat.says("hello?")
        assert "Hello, Olive here." in [one["text"] for one in chat.sees()]


@pytest.mark.parametrize("why", ["left", "abuse"])
def test_to_a_chat_that_is_over_nothing_is_written(
    why: str, app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    with time_machine.travel("2026-11-02T10:00:00Z", tick=False) as at:
        chat = given_over(client, bot)
        told(database, contact=ALICE.number, safe_contact="no", safe_how="ring my sister")
        olive = AtPortal(app, client)
        page = f"/officers/conversations/{chat.id}"
        olive.reads(page)
        at.shift(timedelta(hours=3))
        olive.post("/officers/sign-in", email=olive.officer.email, password=PASSWORD)
        if why == "left":
            with database.writing() as session:
                talk = session.get_one(Conversation, chat.id)
                talk.ended_at = talk.last_message_at
        else:
            told(database, flags=["domestic_abuse"])
        closed = olive.reads(page)
        assert "words written here would not reach the resident" in closed
        assert f"{ALICE.number} (said not to be safe). ring my sister" in closed
        assert 'name="words"' not in olive.get(page).text
        # Written while it closed: not taken, and still in the box.
        answer = olive.presses(page, f"{page}/words", words="Hello.")
    assert answer.status_code == 422
    assert "This chat has closed: your words would not reach them." in answer.text
    assert ">Hello.</textarea>" in answer.text
    with database.reading() as session:
        assert session.scalars(select(Message).where(Message.sender == "officer")).all() == []


# ---- By text ----------------------------------------------------------------------------------


def talk_by_text(town: Town) -> str:
    town.bot.script = lambda asked: (200, GIVES_OVER)
    town.text("can i talk to a person")
    town.work()
    with town.db.reading() as session:
        return str(session.scalars(select(Message.conversation_id)).first())


def test_an_officers_words_come_as_a_text(town: Town) -> None:
    talk = talk_by_text(town)
    with httpx.Client(base_url=town.url, timeout=20) as client:
        olive = AtPortal(town.app, client)
        page = f"/officers/conversations/{talk}"
        olive.presses(page, f"{page}/words", words="Hello – I’ve read what you wrote.")
        town.work()
        assert "Not sent" not in olive.reads(page)
    texts = town.on_phone()
    assert texts[-2] == (
        "VIVID: a person from our team now writes to you here. The automated service is quiet."
    )
    # Typed quotes and dashes would make the text cost double.
    assert texts[-1] == "Hello - I've read what you wrote."


def test_an_officers_words_to_somebody_long_gone_wait_for_texting_hours(town: Town) -> None:
    talk = talk_by_text(town)
    with httpx.Client(base_url=town.url, timeout=20) as client:
        olive = AtPortal(town.app, client)
        page = f"/officers/conversations/{talk}"
        with town.db.writing() as session:
            for message in session.scalars(select(Message).where(Message.sender == "resident")):
                message.at = message.at.replace(year=message.at.year - 1)
        olive.presses(page, f"{page}/words", words="Are you still there?")
        midnight = clock.now().replace(hour=1, minute=0)
        with town.db.writing() as session:
            for text in session.scalars(select(OutboxText)):
                text.send_after = min(text.send_after, midnight)
        with clock.moved_to(midnight):
            town.work()
        assert "Waits to be sent: outside texting hours" in olive.reads(page)
    assert "Are you still there?" not in town.on_phone()


def test_an_officers_words_to_somebody_who_may_not_be_texted_are_held_and_say_so(
    town: Town,
) -> None:
    talk = talk_by_text(town)
    with town.db.writing() as session:
        for message in session.scalars(select(Message).where(Message.sender == "resident")):
            message.at = message.at.replace(year=message.at.year - 1)
        conversation = session.get_one(Conversation, talk)
        session.get_one(Report, conversation.report_id).safe_contact = "no"
    with httpx.Client(base_url=town.url, timeout=20) as client:
        olive = AtPortal(town.app, client)
        page = f"/officers/conversations/{talk}"
        olive.presses(page, f"{page}/words", words="Are you still there?")
        town.work()
        assert "Not sent: no safe way to text is on record" in olive.reads(page)
    assert "Are you still there?" not in town.on_phone()


def test_more_than_three_parts_are_not_taken_for_a_text(town: Town) -> None:
    talk = talk_by_text(town)
    with httpx.Client(base_url=town.url, timeout=20) as client:
        olive = AtPortal(town.app, client)
        page = f"/officers/conversations/{talk}"
        answer = olive.presses(page, f"{page}/words", words="word " * 120)
        assert answer.status_code == 422
        assert "4 text messages long" in answer.text
