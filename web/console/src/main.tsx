import './app/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startLanguage } from './app/i18n';
import { applyTokens } from './app/tokens';

applyTokens(document.documentElement);
void startLanguage().then(() => createRoot(document.getElementById('root')!).render(<App />));
