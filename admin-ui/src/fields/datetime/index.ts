import { isEmpty } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const datetime: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) =>
    isEmpty(value) || !Number.isNaN(Date.parse(String(value))) ? null : { key: 'notADate' },
};
