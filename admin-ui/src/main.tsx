import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@fontsource-variable/inter/wght.css';
import './ui/typeface.css';
import './ui/global.css';
import { StrictMode } from 'react';
import { setNonce } from 'get-nonce';
import i18next from 'i18next';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { watchDialogs } from './app/focusBack';
import { wordValidity } from './app/wordValidity';
import { startTexts } from './i18n';
import { styleNonce } from './ui/styleNonce';

const root = document.getElementById('root');
if (root) {
  // Dialogs lock the page behind them with a style element, by a library that asks here.
  setNonce(styleNonce());
  watchDialogs();
  await startTexts();
  wordValidity(i18next.t);
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
