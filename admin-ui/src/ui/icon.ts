import type { ComponentType } from 'react';

/** An icon of @tabler/icons-react. */
export type Icon = ComponentType<{
  size?: number | string;
  stroke?: number | string;
  className?: string;
  'aria-hidden'?: boolean;
}>;
