import type { FieldUi } from '../types';
import { checkEmail } from './check';
import { Input } from './Input';
import { display } from './display';

export const email: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: checkEmail,
};
