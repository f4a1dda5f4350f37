import { expect, test } from 'vitest';
import { CAIRN, contrastRatio, readableColour, makeShades } from './palette';

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test.each(['#ffff00', '#ffffff', '#1c6a6d', '#000000', '#e03131', '#40c057', ...CAIRN])(
  'white text is readable on the shade of %s',
  (colour) => {
    expect(1.05 / (luminance(readableColour(colour)) + 0.05)).toBeGreaterThanOrEqual(4.5);
  },
);

test('text on a tint is darker than on white', () => {
  expect(readableColour('#b45d00', '#fff3bf')).not.toBe(readableColour('#b45d00'));
  expect(
    (luminance('#fff3bf') + 0.05) / (luminance(readableColour('#b45d00', '#fff3bf')) + 0.05),
  ).toBeGreaterThanOrEqual(4.5);
});

test('a colour that is dark enough is unchanged', () => {
  expect(readableColour('#1c6a6d')).toBe('#1c6a6d');
});

test("shades go from light to dark through the project's colour", () => {
  const ten = makeShades('#E2001A') ?? [];
  expect(ten).toHaveLength(10);
  expect(ten[6]).toBe('#e2001a');
  const lights = ten.map(luminance);
  expect(lights).toEqual(lights.toSorted((a, b) => b - a));
});

test.each(['red', '', '#12', 'url(x)', '#1234567', 'expression(1)'])('%j is not a colour', (text) => {
  expect(makeShades(text)).toBeUndefined();
});

test('contrast is between 1 and 21, in either order, and defined for colours only', () => {
  expect(contrastRatio('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrastRatio('#ffffff', '#000000')).toBeCloseTo(21);
  expect(contrastRatio('#777777', '#777777')).toBe(1);
  expect(contrastRatio('red', '#ffffff')).toBeUndefined();
});
