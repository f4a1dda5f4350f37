import type { Schema, SchemaAttribute } from '@/api/schemaChanges';
import { INCOMPARABLE_TYPES, variablesOf } from '@/api/conditions';

/**
 * When a field is shown: `conditions.visible` of an attribute, a rule in JsonLogic as Strapi has it. The builder makes comparisons of other
 * fields, joined by `and` or `or`; a rule of another form stays as somebody wrote it.
 */

/** What a comparison asks of a field. */
export type ConditionTest = 'is' | 'isNot' | 'filled' | 'empty';

/** A comparison of a field; `value` is there for `is` and `isNot`. */
export interface ConditionTerm {
  field: string;
  test: ConditionTest;
  value?: string | number | boolean;
}

/** Comparisons of which all (`and`) or one (`or`) must be true. */
export interface Condition {
  join: 'and' | 'or';
  terms: ConditionTerm[];
}

/** What is wrong with a condition. */
export type ConditionProblem =
  | { is: 'missing'; field: string }
  | { is: 'kind'; field: string }
  | { is: 'value'; field: string; value: string }
  | { is: 'circle'; fields: string[] };

type Rule = Record<string, unknown>;

const WITH_VALUE = [
  'boolean',
  'enumeration',
  'string',
  'text',
  'email',
  'uid',
  'integer',
  'biginteger',
  'float',
  'decimal',
];
const FILLED_ONLY = ['richtext', 'date', 'time', 'datetime', 'timestamp'];
const NUMBERS = ['integer', 'biginteger', 'float', 'decimal'];

/** Whether the builder offers fields of a kind for comparisons. */
export function canDecide(type: string | undefined): boolean {
  return type !== undefined && (WITH_VALUE.includes(type) || FILLED_ONLY.includes(type));
}

/** What can be asked of fields of a kind. */
export function testsOf(type: string | undefined): ConditionTest[] {
  if (type === 'boolean') return ['is', 'isNot'];
  return type !== undefined && FILLED_ONLY.includes(type) ? ['filled', 'empty'] : ['is', 'isNot', 'filled', 'empty'];
}

/** A comparison as it is when a field has just been chosen. */
export function firstTerm(field: string, attribute: SchemaAttribute | undefined): ConditionTerm {
  const [test = 'filled'] = testsOf(attribute?.type);
  const value = firstValue(attribute);
  return test === 'filled' ? { field, test } : { field, test, value };
}

/** The value that a comparison begins with. */
export function firstValue(attribute: SchemaAttribute | undefined): string | boolean {
  if (attribute?.type === 'boolean') return true;
  return attribute?.type === 'enumeration' ? (attribute.enum?.[0] ?? '') : '';
}

/** What somebody typed, as fields of that kind have it. */
export function toValue(type: string | undefined, typed: string): string | number {
  const number = Number(typed.trim().replace(',', '.'));
  const isNumber = type !== undefined && NUMBERS.includes(type) && typed.trim() !== '' && Number.isFinite(number);
  return isNumber && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : typed;
}

/** Whether a comparison has all that it needs. */
export function isComplete({ test, value }: ConditionTerm, attribute: SchemaAttribute | undefined): boolean {
  if (test === 'filled' || test === 'empty') return true;
  if (value === undefined || value === '') return false;
  return attribute === undefined || !NUMBERS.includes(attribute.type) || Number.isFinite(Number(value));
}

/** A rule as comparisons; nothing where it has another form. */
export function readCondition(rule: unknown): Condition | undefined {
  if (!isRule(rule)) return undefined;
  const [entry, ...more] = Object.entries(rule);
  if (!entry || more.length > 0) return undefined;
  const [operator, operands] = entry;
  if (operator !== 'and' && operator !== 'or') {
    const term = readTerm(operator, operands);
    return term && { join: 'and', terms: [term] };
  }
  if (!Array.isArray(operands) || operands.length === 0) return undefined;
  const terms = operands.map((each: unknown) => {
    const [own, ...others] = isRule(each) ? Object.entries(each) : [];
    return own && others.length === 0 ? readTerm(own[0], own[1]) : undefined;
  });
  return terms.every((term) => term !== undefined) ? { join: operator, terms } : undefined;
}

function readTerm(operator: string, operands: unknown): ConditionTerm | undefined {
  const [left, right, ...more] = Array.isArray(operands) ? (operands as unknown[]) : [operands];
  if (more.length > 0) return undefined;
  if (operator === '!' || operator === '!!') {
    const field = readField(left);
    return field !== undefined && right === undefined
      ? { field, test: operator === '!' ? 'empty' : 'filled' }
      : undefined;
  }
  if (operator !== '==' && operator !== '!=' && operator !== '===' && operator !== '!==') return undefined;
  const isEqual = operator.startsWith('=');
  const field = readField(left) ?? readField(right);
  const value = readField(left) === undefined ? left : right;
  if (field === undefined || value === undefined) return undefined;
  if (value === null) return { field, test: isEqual ? 'empty' : 'filled' };
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  return { field, test: isEqual ? 'is' : 'isNot', value };
}

function readField(value: unknown): string | undefined {
  if (!isRule(value) || Object.keys(value).join() !== 'var') return undefined;
  const name: unknown = Array.isArray(value.var) && value.var.length === 1 ? value.var[0] : value.var;
  return typeof name === 'string' && name !== '' && !name.includes('.') ? name : undefined;
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Comparisons as a rule: one alone as Strapi writes it. Without any there is none. */
export function toRule(
  { join, terms }: Condition,
  attributes: Readonly<Record<string, SchemaAttribute>>,
): Rule | undefined {
  const rules = terms.map((term) => termRule(term, attributes[term.field]?.type));
  return rules.length > 1 ? { [join]: rules } : rules[0];
}

function termRule({ field, test, value }: ConditionTerm, type: string | undefined): Rule {
  const own = { var: field };
  if (test === 'is') return { '==': [own, value] };
  if (test === 'isNot') return { '!=': [own, value] };
  // Zero is a number as any other.
  if (type !== undefined && NUMBERS.includes(type)) return { [test === 'filled' ? '!=' : '==']: [own, null] };
  return { [test === 'filled' ? '!!' : '!']: [own] };
}

/** An attribute with another condition, or without one. What else Strapi has in `conditions` stays. */
export function withCondition(attribute: SchemaAttribute, rule: Rule | undefined): SchemaAttribute {
  const { conditions, ...rest } = attribute;
  const { visible: _old, ...others } = conditions ?? {};
  const next = rule ? { ...others, visible: rule } : others;
  return Object.keys(next).length > 0 ? { ...rest, conditions: next } : rest;
}

/** An attribute whose condition names another attribute by its new name. */
export function withNameInCondition(attribute: SchemaAttribute, from: string, to: string): SchemaAttribute {
  const rule = attribute.conditions?.visible;
  return variablesOf(rule).includes(from) ? withCondition(attribute, renameInRule(rule, from, to) as Rule) : attribute;
}

function renameInRule(rule: unknown, from: string, to: string): unknown {
  if (Array.isArray(rule)) return rule.map((each) => renameInRule(each, from, to));
  if (!isRule(rule)) return rule;
  const rename = (name: unknown): unknown => {
    const [first, ...rest] = String(name).split('.');
    return first === from ? [to, ...rest].join('.') : name;
  };
  const entries = Object.entries(rule).map(([operator, operand]): [string, unknown] => {
    if (operator !== 'var') return [operator, renameInRule(operand, from, to)];
    return [operator, Array.isArray(operand) ? [rename(operand[0]), ...operand.slice(1)] : rename(operand)];
  });
  return Object.fromEntries(entries);
}

/** The attributes whose conditions name an attribute. */
export function dependentsOf(schema: Schema, name: string): string[] {
  return Object.entries(schema.attributes).flatMap(([each, { conditions }]) =>
    each !== name && variablesOf(conditions?.visible).includes(name) ? [each] : [],
  );
}

/** Whether the server says something of a condition: the path of its problem. */
export function isOfCondition(path: string): boolean {
  return /^attributes\.[^.]+\.conditions(\.|$)/.test(path);
}

/** What is wrong with the condition of an attribute, among the others. */
export function conditionProblems(
  attributes: Readonly<Record<string, SchemaAttribute>>,
  name: string,
): ConditionProblem[] {
  const rule = attributes[name]?.conditions?.visible;
  const problems = variablesOf(rule).flatMap((field): ConditionProblem[] => {
    const other = attributes[field];
    if (!other) return [{ is: 'missing', field }];
    return INCOMPARABLE_TYPES.includes(other.type) ? [{ is: 'kind', field }] : [];
  });
  for (const { field, value } of readCondition(rule)?.terms ?? []) {
    const other = attributes[field];
    const isGone = typeof value === 'string' && other?.type === 'enumeration' && !(other.enum ?? []).includes(value);
    if (isGone) problems.push({ is: 'value', field, value });
  }
  const circle = findCircle(attributes, name);
  return circle ? [...problems, { is: 'circle', fields: circle }] : problems;
}

/** The way from an attribute through conditions back to itself. */
function findCircle(attributes: Readonly<Record<string, SchemaAttribute>>, name: string): string[] | undefined {
  const seen = new Set<string>();
  const follow = (from: string, way: string[]): string[] | undefined => {
    for (const next of variablesOf(attributes[from]?.conditions?.visible)) {
      if (next === name) return [...way, name];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = follow(next, [...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return follow(name, [name]);
}
