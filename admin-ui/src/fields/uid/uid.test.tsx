import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { uid } from '.';
import { slugOf } from './slug';

describe('uid', () => {
  it('accepts typed input', async () => {
    const { changes } = await renderInput({ type: 'uid', targetField: 'title' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: 'a-b' } });
    expect(changes.at(-1)).toEqual('a-b');
  });

  it('reports problems', async () => {
    expect(uid.check({ type: 'uid' }, 'a b')?.key).toBe('notUid');
    expect(uid.check({ type: 'uid' }, 'a_b-c.d~')?.key).toBe(undefined);
    await renderInput({ type: 'uid', targetField: 'title' }, null, { error: 'It does not fit' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('It does not fit')).toBeTruthy();
  });

  it('is shown as text', async () => {
    const { container } = await renderPlain(
      <uid.Cell attribute={{ type: 'uid', targetField: 'title' }} value={'<b>x</b>'} />,
    );
    expect(container.textContent).toContain('<b>x</b>');
    expect(container.querySelector('b,script')).toBeNull();
  });

  it('is generated from a title, without accents', () => {
    expect(slugOf('  Ünïque Título’s naïef! ')).toBe('unique-titulos-naief');
    expect(slugOf('漢字')).toBe('');
  });
});
