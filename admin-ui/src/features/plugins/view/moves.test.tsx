import { createEvent, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/ApiError';
import { localDay, shiftDate } from '@/views/filters/span';
import { testModel } from '@/views/testModel';
import type { RunAction } from './context';
import { loadBlocks, renderBlock } from './testing';

beforeAll(loadBlocks, 60_000);

const article = 'api::article.article';
const today = localDay(new Date());
const tomorrow = localDay(shiftDate(new Date(), 1, 'day'));

interface Stored {
  documentId: string;
  title: string;
  topic: string | null;
  rank: string | null;
  day: string;
}

interface Saved {
  documentId: string;
  data: Record<string, unknown>;
  precondition: string | null;
}

let entries: Stored[] = [];
let saved: Saved[] = [];
/** Answers of the server to saves, before it accepts them. */
let refusals: { status: number; error: object }[] = [];

const refusal = (status: number, message: string, details: object) => ({
  status,
  error: { status, name: status === 400 ? 'ValidationError' : 'ConflictError', message, details },
});
const fieldProblems = (...problems: [path: string, message: string][]) => ({
  errors: problems.map(([path, message]) => ({ path: [path], message, name: 'ValidationError' })),
});

const server = setupServer(
  http.get('*/admin/api/workflows', () => HttpResponse.json({ data: [] })),
  http.get('*/admin/api/content/:uid', ({ request }) => {
    const query = new URL(request.url).searchParams;
    const topic = [...query].find(([key]) => key.endsWith('[topic][$eq]'))?.[1];
    const isNone = [...query].some(([key]) => key.endsWith('[topic][$null]'));
    const found = entries
      .filter((entry) => (topic === undefined && !isNone ? true : entry.topic === (topic ?? null)))
      .toSorted((a, b) => ((a.rank ?? '') < (b.rank ?? '') ? 1 : -1));
    const size = Number(query.get('pagination[pageSize]') ?? query.get('pagination[limit]'));
    const start = Number(query.get('pagination[start]') ?? (Number(query.get('pagination[page]')) - 1) * size);
    return HttpResponse.json({
      data: found.slice(start, start + size).map((entry, at) => ({ ...entry, id: at + 1 })),
      meta: {
        pagination: { page: 1, pageSize: 25, pageCount: 1, total: found.length },
        states: Object.fromEntries(
          found.map(({ documentId }) => [documentId, { status: 'draft', locales: [], version: 7 }]),
        ),
        reviews: {},
      },
    });
  }),
  http.get('*/admin/api/content/:uid/aggregates', ({ request }) => {
    const query = new URL(request.url).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      'groupBy[0]': 'topic',
      'groupBy[1]': 'currency',
      'measures[0]': 'count',
      'measures[1]': 'sum.price',
      limit: '1000',
    });
    return HttpResponse.json({
      data: [
        { group: { topic: 'news', currency: 'USD' }, count: 1, sum: { price: 300 } },
        { group: { topic: 'news', currency: 'EUR' }, count: 2, sum: { price: '1200.5' } },
      ],
    });
  }),
  http.put('*/admin/api/content/:uid/:documentId', async ({ request, params }) => {
    const { data } = (await request.json()) as { data: Record<string, unknown> };
    const documentId = String(params.documentId);
    const refused = refusals.shift();
    if (refused) return HttpResponse.json({ data: null, error: refused.error }, { status: refused.status });
    saved.push({ documentId, data, precondition: request.headers.get('If-Match') });
    entries = entries.map((entry) => (entry.documentId === documentId ? { ...entry, ...data } : entry));
    return HttpResponse.json(
      { data: { id: 1, documentId }, meta: { states: {} } },
      { headers: { 'Cairn-Version': '8' } },
    );
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  saved = [];
  refusals = [];
});
afterAll(() => server.close());

async function renderBoard(block: object, act: RunAction = async () => {}, more: Stored[] = []) {
  entries = [
    ...more,
    { documentId: 'd1', title: 'First', topic: 'news', rank: 'a3', day: today },
    { documentId: 'd2', title: 'Second', topic: 'news', rank: 'a2', day: today },
    { documentId: 'd3', title: 'Third', topic: 'news', rank: null, day: today },
    { documentId: 'd4', title: 'Fourth', topic: 'tech', rank: 'a5', day: today },
  ];
  await renderBlock(block, testModel, act);
}

const board = {
  kind: 'kanban',
  type: article,
  groupBy: 'topic',
  columns: ['news', { value: 'tech', label: 'Machines' }],
};

async function choose(card: string, item: string): Promise<void> {
  await userEvent.click(await screen.findByRole('button', { name: `Move ${card}` }));
  await userEvent.click(await screen.findByRole('menuitem', { name: item }));
}

async function column(name: string): Promise<string[]> {
  const region = await screen.findByRole('region', { name });
  return within(region)
    .queryAllByRole('listitem')
    .map((item) => within(item).getByRole('link').textContent ?? '');
}

const cardOf = async (title: string): Promise<HTMLElement> => {
  const card = (await screen.findByRole('link', { name: title })).closest('li');
  if (!card) throw new Error('the card is there');
  return card;
};

/** Drags a card onto the upper or lower half of another, or onto a column. */
async function drag(card: string, onto: HTMLElement, half: 'top' | 'bottom' = 'top'): Promise<void> {
  const source = await cardOf(card);
  onto.getBoundingClientRect = () => new DOMRect(0, 0, 200, 100);
  const dataTransfer = { types: [], items: [], setData: () => {}, getData: () => '', setDragImage: () => {} };
  const fire = (kind: 'dragStart' | 'dragEnter' | 'dragOver' | 'drop', element: HTMLElement): void => {
    const event = createEvent[kind](element, { dataTransfer });
    // jsdom has no events of dragging that know where they are.
    Object.defineProperties(event, { clientX: { value: 100 }, clientY: { value: half === 'top' ? 10 : 90 } });
    fireEvent(element, event);
  };
  fire('dragStart', source);
  await new Promise((drawn) => requestAnimationFrame(drawn));
  fire('dragEnter', onto);
  fire('dragOver', onto);
  await new Promise((drawn) => requestAnimationFrame(drawn));
  fire('drop', onto);
}

const schema = {
  type: 'object',
  properties: {
    body: { type: 'string', title: 'Reason' },
    views: { type: 'integer', title: 'Visits' },
    featured: { type: 'boolean' },
  },
};

describe('a card', () => {
  it('is saved from the version that was seen', async () => {
    await renderBoard(board);
    await choose('First', 'Machines');
    await waitFor(() => expect(saved).toEqual([{ documentId: 'd1', data: { topic: 'tech' }, precondition: '"7"' }]));
    await waitFor(async () => expect(await column('Machines')).toContain('First'));
  });

  it('that somebody else changed stays where it is, and says so', async () => {
    await renderBoard(board);
    refusals = [refusal(409, 'changed', { currentVersion: 8, yourVersion: 7 })];
    await choose('First', 'Machines');
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Somebody else changed “First”');
    expect(saved).toEqual([]);
    expect(await column('news')).toContain('First');
  });

  it('is put at the top of its new column, and gets its focus back', async () => {
    await renderBoard({ ...board, order: 'rank' });
    (await screen.findByRole('link', { name: 'First' })).focus();
    await userEvent.keyboard('{Alt>}{ArrowRight}{/Alt}');
    await waitFor(() => expect(saved.map(({ data }) => data)).toEqual([{ topic: 'tech', rank: 'a6' }]));
    await waitFor(async () => expect(await column('Machines')).toEqual(['First', 'Fourth']));
    await waitFor(() => expect(document.activeElement?.textContent).toBe('First'));
  });

  it('is moved within its column, with the ranks that this takes', async () => {
    await renderBoard({
      ...board,
      order: 'rank',
      move: { confirm: 'Really?', schema: { ...schema, required: ['body'] } },
    });
    (await screen.findByRole('link', { name: 'First' })).focus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    await waitFor(async () => expect(await column('news')).toEqual(['Second', 'First', 'Third']));
    expect(saved.map(({ documentId }) => documentId)).toEqual(['d1']);
    await choose('Second', 'Move down');
    await waitFor(async () => expect(await column('news')).toEqual(['First', 'Second', 'Third']));
    saved = [];
    await choose('First', 'Move down');
    await waitFor(async () => expect(await column('news')).toEqual(['Second', 'First', 'Third']));
    await choose('Third', 'To the top');
    await waitFor(async () => expect(await column('news')).toEqual(['Third', 'Second', 'First']));
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('is dragged onto others, which say where it stands', async () => {
    await renderBoard({ ...board, order: 'rank' });
    await drag('First', await cardOf('Fourth'), 'bottom');
    await waitFor(async () => expect(await column('Machines')).toEqual(['Fourth', 'First']));
    await waitFor(() => expect(document.querySelector('[data-moving]')).toBeNull());
    await drag('First', await cardOf('Second'), 'top');
    await waitFor(async () => expect(await column('news')).toEqual(['First', 'Second', 'Third']));
    await waitFor(() => expect(document.querySelector('[data-moving]')).toBeNull());
    saved = [];
    await drag('First', await cardOf('First'), 'bottom');
    await drag('First', await cardOf('Second'), 'top');
    expect(saved).toEqual([]);
    await drag('First', await screen.findByRole('region', { name: 'news' }));
    await waitFor(async () => expect(await column('news')).toEqual(['Second', 'Third', 'First']));
  });

  it('is dropped between the last card that is loaded and the next', async () => {
    const letters = [...'zyxwvutsrqponmlkjihgfedcba'];
    const more = letters.map((letter) => ({
      documentId: letter,
      title: `Card ${letter}`,
      topic: 'tech',
      rank: `Z${letter}`,
      day: today,
    }));
    await renderBoard({ ...board, order: 'rank' }, undefined, more);
    // Of 27 cards 25 are loaded, down to this one; the next has the rank `Zb`.
    await drag('First', await cardOf('Card c'), 'bottom');
    await waitFor(() => expect(saved.map(({ data }) => data)).toEqual([{ topic: 'tech', rank: 'ZbV' }]));
    saved = [];
    await waitFor(() => expect(document.querySelector('[data-moving]')).toBeNull());
    // What is dropped on the column alone goes to its top, as long as not all of it is loaded.
    await drag('Second', await screen.findByRole('region', { name: 'Machines' }));
    await waitFor(() => expect(saved.map(({ data }) => data)).toEqual([{ topic: 'tech', rank: 'a6' }]));
  });

  it('is not moved past the ends of its column', async () => {
    await renderBoard({ ...board, order: 'rank' });
    (await screen.findByRole('link', { name: 'First' })).focus();
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}');
    (await screen.findByRole('link', { name: 'Third' })).focus();
    await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(saved).toEqual([]);
  });
});

it('columns have limits and totals', async () => {
  await renderBoard({
    ...board,
    columns: [{ value: 'news', limit: 2, tone: 'warning' }, 'tech'],
    sum: { field: 'price', format: 'money', currencyField: 'currency' },
  });
  const region = await screen.findByRole('region', { name: 'news' });
  expect(await within(region).findByText('3 / 2')).toBeTruthy();
  expect(within(region).getByText('3 cards, over the limit of 2')).toBeTruthy();
  expect(await within(region).findByText('€1,200.50 + $300.00')).toBeTruthy();
});

describe('a move', () => {
  it('asks for what a refusal names, and saves it as well', async () => {
    await renderBoard({ ...board, move: { schema } });
    refusals = [
      refusal(400, '2 problems', fieldProblems(['body', 'say why'], ['price', 'must be set'])),
      refusal(400, '1 problem', fieldProblems(['views', 'how often?'])),
    ];
    await choose('First', 'Machines');
    const dialog = await screen.findByRole('dialog', { name: 'Move First to Machines' });
    expect(within(dialog).getByText('Say why')).toBeTruthy();
    expect(within(dialog).getByRole('alert').textContent).toContain('Price: must be set');
    expect(within(dialog).queryByLabelText('Visits')).toBeNull();
    await userEvent.type(within(dialog).getByLabelText('Reason'), 'Lost');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Move' }));
    await userEvent.type(await within(dialog).findByLabelText('Visits'), '3');
    expect(within(dialog).queryByRole('alert')).toBeNull();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Move' }));
    await waitFor(() => expect(saved.map(({ data }) => data)).toEqual([{ topic: 'tech', body: 'Lost', views: 3 }]));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('asks for what is required before, and can be cancelled', async () => {
    await renderBoard({
      ...board,
      move: { label: 'Close it', confirm: 'Really?', schema: { ...schema, required: ['body'] } },
    });
    await choose('First', 'Machines');
    const dialog = await screen.findByRole('dialog', { name: 'Close it' });
    expect(within(dialog).getByText('Really?')).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Move' }));
    expect(await within(dialog).findByText('Required')).toBeTruthy();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(saved).toEqual([]);
    expect(await column('news')).toContain('First');
  });

  it('that is refused otherwise says why above the board', async () => {
    await renderBoard({ ...board, move: { schema } });
    refusals = [refusal(400, '1 problem', fieldProblems(['price', 'must be set']))];
    await choose('First', 'Machines');
    expect((await screen.findByRole('alert')).textContent).toContain('The card was not moved');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('that changed meanwhile is told above the board, not in the dialog', async () => {
    await renderBoard({ ...board, move: { confirm: 'Really?' } });
    refusals = [refusal(409, 'changed', { currentVersion: 8 })];
    await choose('First', 'Machines');
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Move' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Somebody else changed “First”');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('is made by an action, which is told the facts', async () => {
    const act = vi.fn<RunAction>(async () => {});
    act.mockRejectedValueOnce(
      new ApiError({
        status: 400,
        name: 'ValidationError',
        message: 'no',
        details: { errors: [{ path: ['values', 'body'], message: 'why?', name: 'ValidationError' }] },
      }),
    );
    await renderBoard(
      { ...board, status: 'published', order: 'rank', move: { call: 'close', values: { by: 'board' }, schema } },
      act,
    );
    await choose('First', 'Machines');
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText('why?')).toBeTruthy();
    await userEvent.type(within(dialog).getByLabelText('Reason'), 'Lost');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Move' }));
    const facts = { by: 'board', from: 'news', to: 'tech', order: 'a6', version: 7 };
    await waitFor(() =>
      expect(act).toHaveBeenLastCalledWith(
        'close',
        { ...facts, body: 'Lost' },
        { contentType: article, documentId: 'd1' },
      ),
    );
    expect(act).toHaveBeenNthCalledWith(1, 'close', facts, { contentType: article, documentId: 'd1' });
    expect(saved).toEqual([]);
  });

  it.each(['calendar', 'timeline'])('of an item of a %s is told its day', async (kind) => {
    const act = vi.fn<RunAction>(async () => {});
    await renderBoard({ kind, type: article, date: 'day', move: { call: 'plan' } }, act);
    const [button] = await screen.findAllByRole('button', { name: 'Move First to another day' });
    if (button) await userEvent.click(button);
    const input = await screen.findByLabelText(kind === 'calendar' ? 'To' : /To|First day/);
    await userEvent.clear(input);
    await userEvent.type(input, tomorrow);
    await userEvent.click(screen.getByRole('button', { name: 'Move' }));
    await waitFor(() =>
      expect(act).toHaveBeenCalledWith(
        'plan',
        { date: tomorrow, version: 7 },
        { contentType: article, documentId: 'd1' },
      ),
    );
  });
});

describe('the columns of a board', () => {
  afterEach(() => vi.restoreAllMocks());

  it('are all named in a strip, with their numbers of cards, and reached from it by keyboard', async () => {
    await renderBoard(board);
    await screen.findByRole('link', { name: 'Fourth' });
    const strip = screen.getByRole('group', { name: 'Columns of the board' });
    await waitFor(() =>
      expect(
        within(strip)
          .getAllByRole('button')
          .map((button) => button.textContent),
      ).toEqual(['news3, 3 cards', 'Machines1, 1 card']),
    );
    HTMLElement.prototype.scrollTo = () => {};
    within(strip).getByRole('button', { name: /^news/ }).focus();
    await userEvent.keyboard('{ArrowRight}{Enter}');
    expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Machines' }));
  });

  it('are tabs where there is room for one', async () => {
    vi.spyOn(window, 'matchMedia').mockImplementation(
      (media) =>
        ({
          matches: media.includes('max-width: 36em'),
          media,
          addEventListener: () => {},
          removeEventListener: () => {},
        }) as unknown as MediaQueryList,
    );
    await renderBoard(board);
    await screen.findByRole('link', { name: 'First' });
    expect(screen.queryByRole('link', { name: 'Fourth' })).toBeNull();
    screen.getByRole('tab', { name: /^news/, selected: true }).focus();
    await userEvent.keyboard('{ArrowRight}');
    await screen.findByRole('link', { name: 'Fourth' });
    expect(screen.getByRole('tabpanel', { name: 'Machines' })).toBeTruthy();
    expect(screen.queryByRole('link', { name: 'First' })).toBeNull();
  });
});
