import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { boolean } from '.';

describe('boolean', () => {
  it('is a switch if a value is required', async () => {
    const { changes } = await renderInput({ type: 'boolean', default: false }, false);
    fireEvent.click(screen.getByRole('switch', { name: 'Field' }));
    expect(changes).toEqual([true]);
  });

  it('can be unset if it has no default', async () => {
    const { changes } = await renderInput({ type: 'boolean' }, true);
    fireEvent.click(screen.getByLabelText('Not set'));
    expect(changes).toEqual([null]);
  });

  it('is shown as a word', async () => {
    const { container } = await renderPlain(<boolean.Cell attribute={{ type: 'boolean' }} value={false} />);
    expect(container.textContent).toContain('No');
  });
});
