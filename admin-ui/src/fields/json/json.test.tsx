import { waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { json } from '.';
import { parseJson, showJson } from './text';

describe('json', { timeout: 30_000 }, () => {
  it('is shown as indented text', async () => {
    const { container } = await renderInput({ type: 'json' }, { a: [1] });
    await waitFor(() => expect(container.textContent).toContain('"a"'), { timeout: 20_000 });
  });

  it('parses text to a value', () => {
    expect(parseJson('')).toEqual({ ok: true, value: null });
    expect(parseJson('{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
    expect(parseJson('{')).toEqual({ ok: false });
    expect(parseJson(showJson([1, '<b>']))).toEqual({ ok: true, value: [1, '<b>'] });
  });

  it('is shown in one line', async () => {
    const { container } = await renderPlain(<json.Cell attribute={{ type: 'json' }} value={{ a: '<b>x</b>' }} />);
    expect(container.textContent).toContain('{"a":"<b>x</b>"}');
  });
});
