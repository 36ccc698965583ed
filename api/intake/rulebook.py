"""What decisions are taken from: every landlord's policy, the danger screen and the languages,
loaded once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from api import clock
from api.policies.colour import colour_mistake
from api.policies.coming_back import ComingBack, load_coming_back
from api.policies.load import Pack, Policies, load_policies
from api.policies.place import PolicyMistakes
from api.screening.danger import DangerScreen, load_danger
from api.screening.language import Languages, load_languages


@dataclass(frozen=True)
class Landlord:
    """A landlord as residents meet it: its number for texts and its colour on pages.

    `frames`: the origins of its own sites, for example `https://www.example.org`, that may show
    the chat inside a page of theirs.
    `second_sender`: its number, or name of at most 11 letters, at the second provider of texts.
    `messaging_service`: Twilio's `MG…` that holds the number, where texts go out by one.
    """

    code: str
    name: str
    number: str
    colour: str
    frames: tuple[str, ...] = ()
    second_sender: str | None = None
    messaging_service: str | None = None


@dataclass(frozen=True)
class Rulebook:
    policies: Policies
    danger: DangerScreen
    languages: Languages
    landlords: Mapping[str, Landlord]
    coming_back: ComingBack
    # (landlord, postcode without spaces) → scheme
    schemes: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def scheme_of(self, landlord: str, address: str | None) -> str | None:
        """The scheme that a home belongs to, by the postcode in its address."""
        written = re.sub(r"[^A-Z0-9]", "", (address or "").upper())
        return next(
            (
                scheme
                for (owner, postcode), scheme in self.schemes.items()
                if owner == landlord and postcode in written
            ),
            None,
        )

    def pack(self, landlord: str, on: date | None = None) -> Pack:
        """A landlord's pack with the policy in force on that day, today's in London by default:
        a future version takes over on its day, without a restart."""
        day = on or clock.now().astimezone(clock.LONDON).date()
        return self.policies.in_force(landlord, day)

    def landlord_of_number(self, number: str) -> Landlord | None:
        return next(
            (one for one in self.landlords.values() if number in (one.number, one.second_sender)),
            None,
        )


def load_schemes(estate_file: Path) -> dict[tuple[str, str], str]:
    """(landlord, postcode without spaces) → scheme, from a file like data/demo/estate.toml."""
    homes = tomllib.loads(estate_file.read_text()).get("homes", [])
    return {
        (one["landlord"], postcode.replace(" ", "").upper()): one["scheme"]
        for one in homes
        for postcode in one["postcodes"]
    }


def load_rulebook(
    policies_dir: Path, landlords_file: Path, estate_file: Path | None = None
) -> Rulebook:
    """Raises PolicyMistakes with one line per mistake, file and place named."""
    policies = load_policies(policies_dir)
    given = tomllib.loads(landlords_file.read_text())["landlords"]
    landlords = {
        one["code"]: _landlord(one, policies) for one in given if one["code"] in policies.landlords
    }
    mistakes = [
        f"{landlords_file.name}: {one.code}: {what}"
        for one in landlords.values()
        for what in _mistakes(one)
    ]
    if mistakes:
        raise PolicyMistakes(mistakes)
    schemes = load_schemes(estate_file) if estate_file else {}
    shared = policies_dir / "shared"
    coming_back = load_coming_back(shared, policies.landlords)
    return Rulebook(
        policies, load_danger(shared), load_languages(shared), landlords, coming_back, schemes
    )


def _landlord(given: Mapping[str, Any], policies: Policies) -> Landlord:
    return Landlord(
        code=given["code"],
        name=policies.landlords[given["code"]].policy.name,
        number=given["number"],
        colour=given.get("colour", "#1d4f91"),
        frames=tuple(given.get("frames", ())),
        second_sender=given.get("second_sender"),
        messaging_service=given.get("messaging_service"),
    )


def _mistakes(landlord: Landlord) -> list[str]:
    found = colour_mistake(landlord.colour)
    wrong = [f"colour: {found}"] if found else []
    for origin in landlord.frames:
        parts = urlsplit(origin)
        # Without `https` anyone on the way could put a page of their own around the chat.
        sound = parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1"}
        if not sound or not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", origin):
            wrong.append(f"frames: {origin!r} is not an origin like https://www.example.org")
    return wrong
