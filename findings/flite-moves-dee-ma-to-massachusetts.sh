#!/usr/bin/env bash
# A free voice reads "Dee Ma voted no" as "Dee Massachusetts voted no", and "Tell Me how to vote" as "Tell Maine how to vote".
#
# flite 2.2-5 (needs Debian 12 on amd64 and its lists of packages), in which WebKitGTK's pages, Speech Dispatcher, BRLTTY and Qt can speak;
# run on 2026-12-01.
# Guess: "MA" before a ZIP code is Massachusetts; "Ma", "La" and "Mo" behind a first name are surnames, as Chinese and Vietnamese ones are.
# Seen:  what abbreviates a state's name in any way (Ma, La, Mo, Pa, Al, Me) is the state as soon as the word before it has a capital and more than
#        two letters, and a small letter, a ZIP code or nothing comes behind: after a first name, after "Senator", and in a heading. Before another
#        capital, or behind "Ms.", it is read as it stands.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq flite=2.2-5 libflite1=2.2-5 libasound2 2>/dev/null
for package in *.deb; do dpkg -x "$package" root; done
cat >sentences <<'SENTENCES'
Dee Ma voted no.
Thank you, Mai La.
Representative Mo spoke.
Mai Pa wrote to us.
Senator Al spoke.
Tell Me how to vote
Dee Ma Xiong voted no.
Mo Vang voted no.
Ms. Ma voted no.
SENTENCES
while read -r sentence; do
    LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu" root/usr/bin/flite -pw -t "$sentence" none | sed 's/ *$//'
done <sentences | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
dee massachusetts voted no
thank you mai louisiana
representative missouri spoke
mai pennsylvania wrote to us
senator alabama spoke
tell maine how to vote
dee ma xiong voted no
mo vang voted no
m s ma voted no
SEEN
