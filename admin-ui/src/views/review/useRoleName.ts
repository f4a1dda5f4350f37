import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { peopleQuery } from '@/api/users';
import { labelOf } from '@/fields/label';

/** What roles are called, by their codes. */
export function useRoleName(): (code: string) => string {
  const { data } = useQuery(peopleQuery);
  return useCallback(
    (code) => data?.flatMap(({ roles }) => roles).find((role) => role.code === code)?.name ?? labelOf(code),
    [data],
  );
}
