import { checkNumber } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const float: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: (attribute, value) => checkNumber(attribute, value, false),
};
