import type { MantineColorsTuple } from '@mantine/core';

/** Cairn's own blue-green: the colour of lichen on stone. */
export const CAIRN: MantineColorsTuple = [
  '#eef8f8',
  '#dcecec',
  '#b4dada',
  '#88c6c7',
  '#65b5b6',
  '#4fabac',
  '#3d9799',
  '#2a7f81',
  '#1c6a6d',
  '#0d5558',
];

/** What is dark in the dark: from text to what lies lowest, with a little blue in it. */
export const SLATE: MantineColorsTuple = [
  '#d8dcdf',
  '#b8bfc4',
  '#949ca2',
  '#626a71',
  '#454c51',
  '#34393d',
  '#24282b',
  '#1b1d1f',
  '#151719',
  '#101213',
];

/** The colour itself where it can be read on another (4.5:1), or white text on it, else as much darker as it takes. */
export function readableColour(colour: string, behind = '#ffffff'): string {
  let rgb = parseHex(colour) ?? [0, 0, 0];
  const limit = (luminance(parseHex(behind) ?? [255, 255, 255]) + 0.05) / 4.5 - 0.05;
  while (luminance(rgb) > limit) rgb = rgb.map((value) => Math.round(value * 0.94));
  return formatHex(rgb);
}

function parseHex(colour: string): number[] | undefined {
  const hex = /^#?([0-9a-f]{6})$/i.exec(colour.trim())?.[1];
  return hex ? [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) : undefined;
}

function formatHex(rgb: readonly number[]): string {
  return `#${rgb.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}

/** Relative luminance, as WCAG has it. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Ten shades of a project's own colour (`#rrggbb`), from nearly white to nearly black; `undefined` for what is no colour. */
export function makeShades(accent: string): MantineColorsTuple | undefined {
  const rgb = parseHex(accent);
  if (!rgb) return undefined;
  const mix = (other: number, share: number): string => formatHex(rgb.map((value) => value + (other - value) * share));
  const white = [0.93, 0.84, 0.68, 0.52, 0.36, 0.18, 0].map((share) => mix(255, share));
  const black = [0.16, 0.32, 0.48].map((share) => mix(0, share));
  return [...white, ...black] as unknown as MantineColorsTuple;
}

/** How well one colour can be told from another, from 1 to 21, as WCAG has it; `undefined` where one is no colour. */
export function contrastRatio(one: string, other: string): number | undefined {
  const [a, b] = [parseHex(one), parseHex(other)];
  if (!a || !b) return undefined;
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}
