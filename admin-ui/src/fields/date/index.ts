import { isDay, isEmpty } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const date: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) => (isEmpty(value) || isDay(String(value)) ? null : { key: 'notADate' }),
};
