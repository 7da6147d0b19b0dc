import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { takeFromFragment } from './api/fragment.ts';
import { App } from './app.tsx';
import { PORTAL } from './pages.ts';
import { startPortal } from './portal/portal.tsx';
import './style/tokens.css';
import './style/base.css';
import './style/pages.css';

const isPortal = `${location.pathname}/`.startsWith(`${PORTAL}/`);

const root = isPortal ? startPortal() : <App offered={takeFromFragment('key')} />;
createRoot(document.getElementById('root')!).render(<StrictMode>{root}</StrictMode>);
