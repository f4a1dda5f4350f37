import type { FieldUi } from '../types';
import { check } from './check';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const integer: FieldUi = {
  ...display,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check,
};
