/**
 * Strapi's `conditions.visible`: a rule in JsonLogic over the attributes beside the field. The operators that comparisons
 * of attributes need; a rule that uses another one shows the field, since hiding what somebody needs is worse.
 */
export function isVisible(rule: unknown, get: (name: string) => unknown): boolean {
  if (rule === undefined || rule === null) return true;
  try {
    return truthy(evaluate(rule, get));
  } catch {
    return true;
  }
}

/** Names of the attributes that a rule looks at. */
export function variablesOf(rule: unknown): string[] {
  if (Array.isArray(rule)) return [...new Set(rule.flatMap(variablesOf))];
  if (typeof rule !== 'object' || rule === null) return [];
  return [
    ...new Set(
      Object.entries(rule).flatMap(([operator, operand]) =>
        operator === 'var'
          ? [String(Array.isArray(operand) ? operand[0] : operand).split('.')[0] ?? '']
          : variablesOf(operand),
      ),
    ),
  ];
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
  const number = (at: number) => Number(value(at));
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
    case '===':
      return looselySame(value(0), value(1));
    case '!=':
    case '!==':
      return !looselySame(value(0), value(1));
    case '>':
      return number(0) > number(1);
    case '>=':
      return number(0) >= number(1);
    case '<':
      return operands.length > 2 ? number(0) < number(1) && number(1) < number(2) : number(0) < number(1);
    case '<=':
      return operands.length > 2 ? number(0) <= number(1) && number(1) <= number(2) : number(0) <= number(1);
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
    case 'if': {
      for (let at = 0; at + 1 < operands.length; at += 2) if (truthy(value(at))) return value(at + 1);
      return operands.length % 2 === 1 ? value(operands.length - 1) : null;
    }
    case 'in': {
      const [needle, hay] = [value(0), value(1)];
      if (Array.isArray(hay)) return hay.some((item) => looselySame(item, needle));
      return typeof hay === 'string' && hay.includes(String(needle));
    }
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

/** As JsonLogic's `==`, without JavaScript's stranger equalities. */
function looselySame(a: unknown, b: unknown): boolean {
  if ((a ?? null) === (b ?? null)) return true;
  if (typeof a === 'number' || typeof b === 'number')
    return a !== null && b !== null && a !== '' && b !== '' && Number(a) === Number(b);
  return false;
}
