import { Group, Title } from '@mantine/core';
import { type ReactNode, useContext } from 'react';
import { HeadingContext } from '../context';

interface Props {
  /** In the reader's language; without one there is no heading. */
  label: string | undefined;
  /** What it is called where it has no heading. */
  name?: string;
  /** Buttons beside the heading. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A block with its heading. */
export function BlockSection({ label, name, actions, children }: Props) {
  const order = useContext(HeadingContext);
  return (
    <section aria-label={label ?? name}>
      {(label || actions) && (
        <Group justify="space-between" gap="xs" mb="xs">
          {label && (
            <Title order={order} size="h4">
              {label}
            </Title>
          )}
          {actions}
        </Group>
      )}
      {children}
    </section>
  );
}
