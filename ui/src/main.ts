import '@fontsource-variable/noto-sans-jp/wght.css';
import './fonts/catalogue.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { openHost } from './host';
import { soon } from './lib/soon';
import { openSurfaces } from './lib/surfaces';
import { restoreTextSize } from './lib/text-size.svelte';

/** What the first screen is written with. A font that comes later makes the page look for the letters in every font of the system. */
const FONTS = ['400 1em "Madoguchi Catalogue"', '700 1em "Madoguchi Catalogue"', '400 1em "Noto Sans JP Variable"'];
const LETTERS = 'Aạ';

const target = document.getElementById('app');
if (target) {
  restoreTextSize();
  const host = await openHost();
  const fonts = FONTS.map((font) => document.fonts.load(font, LETTERS));
  const [surfaces] = await Promise.all([openSurfaces(host), soon(Promise.allSettled(fonts))]);
  mount(App, { target, props: { host, surfaces } });
}
