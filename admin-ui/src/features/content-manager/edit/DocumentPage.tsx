import { useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useMemo } from 'react';
import { pluginViewsQuery } from '@/api/pluginViews';
import { documentViewOf, loadDocumentView, mergeParameters, type ViewChoices } from '@/features/plugins';
import { DelayedContent } from '@/ui/DelayedContent';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import { asksForForm, type EntrySearch, entryAddress } from './addresses';
import { DocumentBar } from './DocumentBar';
import EntryPage from './EntryPage';
import { Skeleton } from './Skeleton';

const DocumentView = lazyPart(loadDocumentView);

/** The page of a document: what a plugin shows of it, or the form with all of its fields. What is still to be made has the form alone. */
export default function DocumentPage() {
  const { documentId } = entryAddress.useParams() as { documentId?: string };
  return documentId === undefined ? <EntryPage /> : <StoredDocumentPage documentId={documentId} />;
}

function StoredDocumentPage({ documentId }: { documentId: string }) {
  const { uid } = entryAddress.useParams();
  const search = entryAddress.useSearch();
  const views = useQuery(pluginViewsQuery);
  const choices = useDocumentChoices(search);
  const view = documentViewOf(views.data, uid);
  const { locale } = search;
  const document = useMemo(
    () => ({ contentType: uid, documentId, ...(locale ? { locale } : {}) }),
    [uid, documentId, locale],
  );
  const isForm = asksForForm(search);
  const skeleton = (
    <DelayedContent>
      <Skeleton />
    </DelayedContent>
  );
  if (views.isPending && !isForm) return skeleton;
  const isPage = view !== undefined && !isForm;
  // The form stands at the same place whether there is a bar above it or not: what is typed in it stays.
  return (
    <>
      {view && <DocumentBar uid={uid} documentId={documentId} locale={locale} isForm={isForm} />}
      {!isPage && <EntryPage />}
      {isPage && (
        <PartBoundary>
          <Suspense fallback={skeleton}>
            <DocumentView
              key={`${view.plugin} ${view.name} ${documentId} ${locale ?? ''}`}
              view={view}
              document={document}
              choices={choices}
            />
          </Suspense>
        </PartBoundary>
      )}
    </>
  );
}

/** What somebody has chosen in a plugin's page of a document, in its address. */
function useDocumentChoices({ tab, filters, parameters }: EntrySearch): ViewChoices {
  const navigate = useNavigate();
  return useMemo(
    () => ({
      tab,
      filters,
      parameters: parameters ?? {},
      set: (change) => {
        void navigate({
          to: '.',
          search: (old: EntrySearch) => ({
            ...old,
            ...('tab' in change ? { tab: change.tab } : {}),
            ...('filters' in change ? { filters: change.filters } : {}),
            ...(change.parameters ? { parameters: mergeParameters(old.parameters ?? {}, change.parameters) } : {}),
          }),
          replace: true,
          resetScroll: false,
        });
      },
    }),
    [tab, filters, parameters, navigate],
  );
}
