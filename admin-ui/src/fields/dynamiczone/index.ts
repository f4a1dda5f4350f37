import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const dynamiczone: FieldUi = {
  ...display,
  Input,
  empty: () => [],
  check: checkCount,
};
