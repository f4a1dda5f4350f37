import type { BadgeTone } from '@/ui/StateBadge';

/** What a colour says of a word or a number beside it. */
export const TONES = ['neutral', 'info', 'success', 'warning', 'danger'] as const;

export type Tone = (typeof TONES)[number];

/** Tones of a view as badges have them. */
export const BADGES: Record<Tone, BadgeTone> = {
  neutral: 'off',
  info: 'waiting',
  success: 'good',
  warning: 'warning',
  danger: 'bad',
};

/** Tones of a view as colours of the theme. */
export const COLOURS: Record<Tone, string | undefined> = {
  neutral: 'gray',
  info: 'blue',
  success: 'green',
  warning: 'yellow',
  danger: 'red',
};
