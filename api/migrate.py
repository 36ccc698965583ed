"""Brings a database to the newest version of its tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def config(url: str) -> Config:
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    found.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return found


def upgrade(url: str) -> None:
    command.upgrade(config(url), "head")
