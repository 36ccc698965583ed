"""Where the time of a turn goes: named steps of a process are timed, each without those inside it.

Runs in both environments (Python 3.10 too), so it imports nothing of ours. A step's time is
written as a line of JSON `[root, name, milliseconds]`, `root` the outermost step that it was in.
"""

import functools
import inspect
import json
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any


class Span:
    def __init__(self, name: str, root: str) -> None:
        self.name, self.root = name, root
        self.inside = 0.0


_current: "ContextVar[Any]" = ContextVar("span", default=None)


class Recorder:
    """Puts a clock around functions; `file` gets a line for each call."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)

    def time(self, owner: Any, attribute: str, name: str) -> None:
        """Replaces `owner.attribute`, a function, a coroutine function or a method."""
        plain = getattr(owner, attribute)

        if inspect.iscoroutinefunction(plain):

            @functools.wraps(plain)
            async def timed_async(*args: Any, **kwargs: Any) -> Any:
                span, token, began = self._begin(name)
                try:
                    return await plain(*args, **kwargs)
                finally:
                    self._end(span, token, began)

            setattr(owner, attribute, timed_async)
            return

        @functools.wraps(plain)
        def timed(*args: Any, **kwargs: Any) -> Any:
            span, token, began = self._begin(name)
            try:
                return plain(*args, **kwargs)
            finally:
                self._end(span, token, began)

        setattr(owner, attribute, timed)

    def close(self) -> None:
        self._file.close()

    def _begin(self, name: str) -> "tuple[Span, Any, float]":
        outer = _current.get()
        span = Span(name, outer.root if outer else name)
        return span, _current.set(span), time.perf_counter()

    def _end(self, span: Span, token: Any, began: float) -> None:
        taken = (time.perf_counter() - began) * 1000
        _current.reset(token)
        outer = _current.get()
        if outer:
            outer.inside += taken
        self._file.write(json.dumps([span.root, span.name, taken - span.inside]) + "\n")


def totals(file: Path, roots: "set[str]") -> "dict[str, float]":
    """name -> milliseconds in all, of the steps that one of `roots` led to."""
    found: dict[str, float] = {}
    for line in file.read_text().splitlines():
        root, name, taken = json.loads(line)
        if root in roots:
            found[name] = found.get(name, 0.0) + taken
    return found
