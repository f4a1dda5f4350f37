import { useTranslation } from 'react-i18next';
import { styleNonce } from '@/ui/styleNonce';

/** A mail's HTML as it looks: in a frame that may do nothing, not even scripts or links. */
export function MailFrame({ html }: { html: string }) {
  const { t } = useTranslation('settings');
  const nonce = styleNonce();
  // The frame has the page's policy, which takes styles with its nonce alone.
  const styled = nonce ? html.replaceAll('<style>', `<style nonce="${nonce}">`) : html;
  return (
    <iframe
      title={t('mail.preview')}
      sandbox=""
      srcDoc={styled}
      style={{ width: '100%', height: 420, border: '1px solid var(--cairn-line)', borderRadius: 4, background: '#fff' }}
    />
  );
}
