import { codeView } from './fixtures/codes';
import still from './fixtures/portrait.jpg';
import { SCREENS, ofDocument, view, type FixtureRole } from './fixtures/views';
import type { DocumentChoice } from './generated/DocumentChoice';
import type { Head } from './generated/Head';
import type { LastTry } from './generated/LastTry';
import type { Language } from './generated/Language';
import type { Role } from './generated/Role';
import type { SessionView } from './generated/SessionView';
import type { UserIntent } from './generated/UserIntent';
import { textSize, TEXT_SIZES } from '../lib/text-size.svelte';
import type { Host, Surface } from './host';

type Name = (typeof SCREENS)[number];
type Listener = (role: Role, view: SessionView) => void;

/** Where each act leads in a walk without trouble. */
const NEXT: Partial<Record<UserIntent['intent'], Name>> = {
  start: 'language',
  give_consent: 'declare',
  declare: 'choose_document',
  choose_document: 'access_key',
  enter_mrz: 'await_card',
  enter_key: 'await_card',
  enter_card_number: 'await_card',
  enter_number_b: 'await_card',
  enter_pin: 'await_card',
  enter_pins: 'await_card',
  staff_displayed: 'confirm_data',
  confirm_data: 'face_capture',
  skip_face: 'face_compare',
  use_photo: 'face_compare',
  take_photo: 'face_compare',
  judge_face: 'decide',
  refuse_consent: 'wiping',
  stop: 'wiping',
  finish: 'idle',
};

/** Screens that pass by themselves: the next one and after how long. */
const PASSES: Partial<Record<Name, [Name, number]>> = {
  reading: ['verifying', 400],
  verifying: ['show_chip_data', 200],
  sealing: ['receipt', 300],
};

/**
 * The page in a plain browser, for tests and for looking at it: `?surface=qa&screen=notice&language=en`; `still` keeps passing
 * screens; `document=dl` shows another document; `lastTry=asked` its last try; `warning=20` and `code=CARD_REMOVED` set the head; `failed=READER_MISSING` is the failure of a device;
 * `text=larger` enlarges the text, as does `textSize.value` in the console.
 */
export function browserHost(parameters: URLSearchParams): Host {
  const surface = (parameters.get('surface') ?? 'qa') as Surface;
  const frozen = parameters.has('still');
  const head: Partial<Head> = {};
  textSize.value = TEXT_SIZES.find((size) => size === parameters.get('text')) ?? 'normal';
  Object.assign(globalThis, { textSize });
  const warning = parameters.get('warning');
  if (warning) head.time_warning = Number(warning);
  const code = parameters.get('code');
  if (code) {
    head.message = { key: `failure.${code}`, params: {}, code: codeView(code) };
  }
  let screen = (parameters.get('screen') ?? 'idle') as Name;
  let language = (parameters.get('language') ?? 'ja') as Language;
  const listeners = new Set<Listener>();

  const failed = parameters.get('failed');
  const lastTry = (parameters.get('lastTry') ?? 'not_asked') as LastTry;
  let document = (parameters.get('document') ?? 'passport') as DocumentChoice;
  const now = (role: Role) => ofDocument(view(screen, role as FixtureRole, language, head, failed ? codeView(failed) : null), document, lastTry);
  function show(next: Name): void {
    screen = next;
    for (const listener of listeners) for (const role of ['customer', 'teller'] as const) listener(role, now(role));
    const passes = PASSES[next];
    if (passes && !frozen) setTimeout(() => screen === next && show(passes[0]), passes[1]);
  }

  return {
    surface,
    snapshot: async (role) => ({ view: now(role), preview_token: 'browser', profiles: ['specimen', 'bsi-reference'] }),
    intend: async (_role, intent) => {
      if (intent.intent === 'choose_language') {
        language = intent.language;
        show(screen === 'language' ? 'notice' : screen);
      } else if (intent.intent === 'accept') show('sealing');
      else if (intent.intent === 'back') show(SCREENS[Math.max(0, SCREENS.indexOf(screen) - 1)] ?? 'idle');
      else if (intent.intent === 'extend') {
        head.time_warning = null;
        show(screen);
      } else {
        if (intent.intent === 'choose_document') document = intent.document;
        const next = NEXT[intent.intent];
        if (next) show(next);
      }
    },
    painted: async () => undefined,
    onView: async (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    previewUrl: (_token, _role, sequence) => `${still}?${sequence}`,
    insertCard: async () => {
      if (screen === 'await_card') show('reading');
    },
    removeCard: async () => undefined,
  };
}
