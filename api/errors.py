"""Errors that a person or a calling system is shown. Each carries its HTTP status and words."""


class DoorstepError(Exception):
    """Something the caller can act on. `status` is HTTP's, `title` a short line in plain words."""

    status = 400
    title = "That request cannot be used."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail


class NotFound(DoorstepError):
    status = 404
    title = "There is nothing here by that name."


class NotSignedIn(DoorstepError):
    status = 401
    title = "Please sign in, or send a key that is valid."


class NotAllowed(DoorstepError):
    status = 403
    title = "That is not allowed."


class TooLarge(DoorstepError):
    status = 413
    title = "That is too large."


class NotUsable(DoorstepError):
    status = 422
    title = "Part of that request is missing or not usable."


class NotReady(DoorstepError):
    status = 503
    title = "The service is not ready yet."
