import type { TFunction } from 'i18next';

/** Countries of which the server keeps the official holidays. */
export const PRESETS = ['nl'] as const;

/** The country of a preset; one that this version does not know by its code. */
export function presetName(t: TFunction, preset: string): string {
  const known = PRESETS.find((one) => one === preset);
  return known ? t(`workingCalendars:preset.${known}`) : preset;
}
