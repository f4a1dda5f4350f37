import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { formatList } from '@/ui/format';
import { fieldHeading } from '../table/columns';
import { type ConditionNode, isGroup, isVariable } from './condition';

/** A condition in words: `Category is news and (Owner is who asks or Slug begins with a)`. */
export function useSentenceText(type: ContentType): (node: ConditionNode) => string {
  const { t } = useTranslation(['conditions', 'views']);
  const value = (operand: unknown): string => {
    if (isVariable(operand))
      return t(`conditions:variable.${operand.slice(1).replaceAll('.', '_')}`, { defaultValue: operand });
    if (Array.isArray(operand)) return formatList(operand.map(value));
    if (typeof operand === 'boolean') return t(operand ? 'views:filter.true' : 'views:filter.false');
    return typeof operand === 'string' || typeof operand === 'number' ? `“${operand}”` : JSON.stringify(operand);
  };
  const say = (node: ConditionNode, inner: boolean): string => {
    if (!isGroup(node)) {
      const words = [
        fieldHeading(type, node.field, (own) => t(`views:own.${own}`)),
        t(`views:operator.${node.operator.slice(1)}`),
      ];
      if (node.operator !== '$null' && node.operator !== '$notNull') words.push(value(node.value));
      return words.join(' ');
    }
    const sentences = node.nodes
      .map((one) => say(one, node.nodes.length > 1))
      .join(` ${t(node.combine === 'and' ? 'conditions:and' : 'conditions:or')} `);
    return inner && node.nodes.length > 1 ? `(${sentences})` : sentences;
  };
  return (node) => say(node, false);
}
