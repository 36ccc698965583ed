"""The api, as the actions see it. The only file that knows its addresses."""

import os
import ssl
from typing import Any
from urllib.parse import quote

import httpx

TIMEOUT_SECONDS = 8.0
# Read once: reading the certificates for each call took longer than most calls.
CERTIFICATES = ssl.create_default_context()


async def ask(conversation: str, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """POST to the api about one conversation; `what` is judge, submit, challenge and so on.

    Raises httpx.HTTPError on anything but a 2xx answer within 8 s, ValueError where the answer
    is no JSON object: the turn then fails as a whole and is tried again later.
    """
    address = (
        f"{os.environ['API_URL'].rstrip('/')}/internal/conversations/"
        f"{quote(conversation, safe='')}/{what}"
    )
    async with httpx.AsyncClient(
        timeout=TIMEOUT_SECONDS, trust_env=False, verify=CERTIFICATES
    ) as client:
        answer = await client.post(
            address,
            json=body or {},
            headers={"Authorization": f"Bearer {os.environ['SERVICE_TOKEN']}"},
        )
    answer.raise_for_status()
    told = answer.json()
    if not isinstance(told, dict):
        raise ValueError(f"{what}: the api did not answer with an object")
    return told
