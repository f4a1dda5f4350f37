// @vitest-environment jsdom
import { expect, it, vi } from 'vitest';
import * as editorial from '@/api/editorial';
import type { EntrySession } from './session';
import { PresenceWatch } from './usePresence';

it('tells of people by their names where the server has an address only', async () => {
  const there = { tab: 't', holds: true, field: 'title', actor: 'admin:2', name: 'anna@example.com' };
  vi.spyOn(editorial, 'sendPresence').mockResolvedValue({ present: [there] } as never);
  const session = {
    store: { values: { title: 'x' } },
    model: { components: [] },
    type: { attributes: { title: { type: 'string' } } },
  } as unknown as EntrySession;
  const watch = new PresenceWatch({ uid: 'u', documentId: 'd', locale: undefined }, session, 'admin:1', async () => [
    { id: 2, name: 'Anna Visser' },
  ]);
  await watch.say();
  expect(watch.get('title')).toMatchObject({ names: ['Anna Visser'], locked: true });
  expect(watch.people().map(({ name }) => name)).toEqual(['Anna Visser']);
});
