import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input, preload } from './Input';
import { Options } from './Options';
import { display } from './display';

export const json: FieldUi = {
  ...display,
  Input,
  preload,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: () => null,
};
