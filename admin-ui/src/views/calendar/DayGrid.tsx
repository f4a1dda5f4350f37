import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import {
  ActionIcon,
  Button,
  Group,
  Popover,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core';
import { IconCalendarEvent } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDate, formatNumber } from '@/ui/format';
import { localDay, shiftDate } from '../filters/span';
import { type CalendarMode, parseDay, visibleDays, stepDay } from './days';
import classes from './DayGrid.module.css';
import { PeriodSteps } from './PeriodSteps';

/** Something on a day. */
export interface DayItem {
  id: string;
  /** `2026-11-21`. */
  day: string;
  /** Drawn in the day; short. */
  content: ReactNode;
  /** What it is called, for its menu. */
  title: string;
  movable: boolean;
  /** The button of its own menu. */
  menu?: ReactNode;
}

interface Props {
  label: string;
  mode: CalendarMode;
  /** A day of what is shown. */
  day: Date;
  onChange: (mode: CalendarMode, day: Date) => void;
  items: readonly DayItem[];
  /** Moves something to another day. */
  move?: ((item: DayItem, day: string) => void) | undefined;
  /** Makes something on a day. */
  add?: ((day: string) => void) | undefined;
  isPending?: boolean;
}

/** Items that a day of a month shows before the rest is folded. */
const MAX_VISIBLE_ITEMS = 3;
/** Items that a day shows at first in a week or a list, and as many more with each press: thousands may be published in an hour. */
const ITEMS_AT_ONCE = 100;

/** A calendar: month, week or list of days. Arrows go from day to day, what is movable is dragged or sent by its menu. */
export function DayGrid({ label, mode, day, onChange, items, move, add, isPending }: Props) {
  const { t } = useTranslation('views');
  const days = visibleDays(mode, day);
  const byDay = new Map<string, DayItem[]>();
  for (const item of items) byDay.set(item.day, [...(byDay.get(item.day) ?? []), item]);
  const first = days[0] ?? day;
  const last = days.at(-1) ?? day;
  const title =
    mode === 'month'
      ? formatDate(day, { month: 'long', year: 'numeric' })
      : `${formatDate(first)} – ${formatDate(last)}`;
  const [focus, setFocus] = useState(localDay(day));
  const grid = useRef<HTMLDivElement>(null);
  const focused = days.some((one) => localDay(one) === focus) ? focus : localDay(first);
  const go = (to: Date): void => {
    setFocus(localDay(to));
    if (!days.some((one) => localDay(one) === localDay(to))) onChange(mode, to);
    requestAnimationFrame(() => grid.current?.querySelector<HTMLElement>(`[data-day="${localDay(to)}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const at = parseDay(focused);
    if (!at || !(event.target instanceof HTMLElement) || event.target.dataset.day === undefined) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (step !== undefined) go(shiftDate(at, step, 'day'));
    else if (event.key === 'PageDown' || event.key === 'PageUp')
      go(stepDay(mode, at, event.key === 'PageDown' ? 1 : -1));
    else if (event.key === 'Enter' && add) add(focused);
    else return;
    event.preventDefault();
  };
  const [now] = useState(() => new Date());
  const today = localDay(now);
  return (
    <div className={classes.calendar} aria-busy={isPending}>
      <Group justify="space-between" mb="xs">
        <Group gap={4}>
          <PeriodSteps
            onStep={(by) => onChange(mode, stepDay(mode, day, by))}
            onToday={() => onChange(mode, new Date())}
          />
          <Text fw={600} ml="xs" aria-live="polite">
            {title}
          </Text>
        </Group>
        <SegmentedControl
          size="xs"
          aria-label={t('calendar.mode')}
          value={mode}
          data={(['month', 'week', 'agenda'] as const).map((value) => ({ value, label: t(`calendar.${value}`) }))}
          onChange={(value) => onChange(value as CalendarMode, day)}
        />
      </Group>
      {mode === 'agenda' ? (
        <Agenda days={days} byDay={byDay} move={move} />
      ) : (
        // Keys are taken where the focus is: on a day.
        <div
          ref={grid}
          role="grid"
          tabIndex={-1}
          aria-label={`${label}, ${title}`}
          className={classes.grid}
          onKeyDown={onKeyDown}
        >
          <div role="row" className={classes.names}>
            {days.slice(0, 7).map((one) => (
              <div
                key={one.getDay()}
                role="columnheader"
                className={classes.name}
                aria-label={formatDate(one, { weekday: 'long' })}
              >
                {formatDate(one, { weekday: 'short' })}
              </div>
            ))}
          </div>
          {Array.from({ length: days.length / 7 }, (_, week) => (
            <div key={localDay(days[week * 7] ?? day)} role="row" className={classes.week} data-mode={mode}>
              {days.slice(week * 7, week * 7 + 7).map((one) => (
                <Day
                  key={localDay(one)}
                  date={one}
                  items={byDay.get(localDay(one)) ?? []}
                  mode={mode}
                  outside={mode === 'month' && one.getMonth() !== day.getMonth()}
                  today={localDay(one) === today}
                  focused={localDay(one) === focused}
                  onFocus={setFocus}
                  move={move}
                  moved={(id) => items.find((item) => item.id === id)}
                  more={() => onChange('week', one)}
                />
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

interface DayProps {
  date: Date;
  items: readonly DayItem[];
  mode: CalendarMode;
  outside: boolean;
  today: boolean;
  focused: boolean;
  onFocus: (day: string) => void;
  move: Props['move'];
  moved: (id: string) => DayItem | undefined;
  more: () => void;
}

function Day({ date, items, mode, outside, today, focused, onFocus, move, moved, more }: DayProps) {
  const { t } = useTranslation('views');
  const box = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState(false);
  const day = localDay(date);
  const drop = useRef({ move, moved });
  useEffect(() => {
    drop.current = { move, moved };
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => typeof source.data.dayItem === 'string' && source.data.from !== day,
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false);
        const item = drop.current.moved(String(source.data.dayItem));
        if (item) drop.current.move?.(item, day);
      },
    });
  }, [day]);
  return (
    <div
      ref={box}
      role="gridcell"
      tabIndex={focused ? 0 : -1}
      data-day={day}
      data-outside={outside ? '' : undefined}
      data-over={over ? '' : undefined}
      className={classes.day}
      aria-current={today ? 'date' : undefined}
      onFocus={() => onFocus(day)}
    >
      <VisuallyHidden>
        {t('calendar.day', { day: formatDate(date, { dateStyle: 'full' }), count: items.length })}
      </VisuallyHidden>
      <span className={classes.number} data-today={today ? '' : undefined} aria-hidden>
        {date.getDate()}
      </span>
      <DayItems key={`${mode} ${day}`} items={items} move={move} openDay={mode === 'month' ? more : undefined} />
    </div>
  );
}

function Agenda({ days, byDay, move }: { days: readonly Date[]; byDay: Map<string, DayItem[]>; move: Props['move'] }) {
  const { t } = useTranslation('views');
  const filled = days.filter((one) => byDay.has(localDay(one)));
  if (filled.length === 0) return <Text c="dimmed">{t('calendar.nothing')}</Text>;
  return (
    <Stack gap="sm">
      {filled.map((one) => (
        <section key={localDay(one)} aria-label={formatDate(one, { dateStyle: 'full' })}>
          <Text fw={500} size="sm">
            {formatDate(one, { weekday: 'long', day: 'numeric', month: 'long' })}
          </Text>
          <DayItems items={byDay.get(localDay(one)) ?? []} move={move} />
        </section>
      ))}
    </Stack>
  );
}

interface DayItemsProps {
  items: readonly DayItem[];
  move: Props['move'];
  /** Shows the day where it has more room. Without it, more items are shown where they are. */
  openDay?: (() => void) | undefined;
}

/** What is on a day, as far as it is shown, and the way to the rest. */
function DayItems({ items, move, openDay }: DayItemsProps) {
  const { t } = useTranslation('views');
  const [visibleCount, setVisibleCount] = useState(openDay ? MAX_VISIBLE_ITEMS : ITEMS_AT_ONCE);
  return (
    <>
      <ul className={classes.items}>
        {items.slice(0, visibleCount).map((item) => (
          <DayItemChip key={item.id} item={item} move={move} />
        ))}
      </ul>
      {items.length > visibleCount && (
        <Button
          variant="subtle"
          size="compact-xs"
          mih={24}
          onClick={openDay ?? (() => setVisibleCount(visibleCount + ITEMS_AT_ONCE))}
        >
          {t('calendar.more', { shown: formatNumber(items.length - visibleCount) })}
        </Button>
      )}
    </>
  );
}

function DayItemChip({ item, move }: { item: DayItem; move: Props['move'] }) {
  const { t } = useTranslation(['views', 'common']);
  const row = useRef<HTMLLIElement>(null);
  const [dragged, setDragged] = useState(false);
  const [open, setOpen] = useState(false);
  const [to, setTo] = useState(item.day);
  const may = move !== undefined && item.movable;
  useEffect(() => {
    const element = row.current;
    if (!element || !may) return undefined;
    return draggable({
      element,
      getInitialData: () => ({ dayItem: item.id, from: item.day }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, [may, item.id, item.day]);
  return (
    <li ref={row} className={classes.item} data-dragged={dragged ? '' : undefined} data-movable={may ? '' : undefined}>
      <div className={classes.shown}>{item.content}</div>
      {item.menu}
      {may && (
        <Popover opened={open} onChange={setOpen} trapFocus returnFocus withinPortal shadow="md" position="bottom-end">
          <Popover.Target>
            <ActionIcon
              className={classes.moveButton}
              variant="subtle"
              color="gray"
              size={24}
              aria-label={t('views:calendar.move', { title: item.title })}
              onClick={() => setOpen(!open)}
            >
              <IconCalendarEvent size={14} aria-hidden />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown aria-label={t('views:calendar.move', { title: item.title })}>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                setOpen(false);
                if (to && to !== item.day) move?.(item, to);
              }}
            >
              <Group gap="xs" align="flex-end">
                <TextInput
                  type="date"
                  size="xs"
                  label={t('views:calendar.to')}
                  value={to}
                  onChange={(event) => setTo(event.currentTarget.value)}
                />
                <Button type="submit" size="xs">
                  {t('views:calendar.moveNow')}
                </Button>
              </Group>
            </form>
          </Popover.Dropdown>
        </Popover>
      )}
    </li>
  );
}
