import { memo } from 'react';
import type { DocumentState } from '@/api/content';
import type { Attribute } from '@/api/model';
import { fieldDisplays } from '@/fields/displays';
import { StatusBadge } from './StatusBadge';

/** A value as its kind shows it; of a path through several entries their values. */
export const ValueCell = memo(function ValueCell({
  attribute,
  value,
  many,
}: {
  attribute: Attribute;
  value: unknown;
  many?: boolean;
}) {
  const { Cell } = fieldDisplays[attribute.type];
  if (many && Array.isArray(value) && !['media', 'relation', 'component', 'dynamiczone'].includes(attribute.type)) {
    return <fieldDisplays.string.Cell attribute={attribute} value={value.filter((item) => item !== null).join(', ')} />;
  }
  return <Cell attribute={attribute} value={value} />;
});

/** How a document stands. */
export function StateCell({ state }: { state: DocumentState | undefined }) {
  return state ? <StatusBadge status={state.status} /> : null;
}
