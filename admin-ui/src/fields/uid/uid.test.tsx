import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { uid } from '.';
import { slugOf } from './slug';

describe('uid', () => {
  it('is typed', async () => {
    const { changes } = await renderInput({ type: 'uid', targetField: 'title' }, null);
    const input = screen.getByLabelText('Field');
    fireEvent.change(input, { target: { value: 'a-b' } });
    expect(changes.at(-1)).toEqual('a-b');
  });

  it('says what is wrong', async () => {
    expect(uid.check({ type: 'uid' }, 'a b')?.key).toBe('notUid');
    expect(uid.check({ type: 'uid' }, 'a_b-c.d~')?.key).toBe(undefined);
    await renderInput({ type: 'uid', targetField: 'title' }, null, { error: 'It does not fit' });
    expect(screen.getByLabelText('Field').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByText('It does not fit')).toBeTruthy();
  });

  it('reads as text', async () => {
    const { container } = await renderPlain(
      <uid.Cell attribute={{ type: 'uid', targetField: 'title' }} value={'<b>x</b>'} />,
    );
    expect(container.textContent).toContain('<b>x</b>');
    expect(container.querySelector('b,script')).toBeNull();
  });

  it('is made of a title without its accents', () => {
    expect(slugOf('  Ünïque Título’s naïef! ')).toBe('unique-titulos-naief');
    expect(slugOf('漢字')).toBe('');
  });
});
