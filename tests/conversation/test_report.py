"""A report from the first words to the reference, as residents text it."""

from fake_api import judged

MUSIC = "someone plays really loud music with the bass thumping through my ceiling"


def test_report_by_digits_words_and_labels(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    grace.says(MUSIC)
    assert grace.keys == ["ask_kind"]
    assert grace.last["messages"][0]["values"] == {"category": "noise"}
    grace.says("1")
    assert grace.keys == ["ask_when"]
    for words, asked in [
        ("last night at 2am", "ask_where"),
        ("In my flat", "ask_how_often"),
        ("2", "ask_happening_now"),
        ("nah", "ask_who"),
        ("The man in flat 14", "ask_police_reference"),
        ("no", "ask_evidence"),
        ("I wrote it down", "ask_name"),
        ("Grace Hope", "ask_address"),
        ("12 Rowan Court, M1 1AE", "ask_safe_number"),
    ]:
        grace.says(words)
        assert grace.keys == [asked], words
    grace.says("Yes, it is safe")
    assert grace.keys == ["case_opened", "offer_risk"]
    facts = api.bodies("submit", grace.conversation)[0]["facts"]
    assert {
        "description": MUSIC,
        "kind": "noise",
        "kind_ok": "yes",
        "outcome": "asb",
        "happened_when": "last night at 2am",
        "happened_where": "In my flat",
        "how_often": "most_days",
        "happening_now": "no",
        "who": "The man in flat 14",
        "police_reference": "none",
        "evidence": "I wrote it down",
        "name": "Grace Hope",
        "address": "12 Rowan Court, M1 1AE",
        "contact": "+447700900123",
        "safe_contact": "yes",
        "landlord": "vivid",
        "channel": "sms",
    }.items() <= facts.items()
    assert grace.slots["phase"] == "risk"
    assert grace.last["active_loop"] is None


def test_what_was_said_is_not_asked_again(resident):
    grace = resident()
    grace.says(
        "he is playing loud music right now, it is every night, last night until 4am, "
        "police gave me crime ref 42/12345/26"
    )
    assert grace.keys == ["noted", "ask_kind"]
    assert grace.slots["how_often"] == "daily"
    assert grace.slots["happening_now"] == "yes"
    assert grace.slots["police_reference"] == "42/12345/26"
    assert "4am" in grace.slots["happened_when"]
    grace.says("yes")
    assert grace.keys == ["ask_where"]
    grace.says("my bedroom")
    assert grace.keys == ["ask_who"]
    grace.says("1")
    assert grace.slots["who"] == "dont_know"
    assert grace.keys == ["ask_evidence"]


def test_another_kind_from_the_list(resident, api):
    grace = resident()
    grace.says(MUSIC)
    grace.says("something else")
    assert grace.keys == ["ask_kind_list"]
    offered = grace.last["messages"][0]["choices"]
    assert "noise" not in offered
    assert offered[-1] == "other"
    assert len(offered) in (4, 5)
    grace.says("2")
    assert grace.slots["kind"] == offered[1]
    assert api.bodies("judge", grace.conversation)[0]["facts"]["kind"] == offered[1]
    assert api.bodies("judge", grace.conversation)[0]["kinds"][0]["category"] == "noise"


def test_another_kind_in_own_words(resident):
    grace = resident()
    grace.says(MUSIC)
    grace.says("2")
    grace.says("someone keeps dumping old mattresses and bin bags by the gate")
    assert grace.slots["kind"] == "fly_tipping"


def test_a_correction_beside_the_no_is_the_kind(resident):
    grace = resident()
    grace.says(MUSIC)
    grace.says("no it is someone dumping rubbish and mattresses by the bins")
    assert grace.slots["kind"] == "fly_tipping"
    # Said back, and the place that stood beside it is not asked for.
    assert grace.keys == ["heard_kind", "ask_when"]
    assert grace.slots["happened_where"] == "by the bins"


def test_kind_from_flags_is_not_asked(resident, api):
    grace = resident()
    grace.kind_from_flags, grace.flags = "weapons", ["weapon"]
    grace.says("there is a man with a knife on the stairs")
    assert grace.slots["kind"] == "weapons"
    assert grace.keys == ["noted", "ask_when"]


def test_the_policys_question_settles_it(resident, api):
    api.judgements += [judged("question", {}, "diy_hours", False), judged("asb", {})]
    grace = resident()
    grace.says("he is drilling and hammering doing up his kitchen all the time")
    grace.says("yes")
    assert grace.keys == ["ask_policy"]
    assert grace.last["messages"][0]["values"] == {"question": "diy_hours"}
    grace.says("at night")
    assert grace.keys == ["ask_when"]
    assert api.bodies("judge", grace.conversation)[1]["facts"]["answers"] == {
        "diy_hours": "out_of_hours"
    }
    assert grace.slots["outcome"] == "asb"


def test_a_time_of_day_answers_the_policys_question(resident, api):
    api.judgements += [judged("question", {}, "diy_hours", False), judged("asb", {})]
    grace = resident()
    grace.says("he is drilling and hammering doing up his kitchen all the time")
    grace.says("yes")
    grace.says("usually it starts about 3am")
    facts = api.bodies("judge", grace.conversation)[1]["facts"]
    assert facts["happened_when"] == "usually it starts about 3am"
    assert grace.keys == ["ask_where"]


def test_a_question_is_never_put_twice_for_ever(resident, api):
    api.judgements += [judged("question", {}, "diy_hours", False)] * 2
    grace = resident()
    grace.says("he is drilling and hammering doing up his kitchen all the time")
    grace.says("yes")
    grace.says("not sure")
    assert grace.slots["outcome"] == "review"
    assert grace.keys == ["ask_when"]


def test_not_asb_gives_advice_and_can_be_challenged(resident, api):
    api.judgements += [judged("not_asb", {}, None, False)]
    api.submits += [
        {
            "messages": [{"say": "not_asb_advice", "values": {"advice": "a", "section": "s"}}],
            "reference": None,
            "phase": "report",
        }
    ]
    grace = resident()
    grace.says("i can hear next doors washing machine through the wall")
    grace.says("1")
    assert grace.keys == ["not_asb_advice"]
    assert grace.slots["phase"] == "sent"
    grace.says("2")
    assert grace.keys == ["challenge_recorded", "ask_when"]
    assert grace.slots["outcome"] == "review"
    for words in ("yesterday", "my wall", "1", "no", "1", "1", "1", "Grace", "1 Elm Road",
                  "07700 900123", "1"):  # fmt: skip
        grace.says(words)
    assert grace.keys == ["case_opened", "offer_risk"]
    assert len(api.bodies("submit", grace.conversation)) == 2
    assert api.bodies("submit", grace.conversation)[1]["facts"]["contact"] == "+447700900123"


def test_a_challenge_that_needs_nothing_more(resident, api):
    api.judgements += [judged("not_asb", {}, None, False)]
    api.submits += [
        {
            "messages": [{"say": "not_asb_advice", "values": {}}],
            "reference": None,
            "phase": "report",
        }
    ]
    api.challenge_asks_details = False
    grace = resident()
    grace.says("i can hear next doors washing machine through the wall")
    grace.says("1")
    grace.says("I think you got this wrong")
    assert grace.keys == ["challenge_recorded"]
    assert grace.last["active_loop"] is None


def test_advice_understood_and_more_words_later(resident, api):
    api.judgements += [judged("not_asb", {}, None, False)]
    api.submits += [
        {
            "messages": [{"say": "not_asb_advice", "values": {}}],
            "reference": None,
            "phase": "report",
        }
    ]
    grace = resident()
    grace.says("i can hear next doors washing machine through the wall")
    grace.says("1")
    grace.says("OK, I understand")
    assert grace.keys == ["advice_ok"]
    grace.offers([]).says("actually it shakes my shelves off the wall as well")
    assert grace.keys == ["checkin_words_kept"]
    assert api.bodies("checkin", grace.conversation) == [
        {"answer": None, "words": "actually it shakes my shelves off the wall as well"}
    ]


def test_domestic_abuse_asks_only_what_keeps_her_safe(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    grace.kind_from_flags, grace.flags = "domestic_abuse", ["domestic_abuse"]
    grace.says("my husband hit me again")
    assert grace.keys == ["ask_safe_now"]
    grace.says("no")
    assert grace.slots["happening_now"] == "yes"
    asked = []
    assert api.bodies("unsafe", grace.conversation) == [{"words": "no"}]
    for words in ("2", "only text my sister"):
        asked += grace.keys
        grace.says(words)
    assert asked == ["unsafe_now", "ask_safe_number", "ask_safe_how_only"]
    facts = api.bodies("submit", grace.conversation)[0]["facts"]
    assert facts["safe_how"] == "only text my sister"
    assert facts["safe_contact"] == "no"
    assert not {"name", "address", "happened_when"} & set(facts)


def test_domestic_abuse_on_the_web_asks_how_to_reach_her_and_nothing_else(resident, api):
    grace = resident(channel="web_chat")
    grace.kind_from_flags, grace.flags = "domestic_abuse", ["domestic_abuse"]
    grace.says("my husband hit me again, he is here now")
    assert grace.keys == ["ask_safe_now"]
    grace.says("1")
    assert grace.keys == ["ask_safe_how_only"]
    grace.says("my work phone 07700 900123 in the mornings, ask for Grace")
    facts = api.bodies("submit", grace.conversation)[0]["facts"]
    assert facts["contact"] == "+447700900123"
    assert facts["safe_how"].startswith("my work phone")


def test_domestic_abuse_is_never_named_in_a_question(resident):
    grace = resident(facts={"contact": "+447700900123"})
    grace.says("my husband keeps hitting me and will not let me leave the house")
    assert grace.keys == ["ask_safe_now"]
    assert grace.slots["kind"] == "domestic_abuse"


def test_safe_is_not_mistaken_for_happening(resident):
    grace = resident()
    grace.kind_from_flags = "domestic_abuse"
    grace.says("my husband hit me again")
    grace.says("yes i am safe")
    assert grace.slots["happening_now"] == "no"


def test_unsure_whether_contact_is_safe_asks_how(resident):
    grace = resident(facts={"contact": "+447700900123"})
    grace.kind_from_flags = "domestic_abuse"
    for words in ("my husband hit me again", "1", "not sure"):
        grace.says(words)
    assert grace.keys == ["ask_safe_how_only"]


def test_a_contact_must_look_like_one(resident):
    grace = resident(facts={"description": MUSIC, "kinds": [], "kind_ok": "yes", "kind": "noise",
                            "outcome": "asb", "ask_details": True, "happened_when": "now",
                            "happened_where": "here", "how_often": "daily", "happening_now": "no",
                            "who": "him", "police_reference": "none", "evidence": "none",
                            "name": "Grace", "address": "1 Elm Road"})  # fmt: skip
    grace.says("hello")
    assert grace.keys == ["greet", "ask_contact"]
    grace.says("my mobile")
    assert grace.keys == ["say_again_contact", "ask_contact"]
    grace.says("it is Grace.Hope@example.com thanks")
    assert grace.slots["contact"] == "grace.hope@example.com"


def test_a_draft_goes_on_where_it_was_left(resident, api):
    draft = {
        "description": MUSIC,
        "kinds": [{"category": "noise", "confidence": 1}],
        "kind_guess": "noise",
        "kind_ok": "yes",
        "kind": "noise",
        "outcome": "asb",
        "ask_details": True,
        "happened_when": "at night",
    }
    grace = resident(facts=draft)
    grace.says("sorry i was at work all day and could not answer you")
    assert grace.keys == ["ask_where"]
    assert grace.slots["description"] == MUSIC
    assert api.bodies("judge", grace.conversation) == []


def test_declined_answers_are_values(resident):
    grace = resident()
    grace.says(MUSIC)
    for words in ("1", "skip", "prefer not to say", "not sure"):
        grace.says(words)
    assert grace.slots["happened_when"] == "dont_know"
    assert grace.slots["happened_where"] == "declined"
    assert grace.slots["how_often"] == "dont_know"
    assert grace.keys == ["ask_happening_now"]
