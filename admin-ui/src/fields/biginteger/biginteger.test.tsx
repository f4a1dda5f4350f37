import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { biginteger } from '.';

describe('biginteger', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'biginteger' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: '9223372036854775807' } });
    expect(changes.at(-1)).toEqual('9223372036854775807');
  });

  it('reports problems', async () => {
    expect(biginteger.check({ type: 'biginteger' }, '9223372036854775808')?.key).toBe('outOfRange');
    expect(biginteger.check({ type: 'biginteger', max: '9007199254740993' }, '9007199254740994')?.key).toBe('tooLarge');
    expect(biginteger.check({ type: 'biginteger' }, '9223372036854775807')?.key).toBe(undefined);
    await renderInput({ type: 'biginteger' }, null, { error: 'Doesn’t match' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('Doesn’t match')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(
      <biginteger.Cell attribute={{ type: 'biginteger' }} value={'9223372036854775807'} />,
    );
    expect(container.textContent).toContain('9,223,372,036,854,775,807');
    expect(container.querySelector('b,script')).toBeNull();
  });
});
