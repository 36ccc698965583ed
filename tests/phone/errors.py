"""Twilio's error codes that the simulator speaks, with Twilio's words and its JSON body.

Source: Twilio's error dictionary, https://www.twilio.com/docs/api/errors
"""

from fastapi import Request
from fastapi.responses import JSONResponse

REFUSALS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter: {0}"),
    20003: (401, "Authenticate"),
    20009: (409, "Cannot delete message because delivery of message has not completed."),
    20404: (404, "The requested resource {0} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "Service unavailable"),
    20504: (504, "Gateway timeout"),
    21211: (400, "Invalid 'To' Phone Number: {0}"),
    21266: (400, "'To' and 'From' number cannot be the same: {0}"),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' "
        "number: {0}",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number provided is not a valid message-capable Twilio phone number "
        "for this destination/account: {0}",
    ),
    21609: (400, "The 'StatusCallback' URL {0} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21612: (400, "Message cannot be sent with the current combination of 'To' ({0}) and 'From'"),
    21614: (400, "To number: {0}, is not a mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21624: (400, "Invalid validity period value"),
    21635: (400, "'To' number cannot be a landline: {0}"),
    21701: (400, "The Messaging Service does not exist: {0}"),
    30400: (400, "Parameters are not valid"),
    30409: (409, "This message cannot be canceled"),
}

UNDELIVERED: dict[int, str] = {
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}


class TwilioError(Exception):
    """A request that Twilio would refuse.

    Args:
        code: one of REFUSALS.
        about: the value that Twilio's words name.
    """

    def __init__(self, code: int, about: object = "") -> None:
        self.code = code
        self.status, words = REFUSALS[code]
        self.message = words.format(about)
        super().__init__(self.message)


def answer(_request: Request, error: Exception) -> JSONResponse:
    """Twilio's error body, `{"code","message","more_info","status"}`, with its HTTP status."""
    assert isinstance(error, TwilioError)
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status == 401 else {}
    body = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return JSONResponse(body, status_code=error.status, headers=headers)
