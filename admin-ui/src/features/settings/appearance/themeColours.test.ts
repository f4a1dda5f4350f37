import { describe, expect, it } from 'vitest';
import { contrastRatio } from '@/ui/palette';
import { checkContrast, darkenedShade, themeColours } from './themeColours';

describe("a project's own colour", () => {
  it('is checked with white text, and on both backgrounds', () => {
    expect(checkContrast('#0b57a4').map(({ id, ok }) => [id, ok])).toEqual([
      ['text', true],
      ['light', true],
      ['dark', false],
    ]);
    expect(checkContrast('#ffe066').map(({ ok }) => ok)).toEqual([false, false, true]);
    expect(checkContrast('yellow')).toEqual([]);
  });

  it('is darkened for buttons only if necessary', () => {
    expect(darkenedShade('#0b57a4')).toBeUndefined();
    expect(contrastRatio(darkenedShade('#ffe066') ?? '#ffffff', '#ffffff')).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['#ffe066', '#0b57a4', '#000000', '#ffffff', null])('results in readable links and buttons: %s', (accent) => {
    for (const scheme of ['light', 'dark'] as const) {
      const look = themeColours(accent, scheme);
      expect(contrastRatio(look.filled, '#ffffff'), scheme).toBeGreaterThanOrEqual(4.5);
      expect(contrastRatio(look.text, look.body), scheme).toBeGreaterThanOrEqual(4.5);
    }
  });
});
