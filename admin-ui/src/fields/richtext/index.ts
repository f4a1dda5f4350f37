import { checkText } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const richtext: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: checkText,
};
