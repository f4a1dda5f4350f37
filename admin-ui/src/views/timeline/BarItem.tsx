import { type KeyboardEvent, type MouseEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import { formatDate } from '@/ui/format';
import { navigateOnClick } from '../cells/navigateOnClick';
import type { Bar } from './lanes';
import { MoveMenu } from './MoveMenu';
import { type Axis, daysBetween } from './scale';
import classes from './Timeline.module.css';
import type { MoveBar } from './TimelineView';

interface Props {
  bar: Bar;
  axis: Axis;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  menu: ((entry: Entry) => ReactNode) | undefined;
  move: MoveBar | undefined;
  /** Whether its end can be drawn to another day. */
  resizable: boolean;
}

/** Pixels that a pointer may tremble in a click. */
const CLICK_TOLERANCE_PX = 4;

/** A bar: a link to its entry that can be drawn to other days. */
export function BarItem({ bar, axis, href, open, menu, move, resizable }: Props) {
  const { t } = useTranslation('views');
  // Where a drag began, and by how many days it is.
  const [drag, setDrag] = useState<{ from: number; edge: 'all' | 'end'; by: number } | null>(null);
  const dragged = useRef(false);
  const days = daysBetween(bar.first, bar.last) + 1;
  const by = drag?.by ?? 0;
  const least = drag?.edge === 'end' ? Math.max(1, days + by) : days;
  const left = (daysBetween(axis.from, bar.first) + (drag?.edge === 'all' ? by : 0)) * axis.perDay;
  const grab = (edge: 'all' | 'end') => (event: PointerEvent<HTMLElement>) => {
    if (!move || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.stopPropagation();
    dragged.current = false;
    setDrag({ from: event.clientX, edge, by: 0 });
  };
  const follow = (event: PointerEvent<HTMLElement>): void => {
    if (!drag) return;
    const distance = event.clientX - drag.from;
    if (Math.abs(distance) > CLICK_TOLERANCE_PX) dragged.current = true;
    const next = dragged.current ? Math.round(distance / axis.perDay) : 0;
    if (next !== drag.by) setDrag({ ...drag, by: next });
  };
  const drop = (): void => {
    setDrag(null);
    if (!drag || !move || drag.by === 0) return;
    move(
      bar,
      drag.edge === 'all' ? { first: drag.by, last: drag.by } : { first: 0, last: Math.max(1 - days, drag.by) },
    );
  };
  const hold = { onPointerMove: follow, onPointerUp: drop, onPointerCancel: () => setDrag(null) };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || !event.altKey || step === undefined) return;
    event.preventDefault();
    if (event.shiftKey && resizable) move(bar, { first: 0, last: Math.max(1 - days, step) });
    else if (!event.shiftKey) move(bar, { first: step, last: step });
  };
  const onClick = (event: MouseEvent): void => {
    // A drag ends with a click on the link that was dragged.
    if (dragged.current) event.preventDefault();
    else navigateOnClick(() => open(bar.entry))(event);
  };
  const when = days > 1 ? `${formatDate(bar.first)} – ${formatDate(bar.last)}` : formatDate(bar.first);
  return (
    <li className={classes.item} style={{ left }} data-dragged={drag && by !== 0 ? '' : undefined}>
      <a
        data-bar
        className={classes.bar}
        href={href(bar.entry)}
        title={`${bar.title}, ${when}`}
        aria-label={`${bar.title}, ${when}`}
        aria-keyshortcuts={move ? 'Alt+ArrowLeft Alt+ArrowRight' : undefined}
        draggable={false}
        style={{ width: Math.max(24, least * axis.perDay - 2) }}
        data-movable={move ? '' : undefined}
        onPointerDown={grab('all')}
        {...hold}
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        <span className={classes.barTitle}>{bar.title}</span>
      </a>
      {move && resizable && (
        // By keyboard the link does the same with Alt and Shift, and so does the menu.
        <span
          className={classes.end}
          style={{ left: Math.max(24, least * axis.perDay - 2) - 8 }}
          aria-hidden
          onPointerDown={grab('end')}
          {...hold}
        />
      )}
      {(move || menu) && (
        <span className={classes.barMenu} style={{ left: Math.max(24, least * axis.perDay - 2) }}>
          {menu?.(bar.entry)}
          {move && (
            <MoveMenu bar={bar} move={move} resizable={resizable} label={t('calendar.move', { title: bar.title })} />
          )}
        </span>
      )}
    </li>
  );
}
