"""What a caller is told when something is wrong, as RFC 9457 has it, for the published calls."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel

MEDIA_TYPE = "application/problem+json"
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
    """RFC 9457. `errors`: with 422, each part that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These errors, for a route's `responses`."""
    schema = Problem.model_json_schema()
    return {
        status: {"description": WORDS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _readable(text: str) -> str:
    """Raises ValueError for what no database keeps: NUL, and halves of a pair of surrogates."""
    if "\x00" in text:
        raise ValueError("it holds a character that cannot be kept")
    text.encode()
    return text


Readable = Annotated[str, AfterValidator(_readable)]
