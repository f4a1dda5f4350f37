import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input, preload } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const json: FieldUi = {
  ...reading,
  Input,
  preload,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: () => null,
};
