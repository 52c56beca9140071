"""Campaign staff write: a campaign with its letters is one TOML file, loaded as a whole or refused with the place.

Loading the same file again changes nothing. A changed letter is a new version, and the last one is retired; a letter
that is no longer in the file is retired too. Actions keep pointing at the version that they were written from.

A campaign's status is in the hands of people: a file gives it only to a campaign that is new, so that no file opens
again what somebody paused. No campaign is live or scheduled with a fault in its render matrix: publishing it, and
changing such a one, is refused. A scheduled campaign opens by itself: whoever comes first once its time is there, a
visitor of its page or the worker, has `open_due` look at it again and open it.
"""
