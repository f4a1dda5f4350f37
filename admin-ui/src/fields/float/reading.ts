import { orderedOperators } from '../shared/operators';
import type { FieldReading } from '../types';
import { Cell } from './Cell';

export const reading: FieldReading = { Cell, operators: orderedOperators };
