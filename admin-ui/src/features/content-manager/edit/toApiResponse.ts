import { parseForText } from '@/api/parseForText';
import type { Attributes, ContentType, Model } from '@/api/model';
import { attributesOf, isRecord } from '@/fields/form/values';

/** The model has site users without the built-in attributes that are private. */
const SITE_USER: Attributes = {
  resetPasswordToken: { type: 'string', private: true },
  confirmationToken: { type: 'string', private: true },
};

/**
 * The text that the content API returns for an entry, of what the admin API answered to the same request: that has the private attributes
 * as well, and says more about the entry.
 */
export function toApiResponse(model: Model, type: Pick<ContentType, 'attributes'>, answer: string): string {
  const { data } = parseForText(answer) as { data: unknown };
  return JSON.stringify({ data: withoutPrivate(model, type.attributes, data), meta: {} }, null, 2);
}

function withoutPrivate(model: Model, attributes: Attributes, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutPrivate(model, attributes, each));
  if (!isRecord(value)) return value;
  const shown = Object.entries(value).filter(([name]) => attributes[name]?.private !== true);
  return Object.fromEntries(
    shown.map(([name, inner]) => [name, innerWithoutPrivate(model, attributes, { name, inner })]),
  );
}

/** The other locales of an entry have its attributes; components and related entries those of their types. */
function innerWithoutPrivate(
  model: Model,
  attributes: Attributes,
  { name, inner }: { name: string; inner: unknown },
): unknown {
  const attribute = attributes[name];
  if (name === 'localizations') return withoutPrivate(model, attributes, inner);
  if (attribute?.type !== 'component' && attribute?.type !== 'dynamiczone' && attribute?.type !== 'relation')
    return inner;
  const strip = (each: unknown): unknown => {
    if (!isRecord(each)) return each;
    const uid = [each.__component, each.__type, attribute.component, attribute.target].find(
      (candidate): candidate is string => typeof candidate === 'string',
    );
    const own = uid === 'plugin::users-permissions.user' ? SITE_USER : attributesOf(model, uid ?? '');
    return withoutPrivate(model, own, each);
  };
  return Array.isArray(inner) ? inner.map(strip) : strip(inner);
}
