#!/usr/bin/env bash
# Sorting a list of supporters turns April, May and June into dates, flat 2D into two days, and rubs out Mr. Na.
#
# csvkit 2.2.0 with agate 1.14.2; run on 2026-11-29.
# Guess: `csvsort -c id` puts the rows of a file in another order; at worst a ZIP code loses its zero, as elsewhere.
# Seen:  every column is guessed at. First names that are months become days of the year 1; flats 1D, 2D, 3D lengths of time;
#        middle initials T and F true and false; the family names Na and None, in any case of letters, become empty. All is
#        written to the new file, nothing is said. One name that is no month spares the column of names. `--no-inference` keeps
#        all but Na and None, which want `--blanks` too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check csvkit==2.2.0 agate==1.14.2
cd "$folder"
cat >list.csv <<'CSV'
id,first,middle,last,flat
3,April,T,Na,1D
1,May,F,Vang,2D
2,June,T,None,3D
CSV
sed 's/^2,June/2,Ana/' list.csv >other.csv
{
    venv/bin/csvsort -c id list.csv
    venv/bin/csvsort -c id other.csv
    venv/bin/csvsort -c id --no-inference list.csv
    venv/bin/csvsort -c id --no-inference --blanks list.csv
} | tee -a /dev/stderr >seen
diff seen - <<'SEEN'
id,first,middle,last,flat
1,0001-05-01,False,Vang,"2 days, 0:00:00"
2,0001-06-01,True,,"3 days, 0:00:00"
3,0001-04-01,True,,"1 day, 0:00:00"
id,first,middle,last,flat
1,May,False,Vang,"2 days, 0:00:00"
2,Ana,True,,"3 days, 0:00:00"
3,April,True,,"1 day, 0:00:00"
id,first,middle,last,flat
1,May,F,Vang,2D
2,June,T,,3D
3,April,T,,1D
id,first,middle,last,flat
1,May,F,Vang,2D
2,June,T,None,3D
3,April,T,Na,1D
SEEN
