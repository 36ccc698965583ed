"""Every sentence of every landlord, as residents get it: short, plain, and free of landmines."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from api.cases.progress import NOTHING_SET, TO_DO
from api.cases.promises import HEARS, in_words
from api.intake.rulebook import Rulebook
from api.messages.wording import Rendered, render
from api.policies import gsm7
from api.policies.check_wording import LONGEST, longest_values
from api.policies.gsm7 import TWO_SEGMENTS, length
from api.policies.load import Pack, load_policies
from api.policies.schema import Policy, Words
from api.settings import ROOT
from tests.reading import grade, longest_sentence

POLICIES = load_policies(ROOT / "data" / "policies")
LANDLORDS = sorted(POLICIES.landlords)
CHANNELS = ("sms", "web_chat")
# Words that Twilio acts on itself when a text holds nothing else.
LANDMINES = "stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|start|yes|unstop|help|info"
INVITES = re.compile(
    rf"\b(?:reply|text|say|write|type|send|answer)\s+(?:with\s+)?[\"']?(?:{LANDMINES})\b", re.I
)


def told(pack: Pack, key: str, channel: str) -> Rendered:
    """A message with the longest values that the packs allow."""
    said: dict[str, object] = {"say": key, "values": {}}
    values = longest_values(pack.policy)
    if key == "ask_kind_list":
        said["choices"] = [rule.code for rule in pack.policy.categories[:4]] + ["other"]
    return render([said], pack=pack, policies=POLICIES, channel=channel, always=values)


def words_of(policy: Policy) -> list[Words]:
    """Every sentence for residents that a policy has itself, for both channels."""
    found = [question.ask for question in policy.questions]
    found += [entry.advice for entry in (*policy.not_asb, *policy.no_action)]
    found += [rule.advice for rule in policy.categories if rule.advice]
    parts = (policy.case_review, policy.complaints, policy.staff)
    return [*found, *(part.words for part in parts if part)]


def is_hard(text: str, words: int = 8) -> bool:
    """`words`: of fewer than these a grade says nothing."""
    return len(text.split()) >= words and (grade(text) > 6 or longest_sentence(text) > 20)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_texts_fit_two_segments_of_plain_letters(landlord: str) -> None:
    pack = POLICIES.landlords[landlord]
    long = {
        key: gsm7.length(text)
        for key in pack.wording
        if gsm7.length(text := told(pack, key, "sms").text) > gsm7.TWO_SEGMENTS
        or gsm7.outside(text)
    }
    assert long == {}


@pytest.mark.parametrize("number", range(1, 15))
def test_the_risk_questions_fit_too(number: int) -> None:
    pack = POLICIES.landlords["places-for-people"]
    for key in (f"ask_r{number}", f"why_r{number}"):
        text = told(pack, key, "sms").text
        assert gsm7.length(text) <= gsm7.TWO_SEGMENTS
        assert gsm7.outside(text) == []
        assert longest_sentence(text) <= 20
        assert grade(text) <= 6, text


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("landlord", LANDLORDS)
def test_sentences_read_easily(landlord: str, channel: str) -> None:
    pack = POLICIES.landlords[landlord]
    hard = {}
    for key in pack.wording:
        template = getattr(pack.wording[key], "sms" if channel == "sms" else "web")
        # Of a quoted clause or a name the words are not ours.
        text = re.sub(r"\"?\{[a-z_]+\}\"?", "it", template)
        if is_hard(text):
            hard[key] = (grade(text), text)
    assert hard == {}


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_words_of_the_policy_read_easily(landlord: str) -> None:
    policy = POLICIES.landlords[landlord].policy
    texts = [text for one in words_of(policy) for text in (one.sms, one.web, one.brief or "")]
    texts += [question.why for question in policy.questions]
    assert [text for text in texts if is_hard(text, words=1)] == []


@pytest.mark.parametrize("number", [6, 12])
def test_whether_we_may_talk_to_them_is_asked_on_both_channels(number: int) -> None:
    """The card prints: "are you happy for us to discuss this problem with them?"."""
    card = POLICIES.risk_matrix.questions
    asked = next(question.ask for question in card if question.number == number)
    for words in (asked.sms, asked.web):
        assert re.search(r"you can say if we may (?:talk|speak) to them", words, re.I)


def test_the_words_of_the_risk_card_read_easily() -> None:
    """As we ask it; what is printed stands beside it for officers."""
    card = POLICIES.risk_matrix.questions
    texts = [text for q in card for text in (q.ask.sms, q.ask.web, q.ask.brief or "", q.why)]
    assert [text for text in texts if is_hard(text, words=1)] == []


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_nothing_invites_a_word_that_twilio_acts_on(landlord: str) -> None:
    pack = POLICIES.landlords[landlord]
    for key in pack.wording:
        rendered = told(pack, key, "sms")
        assert not INVITES.search(rendered.text), (key, rendered.text)
        for choice in rendered.choices:
            # "Yes" is what people write to any such question, however it is put. Twilio acts on it
            # only after a STOP, and hands it on: then it is an answer too (test_text_opt_out.py).
            bare = choice.label.strip().lower()
            assert bare == "yes" or not re.fullmatch(LANDMINES, bare), (key, choice)


def test_choices_are_numbered_on_sms_and_left_to_buttons_on_the_web() -> None:
    pack = POLICIES.landlords["vivid"]
    assert told(pack, "ask_happening_now", "sms").text.endswith("\n1 Yes\n2 No")
    web = told(pack, "ask_happening_now", "web_chat")
    assert "1 Yes" not in web.text
    assert [choice.label for choice in web.choices] == ["Yes", "No"]


def test_the_choices_of_the_question_stand_behind_what_is_said_before_it(
    rulebook: Rulebook,
) -> None:
    rendered = render(
        [{"say": "say_again"}, {"say": "ask_happening_now"}],
        pack=rulebook.pack("vivid"),
        policies=rulebook.policies,
        channel="sms",
        always={},
    )
    assert rendered.text.endswith("1 Yes\n2 No")
    assert rendered.text.startswith("Sorry")


def test_a_residents_words_are_cut_on_sms_and_whole_on_the_web(rulebook: Rulebook) -> None:
    always = {"where": "x" * 400, "reference": "VIV-222222"}
    texts = [
        render(
            [{"say": "summary"}],
            pack=rulebook.pack("vivid"),
            policies=rulebook.policies,
            channel=channel,
            always=always,
        ).text
        for channel in CHANNELS
    ]
    assert gsm7.length(texts[0]) <= gsm7.TWO_SEGMENTS
    assert "x" * 400 in texts[1]


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_case_review_is_told_in_the_words_of_the_policy(landlord: str) -> None:
    pack = POLICIES.landlords[landlord]
    words = pack.policy.case_review.words if pack.policy.case_review else None
    shared = pack.wording["case_review"]
    assert told(pack, "case_review", "sms").text == (words or shared).sms
    assert told(pack, "case_review", "web_chat").text == (words or shared).web
    asked = [{"say": "welcome_back"}, {"say": "case_review"}, {"say": "ask_consent"}]
    values = longest_values(pack.policy)
    text = render(asked, pack=pack, policies=POLICIES, channel="sms", always=values).text
    assert ((words or shared).brief or shared.sms) in text


MINUTES = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(0, 525_600, 607)]


def test_no_promise_and_no_news_of_a_case_is_longer_than_the_texts_are_measured_with() -> None:
    moments = [in_words(moment) for moment in MINUTES]
    assert max(map(len, moments)) <= LONGEST["when_due"]
    assert max(map(len, HEARS.values())) + 1 + LONGEST["when_due"] <= LONGEST["promise"]
    late = "Late: we said we would  by . We are sorry."
    assert max(map(len, TO_DO.values())) + len(late) + LONGEST["when_due"] <= LONGEST["first"]
    assert len(NOTHING_SET) <= LONGEST["first"]


def test_a_residents_word_that_is_a_category_stays_their_word(rulebook: Rulebook) -> None:
    text = render(
        [{"say": "summary"}],
        pack=rulebook.pack("vivid"),
        policies=rulebook.policies,
        channel="web_chat",
        always={"where": "garden", "category_label": "noise"},
    ).text
    assert "Where: garden." in text
    assert "loud noise" in text


def test_what_was_put_right_can_be_seen_in_a_text(rulebook: Rulebook) -> None:
    def said(**changes: str) -> str:
        return render(
            [{"say": "changed", "values": {"changes": changes}}],
            pack=rulebook.pack("vivid"),
            policies=rulebook.policies,
            channel="sms",
            always={},
        ).text

    assert said(where="the back garden of flat 12") == "Changed. Where: the back garden of flat 12."
    # The summary after it says less of the rest before it hides what was put right.
    told = dict.fromkeys(("when", "where", "who", "name", "address", "contact"), "x" * 60)
    text = render(
        [{"say": "changed", "values": {"changes": {"where": "the back garden of flat 12"}}},
         {"say": "summary"}],
        pack=rulebook.pack("vivid"), policies=rulebook.policies, channel="sms", always=told,
    ).text  # fmt: skip
    assert "Where: the back garden of flat 12." in text
    assert length(text) <= TWO_SEGMENTS
    # Two share the room.
    both = said(where="the back garden of flat 12", who="the man at number 9")
    assert both == "Changed. Where: the back garden of fl.... Who: the man at number 9."


def test_a_fact_that_stands_within_another_is_said_once() -> None:
    pack = POLICIES.landlords["vivid"]
    facts = {"where": "below", "who": "the tenants below", "how_often": "daily"}
    [told] = {
        render([{"say": "noted", "values": facts}], pack=pack, policies=POLICIES,
               channel=channel, always={}).text
        for channel in ("sms", "web_chat")
    }  # fmt: skip
    assert told == "You told us: Every day, the tenants below."
