"""ActionMail: a supporter writes to their own legislators in two minutes."""

__version__ = "0.1.0"
