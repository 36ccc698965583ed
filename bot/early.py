"""What must be done before the first import of numpy and of rasa, in the order that it needs."""

from bot.processor import name_processor
from bot.quiet import quieten


def before_imports() -> None:
    """Safe to call again, but only the first call of a process has an effect on numpy."""
    name_processor()
    # skops looks for 765 functions in every module there is: with all of Rasa's about, for 12 s.
    import skops.io  # noqa: F401

    quieten()
