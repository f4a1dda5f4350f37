import { isEmpty } from '../shared/checks';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const datetime: FieldUi = {
  ...reading,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) =>
    isEmpty(value) || !Number.isNaN(Date.parse(String(value))) ? null : { key: 'notADate' },
};
