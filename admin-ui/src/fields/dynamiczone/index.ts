import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const dynamiczone: FieldUi = {
  ...display,
  Input,
  Filter: null,
  Options,
  empty: () => [],
  check: checkCount,
};
