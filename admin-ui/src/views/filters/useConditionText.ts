import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { formatDate, formatDateTime, formatList } from '@/ui/format';
import { attributeAt } from '../fieldPath';
import { nameOfField } from '../table/columns';
import { type FilterCondition, type FilterValue, isMe, isSpan, takesNoValue } from './filter';

/** A condition in words: `Topic is news`. */
export function useConditionText(model: Model, type: ContentType): (condition: FilterCondition) => string {
  const { t } = useTranslation('views');
  const named = (own: string): string => t(`own.${own}`);
  const value = (given: FilterValue | undefined, kind: string | undefined): string => {
    if (given === undefined) return '';
    if (isMe(given)) return t('filter.me');
    if (isSpan(given)) {
      if ('this' in given) return `${t('span.this')} ${t(`span.${given.this}`, { count: 1 })}`;
      const [which, amount] = 'last' in given ? (['last', given.last] as const) : (['next', given.next] as const);
      return `${t(`span.${which}`)} ${amount} ${t(`span.${given.unit}`, { count: amount })}`;
    }
    if (Array.isArray(given)) return formatList(given.map((one) => shown(one, kind, t)));
    return shown(String(given), kind, t);
  };
  return ({ field, operator, value: given }) => {
    const attribute = attributeAt(model, type, field)?.attribute;
    const words = [nameOfField(type, field, named), t(`operator.${operator.slice(1)}`)];
    if (!takesNoValue(operator)) {
      words.push(
        attribute?.type === 'relation' && Array.isArray(given)
          ? t('filter.chosen', { count: given.length })
          : value(given, attribute?.type),
      );
    }
    return words.join(' ');
  };
}

function shown(text: string, kind: string | undefined, t: (key: string) => string): string {
  if (kind === 'boolean') return t(text === 'true' ? 'filter.true' : 'filter.false');
  const time = kind === 'date' || kind === 'datetime' || kind === 'timestamp' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) return text;
  return kind === 'date' ? formatDate(`${text}T12:00`) : formatDateTime(time);
}
