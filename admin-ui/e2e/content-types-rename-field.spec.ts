// @module-tag postgresql
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, User, startStage, TOKENS, allViolations, withAdmin } from './harness';
import { extendLimit } from './harness/patience';

/** How many entries there are; `CAIRN_E2E_LARGE=1` asks for as many as the pass mark names. */
const LARGE = process.env.CAIRN_E2E_LARGE === '1';
const ROWS = LARGE ? 100_000 : 2_000;
const TYPE = 'api::note.note';

type Note = Record<string, string>;

describe('renaming a field that has content', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  beforeAll(
    async () => {
      const note = {
        kind: 'collectionType',
        collectionName: 'notes',
        info: { singularName: 'note', pluralName: 'notes', displayName: 'Note' },
        options: { draftAndPublish: false },
        attributes: { words: { type: 'string' } },
      };
      await stage.api.admin('POST', '/content-types/apply', {
        contentTypes: { [TYPE]: note },
        components: {},
        answers: {},
      });
      let next = 0;
      // A few at a time: the server is not waited for between two.
      const writer = async () => {
        for (let at = next++; at < ROWS; at = next++) await stage.api.write(TYPE, { words: `Words ${at}` });
      };
      await Promise.all(Array.from({ length: 8 }, writer));
    },
    LARGE ? extendLimit(1_200_000) : undefined,
  );

  /** Reads without pause until it is told to stop; answers what came that should not have. */
  function reader() {
    const wrong: string[] = [];
    const seen = new Set<string>();
    const asked = new AbortController();
    let reads = 0;
    const done = (async () => {
      while (!asked.signal.aborted) {
        const page = 1 + (reads % 20);
        const answer = await stage.api.ask<Note[]>(
          'GET',
          `/api/notes?sort=id&pagination[page]=${page}&pagination[pageSize]=100`,
        );
        reads += 1;
        if (answer.status !== 200) wrong.push(`${answer.status} ${JSON.stringify(answer.data)}`);
        else if (answer.data.length !== 100) wrong.push(`${answer.data.length} entries`);
        else {
          for (const note of answer.data) {
            const name = 'words' in note ? 'words' : 'text';
            seen.add(name);
            if (!/^Words \d+$/.test(note[name] ?? '')) wrong.push(JSON.stringify(note));
          }
        }
      }
    })();
    return {
      async stop() {
        asked.abort();
        await done;
        return { wrong: wrong.slice(0, 5), reads, seen };
      },
    };
  }

  /** All that is stored under a name, in order. */
  async function stored(name: string): Promise<number> {
    const values = new Set<string>();
    const step = LARGE ? 10 : 1;
    for (let page = 1; page <= ROWS / 100; page += step) {
      const { data } = await stage.api.ask<Note[]>(
        'GET',
        `/api/notes?sort=id&pagination[page]=${page}&pagination[pageSize]=100`,
      );
      for (const note of data) if (note[name]) values.add(note[name]);
    }
    return values.size * step;
  }

  test.each(['mouse', 'keyboard'] as const)(
    'content is available under the new name, and under the old one after undo; reads never fail meanwhile (%s)',
    async (way) => {
      const { page } = await stage.as(ADMIN, `/content-types/${TYPE}`);
      const user = new User(page, way);
      await user.use(page.locator('[data-field="words"]'));
      await user.write(page.getByRole('textbox', { name: 'Name', exact: true }), 'text');
      await page.getByText('Renamed from “words”; it keeps its content.').waitFor();
      await user.use(page.getByRole('button', { name: 'Done' }));
      await user.use(page.getByRole('link', { name: 'Review changes' }));
      // The plan says what becomes of how many entries, before anything is done.
      await page
        .getByText(new RegExp(`${ROWS.toLocaleString('en')}|${ROWS}`))
        .first()
        .waitFor();
      expect(await allViolations(page)).toEqual([]);
      const readers = [reader(), reader()];
      const began = performance.now();
      await user.use(page.getByRole('button', { name: /^Apply/ }));
      await page.getByText('Changes applied', { exact: true }).first().waitFor();
      console.info(`rename a field of ${ROWS} entries: ${Math.round(performance.now() - began)} ms`);
      expect(await stored('text')).toBe(ROWS);
      await user.use(page.getByRole('button', { name: 'Undo these changes' }));
      await page.getByText('Changes applied', { exact: true }).first().waitFor({ state: 'hidden' });
      expect(await stored('words')).toBe(ROWS);
      const read = await Promise.all(readers.map((each) => each.stop()));
      expect(read.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(Math.min(...read.map(({ reads }) => reads))).toBeGreaterThan(2);
      // They have seen both names, each with its content.
      expect(new Set(read.flatMap(({ seen }) => [...seen]))).toEqual(new Set(['words', 'text']));
    },
  );
});
