import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput } from '../testing';
import { timestamp } from '.';

describe('timestamp', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'timestamp' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '2026-11-21T10:00' } });
    expect(changes.at(-1)).toEqual(new Date('2026-11-21T10:00').toISOString());
  });

  it('reports problems', async () => {
    expect(timestamp.check({ type: 'timestamp' }, 'soon')?.key).toBe('notADate');
    await renderInput({ type: 'timestamp' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });
});
