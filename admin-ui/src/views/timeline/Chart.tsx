import { VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import { formatDate } from '@/ui/format';
import { BarItem } from './BarItem';
import type { Lane } from './lanes';
import { type Axis, daysBetween, type Tick } from './scale';
import classes from './Timeline.module.css';
import type { MoveBar } from './TimelineView';

interface Props {
  axis: Axis;
  label: string;
  lanes: readonly Lane[];
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  menu: ((entry: Entry) => ReactNode) | undefined;
  move: MoveBar | undefined;
  resizable: boolean;
}

/** The axis with its lanes. Arrows go from bar to bar, with Alt they move one. */
export function Chart({ axis, label, lanes, href, open, menu, move, resizable }: Props) {
  const { t } = useTranslation('views');
  const box = useRef<HTMLDivElement>(null);
  const [now] = useState(() => new Date());
  const today = now >= axis.from && now < axis.to ? (daysBetween(axis.from, now) + 0.5) * axis.perDay : undefined;
  useEffect(() => {
    if (box.current && today !== undefined) box.current.scrollLeft = Math.max(0, today - box.current.clientWidth / 3);
    // Once, when it is drawn: later it is where somebody left it.
    // eslint-disable-next-line react/exhaustive-deps
  }, []);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined || !(event.target instanceof HTMLElement) || event.target.dataset.bar === undefined) return;
    const bars = [...(box.current?.querySelectorAll<HTMLElement>('[data-bar]') ?? [])];
    const next = bars[bars.indexOf(event.target) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const width = axis.days * axis.perDay;
  const named = lanes.some((lane) => lane.label !== '');
  return (
    // Keys are taken where the focus is: on a bar.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={box}
      role="group"
      aria-label={t('timeline.label', { type: label })}
      className={classes.chart}
      data-named={named ? '' : undefined}
      onKeyDown={onKeyDown}
    >
      <div className={classes.axis} style={{ width }} aria-hidden>
        {axis.heads.map((tick) => (
          <span key={tick.at} className={classes.headTick} style={tickStyle(tick, axis)}>
            <span className={classes.stays}>
              {formatDate(tick.from, axis.scale === 'year' ? { year: 'numeric' } : { month: 'long', year: 'numeric' })}
            </span>
          </span>
        ))}
        {axis.ticks.map((tick) => (
          <span
            key={tick.at}
            className={classes.tick}
            data-weekend={axis.scale === 'week' && [0, 6].includes(tick.from.getDay()) ? '' : undefined}
            style={tickStyle(tick, axis)}
          >
            {formatDate(
              tick.from,
              axis.scale === 'year'
                ? { month: 'short' }
                : axis.scale === 'month'
                  ? { day: 'numeric', month: 'numeric' }
                  : { day: 'numeric' },
            )}
          </span>
        ))}
      </div>
      {lanes.map((lane) => (
        <section key={lane.key} className={classes.lane} aria-label={lane.label || undefined}>
          {named && (
            <h2 className={classes.laneName}>
              <span className={classes.stays}>{lane.label}</span>
            </h2>
          )}
          <div className={classes.rows} style={{ width }}>
            {axis.ticks.map((tick) => (
              <span key={tick.at} className={classes.rule} style={{ left: tick.at * axis.perDay }} aria-hidden />
            ))}
            {lane.rows.map((row, at) => (
              // The rows of a lane are nothing but room.
              <ul key={at} className={classes.row}>
                {row.map((bar) => (
                  <BarItem
                    key={bar.entry.documentId}
                    bar={bar}
                    axis={axis}
                    href={href}
                    open={open}
                    menu={menu}
                    move={move}
                    resizable={resizable}
                  />
                ))}
              </ul>
            ))}
          </div>
        </section>
      ))}
      {today !== undefined && (
        <div className={classes.today} style={{ left: today }}>
          <VisuallyHidden>{t('calendar.today')}</VisuallyHidden>
        </div>
      )}
    </div>
  );
}

function tickStyle({ at, days }: Tick, { perDay }: Axis): { left: number; width: number } {
  return { left: at * perDay, width: days * perDay };
}
