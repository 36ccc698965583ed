"""Errors that a person or a calling system is shown. Each carries its HTTP status and words."""

# Says no more than the HTTP status does.
BLANK = "about:blank"


class DoorstepError(Exception):
    """Something the caller can act on. `status` is HTTP's, `title` a short line in plain words.

    `type` is what a program tells errors apart by (RFC 9457), of `api/channels/problems.py`.
    """

    status = 400
    type = BLANK
    title = "That request cannot be used."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail


class NotFound(DoorstepError):
    status = 404
    type = "/problems/not-found"
    title = "There is nothing here by that name."


class NotSignedIn(DoorstepError):
    status = 401
    type = "/problems/not-signed-in"
    title = "Please sign in, or send a key that is valid."


class NotAllowed(DoorstepError):
    status = 403
    type = "/problems/not-allowed"
    title = "That is not allowed."


class TooLarge(DoorstepError):
    status = 413
    type = "/problems/too-large"
    title = "That is too large."


class NotUsable(DoorstepError):
    status = 422
    type = "/problems/not-usable"
    title = "Part of that request is missing or not usable."


class NotReady(DoorstepError):
    status = 503
    type = "/problems/not-ready"
    title = "The service is not ready yet."
