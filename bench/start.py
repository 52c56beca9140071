"""One fresh start of the web application, in processor seconds: `python -m bench.start` prints it as JSON."""

from __future__ import annotations

import gc
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

BASE = "http://127.0.0.1:8000"
STREET = {"zip": "53703", "state": "WI", "street": "2 E Main St"}


@dataclass(frozen=True, kw_only=True)
class Start:
    """Processor seconds: of a whole process until it can answer, its parts, and the first request of each kind."""

    process: float  # Python itself, the imports, and `create_app`
    imports: float
    create_app: float  # with all tables
    first_page: float
    first_zip: float
    first_street: float  # reads the boundaries of the state's two houses
    street: float


def main() -> None:
    begun = time.process_time()
    gc.disable()  # as wsgi.py does
    from actionmail.app import create_app
    from actionmail.db.engine import Database
    from actionmail.settings import Settings

    imported = time.process_time()
    from tests.gateways.census_server import document, match

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/actionmail.sqlite3"
        Database(url).upgrade()
        answers = Path(folder) / "answers.json"
        answers.write_text(json.dumps({"2 E Main St, WI 53703": document(match())}))
        settings = Settings(
            database_url=url,
            secret_key="x" * 40,
            base_url=BASE,
            from_address="letters@act.example.org",
            geocoder_url=f"file://{answers}",
        )
        before = time.process_time()
        client = create_app(settings).test_client()
        created = time.process_time()
        gc.freeze()
        gc.enable()

        def asked(path: str, question: dict[str, str] | None = None) -> float:
            begun = time.process_time()
            answer = client.get(path, base_url=BASE, query_string=question)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code}")
            return time.process_time() - begun

        start = Start(
            process=imported + created - before,  # process_time counts from the birth of the process
            imports=imported - begun,
            create_app=created - before,
            first_page=asked("/"),
            first_zip=asked("/api/v1/lookup", {"zip": "53703"}),
            first_street=asked("/api/v1/lookup", STREET),
            street=asked("/api/v1/lookup", STREET),
        )
    json.dump(asdict(start), sys.stdout)


if __name__ == "__main__":
    main()
