"""The user whom the services run as, and the files that are theirs."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from pwd import getpwnam, getpwuid, struct_passwd

import click

from actionmail.cli.platform.owners_file import owners_file

SERVICE_USER = "actionmail"


def service_user(name: str | None) -> tuple[struct_passwd, list[str]]:
    """Whom the services run as; who runs this where that is not possible, and why not."""
    me = getpwuid(os.geteuid())
    name = name or (SERVICE_USER if me.pw_uid == 0 else me.pw_name)
    try:
        wanted = getpwnam(name)
    except KeyError:
        return me, [
            f"There is no user {name} for the services: adduser --system --group --home /var/lib/{name} {name}; or "
            "name another one with --user."
        ]
    if me.pw_uid not in {0, wanted.pw_uid}:
        return me, [f"Only root can make an installation for {name}; you are {me.pw_name}."]
    if me.pw_uid != wanted.pw_uid and not can_run(wanted):
        return me, [
            f"{name} cannot run {sys.executable}: install ActionMail, and the Python below it, where every user may "
            "read, such as in /opt; not in the home of root."
        ]
    return wanted, []


def can_run(user: struct_passwd) -> bool:
    """Whether what this process loaded is there for that user too."""
    command = [sys.executable, "-c", "import configparser, actionmail"]
    try:
        done = subprocess.run(  # noqa: S603
            command, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def write_for(user: struct_passwd, file: Path, text: str, *, is_same: bool) -> None:
    """For nobody but the services' user to read; as it was where others could not read it either."""
    old = file.stat() if file.exists() else None
    is_theirs = old is not None and not old.st_mode & stat.S_IROTH and _may_read(old, user)
    if is_same and is_theirs:
        click.echo(f"Settings    {file} stays as it is.")
        return
    try:
        with owners_file(file) as stream:
            if is_theirs and old is not None:
                os.fchmod(stream.fileno(), stat.S_IMODE(old.st_mode))
            if os.geteuid() == 0:
                os.fchown(stream.fileno(), *_owner(old if is_theirs else None, user))
            stream.write(text.encode())
    except OSError as error:
        raise click.ClickException(f"The settings cannot be written to {file}: {error.strerror}.") from None
    click.echo(f"Settings    {file} written, for {user.pw_name} to read.")


def _owner(old: os.stat_result | None, user: struct_passwd) -> tuple[int, int]:
    return (old.st_uid, old.st_gid) if old is not None else (user.pw_uid, user.pw_gid)


def _may_read(file: os.stat_result, user: struct_passwd) -> bool:
    if file.st_uid == user.pw_uid:
        return bool(file.st_mode & stat.S_IRUSR)
    in_group = file.st_gid in os.getgrouplist(user.pw_name, user.pw_gid)
    return user.pw_uid == 0 or (in_group and bool(file.st_mode & stat.S_IRGRP))


def become(user: struct_passwd) -> None:
    """From here on the files that are made are the services'."""
    if os.geteuid() != user.pw_uid:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.environ["HOME"] = user.pw_dir
