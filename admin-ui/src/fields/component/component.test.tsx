import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Model } from '@/api/model';
import { fromClipboard, toClipboard } from '../form/clipboard';
import type { Item } from '../form/values';
import { renderFields, renderPlain } from '../testing';
import { component } from '.';

const model: Model = {
  contentTypes: [],
  hash: '',
  locked: false,
  components: [
    {
      uid: 'shared.link',
      category: 'shared',
      displayName: 'Link',
      icon: null,
      attributes: { label: { type: 'string' }, url: { type: 'string' } },
    },
  ],
};
const one = { type: 'component', component: 'shared.link' } as const;
const many = { ...one, repeatable: true, max: 3 };
const link = (key: string, label: string): Item => ({ __key: key, __component: 'shared.link', label, url: null });
const labels = (value: unknown) => (value as Item[]).map((item) => item.label);

describe('component', () => {
  it('is added, filled in and removed', async () => {
    const { store } = await renderFields({ link: one }, { link: null }, model);
    fireEvent.click(screen.getByRole('button', { name: 'Add Link' }));
    fireEvent.change(screen.getByLabelText('Label'), { target: { value: 'x' } });
    expect(store.get('link.label')).toBe('x');
    fireEvent.click(screen.getByRole('button', { name: 'Remove Link' }));
    expect(store.get('link')).toBeNull();
  });

  it('renders only the summary of a closed item', async () => {
    await renderFields({ links: many }, { links: [link('1', 'a')] }, model);
    expect(screen.queryByLabelText('Label')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: '1. Link a' }));
    expect(screen.getByLabelText('Label')).toBeTruthy();
  });

  it('shows the text of a closed item without the marks of Markdown', async () => {
    const [linkModel] = model.components;
    if (!linkModel) throw new Error('the model has no component');
    const note = { ...linkModel, uid: 'shared.note', displayName: 'Note', attributes: { body: { type: 'richtext' } } };
    const item = { __key: '1', __component: 'shared.note', body: '## Steps\n\nClimb the **two hundred** steps.' };
    await renderFields(
      { notes: { ...many, component: 'shared.note' } },
      { notes: [item] },
      { ...model, components: [note as (typeof model.components)[number]] },
    );
    expect(screen.getByRole('button', { name: '1. Note Steps Climb the two hundred steps.' })).toBeTruthy();
  });

  it('is moved by keyboard and menu, duplicated and deleted', async () => {
    const { store } = await renderFields({ links: many }, { links: [link('1', 'a'), link('2', 'b')] }, model);
    fireEvent.keyDown(screen.getByRole('button', { name: /2. Link b/ }), { key: 'ArrowUp', altKey: true });
    expect(labels(store.get('links'))).toEqual(['b', 'a']);
    fireEvent.click(screen.getByRole('button', { name: 'Actions for 1. Link' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: /Duplicate/ }));
    expect(labels(store.get('links'))).toEqual(['b', 'b', 'a']);
    expect(new Set((store.get('links') as Item[]).map((item) => item.__key)).size).toBe(3);
    expect(screen.getByRole('button', { name: 'Add Link' })).toHaveProperty('disabled', true);
    fireEvent.click(screen.getByRole('button', { name: 'Actions for 3. Link' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: /Delete/ }));
    expect(labels(store.get('links'))).toEqual(['b', 'b']);
    store.undo();
    await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(3));
  });

  it('is pasted only as far as the model allows', () => {
    const text = toClipboard([{ ...link('1', 'a'), evil: 'x', url: 7 } as Item]);
    const pasted = fromClipboard(text, model, ['shared.link']);
    expect(pasted?.items).toHaveLength(1);
    expect(pasted?.items[0]).toMatchObject({ label: 'a', url: null });
    expect(pasted?.items[0]).not.toHaveProperty('evil');
    expect(fromClipboard(text, model, ['shared.seo'])?.refused).toEqual(['shared.link']);
    expect(fromClipboard('{"a":1}', model, ['shared.link'])).toBeNull();
    expect(fromClipboard('<script>', model, ['shared.link'])).toBeNull();
  });

  it('is shown as a count', async () => {
    const { container } = await renderPlain(<component.Cell attribute={many} value={[{}, {}]} />);
    expect(container.textContent).toContain('2 items');
  });
});
