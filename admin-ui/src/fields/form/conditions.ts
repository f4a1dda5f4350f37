import { INCOMPARABLE_TYPES, variablesOf } from '@/api/conditions';
import type { Attributes } from '@/api/model';

/**
 * Strapi's `conditions.visible`: a rule in JsonLogic over the attributes beside the field (`siblings`). The operators are those that
 * the server evaluates (`core/model/src/validate/condition.rs`). A rule that uses another one, or an attribute that is gone, shows the
 * field, as on the server: hiding what somebody needs is worse.
 */
export function isVisible(rule: unknown, siblings: Attributes, get: (name: string) => unknown): boolean {
  if (rule === undefined || rule === null) return true;
  const isComparable = (name: string): boolean => {
    const sibling = siblings[name];
    return sibling !== undefined && !INCOMPARABLE_TYPES.includes(sibling.type);
  };
  if (!variablesOf(rule).every(isComparable)) return true;
  try {
    return truthy(evaluate(rule, get));
  } catch {
    return true;
  }
}

function truthy(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function evaluate(rule: unknown, get: (name: string) => unknown): unknown {
  if (Array.isArray(rule)) return rule.map((part) => evaluate(part, get));
  if (typeof rule !== 'object' || rule === null) return rule;
  const [entry] = Object.entries(rule);
  if (!entry) return null;
  const [operator, operand] = entry;
  const operands: unknown[] = Array.isArray(operand) ? operand : [operand];
  const value = (at: number) => evaluate(operands[at], get);
  switch (operator) {
    case 'var': {
      const [name = '', ...rest] = String(operands[0]).split('.');
      let resolved = get(name);
      for (const part of rest)
        resolved =
          typeof resolved === 'object' && resolved !== null ? (resolved as Record<string, unknown>)[part] : undefined;
      return resolved ?? operands[1] ?? null;
    }
    case '==':
      return looselySame(value(0), value(1));
    case '!=':
      return !looselySame(value(0), value(1));
    case '===':
      return (value(0) ?? null) === (value(1) ?? null);
    case '!==':
      return (value(0) ?? null) !== (value(1) ?? null);
    case '!':
      return !truthy(value(0));
    case '!!':
      return truthy(value(0));
    case 'and': {
      let last: unknown = true;
      for (let at = 0; at < operands.length; at += 1) if (!truthy((last = value(at)))) return last;
      return last;
    }
    case 'or': {
      let last: unknown = false;
      for (let at = 0; at < operands.length; at += 1) if (truthy((last = value(at)))) return last;
      return last;
    }
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

/** As `==` of JsonLogic compares what fields have; what is not there is only equal to nothing. */
function looselySame(a: unknown, b: unknown): boolean {
  if ((a ?? null) === (b ?? null)) return true;
  if (typeof a === 'string' && typeof b === 'string') return false;
  return isPlain(a) && isPlain(b) && Number(a) === Number(b);
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
