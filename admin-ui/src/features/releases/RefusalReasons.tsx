import { Anchor, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { CheckedItem, ReleaseItem } from '@/api/releases';
import { entryTarget, useFieldName } from '@/features/content-manager';
import { useRefusalReasons } from '@/views/review/useRefusalReasons';

interface Props {
  item: ReleaseItem;
  refusals: CheckedItem['problems'];
}

/** Why an item cannot be published or unpublished, each reason with a link to its field. */
export function RefusalReasons({ item, refusals }: Props) {
  const fieldName = useFieldName();
  const reasonsOf = useRefusalReasons();
  const target = entryTarget(item.contentType, item.documentId, item.locale);
  return (
    <List size="sm" listStyleType="none" spacing={2}>
      {refusals.flatMap(reasonsOf).map(({ path, text }) => (
        <List.Item key={`${path.join('.')} ${text}`}>
          {path.length > 0 && (
            <>
              <Anchor
                size="sm"
                underline="always"
                renderRoot={(props) => (
                  <Link {...target} search={{ ...target.search, field: path.join('.') }} {...props} />
                )}
              >
                {fieldName(item.contentType, path.join('.'))}
              </Anchor>
              {': '}
            </>
          )}
          <Text span size="sm" c="red">
            {text}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
