import { checkText } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const password: FieldUi = {
  ...display,
  Input,
  empty: () => undefined,
  check: checkText,
};
