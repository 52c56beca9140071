#!/usr/bin/env bash
# On a Hmong page one signature is counted in English, unless the server, or the reader's browser, speaks Vietnamese.
#
# i18next 26.7.2 (npm), on Intl.PluralRules of Node.js 20 (ICU); run on 2026-12-01.
# Guess: Hmong has one form for every number, as Lao has, so its catalogue has `_other` alone, and that is used.
# Seen:  ICU has plural rules for Green Hmong (hnj), and not for White Hmong (mww) or Hmong (hmn): there Intl takes those of the language of the machine
#        (ECMA-402 lets it), and i18next asks it which key to take. In English that is `_one` for 1, and where it is not there the whole
#        sentence comes from the fallback language, not from `_other`. On a French server 0 is English too; on a Vietnamese one all is Hmong.
#        Neither says a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" i18next@26.7.2
cat >"$folder/count.cjs" <<'JAVASCRIPT'
const i18next = require("i18next");

const ENGLISH = { signed_one: "{{count}} person has signed", signed_other: "{{count}} people have signed" };
const HMONG = { signed_other: "{{count}} leej neeg tau kos npe" };
(async () => {
  for (const lng of ["hnj", "mww", "hmn"]) {
    const page = i18next.createInstance();
    await page.init({
      lng,
      fallbackLng: "en",
      resources: { en: { translation: ENGLISH }, [lng]: { translation: HMONG } },
    });
    const rules = new Intl.PluralRules(lng).resolvedOptions().locale;
    console.log(`${lng} by ${rules}: ${[0, 1, 2].map((count) => page.t("signed", { count })).join(", ")}`);
  }
})();
JAVASCRIPT
for language in en_US vi_VN fr_FR; do
    LC_ALL=$language.UTF-8 node "$folder/count.cjs"
done | tee -a /dev/stderr >"$folder/seen"
diff "$folder/seen" - <<'SEEN'
hnj by hnj: 0 leej neeg tau kos npe, 1 leej neeg tau kos npe, 2 leej neeg tau kos npe
mww by en-US: 0 leej neeg tau kos npe, 1 person has signed, 2 leej neeg tau kos npe
hmn by en-US: 0 leej neeg tau kos npe, 1 person has signed, 2 leej neeg tau kos npe
hnj by hnj: 0 leej neeg tau kos npe, 1 leej neeg tau kos npe, 2 leej neeg tau kos npe
mww by vi-VN: 0 leej neeg tau kos npe, 1 leej neeg tau kos npe, 2 leej neeg tau kos npe
hmn by vi-VN: 0 leej neeg tau kos npe, 1 leej neeg tau kos npe, 2 leej neeg tau kos npe
hnj by hnj: 0 leej neeg tau kos npe, 1 leej neeg tau kos npe, 2 leej neeg tau kos npe
mww by fr-FR: 0 people have signed, 1 person has signed, 2 leej neeg tau kos npe
hmn by fr-FR: 0 people have signed, 1 person has signed, 2 leej neeg tau kos npe
SEEN
