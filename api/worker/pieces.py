"""Pieces of work one by one: what breaks at one of them stops none of the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

log = structlog.get_logger()

Piece = TypeVar("Piece")
Done = TypeVar("Done")


def each(what: str, pieces: Iterable[Piece], do: Callable[[Piece], Done | None]) -> list[Done]:
    """What `do` gave for each piece, without those for which it gave nothing. One that raises is
    logged by its id and met again the next time; `what` names the work in the log."""
    done = []
    for piece in pieces:
        try:
            found = do(piece)
        except Exception:
            log.exception("worker_trouble", work=what, piece=str(piece))
            continue
        if found is not None:
            done.append(found)
    return done
