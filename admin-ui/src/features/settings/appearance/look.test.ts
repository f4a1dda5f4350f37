import { describe, expect, it } from 'vitest';
import { contrastOf } from '@/ui/palette';
import { checksOf, darkened, lookOf } from './look';

describe("a project's own colour", () => {
  it('is measured with white text, and on both backgrounds', () => {
    expect(checksOf('#0b57a4').map(({ id, ok }) => [id, ok])).toEqual([
      ['text', true],
      ['light', true],
      ['dark', false],
    ]);
    expect(checksOf('#ffe066').map(({ ok }) => ok)).toEqual([false, false, true]);
    expect(checksOf('yellow')).toEqual([]);
  });

  it('is darkened for buttons only where it has to be', () => {
    expect(darkened('#0b57a4')).toBeUndefined();
    expect(contrastOf(darkened('#ffe066') ?? '#ffffff', '#ffffff')).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['#ffe066', '#0b57a4', '#000000', '#ffffff', null])(
    'leads to links and buttons that can be read: %s',
    (accent) => {
      for (const scheme of ['light', 'dark'] as const) {
        const look = lookOf(accent, scheme);
        expect(contrastOf(look.filled, '#ffffff'), scheme).toBeGreaterThanOrEqual(4.5);
        expect(contrastOf(look.text, look.body), scheme).toBeGreaterThanOrEqual(4.5);
      }
    },
  );
});
