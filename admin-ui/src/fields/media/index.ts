import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const media: FieldUi = {
  ...display,
  Input,
  empty: () => [],
  check: () => null,
};
