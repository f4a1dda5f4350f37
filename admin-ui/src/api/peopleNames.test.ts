// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { personNameQuery } from './peopleNames';

let asked: string[][] = [];
const server = setupServer(
  http.get('*/admin/api/people/names', ({ request }) => {
    const ids = (new URL(request.url).searchParams.get('ids') ?? '').split(',');
    asked.push(ids);
    if (ids.includes('fail')) return HttpResponse.json({ error: { message: 'no' } }, { status: 500 });
    return HttpResponse.json({
      data: ids.filter((id) => id !== '9').map((id) => ({ id, name: `Person ${id}`, active: true })),
    });
  }),
);
beforeAll(() => server.listen());
afterAll(() => server.close());
beforeEach(() => (asked = []));

const ask = (ids: readonly string[]) => {
  const queries = new QueryClient();
  return Promise.all(ids.map((id) => queries.fetchQuery(personNameQuery(id))));
};

describe('names of people', () => {
  it('that are asked for together are one request, each id once', async () => {
    const people = await ask(['2', '7', '2', '9']);
    expect(asked).toEqual([['2', '7', '9']]);
    expect(people.map((person) => person?.name)).toEqual(['Person 2', 'Person 7', 'Person 2', undefined]);
  });

  it('beyond a hundred are several', async () => {
    await ask(Array.from({ length: 150 }, (_, at) => String(at + 1)));
    expect(asked.map((ids) => ids.length)).toEqual([100, 50]);
  });

  it('fail for all of a request, and are asked for again', async () => {
    await expect(ask(['fail', '2'])).rejects.toThrow();
    expect((await ask(['2']))[0]?.name).toBe('Person 2');
  });
});
