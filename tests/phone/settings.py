"""What the simulator is told from outside: the account, the landlords' numbers, where to call."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.phone import numbers

LANDLORDS_FILE = Path(__file__).parents[2] / "data" / "demo" / "landlords.toml"

_NAMES = {
    "lyme-trust": "Lyme Trust",
    "vivid": "VIVID",
    "seven-locks": "Seven Locks",
    "nacro": "Nacro",
    "places-for-people": "Places for People",
}
_NUMBERS = {code: f"+4477009001{n:02d}" for n, code in enumerate(_NAMES, start=1)}


class SettingsError(Exception):
    """The environment or the landlords' file cannot be used; the text says why in one line."""


@dataclass(frozen=True)
class Landlord:
    """One landlord's number and the messaging service that holds it."""

    code: str
    name: str
    number: str
    colour: str = "#1d4f5c"

    @property
    def messaging_service_sid(self) -> str:
        """`MG` and 32 hex digits, the same for a code on every run."""
        return "MG" + hashlib.md5(self.code.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Settings:
    """Everything `create_app` needs. `auth_tokens[0]` signs; every one of them lets in."""

    account_sid: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    public_base_url: str = "http://127.0.0.1:8000"
    port: int = 8090
    landlords: tuple[Landlord, ...] = tuple(
        Landlord(code, name, _NUMBERS[code]) for code, name in _NAMES.items()
    )
    step_seconds: float = 0.2

    @property
    def base_url(self) -> str:
        """Where this simulator answers; media addresses start with it."""
        return f"http://127.0.0.1:{self.port}"

    def by_number(self, number: str) -> Landlord | None:
        """The landlord with this number in E.164; None where nobody has it."""
        return next((one for one in self.landlords if one.number == number), None)

    def by_service(self, sid: str) -> Landlord | None:
        """The landlord with this messaging service; None where nobody has it."""
        return next((one for one in self.landlords if one.messaging_service_sid == sid), None)

    def landlord(self, named: str) -> Landlord | None:
        """The landlord that a person names by code or by number, however it is written."""
        by_code = next((one for one in self.landlords if one.code == named), None)
        return by_code or self.by_number(numbers.normalise(named))


def read_landlords(path: Path = LANDLORDS_FILE) -> tuple[Landlord, ...]:
    """The landlords of the file (`[[landlords]]` with code, number and, if wanted, name, colour).

    Without the file: the five of the demo. Raises SettingsError where it cannot be read.
    """
    if not path.exists():
        return Settings.landlords
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["landlords"]
        return tuple(_landlord(row) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as problem:
        raise SettingsError(f"{path.name}: {problem}") from problem


def _landlord(row: dict[str, Any]) -> Landlord:
    code = row["code"]
    name = row.get("name") or _NAMES.get(code) or code.replace("-", " ").title()
    return Landlord(code, name, row["number"], row.get("colour", Landlord.colour))


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings from PHONE_PORT, PUBLIC_BASE_URL (or PORT), TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN.

    Raises SettingsError where the account is not named or a port is no number.
    """
    account_sid = environment.get("TWILIO_ACCOUNT_SID", "").strip()
    listed = environment.get("TWILIO_AUTH_TOKEN", "").split(",")
    tokens = tuple(token.strip() for token in listed if token.strip())
    if not account_sid or not tokens:
        raise SettingsError("set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    own_port = environment.get("PHONE_PORT", "8090")
    if not own_port.isdigit():
        raise SettingsError(f"PHONE_PORT is not a number: {own_port!r}")
    base = environment.get("PUBLIC_BASE_URL") or f"http://127.0.0.1:{environment.get('PORT', 8000)}"
    return Settings(
        account_sid=account_sid,
        auth_tokens=tokens,
        public_base_url=base.rstrip("/"),
        port=int(own_port),
        landlords=read_landlords(),
    )
