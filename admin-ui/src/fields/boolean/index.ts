import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const boolean: FieldUi = {
  ...display,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: () => null,
};
