"""How fast, how frugal, and next to what. `make bench`, or `make bench FULL=1`; see docs/scaling.md."""
