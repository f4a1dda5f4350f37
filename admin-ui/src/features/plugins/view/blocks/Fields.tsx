import { useTranslation } from 'react-i18next';
import { StateBadge, DescriptionList, TextLink } from '@/features/settings';
import { contentTypeOf } from '@/api/model';
import { entryTarget } from '@/features/content-manager';
import { lazyPart } from '@/ui/lazyPart';
import { useZone } from '@/ui/zone';
import { BADGES } from '@/views/tones';
import { useLabels, useView } from '../context';
import type { BlockOf } from '../types';
import { valueOf } from '../values';
import { BlockSection } from './BlockSection';
import { MissingContentType } from './MissingContentType';

const DocumentFields = lazyPart(() => import('./DocumentFields'));

/** Names and values: given, or fields of a document. */
export function FieldsBlock({ block }: { block: BlockOf<'fields'> }) {
  const { model } = useView();
  const label = useLabels();
  const { document, fields, items, edit } = block;
  const heading = label(block.label);
  if (!document || !fields) {
    return <BlockSection label={heading}>{items && <ValueList items={items} />}</BlockSection>;
  }
  const type = contentTypeOf(model, document.type);
  if (!type) {
    return (
      <BlockSection label={heading}>
        <MissingContentType type={document.type} />
      </BlockSection>
    );
  }
  return (
    <DocumentFields
      type={type}
      document={document}
      fields={fields}
      edit={edit ?? false}
      label={heading}
      before={items && <ValueList items={items} />}
    />
  );
}

function ValueList({ items }: { items: NonNullable<BlockOf<'fields'>['items']> }) {
  const { t } = useTranslation('common');
  const { model } = useView();
  const label = useLabels();
  const zone = useZone();
  return (
    <DescriptionList
      facts={items.map((item) => {
        const value = valueOf(item, { yes: t('yes'), no: t('no') }, zone);
        const toned =
          item.tone && item.tone !== 'neutral' && item.format !== 'badge' && value !== null ? (
            <StateBadge tone={BADGES[item.tone]}>{value}</StateBadge>
          ) : (
            value
          );
        return [
          label(item.label),
          // A document of a plugin that is not installed has no page.
          item.document && contentTypeOf(model, item.document.type) ? (
            <TextLink
              key="value"
              inText
              {...entryTarget(item.document.type, item.document.documentId, item.document.locale)}
            >
              {toned}
            </TextLink>
          ) : (
            (toned ?? '–')
          ),
        ];
      })}
    />
  );
}
