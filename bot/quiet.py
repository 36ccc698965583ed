"""Keeps Rasa's and TensorFlow's start-up chatter off the terminal, and telemetry off."""

import logging
import os
import warnings


def _silent(*_: object, **__: object) -> None:
    """Takes the place of warnings.showwarning."""


def quieten() -> None:
    """Call before the first import of rasa. Errors still show."""
    os.environ.update(
        {
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "LOG_LEVEL": "WARNING",
            "LOG_LEVEL_LIBRARIES": "ERROR",
        }
    )
    # Not a filter: libraries reset those while they are imported.
    warnings.showwarning = _silent
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")

    import structlog

    # Rasa logs events with people's words through structlog, at any level unless told otherwise.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    import rasa.utils.common

    rasa.utils.common.configure_logging_and_warnings(
        log_level=logging.WARNING, warn_only_once=True, filter_repeated_logs=True
    )
    logging.getLogger("rasa").setLevel(logging.WARNING)
