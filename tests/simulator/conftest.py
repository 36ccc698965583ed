"""One simulated phone and one product for each file of tests, emptied between them."""

from collections.abc import Iterator

import pytest

from tests.phone.app import create_app
from tests.phone.settings import Settings
from tests.ports import held_port
from tests.simulator.rig import (
    ACCOUNT,
    LANDLORDS,
    OLD_TOKEN,
    TOKEN,
    Phone,
    Product,
    served,
)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Product, str]]:
    product = Product()
    product_socket, product_port = held_port()
    phone_socket, phone_port = held_port()
    product.url = f"http://127.0.0.1:{product_port}"
    settings = Settings(
        ACCOUNT, (TOKEN, OLD_TOKEN), product.url, phone_port, step_seconds=0, landlords=LANDLORDS
    )
    with served(product.app, product_socket), served(create_app(settings), phone_socket):
        yield product, f"http://127.0.0.1:{phone_port}"


@pytest.fixture
def product(servers: tuple[Product, str]) -> Product:
    servers[0].calls.clear()
    servers[0].answers.clear()
    return servers[0]


@pytest.fixture
def phone(servers: tuple[Product, str], product: Product) -> Iterator[Phone]:
    phone = Phone(servers[1])
    phone.http.post("/_reset").raise_for_status()
    yield phone
    phone.http.post("/_reset").raise_for_status()
    phone.http.close()
    phone.wire.session.close()
