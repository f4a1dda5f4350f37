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

/** Ten shades of a project's own colour (`#rrggbb`), from nearly white to nearly black; `undefined` for what is no colour. */
export function shades(accent: string): MantineColorsTuple | undefined {
  const hex = /^#?([0-9a-f]{6})$/i.exec(accent.trim())?.[1];
  if (!hex) return undefined;
  const rgb = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const mix = (other: number, share: number): string =>
    `#${rgb.map((value) => Math.round(value + (other - value) * share).toString(16).padStart(2, '0')).join('')}`;
  const white = [0.93, 0.84, 0.68, 0.52, 0.36, 0.18, 0].map((share) => mix(255, share));
  const black = [0.16, 0.32, 0.48].map((share) => mix(0, share));
  return [...white, ...black] as unknown as MantineColorsTuple;
}
