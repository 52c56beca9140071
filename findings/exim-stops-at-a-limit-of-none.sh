#!/usr/bin/env bash
# "No limit" for connections from one host, said beside "no limit" for all, and no part of Exim runs any more.
#
# exim4-daemon-light and exim4-base 4.96-15+deb12u11 (need Debian 12 on amd64, its lists of packages, and root, for a folder as its root directory);
# run on 2026-12-01.
# Guess: `smtp_accept_max_per_host = 0` says what is so without it. The manual has "the option's default value of zero imposes no limit", and wants
#        smtp_accept_max to be set where this one is "greater than zero".
# Seen:  with `smtp_accept_max = 0` (no limit either) every command ends with a configuration error, also those that listen nowhere: letters handed over
#        on the machine by `exim -bs`, and `-bV`. The option is a text, expanded for each connection, and counts as set whatever it says; smtp_accept_queue,
#        named in the same error, is a number, and may be 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
mkdir packages
(cd packages && apt-get download -qq exim4-daemon-light=4.96-15+deb12u11 exim4-base=4.96-15+deb12u11 libc6 libcom-err2 libcrypt1 libdb5.3 libevent-2.1-7 \
    libffi8 libgcc-s1 libgmp10 libgnutls-dane0 libgnutls30 libgssapi-krb5-2 libhogweed6 libidn12 libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 \
    libnettle8 libnsl2 libp11-kit0 libpcre2-8-0 libssl3 libtasn1-6 libtirpc3 libunbound8 libunistring2 2>/dev/null)
for package in packages/*.deb; do dpkg -x "$package" root; done
echo root:x:0:0::/root:/bin/false >root/etc/passwd
echo Debian-exim:x:64901:64901::/var/spool/exim4:/bin/false >>root/etc/passwd
printf 'root:x:0:\nDebian-exim:x:64901:\n' >root/etc/group
mkdir -p root/dev root/run root/tmp root/var/spool/exim4 root/var/log/exim4
mknod -m 666 root/dev/null c 1 3
chown 64901:64901 root/var/spool/exim4 root/var/log/exim4
exim() { chroot root /usr/sbin/exim4 -C /etc/exim.conf "$@"; }
with() {
    printf '%s\n' 'primary_hostname = mail.example.org' 'keep_environment =' 'spool_directory = /var/spool/exim4' \
        'log_file_path = /var/log/exim4/%slog' "$@" >root/etc/exim.conf
    echo "${*:-neither}:"
    exim -bV >words 2>&1 && echo "-bV ends with 0" || echo "-bV ends with $?"
    printf 'HELO client.example\r\nQUIT\r\n' | exim -bs >talk 2>>words || true
    echo "-bs says $(grep -o ^220 talk || echo nothing)"
    sed -n 's/^ *\(smtp_accept_max must .*\)/\1/p' words | sort -u
}
zcat root/usr/share/doc/exim4-base/spec.txt.gz | tr -s '\n ' ' ' | grep -o "The option's default value of zero imposes no limit\. If this option is set greater than zero, it is required that smtp_accept_max be non-zero\."
{
    with
    with 'smtp_accept_max_per_host = 0'
    with 'smtp_accept_max = 0'
    with 'smtp_accept_max = 0' 'smtp_accept_queue = 0'
    with 'smtp_accept_max = 0' 'smtp_accept_max_per_host = 0'
} | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
neither:
-bV ends with 0
-bs says 220
smtp_accept_max_per_host = 0:
-bV ends with 0
-bs says 220
smtp_accept_max = 0:
-bV ends with 0
-bs says 220
smtp_accept_max = 0 smtp_accept_queue = 0:
-bV ends with 0
-bs says 220
smtp_accept_max = 0 smtp_accept_max_per_host = 0:
-bV ends with 1
-bs says nothing
smtp_accept_max must be set if smtp_accept_queue or smtp_accept_max_per_host is set
SEEN
