import { isEmpty, isTime } from '../shared/checks';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const time: FieldUi = {
  ...display,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) => (isEmpty(value) || isTime(String(value)) ? null : { key: 'notATime' }),
};
