import { TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { type ContentType, contentTypeOf, type Model } from '@/api/model';
import type { RelationItem } from '@/fields/form/values';
import { type ReferenceOption, ReferenceSelect } from './ReferenceSelect';
import { isRefusal, type ReferenceProps } from './references';
import { useDocumentsById, useFoundDocuments } from './useDocuments';

/** What is in sight of a list; with fewer, its end is reached without scrolling. */
const OPTIONS_IN_SIGHT = 8;

/** Chooses documents of a content type by their titles. */
export function DocumentField({ contentType, ...props }: ReferenceProps & { contentType: string }) {
  const { t } = useTranslation('plugin');
  const model = useQuery(modelQuery);
  const type = contentTypeOf(model.data, contentType);
  if (model.data && type?.kind === 'collectionType')
    return <DocumentSelect {...props} model={model.data} type={type} />;
  if (model.isSuccess) return <DocumentIds {...props} contentType={contentType} />;
  return (
    <ReferenceSelect
      {...props}
      chosen={props.values.map((value) => ({ value, label: value }))}
      options={[]}
      emptyText={t(model.isPending ? 'schema.reference.loading' : 'schema.reference.unread')}
      loading={model.isFetching}
      note={undefined}
      failure={model.error}
      onRetry={() => void model.refetch()}
    />
  );
}

function DocumentSelect({ model, type, ...props }: ReferenceProps & { model: Model; type: ContentType }) {
  const { t } = useTranslation('plugin');
  const { values, many } = props;
  const readable = type.can.find;
  const [search, setSearch] = useState('');
  const [opened, setOpened] = useState(false);
  // What was chosen here has been read already.
  const [known, setKnown] = useState<readonly RelationItem[]>([]);
  const usual = values.length === 0 ? props.placeholder : undefined;
  const titles = useDocumentsById(
    model,
    type,
    (usual === undefined ? values : [usual]).filter((id) => !known.some(({ documentId }) => documentId === id)),
    readable,
  );
  const itemOf = (id: string): RelationItem | undefined =>
    [...known, ...(titles.data ?? [])].find(({ documentId }) => documentId === id);
  // The input of a single value holds its title until something else is typed.
  const isTitle = !many && values.some((id) => itemOf(id)?.title === search || id === search);
  const [words] = useDebouncedValue(isTitle ? '' : search.trim(), 200);
  const found = useFoundDocuments(model, type, words, readable && opened);
  const items = [
    ...new Map(found.data?.pages.flatMap((page) => page.items).map((item) => [item.documentId, item])).values(),
  ];
  const { fetchNextPage, hasNextPage, isFetching, isError } = found;
  const more = hasNextPage && !isFetching && !isError;
  const tooFew = more && items.filter(({ documentId }) => !values.includes(documentId)).length < OPTIONS_IN_SIGHT;
  useEffect(() => {
    if (tooFew) void fetchNextPage();
  }, [tooFew, fetchNextPage]);

  const settled = titles.isSuccess && !titles.isPlaceholderData;
  const gone = settled ? values.filter((id) => !itemOf(id)) : [];
  const failures = [titles, found].filter(({ isError: failed }) => failed);
  const forbidden = !readable || failures.some(({ error }) => isRefusal(error));
  const forbiddenText = t('schema.document.forbidden', { type: type.info.displayName });
  const failure = forbidden ? undefined : failures[0]?.error;
  return (
    <ReferenceSelect
      {...props}
      placeholder={usual === undefined ? t('schema.document.search') : (itemOf(usual)?.title ?? usual)}
      chosen={values.map((id): ReferenceOption => ({ value: id, label: itemOf(id)?.title ?? id }))}
      options={items.map(({ documentId, title }) => ({ value: documentId, label: title }))}
      emptyText={
        forbidden
          ? forbiddenText
          : t(
              found.isError
                ? 'schema.reference.unread'
                : found.isFetching || words !== (isTitle ? '' : search.trim())
                  ? 'schema.reference.loading'
                  : 'schema.reference.none',
            )
      }
      loading={titles.isFetching || found.isFetching}
      note={
        forbidden
          ? forbiddenText
          : gone.length > 0
            ? t('schema.document.gone', { count: gone.length, ids: gone.join(', ') })
            : undefined
      }
      failure={failure ?? null}
      onRetry={() => failures.forEach(({ refetch }) => void refetch())}
      found
      onSearch={setSearch}
      onOpen={() => setOpened(true)}
      onEnd={() => {
        if (more) void fetchNextPage();
      }}
      onChange={(ids) => {
        setKnown([...known, ...items].filter(({ documentId }) => ids.includes(documentId)));
        props.onChange(ids);
      }}
    />
  );
}

/** The ids themselves, where nothing can be chosen from. */
function DocumentIds({
  contentType,
  values,
  many,
  maxItems,
  onChange,
  description,
  ...input
}: ReferenceProps & { contentType: string }) {
  const { t } = useTranslation('plugin');
  const shared = {
    ...input,
    withAsterisk: input.required,
    description: [description, t('schema.document.noType', { type: contentType })].filter(Boolean).join(' '),
  };
  return many ? (
    <TagsInput {...shared} value={[...values]} maxTags={maxItems} onChange={onChange} />
  ) : (
    <TextInput
      {...shared}
      value={values[0] ?? ''}
      onChange={(event) => onChange(event.currentTarget.value === '' ? [] : [event.currentTarget.value])}
    />
  );
}
