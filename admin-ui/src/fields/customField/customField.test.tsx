import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { customField } from '.';
import { baseOf } from './base';

describe('customField', () => {
  it('is edited as the type that its plugin stores', async () => {
    const { changes } = await renderInput({ type: 'customField', customField: 'plugin::color-picker.color' }, null);
    fireEvent.change(screen.getByLabelText('Field'), { target: { value: '#ff0000' } });
    expect(changes).toEqual(['#ff0000']);
    expect(baseOf({ type: 'customField', customField: 'plugin::unknown.x' })).toBe('json');
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(<customField.Cell attribute={{ type: 'customField' }} value="<b>x</b>" />);
    expect(container.textContent).toContain('<b>x</b>');
  });
});
