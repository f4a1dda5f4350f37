import type { FieldUi } from '../types';
import { check } from './check';
import { Input } from './Input';
import { display } from './display';

export const biginteger: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check,
};
