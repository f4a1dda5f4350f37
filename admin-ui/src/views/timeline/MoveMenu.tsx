import { ActionIcon, Button, Group, Popover, TextInput } from '@mantine/core';
import { IconCalendarEvent } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parseDay } from '../calendar/days';
import { localDay } from '../filters/span';
import type { Bar } from './lanes';
import { daysBetween } from './scale';
import type { MoveBar } from './TimelineView';

/** Sends a bar to other days by writing them. */
export function MoveMenu({
  bar,
  move,
  resizable,
  label,
}: {
  bar: Bar;
  move: MoveBar;
  resizable: boolean;
  label: string;
}) {
  const { t } = useTranslation('views');
  const [open, setOpen] = useState(false);
  const [first, setFirst] = useState('');
  const [last, setLast] = useState('');
  const toggle = (): void => {
    setFirst(localDay(bar.first));
    setLast(localDay(bar.last));
    setOpen(!open);
  };
  const from = parseDay(first);
  const to = resizable ? parseDay(last) : bar.last;
  const wrong = !from || !to || (resizable && to < from);
  return (
    <Popover opened={open} onChange={setOpen} trapFocus returnFocus withinPortal shadow="md" position="bottom-end">
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size={24} aria-label={label} onClick={toggle}>
          <IconCalendarEvent size={14} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (wrong) return;
            setOpen(false);
            const by = daysBetween(bar.first, from);
            move(bar, { first: by, last: resizable ? daysBetween(bar.last, to) : by });
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              type="date"
              size="xs"
              label={t(resizable ? 'timeline.first' : 'calendar.to')}
              value={first}
              onChange={(event) => setFirst(event.currentTarget.value)}
            />
            {resizable && (
              <TextInput
                type="date"
                size="xs"
                label={t('timeline.last')}
                value={last}
                min={first}
                onChange={(event) => setLast(event.currentTarget.value)}
              />
            )}
            <Button type="submit" size="xs" disabled={wrong}>
              {t('calendar.moveNow')}
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
