"""The webhook alone: a signed text comes in at `/sms/twilio/inbound`, is kept, and gets its 204.

The bot is stopped meanwhile, the worker runs and finds that out.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
from twilio.request_validator import RequestValidator

from tests.bench.figures import percentile
from tests.bench.load import NoAnswer, make_client
from tests.bench.our_side import Ours
from tests.bench.script import FIRST_WORDS
from tests.journeys.service import NUMBERS, wait_for

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
NUMBERS_USED = 200
WARM_UP = 20


@contextmanager
def postgres_database() -> Iterator[str]:
    """A database of this run's own, on the server of TEST_POSTGRES_URL."""
    name = f"doorstep_bench_{uuid4().hex[:8]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{POSTGRES_URL.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measure(folder: Path, texts: int, senders: int, database_url: str = "") -> dict[str, float]:
    """p50, p95 and p99 (ms) of so many texts from so many senders at once."""
    folder.mkdir(parents=True)
    ours = Ours(folder, settings={"DATABASE_URL": database_url} if database_url else {})
    try:
        ours.start("phone", "api", "worker")
        wait_for(
            lambda: (
                httpx.get(f"{ours.url}/healthz", timeout=5).status_code == 200
                and httpx.get(ours.phone_url, timeout=5).status_code == 200
            ),
            300,
            f"api and phone answer; see {folder}",
        )
        taken = asyncio.run(_send(ours, texts + WARM_UP, senders))[WARM_UP:]
    finally:
        ours.stop()
    names = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
    found = {name: round(percentile(taken, part), 2) for name, part in names.items()}
    return {"texts": len(taken), "senders": senders, **found}


async def _send(ours: Ours, texts: int, senders: int) -> list[float]:
    url = f"{ours.url}/sms/twilio/inbound"
    told = ours.first_run["twilio"]
    validator = RequestValidator(told["auth_token"])
    taken: list[float] = []
    begun = 0

    async def one(client: httpx.AsyncClient, number: int) -> float:
        form = {
            "MessageSid": f"SM{uuid4().hex}",
            "AccountSid": told["account_sid"],
            "From": f"+447700900{number % NUMBERS_USED + 300}",
            "To": NUMBERS["vivid"],
            "Body": FIRST_WORDS[number % len(FIRST_WORDS)],
            "NumMedia": "0",
            "NumSegments": "1",
        }
        signature = validator.compute_signature(url, form)
        began = time.perf_counter()
        answer = await client.post(url, data=form, headers={"X-Twilio-Signature": signature})
        milliseconds = (time.perf_counter() - began) * 1000
        if answer.status_code != 204:
            raise NoAnswer(f"{answer.status_code}: {answer.text[:300]}")
        return milliseconds

    async def send(client: httpx.AsyncClient) -> None:
        nonlocal begun
        while begun < texts:
            begun += 1
            taken.append(await one(client, begun))

    async with make_client(senders) as client, asyncio.TaskGroup() as group:
        for _ in range(senders):
            group.create_task(send(client))
    return taken
