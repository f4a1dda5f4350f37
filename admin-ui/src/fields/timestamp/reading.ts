import { reading as datetime } from '../datetime/reading';
import type { FieldReading } from '../types';
import { Cell } from './Cell';

export const reading: FieldReading = { Cell, operators: datetime.operators };
