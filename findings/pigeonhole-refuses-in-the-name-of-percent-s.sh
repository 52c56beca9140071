#!/usr/bin/env bash
# A letter that a legislator's Sieve script refuses comes back as "deleted", from "%s".
#
# dovecot-sieve 1:2.3.19.1+dfsg1-2.1+deb12u7 (Pigeonhole 0.5.19; needs Debian 12 on amd64 and its lists of packages); flufl.bounce 6.0.0;
# run on 2026-11-30.
# Guess: `reject` sends a report on delivery (RFC 3464) that has failed, with 5.7.1, and libraries that read these know it.
# Seen:  a report of the reader's side (RFC 8098), as RFC 5429 wants, so there is no status: the letter was "deleted", "automatically", which is also
#        what a mailbox says of a letter that was thrown away unread. Its Reporting-UA begins with "%s;": a format that was never filled in.
#        flufl.bounce takes it for a failure for good. The words for the reason are in its first part alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -qq dovecot-sieve=1:2.3.19.1+dfsg1-2.1+deb12u7 dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 libexttextcat-2.0-0 libsodium23 \
    liblua5.3-0 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check flufl.bounce==6.0.0
mkdir -m 777 home
cat >home/refuse.sieve <<'SIEVE'
require "reject";
reject "Only constituents, please.";
SIEVE
cat >home/letter.eml <<'LETTER'
From: Pat Smith via Org <letters@example.org>
To: rep@example.com
Subject: AB 969
Message-ID: <1.ab969@example.org>
Date: Mon, 30 Nov 2026 12:00:00 +0000

Please vote no.
LETTER
DOVECONF_ENV=1 HOME="$folder/home" MAIL_LOCATION="maildir:$folder/home/mail" MAIL_UID=65534 MAIL_GID=65534 FIRST_VALID_UID=1 \
    BASE_DIR="$folder/home" STATE_DIR="$folder/home" HOSTNAME=mail.example.com \
    LD_LIBRARY_PATH="$folder/root/usr/lib/dovecot:$folder/root/usr/lib/x86_64-linux-gnu" \
    root/usr/bin/sieve-test -e -f bounces@example.org -r rep@example.com -a rep@example.com home/refuse.sieve home/letter.eml >seen 2>&1 || (cat seen; exit 1)
sed -n '/^X-Sieve:/,/^sieve-test/p' seen | sed '$d' >report.eml
cat >read.py <<'PYTHON'
import email

from flufl.bounce import all_failures

report = email.message_from_file(open("report.eml"))
words, receipt, copy = report.get_payload()
(fields,) = receipt.get_payload()
print("From:", report["From"], "|", report["Subject"], "|", report.get_param("report-type"))
print(fields)
print("flufl.bounce (for now, for good):", *all_failures(report))
assert report.get_param("report-type") == "disposition-notification"
assert fields["Disposition"] == "automatic-action/MDN-sent-automatically; deleted"
assert fields["Reporting-UA"].startswith("%s; Dovecot")
assert "constituents" in words.get_payload() and "constituents" not in str(fields)
assert all_failures(report) == (frozenset(), frozenset({b"rep@example.com"}))
PYTHON
venv/bin/python read.py
