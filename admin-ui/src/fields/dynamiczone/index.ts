import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const dynamiczone: FieldUi = {
  ...reading,
  Input,
  Filter: null,
  Options,
  empty: () => [],
  check: checkCount,
};
