"""What a landlord's policy must keep to, beyond its shape: nothing missing, nothing dangling."""

from collections.abc import Iterable
from typing import get_args

from api.policies.check_duties import check_duties, duty_codes, duty_conditions
from api.policies.check_shared import twice
from api.policies.place import Notebook
from api.policies.schema import Category, NotAsb, Policy, Question, When
from api.policies.schema_examples import ExamplesFile
from api.policies.schema_shared import BehavioursFile
from api.policies.sources import sources

CATEGORIES: tuple[str, ...] = get_args(Category)


def check_policy(policy: Policy, words: BehavioursFile | None, book: Notebook) -> None:
    """Every check over one policy; mistakes go into the book."""
    _codes(policy, book)
    _grounds(policy, book)
    _categories(policy, book)
    _questions(policy, words, book)
    _exclusions(policy, words, book)
    _conditions(policy, book)
    _routes(policy, book)
    _times(policy, book)
    check_duties(policy, words, book)


def check_examples(file: ExamplesFile, policy: Policy, book: Notebook) -> None:
    """Examples name questions, answers, severities and teams of this landlord, each name once."""
    questions = {question.code: question for question in policy.questions}
    severities = {severity.code for severity in policy.severities} | {"none"}
    teams = {team.code for team in policy.teams}
    for name in twice(example.name for example in file.examples):
        book.wrong("examples", f"{name!r} is the name of two")
    for index, example in enumerate(file.examples):
        place = f"examples[{index}]"
        for code, answer in example.answers.items():
            if code not in questions:
                book.wrong(f"{place}.answers", f"{code!r} is not a question of this landlord")
            elif answer not in {option.code for option in questions[code].answers}:
                book.wrong(f"{place}.answers.{code}", f"{answer!r} is not one of its answers")
        expect = example.expect
        if expect.severity is not None and expect.severity not in severities:
            book.wrong(f"{place}.expect.severity", _not_a(expect.severity, "severity"))
        if expect.team is not None and expect.team not in teams:
            book.wrong(f"{place}.expect.team", _not_a(expect.team, "team"))
        if expect.question is not None and expect.question not in {*questions, "none"}:
            book.wrong(f"{place}.expect.question", _not_a(expect.question, "question"))
        if expect.due and example.opened_at is None:
            book.wrong(place, "a due date is expected, but opened_at is not given")
        moments = [("opened_at", example.opened_at), *expect.due.items()]
        for where, moment in moments:
            if moment is not None and moment.tzinfo is not None:
                book.wrong(f"{place}.{where}", "is local time and takes no offset")


def _not_a(code: str, what: str) -> str:
    return f"{code!r} is not a {what} of this landlord"


def _codes(policy: Policy, book: Notebook) -> None:
    lists: tuple[tuple[str, Iterable[str]], ...] = (
        ("teams", (entry.code for entry in policy.teams)),
        ("severities", (entry.code for entry in policy.severities)),
        ("questions", (entry.code for entry in policy.questions)),
        ("not_asb", (entry.code for entry in policy.not_asb)),
        ("categories", (entry.code for entry in policy.categories)),
        *duty_codes(policy),
    )
    for name, codes in lists:
        for code in twice(codes):
            book.wrong(name, f"{code!r} is given twice")
    for rank in twice(str(severity.rank) for severity in policy.severities):
        book.wrong("severities", f"rank {rank} is given twice")


def _grounds(policy: Policy, book: Notebook) -> None:
    """A source, or the reason why there is none."""
    grounded: list[tuple[str, object, str | None]] = [
        ("office", policy.office.source, policy.office.assumed),
        ("contact", policy.contact.source, policy.contact.assumed),
    ]
    grounded += [(f"teams[{n}]", team.source, team.assumed) for n, team in enumerate(policy.teams)]
    grounded += [(f"severities[{n}]", s.source, s.assumed) for n, s in enumerate(policy.severities)]
    grounded += [(f"routes[{n}]", r.source, r.assumed) for n, r in enumerate(policy.routes)]
    for where, quoted in sources(policy):
        for name, text in (("section", quoted.section), ("words", quoted.words)):
            if not text.strip():
                book.wrong(f"{where}.{name}", "is empty")
    for place, source, assumed in grounded:
        if source is None and not assumed:
            book.wrong(place, "needs a source, or assumed with the reason")


def _categories(policy: Policy, book: Notebook) -> None:
    given = {rule.code for rule in policy.categories}
    for code in CATEGORIES:
        if code not in given:
            book.wrong("categories", f"{code!r} is missing")
    severities = {severity.code for severity in policy.severities}
    teams = {team.code for team in policy.teams}
    for index, rule in enumerate(policy.categories):
        place = f"categories[{index}]"
        if rule.outcome in ("asb", "review") and rule.severity is None:
            book.wrong(f"{place}.severity", f"{rule.code!r} needs one, as it opens a case")
        if rule.severity is not None and rule.severity not in severities:
            book.wrong(f"{place}.severity", _not_a(rule.severity, "severity"))
        if rule.hand_to is not None and rule.hand_to not in teams:
            book.wrong(f"{place}.hand_to", _not_a(rule.hand_to, "team"))
        if rule.hand_to is not None and rule.outcome != "elsewhere":
            book.wrong(f"{place}.hand_to", "only goes with the outcome elsewhere")
        if rule.source is None and not rule.silent:
            book.wrong(place, f"{rule.code!r} needs a source, or silent with what was looked for")
        if rule.source is not None and rule.silent:
            book.wrong(place, f"{rule.code!r} has a source and is silent; it can only be one")
        if rule.silent and rule.outcome in ("asb", "not_asb"):
            book.wrong(f"{place}.outcome", "a silent document can only mean review or elsewhere")
        if rule.outcome in ("not_asb", "elsewhere") and rule.advice is None:
            book.wrong(f"{place}.advice", f"{rule.code!r} turns people away and needs advice")


def _questions(policy: Policy, words: BehavioursFile | None, book: Notebook) -> None:
    cues = {cue.code for cue in words.cues} if words else None
    asked = {entry.asks for entry in policy.not_asb}
    for index, question in enumerate(policy.questions):
        place = f"questions[{index}]"
        if len(question.answers) < 2:
            book.wrong(f"{place}.answers", "a question needs two answers or more")
        for code in twice(answer.code for answer in question.answers):
            book.wrong(f"{place}.answers", f"{code!r} is given twice")
        if question.code not in asked:
            book.wrong(place, f"no entry of not_asb asks {question.code!r}")
        for number, answer in enumerate(question.answers):
            if cues is not None and answer.cue is not None and answer.cue not in cues:
                where = f"{place}.answers[{number}].cue"
                book.wrong(where, f"{answer.cue!r} is not a cue of shared/behaviours.toml")


def _exclusions(policy: Policy, words: BehavioursFile | None, book: Notebook) -> None:
    questions = {question.code: question for question in policy.questions}
    behaviours = {entry.code for entry in words.behaviours} if words else None
    for index, entry in enumerate(policy.not_asb):
        place = f"not_asb[{index}]"
        if not entry.categories:
            book.wrong(f"{place}.categories", "names no category")
        for code in entry.behaviours:
            if behaviours is not None and code not in behaviours:
                book.wrong(
                    f"{place}.behaviours", f"{code!r} is not a behaviour of shared/behaviours.toml"
                )
        if entry.asks is None:
            if entry.holds_for or entry.unsure:
                book.wrong(place, "has answers, but asks nothing")
        elif entry.asks not in questions:
            book.wrong(f"{place}.asks", _not_a(entry.asks, "question"))
        else:
            _answers(entry, questions[entry.asks], place, book)


def _answers(entry: NotAsb, question: Question, place: str, book: Notebook) -> None:
    codes = {answer.code for answer in question.answers}
    for name, given in (("holds_for", entry.holds_for), ("unsure", entry.unsure)):
        for code in given:
            if code not in codes:
                book.wrong(f"{place}.{name}", f"{code!r} is not an answer of {question.code!r}")
    for code in sorted(set(entry.holds_for) & set(entry.unsure)):
        book.wrong(place, f"{code!r} cannot both hold and be unsure")
    if not entry.holds_for:
        book.wrong(f"{place}.holds_for", "no answer lets this entry hold")
    if codes and codes <= {*entry.holds_for, *entry.unsure}:
        book.wrong(place, f"no answer of {question.code!r} lifts this entry")


def _conditions(policy: Policy, book: Notebook) -> None:
    places = [(f"routes[{n}]", route.when) for n, route in enumerate(policy.routes)]
    places += [(f"deadlines[{n}]", rule.when) for n, rule in enumerate(policy.deadlines)]
    places += [(f"raises[{n}]", rise.when) for n, rise in enumerate(policy.raises)]
    places += duty_conditions(policy)
    severities = {severity.code for severity in policy.severities}
    teams = {team.code for team in policy.teams}
    for place, when in places:
        for code in when.severity:
            if code not in severities:
                book.wrong(f"{place}.when.severity", _not_a(code, "severity"))
        for code in when.team:
            if code not in teams:
                book.wrong(f"{place}.when.team", _not_a(code, "team"))
        if "low" in when.band:
            book.wrong(f"{place}.when.band", "a low band decides nothing; bands may only raise")
    for index, route in enumerate(policy.routes):
        if route.when.team:
            book.wrong(f"routes[{index}].when.team", "a route cannot ask for the team it gives")
    for index, rule in enumerate(policy.raises):
        if rule.when.team:
            book.wrong(f"raises[{index}].when.team", "the team is not known before the severity")
        if rule.severity not in severities:
            book.wrong(f"raises[{index}].severity", _not_a(rule.severity, "severity"))


def _routes(policy: Policy, book: Notebook) -> None:
    teams = {team.code for team in policy.teams}
    if not policy.routes:
        book.wrong("routes", "there is none")
    for index, route in enumerate(policy.routes):
        place = f"routes[{index}]"
        if route.team not in teams:
            book.wrong(f"{place}.team", _not_a(route.team, "team"))
        last = index == len(policy.routes) - 1
        if last and route.when != When():
            book.wrong(f"{place}.when", "the last route takes what is left and has no condition")
        if not last and route.when == When():
            book.wrong(f"{place}.when", "only the last route has no condition")


def _times(policy: Policy, book: Notebook) -> None:
    if not policy.office.days:
        book.wrong("office.days", "names no day")
    if policy.office.opens >= policy.office.closes:
        book.wrong("office", "must open before it closes")
    if policy.contact.interval_days < 1:
        book.wrong("contact.interval_days", "must be one day or more")
    for index, deadline in enumerate(policy.deadlines):
        if deadline.within_working_days < 0:
            book.wrong(f"deadlines[{index}].within_working_days", "cannot be negative")
