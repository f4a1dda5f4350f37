import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { vercelStegaDecode, vercelStegaEncode, vercelStegaSplit } from '@vercel/stega';

// Written by a test of the server (`core/http/src/source_maps/tests.rs`).
const { data } = JSON.parse(readFileSync(new URL('marked.json', import.meta.url), 'utf8'));

test('what the server hides is what @vercel/stega reads, and writes', () => {
  const strapiSource =
    'documentId=a&type=string&path=title&model=api%3A%3Aarticle.article&kind=collectionType&locale=nl';
  assert.deepEqual(vercelStegaDecode(data.title), { strapiSource });
  const { cleaned, encoded } = vercelStegaSplit(data.title);
  assert.equal(cleaned, 'Één titel 👩‍🚀');
  assert.equal(encoded, vercelStegaEncode({ strapiSource }));
  const source = new URLSearchParams(vercelStegaDecode(data.content[0].children[0].text).strapiSource);
  assert.equal(source.get('type'), 'blocks');
  assert.equal(source.get('fieldPath'), 'content');
});

test('the script is small', () => {
  const script = readFileSync(new URL('../preview.js', import.meta.url));
  assert.ok(gzipSync(script, { level: 9 }).length <= 5 * 1024);
});
