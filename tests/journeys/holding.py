"""Holds a written-down conversation (talks.py) with the running service, and says what is wrong."""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.browser.photos import photo
from tests.journeys.devices import Chat, Phone
from tests.journeys.records import Records, texting_time
from tests.journeys.residents import details, resident
from tests.journeys.service import REPLY_SECONDS, Service, wait_for
from tests.journeys.talks import Talk, Turn
from tests.people import Person

SPAN = re.compile(r"(\d+) (minute|hour|day)s?")
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
LINK = re.compile(r"https?://[^/\s]+(/upload/\S+)")
MOST_ANSWERS = 40
PAGES = {
    "requests": "/officers/requests",
    "incomplete": "/officers/incomplete",
    "conversations": "/officers/conversations",
}
# An officer's page as sections, each about one report.
SECTION = re.compile(r"<section.*?</section>|<tr.*?</tr>", re.DOTALL)


@dataclass
class Held:
    """One holding of a talk under one landlord, begun on one channel."""

    service: Service
    talk: Talk
    landlord: str
    channel: str
    person: Person = field(init=False)
    device: Phone | Chat = field(init=False)
    conversations: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    may_ask_again_from: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.person = resident(**{str(name): told for name, told in self.talk.person.items()})
        self.records = Records(self.service.database)
        self._go_on_with("web" if self.channel == "web" else "phone")

    def hold(self) -> None:
        """Every turn, then what stands. Raises AssertionError with the whole transcript."""
        try:
            for turn in self.talk.turns:
                if turn.only in (None, self.channel):
                    self._take(turn)
            self._check_listening()
            self._check_what_stands()
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), "", *self.transcript])) from error

    # ------------------------------------------------------------------ turns

    def _take(self, turn: Turn) -> None:
        if turn.asks_again:
            self.may_ask_again_from.append(self.records.last_message(self._conversation()))
        heard = self._act(turn)
        held = [*turn.hears, *turn.hears_at.get(self.landlord, [])]  # type: ignore[call-overload]
        for part in held:
            assert _holds(heard, self._fill(part)), f"not heard: {part!r} in {heard!r}"
        for part in [*turn.not_hears, *self.talk.never_hears]:
            assert not _holds(heard, self._fill(part)), f"heard: {part!r} in {heard!r}"
        assert bool(heard) != turn.silent or not _must_answer(turn), f"heard: {heard!r}"
        if turn.case:
            self._check_case(turn.case)

    def _act(self, turn: Turn) -> str:
        if turn.say is not None:
            return self._say(self._fill(turn.say))
        if turn.answer_until is not None:
            return self._answer_until(turn.answer_until, turn.answers)
        if turn.officer is not None:
            self._officer_does(turn.officer, turn.words)
        elif turn.later is not None:
            self._time_goes_by(turn.later)
        elif turn.on is not None:
            self._go_on_with(turn.on)
        elif turn.sends_file is not None:
            self._send_file()
        elif turn.stops is not None:
            self.service.stop_one(turn.stops)
        elif turn.starts is not None:
            self.service.start_one(turn.starts)
        return self._read_new()

    def _say(self, text: str) -> str:
        self.transcript.append(f"> {text}")
        self.device.put(text)
        return self._read_new()

    def _read_new(self) -> str:
        fresh = self.device.news()
        self.transcript += [f"  {line}" for one in fresh for line in one.splitlines()]
        now = self._conversation()
        if now and now not in self.conversations:
            self.conversations.append(now)
        return "\n".join(fresh)

    def _answer_until(self, stop: str, answers: Mapping[str, str]) -> str:
        known = details(self.person, **{part: self._fill(to) for part, to in answers.items()})
        last = self.device.heard[-1]
        for _ in range(MOST_ANSWERS):
            if _holds(last, stop):
                return last
            # The question stands last; of two parts of it, the file's own comes first.
            at, _, reply = max((_place(last, k), -n, a) for n, (k, a) in enumerate(known.items()))
            assert at >= 0, f"no answer at hand to: {last!r}"
            last = self._say(reply)
        raise AssertionError(f"never came to {stop!r}; last: {last!r}")

    def _fill(self, text: str) -> str:
        told = vars(self.person)
        for name in ("name", "number", "address"):
            text = text.replace(f"{{{name}}}", told[name])
        if "{reference}" in text:
            first = self.records.report(self.conversations[0])
            text = text.replace("{reference}", str(first["reference"]))
        if "{code}" in text:
            codes = wait_for(self._codes, REPLY_SECONDS, "a code is heard")
            text = text.replace("{code}", codes[-1])
        return text

    def _codes(self) -> list[str]:
        heard = [*self.transcript, *self._phone().texts_heard()]
        return [code for line in heard if line[:1] != ">" for code in CODE.findall(line)]

    def _go_on_with(self, what: str) -> None:
        if what == "web":
            self.device = Chat(self.service, self.landlord).open()
        else:
            self.device = self._phone()
        self.transcript.append(f"[{what}]")

    def _phone(self) -> Phone:
        return Phone(self.service, self.landlord, person=self.person)

    def _send_file(self) -> None:
        links = LINK.findall("\n".join(self.transcript))
        assert links, "no link was heard"
        url = f"{self.service.url}{links[-1]}"
        sent = httpx.post(url, files={"files": ("stairs.jpg", photo(), "image/jpeg")})
        assert sent.status_code == 303, sent.text
        ended = httpx.post(url, data={"finish": "1"}, follow_redirects=True)
        assert ended.status_code == 200, ended.text
        # One use: what is closed is closed.
        assert httpx.get(url).status_code == 404

    def _officer_does(self, what: str, words: str) -> None:
        doing = {"takes over": "step-in", "says": "words", "hands back": "hand-back"}[what]
        with closing(self._officer()) as officer:
            page = f"/officers/conversations/{self.conversations[-1]}"
            token = re.search(r'name="form_token" value="(\w+)"', officer.get(page).text)
            assert token, "the officer does not see the conversation"
            form = {"form_token": token[1], "words": words}
            done = officer.post(f"{page}/{doing}", data=form)
            assert done.status_code == 303, done.text
        self.transcript.append(f"[officer {what} {words}]")
        self.device.settle()

    def _officer(self) -> httpx.Client:
        """A lead of the team that has the case, or of the first one, who is signed in."""
        team = self.records.team_of(self.conversations[-1])
        theirs = [
            one
            for one in self.service.first_run["officers"]
            if one["landlord"] == self.landlord and one["role"] == "lead"
        ]
        lead = next((one for one in theirs if one["team"] == team), theirs[0])
        found = httpx.Client(base_url=self.service.url, timeout=20)
        said = {name: lead[name] for name in ("email", "password")}
        assert found.post("/officers/sign-in", data=said).status_code == 303
        return found

    def _time_goes_by(self, how_long: str) -> None:
        found = SPAN.fullmatch(how_long)
        assert found, f"how long is {how_long!r}? Say for example 40 minutes, 3 hours, 8 days"
        span = timedelta(**{f"{found[2]}s": int(found[1])})
        here, now = self.conversations[-1], datetime.now(UTC)  # noqa: TID251
        # Jobs are run within texting hours, with exactly that time gone by.
        then = texting_time(now + span)
        self.records.moved(here, then - now - span)
        self.service.jobs(then.isoformat())
        self.records.moved(here, now - then)
        self.transcript.append(f"[{how_long} later]")
        self.device.settle()

    # ------------------------------------------------------------------ what stands

    def _conversation(self) -> str | None:
        if isinstance(self.device, Chat):
            return self.device.conversation
        return self.records.conversation_of(self.landlord, self.person.number)

    def _report(self) -> dict[str, Any]:
        return self.records.report(self.conversations[-1])

    def _check_listening(self) -> None:
        """Nothing told was asked again: by the service's own measure, and by what was said: a
        question that was left for another does not come back."""
        for conversation in self.conversations:
            assert self.records.reasked(conversation) == 0, (
                "the service has counted a re-asked fact"
            )
            seen: set[str] = set()
            last, free = "", list(self.may_ask_again_from)
            for message, question in self.records.questions(conversation):
                while free and message > free[0]:
                    seen, last = set(), ""
                    free.pop(0)
                assert question == last or question not in seen, f"asked again: {question}"
                seen.add(question)
                last = question

    def _check_what_stands(self) -> None:
        reference = str(self._report()["reference"])
        if self.talk.case:
            self._check_case(self.talk.case)
        if self.talk.no_case:
            assert reference not in {one["reference"] for one in self.service.cases(self.landlord)}
            assert self.records.team_of(self.conversations[-1]) is None
        if self.talk.not_asb:
            found = self.service.api(self.landlord, "non-asb")["reports"]
            theirs = [one for one in found if one["reference"] == reference]
            assert theirs, f"{reference} is not among the reports that were screened out"
            self._compare(self.talk.not_asb, theirs[0])
        if self.talk.kept:
            self._compare(self.talk.kept, self._report())
        for name, shows in self.talk.pages.items():
            self._check_page(name, reference, shows)

    def _check_case(self, wanted: Mapping[str, Any]) -> None:
        case = self.service.case(self.landlord, str(self._report()["reference"]))
        self._compare(wanted, {**case, "outcome": case["screening"]["outcome"]})

    def _check_page(self, name: str, reference: str, shows: list[str]) -> None:
        with closing(self._officer()) as officer:
            page = officer.get(PAGES.get(name, f"/officers/cases/{reference}"))
            assert page.status_code == 200, page.text
        about = [part for part in SECTION.findall(page.text) if reference in part]
        text = page.text if name == "case" else "\n".join(about)
        assert bool(text) == bool(shows), f"{name}: {text[:2000]!r}"
        for part in shows:
            assert _holds(text, self._fill(part)), f"{name} does not show {part!r}: {text[:3000]}"

    def _compare(self, wanted: Mapping[str, Any], stands: Mapping[str, Any]) -> None:
        here = {**wanted, **wanted.get("at", {}).get(self.landlord, {})}
        here.pop("at", None)
        for name, value in here.items():
            self._same(name, value, _found(stands, name))

    def _same(self, name: str, wanted: Any, found: Any) -> None:
        told = f"{name}: {found!r} stands, not {wanted!r}"
        if isinstance(wanted, dict):
            for part, value in wanted.items():
                if name == "report" and value and isinstance(value, str):
                    assert _holds(str(_found(found, part)), self._fill(value)), f"{part} in {told}"
                else:
                    self._same(f"{name}.{part}", value, _found(found, part))
        elif name == "deadlines":
            assert {one["kind"] for one in found} == set(wanted), told
        elif name == "flags":
            assert set(wanted) <= set(found) and bool(wanted) == bool(found), told
        elif name == "incidents":
            assert len(found) == wanted, told
        elif wanted is True and not isinstance(found, bool):
            assert found, told
        else:
            assert (found if found is not None else "") == wanted, told


def _found(stands: Mapping[str, Any], name: str) -> Any:
    assert name in stands, f"there is no {name!r} among {sorted(stands)}"
    return stands[name]


def _holds(text: str, part: str) -> bool:
    return part.lower() in text.lower()


def _place(text: str, part: str) -> int:
    return text.lower().rfind(part.lower())


def _must_answer(turn: Turn) -> bool:
    """Only words are always answered; whatever else goes on may be silent or not."""
    return turn.say is not None or turn.silent
