"""Every turn that the service can take in a text, put together by what puts them together in it:
the assistant's own rules and responses, and the functions of api/conversation."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any

import yaml

from api.conversation.card import HOW_OFTEN, with_how_often
from api.conversation.handover import REASONS, quiet_words
from api.conversation.how_long import how_long
from api.conversation.internal_requests import complaint_words
from api.conversation.internal_who import SAID, role_words
from api.conversation.telling import (
    HEARD,
    SAID_FOR,
    line_for_role,
    tells_of_review,
    with_case_review,
    with_news,
)
from api.policies.check_wording import LONGEST
from api.policies.load import Pack, Policies
from api.policies.schema import CategoryRule
from api.reports.model import Report
from api.settings import ROOT

Said = list[dict[str, Any]]

CATEGORIES_OFFERED = 4
# What stands for a question of a form in a turn, beside the risk card, the policy's own questions
# and the list of kinds.
OF_THE_REPORT = (
    "ask_description", "ask_kind", "ask_when", "ask_where", "ask_how_often", "ask_happening_now",
    "ask_safe_now", "ask_who", "ask_police_reference", "ask_evidence", "ask_name", "ask_address",
    "ask_contact", "ask_safe_contact", "ask_safe_number", "ask_safe_how", "ask_safe_how_only",
)  # fmt: skip
AFTER_IT = ("ask_consent", "summary", "summary_change_what", "summary_change_to")
OF_THE_DIARY = ("ask_diary_what", "ask_diary_when")
# What can be asked in the turn in which it is told what happened.
OPENING = ("ask_kind", "ask_kind_list", "ask_safe_now", "ask_policy", "ask_when")
# What each action can say beside a question, or instead of one. Those with functions stand below.
SAID_BY_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "action_status": (
        "status_none", "status_private", "status_kept", "status_draft", "case_closed",
        "case_progress",
    ),
    "action_unclear": ("say_again", "say_again_contact"),
    "action_unsafe": ("unsafe_now",),
    "action_go_back": ("first_question",),
    "action_danger": ("danger_noted",),
    "action_add_words": ("words_added",),
    "action_start_again": ("start_again", "start_again_kept"),
    "action_evidence_link": ("evidence_link", "evidence_unsafe"),
    "action_ask_close": ("close_kept", "close_nothing"),
    "action_take_up": ("take_up_here", "take_up_not_safe", "take_up_many"),
    "action_keep_incident": ("diary_kept", "status_none"),
    "action_not_accused": ("thanks_for_saying",),
    "action_new_matter": ("new_report",),
    "action_challenge": ("challenge_recorded",),
    "action_checkin": (
        "checkin_thanks_better", "checkin_thanks_same", "checkin_thanks_worse",
        "checkin_thanks_call_me",
    ),
    # They end what stands before them, or a person takes over: see `ends` and `quiet`.
    "action_handover": (), "action_risk_later": (), "action_submit_report": (),
    "action_submit_diary": (), "action_submit_risk": (), "action_ask_accused": (),
    "action_accused": (), "action_tell_more": (), "action_ask_if_new": (),
}  # fmt: skip
OFFERS = (
    "offer_risk", "risk_later", "checkin", "ask_if_new", "ask_accused", "not_asb_advice",
    "elsewhere_advice",
)  # fmt: skip
# What answers a first text by itself.
BY_RULE = (
    "ask_accused", "file_received", "empty_message", "not_text", "take_up_wrong", "code_asked",
)  # fmt: skip
# Messages that go out by themselves, which `doorstep policy check` measures.
ALONE = frozenset(
    {
        "holding", "file_refused", "texts_stopped", "officer_here", "nudge", "code_text",
        "advice_ok", "take_up_code", "too_many_texts",
        # In web chats only, which have no number.
        "leave_contact", "contact_left",
    }
)  # fmt: skip
# Who may say in the same words what happened (actions/requests.py).
MAY_TELL = ("staff", "contractor")
# Responses of the domain that are never said as they stand, or never beside a question.
NOT_BESIDE = ([{"say": "how_long"}], [{"say": "all_done"}], [{"say": "advice_ok"}])
CHANGES = (
    {"when": "x" * 24},
    {"where": "x" * 24, "who": "x" * 24},
    {"contact": "x" * 24, "how_often": "most_months"},
)
LONGEST_PROMISE = "x" * LONGEST["promise"]
SEEN: Said = [
    {"say": "seen_unknown"},
    {"say": "seen_by", "values": {"promise": LONGEST_PROMISE}},
    {"say": "seen_late"},
]
NOTED = {
    "say": "noted",
    "values": {
        "when": "x" * 24, "now": "yes", "how_often": "most_months", "where": "y" * 24,
        "who": "z" * 24,
    },
}  # fmt: skip


@cache
def responses() -> dict[str, list[Said]]:
    """Every response of the assistant's domain, each variation as a turn's part."""
    found: dict[str, list[Said]] = {}
    for path in (ROOT / "bot" / "domain").glob("*.yml"):
        for name, variations in (yaml.safe_load(path.read_text()).get("responses") or {}).items():
            found[name] = [[variation["custom"]] for variation in variations]
    return found


@cache
def actions() -> frozenset[str]:
    """Every action of the assistant's rules that is not a form."""
    found = set()
    for path in (ROOT / "data" / "training" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text())["rules"]:
            found |= {step["action"] for step in rule["steps"] if "action" in step}
    return frozenset(name for name in found if not name.endswith("_form"))


def said_by(action: str, pack: Pack, policies: Policies) -> list[Said]:
    """What an action can say before the question that comes after it. KeyError: it has to be told
    here what the action says."""
    if action in responses():
        return responses()[action]
    if action == "action_complain":
        return [complaint_words(pack.policy, policies.helplines)]
    if action == "action_role":
        return [role_words(role, pack.policy, policies.helplines) for role in SAID]
    if action == "action_correct":
        told = [[{"say": "changed", "values": {"changes": one}}] for one in CHANGES]
        return [*told, [{"say": "corrected"}], [{"say": "status_none"}]]
    return [[{"say": key}] for key in SAID_BY_ACTIONS[action]]


def talk(pack: Pack, policies: Policies) -> list[Said]:
    """All that is said beside a question, before it comes again."""
    found = list(chain.from_iterable(said_by(one, pack, policies) for one in sorted(actions())))
    lengths = [how_long(form, "risk", {}, range(1, 15)) for form in (None, "report_form", "diary")]
    found += [[one] for one in [*lengths, {"say": "how_long_none"}, {"say": "here_again"}]]
    return [said for said in found if said not in NOT_BESIDE]


def offered(pack: Pack) -> list[str]:
    """The kinds with the longest names."""
    rules = sorted(pack.policy.categories, key=lambda rule: len(rule.label))
    return [*(rule.code for rule in rules[-CATEGORIES_OFFERED:]), "other"]


def report_questions(pack: Pack) -> Said:
    found: Said = [{"say": key} for key in OF_THE_REPORT]
    found += [{"say": "ask_kind_list", "choices": offered(pack)}]
    return found + [
        {"say": "ask_policy", "values": {"question": q.code}} for q in pack.policy.questions
    ]


def later_questions(policies: Policies) -> Said:
    card = policies.risk_matrix
    found: Said = [{"say": f"ask_r{q.number}"} for q in card.questions]
    # How often it happens is a check of what the report was told.
    told = Report(how_often="most_months")
    found += with_how_often([{"say": HOW_OFTEN}], told, card)
    return found + [{"say": key} for key in AFTER_IT]


def reasons(question: dict[str, Any], pack: Pack) -> list[Said]:
    """Why this question is asked, as far as the policy has words of its own for it."""
    if question["say"] != "ask_policy":
        return []
    return [[{"say": "why_policy", "values": question["values"]}]]


def role_lines(pack: Pack) -> list[Said]:
    """What is said of a role that was named in passing, and nothing."""
    return [[], *(line_for_role([role], set(), pack.policy) for role in SAID_FOR)]


def heard(pack: Pack) -> list[Said]:
    """That something was heard, alone and in twos, with who they said they are before it."""
    alone = [NOTED if key == "noted" else {"say": key} for key in sorted(HEARD - {"first_words"})]
    twos = [[one, other] for one in alone for other in alone if one is not other]
    said: list[Said] = [[], *([one] for one in alone), *twos]
    return [[*line, *one] for line in role_lines(pack) for one in said]


def opening_turns(pack: Pack, policies: Policies) -> Iterator[Said]:
    """First texts, with the first words before all else."""
    first: Said = [{"say": "first_words"}]
    for question in report_questions(pack):
        if question["say"] in OPENING:
            roles = [role_words(role, pack.policy, policies.helplines) for role in MAY_TELL]
            for said in [*role_lines(pack), *roles]:
                yield [*first, *said, question]
                yield [*first, *said, NOTED, question]
    for said in talk(pack, policies):
        yield [*first, *said, {"say": "ask_description"}]
    yield from ([*first, {"say": key}] for key in BY_RULE)
    yield from ([*first, *said] for said in quiet() if {"say": "seen_late"} not in said)


def asking_turns(pack: Pack, policies: Policies) -> Iterator[Said]:
    """A question, with what was said or done just before it, and after a pause as well."""
    beside = talk(pack, policies)
    of_report = report_questions(pack)
    for question in [*of_report, *later_questions(policies)]:
        before = [*beside, *reasons(question, pack)]
        before += heard(pack) if question in of_report else [[], [{"say": "heard_answer"}]]
        yield from ([*said, question] for said in before)
        yield from ([{"say": "welcome_back"}, *said, question] for said in before)
        yield [{"say": "handed_back"}, question]
    for key in OF_THE_DIARY:
        yield from ([*said, {"say": key}] for said in beside)


def news() -> list[Said]:
    """How a report goes in."""
    keys = ("case_opened", "case_opened_review")
    found: list[Said] = [[{"say": key, "values": {"promise": LONGEST_PROMISE}}] for key in keys]
    return [*found, [{"say": "report_recorded"}]]


def quiet() -> list[Said]:
    """A person takes over, in every way and with every promise."""
    ways = [quiet_words(reason, SEEN[:1]) for reason in REASONS]
    ways += [[{"say": "kept_for_person"}, {"say": "seen_unknown"}, {"say": "go_on_here"}]]
    return [
        [seen if one["say"] == "seen_unknown" else one for one in words]
        for words in ways
        for seen in SEEN
    ]


def quiet_with_news() -> Iterator[Said]:
    """The same where a report has just gone in: by an answer that told of distress, the others
    being no answer. There is no promise yet that could be late."""
    for words in quiet():
        if words[0]["say"] == "handover_distress" and {"say": "seen_late"} not in words:
            yield from (with_news(told, words) for told in news())


def ends(pack: Pack) -> Iterator[Said]:
    """What ends a form, with what is told once beside it, and after a pause as well."""
    found: list[Said] = [[*told, {"say": "offer_risk"}] for told in news()[:2]]
    found += [[{"say": "risk_done"}, {"say": "summary"}]]
    found += [[{"say": "unsafe_now"}, {"say": "da_contact"}]]
    found += [[{"say": "checkin_words_kept"}, {"say": key}] for key in ("offer_risk", "ask_if_new")]
    found += [
        [{"say": key}]
        for key in (
            "report_recorded", "all_done", "da_contact", "risk_later", "challenge_recorded",
            "diary_kept", "ask_accused",
        )
    ]  # fmt: skip
    found += advice(pack)
    for said in found:
        told = with_case_review(said) if tells_of_review(said, pack.policy) else said
        yield told
        yield [{"say": "welcome_back_short"}, *told]


def offers_that_stand(pack: Pack, policies: Policies) -> Iterator[Said]:
    """What is offered outside a form, once more after talk beside it."""
    for key in OFFERS:
        for said in talk(pack, policies):
            yield [*said, {"say": key, "again": True}]
            yield [{"say": "welcome_back_short"}, *said, {"say": key, "again": True}]


def advice(pack: Pack) -> Iterator[Said]:
    """Where the policy has it as no anti-social behaviour, or as another service's."""
    rules = [rule for rule in pack.policy.categories if rule.outcome in ("not_asb", "elsewhere")]
    for entry in [*pack.policy.not_asb, *rules]:
        elsewhere = isinstance(entry, CategoryRule) and entry.outcome == "elsewhere"
        source = entry.source
        values = {
            "advice": entry.advice.sms if entry.advice else "",
            "section": source.section if source else "",
            "clause_words": source.words if source else "",
        }
        yield [{"say": "elsewhere_advice" if elsewhere else "not_asb_advice", "values": values}]


def every_turn(pack: Pack, policies: Policies) -> Iterator[Said]:
    """Every turn of a landlord's, as the messages that make it up."""
    yield from opening_turns(pack, policies)
    yield from asking_turns(pack, policies)
    yield from quiet()
    yield from quiet_with_news()
    yield from ends(pack)
    yield from offers_that_stand(pack, policies)
