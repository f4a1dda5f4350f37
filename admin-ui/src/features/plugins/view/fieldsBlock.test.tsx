import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ContentType, labelAttributes } from '@/api/model';
import { testModel } from '@/views/testModel';
import { loadBlocks, renderBlock } from './testing';

beforeAll(loadBlocks, 60_000);

const article = 'api::article.article';
const document = { type: article, documentId: 'one' };

/** Articles as a type of a plugin, which names its fields. */
const model = labelAttributes({
  ...testModel,
  contentTypes: testModel.contentTypes.map(
    (type): ContentType =>
      type.uid === article
        ? {
            ...type,
            draftAndPublish: false,
            attributes: { ...type.attributes, owner: { type: 'string' }, extra: { type: 'json' } },
            labels: { topic: { label: 'Subject', valueLabels: { news: 'The news' } }, price: { label: 'Worth' } },
          }
        : type,
  ),
});

let stored: Record<string, unknown> = {};
let version = 1;
let saves: { data: Record<string, unknown>; version: string | null }[] = [];
let refusal: { status: number; error: object } | undefined;
let reads = 0;
let namesAsked: string[] = [];

const entryAnswer = () =>
  HttpResponse.json({ data: stored, meta: { states: {} } }, { headers: { 'Cairn-Version': String(version) } });

const server = setupServer(
  http.get('*/admin/api/content/:uid', () => {
    reads += 1;
    return HttpResponse.json({ data: [stored], meta: { pagination: { total: 1 }, states: {} } });
  }),
  http.get('*/admin/api/content/:uid/:id', entryAnswer),
  http.put('*/admin/api/content/:uid/:id', async ({ request }) => {
    const { data } = (await request.json()) as { data: Record<string, unknown> };
    saves.push({ data, version: request.headers.get('If-Match') });
    if (refusal) {
      const { status, error } = refusal;
      refusal = undefined;
      return HttpResponse.json({ error }, { status });
    }
    stored = { ...stored, ...data };
    version += 1;
    return entryAnswer();
  }),
  http.get('*/admin/api/people/names', ({ request }) => {
    const ids = new URL(request.url).searchParams.get('ids') ?? '';
    namesAsked.push(ids);
    return HttpResponse.json({ data: [{ id: '2', name: 'Bart de Vries', active: false }] });
  }),
  http.get('*/admin/api/people', () => HttpResponse.json({ data: [] })),
);

beforeAll(() => server.listen());
afterAll(() => server.close());
afterEach(() => server.resetHandlers());
beforeEach(() => {
  stored = {
    documentId: 'one',
    title: 'Spring',
    topic: 'news',
    price: '1512.50',
    currency: 'EUR',
    featured: true,
    day: '2026-03-04',
    owner: '2',
    extra: { a: 1 },
    category: { documentId: 'c1', name: 'Parties' },
    tags: Array.from({ length: 7 }, (_, at) => ({ documentId: `t${at}`, name: `Tag ${at}` })),
  };
  version = 1;
  saves = [];
  refusal = undefined;
  reads = 0;
  namesAsked = [];
});

/** The value beside a name. */
const valueOf = async (name: string): Promise<string> =>
  (await screen.findByText(name, { selector: 'dt' })).nextElementSibling?.textContent ?? '';

describe('fields of a document', () => {
  it('are worded: names, values, amounts, people, dates, yes and no, titles', async () => {
    await renderBlock(
      {
        kind: 'fields',
        document,
        fields: [
          'topic',
          { field: 'price', format: 'money', currencyField: 'currency' },
          { field: 'owner', format: 'user', label: 'In charge' },
          'featured',
          'day',
          'category',
          'title',
        ],
      },
      model,
    );
    expect(await valueOf('Subject')).toBe('The news');
    expect(await valueOf('Worth')).toBe('€1,512.50');
    await screen.findByText('Bart de Vries');
    expect(namesAsked).toEqual(['2']);
    expect(await valueOf('Featured')).toBe('Yes');
    expect(await valueOf('Day')).toBe('Mar 4, 2026');
    expect(screen.getByRole('link', { name: 'Parties' }).getAttribute('href')).toContain(
      '/content/api::category.category/c1',
    );
    // One request, whatever the number of values.
    expect(reads).toBe(1);
    expect(screen.queryByRole('button', { name: 'Edit' })).toBeNull();
  });

  it('list the first targets of a relation, and the others on demand', async () => {
    await renderBlock({ kind: 'fields', document, fields: ['tags'] }, model);
    await screen.findByRole('link', { name: 'Tag 4' });
    expect(screen.queryByRole('link', { name: 'Tag 5' })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: '2 more' }));
    expect(screen.getByRole('link', { name: 'Tag 6' })).toBeTruthy();
  });

  it('leave out JSON, with a note, and collapse empty ones where most are empty', async () => {
    await renderBlock({ kind: 'fields', document, fields: ['title', 'extra', 'body', 'rank', 'views'] }, model);
    await screen.findByText('Spring');
    expect(screen.getByText(/Only in “All fields”: Extra/)).toBeTruthy();
    expect(screen.queryByText('Rank')).toBeNull();
    const show = screen.getByRole('button', { name: 'Show 3 empty fields' });
    await userEvent.click(show);
    expect(screen.getByText('Rank')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Hide empty fields' }).getAttribute('aria-expanded')).toBe('true');
  });
});

describe('editing in place', () => {
  const block = {
    kind: 'fields',
    label: 'Facts',
    document,
    fields: ['title', 'topic', 'price'],
    edit: ['title', 'topic'],
  };

  const open = async () => {
    await renderBlock(block, model);
    await userEvent.click(await screen.findByRole('button', { name: 'Edit: Facts' }));
    return screen.findByLabelText<HTMLInputElement>('Title', { exact: false, selector: 'input' });
  };

  it('saves what was changed alone, against the version that was seen, and shows it', async () => {
    const title = await open();
    expect(screen.queryByLabelText('Worth')).toBeNull();
    await userEvent.clear(title);
    await userEvent.type(title, 'Summer{Enter}');
    await waitFor(() => expect(saves).toEqual([{ data: { title: 'Summer' }, version: '"1"' }]));
    await screen.findByText('Summer', { selector: 'dd *' });
    // The button that opened it has the focus again.
    await waitFor(() => expect(globalThis.document.activeElement?.textContent).toBe('Edit'));
  });

  it('says a refusal at its field, and keeps what was typed', async () => {
    const title = await open();
    refusal = {
      status: 400,
      error: {
        name: 'ValidationError',
        message: 'no',
        details: { errors: [{ path: ['title'], message: 'Choose another title.', name: 'ValidationError' }] },
      },
    };
    await userEvent.type(title, ' again');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('Choose another title.');
    expect(title.getAttribute('aria-invalid')).toBe('true');
    expect(title.value).toBe('Spring again');
  });

  it('asks before Esc throws away what was typed, and not otherwise', async () => {
    const title = await open();
    fireEvent.keyDown(title, { key: 'Escape' });
    await screen.findByRole('button', { name: 'Edit: Facts' });
    await userEvent.click(screen.getByRole('button', { name: 'Edit: Facts' }));
    const again = await screen.findByLabelText('Title', { exact: false, selector: 'input' });
    await userEvent.type(again, '!');
    fireEvent.keyDown(again, { key: 'Escape' });
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Discard' }));
    await screen.findByText('Spring', { selector: 'dd *' });
    expect(saves).toEqual([]);
  });

  it('says what somebody else saved meanwhile, and saves over it when told to', async () => {
    const title = await open();
    await userEvent.type(title, ' mine');
    await act(async () => {
      stored = { ...stored, topic: 'tech', title: 'Theirs' };
      version = 5;
    });
    refusal = {
      status: 409,
      error: { name: 'ConflictError', message: 'changed', details: { currentVersion: 5, by: { name: 'Anna' } } },
    };
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    const note = await screen.findByRole('alert');
    expect(note.textContent).toContain('Anna saved it in the meantime');
    expect(within(note).getByText('Theirs')).toBeTruthy();
    expect(within(note).getByText('tech')).toBeTruthy();
    await userEvent.click(within(note).getByRole('button', { name: 'Save mine anyway' }));
    await waitFor(() => expect(saves.at(-1)).toEqual({ data: { title: 'Spring mine' }, version: '"5"' }));
  });

  it('is offered for what the reader may change alone', async () => {
    const locked = {
      ...model,
      contentTypes: model.contentTypes.map((type) => ({ ...type, can: { ...type.can, update: false } })),
    };
    await renderBlock({ ...block, edit: true }, locked);
    await screen.findByText('Spring');
    expect(screen.queryByRole('button', { name: /^Edit/ })).toBeNull();
  });
});
