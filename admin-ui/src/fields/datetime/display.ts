import { orderedOperators } from '../shared/operators';
import type { FieldDisplay } from '../types';
import { Cell } from './Cell';

export const display: FieldDisplay = { Cell, operators: orderedOperators };
