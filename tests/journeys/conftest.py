"""One running service for all journeys that leave it running."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.service import BOT_PYTHON, Service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    if not BOT_PYTHON.exists():
        pytest.skip("the assistant's environment is not installed: run `make setup`")
    found = Service(tmp_path_factory.mktemp("service"))
    try:
        found.start()
        # A network that takes its time is the long runs' and the simulator's matter.
        httpx.post(f"{found.phone_url}/_control", json={"step_seconds": 0}).raise_for_status()
        yield found
    finally:
        found.stop()


@pytest.fixture
def data_dir(service: Service) -> Path:
    return service.data_dir
