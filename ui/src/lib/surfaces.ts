import type { Host } from '../host';
import { soon } from './soon';
import { SurfaceState } from './surface.svelte';

/** The surfaces of one window, listening to the core. */
export interface Surfaces {
  readonly customer: SurfaceState;
  readonly teller: SurfaceState;
  /** Those this window shows; in QA both. */
  readonly shown: readonly SurfaceState[];
  readonly close: () => void;
}

/** Opens them before anything is drawn, so that the first thing drawn is the first screen and not a word about waiting for it. */
export async function openSurfaces(host: Host): Promise<Surfaces> {
  const customer = new SurfaceState(host, 'customer');
  const teller = new SurfaceState(host, 'teller');
  const shown = host.surface === 'qa' ? [customer, teller] : [host.surface === 'teller' ? teller : customer];
  const opening = shown.map((surface) => surface.open());
  await soon(Promise.allSettled(opening));
  return { customer, teller, shown, close: () => opening.forEach((stop) => void stop.then((close) => close())) };
}
