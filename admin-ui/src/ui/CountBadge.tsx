import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatNumber } from './format';

interface Props {
  count: number;
  /** What there are so many of, for who hears it and for who points at it: `3 unread`. */
  label: string;
  color?: string;
  icon?: ReactNode;
  /** There may be more than were counted. */
  more?: boolean;
}

/** How many wait behind a line of a menu or a tab. Nothing where none do. */
export function CountBadge({ count, label, color, icon, more = false }: Props) {
  if (count === 0) return null;
  const shown = count > 99 ? '99+' : `${formatNumber(count)}${more ? '+' : ''}`;
  return (
    <Badge
      size="sm"
      variant={color ? 'light' : 'filled'}
      color={color}
      circle={!icon && shown.length === 1}
      leftSection={icon}
      role="img"
      aria-label={label}
      title={label}
    >
      {shown}
    </Badge>
  );
}
