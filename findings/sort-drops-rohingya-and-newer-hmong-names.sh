#!/usr/bin/env bash
# `sort -u` keeps one name of a list in Rohingya or in the newer Hmong letters, and `comm` finds all of them in any other list.
#
# GNU sort and comm with the C library 2.36 of Debian 12 and its locales 2.36-9+deb12u14 (and its lists of packages); run on 2026-11-30.
# Guess: in en_US.UTF-8 letters that the order of the alphabet does not know stand at its end, and are different all the same.
# Seen:  letters that came into Unicode after its version 9 (Hanifi Rohingya, Nyiakeng Puachue Hmong) weigh nothing: two words of as many of them are
#        equal, and `sort -u` drops all but one, `comm -12` says that lists without a common line have one. Lao, Pahawh Hmong, Adlam and S'gaw Karen
#        are kept, and so is everything with LC_ALL=C.UTF-8. `uniq` keeps them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq locales=2.36-9+deb12u14 2>/dev/null
dpkg -x locales_*.deb root
I18NPATH=root/usr/share/i18n localedef -i en_US -f UTF-8 ./en_US.UTF-8
export LOCPATH="$folder"
printf '%s\n' 𐴀𐴞 𐴁𐴞 𐴂𐴠 𐴃𐴡 >rohingya
printf '%s\n' 𞄀𞄦 𞄁𞄦 𞄂𞄦 𞄃𞄧 >newer-hmong
printf '%s\n' 𖬀𖬶 𖬁𖬶 𖬂𖬲 𖬃𖬲 >pahawh-hmong
printf '%s\n' 𞤀𞤣 𞤁𞤢 𞤂𞤣 𞤃𞤢 >adlam
printf '%s\n' ກິນ ກີນ ກຶນ ກື >lao
printf '%s\n' ကၠ ကၢ ကၣ ကၤ >karen
for script in rohingya newer-hmong pahawh-hmong adlam lao karen; do
    head -1 $script >one
    tail -1 $script >other
    for locale in en_US.UTF-8 C.UTF-8; do
        echo "$script $locale: $(LC_ALL=$locale sort -u $script | wc -l) of 4, $(LC_ALL=$locale comm -12 one other | wc -l) in both"
    done
done | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
rohingya en_US.UTF-8: 1 of 4, 1 in both
rohingya C.UTF-8: 4 of 4, 0 in both
newer-hmong en_US.UTF-8: 1 of 4, 1 in both
newer-hmong C.UTF-8: 4 of 4, 0 in both
pahawh-hmong en_US.UTF-8: 4 of 4, 0 in both
pahawh-hmong C.UTF-8: 4 of 4, 0 in both
adlam en_US.UTF-8: 4 of 4, 0 in both
adlam C.UTF-8: 4 of 4, 0 in both
lao en_US.UTF-8: 4 of 4, 0 in both
lao C.UTF-8: 4 of 4, 0 in both
karen en_US.UTF-8: 4 of 4, 0 in both
karen C.UTF-8: 4 of 4, 0 in both
SEEN
