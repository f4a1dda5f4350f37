import type { ComponentProps } from 'react';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import type { CreateEntry } from './CreateEntry';

type Props = ComponentProps<typeof CreateEntry>;

const Drawer = lazyPart<Props>(async () => ({ default: (await import('./CreateEntry')).CreateEntry }));

/** Makes an entry for a relation, by what is fetched once somebody wants to. */
export function LateCreateEntry(props: Props) {
  return (
    <PartBoundary closeDialog={props.onClose}>
      <Drawer {...props} fallback={null} />
    </PartBoundary>
  );
}
