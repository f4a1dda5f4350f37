import { useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDateTime, formatDuration } from '@/ui/format';
import { StateBadge } from '@/ui/StateBadge';
import { BADGES } from '../tones';
import { type CountdownState, readCountdown } from './countdownState';

/** How often countdowns look at the clock, in milliseconds. Only those whose text has changed are drawn again. */
const TICK_MS = 1000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** Calls the listener with every tick, of a timer that all countdowns share. */
function listenToTicks(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((listen) => listen()), TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time that is left until a moment, or has passed since, as it runs. */
export function Countdown({ until }: { until: string }) {
  const { t } = useTranslation('views');
  const moment = Date.parse(until);
  // As text: the same text is no change.
  const read = useCallback(() => JSON.stringify(readCountdown(moment, Date.now())), [moment]);
  const { shown, isOver, tone } = JSON.parse(useSyncExternalStore(listenToTicks, read)) as CountdownState;
  const duration = formatDuration(shown);
  return (
    <time dateTime={new Date(moment).toISOString()} title={formatDateTime(moment)}>
      <StateBadge tone={BADGES[tone]}>{t(isOver ? 'countdown.over' : 'countdown.left', { duration })}</StateBadge>
    </time>
  );
}
