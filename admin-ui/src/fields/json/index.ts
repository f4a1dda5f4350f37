import type { FieldUi } from '../types';
import { Input, preload } from './Input';
import { display } from './display';

export const json: FieldUi = {
  ...display,
  Input,
  preload,
  empty: (attribute) => attribute.default ?? null,
  check: () => null,
};
