import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { placeAfterDrop } from '../form/dragOrder';
import { renderFields, renderPlain } from '../testing';
import { relation } from '.';

const attributes = { tags: { type: 'relation', relation: 'manyToMany', target: 'api::tag.tag' } } as const;

describe('relation', () => {
  it('is reordered and removed, with titles as text', async () => {
    const { store, container } = await renderFields(attributes, {
      tags: [
        { documentId: 'a', title: '<b>a</b>' },
        { documentId: 'b', title: 'b' },
      ],
    });
    expect(container.querySelector('b')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Move b up' }));
    expect((store.get('tags') as { documentId: string }[]).map((tag) => tag.documentId)).toEqual(['b', 'a']);
    fireEvent.click(screen.getByRole('button', { name: 'Remove <b>a</b>' }));
    expect(store.get('tags')).toHaveLength(1);
    store.undo();
    store.undo();
    expect((store.get('tags') as { documentId: string }[]).map((tag) => tag.documentId)).toEqual(['a', 'b']);
  });

  it('that is not readable stays unchanged', async () => {
    await renderFields(attributes, { tags: undefined });
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByText(/stays as it is/)).toBeTruthy();
  });

  it('computes the position of a dropped item', () => {
    expect(placeAfterDrop(['a', 'b', 'c'], 'a', 'c', true)).toBe(2);
    expect(placeAfterDrop(['a', 'b', 'c'], 'c', 'a', false)).toBe(0);
    expect(placeAfterDrop(['a', 'b', 'c'], 'a', 'b', false)).toBeNull();
  });

  it('is shown as titles', async () => {
    const { container } = await renderPlain(
      <relation.Cell attribute={attributes.tags} value={[{ documentId: 'a', title: 'x' }, { documentId: 'b' }]} />,
    );
    expect(container.textContent).toContain('x, b');
  });
});
