"""axe-core on a page as it stands: every rule that is on by default, best practices too, and target sizes.

Owns how a page is looked at: in which languages, themes and widths, and what counts as a fault.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
#: Every look of every run since it was last taken away.
RECORD = Path(__file__).parents[2] / "reports" / "accessibility.jsonl"
LANGUAGES = ("fr", "en")
THEMES = ("light", "dark")
#: WCAG 2.2, 1.4.10 reflow: nothing may need two directions of scrolling at this width.
NARROWEST = 320
SETTLED_MS = 15_000

_RUN = """async (only) => {
  const rules = {"target-size": {enabled: true}};
  const runOnly = only && {type: "rule", values: only};
  const found = await axe.run(document, {resultTypes: ["violations"], ...(runOnly ? {runOnly} : {rules})});
  const said = ({target, html}) => `${target.join(" ")}  ${html.slice(0, 160)}`;
  const ids = (some) => some.map(({id}) => id);
  const violations = found.violations.map(({id, impact, help, nodes}) =>
    ({id, impact, help, where: nodes.slice(0, 4).map(said)}));
  return {violations, passed: ids(found.passes), unsure: ids(found.incomplete), version: axe.version};
}"""
#: The rules axe has about colours: what a theme can break that changes nothing else.
COLOURS = ["color-contrast", "link-in-text-block"]
#: All there is in the page but its looks: what is written, and where and how large each thing stands.
_BUILT = """() => [...document.querySelectorAll("body, body *")].map((node) => {
  const {left, top, width, height} = node.getBoundingClientRect();
  const attributes = [...node.attributes].map(({name, value}) => `${name}=${value}`);
  const words = node.childElementCount ? "" : node.textContent;
  return [node.tagName, attributes, words, left, top, width, height].join("|");
}).join(" ;; ")"""
#: Which of the four faces a page is of.
_FACE = """() => { return document.body.classList.contains("wallet") ? "wallet"
  : document.querySelector('link[rel=manifest][href="/manifest.webmanifest"]') ? "till"
  : document.querySelector(".public, .framed") || location.pathname.startsWith("/docs") ? "public"
  : "console"; }"""
_SETTLED = """() => document.readyState === "complete" && document.fonts.status === "loaded"
  && document.querySelector("h1") && !document.querySelector(".skeleton, [aria-busy=true], .htmx-request")"""
#: A title that what stands beside it leaves no room for: it would be read letter by letter.
_SQUEEZED = """() => [...document.querySelectorAll("h1, h2, h3")]
  .filter((node) => node.checkVisibility() && getComputedStyle(node).position !== "absolute")
  .filter((node) => node.clientWidth < 64)
  .filter((node) => node.clientHeight > 4 * parseFloat(getComputedStyle(node).fontSize))
  .map((node) => node.outerHTML.slice(0, 160))"""
_WIDER = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  const isOut = (node) => node.getBoundingClientRect().right > most + 0.5;
  return [...document.querySelectorAll("body *")].filter(isOut).slice(0, 4)
    .map((node) => node.outerHTML.slice(0, 160));
}"""


def bring_axe(context: BrowserContext) -> None:
    """Every page of this profile has axe from its start; the page's own CSP stays as it is."""
    context.add_init_script(path=AXE)


def settled(page: Page) -> None:
    page.wait_for_function(_SETTLED, timeout=SETTLED_MS)


def faults_of(page: Page, name: str, prepare: Callable[[], None] | None = None) -> list[str]:
    """What is wrong with the page in both languages, both themes and at the least width.

    It is looked at as it stands, in French; theme and width change in place. A theme that changes neither a
    word nor a place is looked at for its colours alone: whatever else axe asks has its answer. A page's words
    are made when it is loaded, so for English it is loaded once more, and what is looked at must survive
    that; `prepare` brings what a load does not (a dialog, typed digits).
    """
    size = page.viewport_size
    assert size is not None
    faults: list[str] = []
    for language in LANGUAGES:
        if language != LANGUAGES[0]:
            speak(page, language)
            page.reload()
            settled(page)
        assert language_of(page) == language, f"{name} is not in {language}"
        if prepare is not None:
            prepare()
            settled(page)
        if narrow := squeezed(page):
            faults.append(f"{name}, {language}: no room for " + " | ".join(narrow))
        built: str | None = None
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            before, built = built, page.evaluate(_BUILT)
            run = page.evaluate(_RUN, COLOURS if built == before else None)
            write_down(page, name, language, theme, run)
            faults += [f"{name}, {language}, {theme}: {said}" for said in _told(run)]
        page.set_viewport_size({"width": NARROWEST, "height": size["height"]})
        if wide := wider(page):
            faults.append(f"{name}, {language}: wider than {NARROWEST} px: " + " | ".join(wide))
        page.set_viewport_size(size)
    return faults


def write_down(page: Page, name: str, language: str, theme: str, run: dict[str, Any]) -> None:
    """One look, for scripts/docs/accessibility.py: which page, how, and what axe said of it."""
    violated = sorted(one["id"] for one in run["violations"])
    look = {
        **{"day": date.today().isoformat(), "axe": run["version"], "face": page.evaluate(_FACE)},
        **{"state": name, "language": language, "theme": theme},
        **{"passed": run["passed"], "violated": violated, "unsure": run["unsure"]},
    }
    RECORD.parent.mkdir(exist_ok=True)
    with RECORD.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(look) + "\n")


def squeezed(page: Page) -> list[str]:
    """Titles that would be read letter by letter."""
    found: list[str] = page.evaluate(_SQUEEZED)
    return found


def wider(page: Page) -> list[str]:
    """What stands out of the window at its side."""
    found: list[str] = page.evaluate(_WIDER)
    return found


def speak(page: Page, language: str) -> None:
    """From the next load on. A page that was nowhere yet has its browser's language."""
    address = urlsplit(page.url)
    if not address.netloc:
        return
    origin = f"{address.scheme}://{address.netloc}"
    page.context.add_cookies([{"name": "alba_language", "value": language, "url": origin}])


def language_of(page: Page) -> str:
    """The one the page says it is in."""
    return str(page.evaluate("document.documentElement.lang"))


def violations_of(page: Page, only: list[str] | None = None) -> list[str]:
    """What axe finds by those rules, or by all."""
    return _told(page.evaluate(_RUN, only))


def _told(run: dict[str, Any]) -> list[str]:
    found: list[dict[str, Any]] = run["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}\n    " + "\n    ".join(one["where"]) for one in found
    ]
