import { useTranslation } from 'react-i18next';
import type { Attribute, ContentType, Model } from '@/api/model';
import { valueLabelOf } from '@/fields/label';
import { formatDate, formatDateTime, formatList } from '@/ui/format';
import { resolveField } from '../fieldPath';
import { fieldHeading } from '../table/columns';
import { type FilterCondition, type FilterValue, isMe, isSpan, takesNoValue } from './filter';

/** A condition in words: `Topic is news`. */
export function useConditionText(model: Model, type: ContentType): (condition: FilterCondition) => string {
  const { t } = useTranslation('views');
  const named = (own: string): string => t(`own.${own}`);
  const value = (operand: FilterValue | undefined, attribute: Attribute | undefined): string => {
    if (operand === undefined) return '';
    if (isMe(operand)) return t('filter.me');
    if (isSpan(operand)) {
      if ('this' in operand) return `${t('span.this')} ${t(`span.${operand.this}`, { count: 1 })}`;
      const [which, amount] = 'last' in operand ? (['last', operand.last] as const) : (['next', operand.next] as const);
      return `${t(`span.${which}`)} ${amount} ${t(`span.${operand.unit}`, { count: amount })}`;
    }
    if (Array.isArray(operand)) return formatList(operand.map((one) => formatOperand(one, attribute, t)));
    return formatOperand(String(operand), attribute, t);
  };
  return ({ field, operator, value: operand }) => {
    const attribute = resolveField(model, type, field)?.attribute;
    const words = [fieldHeading(model, type, field, named), t(`operator.${operator.slice(1)}`)];
    if (!takesNoValue(operator)) {
      words.push(
        attribute?.type === 'relation' && Array.isArray(operand)
          ? t('filter.chosen', { count: operand.length })
          : value(operand, attribute),
      );
    }
    return words.join(' ');
  };
}

function formatOperand(text: string, attribute: Attribute | undefined, t: (key: string) => string): string {
  const kind = attribute?.type;
  if (kind === 'boolean') return t(text === 'true' ? 'filter.true' : 'filter.false');
  const time = kind === 'date' || kind === 'datetime' || kind === 'timestamp' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return valueLabelOf(attribute, text);
  return kind === 'date' ? formatDate(`${text}T12:00`) : formatDateTime(time);
}
