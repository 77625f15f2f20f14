import type { Host } from './host';
import { inTauri, tauriHost } from './tauri';

export type { Host, Snapshot, Surface } from './host';

/** The host this page runs on. The browser one exists in development and in `vite build --mode browser` alone. */
export async function openHost(): Promise<Host> {
  if (inTauri()) return tauriHost();
  if (import.meta.env.MODE === 'production') throw new Error('this page needs its window');
  const { browserHost } = await import('./browser');
  return browserHost(new URLSearchParams(location.search));
}
