"""Everything a first run needs on this machine: secrets, tables, demo officers and keys."""

import json
import os
import secrets
import socket
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import clock
from api.db import Database
from api.intake.rulebook import Rulebook, load_rulebook
from api.migrate import upgrade
from api.settings import Settings
from api.teams.keys import make_key
from api.teams.model import Officer
from api.teams.officers import add_officer


class PortTaken(Exception):
    """Another program listens where one of ours is to listen."""


def prepare(settings: Settings) -> Settings:
    """Safe to repeat: what exists is kept. Gives the settings that the processes will read."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.demo:
        settings = _with_secrets(settings)
    rulebook = load_rulebook(settings.policies_dir, settings.landlords_file, settings.estate_file)
    upgrade(settings.database)
    if settings.demo:
        database = Database(settings.database)
        with database.writing() as session:
            _first_run(session, settings, rulebook)
        database.engine.dispose()
    return settings


def check_ports(settings: Settings) -> None:
    """Raises PortTaken, naming the port and its setting, before anything is started."""
    ports = {
        "PORT": settings.port,
        "BOT_PORT": settings.bot_port,
        "ACTIONS_PORT": settings.actions_port,
        "PHONE_PORT": settings.phone_port,
    }
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as taken:
                raise PortTaken(
                    f"Port {port} is in use. Set {name} to another one, for example: "
                    f"make run {name}={port + 100}"
                ) from taken


def _with_secrets(settings: Settings) -> Settings:
    """The demo's secrets are made once; ports and addresses are written anew at each run."""
    made = {
        "SERVICE_TOKEN": settings.service_token or secrets.token_urlsafe(32),
        "BOT_SECRET": settings.bot_secret or secrets.token_urlsafe(32),
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid or f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token or secrets.token_hex(16),
    }
    # What an earlier run wrote about ports must not outlive them.
    own = {
        "API_URL": os.environ.get("API_URL") or f"http://127.0.0.1:{settings.port}",
        "PUBLIC_BASE_URL": os.environ.get("PUBLIC_BASE_URL") or f"http://127.0.0.1:{settings.port}",
        "BOT_URLS": os.environ.get("BOT_URLS") or f"http://127.0.0.1:{settings.bot_port}",
        "ACTIONS_URL": os.environ.get("ACTIONS_URL") or f"http://127.0.0.1:{settings.actions_port}",
        "TWILIO_API_BASE": os.environ.get("TWILIO_API_BASE")
        or f"http://127.0.0.1:{settings.phone_port}",
        "DOORSTEP_ENV": settings.environment,
        "PORT": str(settings.port),
        "BOT_PORT": str(settings.bot_port),
        "ACTIONS_PORT": str(settings.actions_port),
        "PHONE_PORT": str(settings.phone_port),
        "DATA_DIR": str(settings.data_dir.resolve()),
    }
    _write_private(
        settings.run_env, "".join(f"{key}={value}\n" for key, value in (made | own).items())
    )
    return Settings(_env_file=settings.run_env)


def _first_run(session: Session, settings: Settings, rulebook: Rulebook) -> None:
    if session.scalar(select(func.count()).select_from(Officer)):
        return
    now = clock.now()
    keys: dict[str, str] = {}
    officers: list[dict[str, str]] = []
    for code, pack in sorted(rulebook.policies.landlords.items()):
        keys[code] = make_key(session, code, "first run", at=now)
        for team in pack.policy.teams:
            for role in ("officer", "lead"):
                email = f"{role}.{team.code}@{code}.example"
                password = secrets.token_urlsafe(12)
                add_officer(
                    session,
                    landlord=code,
                    team=team.code,
                    role=role,
                    email=email,
                    password=password,
                    demo=True,
                    at=now,
                )
                officers.append(
                    {
                        "landlord": code,
                        "team": team.code,
                        "role": role,
                        "email": email,
                        "password": password,
                    }
                )
    told = {
        "api_keys": keys,
        "officers": officers,
        "twilio": {
            "account_sid": settings.twilio_account_sid,
            "auth_token": settings.twilio_tokens[0],
        },
    }
    _write_private(settings.data_dir / "first-run.json", json.dumps(told, indent=2) + "\n")


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    fresh.replace(path)
