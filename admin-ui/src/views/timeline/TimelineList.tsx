import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import { formatDate } from '@/ui/format';
import { navigateOnClick } from '../cells/navigateOnClick';
import type { Lane } from './lanes';
import { MoveMenu } from './MoveMenu';
import classes from './Timeline.module.css';
import type { MoveBar } from './TimelineView';

interface Props {
  lanes: readonly Lane[];
  grouped: boolean;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  menu: ((entry: Entry) => ReactNode) | undefined;
  move: MoveBar | undefined;
  resizable: boolean;
}

/** The same entries one below the other, for small screens and for who would rather read than look. */
export function TimelineList({ lanes, grouped, href, open, menu, move, resizable }: Props) {
  const { t } = useTranslation('views');
  return (
    <Stack gap="md" className={classes.list}>
      {lanes.map((lane) => (
        <section key={lane.key} aria-label={grouped ? lane.label : t('timeline.list')}>
          {grouped && (
            <Text component="h2" fw={600} size="sm" m={0} mb={4}>
              {lane.label}
            </Text>
          )}
          <ul className={classes.lines}>
            {lane.rows
              .flat()
              .toSorted((a, b) => a.first.getTime() - b.first.getTime())
              .map((bar) => (
                <li key={bar.entry.documentId} className={classes.line}>
                  <div>
                    <a href={href(bar.entry)} onClick={navigateOnClick(() => open(bar.entry))}>
                      {bar.title}
                    </a>
                    <Text size="xs" c="dimmed">
                      {formatDate(bar.first)}
                      {bar.last > bar.first && ` – ${formatDate(bar.last)}`}
                    </Text>
                  </div>
                  <span className={classes.lineMenus}>
                    {menu?.(bar.entry)}
                    {move && (
                      <MoveMenu
                        bar={bar}
                        move={move}
                        resizable={resizable}
                        label={t('calendar.move', { title: bar.title })}
                      />
                    )}
                  </span>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </Stack>
  );
}
