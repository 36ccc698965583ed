"""One turn is one text: everything the assistant can say together, for every landlord, with the
longest values there are, in at most two segments."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from api.messages.wording import Rendered, render
from api.policies import gsm7
from api.policies.check_wording import longest_values
from api.policies.load import Pack
from api.settings import ROOT
from tests.api.test_wording import INVITES, LANDLORDS, POLICIES
from tests.reading import grade, longest_sentence

Said = dict[str, Any]
CATEGORIES_OFFERED = 4
# What stands for a question in a turn: each with the choices that go with it.
QUESTIONS = (
    "ask_description", "ask_kind", "ask_when", "ask_where", "ask_how_often", "ask_happening_now",
    "ask_safe_now", "ask_who", "ask_police_reference", "ask_evidence", "ask_name", "ask_address",
    "ask_contact", "ask_safe_contact", "ask_safe_number", "ask_safe_how", "ask_safe_how_only",
    "ask_consent", "summary", "summary_change_what", "summary_change_to",
)  # fmt: skip


@cache
def responses() -> dict[str, list[Said]]:
    """Every response of the assistant's domain."""
    found: dict[str, list[Said]] = {}
    for path in (ROOT / "bot" / "domain").glob("*.yml"):
        for name, variations in (yaml.safe_load(path.read_text()).get("responses") or {}).items():
            found[name] = [variation["custom"] for variation in variations]
    return found


@cache
def talk() -> list[Said]:
    """What is said before a question is asked again: the digressions, corrections, words kept."""
    rules = yaml.safe_load((ROOT / "data/training/rules/digressions.yml").read_text())["rules"]
    actions = {
        step["action"]
        for rule in rules
        for step in rule["steps"]
        if "action" in step and not step["action"].endswith("_form")
    }
    said = [one for action in sorted(actions) for one in responses().get(action, [])]
    keys = {one["say"] for one in said}
    keys |= {
        "handover", "status_none", "status_private", "status_kept", "status_draft",
        "say_again", "say_again_contact", "offer_person", "danger_noted",
        "words_added", "first_question", "start_again", "start_again_kept", "start_again_other",
        "unsafe_now", "checkin_words_kept", "heard_answer", "heard_kind", "challenge_recorded",
        "heard_when",
    }  # fmt: skip
    changes = [
        {"when": "x" * 24},
        {"where": "x" * 24, "who": "x" * 24},
        {"contact": "x" * 24, "how_often": "most_months"},
    ]
    found = [{"say": key, "values": {}} for key in sorted(keys)]
    return [*found, *({"say": "changed", "values": {"changes": one}} for one in changes)]


def questions(pack: Pack) -> list[Said]:
    longest = sorted(
        (rule.code for rule in pack.policy.categories),
        key=lambda code: len(next(r.label for r in pack.policy.categories if r.code == code)),
    )
    offered = [*longest[-CATEGORIES_OFFERED:], "other"]
    found: list[Said] = [{"say": key} for key in QUESTIONS]
    found += [{"say": "ask_kind_list", "choices": offered}]
    found += [{"say": f"ask_r{q.number}"} for q in POLICIES.risk_matrix.questions]
    found += [{"say": "ask_policy", "values": {"question": q.code}} for q in pack.policy.questions]
    return found


def reasons(pack: Pack, question: Said) -> list[Said]:
    """Why this question is asked, as far as the policy has words of its own for it."""
    if question["say"] != "ask_policy":
        return []
    return [{"say": "why_policy", "values": question["values"]}]


def turns(pack: Pack) -> Iterator[list[Said]]:
    """Every turn that the assistant can take, as the messages that make it up."""
    noted = {"say": "noted", "values": {"when": "x" * 24, "how_often": "x" * 14, "where": "x" * 24}}
    first: Said = {"say": "first_words"}
    opening = ("ask_kind", "ask_kind_list", "ask_safe_now", "ask_policy")
    for question in questions(pack):
        yield [question]
        yield [first, question]
        for before in [*talk(), *reasons(pack, question)]:
            yield [before, question]
        if question["say"] == "ask_description":
            yield from ([first, before, question] for before in talk())
        if question["say"].startswith(opening):
            yield [first, noted, question]
            yield [noted, question]
    for opened in ("case_opened", "case_opened_review"):
        yield [{"say": opened}, {"say": "offer_risk"}]
        yield [{"say": "unsafe_now"}, {"say": "ask_safe_number"}]
    yield [{"say": "da_contact"}]
    yield [{"say": "unsafe_now"}, {"say": "da_contact"}]
    yield [{"say": "risk_done"}, {"say": "summary"}]
    yield [{"say": "checkin_words_kept"}, {"say": "offer_risk"}]


def spoken(pack: Pack, said: list[Said], channel: str = "sms") -> Rendered:
    always = longest_values(pack.policy)
    return render(said, pack=pack, policies=POLICIES, channel=channel, always=always)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_turn_is_one_text_of_two_segments_in_plain_letters(landlord: str) -> None:
    pack = POLICIES.landlords[landlord]
    wrong, checked = {}, 0
    for said in turns(pack):
        checked += 1
        text = spoken(pack, said).text
        if gsm7.length(text) > gsm7.TWO_SEGMENTS or gsm7.outside(text):
            wrong[tuple(str(one) for one in said)] = (gsm7.length(text), text)
    assert wrong == {}
    assert checked > 1500


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_turn_shows_all_the_choices_it_offers(landlord: str) -> None:
    """Only the summary, asked again after something else, may point at its lines above."""
    pack = POLICIES.landlords[landlord]
    missing = []
    for said in turns(pack):
        rendered = spoken(pack, said)
        shown = [line.partition(" ")[0] for line in rendered.text.splitlines()]
        numbers = [str(number) for number in range(1, len(rendered.choices) + 1)]
        listed = shown[-len(numbers) :] == numbers if numbers else True
        if not listed and not (said[-1]["say"] == "summary" and len(said) > 1):
            missing.append((said, rendered.text))
    assert missing == []


def test_the_summary_shows_its_lines_by_number() -> None:
    text = spoken(POLICIES.landlords["vivid"], [{"say": "summary"}]).text
    lines = text.splitlines()
    assert lines[1] == "1 It is right"
    assert [line.split(":")[0] for line in lines[2:]] == [
        "2 About", "3 When", "4 Where", "5 How often", "6 Who", "7 Name", "8 Address", "9 Contact",
    ]  # fmt: skip


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_no_turn_invites_a_word_that_twilio_acts_on(landlord: str) -> None:
    pack = POLICIES.landlords[landlord]
    assert [t for said in turns(pack) if INVITES.search(t := spoken(pack, said).text)] == []


@pytest.mark.parametrize("channel", ["sms", "web_chat"])
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_talk_reads_easily_in_its_brief_words_too(landlord: str, channel: str) -> None:
    pack = POLICIES.landlords[landlord]
    texts = [spoken(pack, [one], channel).text for one in talk()]
    texts += [
        re.sub(r"\{[a-z_]+\}", "it", message.brief)
        for message in pack.wording.values()
        if message.brief
    ]
    hard = [
        text
        for text in texts
        if len(text.split()) >= 8 and "x" * 9 not in text
        if grade(text) > 6 or longest_sentence(text) > 20
    ]
    assert hard == []


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
    wording = POLICIES.landlords[landlord].wording
    texts = [text for m in wording.values() for text in (m.sms, m.web, m.brief or "")]
    promised = [text for text in texts if PROMISES.search(NO_PROMISE.sub("", text))]
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
