"""How alembic meets the database: the url is the settings', the tables are api.tables'."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from api.db import Moment, make_engine
from api.tables import Base


def own_types(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """How our column types are written in a migration."""
    name = "Moment()" if isinstance(item, Moment) else "Json" if isinstance(item, JSON) else None
    if kind != "type" or name is None:
        return False
    autogen.imports.add("from api.db import Json, Moment")
    return name


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url
    engine = make_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            # SQLite changes a table by copying it.
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=own_types,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
