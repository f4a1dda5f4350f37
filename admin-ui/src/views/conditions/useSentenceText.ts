import { useTranslation } from 'react-i18next';
import type { Attribute, ContentType, Model } from '@/api/model';
import { valueLabelOf } from '@/fields/label';
import { formatList } from '@/ui/format';
import { fieldHeading } from '../table/columns';
import { type ConditionNode, isGroup, isVariable } from './condition';
import { conditionAttribute } from './paths';

/** A condition in words: `Category is news and (Owner is who asks or Slug begins with a)`. */
export function useSentenceText(model: Model, type: ContentType): (node: ConditionNode) => string {
  const { t } = useTranslation(['conditions', 'views']);
  const value = (attribute: Attribute | undefined, operand: unknown): string => {
    if (isVariable(operand))
      return t(`conditions:variable.${operand.slice(1).replaceAll('.', '_')}`, { defaultValue: operand });
    if (Array.isArray(operand)) return formatList(operand.map((one) => value(attribute, one)));
    if (typeof operand === 'boolean') return t(operand ? 'views:filter.true' : 'views:filter.false');
    if (typeof operand !== 'string' && typeof operand !== 'number') return JSON.stringify(operand);
    return `“${valueLabelOf(attribute, String(operand))}”`;
  };
  const say = (node: ConditionNode, inner: boolean): string => {
    if (!isGroup(node)) {
      const words = [
        fieldHeading(model, type, node.field, (own) => t(`views:own.${own}`)),
        t(`views:operator.${node.operator.slice(1)}`),
      ];
      if (node.operator !== '$null' && node.operator !== '$notNull')
        words.push(value(conditionAttribute(model, type, node.field), node.value));
      return words.join(' ');
    }
    const sentences = node.nodes
      .map((one) => say(one, node.nodes.length > 1))
      .join(` ${t(node.combine === 'and' ? 'conditions:and' : 'conditions:or')} `);
    return inner && node.nodes.length > 1 ? `(${sentences})` : sentences;
  };
  return (node) => say(node, false);
}
