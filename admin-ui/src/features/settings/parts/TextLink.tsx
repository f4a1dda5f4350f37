import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Target } from '@/ui/route';

/** A link in a text or a table, to a page of ours: `<TextLink {...webhookRoute.to({ id })}>`. */
export function TextLink({ to, params, search, strong = false, children }: Target & { strong?: boolean; children: ReactNode }) {
  return (
    <Anchor size="sm" fw={strong ? 600 : undefined} renderRoot={(props) => <Link to={to} params={params} search={search} {...props} />}>
      {children}
    </Anchor>
  );
}
