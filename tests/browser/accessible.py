"""What axe, the accessibility checker, finds on a page as it stands."""

from playwright.sync_api import Page

from tests.browser.test_players import LIBRARIES

_AXE = LIBRARIES / "axe-core" / "axe.min.js"
_RUN = """async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    resultTypes: ["violations"],
  });
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
}"""


def faults(page: Page) -> list[str]:
    """`rule: element`, of the rules of WCAG 2.2 AA."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_AXE.read_text())
    found: list[str] = page.evaluate(_RUN)
    return found
