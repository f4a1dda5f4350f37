import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestOptions } from '@/api/client';
import type { GlossaryTerm, GlossaryTerms } from '@/api/glossary';
import { Providers, startTestTexts } from '@/fields/testing';
import common from '@/i18n/en/common.json';
import glossary from '@/i18n/en/glossary.json';
import * as toast from '@/ui/toast';
import GlossaryPage from './GlossaryPage';

let terms: GlossaryTerms;
let sent: Record<string, GlossaryTerm | null>[];
let actions: string[];

vi.mock(import('@/api/client'), async (actual) => ({
  ...(await actual()),
  request: (async (method: string, _path: string, { body }: RequestOptions = {}) => {
    if (method === 'PUT') {
      sent.push(body as Record<string, GlossaryTerm | null>);
      const after = Object.entries({ ...terms, ...(body as object) }).filter(([, term]) => term !== null);
      terms = Object.fromEntries(after) as GlossaryTerms;
    }
    return { data: terms };
  }) as never,
}));

vi.mock(import('@/api/session'), async (actual) => ({
  ...(await actual()),
  useSession: (() => ({
    permissions: { isSuper: false, actions },
    locales: { default: 'nl', available: [{ code: 'en' }, { code: 'nl' }] },
  })) as never,
}));

const showToast = vi.spyOn(toast, 'showToast');

async function draw(begun: GlossaryTerms): Promise<void> {
  terms = begun;
  await startTestTexts();
  for (const [name, texts] of Object.entries({ common, glossary })) i18next.addResourceBundle('en', name, texts);
  render(
    <Providers>
      <GlossaryPage />
    </Providers>,
  );
  await screen.findByText(/^No terms yet$|^\d+ terms?$/);
}

const press = (name: RegExp | string): Promise<void> => userEvent.click(screen.getByRole('button', { name }));
const delivery = {
  words: { en: 'delivery', nl: 'aflevering', de: 'Lieferung' },
  note: 'Of a vehicle',
  translate: true,
};
const cells = () => screen.getAllByRole('cell').map(({ textContent }) => textContent);

beforeEach(() => {
  sent = [];
  actions = ['settings.locales'];
  showToast.mockReset().mockReturnValue(() => undefined);
});

describe('the glossary page', () => {
  it('adds the first term, which needs a word', async () => {
    await draw({});
    await press('Add term');
    const dialog = within(await screen.findByRole('dialog', { name: 'Add term' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Add term' }));
    expect(dialog.getByText('Enter a word in at least one language.')).toBeTruthy();
    await userEvent.type(dialog.getByLabelText('Dutch'), ' offerte ');
    await userEvent.type(dialog.getByLabelText('English'), 'quote');
    await userEvent.click(dialog.getByRole('button', { name: 'Add term' }));
    await screen.findByText('1 term');
    const [[key, term] = []] = Object.entries(sent[0] ?? {});
    expect(key).toMatch(/^(?:offerte|quote)-[0-9a-f]{6}$/);
    expect(term).toEqual({ words: { nl: 'offerte', en: 'quote' }, translate: true });
    // The default language comes first.
    expect(cells().slice(0, 2)).toEqual(['offerte', 'quote']);
  });

  it('changes a term, and leaves its words in languages that the site has no more', async () => {
    await draw({ delivery });
    await press('Edit aflevering');
    const dialog = within(await screen.findByRole('dialog', { name: 'Edit term' }));
    await userEvent.clear(dialog.getByLabelText('Note'));
    await userEvent.clear(dialog.getByLabelText('Dutch'));
    await userEvent.type(dialog.getByLabelText('Dutch'), 'bezorging');
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toEqual({
      delivery: { words: { en: 'delivery', nl: 'bezorging', de: 'Lieferung' }, translate: true },
    });
  });

  it('has one word for what is not translated', async () => {
    await draw({ delivery });
    await press('Add term');
    const dialog = within(await screen.findByRole('dialog', { name: 'Add term' }));
    await userEvent.click(dialog.getByRole('switch', { name: /Don’t translate/ }));
    expect(dialog.queryByLabelText('English')).toBeNull();
    await userEvent.type(dialog.getByLabelText('Word'), 'Cairn');
    await userEvent.click(dialog.getByRole('button', { name: 'Add term' }));
    await screen.findByText('2 terms');
    expect(Object.values(sent[0] ?? {})).toEqual([{ words: { nl: 'Cairn' }, translate: false }]);
    expect(screen.getByText('Not translated')).toBeTruthy();
  });

  it('removes a term with a way back, and finds terms by word and note', async () => {
    await draw({ delivery, cairn: { words: { nl: 'Cairn' }, translate: false } });
    await userEvent.type(screen.getByRole('textbox', { name: 'Search the glossary' }), 'vehicle');
    expect(screen.getByText('1 term')).toBeTruthy();
    await press('Remove aflevering');
    await waitFor(() => expect(showToast).toHaveBeenCalled());
    expect(sent).toEqual([{ delivery: null }]);
    await showToast.mock.calls[0]?.[0].undo?.();
    expect(terms.delivery).toEqual(delivery);
  });

  it('reads a table, and takes it back as a whole', async () => {
    await draw({ delivery });
    const input = document.querySelector('input[type=file]') as HTMLInputElement;
    const csv = 'en;nl\ndelivery;bezorging\nquote;offerte';
    // jsdom reads no files.
    const file = Object.assign(new File([csv], 'terms.csv', { type: 'text/csv' }), { text: async () => csv });
    await userEvent.upload(input, file);
    await waitFor(() => expect(showToast).toHaveBeenCalled());
    expect(showToast.mock.calls[0]?.[0].message).toBe('1 term added. 1 changed.');
    await screen.findByText('offerte');
    await showToast.mock.calls[0]?.[0].undo?.();
    expect(terms).toEqual({ delivery });
  });

  it('can only be read without the permission', async () => {
    actions = [];
    await draw({ delivery });
    expect(screen.getByText(/You can view this/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /Add term|Edit|Remove|Import/ })).toBeNull();
    expect(screen.getByRole('button', { name: 'Export CSV' })).toBeTruthy();
  });
});
