"""A picture of every page, as wide as a phone and as a desk: `make screenshots` puts them into
`$DATA_DIR/screenshots`, for somebody to look at."""

import pytest

from api.settings import Settings
from tests.browser.estate import NEEDS_CHROMIUM
from tests.browser.every_page import NARROW, PLACES, Place, Visitor

pytestmark = NEEDS_CHROMIUM
FOLDER = Settings().data_dir / "screenshots"
WIDTHS = {"phone": 375, "desk": 1280}


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_taken(visitor: Visitor, place: Place) -> None:
    page = visitor.open(place)
    for name, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=FOLDER / f"{place}-{name}.png", full_page=True)
    page.set_viewport_size(NARROW)
