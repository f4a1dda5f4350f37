import { expect, test } from 'vitest';
import type { Attributes, Model } from '@/api/model';
import { liveChanges } from './liveChanges';

const attributes: Attributes = {
  title: { type: 'string' },
  lead: { type: 'text' },
  note: { type: 'string', private: true },
  code: { type: 'password' },
  body: { type: 'richtext' },
  files: { type: 'media', multiple: true },
  seo: { type: 'component', component: 'a.b' },
  zone: { type: 'dynamiczone', components: ['a.b'] },
};
const model: Model = {
  contentTypes: [],
  hash: '',
  locked: false,
  components: [{ uid: 'a.b', category: 'a', displayName: 'B', icon: null, attributes: { text: { type: 'string' } } }],
};
const item = (key: string, text: string) => ({ __key: key, __component: 'a.b', text });
const shown = {
  title: 'a',
  lead: null,
  note: 'n',
  code: null,
  body: 'b',
  files: [],
  seo: item('k0', 's'),
  zone: [item('k1', 'x'), item('k2', 'y')],
};
const changes = (values: object) => liveChanges(model, attributes, shown, { ...shown, ...values });

test('texts are told by the paths that the page knows', () => {
  expect(changes({})).toEqual({ texts: [], others: false });
  expect(changes({ title: 'b', seo: item('k0', 't') })).toEqual({
    texts: [
      { path: 'title', from: 'a', to: 'b' },
      { path: 'seo.text', from: 's', to: 't' },
    ],
    others: false,
  });
  expect(changes({ title: null }).texts).toEqual([{ path: 'title', from: 'a', to: '' }]);
  // An item that was moved is where it was on the page.
  expect(changes({ zone: [item('k2', 'z'), shown.zone[0]] })).toEqual({
    texts: [{ path: 'zone.1.text', from: 'y', to: 'z' }],
    others: true,
  });
});

test('what has no place on the page as text is told apart', () => {
  for (const values of [
    { body: 'c' },
    // An empty text has no mark.
    { lead: 'l' },
    { seo: null },
    { zone: [shown.zone[0]] },
    { zone: [...shown.zone, item('k3', '')] },
    { files: [{ id: 1 }] },
  ])
    expect(changes(values), JSON.stringify(values)).toEqual({ texts: [], others: true });
});

test('what no response contains is not told', () => {
  expect(changes({ note: 'm', code: 'secret' })).toEqual({ texts: [], others: false });
  expect(changes({ zone: [...shown.zone], seo: { ...shown.seo } })).toEqual({ texts: [], others: false });
});
