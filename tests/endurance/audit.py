"""Once all is quiet: what residents sent and got, beside what the service's tables hold."""

from collections import Counter
from typing import Any

import httpx
from sqlalchemy import select

from api.conversation.model import Conversation
from api.messages.model import Message
from tests.endurance.books import Books, Row
from tests.endurance.residents import Chatter, Resident
from tests.journeys.service import Service

MESSAGES = (
    select(
        Message.id,
        Message.text,
        Message.provider_id,
        Message.client_message_id,
        Message.conversation_id,
        Message.at,
        Message.processed_at,
        Message.in_reply_to,
        Message.sender,
        Message.said,
        Message.language,
        Conversation.channel,
    )
    .join(Conversation, Conversation.id == Message.conversation_id)
    .order_by(Message.id)
)
TWICE = {
    "cases of one report": "SELECT report_id FROM cases GROUP BY report_id HAVING count(*) > 1",
    "requests by one message": (
        "SELECT conversation_id, kind, words, count(*) AS times FROM resident_requests q"
        " GROUP BY conversation_id, kind, words HAVING count(*) > 1 AND count(*) >"
        " (SELECT count(*) FROM messages m WHERE m.conversation_id = q.conversation_id"
        " AND m.sender = 'resident' AND m.text = q.words)"
    ),
    "incidents by one message": (
        "SELECT case_id, description, count(*) AS times FROM incidents i"
        " GROUP BY case_id, description HAVING count(*) > 1 AND count(*) >"
        " (SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        " WHERE c.case_id = i.case_id AND m.sender = 'resident' AND m.text = i.description)"
    ),
    "texts for one message": (
        "SELECT message_id FROM outbox WHERE message_id IS NOT NULL"
        " GROUP BY message_id HAVING count(*) > 1"
    ),
    "texts of one provider's id": (
        "SELECT provider_sid FROM outbox WHERE provider_sid IS NOT NULL"
        " GROUP BY provider_sid HAVING count(*) > 1"
    ),
}
QUIET = ("seen_", "kept_for_person", "handover", "accused_kept")


def violations(
    service: Service, books: Books, residents: list[Resident], fixed_texts: set[str]
) -> list[str]:
    """One line for each promise that was broken. `fixed_texts`: keys of the safety texts."""
    rows = books.all(MESSAGES)
    for row in rows:
        row["keys"] = [one["say"] for one in row["said"]]
    return [
        *(f"{one.person.name}: {one.trouble}" for one in residents if one.trouble),
        *_kept_once(rows, residents),
        *_answered_once(rows, fixed_texts | {"holding"}),
        *_sent_once(service, books, rows),
        *_seen_once(rows, residents),
        *(
            f"twice: {what}: {dict(row)}"
            for what, query in TWICE.items()
            for row in books.all(query)
        ),
    ]


def _kept_once(rows: list[Row], residents: list[Resident]) -> list[str]:
    kept = Counter(row["provider_id"] or row["client_message_id"] for row in rows)
    wrong = []
    for resident in residents:
        for told in resident.told:
            if kept[told.key] != 1:
                wrong.append(f"kept {kept[told.key]} times (taken: {told.taken}): {told.words!r}")
    return wrong


def _answered_once(rows: list[Row], not_answers: set[str]) -> list[str]:
    answers: dict[int, list[Row]] = {}
    for row in rows:
        if row["sender"] == "assistant" and not {*row["keys"]} <= not_answers:
            answers.setdefault(row["in_reply_to"], []).append(row)
    wrong = []
    for row in rows:
        if row["sender"] != "resident":
            continue
        got = answers.get(row["id"], [])
        if row["processed_at"] is None:
            wrong.append(f"never taken up: {row['id']} {row['text']!r}")
        elif len(got) > 1:
            wrong.append(f"answered {len(got)} times: {row['id']} {[one['keys'] for one in got]}")
        elif not got and not _with_a_person(row, rows):
            wrong.append(f"neither answered nor with a person: {row['id']} {row['text']!r}")
    return wrong


def _with_a_person(row: Row, rows: list[Row]) -> bool:
    """Whether the last that was said before it was that a person reads it; in another language
    that is said once."""
    said = [
        one["keys"]
        for one in rows
        if one["conversation_id"] == row["conversation_id"]
        and one["sender"] == "assistant"
        and one["id"] < row["id"]
    ]
    if row["language"] and any("other_language" in keys for keys in said):
        return True
    return bool(said) and any(key.startswith(QUIET) for key in said[-1])


def _sent_once(service: Service, books: Books, rows: list[Row]) -> list[str]:
    """The outbox beside what the network took and what stands on the handsets."""
    texts = books.all("SELECT * FROM outbox ORDER BY id")
    held = httpx.get(f"{service.phone_url}/_messages", timeout=30).json()
    sent = {one["sid"]: one for one in held if one["direction"] == "outbound-api"}
    ours = {text["provider_sid"]: text for text in texts if text["provider_sid"]}
    wrong = [f"sent, and not in the outbox: {sent[sid]}" for sid in sent.keys() - ours.keys()]
    wrong += [f"in the outbox, and never sent: {ours[sid]}" for sid in ours.keys() - sent.keys()]
    wrong += [f"not delivered: {text}" for text in texts if text["status"] != "delivered"]
    wrong += [f"sent anew after it arrived: {text}" for text in texts if text["again_of"]]
    put_out = {text["message_id"] for text in texts}
    wrong += [
        f"said by text, and not put out: {row['id']} {row['keys']}"
        for row in rows
        if row["channel"] == "sms" and row["sender"] == "assistant" and row["id"] not in put_out
    ]
    return wrong + _on_handsets(service, texts)


def _on_handsets(service: Service, texts: list[Row]) -> list[str]:
    wrong = []
    for number in sorted({text["to"] for text in texts}):
        answer = httpx.get(f"{service.phone_url}/_handset/{number}/texts", timeout=30)
        shown = Counter(one["body"] for one in answer.json() if one["direction"] == "received")
        written = Counter(text["body"] for text in texts if text["to"] == number)
        if shown != written:
            wrong.append(f"{number}: {shown - written} too many, {written - shown} missing")
    return wrong


def _seen_once(rows: list[Row], residents: list[Resident]) -> list[str]:
    """A chat's page shows each message once, in the order in which they were said."""
    wrong = []
    for resident in residents:
        if not isinstance(resident, Chatter):
            continue
        shown = resident.chat.messages()
        mine: list[Any] = [one["text"] for one in shown if one["from"] == "resident"]
        if mine != [told.words for told in resident.told]:
            wrong.append(f"a chat shows {mine}, told was {[told.words for told in resident.told]}")
        own = [row["id"] for row in rows if row["conversation_id"] == resident.chat.conversation]
        if [one["id"] for one in shown] != own:
            wrong.append(f"a chat does not show what was said: {resident.chat.conversation}")
    return wrong
