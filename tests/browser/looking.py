"""How tests look at a page: with axe-core's eyes, and by pictures kept for people."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / "var" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LYING_STILL = """still => {
  for (const bar of document.querySelectorAll(".action-bar, .bar-main")) bar.style.position = still ? "static" : "";
  for (const strip of document.querySelectorAll(".tab-links, .rail")) strip.style.flexWrap = still ? "wrap" : "";
}"""

VIOLATIONS = """async ([within, rules]) => (await axe.run(within === "body" ? document : within, {
  runOnly: rules, preload: false, resultTypes: ["violations"],
})).violations"""


def axe(page: Page, within: str = "body") -> None:
    """Fail when axe-core finds a serious or critical barrier, or when the page is wider than its window.

    `within` narrows it to a part: what an open menu covers is no barrier while the menu is open.

    Bars that stick to the edge lie at the end of their form meanwhile, and strips of tabs that are scrolled sideways
    stand in rows: what one covers by half is scrolled free.

    Without preloading: axe-core would copy style sheets into the page, which its content security policy forbids.
    With violations only: of what passes, axe-core would name every element, which takes longer than to look at it.
    """
    page.evaluate("window.scrollTo(0, 0)")
    page.evaluate(AXE.read_text())
    page.evaluate(LYING_STILL, True)
    violations: list[dict[str, Any]] = page.evaluate(VIOLATIONS, [within, RULES])
    page.evaluate(LYING_STILL, False)
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: "
        + ", ".join(str(node["target"][0]) for node in violation["nodes"][:3])
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px wider than the window"


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture under var/screenshots, where somebody may look at it: not for CI."""
    if os.environ.get("CI") == "true":
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    window = page.viewport_size
    if whole and window is not None:
        height: int = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": window["width"], "height": min(max(height, window["height"]), 4000)})
    page.screenshot(path=path)
    if whole and window is not None:
        page.set_viewport_size(window)
