"""STOP, START and HELP in all their forms. A phone may be in somebody else's hands: no case is
closed or changed by a word, and nobody is answered twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.channels.sms.inbound import asks_to_stop
from api.messages.model import OptOut
from api.messages.outbox import stopped_by
from api.reports.model import Report
from tests.api.town import VIVID, Town, town_of
from tests.fakes import ScriptedBot
from tests.people import ALICE

KNIFE = "he's outside my door right now with a knife"


@pytest.fixture
def plain_town(database_url: str, tmp_path: Path, bot: ScriptedBot) -> Iterator[Town]:
    """Where Twilio answers its own list of words, without Advanced Opt-Out."""
    with town_of(database_url, tmp_path, bot, TWILIO_OPT_OUT="default") as found:
        found.control(opt_out="default")
        yield found


def stopped(town: Town) -> bool:
    with town.db.reading() as session:
        return stopped_by(session, "vivid", ALICE.number) is not None


def case_now(town: Town) -> tuple[str, str, str | None]:
    with town.db.reading() as session:
        case = session.scalars(select(Case)).one()
        return case.status, case.team, case.severity


def test_stop_stops_texts_and_changes_no_case(town: Town) -> None:
    town.text(KNIFE)
    town.work()
    before, case = len(town.outbox()), case_now(town)
    town.text("STOP")
    town.work()
    # Twilio has confirmed it itself: we say nothing.
    assert len(town.outbox()) == before
    assert stopped(town)
    assert case_now(town) == case
    assert any("Texts were stopped" in words for words in town.tasks())
    held = town.send(ALICE.number)
    assert (held.status, held.held_because) == ("held", "this number asked for texts to stop")


def test_start_lets_texts_through_again(town: Town) -> None:
    town.text("STOP")
    town.text("START")
    town.text("are you there")
    town.work()
    assert not stopped(town)
    with town.db.reading() as session:
        assert session.scalars(select(OptOut)).one().lifted_at is not None
    town.settle()
    assert town.on_phone()[-1].startswith("VIVID: automated service")


def test_danger_after_stop_opens_a_case_and_says_that_they_could_not_be_warned(town: Town) -> None:
    town.text("STOP")
    town.text(KNIFE)
    town.work()
    assert case_now(town)[0] == "open"
    safety = next(one for one in town.outbox() if one.kind == "safety")
    assert safety.status == "held"
    assert "A safety text was not sent: this number asked for texts to stop." in town.tasks()


def test_danger_after_words_of_their_own_is_answered_and_nothing_else_is(town: Town) -> None:
    town.text("stop texting me")
    town.work()
    town.text(KNIFE)
    town.work()
    town.settle()
    safety = next(one for one in town.outbox() if one.kind == "safety")
    assert safety.status != "held"
    assert "999" in town.on_phone()[-1]
    assert stopped(town)
    # What the assistant says to it, and what we would begin, stays here.
    assert {one.status for one in town.outbox() if one.kind == "reply"} <= {"held"}
    assert town.send(ALICE.number, kind="contact").status == "held"
    # Once the provider keeps texts back as well, nothing gets by.
    town.text("STOP")
    assert town.count(OptOut) == 1
    town.text(KNIFE)
    town.work()
    assert [one.status for one in town.outbox() if one.kind == "safety"][-1] == "held"


def test_stop_twice_is_one_stop(town: Town) -> None:
    town.text("STOP")
    town.text("Stop")
    assert town.count(OptOut) == 1


@pytest.mark.parametrize("words", ["END", "cancel", "Unsubscribe", "Stop.", "stop texting me"])
def test_words_that_twilio_does_not_act_on_are_obeyed_and_confirmed_once(
    town: Town, words: str
) -> None:
    town.text(words)
    town.work()
    town.settle()
    assert stopped(town)
    assert [one.kind for one in town.outbox()] == ["stopped"]
    [said] = town.on_phone()
    assert "stopped texts to this number" in said
    town.text(words)
    town.work()
    assert len(town.outbox()) == 1
    assert town.bot.turns == []


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("Please stop sending me messages", True),
        ("no more texts please", True),
        ("dont text me again", True),
        ("do not contact me", True),
        ("opt out", True),
        ("please stop", False),
        ("make it stop", False),
        ("stop the noise", False),
        ("they will not stop texting me", False),
        ("my ex wont stop messaging me", False),
        ("end of the road", False),
        ("start", False),
        ("", False),
    ],
)
def test_what_asks_for_texts_to_stop(words: str, asks: bool) -> None:
    assert asks_to_stop(words) is asks


@pytest.mark.parametrize("word", ["CANCEL", "end", "QUIT", "revoke", "STOPALL"])
def test_without_advanced_opt_out_twilio_confirms_its_own_words(
    plain_town: Town, word: str
) -> None:
    plain_town.text(word)
    plain_town.work()
    assert stopped(plain_town)
    assert plain_town.outbox() == []
    assert len(plain_town.on_phone()) == 1


def test_without_advanced_opt_out_yes_lets_texts_through_and_is_an_answer(
    plain_town: Town,
) -> None:
    plain_town.text("STOP")
    plain_town.text("yes")
    plain_town.work()
    assert not stopped(plain_town)
    assert [turn["text"] for turn in plain_town.bot.turns] == ["yes"]


@pytest.mark.parametrize("advanced", [True, False])
def test_yes_of_somebody_who_has_not_stopped_texts_is_an_answer_and_nothing_else(
    town: Town, advanced: bool
) -> None:
    if not advanced:
        town.app.state.settings.twilio_opt_out = "default"
    town.text("YES")
    town.work()
    assert [turn["text"] for turn in town.bot.turns] == ["YES"]
    assert town.count(OptOut) == 0
    assert [one.kind for one in town.outbox()] == ["reply"]


@pytest.mark.parametrize("advanced", [True, False])
def test_help_is_answered_by_twilio_alone_and_a_person_looks(
    town: Town, bot: ScriptedBot, advanced: bool
) -> None:
    if not advanced:
        town.app.state.settings.twilio_opt_out = "default"
        town.control(opt_out="default")
    town.text("HELP")
    town.work()
    assert len(town.on_phone()) == 1
    assert town.outbox() == []
    with town.db.reading() as session:
        asked = session.scalars(select(Report.person_asked_at)).one()
    assert asked is not None
    assert asked <= clock.now()
    town.text(KNIFE)
    town.text("HELP")
    assert any("They texted HELP" in words for words in town.tasks())


def test_a_word_of_opt_out_from_twilio_counts_whatever_the_text_says(town: Town) -> None:
    form = {
        "MessageSid": "SM1", "From": ALICE.number, "To": VIVID, "Body": "arrêt",
        "OptOutType": "STOP",
    }  # fmt: skip
    assert town.post_signed(form).status_code == 204
    assert stopped(town)
