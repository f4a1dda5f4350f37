import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** Somebody who works, or has worked, in the admin, by name alone. */
export interface PersonName {
  /** As documents store it and as `people.person` has it. */
  id: string;
  /** `null`: they have entered none. */
  name: string | null;
  active: boolean;
}

/** Ids that one request may name. */
const MAX_IDS = 100;

/** Time in milliseconds for which ids are collected before they are asked for together. */
const COLLECT_MS = 5;

interface Waiting {
  resolve: (person: PersonName | null) => void;
  reject: (cause: unknown) => void;
}

let waiting = new Map<string, Waiting[]>();

/** The name of the admin with an id; `null`: there is nobody any more. All that are asked for at about the same time are one request. */
export function personNameQuery(id: string) {
  return queryOptions({
    queryKey: ['people-names', id],
    queryFn: () =>
      new Promise<PersonName | null>((resolve, reject) => {
        if (waiting.size === 0) setTimeout(askForWaiting, COLLECT_MS);
        waiting.set(id, [...(waiting.get(id) ?? []), { resolve, reject }]);
      }),
    staleTime: 300_000,
    retry: false,
  });
}

function askForWaiting(): void {
  const asked = waiting;
  waiting = new Map();
  const ids = [...asked.keys()];
  for (let at = 0; at < ids.length; at += MAX_IDS) void answer(ids.slice(at, at + MAX_IDS), asked);
}

async function answer(ids: readonly string[], asked: ReadonlyMap<string, readonly Waiting[]>): Promise<void> {
  const each = (id: string): readonly Waiting[] => asked.get(id) ?? [];
  try {
    const { data } = await request<{ data: PersonName[] }>('GET', '/admin/api/people/names', {
      query: { ids: ids.join(',') },
    });
    const people = new Map(data.map((person) => [person.id, person]));
    for (const id of ids) for (const { resolve } of each(id)) resolve(people.get(id) ?? null);
  } catch (cause) {
    for (const id of ids) for (const { reject } of each(id)) reject(cause);
  }
}
