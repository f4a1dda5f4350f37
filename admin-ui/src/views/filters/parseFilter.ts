import { OPERATORS } from '@/fields/shared/operators';
import {
  MAX_FILTER_DEPTH,
  type FilterCondition,
  type FilterGroup,
  type FilterNode,
  type FilterOperator,
  type FilterValue,
  MAX_CONDITIONS,
  SPAN_UNITS,
  type SpanUnit,
  takesNoValue,
} from './filter';
import { isRecord, type ProblemCollector } from '../problems';

const FILTER_OPERATORS: readonly FilterOperator[] = [...OPERATORS, '$within', '$notWithin'];

/** Reads a filter that comes from outside; what is wrong with it goes into `problems`. */
export function parseFilter(input: unknown, path: string, problems: ProblemCollector): FilterGroup | undefined {
  const state = { left: MAX_CONDITIONS };
  const node = parseNode(input, path, problems, 0, state);
  if (!node) return undefined;
  return 'field' in node ? { and: [node] } : node;
}

function parseNode(
  input: unknown,
  path: string,
  problems: ProblemCollector,
  depth: number,
  state: { left: number },
): FilterNode | undefined {
  if (!isRecord(input)) return problems.add(path, 'object');
  const combine = 'and' in input ? 'and' : 'or' in input ? 'or' : undefined;
  if (!combine) return parseCondition(input, path, problems, state);
  if (depth >= MAX_FILTER_DEPTH) return problems.add(path, 'deep', { most: MAX_FILTER_DEPTH });
  problems.onlyKeys(input, path, [combine]);
  const list = input[combine];
  if (!Array.isArray(list)) return problems.add(`${path}.${combine}`, 'list');
  const nodes = list
    .map((inner, at) => parseNode(inner, `${path}.${combine}[${at}]`, problems, depth + 1, state))
    .filter((inner) => inner !== undefined);
  return combine === 'and' ? { and: nodes } : { or: nodes };
}

function parseCondition(
  input: Record<string, unknown>,
  path: string,
  problems: ProblemCollector,
  state: { left: number },
): FilterCondition | undefined {
  problems.onlyKeys(input, path, ['field', 'operator', 'value']);
  state.left -= 1;
  if (state.left < 0) return state.left === -1 ? problems.add(path, 'many', { most: MAX_CONDITIONS }) : undefined;
  const { field, operator } = input;
  if (typeof field !== 'string' || !/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/.test(field))
    return problems.add(`${path}.field`, 'field');
  if (!FILTER_OPERATORS.includes(operator as FilterOperator)) {
    return problems.add(`${path}.operator`, 'oneOf', { options: FILTER_OPERATORS.join(', ') });
  }
  const known = operator as FilterOperator;
  if (takesNoValue(known)) return { field, operator: known };
  const value = parseValue(input.value);
  if (value === undefined) return problems.add(`${path}.value`, 'value');
  const spans = known === '$within' || known === '$notWithin';
  const isSpanValue = typeof value === 'object' && !Array.isArray(value) && !('me' in value);
  if (spans !== isSpanValue) return problems.add(`${path}.value`, spans ? 'span' : 'value');
  return { field, operator: known, value };
}

function parseValue(value: unknown): FilterValue | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value))
    return value.every((item) => ['string', 'number', 'boolean'].includes(typeof item)) ? value.map(String) : undefined;
  if (!isRecord(value)) return undefined;
  if (value.me === true) return { me: true };
  if (isUnit(value.this)) return { this: value.this };
  if (!isUnit(value.unit)) return undefined;
  if (isAmount(value.last)) return { last: value.last, unit: value.unit };
  if (isAmount(value.next)) return { next: value.next, unit: value.unit };
  return undefined;
}

function isUnit(unit: unknown): unit is SpanUnit {
  return SPAN_UNITS.includes(unit as SpanUnit);
}

function isAmount(amount: unknown): amount is number {
  return typeof amount === 'number' && Number.isInteger(amount) && amount > 0 && amount <= 1000;
}
