"""Words that are no answer to a question: commands, talk beside it, and whether someone is safe.

Wordings are compared plain (lower case, no punctuation). Commands are exact: a narrative that
happens to hold their words is never taken for one.
"""

import re

from bot.components.choices import NO, YES, words

COMMANDS: dict[str, tuple[str, ...]] = {
    "go_back": (
        "back", "go back", "back please", "go back please", "previous", "last question",
        "can i go back", "go back one", "undo", "i made a mistake", "oops wrong answer",
        "previous question", "sorry go back", "wait go back",
    ),
    "ask_start_again": (
        "start again", "start over", "restart", "begin again", "start from the beginning",
        "can we start again", "can i start again", "lets start again", "i want to start again",
        "start again please", "from the beginning",
    ),
    "ask_person": (
        "person", "a person", "human", "agent", "real person", "operator", "speak to a person",
        "talk to a person", "speak to someone", "talk to someone", "speak to a human",
        "can i talk to someone", "can i speak to someone", "can i talk to a person",
        "can i speak to a person", "can i talk to a human", "can someone call me",
        "i want to talk to someone", "i want to speak to someone", "i want a person",
    ),
    "ask_why": (
        "why", "why do you ask", "what for", "why do you need that", "why do you need to know",
        "why do you need to know that", "why do you need this", "why do you want to know",
        "what", "what do you mean", "i dont understand", "i do not understand", "i dont get it",
        "i dont understand the question", "pardon", "sorry what", "say that again", "huh",
        "can you say that again", "can you repeat that",
    ),
    "ask_who_sees": (
        "who sees this", "who will see this", "who can see this", "who reads this",
        "who sees what i write",
    ),
    "ask_confidential": (
        "is this private", "is this confidential", "is it confidential", "is it private",
        "confidential", "is this anonymous", "is it anonymous", "can i stay anonymous",
    ),
    "ask_if_told": (
        "will they know it was me", "will he know it was me", "will she know it was me",
        "will they know", "will they find out", "will you tell them it was me",
        "do you tell them who complained", "will he know", "will she know",
    ),
    "ask_what_next": ("what next", "what happens next", "what happens now", "and then what"),
    "ask_what_done": (
        "what will you do to them", "what will you do to him", "what will you do to her",
        "what will happen to them", "what will happen to him", "will they be evicted",
        "what will you do about them",
    ),
    "ask_how_long": (
        "how long will this take", "how long is this", "how many more questions", "how many more",
        "how long does this take", "is there much more", "are there many more questions",
    ),
    "ask_robot": (
        "are you a robot", "are you a bot", "is this a robot", "is this a bot", "are you real",
        "are you human", "are you a person", "am i talking to a robot", "is this a real person",
        "is this automated", "am i talking to a real person", "is this ai", "are you ai",
    ),
    "ask_case_review": (
        "what is a case review", "whats a case review", "case review", "what is the community "
        "trigger", "whats the community trigger", "community trigger", "what is an asb case review",
    ),
    "ask_status": ("status", "any update", "any news"),
    "greet": ("hi", "hello", "hey", "hiya", "good morning", "good afternoon", "good evening"),
    "thanks": ("thanks", "thank you", "ta", "cheers", "thx", "many thanks"),
    "goodbye": ("bye", "goodbye", "bye bye", "see you"),
}  # fmt: skip
EXACT = {words: intent for intent, wordings in COMMANDS.items() for words in wordings}
# What starts something where no question is open; within one such words are an answer to it.
STARTS = {
    **dict.fromkeys(
        (
            "questions", "the questions", "answer the questions", "answer them now",
            "do the questions", "ready for the questions", "im ready for the questions",
            "i want to answer the questions", "can i answer the questions",
            "can i do the questions now", "go on with the questions",
        ),
        "choose_start_risk",
    ),
    **dict.fromkeys(
        (
            "new report", "a new report", "another report", "new problem", "a new problem",
            "different problem", "a different problem", "something else", "something new",
            "report something else", "report something new", "i want to report something else",
            "i want to report something new", "i want to report another problem",
            "i want to make a new report", "i want to make another report",
            "i need to report something else", "can i report something else",
        ),
        "choose_new_matter",
    ),
}  # fmt: skip
EXACT_ONLY = frozenset({"go_back", "ask_start_again"})
# At the summary, without saying which line.
CHANGE_SOMETHING = frozenset(
    {
        *(
            "no",
            "n",
            "nope",
            "nah",
            "wrong",
            "not right",
            "its wrong",
            "change",
            "edit",
            "correct it",
        ),
        *(
            "change something",
            "something is wrong",
            "somethings wrong",
            "its not right",
            "not quite",
        ),
        *("its not all right", "no its not", "no its wrong", "i want to change something"),
    }
)
PAUSES = frozenset(
    {
        *("later", "not now", "stop asking", "no more questions", "do it later", "maybe later"),
        *("ill do it later", "can we do this later", "can i do this later", "i have to go"),
        *("ive got to go", "brb", "one minute", "give me a minute", "hang on"),
        *("got to go", "gotta go", "talk later", "speak soon", "ill come back to this"),
        *("i will come back to this",),
    }
)
# Only for a moment: amid the risk questions such words do not put them off.
WAITS = frozenset(
    {
        *("wait", "ok wait", "hold on", "bear with me", "let me check", "let me think"),
        *("hang on a minute", "hold on a minute", "wait a minute", "just a minute"),
        *("hang on a sec", "hold on a sec", "wait a sec", "just a sec", "give me a sec"),
        *("one sec", "two secs"),
    }
)
NODS = words("ok okay k yes yeah yep no nope fine great good alright sure lol y n")
# That somebody is there, and no more.
HEARD = words("ok okay k hmm hm er um erm ah oh lol")
# Talk that the classifier knows. A statement of the first kind is taken for talk even where free
# words are asked for: nobody is called "i want to speak to someone".
PLAIN_TALK = words(
    "ask_why ask_who_sees ask_confidential ask_if_told ask_what_next ask_what_done ask_how_long "
    "ask_robot ask_person ask_status ask_case_review"
)
TALK = PLAIN_TALK | words("greet thanks goodbye out_of_scope")
ASKING = words(
    "why who what when where how is are am can could do does will would should which may whats "
    "whos hows"
)
INSULTS = re.compile(
    r"\b(?:fuck (?:off|you|this|u)|f off|piss off|sod off|get lost|screw you|shut up|bollocks"
    r"|(?:(?:you|u|ur|youre|your)(?: are)?|(?:this|it)(?: is|s))(?: all| so| a| an| fucking| bloody"
    r"| such| really| just| absolutely)* (?:useless|rubbish|shit|shite|crap|stupid|dumb|pathetic"
    r"|idiots?|thick|joke|waste of (?:time|space)|bullshit|hopeless)"
    r"|stupid (?:bot|robot|machine|computer|thing|questions?)|(?:useless|crap|shit|rubbish) "
    r"(?:bot|robot|machine|service)|waste of time|i hate (?:this|you|bots|robots))\b"
)
INSULT_WORDS = 9
SAFE = frozenset(
    {
        *("im safe", "i am safe", "yes im safe", "yes i am safe", "im safe now", "i am safe now"),
        *("yes im safe now", "we are safe", "yes we are safe", "were safe", "im ok im safe"),
        *("yes safe", "safe now", "im fine im safe", "yes i am safe now", "im safe thanks"),
        *("im safe for now", "safe for now", "yes im safe thanks", "safe", "yeah im safe"),
    }
)
UNSAFE = frozenset(
    {
        *("im not safe", "i am not safe", "no im not safe", "no i am not safe", "not safe"),
        *("im unsafe", "no im not", "no i am not", "not really safe", "i dont feel safe"),
        *("no i dont feel safe", "we are not safe", "no not safe", "unsafe", "we arent safe"),
        *("im not safe here", "no we are not", "not safe here", "i do not feel safe"),
        *("i feel unsafe", "im not really safe", "not really no"),
    }
)


def insults(said: str) -> bool:
    """A short message that is no more than anger at the assistant."""
    return len(said.split()) <= INSULT_WORDS and bool(INSULTS.search(said))


def safety(said: str, was_asked: bool) -> str | None:
    """`say_safe` or `say_unsafe`. After a text that asked whether they are safe, a bare yes or no
    is the answer to that: taking it for anything else could miss danger."""
    if said in SAFE or (was_asked and said in YES):
        return "say_safe"
    if said in UNSAFE or (was_asked and said in NO):
        return "say_unsafe"
    return None
