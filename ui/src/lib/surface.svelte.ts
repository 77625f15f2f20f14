import type { Host } from '../host';
import type { Language } from '../host/generated/Language';
import type { Role } from '../host/generated/Role';
import type { SessionView } from '../host/generated/SessionView';
import type { UserIntent } from '../host/generated/UserIntent';
import { keep, kept } from './kept';
import { textSize } from './text-size.svelte';

const TOUCH_EVERY_MS = 5_000;
const TELLER_LANGUAGE = 'teller-language';

/** One surface of one role: the newest view of the core, and the way to send acts. It keeps no second truth. */
export class SurfaceState {
  view = $state.raw<SessionView | null>(null);
  previewToken = $state('');
  profiles = $state.raw<string[] | null>(null);
  /** What was chosen here. The teller's language is this surface's own; the customer's is the session's until it is changed. */
  #chosen = $state<Language | null>(null);
  #lastTouch = 0;

  constructor(
    readonly host: Host,
    readonly role: Exclude<Role, 'qa'>,
  ) {
    if (role === 'teller') this.#chosen = kept(TELLER_LANGUAGE, ['ja', 'en', 'vi']);
  }

  get language(): Language {
    return this.#chosen ?? (this.role === 'customer' ? this.view?.head.language : null) ?? 'ja';
  }

  async open(): Promise<() => void> {
    const close = await this.host.onView((role, view) => {
      if (role === this.role) this.#show(view);
    });
    const snapshot = await this.host.snapshot(this.role);
    if (!this.view) this.#show(snapshot.view);
    this.previewToken = snapshot.preview_token;
    this.profiles = snapshot.profiles;
    return close;
  }

  readonly send = (intent: UserIntent): void => {
    this.#lastTouch = performance.now();
    // A refused act leaves the view as it is; the core says why with its next view.
    this.host.intend(this.role, intent).catch(() => undefined);
  };

  readonly chooseLanguage = (language: Language): void => {
    this.#chosen = language;
    if (this.role === 'customer') this.send({ intent: 'choose_language', language });
    else keep(TELLER_LANGUAGE, language);
  };

  #show(view: SessionView): void {
    // The next customer starts with normal text and the language of the core; inside a session the core hears of every choice it records.
    const before = this.view;
    const started = before !== null && before.screen !== 'idle' && view.screen === 'idle';
    if (this.role === 'customer' && started) textSize.value = 'normal';
    if (this.role === 'customer' && (started || before?.head.language !== view.head.language)) this.#chosen = null;
    this.view = view;
    // The second frame begins when the first one, which holds the change, has been handed to the display.
    if (before?.screen !== view.screen) {
      requestAnimationFrame(() => requestAnimationFrame(() => void this.host.painted(this.role).catch(() => undefined)));
    }
  }

  /** A sign of life for the idle timer, at most every few seconds. */
  readonly touch = (): void => {
    const screen = this.view?.screen;
    if (!screen || screen === 'idle' || performance.now() - this.#lastTouch < TOUCH_EVERY_MS) return;
    this.send({ intent: 'touch' });
  };
}

/** The view of one screen. */
export type ViewOf<S extends SessionView['screen']> = Extract<SessionView, { screen: S }>;

export interface ScreenProps<S extends SessionView['screen']> {
  view: ViewOf<S>;
  surface: SurfaceState;
}
