import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestOptions } from '@/api/client';
import { renderPlain } from '@/fields/testing';
import { SeeAsBar } from './SeeAsBar';

/** What people were looked for by, in order. */
let searched: unknown[];

vi.mock(import('@/api/client'), async (actual) => ({
  ...(await actual()),
  request: (async (_method: string, path: string, { query }: RequestOptions = {}) => {
    expect(path).toBe('/admin/api/preview/people');
    searched.push(query?.q);
    return { data: [{ documentId: 'd1', username: 'anna' }] };
  }) as never,
}));

describe('the bar above the preview', () => {
  beforeEach(() => {
    searched = [];
  });

  it('shows a person at a date, and ends', async () => {
    const user = userEvent.setup();
    const onChange = vi.fn();
    const { rerender } = await renderPlain(<SeeAsBar value={null} onChange={onChange} />);
    await user.click(screen.getByRole('button', { name: 'Show' }));
    expect(onChange).toHaveBeenLastCalledWith({});
    expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull();
    await user.click(screen.getByRole('combobox', { name: 'See as' }));
    await user.click(await screen.findByRole('option', { name: 'anna' }));
    await user.type(screen.getByLabelText('Date and time (empty: now)'), '2030-01-02T09:30');
    await user.click(screen.getByRole('button', { name: 'Show' }));
    const at = new Date('2030-01-02T09:30').toISOString();
    expect(onChange).toHaveBeenLastCalledWith({ person: 'd1', at });
    rerender(<SeeAsBar value={{ person: 'd1', at }} onChange={onChange} />);
    expect(screen.getByRole('status').textContent).toContain('as anna will see it');
    await user.click(screen.getByRole('button', { name: 'Stop' }));
    expect(onChange).toHaveBeenLastCalledWith(null);
    expect(searched).toEqual([undefined]);
  });

  it('looks for people by what is typed', async () => {
    const user = userEvent.setup();
    await renderPlain(<SeeAsBar value={null} onChange={() => {}} />);
    const field = screen.getByRole('combobox', { name: 'See as' });
    await user.clear(field);
    await user.type(field, 'nna');
    await vi.waitFor(() => expect(searched).toContain('nna'));
  });
});
