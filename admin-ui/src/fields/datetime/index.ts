import { isEmpty } from '../shared/checks';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const datetime: FieldUi = {
  ...display,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) =>
    isEmpty(value) || !Number.isNaN(Date.parse(String(value))) ? null : { key: 'notADate' },
};
