import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Target } from '@/app/address';

/** A link in a table, or (underlined, in its colour) in a text, to a page of ours: `<TextLink {...webhookAddress.to({ id })}>`. */
export function TextLink({
  to,
  params,
  search,
  strong = false,
  inText = false,
  children,
}: Target & { strong?: boolean; inText?: boolean; children: ReactNode }) {
  return (
    <Anchor
      size="sm"
      underline={inText ? 'always' : 'hover'}
      // The text has a colour that can be read where it stands, on a note for instance.
      c={inText ? 'inherit' : undefined}
      fw={strong ? 500 : undefined}
      // One that stands alone can be hit; one in a text is as high as its line.
      {...(inText ? {} : { display: 'inline-block', lh: '1.5rem' })}
      renderRoot={(props) => <Link to={to} params={params} search={search} {...props} />}
    >
      {children}
    </Anchor>
  );
}
