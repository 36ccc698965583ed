"""Whether a copy of what was told may be left on the teller's device. Pure."""

from collections.abc import Iterable

from api.reports.model import Report

# Whoever does these things may look through a phone.
CLOSE_BY = {"domestic_abuse", "exploitation", "child"}


def copy_is_safe(reports: Iterable[Report]) -> bool:
    """False where the person may live with whom they report, or is not safe to be contacted."""
    return not any(CLOSE_BY & set(one.flags) or one.safe_contact == "no" for one in reports)
