"""How a person works a page: by pointing, or by the keyboard alone; and what it takes them."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

_STOPS = 250  # Tab presses after which a control counts as out of reach
# 40 words a minute, of five characters each (MacKenzie and Soukoreff 2002); pointing at a thing and pressing it takes
# 1.1 and 0.2 seconds (the Keystroke-Level Model: Card, Moran and Newell 1980). Reading is not counted.
_KEY_SECONDS = 60 / (40 * 5)
_CLICK_SECONDS = 1.3


class Pointing:
    """Clicks, taps and types."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = self.clicks = self.pages = 0
        page.on("domcontentloaded", self._turn_page)

    def told(self) -> str:
        """What was pressed so far, on how many pages, and how long a practised hand takes for it."""
        seconds = self.keys * _KEY_SECONDS + self.clicks * _CLICK_SECONDS
        counts = f"{self.keys} keys, {self.clicks} clicks, {self.pages} pages"
        return f"{counts}, {seconds:.0f} seconds at 40 words a minute"

    def press(self, control: Locator) -> None:
        """A button, a link, or what opens and closes a part of the page."""
        self.clicks += 1
        control.click()

    def skip(self, link: Locator) -> None:
        """To a place further down, which the eye finds by itself."""

    def write(self, field: Locator, text: str) -> None:
        """In place of what stands there."""
        self.clicks += 1
        self.keys += len(text)
        field.fill(text)

    def send(self, button: Locator) -> None:
        """The form whose last text field was written in."""
        self.press(button)

    def tick(self, box: Locator, *, on: bool = True) -> None:
        self.clicks += 1
        box.set_checked(on)

    def pick(self, radio: Locator) -> None:
        self.clicks += 1
        radio.check()

    def choose(self, field: Locator, label: str) -> None:
        """One of a list, by its words."""
        self.clicks += 2
        field.select_option(label=label)

    def _turn_page(self, _page: Page) -> None:
        self.pages += 1


class Keyboard(Pointing):
    """Tab, Enter, the space bar, arrows and letters: no mouse."""

    def press(self, control: Locator) -> None:
        self._reach(control)
        self._key("Enter")

    def skip(self, link: Locator) -> None:
        self.press(link)

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        if field.input_value():
            self._key("ControlOrMeta+A")
        self.keys += len(text)
        self.page.keyboard.insert_text(text)

    def send(self, button: Locator) -> None:
        """Enter in a field is the form's button."""
        button.wait_for()
        self._key("Enter")

    def tick(self, box: Locator, *, on: bool = True) -> None:
        self._reach(box)
        if box.is_checked() != on:
            self._key("Space")

    def pick(self, radio: Locator) -> None:
        group = radio.get_attribute("name")
        self._tab_until(lambda: self.page.evaluate("document.activeElement.name") == group, str(radio))
        for _ in range(20):
            if radio.is_checked():
                return
            self._key("Space" if radio.evaluate("one => one === document.activeElement") else "ArrowDown")
        raise AssertionError(f"no arrow leads to {radio}")

    def choose(self, field: Locator, label: str) -> None:
        self._reach(field)
        self.keys += len(label)
        self.page.keyboard.type(label)
        chosen = field.evaluate("list => list.selectedOptions[0].label")
        assert chosen == label, f"typing {label!r} chose {chosen!r}"

    def _key(self, name: str) -> None:
        self.keys += 1
        self.page.keyboard.press(name)

    def _reach(self, control: Locator) -> None:
        control.wait_for()
        element = control.element_handle()  # found once, not anew at every stop
        here = (
            "one => one === document.activeElement && document.hasFocus()"  # a frame has an active element of its own
        )
        self._tab_until(lambda: element.evaluate(here), str(control))

    def _tab_until(self, reached: object, what: str) -> None:
        assert callable(reached)
        for _ in range(_STOPS):
            if reached():
                return
            self._key("Tab")
        raise AssertionError(f"{_STOPS} times Tab do not lead to {what}")
