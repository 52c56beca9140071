"""What nobody should type into a letter, with a word that the refusal says."""

from __future__ import annotations

from collections.abc import Callable

BOMBS: dict[str, tuple[str, str]] = {
    "expression": ("One.\n{{ 'x'*10**9 }}", "Line 2"),
    "nested": ("{% if city %}" * 1000 + "x" + "{% endif %}" * 1000, "Line 1"),
    "open nest": ("{% if city %}" * 1500, "Line 1"),
    "loop": ("{% for x in range(10**9) %}{{ x }}{% endfor %}", "Line 1"),
    "macro": ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "Line 1"),
    "filter": ("One.\n\n{{ bill|center(10**9) }}", "Line 3"),
    "attribute": ("{{ bill.__class__.__mro__ }}", "Line 1"),
    "set": ("{% set x = bill %}", "Line 1"),
    "include": ("{% include '/etc/passwd' %}", "Line 1"),
    "comment": ("{# a #}", "Line 1"),
    "braces": ("{{" * 9_000, "Line 1"),
    "unclosed": ("{{ bill", "Line 1"),
    "long": ("x" * 30_000, "Line 1"),
    "long name": ("{{ " + "a" * 15_000 + " }}", "Line 1"),
    "nul": ("Dear\x00", "U+0000"),
    "escape": ("\x1b[2J", "U+001B"),
    "right to left": ("Pay \u202egnp.exe", "U+202E"),
    "mark": ("A\u202d\u05d0B", "U+202D"),
    "html": ("One.\nTwo <b>bold</b>.", "Line 2, column 5"),
    "script": ("<script>alert(1)</script>", "is HTML"),
    "image": ("<IMG SRC=x onerror=alert(1)>", "is HTML"),
}
# What word processors paste is no mistake.
PASTED = "I say \u201cno\u201d \u2013 it\u2019s\u00a0wrong\u202f\u2026 and 3 < 5 > 2, a <- b."
HEADERS = ("Subject: {{ bill }}", "Bcc: all@example.org", "Hello {{ bill }}\nBcc: all@example.org", "content-type : x")
# The same at any length, for measuring how the time grows with it. `MAX_SOURCE` characters are taken at most.
GROWING: dict[str, Callable[[int], str]] = {
    "nested": lambda size: "{% if city %}" * (size // 24) + "x" + "{% endif %}" * (size // 24),
    "open nest": lambda size: "{% if city %}" * (size // 13),
    "fields": lambda size: "{{ bill }}" * (size // 10),
    "open fields": lambda size: "{{ " * (size // 3),
    "braces": lambda size: "{{" * (size // 2),
    "spaces in a block": lambda size: "{%" + " " * (size - 2),
    "long": lambda size: "x" * size,
    "long name": lambda size: "{{ " + "a" * (size - 6) + " }}",
    "underscores": lambda size: "_" * size,
    "brackets": lambda size: "[" * size,
    "angles": lambda size: "<" * size,
    "comments": lambda size: "<!-" * (size // 3),
    "spaces": lambda size: "x" + " " * (size - 2) + "x",
    "empty lines": lambda size: "x" + "\n" * (size - 2) + "x",
}
