import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isKey, takeFromFragment } from './api/fragment.ts';
import { App } from './app.tsx';
import { PORTAL } from './pages.ts';
import { startPortal } from './portal/portal.tsx';
import './style/tokens.css';
import './style/base.css';
import './style/pages.css';

const isPortal = `${location.pathname}/`.startsWith(`${PORTAL}/`);

function startConsole() {
  const offered = takeFromFragment('key');
  return <App offered={isKey(offered) ? offered : null} />;
}

const root = isPortal ? startPortal() : startConsole();
createRoot(document.getElementById('root')!).render(<StrictMode>{root}</StrictMode>);
