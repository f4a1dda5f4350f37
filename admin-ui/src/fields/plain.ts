import type { Attribute, AttributeType } from '@/api/model';
import { baseOf } from './customField/base';

/** What the value of a plain attribute is, where there is one. */
export type PlainValue = 'text' | 'number' | 'boolean' | 'json';

const PLAIN: Partial<Record<AttributeType, PlainValue>> = {
  string: 'text',
  text: 'text',
  richtext: 'text',
  email: 'text',
  uid: 'text',
  enumeration: 'text',
  date: 'text',
  time: 'text',
  datetime: 'text',
  integer: 'number',
  biginteger: 'number',
  float: 'number',
  decimal: 'number',
  boolean: 'boolean',
  json: 'json',
};

/** What an attribute holds whose value is the same in the form and on its way. Others are not handed to, nor taken from, what is outside of the form. */
export function plainValueOf(attribute: Attribute): PlainValue | undefined {
  return PLAIN[attribute.type === 'customField' ? baseOf(attribute) : attribute.type];
}

/** Whether the input of an attribute can show a value. What is wrong with it beside that is for its checks to say. */
export function fits(attribute: Attribute, value: unknown): boolean {
  const kind = plainValueOf(attribute);
  if (value === null || kind === 'json') return kind !== undefined;
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    // Digits that a number would lose are text.
    case 'number':
      return typeof value === 'number' || typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case undefined:
      return false;
  }
}
