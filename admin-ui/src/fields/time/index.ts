import { isEmpty, isTime } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const time: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) => (isEmpty(value) || isTime(String(value)) ? null : { key: 'notATime' }),
};
