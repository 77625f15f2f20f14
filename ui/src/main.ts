import '@fontsource-variable/noto-sans-jp/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { openHost } from './host';
import { restoreTextSize } from './lib/text-size.svelte';

const target = document.getElementById('app');
if (target) {
  restoreTextSize();
  const host = await openHost();
  mount(App, { target, props: { host } });
}
