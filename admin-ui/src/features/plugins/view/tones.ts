import type { BadgeTone } from '@/features/settings';
import type { Tone } from './types';

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
