import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Model } from '@/api/model';
import type { Item } from '../form/values';
import { renderFields } from '../testing';
import { dynamiczone } from '.';

const component = (uid: string, displayName: string) => ({
  uid,
  category: 'block',
  displayName,
  icon: null,
  attributes: { text: { type: 'string' as const } },
});
const model: Model = {
  contentTypes: [],
  hash: '',
  locked: false,
  components: [component('block.text', 'Text'), component('block.quote', 'Quote')],
};
const zone = { type: 'dynamiczone', components: ['block.text', 'block.quote'], min: 2 } as const;

describe('dynamiczone', () => {
  it('adds components found by search', async () => {
    const { store } = await renderFields({ zone: { ...zone, components: [...zone.components] } }, { zone: [] }, model);
    fireEvent.click(screen.getByRole('button', { name: 'Add a component' }));
    fireEvent.change(await screen.findByLabelText('Search components'), { target: { value: 'quo' } });
    const [option, ...others] = screen.getAllByRole('option', { hidden: true });
    expect(option?.textContent).toContain('Quote');
    expect(others).toHaveLength(0);
    if (option) fireEvent.click(option);
    expect((store.get('zone') as Item[]).map((item) => item.__component)).toEqual(['block.quote']);
  });

  it('requires its minimum number of components', () => {
    expect(dynamiczone.check({ ...zone, components: [] }, [{}])?.key).toBe('tooFew');
    expect(dynamiczone.check({ ...zone, components: [] }, [])).toBeNull();
  });
});
