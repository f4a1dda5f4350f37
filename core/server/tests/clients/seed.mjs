// The content that the clients find: two authors, two tags, three published articles and a draft, a Dutch version, the homepage.
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';

export const BODY = [
  { type: 'heading', level: 2, children: [{ type: 'text', text: 'Stones' }] },
  {
    type: 'paragraph',
    children: [
      { type: 'text', text: 'A cairn is a ' },
      { type: 'text', text: 'heap', bold: true },
      { type: 'text', text: ' of ' },
      { type: 'link', url: 'https://example.org/stones', children: [{ type: 'text', text: 'stones' }] },
    ],
  },
  {
    type: 'list',
    format: 'unordered',
    children: [{ type: 'list-item', children: [{ type: 'text', text: 'granite' }] }],
  },
];

export async function seed(base, token) {
  const send = async (method, path, data, query = '') => {
    const response = await fetch(`${base}/api/${path}${query}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ data }),
    });
    const answer = await response.json();
    assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const cover = await upload(base, token);
  const ann = await send('POST', 'authors', { name: 'Ann', email: 'ann@example.org' });
  const bob = await send('POST', 'authors', { name: 'Bob' });
  const red = await send('POST', 'tags', { name: 'red' });
  const blue = await send('POST', 'tags', { name: 'blue' });
  const article = (data) => send('POST', 'articles', data);
  const first = await article({
    title: 'First',
    slug: 'first',
    rating: 3,
    day: '2024-05-01',
    body: BODY,
    summary: 'A **short** text',
    seo: { metaTitle: 'First!', noIndex: true },
    links: [{ label: 'Home', url: 'https://example.org' }, { label: 'None' }],
    cover: cover.id,
    author: ann.documentId,
    tags: [red.documentId, blue.documentId],
  });
  await send('PUT', `articles/${first.documentId}`, { title: 'Eerste' }, '?locale=nl');
  const second = await article({
    title: 'Second',
    slug: 'second',
    rating: 7,
    kind: 'opinion',
    author: ann.documentId,
    tags: [red.documentId],
  });
  const third = await article({ title: 'Third', slug: 'third', rating: 9, author: bob.documentId });
  const draft = await send('POST', 'articles', { title: 'Unfinished', slug: 'unfinished' }, '?status=draft');
  await send('PUT', 'homepage', {
    headline: 'Welcome',
    sections: [
      { __component: 'shared.link', label: 'More' },
      { __component: 'shared.seo', metaTitle: 'Home' },
    ],
  });
  return { ann, bob, red, blue, first, second, third, draft, cover };
}

async function upload(base, token) {
  const form = new FormData();
  form.append('files', new Blob([png(400, 300)], { type: 'image/png' }), 'cover.png');
  form.append('fileInfo', JSON.stringify({ alternativeText: 'A grey cover' }));
  const response = await fetch(`${base}/api/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  assert.equal(response.status, 201, 'upload');
  return (await response.json())[0];
}

/** A grey PNG of that size. */
export function png(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0], 8);
  const row = Buffer.alloc(width + 1, 0x80);
  row[0] = 0;
  const pixels = deflateSync(Buffer.concat(Array(height).fill(row)));
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(data) {
  let crc = -1;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
