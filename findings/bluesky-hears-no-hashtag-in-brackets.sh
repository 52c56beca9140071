#!/usr/bin/env bash
# A hashtag in brackets or quotation marks is none on Bluesky, and a dash makes two words one tag.
#
# @atproto/api 0.19.19, Bluesky's own library that marks links, mentions and hashtags in a post, beside twitter-text 3.1.0, X's (npm; needs
# Node.js 20); run on 2026-11-30.
# Guess: both find the same hashtag in a campaign's posts; Bluesky's is the newer, and no poorer.
# Seen:  Bluesky finds one only behind a space or at a line's start, so "(#StopAB969)" has none, and takes all up to the next space, so a dash, an
#        apostrophe or a slash does not end it: whoever follows #StopAB969 does not see these posts. A mark at the end of the word is left out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @atproto/api@0.19.19 twitter-text@3.1.0
cd "$folder"
cat >tags.mjs <<'JAVASCRIPT'
import assert from 'node:assert';
import { RichText } from '@atproto/api';
import twitter from 'twitter-text';

const seen = {};
for (const text of ['Vote no: #StopAB969!', 'Vote no (#StopAB969)', 'Say “#StopAB969”', '#StopAB969—now', '#StopAB969’s day', '#StopAB969/#PassSB1161']) {
  const post = new RichText({ text });
  post.detectFacetsWithoutResolution();
  const tags = (post.facets ?? []).map((facet) => facet.features[0].tag);
  seen[text] = [tags.join(), twitter.extractHashtags(text).join()];
  console.log(`${text}: Bluesky ${JSON.stringify(tags)}, X ${JSON.stringify(twitter.extractHashtags(text))}`);
}
assert.deepEqual(seen, {
  'Vote no: #StopAB969!': ['StopAB969', 'StopAB969'],
  'Vote no (#StopAB969)': ['', 'StopAB969'],
  'Say “#StopAB969”': ['', 'StopAB969'],
  '#StopAB969—now': ['StopAB969—now', 'StopAB969'],
  '#StopAB969’s day': ['StopAB969’s', 'StopAB969'],
  '#StopAB969/#PassSB1161': ['StopAB969/#PassSB1161', 'StopAB969,PassSB1161'],
});
JAVASCRIPT
node tags.mjs
