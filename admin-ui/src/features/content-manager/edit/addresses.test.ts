import { describe, expect, it } from 'vitest';
import { asksForForm, entryAddress } from './addresses';

const read = (raw: Record<string, unknown>) => entryAddress.search?.(raw) ?? {};

describe('the address of an entry', () => {
  it('asks for the form by name, or by something that only the form has', () => {
    expect(asksForForm(read({}))).toBe(false);
    expect(asksForForm(read({ locale: 'nl', tab: 'quotes' }))).toBe(false);
    // As it is typed, and as a link has it.
    for (const form of ['', true]) expect(asksForForm(read({ form }))).toBe(true);
    expect(asksForForm(read({ field: 'title' }))).toBe(true);
    expect(asksForForm(read({ panel: 'history' }))).toBe(true);
    expect(asksForForm(read({ panel: 'nonsense', form: 'no' }))).toBe(false);
  });

  it("keeps what was chosen in a plugin's page, and nothing else", () => {
    expect(read({ tab: 2, parameters: { period: 'year', Bad: 'x', long: 'x'.repeat(501) }, other: 1 })).toEqual({
      tab: '2',
      parameters: { period: 'year' },
    });
  });
});
