import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { formatList } from '@/ui/format';
import { nameOfField } from '../table/columns';
import { type ConditionNode, isGroup, isVariable } from './condition';

/** A condition in words: `Category is news and (Owner is who asks or Slug begins with a)`. */
export function useSentenceText(type: ContentType): (node: ConditionNode) => string {
  const { t } = useTranslation(['conditions', 'views']);
  const value = (given: unknown): string => {
    if (isVariable(given))
      return t(`conditions:variable.${given.slice(1).replaceAll('.', '_')}`, { defaultValue: given });
    if (Array.isArray(given)) return formatList(given.map(value));
    if (typeof given === 'boolean') return t(given ? 'views:filter.true' : 'views:filter.false');
    return typeof given === 'string' || typeof given === 'number' ? `“${given}”` : JSON.stringify(given);
  };
  const say = (node: ConditionNode, inner: boolean): string => {
    if (!isGroup(node)) {
      const words = [
        nameOfField(type, node.field, (own) => t(`views:own.${own}`)),
        t(`views:operator.${node.operator.slice(1)}`),
      ];
      if (node.operator !== '$null' && node.operator !== '$notNull') words.push(value(node.value));
      return words.join(' ');
    }
    const said = node.nodes
      .map((one) => say(one, node.nodes.length > 1))
      .join(` ${t(node.combine === 'and' ? 'conditions:and' : 'conditions:or')} `);
    return inner && node.nodes.length > 1 ? `(${said})` : said;
  };
  return (node) => say(node, false);
}
