import type { Attribute } from '@/api/model';

/** Kinds that fit into a table. */
const SHORT_TYPES = [
  'string',
  'text',
  'email',
  'integer',
  'biginteger',
  'float',
  'decimal',
  'date',
  'time',
  'datetime',
  'boolean',
  'enumeration',
  'uid',
];

/** Whether an attribute can be edited where it is listed. */
export function isInlineEditable(attribute: Attribute | undefined): boolean {
  return attribute !== undefined && SHORT_TYPES.includes(attribute.type);
}
