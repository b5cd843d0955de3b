/** The page begins: settings, keys, what the address asks for. */
import { render } from 'preact';
import { App } from './app.tsx';
import { listenToDrops } from './header/files.ts';
import { preparePrinting } from './print/printing.ts';
import { listenToKeys } from './state/keyboard.ts';
import { followAddress } from './state/link.ts';
import { keepSettings } from './state/settings.ts';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet exports nothing
import './style/lab.css';
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet exports nothing
import './style/embed.css';

keepSettings();
listenToKeys();
listenToDrops();
preparePrinting();
const place = document.getElementById('lab');
if (place !== null) render(<App />, place);
void followAddress();
