import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { text } from '.';

describe('text', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'text' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: 'a\nb' } });
    expect(changes.at(-1)).toEqual('a\nb');
    fireEvent.change(input, { target: { value: '' } });
    expect(changes.at(-1)).toEqual(null);
  });

  it('reports problems', async () => {
    expect(text.check({ type: 'text', minLength: 3 }, 'ab')?.key).toBe('tooShort');
    await renderInput({ type: 'text' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<text.Cell attribute={{ type: 'text' }} value={'<b>x</b>'} />);
    expect(container.textContent).toContain('<b>x</b>');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
