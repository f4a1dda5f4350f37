import { type Attribute, type Attributes, componentOf, type Model, targetTypeOf } from '@/api/model';

/** What an attribute is called: the label that its plugin gives it in the reader's language, else its name in words: `happenedOn` → `Happened on`. */
export function labelOf(name: string, attribute?: Pick<Attribute, 'label'>): string {
  return attribute?.label ?? wordsOf(name);
}

/** Words that are written with capitals wherever they stand: `seo` is SEO. */
const ACRONYMS = new Map(
  (
    'AI API ASIN BIC BSN BTW CDN CMS CRM CSS CSV CTA CV DNS EAN ERP ETA FAQ GDPR GPS GTIN HTML HTTP HTTPS IBAN ID IP ISBN ISSN ' +
    'JSON KPI KvK MIME PDF PNG QR RSS RSVP SEO SKU SMS SQL SSO SVG TV UI UID URI URL USP UTM UUID UX VAT VIP XML ' +
    'APIs FAQs IDs KPIs PDFs SKUs URLs'
  )
    .split(' ')
    .map((word) => [word.toLowerCase(), word]),
);

function wordsOf(name: string): string {
  const words = name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .trim();
  const lower = words
    .replaceAll(/\p{Lu}\p{Ll}+/gu, (word) => word.toLowerCase())
    .replaceAll(/[\p{L}\d]+/gu, (word) => ACRONYMS.get(word) ?? word);
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}

/** What a value of an enumeration is called; without a label it is shown as it is stored. */
export function valueLabelOf(attribute: Pick<Attribute, 'valueLabels'> | undefined, value: string): string {
  const labels = attribute?.valueLabels;
  return (labels && Object.hasOwn(labels, value) ? labels[value] : undefined) ?? value;
}

/** The values of an enumeration, as a choice offers them. `more` are values that are stored although they are not among them. */
export function valueOptions(
  attribute: Pick<Attribute, 'enum' | 'valueLabels'> | undefined,
  more: readonly string[] = [],
): { value: string; label: string }[] {
  return [...new Set([...(attribute?.enum ?? []), ...more])].map((value) => ({
    value,
    label: valueLabelOf(attribute, value),
  }));
}

/**
 * The labels along a path through components and relations: `sections.2.link` → `Sections › 3 › Link`.
 * `named` has the names of what is no attribute of the type.
 */
export function pathLabelOf(
  model: Model,
  attributes: Attributes,
  path: readonly string[],
  named: (name: string) => string | undefined = () => undefined,
): string {
  const labels: string[] = [];
  let around: Attributes = attributes;
  for (const part of path) {
    if (/^\d+$/.test(part)) {
      labels.push(String(Number(part) + 1));
      // The key of an item says nothing to anybody.
    } else if (!part.startsWith('#')) {
      const attribute = Object.hasOwn(around, part) ? around[part] : undefined;
      labels.push(attribute ? labelOf(part, attribute) : (named(part) ?? labelOf(part)));
      around = attributesBehind(model, attribute);
    }
  }
  return labels.join(' › ');
}

/** The attributes that a path can name behind one. The components of a dynamic zone are taken together. */
export function attributesBehind(model: Model, attribute: Attribute | undefined): Attributes {
  switch (attribute?.type) {
    case 'relation':
      return targetTypeOf(model, attribute.target)?.attributes ?? {};
    case 'component':
      return componentOf(model, attribute.component)?.attributes ?? {};
    case 'dynamiczone':
      return Object.assign({}, ...(attribute.components ?? []).map((uid) => componentOf(model, uid)?.attributes ?? {}));
    default:
      return {};
  }
}
