"""What a random resident may say next, and what of it the case must hold in the end."""

import random
import re
from dataclasses import dataclass, field
from typing import Any

OPENINGS = (
    "loud music every night until 3am from the flat above, i cant sleep",
    "people are dealing drugs on our stairs",
    "the dog at number 4 barks all day long",
    "he is drilling and hammering doing diy at 3pm every day",
    "my neighbours washing machine is on every evening and it rumbles",
    "kids smashed the window of the bike shed",
    "the man at number 9 keeps shouting and swearing at me",
    "someone dumped a sofa and rubbish bags in the bin area",
    "they had a big party next door on saturday",
    "a motorbike is ridden round and round the green",
    "the woman next door shouts racist abuse at me",
    "i can smell cannabis in the hallway",
    "there is a car without wheels in the car park",
    "children playing football outside my window",
    "graffiti on the wall by the lift",
    "hi",
    "i want to report something",
    "help me please",
    "its about next door",
    "my boiler is broken and nobody comes",
)
NAMES = ("Robin Rowan", "Alex Birch", "Sam Hazel", "Jo Alder", "Kim Aspen")
STREETS = ("Hazel Court", "Birch Lane", "Rowan Close", "Alder Street")
# What is asked, and plain answers to it. `{n}` is a number of the resident's own.
ANSWERS = {
    "ask_when": ("last night at 2am", "monday at 10pm", "yesterday evening", "on saturday at 11pm"),
    "ask_where": ("the flat above mine", "the car park", "the stairs", "the bin area"),
    "ask_who": ("the man at number 9", "the woman in flat 12", "some teenagers", "i do not know"),
    "ask_police_reference": ("no", "not reported"),
    "ask_evidence": ("no", "nothing"),
    "ask_name": NAMES,
    "ask_address": tuple(f"{{n}} {street}, Sample Town, ZZ1 2AB" for street in STREETS),
    "ask_contact": ("07700 900{n}", "resident{n}@example.org"),
    "ask_safe_how": ("only by e-mail in the morning", "ring me after six"),
    "ask_safe_how_only": ("only by e-mail in the morning", "ring me after six"),
    "ask_diary_what": ("the same again",),
    "ask_diary_when": ("last night",),
}
# The question behind each line of the summary that may be changed.
LINES = {
    "when": "ask_when", "where": "ask_where", "who": "ask_who", "name": "ask_name",
    "address": "ask_address", "contact": "ask_contact",
}  # fmt: skip
FIELDS = {
    "ask_when": "happened_when",
    "ask_where": "happened_where",
    "ask_how_often": "how_often",
    "ask_name": "name",
    "ask_address": "address",
    "ask_contact": "contact",
}
ASIDES = (
    "who will see this?", "how long will this take?", "why do you ask that?", "are you a robot",
    "what happens next?", "will they know it was me?", "thanks", "what is my reference",
    "hold on a minute", "what can you do about it",
)  # fmt: skip
NONSENSE = (
    "asdf qwer zxcv", "blue elephant sideways", "???", "...", "\N{THUMBS UP SIGN}", "42 42 42",
    "lorem ipsum dolor", "idk", "banana", "/restart", "{name}", "<b>hi</b>", "99",
)  # fmt: skip
LANGUAGES = (
    "moi sasiedzi halasuja cala noc i nie moge spac",
    "mis vecinos ponen musica muy alta todas las noches",
    "mes voisins font beaucoup de bruit la nuit",
    "আমার প্রতিবেশী সারারাত গান বাজায়",
)
DANGER = (
    "he has a knife and is outside my door", "someone is breaking in right now",
    "he said he will kill me tonight", "my partner hits me and i am scared",
    "i want to end it all", "there is a fire on the stairs",
)  # fmt: skip
PERSON = ("can i speak to a person please", "i want to talk to a human")
COMPLAINTS = (
    "i want to complain about how you have handled this", "i want to make a complaint about you",
)  # fmt: skip
ROLES = (
    "i am a witness", "i'm a witness to something", "it's for my mum",
    "i am reporting this for my mum", "i'm a member of staff",
    "it's about one of your contractors", "i want to stay anonymous",
)  # fmt: skip


@dataclass
class Memory:
    """What the resident said last of each fact that they answered plainly. A fact that was told
    in a roundabout way since is taken out: nothing is claimed of it."""

    number: int
    last: dict[str, str] = field(default_factory=dict)
    changing: str | None = None

    def answered(self, question: str, words: str) -> None:
        fact = FIELDS.get(question)
        if fact:
            self.last[fact] = words

    def told_otherwise(self, question: str, *more: str) -> None:
        """Other words than a plain answer may be one all the same, and may hold other facts."""
        for fact in (FIELDS.get(question), "happened_when", "happened_where", "how_often", *more):
            self.last.pop(fact or "", None)

    def differs(self, report: dict[str, Any], labels: dict[str, str]) -> list[str]:
        """One line for each fact that a report holds otherwise. `labels`: of how often."""
        wrong = []
        for fact, words in self.last.items():
            held = str(report[fact] or "")
            if flat(labels.get(held, held)) != flat(words):
                wrong.append(f"{fact} is {held!r}, said last was {words!r}")
        return wrong


def flat(words: str) -> str:
    """Letters and digits alone; a number as it is dialled at home."""
    bare = re.sub(r"^\+44", "0", words.strip())
    return re.sub(r"[^a-z0-9]", "", bare.lower())


@dataclass(frozen=True)
class Move:
    """`kind`: answer · correction · aside · nonsense · language · danger · person · complaint ·
    role · other_order · swapped (`words` arrive before `then`, which were written first) · takes
    (an offer). `attempt`: whether it can be meant as an answer to the question that stands."""

    kind: str
    words: str
    then: str = ""

    @property
    def attempt(self) -> bool:
        return self.kind in {"answer", "nonsense"}


SAID = {
    "aside": ASIDES, "nonsense": NONSENSE, "language": LANGUAGES, "danger": DANGER,
    "person": PERSON, "complaint": COMPLAINTS, "role": ROLES,
}  # fmt: skip
WEIGHTS = {
    "answer": 66, "correction": 7, "aside": 8, "nonsense": 6, "language": 2, "danger": 2,
    "person": 1, "complaint": 2, "role": 2, "other_order": 3, "swapped": 2,
}  # fmt: skip
# A resident who stays unnamed is asked nothing of these any more.
UNNAMED = ("name", "address", "contact")


def next_move(
    rng: random.Random, memory: Memory, question: str, choices: list[dict[str, Any]]
) -> Move:
    """A random move; `question` is the key of what was asked last, `choices` what it offers."""
    [kind] = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))
    if kind == "correction" and (words := _correction(rng, memory)):
        return Move(kind, words)
    if kind == "other_order" and question != "ask_address" and question in FIELDS:
        memory.last["address"] = _filled(rng, memory, "ask_address")
        return Move(kind, f"my address is {memory.last['address']}")
    if kind in SAID:
        if kind != "aside":
            memory.told_otherwise(question, *(UNNAMED if kind == "role" else ()))
        return Move(kind, rng.choice(SAID[kind]))
    if kind == "swapped":
        # Which of the two is taken for the answer is chance; both are kept.
        memory.told_otherwise(question, *FIELDS.values())
        return Move(kind, rng.choice(ANSWERS["ask_where"]), then=rng.choice(ANSWERS["ask_when"]))
    if choices:
        chosen = rng.choice(choices[:9])
        if question.startswith("summary"):
            memory.changing = LINES.get(chosen["value"])
        memory.answered(question, chosen["label"])
        return Move("answer", rng.choice([str(choices.index(chosen) + 1), chosen["label"]]))
    if question == "summary_change_to":
        question = memory.changing or question
    if question in ANSWERS:
        words = _filled(rng, memory, question)
        memory.answered(question, words)
        return Move("answer", words)
    memory.told_otherwise(question)
    return Move("answer", rng.choice(OPENINGS))


def _correction(rng: random.Random, memory: Memory) -> str | None:
    facts = ("happened_when", "happened_where", "name", "address")
    told = [fact for fact in facts if fact in memory.last]
    if not told:
        return None
    fact = rng.choice(told)
    question = next(key for key, one in FIELDS.items() if one == fact)
    words = memory.last[fact] = _filled(rng, memory, question)
    return {
        "happened_when": f"sorry, it was {words}",
        "happened_where": f"actually it was in {words}",
        "name": f"sorry, my name is {words}",
        "address": f"sorry, my address is {words}",
    }[fact]


def _filled(rng: random.Random, memory: Memory, question: str) -> str:
    return rng.choice(ANSWERS[question]).replace("{n}", f"{memory.number}")
