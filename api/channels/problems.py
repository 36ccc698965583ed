"""What a caller is told when something is wrong, as RFC 9457 has it, for the published calls."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import AfterValidator, BaseModel

from api.errors import NotFound

router = APIRouter(include_in_schema=False)

MEDIA_TYPE = "application/problem+json"
# What a caller does about each `type`. Published: a name is never changed, only added to.
TYPES = {
    "/problems/chat-is-over": (
        "The chat is closed on this device. What was told is kept: open a new chat."
    ),
    "/problems/not-signed-in": "No token or key was sent, or one that opens nothing: send another.",
    "/problems/not-allowed": "The token, signature or page does not allow this.",
    "/problems/not-found": "There is nothing here by that name.",
    "/problems/not-usable": "Part of the request is missing or wrong: `errors` says which part.",
    "/problems/too-large": "More was sent than is taken at once: send less.",
    "/problems/too-fast": "Too much in a short time: wait for `Retry-After` seconds, then repeat.",
    "/problems/not-ready": "A part of the service does not answer: repeat it later.",
}
WORDS = {
    400: "The request cannot be read",
    401: "No token or key, or one that is not valid (any more)",
    403: "Not allowed with this token, signature or page",
    404: "There is nothing here by that name",
    413: "More than is taken at once",
    422: "Part of the request is missing or not usable",
    429: "Too much in a short time: try again after `Retry-After` seconds",
    503: "Not ready: try again later",
}


class Problem(BaseModel):
    """RFC 9457. `errors`: each part of a request that is wrong. `missing`: what does not answer."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
    missing: list[str] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These errors, for a route's `responses`."""
    schema = Problem.model_json_schema()
    return {
        status: {"description": WORDS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def described() -> str:
    """The types, for the description of the published calls."""
    lines = [f"- `{name}`: {words}" for name, words in TYPES.items()]
    return "\n".join(["Errors are problems as in RFC 9457. What `type` can be:", "", *lines])


@router.get("/problems/{name}")
def problem_type(name: str) -> PlainTextResponse:
    """What stands at the address that a problem's `type` is."""
    words = TYPES.get(f"/problems/{name}")
    if words is None:
        raise NotFound
    return PlainTextResponse(f"{words}\n")


def _readable(text: str) -> str:
    """Raises ValueError for what no database keeps: NUL, and halves of a pair of surrogates."""
    if "\x00" in text:
        raise ValueError("it holds a character that cannot be kept")
    text.encode()
    return text


Readable = Annotated[str, AfterValidator(_readable)]
