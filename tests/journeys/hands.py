"""How a person works a page: by pointing, or by the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

_STOPS = 250  # Tab presses after which a control counts as out of reach


class Pointing:
    """Clicks, taps and types."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, control: Locator) -> None:
        """A button, a link, or what opens and closes a part of the page."""
        control.click()

    def write(self, field: Locator, text: str) -> None:
        """In place of what stands there."""
        field.fill(text)

    def tick(self, box: Locator, *, on: bool = True) -> None:
        box.set_checked(on)

    def pick(self, radio: Locator) -> None:
        radio.check()

    def choose(self, field: Locator, label: str) -> None:
        """One of a list, by its words."""
        field.select_option(label=label)


class Keyboard(Pointing):
    """Tab, Enter, the space bar, arrows and letters: no mouse."""

    def press(self, control: Locator) -> None:
        self._reach(control)
        self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def tick(self, box: Locator, *, on: bool = True) -> None:
        self._reach(box)
        if box.is_checked() != on:
            self.page.keyboard.press("Space")

    def pick(self, radio: Locator) -> None:
        group = radio.get_attribute("name")
        self._tab_until(lambda: self.page.evaluate("document.activeElement.name") == group, str(radio))
        if not radio.is_checked():
            self.page.keyboard.press("Space")
        for _ in range(20):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {radio}")

    def choose(self, field: Locator, label: str) -> None:
        self._reach(field)
        self.page.keyboard.type(label)
        chosen = field.evaluate("list => list.selectedOptions[0].label")
        assert chosen == label, f"typing {label!r} chose {chosen!r}"

    def _reach(self, control: Locator) -> None:
        control.wait_for()
        element = control.element_handle()  # found once, not anew at every stop
        self._tab_until(lambda: element.evaluate("one => one === document.activeElement"), str(control))

    def _tab_until(self, reached: object, what: str) -> None:
        assert callable(reached)
        for _ in range(_STOPS):
            if reached():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{_STOPS} times Tab do not lead to {what}")
