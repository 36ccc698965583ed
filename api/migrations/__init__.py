"""Changes of the database, numbered; `alembic upgrade head` is run by `doorstep prepare`."""
