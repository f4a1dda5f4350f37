import { Skeleton } from '@mantine/core';
import { lazyPart } from '@/ui/lazyPart';
import type { FilterProps } from '../types';

const TargetFilter = lazyPart(() => import('./TargetFilter'));

/** Entries to look for. Forms need none of it. */
export function Filter(props: FilterProps) {
  return <TargetFilter {...props} fallback={<Skeleton h={36} />} />;
}
