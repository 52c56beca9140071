"""`python -m bench.seed sqlite:///big.sqlite3 1000000`: a send log of that size, with a past, in an empty database."""

from __future__ import annotations

import click
from sqlalchemy import select

from actionmail.db.engine import Database
from actionmail.db.messages import Message
from bench.queue import APART, fill_history, fill_log, fill_texts


@click.command()
@click.argument("url")
@click.argument("letters", type=click.IntRange(1, 20_000_000))
@click.option("--searchable", type=click.IntRange(0), help="So many of the newest can be searched; else all.")
@click.option("--texts", is_flag=True, help="With short texts, which the letters have none of otherwise.")
def seed(url: str, letters: int, searchable: int | None, texts: bool) -> None:
    """Fill the database at URL with this many made-up LETTERS. One that holds letters already is left alone."""
    database = Database(url)
    database.upgrade()
    with database.read() as session:
        if session.scalar(select(Message.id).limit(1)) is not None:
            raise click.ClickException("There are letters in this database: seed an empty one.")
    wanted = letters if searchable is None else min(searchable, letters)
    with click.progressbar(length=letters + letters * texts + wanted, label="Letters, then the search") as bar:
        fill_log(database, letters, apart=APART, done=bar.update)
        if texts:
            fill_texts(database, letters, done=bar.update)
        fill_history(database, searchable=wanted, done=bar.update)
    click.echo(f"{letters:,} letters, of which {wanted:,} can be searched.")


if __name__ == "__main__":
    seed()
