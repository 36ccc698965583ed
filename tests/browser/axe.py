"""axe-core on a page: every rule of WCAG 2.2 A and AA, and axe's own advice."""

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# The script alone, as the package ships it: nothing is downloaded when the tests run.
SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => (await axe.run(document, {
    runOnly: {type: "tag", values: tags},
    rules: {"target-size": {enabled: true}},
    resultTypes: ["violations"],
})).violations.flatMap((one) => one.nodes.map(
    (node) => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""


def violations(page: "Page") -> list[str]:
    """What axe-core finds wrong on the page as it stands; one line for each place."""
    page.evaluate(SCRIPT)
    found: list[str] = page.evaluate(RUN, TAGS)
    return found
