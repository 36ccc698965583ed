"""One random conversation, held from outside, with every reply looked at as it comes."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import func, select

from api import clock
from api.messages.model import Message, OutboxText
from tests.endurance.books import Books
from tests.endurance.listening import faults_of
from tests.endurance.moves import ASIDES, OPENINGS, Memory, Move, next_move
from tests.endurance.offers import Offers
from tests.journeys.devices import Chat, Phone
from tests.journeys.service import Service, wait_for
from tests.people import Person

REPLY_SECONDS = 120
# Asked so often in a row, with an attempt at an answer each time, a person must have been offered.
MOST_ASKED = 2
# How often something is asked beside an offer, before it is taken.
BESIDE = 0.3
ENDS = {"all_done", "advice_ok"}
# A person was offered, or has been told that they are not safe: the count begins anew.
PERSON = ("person", "someone in our team", "our team can see")
# What was said was taken as something else than an answer, and dealt with: no attempt.
TAKEN_OTHERWISE = ("added that to", "added this to", "kept that with", "know that you are safe")


@dataclass
class Talk:
    """`faults`: what broke a promise; `lines`: the transcript, for whoever reads of it."""

    service: Service
    books: Books
    landlord: str
    rng: random.Random
    number: int
    by_text: bool
    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    # What was said last, by the id of the report that it was said for.
    memories: dict[str, Memory] = field(default_factory=dict)
    offers: Offers = field(default_factory=Offers)
    turns: int = 0
    conversation: str = ""
    _sent: list[str] = field(default_factory=list)
    _asked: list[tuple[str, bool]] = field(default_factory=list)
    _phone: Phone | None = None
    _chat: Chat | None = None

    def hold(self, longest: int) -> None:
        """Talks until it ends, falls silent, or has taken `longest` turns."""
        self._open()
        until = longest if self.rng.random() < 0.75 else self.rng.randrange(1, longest)
        move = Move("answer", self.rng.choice(OPENINGS))
        while True:
            replies = self._say(move)
            self.turns += 1
            question = self._look_at(replies, move)
            is_over = question["say"] in ENDS and self.rng.random() < 0.7
            if is_over or self.faults or self.turns >= until:
                return
            memory = self.memories.setdefault(question["report"], Memory(self.number))
            if question["quiet"]:
                # A person reads it; what they make of it is not looked at here.
                memory = Memory(self.number, dict(memory.last))
            if self.offers.beside and not question["quiet"]:
                move = Move("takes", self.offers.take(self.rng))
            elif self.offers.open and self.rng.random() < BESIDE:
                move = Move("aside", self.rng.choice(ASIDES))
            else:
                move = next_move(self.rng, memory, question["say"], question["choices"])

    def goes_on(self) -> None:
        """After a long silence the resident is back, with one thing to say; and takes what was
        offered meanwhile."""
        self.offers.heard("answer", [], self._stands()["choices"])
        moves = [Move("aside", "hello, i am back")]
        while moves:
            move = moves.pop()
            question = self._look_at(self._say(move), move)
            self.turns += 1
            if self.offers.beside and not question["quiet"]:
                moves = [Move("takes", self.offers.take(self.rng))]

    def transcript(self) -> str:
        head = f"--- {self.landlord}, {'text' if self.by_text else 'chat'}, {self.conversation}"
        return "\n".join([head, *self.lines, *(f"!!! {fault}" for fault in self.faults)])

    def _open(self) -> None:
        if not self.by_text:
            self._chat = Chat(self.service, self.landlord).open()
            self.conversation = self._chat.conversation
            return
        number = f"+447700900{self.number}"
        person = Person("Robin Rowan", number, "1 Hazel Court", "robin@example.org")
        self._phone = Phone(self.service, self.landlord, person=person)

    def _say(self, move: Move) -> list[str]:
        words = [move.words, *([move.then] if move.then else [])]
        self.said += words
        self.lines += [f"R: {one}" for one in words]
        if self._phone:
            replies = self._text(*words)
        else:
            replies = [reply for one in words for reply in self._post(one)]
        self.lines += [f"A: {reply}" for reply in replies]
        return replies

    def _post(self, words: str) -> list[str]:
        assert self._chat
        key, before = uuid4().hex, len(self._chat.messages())
        answer = self._posted(words, key)
        if answer.status_code not in (200, 202):
            self.faults.append(f"{answer.status_code} to {words!r}: {answer.text}")
            return []
        # A slow machine may have been given a holding reply, or none yet.
        wait_for(self._answered, REPLY_SECONDS, f"a reply to {words!r}")
        fresh = [one for one in self._chat.messages()[before:] if one["from"] == "assistant"]
        if self.rng.random() < 0.04:
            again = self._posted(words, key).json()["messages"]
            if again != fresh:
                self.faults.append(f"sent again, {words!r} was answered otherwise: {again}")
        return [self._shown(one) for one in fresh]

    def _posted(self, words: str, key: str) -> httpx.Response:
        """Posted again by the same id where no answer came in time, as the page does."""
        assert self._chat
        for _ in range(5):
            with suppress(httpx.TimeoutException):
                return self._chat.post(words, key)
        raise AssertionError(f"no answer to {words!r}")

    def _text(self, *texts: str) -> list[str]:
        """Sends texts one right after the other, as they arrive, and waits for every reply."""
        phone = self._phone
        assert phone
        before = len(phone.texts())
        for words in texts:
            sent = phone.send(words)
            if sent["webhook_status"] != 204:
                self.faults.append(f"the webhook answered {sent['webhook_status']} to {words!r}")
            self._sent.append(sent["sid"])
        self.conversation = self.books.one(
            "SELECT conversation_id FROM messages WHERE provider_id = :sid", sid=self._sent[-1]
        )
        if self.rng.random() < 0.1:
            # A copy comes late, maybe after others that were sent later.
            late = {"sid": self.rng.choice(self._sent)}
            replay = httpx.post(f"{self.service.phone_url}/_replay", json=late, timeout=30)
            assert replay.json()["webhook_status"] == 204
        wait_for(self._answered, REPLY_SECONDS, f"a reply to {texts!r}")
        wait_for(self._arrived, REPLY_SECONDS, "all texts arrive")
        self._check_kept_once()
        return [one["body"] for one in phone.texts()[before:]]

    def _arrived(self) -> bool:
        """Whether no text that may leave now is still on its way."""
        soon = clock.now() + timedelta(seconds=1)
        assert self._phone
        return not self.books.one(
            select(func.count()).where(
                OutboxText.landlord == self.landlord,
                OutboxText.to == self._phone.number,
                OutboxText.status.in_(("queued", "sending", "sent")),
                OutboxText.send_after <= soon,
            )
        )

    def _check_kept_once(self) -> None:
        kept = self.books.all(
            "SELECT provider_id, count(*) AS times FROM messages WHERE conversation_id = :talk"
            " AND sender = 'resident' GROUP BY provider_id",
            talk=self.conversation,
        )
        once = {row["provider_id"] for row in kept if row["times"] == 1}
        if lost := [sid for sid in self._sent if sid not in once]:
            self.faults.append(f"texts that are not kept once: {lost}")

    def _answered(self) -> bool:
        return not self.books.one(
            "SELECT count(*) FROM messages WHERE conversation_id = :talk AND sender = 'resident'"
            " AND processed_at IS NULL",
            talk=self.conversation,
        )

    def _shown(self, message: dict[str, Any]) -> str:
        if any(not choice["label"].strip() for choice in message["choices"]):
            self.faults.append(f"a choice without words: {message}")
        return str(message["text"])

    def _look_at(self, replies: list[str], move: Move) -> dict[str, Any]:
        """Notes what is wrong with the replies; gives what is asked now and what it offers."""
        for reply in replies:
            self.faults += faults_of(reply, by_text=self.by_text, own_words=self.said)
        last = self._stands()
        heard = " ".join(replies).lower()
        offered = any(words in heard for words in PERSON)
        attempt = move.attempt and not any(words in heard for words in TAKEN_OTHERWISE)
        if attempt or offered or not self._asked:
            self._count(f"{last['say']} {last['values'] or ''}", offered)
        report, handed_over_at = self.books.all(
            "SELECT report_id, handed_over_at FROM conversations WHERE id = :talk",
            talk=self.conversation,
        )[0].values()
        if wrong := self.offers.heard(move.kind, last["keys"], last["choices"]):
            self.faults.append(wrong)
        self._check_request(last["keys"], move.words)
        return {**last, "report": report, "quiet": handed_over_at is not None}

    def _stands(self) -> dict[str, Any]:
        """What the last message says and offers. `say`, `values`: of its last part."""
        said, choices = self.books.all(
            select(Message.said, Message.choices)
            .where(Message.conversation_id == self.conversation, Message.sender == "assistant")
            .order_by(Message.id.desc())
            .limit(1)
        )[0].values()
        return {
            "say": said[-1]["say"],
            "values": said[-1].get("values"),
            "keys": [part["say"] for part in said],
            "choices": choices,
        }

    def _check_request(self, keys: list[str], words: str) -> None:
        """A complaint of which it is said that it was passed on stands where officers see it."""
        if "complain_kept" in keys and not self.books.one(
            "SELECT count(*) FROM resident_requests WHERE conversation_id = :talk"
            " AND words = :words AND kind = 'complaint'",
            talk=self.conversation,
            words=words,
        ):
            self.faults.append(f"a complaint that is not kept: {words!r}")

    def _count(self, asked: str, offered: bool) -> None:
        self._asked.append((asked, offered))
        row = self._asked[-MOST_ASKED - 1 :]
        is_question = asked.startswith(("ask_", "summary"))
        if (
            is_question
            and len(row) > MOST_ASKED
            and len({one for one, _ in row}) == 1
            and not any(offered for _, offered in row)
        ):
            self.faults.append(f"asked {len(row)} times in a row, and no person offered: {asked}")
