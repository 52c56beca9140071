#!/usr/bin/env bash
# The Vietnamese "Đừng" becomes "DJung" in an address, as if it were Serbian.
#
# slugify 1.6.9 (npm), @sindresorhus/slugify 3.0.1 and limax 4.2.3 beside it; run on 2026-11-30.
# Guess: "Đừng bỏ phiếu" becomes "Dung-bo-phieu", as Vietnamese is written without signs.
# Seen:  "DJung-bo-phieu", unless `locale: "vi"` is given; the other two write "dung-bo-phieu" by themselves. Of a title in
#        Khmer or Lao all three make "", without an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" slugify@1.6.9 @sindresorhus/slugify@3.0.1 limax@4.2.3
cat >"$folder/look.mjs" <<'JAVASCRIPT'
import assert from "node:assert";
import sindresorhus from "@sindresorhus/slugify";
import limax from "limax";
import slugify from "slugify";

const text = "Đừng bỏ phiếu";
console.log(slugify(text), slugify(text, { locale: "vi" }), sindresorhus(text), limax(text));
assert.equal(slugify(text), "DJung-bo-phieu");
assert.equal(slugify(text, { locale: "vi" }), "Dung-bo-phieu");
assert.equal(sindresorhus(text), "dung-bo-phieu");
assert.equal(limax(text), "dung-bo-phieu");
for (const make of [slugify, sindresorhus, limax]) {
  assert.equal(make("សូមបោះឆ្នោត"), "");
  assert.equal(make("ກະລຸນາ"), "");
}
JAVASCRIPT
node "$folder/look.mjs"
