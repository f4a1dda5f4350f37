import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { Asset } from '@/api/assets';
import type { ContentType } from '@/api/model';
import type { Colleague } from '@/api/users';
import { idsOf, mediaTypesOf } from './references';
import type { Schema } from './schema';
import { renderForm } from './testing';

const HOSTILE = '<img src=x onerror=alert(1)>';
const CONTACT = 'plugin::crm.contact';

const contactType = (more: Partial<ContentType> = {}): ContentType =>
  ({
    uid: CONTACT,
    kind: 'collectionType',
    draftAndPublish: false,
    localized: false,
    previewable: false,
    privateFiles: false,
    can: {
      find: true,
      create: true,
      update: true,
      delete: true,
      publish: true,
      fields: { read: null, write: null },
    },
    missingChecks: [],
    info: { singularName: 'contact', pluralName: 'contacts', displayName: 'Contact', description: '' },
    titleField: 'name',
    route: 'crm/contacts',
    attributes: { name: { type: 'string' } },
    ...more,
  }) as ContentType;

interface Contact {
  documentId: string;
  name: string;
  locale?: string;
}
const CONTACTS: Contact[] = [
  { documentId: 'ann', name: 'Ann de Vries' },
  { documentId: 'bob', name: 'Bob Smit' },
  { documentId: 'eve', name: HOSTILE },
];

const PEOPLE: Colleague[] = [
  { id: 1, name: 'Ann', email: 'ann@example.com', roles: [], active: true },
  { id: 2, name: HOSTILE, email: 'bob@example.com', roles: [], active: true },
  { id: 3, name: 'Cas', email: 'cas@example.com', roles: [], active: false },
];

const asset = (documentId: string, name: string, more: Partial<Asset> = {}): Asset =>
  ({
    id: documentId.length,
    documentId,
    name,
    url: `/uploads/${documentId}.png`,
    thumbnailUrl: `/uploads/small_${documentId}.png`,
    mime: 'image/png',
    kind: 'image',
    bytes: 1000,
    width: 4,
    height: 3,
    alternativeText: 'A logo',
    caption: null,
    deletedAt: null,
    ...more,
  }) as Asset;
const ASSETS = [asset('a', 'logo.png'), asset('bb', HOSTILE), asset('ccc', 'old.png', { deletedAt: '2026-01-01' })];

/** What the server has, and what arrived. */
let types: ContentType[];
let contacts: Contact[];
let asked: URLSearchParams[];

const refusal = (status: number) =>
  HttpResponse.json({ data: null, error: { status, name: 'Refusal', message: 'no', details: {} } }, { status });

const server = setupServer(
  http.get('*/admin/api/content-types', () =>
    HttpResponse.json({ data: { contentTypes: types, components: [], hash: '', locked: false } }),
  ),
  http.get('*/admin/api/content/:uid', ({ request }) => {
    const query = new URL(request.url).searchParams;
    asked.push(query);
    const valuesOf = (part: string) => [...query].filter(([key]) => key.includes(part)).map(([, value]) => value);
    const [ids, words] = [valuesOf('$in'), valuesOf('$containsi')];
    const locale = query.get('locale');
    const fitting = contacts.filter(
      (each) =>
        (ids.length === 0 || ids.includes(each.documentId)) &&
        words.every((word) => each.name.toLowerCase().includes(word.toLowerCase())) &&
        (locale === '*' || (each.locale ?? 'en') === 'en'),
    );
    const size = Number(query.get('pagination[pageSize]'));
    const page = Number(query.get('pagination[page]') ?? 1);
    const data = fitting.slice((page - 1) * size, page * size);
    return HttpResponse.json({
      data: data.map((each, at) => ({ id: at, ...each })),
      meta: { pagination: { page, pageSize: size, pageCount: 1, total: fitting.length }, states: {}, reviews: {} },
    });
  }),
  http.get('*/admin/api/people', () => HttpResponse.json({ data: PEOPLE })),
  http.get('*/admin/api/assets/folders', () => HttpResponse.json({ data: [] })),
  http.get('*/admin/api/assets', ({ request }) => {
    asked.push(new URL(request.url).searchParams);
    return HttpResponse.json({ data: ASSETS.slice(0, 2), meta: { after: null } });
  }),
  http.get('*/admin/api/assets/:id', ({ params }) => {
    const found = ASSETS.find(({ documentId }) => documentId === params.id);
    return found ? HttpResponse.json({ data: found }) : refusal(404);
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  types = [contactType()];
  contacts = CONTACTS;
  asked = [];
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const formOf = (property: Schema, required = false): Schema => ({
  type: 'object',
  properties: { it: { title: 'It', ...property } },
  ...(required ? { required: ['it'] } : {}),
});
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const DOCUMENT: Schema = { type: 'string', format: 'document', contentType: CONTACT };
const USER: Schema = { type: 'string', format: 'user' };
const FILE: Schema = { type: 'string', format: 'file' };

const input = (): HTMLInputElement => screen.getByRole('combobox', { name: /^It/ });
const shows = (title: string) => waitFor(() => expect(input().value).toBe(title));
const clearButton = () => screen.queryByRole('button', { name: 'Clear' });

/** Uses a file of the library's dialog. */
async function pick(name: string) {
  const dialog = await screen.findByRole('dialog');
  await userEvent.click(await within(dialog).findByRole('button', { name: new RegExp(name) }));
  await userEvent.click(within(dialog).getByRole('button', { name: /^Use / }));
}

describe('a document', () => {
  it('is chosen by words of its title, and cleared', async () => {
    const said = await renderForm(formOf(DOCUMENT));
    await waitFor(() => expect(input().placeholder).toBe('Search by title'));
    await userEvent.type(input(), 'vries ann');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1));
    // Typing is waited for: not every letter is searched.
    expect(asked.filter((query) => [...query.keys()].some((key) => key.includes('$containsi')))).toHaveLength(1);
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(said).toEqual([{ it: 'ann' }]);
    await shows('Ann de Vries');
    // What was chosen is not read again.
    expect(asked.some((query) => [...query.keys()].some((key) => key.includes('$in')))).toBe(false);
    await userEvent.click(clearButton() as HTMLElement);
    expect(said.at(-1)).toEqual({});
  });

  it('that is set is shown by its title, as text', async () => {
    await renderForm(formOf(DOCUMENT), { it: 'eve' });
    await shows(HOSTILE);
    await userEvent.click(input());
    expect(await screen.findByRole('option', { name: HOSTILE })).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getAllByRole('option')).toHaveLength(3);
  });

  it('that nothing fits is not found', async () => {
    await renderForm(formOf(DOCUMENT));
    await waitFor(() => expect(input().placeholder).toBe('Search by title'));
    await userEvent.type(input(), 'nobody');
    expect(await screen.findByText('Nothing found.')).toBeTruthy();
  });

  it('that is gone says so, and can be cleared', async () => {
    const said = await renderForm(formOf({ ...DOCUMENT, description: 'Who it is about' }), { it: 'lost' });
    expect(await screen.findByText(/This document is gone, or you don’t have access to it: lost/)).toBeTruthy();
    expect(screen.getByText('Who it is about')).toBeTruthy();
    expect(input().value).toBe('lost');
    await userEvent.click(clearButton() as HTMLElement);
    expect(said).toEqual([{}]);
    await waitFor(() => expect(screen.queryByText(/is gone/)).toBeNull());
  });

  it('that is only in another locale is not gone', async () => {
    types = [contactType({ localized: true })];
    contacts = [{ documentId: 'luc', name: 'Luc', locale: 'fr' }];
    await renderForm(formOf(DOCUMENT), { it: 'luc' });
    await shows('Luc');
    expect(screen.queryByText(/is gone/)).toBeNull();
  });

  it('that is required cannot be cleared', async () => {
    await renderForm(formOf(DOCUMENT, true), { it: 'ann' });
    await shows('Ann de Vries');
    expect(clearButton()).toBeNull();
  });

  it('cannot be changed in a disabled form', async () => {
    await renderForm(formOf(DOCUMENT), { it: 'ann' }, { disabled: true, problemAt: () => 'taken' });
    await shows('Ann de Vries');
    expect(input().disabled).toBe(true);
    expect(clearButton()).toBeNull();
    expect(screen.getByText('taken')).toBeTruthy();
  });

  it('of a missing type is entered by its id', async () => {
    types = [];
    const said = await renderForm(formOf(DOCUMENT));
    expect(await screen.findByText(/There is no content type plugin::crm.contact/)).toBeTruthy();
    await userEvent.type(screen.getByRole('textbox', { name: 'It' }), 'x');
    expect(said).toEqual([{ it: 'x' }]);
  });

  it('may not be read: nothing is requested, and what is set can be cleared', async () => {
    types = [contactType({ can: { ...contactType().can, find: false } })];
    const said = await renderForm(formOf(DOCUMENT), { it: 'ann' });
    await screen.findAllByText('You don’t have permission to read documents of Contact.');
    expect(asked).toEqual([]);
    await userEvent.click(clearButton() as HTMLElement);
    expect(said).toEqual([{}]);
  });

  it('is refused by the server: there is nothing to try again', async () => {
    server.use(http.get('*/admin/api/content/:uid', () => refusal(403)));
    await renderForm(formOf(DOCUMENT), { it: 'ann' });
    await screen.findAllByText('You don’t have permission to read documents of Contact.');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('can be asked for again after an error of the server', async () => {
    server.use(http.get('*/admin/api/content/:uid', () => refusal(500)));
    await renderForm(formOf(DOCUMENT), { it: 'ann' });
    const alert = await screen.findByRole('alert');
    // Nothing is known of it: it is not said to be gone.
    expect(screen.queryByText(/is gone/)).toBeNull();
    server.resetHandlers();
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
    await shows('Ann de Vries');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('is listed a page at a time', async () => {
    contacts = Array.from({ length: 45 }, (_, at) => ({
      documentId: `d${at}`,
      name: `Contact ${String(at).padStart(2, '0')}`,
    }));
    await renderForm(formOf(DOCUMENT));
    await waitFor(() => expect(input().placeholder).toBe('Search by title'));
    await userEvent.click(input());
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(20));
    const viewport = screen.getByRole('listbox').querySelector('[data-scrollbars]');
    fireEvent.scroll(viewport as Element);
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(40));
    expect(asked).toHaveLength(2);
  });

  it('is one of several', async () => {
    const said = await renderForm(formOf({ ...listOf(DOCUMENT), maxItems: 2 }), { it: ['ann', 'lost'] });
    expect(await screen.findByText('Ann de Vries')).toBeTruthy();
    expect(await screen.findByText(/This document is gone, or you don’t have access to it: lost/)).toBeTruthy();
    await userEvent.click(input());
    await userEvent.keyboard('{Backspace}');
    expect(said.at(-1)).toEqual({ it: ['ann'] });
    await userEvent.click(await screen.findByRole('option', { name: 'Bob Smit' }));
    expect(said.at(-1)).toEqual({ it: ['ann', 'bob'] });
    await userEvent.click(await screen.findByRole('option', { name: HOSTILE }));
    expect(said.at(-1)).toEqual({ it: ['ann', 'bob'] });
    await userEvent.keyboard('{Backspace}{Backspace}');
    expect(said.at(-1)).toEqual({});
  });
});

describe('a person', () => {
  it('is chosen by name among those who are active, and cleared', async () => {
    const said = await renderForm(formOf(USER));
    await userEvent.click(input());
    expect(await screen.findAllByRole('option')).toHaveLength(2);
    expect(document.querySelector('img')).toBeNull();
    await userEvent.type(input(), 'an');
    await userEvent.click(screen.getByRole('option', { name: /Ann/ }));
    // As `people.person.id` writes it.
    expect(said).toEqual([{ it: '1' }]);
    await shows('Ann');
    await userEvent.click(clearButton() as HTMLElement);
    expect(said.at(-1)).toEqual({});
  });

  it('who has left is shown, and not offered', async () => {
    await renderForm(formOf(USER), { it: '3' });
    await shows('Cas (no longer active)');
    await userEvent.click(input());
    await userEvent.clear(input());
    await userEvent.type(input(), 'bob');
    expect(screen.queryByRole('option', { name: 'Ann' })).toBeNull();
  });

  it('who is gone is said to be, and can be cleared', async () => {
    const said = await renderForm(formOf(USER), { it: '99' });
    expect(await screen.findByText(/no longer in the admin: 99/)).toBeTruthy();
    await userEvent.click(clearButton() as HTMLElement);
    expect(said).toEqual([{}]);
  });

  it('is one of several', async () => {
    const said = await renderForm(formOf(listOf(USER)), { it: ['1'] });
    expect(await screen.findByText('Ann')).toBeTruthy();
    await userEvent.click(input());
    await userEvent.click(await screen.findByRole('option', { name: new RegExp(HOSTILE.replaceAll(/[()]/g, '\\$&')) }));
    expect(said).toEqual([{ it: ['1', '2'] }]);
  });

  it('may not be seen', async () => {
    server.use(http.get('*/admin/api/people', () => refusal(403)));
    await renderForm(formOf(USER), { it: '1' });
    expect(await screen.findByText('You don’t have permission to see who works in the admin.')).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('can be asked for again after an error of the server', async () => {
    server.use(http.get('*/admin/api/people', () => refusal(500)));
    await renderForm(formOf(USER), { it: '1' });
    const alert = await screen.findByRole('alert');
    server.resetHandlers();
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
    await shows('Ann');
  });
});

describe('a file', () => {
  it('is chosen in the library among the accepted kinds, and cleared', async () => {
    const said = await renderForm(formOf({ ...FILE, accepts: ['image', 'video'] }));
    await userEvent.click(screen.getByRole('button', { name: 'Choose from library' }));
    await pick('logo.png');
    expect(said).toEqual([{ it: 'a' }]);
    expect(asked[0]?.get('kind')).toBe('image,video');
    expect(screen.getByText('logo.png')).toBeTruthy();
    expect(screen.getByRole('img', { name: 'A logo' }).getAttribute('src')).toBe('/uploads/small_a.png');
    await userEvent.click(screen.getByRole('button', { name: 'Remove logo.png' }));
    expect(said.at(-1)).toEqual({});
  });

  it('that is set is shown, with its name as text', async () => {
    await renderForm(formOf(FILE, true), { it: 'bb' });
    expect(await screen.findByText(HOSTILE)).toBeTruthy();
    expect(document.querySelectorAll('img')).toHaveLength(1);
    // A required one can only be replaced.
    expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull();
    expect(screen.getByRole('button', { name: 'Choose another' })).toBeTruthy();
  });

  it.each(['ccc', 'lost'])('that is gone or in the trash says so: %s', async (id) => {
    const said = await renderForm(formOf(FILE), { it: id });
    expect(await screen.findByText('This file is gone.')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: `Remove ${id}` }));
    expect(said).toEqual([{}]);
  });

  it('may not be seen', async () => {
    server.use(http.get('*/admin/api/assets/:id', () => refusal(403)));
    await renderForm(formOf(FILE), { it: 'a' });
    expect(await screen.findByText('You don’t have access to this file.')).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('can be asked for again after an error of the server', async () => {
    server.use(http.get('*/admin/api/assets/:id', () => refusal(500)));
    await renderForm(formOf(FILE), { it: 'a' });
    const alert = await screen.findByRole('alert');
    expect(screen.queryByText('This file is gone.')).toBeNull();
    server.resetHandlers();
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('logo.png')).toBeTruthy();
  });

  it('is looked for again after an error of the library', async () => {
    server.use(http.get('*/admin/api/assets', () => refusal(500)));
    await renderForm(formOf(FILE));
    await userEvent.click(screen.getByRole('button', { name: 'Choose from library' }));
    const alert = await screen.findByRole('alert');
    server.resetHandlers();
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('logo.png')).toBeTruthy();
  });

  it('is one of several', async () => {
    const said = await renderForm(formOf({ ...listOf(FILE), maxItems: 2 }), { it: ['bb'] });
    await userEvent.click(screen.getByRole('button', { name: 'Choose from library' }));
    await pick('logo.png');
    expect(said).toEqual([{ it: ['bb', 'a'] }]);
    expect(screen.queryByRole('button', { name: 'Choose from library' })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: `Remove ${HOSTILE}` }));
    expect(said.at(-1)).toEqual({ it: ['a'] });
  });

  it('stays in a disabled form', async () => {
    await renderForm(formOf(FILE), { it: 'a' }, { disabled: true });
    expect(await screen.findByText('logo.png')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });
});

test('values of another kind are no ids', () => {
  expect(idsOf(['a', 7, '', null, {}, 'a'])).toEqual(['a', '7']);
  expect(idsOf(undefined)).toEqual([]);
  expect(mediaTypesOf(['file', 'image', 'hologram'])).toEqual(['images', 'files']);
  expect(mediaTypesOf('image')).toEqual([]);
});
