import { longTextOperators } from '../shared/operators';
import type { FieldReading } from '../types';
import { Cell } from './Cell';

export const reading: FieldReading = { Cell, operators: longTextOperators };
