import i18next from 'i18next';
import { makePreview, type Subject } from '@/api/editorial';
import { showToast } from '@/ui/toast';

/** Opens the page of the site that shows an entry, in a new tab. */
export async function viewOnSite(subject: Subject): Promise<void> {
  const t = i18next.getFixedT(null, 'editor');
  // Opened while the click counts: after the request, browsers take it for an advertisement.
  const tab = window.open('about:blank', '_blank');
  if (!tab) {
    showToast({ message: t('site.blocked'), failed: true });
    return;
  }
  tab.opener = null;
  try {
    const { url } = await makePreview(subject);
    if (url && /^https?:\/\//.test(url)) {
      tab.location.replace(url);
      return;
    }
    showToast({ message: t('preview.none'), failed: true });
  } catch (cause) {
    tab.close();
    throw cause;
  }
  tab.close();
}
