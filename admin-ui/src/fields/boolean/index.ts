import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const boolean: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: () => null,
};
