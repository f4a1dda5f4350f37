import type { Attribute, Attributes, AttributeType, Model } from '@/api/model';
import { isEmpty } from '../shared/checks';
import type { FieldUi, ValueProblem } from '../types';
import { isVisible } from './conditions';
import { attributesOf, isItem, type Values } from './values';

/** What is wrong with an entry's values, by path, in the order of the page. Drafts may be unfinished; what is published may not. */
export function validate(
  registry: Record<AttributeType, FieldUi>,
  model: Model,
  attributes: Attributes,
  values: Values,
  publishing: boolean,
  at = '',
): Map<string, ValueProblem> {
  const problems = new Map<string, ValueProblem>();
  for (const [name, attribute] of Object.entries(attributes)) {
    const path = at === '' ? name : `${at}.${name}`;
    const value = values[name];
    if (!isVisible(attribute.conditions?.visible, attributes, (sibling) => values[sibling])) continue;
    const problem = checkOne(registry, attribute, value, publishing);
    if (problem) problems.set(path, problem);
    for (const item of Array.isArray(value) ? value : [value]) {
      if (!isItem(item)) continue;
      const inside = Array.isArray(value) ? `${path}.#${item.__key}` : path;
      const itemProblems = validate(registry, model, attributesOf(model, item.__component), item, publishing, inside);
      for (const [problemPath, valueProblem] of itemProblems) problems.set(problemPath, valueProblem);
    }
  }
  return problems;
}

function checkOne(
  registry: Record<AttributeType, FieldUi>,
  attribute: Attribute,
  value: unknown,
  publishing: boolean,
): ValueProblem | null {
  const problem = registry[attribute.type].check(attribute, value);
  // Too little is a thing of publishing: a draft is what is not finished.
  if (problem && !publishing && (problem.key === 'tooShort' || problem.key === 'tooFew')) return null;
  if (problem) return problem;
  const missing =
    publishing &&
    attribute.required &&
    attribute.type !== 'password' &&
    isEmpty(value) &&
    attribute.default === undefined;
  return missing ? { key: 'required' } : null;
}
