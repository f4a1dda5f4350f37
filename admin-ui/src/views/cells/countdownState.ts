import type { Tone } from '../tones';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What a countdown shows at a moment. */
export interface CountdownState {
  /** In milliseconds, rounded to what is worth reading: to minutes, in the last one to seconds. */
  shown: number;
  isOver: boolean;
  tone: Tone;
}

/** The state of a countdown until a moment, at `now`; both in milliseconds since 1970. */
export function readCountdown(moment: number, now: number): CountdownState {
  const rest = moment - now;
  const isOver = rest <= 0;
  const distance = Math.abs(rest);
  // Rounded so that no time is shown that is not there any more, nor one that has not passed yet.
  const unit = distance < MINUTE ? SECOND : MINUTE;
  const shown = Math.floor(distance / unit) * unit;
  if (isOver) return { shown, isOver, tone: 'danger' };
  return { shown, isOver, tone: rest < HOUR ? 'warning' : 'info' };
}
