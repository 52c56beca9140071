"""From nothing to an upgrade, by the documents, with real programs: `make real-run`, as root on Debian.

Into an empty folder: the version before is installed and set up for another user; behind nginx and PgBouncer (in
transaction mode), with PostgreSQL and Postfix, supporters write, letters go and come back, a worker is killed in the
middle; then a backup, the upgrade to this version, two workers under Celery with RabbitMQ killed in the middle, the
loss of the database and its return. It prints what programs print, and ends with 1 where something is not as it should
be. Nothing leaves the machine.

The version before is the commit before, or the one that is named: `python -m tests.real_run COMMIT`.
"""

from __future__ import annotations

import csv
import functools
import io
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import make_url

from actionmail.cli.platform import demo_walk, form_filling
from tests import debian, real_proxies
from tests.ports import free_port
from tests.postfix import Postfix, private_postfix
from tests.postgres import client_programs, postgres_server
from tests.servers import brokers

ROOT = Path(__file__).resolve().parent.parent
USER = "nobody"
HOST = "act.example.org"
PATIENCE = 900.0  # seconds after which something hangs; longer than the lease of a worker that was killed
_SUPPORTERS = 7  # each writes two letters
_MORE = 6  # while workers are under Celery; fewer letters in all than one legislator gets at once
NEEDED = ("nginx", "pgbouncer", "postfix", "openssl", "git", *real_proxies.NEEDED)
PYTHON = os.environ.get("ACTIONMAIL_TEST_PYTHON", "/usr/bin/python3")  # that USER may run


def say(title: str) -> None:
    print(f"\n== {title}", flush=True)


def shown(text: str, *only: str) -> None:
    for line in text.splitlines():
        if not only or re.search("|".join(only), line):
            print(f"   {line}", flush=True)


def until(what: str, is_so: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := is_so()):
        if time.monotonic() > end:
            raise SystemExit(f"This did not happen: {what}")
        time.sleep(0.2)
    return found


class Place:
    """The empty folder, and commands of what is installed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "actionmail.env"
        self.program = folder / "opt" / "bin" / "actionmail"
        for name in ("state", "backups", "units", "logs", "data"):
            (folder / name).mkdir()
        for name in ("state", "backups", "logs"):
            shutil.chown(folder / name, USER)

    def install(self, commit: str) -> None:
        source = self.folder / f"source-{commit[:12]}"
        source.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x"], cwd=source, input=archive, check=True)
        uv = shutil.which("uv") or str(ROOT / ".venv-tools" / "bin" / "uv")
        environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(self.folder / "opt")}
        command = [uv, "sync", "--quiet", "--frozen", "--no-dev", "--all-extras", "--no-editable"]
        command += ["--reinstall-package", "actionmail"]
        subprocess.run([*command, "--python", PYTHON], cwd=source, env=environment, check=True)
        shown(self.run("--version").stdout)

    def run(
        self,
        *arguments: str,
        as_user: str | None = USER,
        env: Mapping[str, str] | None = None,
        ok: tuple[int, ...] = (0,),
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(self.program), "--config", str(self.config), *arguments]
            if arguments[0] != "--version"
            else [str(self.program), "--version"],
            user=as_user,
            group=pwd.getpwnam(as_user).pw_gid if as_user else None,
            extra_groups=[] if as_user else None,
            cwd=self.folder,
            env={**_plain_environment(), **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in ok:
            raise SystemExit(
                f"actionmail {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done

    @contextmanager
    def running(self, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [str(self.program), "--config", str(self.config), *arguments],
                user=USER,
                group=pwd.getpwnam(USER).pw_gid,
                extra_groups=[],
                cwd=self.folder / "state",
                env=_plain_environment(),
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _plain_environment() -> dict[str, str]:
    return {"PATH": f"{client_programs()}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8", "HOME": "/nonexistent"}


@contextmanager
def pgbouncer(folder: Path, server_url: str, database: str) -> Iterator[int]:
    url, port = make_url(server_url), free_port()
    where = str(url.query.get("host") or url.host)
    owner = pwd.getpwuid(Path(where).stat().st_uid).pw_name if where.startswith("/") else USER
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n* = host={where} port={url.port or 5432} user={url.username}\n"
        "[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = any\npool_mode = transaction\nunix_socket_dir =\n"
        f"logfile = {folder}/logs/pgbouncer.log\nignore_startup_parameters = extra_float_digits\n"
    )
    (folder / "logs").chmod(0o777)
    process = subprocess.Popen(
        ["pgbouncer", "-q", "-u", owner, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until("PgBouncer listens", lambda: _listens(port))
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def nginx(folder: Path, block: str, port: int, web: int) -> Iterator[None]:
    """With the block as `setup` shows it: only ports and the certificate's place are this run's."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    block = block.replace("listen 443", f"listen 127.0.0.1:{port}").replace("    listen [::]:443 ssl;\n", "")
    block = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", str(certificate), block)
    block = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", str(key), block)
    block = block.replace("127.0.0.1:8000", f"127.0.0.1:{web}")
    temporary = "".join(
        f"{name}_temp_path {folder}/nginx-{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/logs/nginx.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{block}\n}}\n"
    )
    process = subprocess.Popen(
        ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], stderr=subprocess.DEVNULL
    )
    try:
        until("nginx listens", lambda: _listens(port))
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def behind_others(folder: Path, web: int) -> None:
    """Whichever of the four stands before the pages: who comes by TLS is believed to, and gets the safe cookie."""
    files = {"certificate": folder / "certificate.pem", "key": folder / "key.pem"}
    for proxy in real_proxies.OTHERS:
        port = free_port()
        with real_proxies.running(proxy, folder, HOST, port=port, web=web, **files):
            until(f"{proxy.name} listens", functools.partial(_listens, port))
            page = requests.get(f"https://{HOST}:{port}/campaigns/ab969", verify=str(files["certificate"]), timeout=60)
            assert page.status_code == 200, page.text
            assert "max-age" in page.headers["Strict-Transport-Security"]
            assert page.headers["Set-Cookie"].startswith("__Host-"), page.headers
        print(f"   the same behind {proxy.name.capitalize()}: {page.status_code}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def know_the_host(certificate: Path) -> None:
    """In this process the host's name leads to this machine, and its certificate is believed."""
    ask = socket.getaddrinfo

    def answered(host: Any, *arguments: Any, **named: Any) -> Any:
        return ask("127.0.0.1" if host == HOST else host, *arguments, **named)

    socket.getaddrinfo = answered  # type: ignore[assignment]

    class Session(requests.Session):
        def __init__(self) -> None:
            super().__init__()
            self.verify = str(certificate)

    form_filling.requests.Session = Session  # type: ignore[misc]


def some_legislators(folder: Path) -> None:
    """Those of Madison, with mailboxes at a server that refuses them all."""
    with (ROOT / "data" / "legislators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = [row for row in rows if row["state"] == "WI" and row["status"] == "sitting"] or [
        row for row in rows if row["state"] == "WI"
    ]
    for number, row in enumerate(chosen):
        row["email"] = f"office{number}@legis.example"
    with (folder / "legislators.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(chosen)
    shutil.copytree(ROOT / "data" / "campaigns", folder / "campaigns", copy_function=shutil.copyfile)
    (folder / "campaigns").chmod(0o755)
    for name in ("zip_districts.csv.gz", "first_days.csv", "new_maps.csv"):
        if (ROOT / "data" / name).is_file():
            shutil.copyfile(ROOT / "data" / name, folder / name)


def write(site: str, name: str, email: str) -> None:
    """Go through the real pages; what the walk tells of its choices is left out here."""
    with redirect_stdout(io.StringIO()):
        demo_walk.act(site, name, email)


def sent(postfix: Postfix) -> list[str]:
    """The Message-IDs that Postfix took, one for each time."""
    return re.findall(r"message-id=<(am\.[^>]+)>", postfix.log.read_text(errors="replace"))


def main() -> None:
    os.umask(0o022)  # the services' user reads what is made here
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    if lacking or os.geteuid() != 0:
        raise SystemExit(f"This wants root, and {', '.join(NEEDED)}; lacking: {', '.join(lacking) or 'root'}.")
    named = ["git", "rev-parse", *(sys.argv[1:2] or ["HEAD~1"]), "HEAD"]
    commits = subprocess.run(named, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="actionmail-real-")))
        folder.chmod(0o755)
        debian.unpack(brokers.RABBITMQ, *brokers.RABBITMQ_PACKAGES, also=brokers.is_erlang)
        server = stack.enter_context(postgres_server())
        postfix = stack.enter_context(private_postfix())
        lives(stack, Place(folder), server, postfix, commits)
    print("\nAll of it went as the documents say.")


def lives(stack: ExitStack, place: Place, server: Any, postfix: Postfix, commits: list[str]) -> None:
    folder, port, web = place.folder, free_port(), free_port()
    site = f"https://{HOST}:{port}"
    some_legislators(folder / "data")
    direct = stack.enter_context(server.empty_database())
    name = make_url(direct).database
    pooled = stack.enter_context(pgbouncer(folder, direct, name))
    pooled_url = f"postgresql://anybody@127.0.0.1:{pooled}/{name}?prepared=off"
    (folder / "metrics").mkdir()
    shutil.chown(folder / "metrics", USER)

    say(f"Install the version before ({commits[0][:12]}) into an empty folder")
    place.install(commits[0])

    say("Set it up, as root for another user")
    options = [
        *("--database-url", pooled_url, "--base-url", site, "--from-address", "letters@act.example.org"),
        *("--smtp-url", f"smtp://127.0.0.1:{postfix.port}", "--organisation", "Example Org", "--user", USER),
        *("--set", f"ACTIONMAIL_DATA_DIR={folder}/data", "--set", f"ACTIONMAIL_METRICS_DIR={folder}/metrics"),
        *("--set", "ACTIONMAIL_LOOPBACK_ONLY=1", "--set", "ACTIONMAIL_UNDO_SECONDS=0"),
        *("--set", "ACTIONMAIL_ASK_HOUR=0"),  # all come from this machine
        *("--units", str(folder / "units"), "--admin", "ada@example.org"),
    ]
    told = place.run("setup", *options, as_user=None).stdout
    shown(told, "^[A-Z][a-z]+ +[^ ]", "legislators", "systemctl")
    block = told.partition("(nginx.conf)\n")[2].partition("\nThen, as root")[0]
    again = place.run("setup", "--user", USER, "--units", str(folder / "units"), as_user=None).stdout
    assert again.count("stays as it is") == 1, again
    place.run("campaigns", "load", "--samples", "--live")

    say("nginx with the lines that it showed; pages and two workers")
    stack.enter_context(nginx(folder, block, port, web))
    know_the_host(folder / "certificate.pem")
    serve = ("serve", "--bind", f"127.0.0.1:{web}")
    pages = ExitStack()
    stack.callback(pages.close)
    pages.enter_context(place.running("serve", *serve))
    until("pages are served", lambda: _status(f"{site}/readyz", folder) == 200)
    print(f"   {site}/readyz: 200")
    behind_others(folder, web)
    workers = ExitStack()
    stack.callback(workers.close)
    first = workers.enter_context(place.running("worker-1", "worker"))
    workers.enter_context(place.running("worker-2", "worker"))

    say("Letters through two workers, one of them killed in the middle; nothing lost, none twice")
    for number in range(_SUPPORTERS):
        write(site, f"Tou Example {number}", f"tou{number}@example.org")
        if number == _SUPPORTERS // 2:
            first.send_signal(signal.SIGKILL)
    until("all letters have gone", lambda: len(set(sent(postfix))) >= 2 * _SUPPORTERS)
    taken = sent(postfix)
    print(f"   {len(taken)} letters taken by Postfix, {len(set(taken))} of them different; killed: worker 1")
    assert len(taken) == len(set(taken)) == 2 * _SUPPORTERS, taken

    say("They come back, since the office's server knows nobody")
    postfix.arrived(postfix.returns)
    until("returned letters are read", lambda: _returned(place, postfix) >= 2 * _SUPPORTERS)
    shown(place.run("queue", "status").stdout)

    say("Doctor")
    shown(place.run("doctor", ok=(0, 3)).stdout)

    say("Its metrics")
    shown(
        place.run("metrics", "--once").stdout,
        r"^actionmail_(handovers_total|due|open|database|http_requests_total.*303)",
    )

    say("Backup (to PostgreSQL itself, not through PgBouncer)")
    socket_url = {"ACTIONMAIL_DATABASE_URL": direct}
    shown(place.run("backup", str(folder / "backups"), as_user=None, env=socket_url).stdout)

    say(f"Upgrade to this version ({commits[1][:12]})")
    workers.close()
    pages.close()
    place.install(commits[1])
    shown(place.run("migrate", "--check", ok=(0, 3)).stdout)
    place.run("migrate")
    stack.enter_context(place.running("serve", *serve))
    until("pages are served", lambda: _status(f"{site}/readyz", folder) == 200)
    write(site, "Xee Example", "xee@example.org")
    shown(place.run("worker", "--once").stdout)
    shown(place.run("queue", "status").stdout)

    under_celery(place, postfix, site)

    say("The database is lost, and comes back into an empty one")
    (backup,) = (folder / "backups").iterdir()
    other = stack.enter_context(server.empty_database())
    shown(
        place.run(
            "restore", str(backup), "--erased-in", direct, as_user=None, env={"ACTIONMAIL_DATABASE_URL": other}
        ).stdout
    )
    shown(place.run("audit", "verify", as_user=None, env={"ACTIONMAIL_DATABASE_URL": other}).stdout)


def under_celery(place: Place, postfix: Postfix, site: str) -> None:
    """What was stopped, since letters came back, is let go before."""
    say("Two workers under Celery, and RabbitMQ killed in the middle; nothing lost, none twice")
    for option in re.findall(r"^paused: (--\w+ \d+),", place.run("queue", "status").stdout, re.MULTILINE):
        place.run("queue", "resume", *option.split())
    with ExitStack() as running:
        broker = running.enter_context(brokers.private_rabbitmq())
        secret = place.folder / "broker"
        secret.write_text(broker.url)
        shutil.chown(secret, USER)
        place.run("setup", "--user", USER, "--set", f"ACTIONMAIL_BROKER_URL_FILE={secret}", as_user=None)
        for name in ("celery-1", "celery-2"):
            running.enter_context(place.running(name, "worker", "--celery"))
        running.enter_context(place.running("wake", "wake"))
        for number in range(_MORE // 2):
            write(site, f"Mai Example {number}", f"mai{number}@example.org")
        with broker.away():
            for number in range(_MORE // 2, _MORE):
                write(site, f"Mai Example {number}", f"mai{number}@example.org")
        count = 2 * (_SUPPORTERS + 1 + _MORE)
        until("all letters have gone", lambda: len(set(sent(postfix))) >= count)
        logs = [place.folder / "logs" / f"{name}.log" for name in ("celery-1", "celery-2", "wake")]
        until("all are back", lambda: all(re.search("is back|woken again", log.read_text()) for log in logs))
        shown(place.run("doctor", ok=(0, 3)).stdout, "broker")
    for log in logs:
        shown(log.read_text(), "claimed", "broker", "woken")
    taken = sent(postfix)
    print(f"   {len(taken)} letters taken by Postfix, {len(set(taken))} of them different; killed: RabbitMQ")
    assert len(taken) == len(set(taken)) == count, taken


def _status(url: str, folder: Path) -> int:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, verify=str(folder / "certificate.pem"), timeout=PATIENCE).status_code
        except requests.RequestException:
            return 0


def _returned(place: Place, postfix: Postfix) -> int:
    done = place.run("inbound", "--maildir", str(postfix.returns), ok=(0, 75))
    shown(done.stdout)
    postfix_box = [*(postfix.returns / "cur").iterdir()]
    return len(postfix_box)


if __name__ == "__main__":
    sys.exit(main())
