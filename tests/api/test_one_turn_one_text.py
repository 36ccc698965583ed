"""One turn is one text: everything the assistant can say together, for every landlord, with the
longest values there are, in at most two segments."""

import re
from functools import cache

import pytest

from api.messages.wording import Rendered, render
from api.policies import gsm7
from api.policies.check_wording import longest_values
from api.policies.load import Pack
from tests.api.every_turn import ALONE, Said, every_turn, talk
from tests.api.test_wording import INVITES, LANDLORDS, POLICIES, is_hard, words_of


def spoken(pack: Pack, said: Said, channel: str = "sms") -> Rendered:
    always = longest_values(pack.policy)
    return render(said, pack=pack, policies=POLICIES, channel=channel, always=always)


@cache
def texts(landlord: str) -> tuple[tuple[Said, Rendered], ...]:
    """Every turn of a landlord's, with the text that it is."""
    pack = POLICIES.landlords[landlord]
    return tuple((said, spoken(pack, said)) for said in every_turn(pack, POLICIES))


def keys(said: Said) -> tuple[str, ...]:
    return tuple(str(one["say"]) for one in said)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_turn_is_one_text_of_two_segments_in_plain_letters(landlord: str) -> None:
    wrong = {
        keys(said): (gsm7.length(rendered.text), rendered.text)
        for said, rendered in texts(landlord)
        if gsm7.length(rendered.text) > gsm7.TWO_SEGMENTS or gsm7.outside(rendered.text)
    }
    assert wrong == {}


def test_every_message_stands_in_a_turn() -> None:
    """A new one is to be put where it is said: into `tests/api/every_turn.py`."""
    wording = set().union(*(POLICIES.landlords[one].wording for one in LANDLORDS))
    in_turns = {key for one in LANDLORDS for said, _ in texts(one) for key in keys(said)}
    assert wording - in_turns == ALONE


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_turn_shows_all_the_choices_it_offers(landlord: str) -> None:
    """Only the summary, asked again after something else, may point at its lines above."""
    missing = []
    for said, rendered in texts(landlord):
        shown = [line.partition(" ")[0] for line in rendered.text.splitlines()]
        numbers = [str(number) for number in range(1, len(rendered.choices) + 1)]
        listed = shown[-len(numbers) :] == numbers if numbers else True
        if not listed and not (said[-1]["say"] == "summary" and len(said) > 1):
            missing.append((keys(said), rendered.text))
    assert missing == []


# What nobody would know of if it were left out of a text, and what shows that it is there.
WAYS = {
    "complain_kept": "complaint",
    "complaint_way": "complaints",
    "ombudsman": "Ombudsman",
    "staff_way": "Service Lead or an Area Manager",
    "case_review": "ASB Case Review",
    "evidence_link": longest_values(POLICIES.landlords["vivid"].policy)["url"],
    "confidential": "can't promise",
    "may_stay_anonymous": "need not say who you are",
    "unsafe_now": "Call 999",
    "seen_late": "We are late",
}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_no_text_leaves_out_what_somebody_has_to_know(landlord: str) -> None:
    left_out = [
        (key, rendered.text)
        for said, rendered in texts(landlord)
        for key in keys(said)
        if WAYS.get(key, "").lower() not in rendered.text.lower()
    ]
    assert left_out == []


def test_the_summary_shows_its_lines_by_number() -> None:
    text = spoken(POLICIES.landlords["vivid"], [{"say": "summary"}]).text
    lines = text.splitlines()
    assert lines[1] == "1 It is right"
    assert [line.split(":")[0] for line in lines[2:]] == [
        "2 About", "3 When", "4 Where", "5 How often", "6 Who", "7 Name", "8 Address", "9 Contact",
    ]  # fmt: skip


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_no_turn_invites_a_word_that_twilio_acts_on(landlord: str) -> None:
    assert [one.text for _, one in texts(landlord) if INVITES.search(one.text)] == []


@pytest.mark.parametrize("channel", ["sms", "web_chat"])
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_talk_reads_easily_in_its_brief_words_too(landlord: str, channel: str) -> None:
    pack = POLICIES.landlords[landlord]
    said = [spoken(pack, one, channel).text for one in talk(pack, POLICIES)]
    said += [
        re.sub(r"\{[a-z_]+\}", "it", message.brief)
        for message in pack.wording.values()
        if message.brief
    ]
    assert [text for text in said if "x" * 9 not in text and is_hard(text)] == []


PROMISES = re.compile(
    r"\b(?:we will (?:evict|stop|visit|arrest|remove|fix|keep .* secret|never tell|not tell"
    r"|protect)|(?:is|be|stays?|kept) (?:secret|anonymous|confidential|private)"
    r"|no one will (?:know|see)|nobody will (?:know|see)|guarantee|will not (?:know|find out))\b",
    re.IGNORECASE,
)

NO_PROMISE = re.compile(r"We can't promise [^.]*\.")


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_no_sentence_promises_what_no_policy_promises(landlord: str) -> None:
    """None promises secrecy, that nobody finds out, or what will be done to anybody."""
    pack = POLICIES.landlords[landlord]
    words = [*pack.wording.values(), *words_of(pack.policy)]
    said = [text for one in words for text in (one.sms, one.web, one.brief or "")]
    promised = [text for text in said if PROMISES.search(NO_PROMISE.sub("", text))]
    assert promised == []


def test_the_promise_test_can_fail() -> None:
    assert PROMISES.search("What you write stays private.")
    assert PROMISES.search("They will not find out.")


DOMESTIC_ABUSE_TURNS = (
    "ask_safe_now", "ask_safe_number", "ask_safe_how_only", "unsafe_now", "da_contact",
)  # fmt: skip
TELLING = re.compile(
    r"abus|violen|domestic|partner|husband|wife|police|report you made|anti-social", re.IGNORECASE
)


@pytest.mark.parametrize("landlord", LANDLORDS)
@pytest.mark.parametrize("key", DOMESTIC_ABUSE_TURNS)
def test_a_text_after_domestic_abuse_tells_nothing_to_whoever_reads_it(
    landlord: str, key: str
) -> None:
    pack = POLICIES.landlords[landlord]
    text = spoken(pack, [{"say": key}]).text
    assert not TELLING.search(text), text
    assert longest_values(pack.policy)["team_label"] not in text
